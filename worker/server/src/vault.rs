//! The vault: credentials at rest.
//!
//! Envelope encryption. Each record has a key of its own that seals it, and the master key (a Worker secret) seals that key;
//! both by AES-256-GCM with a fresh 96-bit nonce. What a record is for is authenticated with it, so that a sealed text moved
//! to another record does not open. Losing the master key means entering credentials anew.
//!
//! A sealed text says which master key it needs, so that the key can be changed: what was sealed with the previous one opens as long
//! as that is known too, and [`Vault::reseal`] seals it with the present one.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use domain::json::strict;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use egress::ports::Entropy;

/// The form that is written. The first one did not name its master key.
const VERSION: u32 = 2;

/// Why a sealed text did not open, or could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Another master key, another record, or a changed text.
    #[error("the stored credentials cannot be opened with this master key")]
    DoesNotOpen,
    /// None were entered since a backup, which has none, was imported.
    #[error("no credentials are stored since a backup was imported")]
    Missing,
    /// Not something this vault wrote.
    #[error("the stored credentials are not in a known form")]
    UnknownForm,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    v: u32,
    /// [`key_id`] of the master key; empty in the first form.
    #[serde(default)]
    master: String,
    /// Nonce and sealed record key.
    key: String,
    /// Nonce and sealed text.
    text: String,
}

impl Envelope {
    fn read(sealed: &str) -> Result<Self, VaultError> {
        let envelope: Self = strict::read(sealed.as_bytes()).map_err(|_| VaultError::UnknownForm)?;
        if matches!(envelope.v, 1..=VERSION) { Ok(envelope) } else { Err(VaultError::UnknownForm) }
    }

    /// What is authenticated with the record called `record`.
    fn associated(&self, record: &str) -> String {
        match self.v {
            1 => format!("seatbridge|1|{record}"),
            v => format!("seatbridge|{v}|{}|{record}", self.master),
        }
    }
}

/// Seals and opens texts.
#[derive(Clone, Copy)]
pub struct Vault<'a> {
    master: &'a [u8; 32],
    previous: Option<&'a [u8; 32]>,
    entropy: &'a dyn Entropy,
}

impl<'a> Vault<'a> {
    /// A vault with this master key, and the one before it while that is still needed.
    pub fn new(master: &'a [u8; 32], previous: Option<&'a [u8; 32]>, entropy: &'a dyn Entropy) -> Self {
        Self { master, previous, entropy }
    }

    /// Seals `text` for the record called `record`, with the present master key.
    ///
    /// # Errors
    /// When the cipher refuses, which it does only for texts of many gigabytes.
    pub fn seal(&self, record: &str, text: &str) -> Result<String, VaultError> {
        let mut key = Zeroizing::new([0; 32]);
        self.entropy.fill(key.as_mut());
        let mut envelope = Envelope { v: VERSION, master: key_id(self.master), key: String::new(), text: String::new() };
        let associated = envelope.associated(record);
        envelope.key = self.encrypt(self.master, &associated, key.as_ref())?;
        envelope.text = self.encrypt(&key, &associated, text.as_bytes())?;
        serde_json::to_string(&envelope).map_err(|_| VaultError::UnknownForm)
    }

    /// Opens what was sealed for the record called `record`, with the present master key or the previous one.
    ///
    /// # Errors
    /// When it was sealed with another master key or for another record, or has been changed.
    pub fn open(&self, record: &str, sealed: &str) -> Result<Zeroizing<String>, VaultError> {
        let envelope = Envelope::read(sealed)?;
        let associated = envelope.associated(record);
        let mut last = Err(VaultError::DoesNotOpen);
        for master in [Some(self.master), self.previous].into_iter().flatten() {
            if envelope.v == 1 || envelope.master == key_id(master) {
                last = open(master, &associated, &envelope);
                if last.is_ok() {
                    break;
                }
            }
        }
        last
    }

    /// Seals anew what is not sealed with the present master key in the present form. None when it is.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn reseal(&self, record: &str, sealed: &str) -> Result<Option<String>, VaultError> {
        let text = self.open(record, sealed)?;
        let envelope = Envelope::read(sealed)?;
        if envelope.v == VERSION && envelope.master == key_id(self.master) {
            return Ok(None);
        }
        self.seal(record, &text).map(Some)
    }

    fn encrypt(&self, key: &[u8; 32], associated: &str, plain: &[u8]) -> Result<String, VaultError> {
        let mut nonce = [0; 12];
        self.entropy.fill(&mut nonce);
        let payload = Payload { msg: plain, aad: associated.as_bytes() };
        let mut sealed = nonce.to_vec();
        sealed.extend(cipher(key).encrypt(&Nonce::from(nonce), payload).map_err(|_| VaultError::DoesNotOpen)?);
        Ok(STANDARD_NO_PAD.encode(sealed))
    }
}

/// What a master key is called by: 64 bits of a hash of it, which tell nothing of its 256.
pub fn key_id(master: &[u8; 32]) -> String {
    let mut named = Zeroizing::new(b"seatbridge master key ".to_vec());
    named.extend_from_slice(master);
    domain::hash::sha256_hex(&named).get(..16).unwrap_or_default().to_owned()
}

fn open(master: &[u8; 32], associated: &str, envelope: &Envelope) -> Result<Zeroizing<String>, VaultError> {
    let key = decrypt(master, associated, &envelope.key)?;
    let key: &[u8; 32] = key.as_slice().try_into().map_err(|_| VaultError::UnknownForm)?;
    let text = decrypt(key, associated, &envelope.text)?;
    let text = std::str::from_utf8(&text).map_err(|_| VaultError::UnknownForm)?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn decrypt(key: &[u8; 32], associated: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let sealed = STANDARD_NO_PAD.decode(sealed).map_err(|_| VaultError::UnknownForm)?;
    let (nonce, sealed) = sealed.split_first_chunk::<12>().ok_or(VaultError::UnknownForm)?;
    let payload = Payload { msg: sealed, aad: associated.as_bytes() };
    cipher(key).decrypt(&Nonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| VaultError::DoesNotOpen)
}

fn cipher(key: &[u8; 32]) -> Aes256Gcm {
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
}

#[cfg(test)]
#[path = "vault_tests.rs"]
mod tests;
