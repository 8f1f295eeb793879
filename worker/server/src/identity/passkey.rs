//! Passkeys: what a browser's answer to a challenge proves ([Web Authentication Level 3](https://www.w3.org/TR/webauthn-3/),
//! sections 7.1 and 7.2). Takes bytes and answers yes or no: no clock, no store, no JavaScript.
//!
//! Attestation is not asked for, so nothing is said about the make of an authenticator, and none is turned away.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::session::{Assertion, NewPasskey};
use domain::json::strict;
use minicbor::Decoder;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::identity::public_key::{BadKey, Form, PublicKey};
use store::ledger::MadePasskey;

/// COSE's number of ECDSA with P-256 and SHA-256.
pub const ES256: i32 = -7;
/// COSE's number of RSASSA-PKCS1-v1_5 with SHA-256, which is all that Windows Hello has on older machines.
pub const RS256: i32 = -257;

/// Bytes of a credential's id at most (section 4, "Credential ID").
const LONGEST_ID: usize = 1023;
/// Bytes of a public key at most; one of RSA with 4,096 bits has some 530.
const LONGEST_KEY: usize = 1024;
/// Bytes of `rpIdHash`, flags and counter, before anything optional.
const HEAD: usize = 37;

/// Who passkeys are made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The host, without a port.
    pub host: String,
    /// What the browser calls the page's origin.
    pub origin: String,
}

/// Why an answer proves nothing. It is told to nobody: a stranger learns only that it did not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    /// A part cannot be read.
    #[error("{0} cannot be read")]
    Unreadable(&'static str),
    /// A part is not what it has to be.
    #[error("{0} is not what it should be")]
    Wrong(&'static str),
    /// The counter went back: there may be a copy of the authenticator.
    #[error("the passkey may have been copied: its counter went back")]
    Copied,
    /// The signature is not the key's.
    #[error("the signature is not the passkey's")]
    Forged,
}

/// The challenge that an answer says it answers, to look it up by. Nothing is proven yet.
///
/// # Errors
/// When the browser's data cannot be read.
pub fn challenge_of(client_data: &str) -> Result<String, PasskeyError> {
    Ok(ClientData::read(&decoded(client_data, "clientDataJSON")?)?.challenge)
}

/// Checks a passkey that was made in answer to `challenge`.
///
/// # Errors
/// Says what is wrong with it.
pub fn made(site: &Site, challenge: &str, passkey: &NewPasskey) -> Result<MadePasskey, PasskeyError> {
    ClientData::read(&decoded(&passkey.client_data, "clientDataJSON")?)?.check("webauthn.create", site, challenge)?;
    let bytes = decoded(&passkey.authenticator_data, "authenticatorData")?;
    let data = AuthenticatorData::read(&bytes)?;
    data.check(site)?;
    let (id, key) = data.credential()?;
    if URL_SAFE_NO_PAD.encode(id) != passkey.id {
        return Err(PasskeyError::Wrong("the passkey's id"));
    }
    public_key(key)?;
    Ok(MadePasskey { id: passkey.id.clone(), key: key.to_vec(), count: data.count })
}

/// Checks that the passkey with this key, which has signed `count` times, answers `challenge`. Answers how often it has signed now.
///
/// # Errors
/// Says what is wrong with it.
pub fn proven(site: &Site, challenge: &str, assertion: &Assertion, key: &[u8], count: u32) -> Result<u32, PasskeyError> {
    let client_data = decoded(&assertion.client_data, "clientDataJSON")?;
    ClientData::read(&client_data)?.check("webauthn.get", site, challenge)?;
    let mut signed = decoded(&assertion.authenticator_data, "authenticatorData")?;
    let data = AuthenticatorData::read(&signed)?;
    data.check(site)?;
    let now = data.count;
    let signature = decoded(&assertion.signature, "signature")?;
    signed.extend(Sha256::digest(&client_data));
    if !public_key(key)?.has_signed(&signed, &signature, Form::Der) {
        return Err(PasskeyError::Forged);
    }
    // Passkeys that are kept in several places count nothing and say zero.
    if (now, count) != (0, 0) && now <= count {
        return Err(PasskeyError::Copied);
    }
    Ok(now)
}

fn decoded(text: &str, what: &'static str) -> Result<Vec<u8>, PasskeyError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| PasskeyError::Unreadable(what))
}

/// What the browser says it was asked (section 5.8.1).
#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
}

impl ClientData {
    fn read(bytes: &[u8]) -> Result<Self, PasskeyError> {
        strict::read(bytes).map_err(|_| PasskeyError::Unreadable("clientDataJSON"))
    }

    fn check(&self, kind: &str, site: &Site, challenge: &str) -> Result<(), PasskeyError> {
        if self.kind != kind {
            return Err(PasskeyError::Wrong("the type"));
        }
        if !bool::from(self.challenge.as_bytes().ct_eq(challenge.as_bytes())) {
            return Err(PasskeyError::Wrong("the challenge"));
        }
        if self.origin != site.origin || self.cross_origin {
            return Err(PasskeyError::Wrong("the origin"));
        }
        Ok(())
    }
}

