//! Somebody who signs tokens: an identity provider's keys in software.

use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::encoded;

/// One key that signs with ES256.
#[derive(Clone)]
pub struct Signer {
    /// What the key is called.
    pub kid: String,
    key: SigningKey,
}

impl Signer {
    /// A key that is always the same for a name.
    pub fn new(kid: &str) -> Self {
        Self { kid: kid.to_owned(), key: SigningKey::from_slice(&Sha256::digest(kid)).expect("a key") }
    }

    /// The key as it is published, a JSON Web Key.
    pub fn jwk(&self) -> Value {
        let point = self.key.verifying_key().to_encoded_point(false);
        let (x, y) = (encoded(point.x().expect("x")), encoded(point.y().expect("y")));
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid, "x": x, "y": y })
    }

    /// A token that says this.
    pub fn token(&self, claims: &Value) -> String {
        self.token_under(&json!({ "alg": "ES256", "typ": "JWT", "kid": self.kid }), claims)
    }

    /// The same under another header.
    pub fn token_under(&self, header: &Value, claims: &Value) -> String {
        self.sign(&header.to_string(), &claims.to_string())
    }

    /// The same of texts as they are.
    pub fn sign(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", encoded(header.as_bytes()), encoded(claims.as_bytes()));
        let signature: Signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", encoded(&signature.to_bytes()))
    }
}
