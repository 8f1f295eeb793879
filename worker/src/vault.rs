//! The vault: credentials at rest.
//!
//! Envelope encryption. Each record has a key of its own that seals it, and the master key (a Worker secret) seals that key;
//! both by AES-256-GCM with a fresh 96-bit nonce. What a record is for is authenticated with it, so that a sealed text moved
//! to another record does not open. Losing the master key means entering credentials anew.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};
use shared::json;
use zeroize::Zeroizing;

use crate::ports::Entropy;

const VERSION: u32 = 1;

/// Why a sealed text did not open, or could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Another master key, another record, or a changed text.
    #[error("the stored credentials cannot be opened with this master key")]
    DoesNotOpen,
    /// Not something this vault wrote.
    #[error("the stored credentials are not in a known form")]
    UnknownForm,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    v: u32,
    /// Nonce and sealed record key.
    key: String,
    /// Nonce and sealed text.
    text: String,
}

/// Seals and opens texts.
pub struct Vault<'a> {
    master: &'a [u8; 32],
    entropy: &'a dyn Entropy,
}

impl<'a> Vault<'a> {
    /// A vault with this master key.
    pub fn new(master: &'a [u8; 32], entropy: &'a dyn Entropy) -> Self {
        Self { master, entropy }
    }

    /// Seals `text` for the record called `record`.
    ///
    /// # Errors
    /// When the cipher refuses, which it does only for texts of many gigabytes.
    pub fn seal(&self, record: &str, text: &str) -> Result<String, VaultError> {
        let mut key = Zeroizing::new([0; 32]);
        self.entropy.fill(key.as_mut());
        let envelope = Envelope {
            v: VERSION,
            key: self.encrypt(self.master, record, key.as_ref())?,
            text: self.encrypt(&key, record, text.as_bytes())?,
        };
        serde_json::to_string(&envelope).map_err(|_| VaultError::UnknownForm)
    }

    /// Opens what was sealed for the record called `record`.
    ///
    /// # Errors
    /// When it was sealed with another master key or for another record, or has been changed.
    pub fn open(&self, record: &str, sealed: &str) -> Result<Zeroizing<String>, VaultError> {
        let envelope: Envelope = json::read(sealed.as_bytes()).map_err(|_| VaultError::UnknownForm)?;
        if envelope.v != VERSION {
            return Err(VaultError::UnknownForm);
        }
        let key = decrypt(self.master, record, &envelope.key)?;
        let key: &[u8; 32] = key.as_slice().try_into().map_err(|_| VaultError::UnknownForm)?;
        let text = decrypt(key, record, &envelope.text)?;
        let text = std::str::from_utf8(&text).map_err(|_| VaultError::UnknownForm)?;
        Ok(Zeroizing::new(text.to_owned()))
    }

    fn encrypt(&self, key: &[u8; 32], record: &str, plain: &[u8]) -> Result<String, VaultError> {
        let mut nonce = [0; 12];
        self.entropy.fill(&mut nonce);
        let associated = associated(record);
        let payload = Payload { msg: plain, aad: associated.as_bytes() };
        let mut sealed = nonce.to_vec();
        sealed.extend(cipher(key).encrypt(&Nonce::from(nonce), payload).map_err(|_| VaultError::DoesNotOpen)?);
        Ok(STANDARD_NO_PAD.encode(sealed))
    }
}

fn decrypt(key: &[u8; 32], record: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let sealed = STANDARD_NO_PAD.decode(sealed).map_err(|_| VaultError::UnknownForm)?;
    let (nonce, sealed) = sealed.split_first_chunk::<12>().ok_or(VaultError::UnknownForm)?;
    let associated = associated(record);
    let payload = Payload { msg: sealed, aad: associated.as_bytes() };
    cipher(key).decrypt(&Nonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| VaultError::DoesNotOpen)
}

fn cipher(key: &[u8; 32]) -> Aes256Gcm {
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
}

fn associated(record: &str) -> String {
    format!("seatbridge|{VERSION}|{record}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts, so that no two nonces are equal.
    struct Counting(std::cell::Cell<u8>);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                self.0.set(self.0.get().wrapping_add(1));
                *byte = self.0.get();
            }
        }
    }

    fn entropy() -> Counting {
        Counting(std::cell::Cell::new(0))
    }

    #[test]
    fn what_is_sealed_opens_and_does_not_show() {
        let (key, entropy) = ([1; 32], entropy());
        let vault = Vault::new(&key, &entropy);
        let sealed = vault.seal("connection|a", "hunter2").expect("sealed");
        assert!(!sealed.contains("hunter2"));
        assert_eq!(vault.open("connection|a", &sealed).expect("opened").as_str(), "hunter2");
    }

    #[test]
    fn another_record_another_key_and_a_changed_text_do_not_open() {
        let (key, other, entropy) = ([1; 32], [2; 32], entropy());
        let vault = Vault::new(&key, &entropy);
        let sealed = vault.seal("connection|a", "hunter2").expect("sealed");
        assert_eq!(vault.open("connection|b", &sealed), Err(VaultError::DoesNotOpen));
        assert_eq!(Vault::new(&other, &entropy).open("connection|a", &sealed), Err(VaultError::DoesNotOpen));
        let mut envelope: Envelope = serde_json::from_str(&sealed).expect("an envelope");
        let mut bytes = STANDARD_NO_PAD.decode(&envelope.text).expect("base64");
        *bytes.last_mut().expect("a byte") ^= 1;
        envelope.text = STANDARD_NO_PAD.encode(bytes);
        let changed = serde_json::to_string(&envelope).expect("json");
        assert_eq!(vault.open("connection|a", &changed), Err(VaultError::DoesNotOpen));
    }

    #[test]
    fn the_same_text_is_never_sealed_the_same_way() {
        let (key, entropy) = ([1; 32], entropy());
        let vault = Vault::new(&key, &entropy);
        assert_ne!(vault.seal("r", "x").expect("sealed"), vault.seal("r", "x").expect("sealed"));
    }
}
