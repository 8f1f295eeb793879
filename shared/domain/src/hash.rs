//! Content hashes: the same content always has the same name.

use std::fmt::Write;

use serde::Serialize;
use sha2::{Digest, Sha256};

/// SHA-256 of `bytes`, in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// SHA-256 of what comes piece by piece.
#[derive(Default)]
pub struct RunningHash(Sha256);

impl RunningHash {
    /// Takes in the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all pieces, in lower-case hexadecimal.
    pub fn hex(self) -> String {
        hex(&self.0.finalize())
    }
}

/// A short fingerprint (128 bits) of a value's JSON. Fields are written in the order the type declares them, so equal values
/// have equal fingerprints.
pub fn fingerprint<T: Serialize + ?Sized>(value: &T) -> String {
    let json = serde_json::to_vec(value).unwrap_or_default();
    let mut hex = sha256_hex(&json);
    hex.truncate(32);
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_nothing_is_the_well_known_one() {
        assert_eq!(sha256_hex(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn pieces_have_the_hash_of_the_whole() {
        let mut hash = RunningHash::default();
        hash.update(b"to");
        hash.update(b"gether");
        assert_eq!(hash.hex(), sha256_hex(b"together"));
    }

    #[test]
    fn different_values_have_different_fingerprints() {
        assert_ne!(fingerprint(&("a", 1)), fingerprint(&("a", 2)));
        assert_eq!(fingerprint("a").len(), 32);
    }
}
