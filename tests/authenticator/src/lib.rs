//! A passkey in software: what a browser and an authenticator make of a challenge together.
//!
//! Untyped on purpose: the developer commands must work while the crates they build do not compile.

mod signer;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub use signer::Signer;

/// The user is there and was verified.
const THERE: u8 = 0b101;
/// A new credential follows.
const WITH_CREDENTIAL: u8 = 1 << 6;

/// One passkey on one authenticator, in a browser at one origin.
#[derive(Clone)]
pub struct Authenticator {
    /// What the browser calls the page's origin.
    pub origin: String,
    key: SigningKey,
    id: Vec<u8>,
    count: Option<u32>,
}

impl Authenticator {
    /// A passkey that is always the same for a seed.
    pub fn new(origin: &str, seed: &str) -> Self {
        let secret = Sha256::digest(seed);
        let key = SigningKey::from_slice(&secret).expect("a key");
        let id = Sha256::digest(secret).to_vec();
        Self { origin: origin.to_owned(), key, id, count: Some(0) }
    }

    /// The same on an authenticator that does not count.
    pub fn uncounted(origin: &str, seed: &str) -> Self {
        Self { count: None, ..Self::new(origin, seed) }
    }

    /// Makes the passkey, in answer to a `PasskeyCreation`: a `NewPasskey`.
    pub fn make(&mut self, wanted: &Value, label: &str) -> Value {
        self.count = self.count.map(|count| count + 1);
        let mut data = self.head(&wanted["rp"]["id"], THERE | WITH_CREDENTIAL);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("a short id").to_be_bytes());
        data.extend(&self.id);
        data.extend(self.cose_key());
        let client_data = self.client_data("webauthn.create", &wanted["challenge"]);
        json!({ "id": encoded(&self.id), "clientDataJSON": encoded(&client_data), "authenticatorData": encoded(&data), "label": label })
    }

    /// Shows the passkey, in answer to a `PasskeyRequest`: an `Assertion`.
    pub fn show(&mut self, wanted: &Value) -> Value {
        self.count = self.count.map(|count| count + 1);
        let data = self.head(&wanted["rpId"], THERE);
        let client_data = self.client_data("webauthn.get", &wanted["challenge"]);
        let signed = [data.as_slice(), &Sha256::digest(&client_data)].concat();
        let signature: Signature = self.key.sign(&signed);
        json!({
            "id": encoded(&self.id),
            "clientDataJSON": encoded(&client_data),
            "authenticatorData": encoded(&data),
            "signature": encoded(signature.to_der().as_bytes()),
        })
    }

    fn head(&self, host: &Value, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(host.as_str().unwrap_or_default()).to_vec();
        data.push(flags);
        data.extend(self.count.unwrap_or_default().to_be_bytes());
        data
    }

    fn client_data(&self, kind: &str, challenge: &Value) -> Vec<u8> {
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false }).to_string().into_bytes()
    }

    /// The public key as CTAP2 writes it: `{1: 2, 3: -7, -1: 1, -2: x, -3: y}`.
    fn cose_key(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_encoded_point(false);
        let (x, y) = (point.x().expect("x"), point.y().expect("y"));
        [&[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20], x.as_slice(), &[0x22, 0x58, 0x20], y.as_slice()].concat()
    }
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
