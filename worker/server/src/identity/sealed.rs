//! Sealed tokens: what somebody who is not signed in is given and brings back, such as a passkey's challenge. Nothing is kept of one when it
//! is given out: it carries its end, and what it is for is authenticated with it. Takes keys, random bytes and the time, and keeps nothing.
//!
//! Each token is sealed by AES-256-GCM with a key of its own, made from the master key and the token's 256 random bits. The key is used
//! once, so its nonce need not differ, however many tokens strangers ask for.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use domain::Timestamp;
use domain::access::{CHALLENGE_LIFE, VISIT_LIFE};
use domain::hash::sha256_hex;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::identity::SIGN_IN_LIFE;
use egress::ports::Entropy;

/// Random bytes that a token begins with.
const RANDOM: usize = 32;
/// Bytes of a token's end, in milliseconds since 1970.
const END: usize = 8;
/// Bytes of a token at most: none of ours has half as many, and nothing longer is looked at.
const LONGEST: usize = 256;

/// What a token is for, and whose alone it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// A challenge to show a passkey by, on pages of this origin.
    ShowPasskey {
        /// The page's origin.
        origin: &'a str,
    },
    /// A challenge to make a passkey by, on pages of this origin.
    MakePasskey {
        /// The page's origin.
        origin: &'a str,
        /// Who or what may answer it.
        about: &'a str,
    },
    /// The state of a sign-in at the identity provider, begun on pages of this origin.
    SignIn {
        /// The page's origin.
        origin: &'a str,
        /// What the browser keeps in its cookie meanwhile.
        browser: &'a str,
        /// The session in which somebody proves that they are still there; none when they come in.
        session: Option<&'a str>,
    },
    /// The cookie of a visit by a share link, which it names.
    Visit,
}

impl Purpose<'_> {
    /// How long a token for this is good.
    pub fn life(&self) -> TimeDelta {
        match self {
            Self::ShowPasskey { .. } | Self::MakePasskey { .. } => CHALLENGE_LIFE,
            Self::SignIn { .. } => SIGN_IN_LIFE,
            Self::Visit => VISIT_LIFE,
        }
    }

    /// What is authenticated with a token. Each part has its length before it, so that no two purposes are written alike.
    fn associated(&self) -> Vec<u8> {
        let parts: &[&str] = match self {
            Self::ShowPasskey { origin } => &["show passkey", origin],
            Self::MakePasskey { origin, about } => &["make passkey", origin, about],
            Self::SignIn { origin, browser, session: None } => &["sign in", origin, browser],
            Self::SignIn { origin, browser, session: Some(session) } => &["sign in again", origin, browser, session],
            Self::Visit => &["visit"],
        };
        let framed = |part: &&str| [part.len().to_be_bytes().as_slice(), part.as_bytes()].concat();
        parts.iter().flat_map(framed).collect()
    }
}

/// A token that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What it carries.
    pub text: String,
    /// When it ends.
    pub ends: Timestamp,
    /// What it is remembered by once it was used: a hash, by which nobody can use it.
    pub mark: String,
}

/// Why a token could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token could not be sealed")]
pub struct NotSealed;

/// Seals and opens tokens.
#[derive(Clone, Copy)]
pub struct Seal<'a> {
    master: &'a [u8; 32],
    previous: Option<&'a [u8; 32]>,
    entropy: &'a dyn Entropy,
}

impl<'a> Seal<'a> {
    /// A seal with this master key, and the one before it while that is still needed.
    pub fn new(master: &'a [u8; 32], previous: Option<&'a [u8; 32]>, entropy: &'a dyn Entropy) -> Self {
        Self { master, previous, entropy }
    }

    /// Makes a token that carries `text`, in base64url.
    ///
    /// # Errors
    /// When the cipher refuses, which it does only for texts of many gigabytes.
    pub fn seal(&self, purpose: &Purpose<'_>, text: &str, now: Timestamp) -> Result<String, NotSealed> {
        let mut random = [0; RANDOM];
        self.entropy.fill(&mut random);
        let ends = (now + purpose.life()).timestamp_millis();
        let plain = [ends.to_be_bytes().as_slice(), text.as_bytes()].concat();
        let payload = Payload { msg: &plain, aad: &purpose.associated() };
        let sealed = cipher(self.master, &random).encrypt(&Nonce::from([0; 12]), payload).map_err(|_| NotSealed)?;
        Ok(URL_SAFE_NO_PAD.encode([random.as_slice(), &sealed].concat()))
    }

    /// Opens a token, if it was made here for this purpose and has not ended at `now`.
    pub fn open(&self, purpose: &Purpose<'_>, token: &str, now: Timestamp) -> Option<Opened> {
        let bytes = Some(token).filter(|token| token.len() <= LONGEST).and_then(|token| URL_SAFE_NO_PAD.decode(token).ok())?;
        let (random, sealed) = bytes.split_first_chunk::<RANDOM>()?;
        let associated = purpose.associated();
        let with = |master| cipher(master, random).decrypt(&Nonce::from([0; 12]), Payload { msg: sealed, aad: &associated }).ok();
        let plain = [Some(self.master), self.previous].into_iter().flatten().find_map(with)?;
        let (ends, text) = plain.split_first_chunk::<END>()?;
        let ends = Timestamp::from_timestamp_millis(i64::from_be_bytes(*ends))?;
        // One that lasts longer than it was made for was made before the clock went back.
        let lasts = ends > now && ends - now <= purpose.life();
        lasts.then(|| Opened { text: String::from_utf8_lossy(text).into_owned(), ends, mark: sha256_hex(&bytes) })
    }
}

fn cipher(master: &[u8; 32], random: &[u8; RANDOM]) -> Aes256Gcm {
    let mut hash = Sha256::new();
    hash.update(b"seatbridge sealed token ");
    hash.update(master);
    hash.update(random);
    let key = Zeroizing::new(<[u8; 32]>::from(hash.finalize()));
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
}

#[cfg(test)]
#[path = "sealed_tests.rs"]
mod tests;
