//! The keys somebody signs with, as they publish them (JSON Web Key, RFC 7517).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::json::strict;
use serde::Deserialize;
use serde_json::Value;

use super::jwt::{Algorithm, TokenError};
use crate::identity::public_key::{Form, PublicKey};

/// Keys of one signer that are looked at.
const MOST: usize = 64;

/// All keys of one signer that can be used.
#[derive(Debug, Clone, Default)]
pub struct Keys(Vec<Key>);

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct Key {
    id: String,
    key: PublicKey,
    issuer: Option<String>,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Written {
    kty: String,
    kid: String,
    #[serde(default, rename = "use")]
    purpose: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
    #[serde(default)]
    issuer: Option<String>,
}

impl Keys {
    /// Reads a set of keys. Those of other kinds, for other uses or without a name are left out.
    ///
    /// # Errors
    /// When it is no set of keys.
    pub fn read(text: &[u8]) -> Result<Self, TokenError> {
        let set: Set = strict::read(text).map_err(|_| TokenError::Unreadable("the set of keys"))?;
        Ok(Self(set.keys.into_iter().take(MOST).filter_map(Key::of).collect()))
    }

    /// The key of this name and kind.
    pub(super) fn find(&self, id: &str, algorithm: Algorithm) -> Option<&Key> {
        self.0.iter().find(|key| key.id == id && key.algorithm() == algorithm)
    }
}

impl Key {
    fn of(value: Value) -> Option<Self> {
        let written: Written = strict::read_value(value).ok()?;
        if written.purpose.is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let bytes = |text: Option<String>| URL_SAFE_NO_PAD.decode(text?).ok();
        let (key, name) = match (written.kty.as_str(), written.crv.as_deref()) {
            ("RSA", None) => (PublicKey::rs256(&bytes(written.n)?, &bytes(written.e)?), "RS256"),
            ("EC", Some("P-256")) => (PublicKey::es256(&bytes(written.x)?, &bytes(written.y)?), "ES256"),
            _ => return None,
        };
        if written.alg.is_some_and(|said| said != name) {
            return None;
        }
        Some(Self { id: written.kid, key: key.ok()?, issuer: written.issuer })
    }

    fn algorithm(&self) -> Algorithm {
        match self.key {
            PublicKey::Rs256(_) => Algorithm::Rs256,
            PublicKey::Es256(_) => Algorithm::Es256,
        }
    }

    pub(super) fn has_signed(&self, signed: &[u8], signature: &[u8]) -> bool {
        self.key.has_signed(signed, signature, Form::Fixed)
    }

    /// Whether it is a key of this issuer. Entra ID publishes the keys of many in one set and says whose each is, for a tenant as
    /// `{tenantid}`; others say nothing.
    pub(super) fn is_of(&self, issuer: &str, claims: &Value) -> bool {
        let tenant = claims.get("tid").and_then(Value::as_str).unwrap_or_default();
        self.issuer.as_ref().is_none_or(|known| known.replace("{tenantid}", tenant) == issuer)
    }
}
