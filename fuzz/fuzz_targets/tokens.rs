//! Whatever is sent as a token that somebody else has signed, and whatever that somebody publishes: what is taken was signed by them, for
//! us, and is within its time, also by a second opinion.

use authenticator::Signer;
use domain::Timestamp;
use serde_json::{Map, Value, json};
use server::identity::jwt::verify;
use server::identity::openid::Discovery;
use server::identity::{Expected, Keys};

const NOW: i64 = 1_800_000_000;
const HEADER: &str = r#"{"alg":"ES256","kid":"one"}"#;
const CLAIMS: &str = r#"{"iss":"https://team.example","aud":"us","iat":1800000000,"exp":1800000300}"#;

fn taken(token: &str, keys: &Keys) -> Option<Value> {
    let issuers = ["https://team.example".to_owned()];
    let expected = Expected { issuers: &issuers, audience: "us", for_others_too: false };
    verify(token, keys, &expected, Timestamp::from_timestamp(NOW, 0).expect("a moment")).ok()
}

fn keys() -> Keys {
    Keys::read(json!({ "keys": [Signer::new("one").jwk()] }).to_string().as_bytes()).expect("keys")
}

fuzz_target!(|input: &[u8]| {
    let Some((first, rest)) = input.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    match first % 5 {
        // A token as it comes: nobody here can sign one.
        0 => assert_eq!(taken(&text, &keys()), None, "{text}"),
        // What the signer might say.
        1 => {
            if let Some(said) = taken(&Signer::new("one").sign(HEADER, &text), &keys()) {
                let again: Map<String, Value> = serde_json::from_str(&text).expect("what was taken is JSON");
                assert_eq!(Value::Object(again), said);
                assert_eq!(said["iss"], "https://team.example");
                assert!(said["aud"] == "us" || said["aud"] == json!(["us"]), "{text}");
                assert!(said["exp"].as_i64().is_some_and(|end| end > NOW - 60) && said["iat"].as_i64().is_some_and(|at| at <= NOW + 60));
            }
        }
        // What might stand above it.
        2 => {
            if taken(&Signer::new("one").sign(&text, CLAIMS), &keys()).is_some() {
                let header: Value = serde_json::from_str(&text).expect("what was taken is JSON");
                assert_eq!((&header["alg"], &header["kid"]), (&json!("ES256"), &json!("one")), "{text}");
                assert!(header.get("crit").is_none());
            }
        }
        // Keys that somebody publishes.
        3 => {
            if let Ok(keys) = Keys::read(rest) {
                let token = Signer::new("one").sign(HEADER, CLAIMS);
                let own = Signer::new("one").jwk();
                let known = |text: &str| text.contains(own["x"].as_str().expect("x")) || text.contains('\\');
                assert!(taken(&token, &keys).is_none() || known(&text), "another key was taken: {text}");
            }
        }
        // What a provider says about itself.
        _ => {
            if let Ok(said) = Discovery::read(rest) {
                assert!(serde_json::from_slice::<Value>(rest).is_ok_and(|json| json["issuer"] == said.issuer));
            }
        }
    }
});