/// What the authenticator says about itself (section 6.1).
struct AuthenticatorData<'a> {
    site: &'a [u8],
    flags: u8,
    count: u32,
    rest: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    const USER_PRESENT: u8 = 1;
    const USER_VERIFIED: u8 = 1 << 2;
    const MAY_BE_BACKED_UP: u8 = 1 << 3;
    const IS_BACKED_UP: u8 = 1 << 4;
    const HAS_CREDENTIAL: u8 = 1 << 6;
    const HAS_EXTENSIONS: u8 = 1 << 7;

    fn read(bytes: &'a [u8]) -> Result<Self, PasskeyError> {
        let (head, rest) = bytes.split_at_checked(HEAD).ok_or(PasskeyError::Unreadable("authenticatorData"))?;
        let (site, tail) = head.split_at(32);
        let [flags, count @ ..] = tail else { return Err(PasskeyError::Unreadable("authenticatorData")) };
        let count = count.try_into().map_err(|_| PasskeyError::Unreadable("authenticatorData"))?;
        Ok(Self { site, flags: *flags, count: u32::from_be_bytes(count), rest })
    }

    fn has(&self, flags: u8) -> bool {
        self.flags & flags == flags
    }

    fn check(&self, site: &Site) -> Result<(), PasskeyError> {
        if self.site != Sha256::digest(site.host.as_bytes()).as_slice() {
            return Err(PasskeyError::Wrong("the host"));
        }
        if !self.has(Self::USER_PRESENT | Self::USER_VERIFIED) {
            return Err(PasskeyError::Wrong("the check of who is there"));
        }
        if self.has(Self::IS_BACKED_UP) && !self.has(Self::MAY_BE_BACKED_UP) {
            return Err(PasskeyError::Wrong("the flags"));
        }
        Ok(())
    }

    /// The id and the key of a passkey that was just made (section 6.5.1).
    fn credential(&self) -> Result<(&'a [u8], &'a [u8]), PasskeyError> {
        const UNREADABLE: PasskeyError = PasskeyError::Unreadable("the new passkey");
        if !self.has(Self::HAS_CREDENTIAL) {
            return Err(UNREADABLE);
        }
        // The make of the authenticator, of which nobody asked.
        let (_, rest) = self.rest.split_at_checked(16).ok_or(UNREADABLE)?;
        let (length, rest) = rest.split_first_chunk().ok_or(UNREADABLE)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (id, rest) = rest.split_at_checked(length).filter(|_| (1..=LONGEST_ID).contains(&length)).ok_or(UNREADABLE)?;
        let mut decoder = Decoder::new(rest);
        decoder.skip().map_err(|_| UNREADABLE)?;
        let (key, extensions) = rest.split_at_checked(decoder.position()).filter(|(key, _)| key.len() <= LONGEST_KEY).ok_or(UNREADABLE)?;
        if extensions.is_empty() == self.has(Self::HAS_EXTENSIONS) {
            return Err(UNREADABLE);
        }
        Ok((id, key))
    }
}

/// Reads a COSE_Key: a map from numbers (RFC 9053, sections 2.1 and 7.1; RFC 8230, section 4).
fn public_key(bytes: &[u8]) -> Result<PublicKey, PasskeyError> {
    const UNREADABLE: PasskeyError = PasskeyError::Unreadable("the key");
    let (mut kind, mut algorithm, mut curve) = (None, None, None);
    // -1 and -2 are the modulus and the exponent of an RSA key, and -2 and -3 the point of one on a curve.
    let (mut first, mut second, mut third) = (None, None, None);
    let mut decoder = Decoder::new(bytes);
    let entries = decoder.map().ok().flatten().ok_or(UNREADABLE)?;
    for _ in 0..entries {
        let label = decoder.i32().map_err(|_| UNREADABLE)?;
        let is_bytes = decoder.datatype().map_err(|_| UNREADABLE)? == minicbor::data::Type::Bytes;
        match (label, is_bytes) {
            (1, false) => kind = decoder.i32().ok(),
            (3, false) => algorithm = decoder.i32().ok(),
            (-1, false) => curve = decoder.i32().ok(),
            (-1, true) => first = decoder.bytes().ok(),
            (-2, true) => second = decoder.bytes().ok(),
            (-3, true) => third = decoder.bytes().ok(),
            _ => decoder.skip().map_err(|_| UNREADABLE)?,
        }
    }
    let key = match (kind, algorithm, curve) {
        (Some(2), Some(ES256), Some(1)) => {
            let (Some(x), Some(y)) = (second, third) else { return Err(UNREADABLE) };
            PublicKey::es256(x, y)
        }
        (Some(3), Some(RS256), None) => {
            let (Some(modulus), Some(exponent)) = (first, second) else { return Err(UNREADABLE) };
            PublicKey::rs256(modulus, exponent)
        }
        _ => return Err(PasskeyError::Wrong("the kind of the key")),
    };
    key.map_err(|why| match why {
        BadKey::Unreadable => UNREADABLE,
        BadKey::Length => PasskeyError::Wrong("the length of the key"),
    })
}

#[cfg(test)]
#[path = "passkey_tests.rs"]
mod tests;
