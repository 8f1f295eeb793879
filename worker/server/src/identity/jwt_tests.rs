//! Tests of tokens: every wrong header, claim, key and signature is refused.

use authenticator::Signer;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::*;

const NOW: i64 = 1_800_000_000;

fn now() -> Timestamp {
    Timestamp::from_timestamp(NOW, 0).expect("a moment")
}

fn issuers() -> Vec<String> {
    vec!["https://team.example".to_owned()]
}

fn claims() -> Value {
    json!({ "iss": "https://team.example", "aud": "us", "sub": "ada", "iat": NOW - 5, "nbf": NOW - 5, "exp": NOW + 300 })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().expect("claims").remove(name);
    claims
}

fn keys(of: &[Value]) -> Keys {
    Keys::read(json!({ "keys": of }).to_string().as_bytes()).expect("keys")
}

fn signer() -> Signer {
    Signer::new("first")
}

fn check(token: &str) -> Result<Value, TokenError> {
    let expected = Expected { issuers: &issuers(), audience: "us", for_others_too: false };
    verify(token, &keys(&[Signer::new("other").jwk(), signer().jwk()]), &expected, now())
}

#[test]
fn a_token_that_is_as_it_should_be_says_what_it_says() {
    assert_eq!(check(&signer().token(&claims())), Ok(claims()));
    assert_eq!(check(&signer().token(&without("nbf"))), Ok(without("nbf")));
    assert_eq!(check(&signer().token(&with("aud", json!(["us"])))), Ok(with("aud", json!(["us"]))));
    let bare = json!({ "alg": "ES256", "kid": "first" });
    assert_eq!(check(&signer().token_under(&bare, &claims())), Ok(claims()));
}

#[test]
fn every_single_wrong_claim_is_refused() {
    let wrong = [
        (with("iss", json!("https://team.example/")), TokenError::Wrong("the issuer")),
        (with("iss", json!("https://other.example")), TokenError::Wrong("the issuer")),
        (with("iss", json!(["https://team.example"])), TokenError::Unreadable("what it says")),
        (without("iss"), TokenError::Unreadable("what it says")),
        (with("aud", json!("them")), TokenError::Wrong("the audience")),
        (with("aud", json!(["them"])), TokenError::Wrong("the audience")),
        (with("aud", json!([])), TokenError::Wrong("the audience")),
        (with("aud", json!(["us", "them"])), TokenError::Wrong("the audience")),
        (with("aud", json!({ "us": 1 })), TokenError::Wrong("the audience")),
        (without("aud"), TokenError::Unreadable("what it says")),
        (with("exp", json!(NOW - LEEWAY)), TokenError::Over),
        (with("exp", json!(i64::MIN)), TokenError::Over),
        (with("exp", json!("2100-01-01")), TokenError::Unreadable("what it says")),
        (without("exp"), TokenError::Unreadable("what it says")),
        (with("nbf", json!(NOW + LEEWAY + 1)), TokenError::NotYet),
        (with("iat", json!(NOW + LEEWAY + 1)), TokenError::NotYet),
        (with("iat", json!(i64::MAX)), TokenError::NotYet),
        (without("iat"), TokenError::Unreadable("what it says")),
        (json!(["us"]), TokenError::Unreadable("what it says")),
        (json!(null), TokenError::Unreadable("what it says")),
    ];
    for (claims, why) in wrong {
        assert_eq!(check(&signer().token(&claims)), Err(why), "{claims}");
    }
}

#[test]
fn clocks_may_differ_by_a_minute_and_no_more() {
    for claims in [with("exp", json!(NOW - LEEWAY + 1)), with("nbf", json!(NOW + LEEWAY)), with("iat", json!(NOW + LEEWAY))] {
        assert_eq!(check(&signer().token(&claims)).as_ref(), Ok(&claims), "{claims}");
    }
}

#[test]
fn every_single_wrong_header_is_refused() {
    let wrong = [
        (json!({ "alg": "ES256", "kid": "second" }), TokenError::UnknownKey),
        (json!({ "alg": "ES256", "kid": "other" }), TokenError::Forged),
        (json!({ "alg": "RS256", "kid": "first" }), TokenError::UnknownKey),
        (json!({ "alg": "ES256" }), TokenError::Unreadable("the header")),
        (json!({ "kid": "first" }), TokenError::Unreadable("the header")),
        (json!({ "alg": "es256", "kid": "first" }), TokenError::Wrong("the algorithm")),
        (json!({ "alg": "ES384", "kid": "first" }), TokenError::Wrong("the algorithm")),
        (json!({ "alg": "PS256", "kid": "first" }), TokenError::Wrong("the algorithm")),
        (json!({ "alg": "None", "kid": "first" }), TokenError::Wrong("the algorithm")),
        (json!({ "alg": "ES256", "kid": "first", "typ": "logout+jwt" }), TokenError::Wrong("the kind")),
        (json!({ "alg": "ES256", "kid": "first", "typ": "at+jwt" }), TokenError::Wrong("the kind")),
        (json!({ "alg": "ES256", "kid": "first", "crit": ["exp"] }), TokenError::Wrong("the header")),
        (json!({ "alg": "ES256", "kid": "first", "crit": null }), TokenError::Wrong("the header")),
    ];
    for (header, why) in wrong {
        assert_eq!(check(&signer().token_under(&header, &claims())), Err(why), "{header}");
    }
    // A key that comes along is not taken for one of the signer's.
    let own = Signer::new("own");
    let header = json!({ "alg": "ES256", "kid": "first", "jwk": own.jwk(), "jku": "https://evil.example/keys" });
    assert_eq!(check(&own.token_under(&header, &claims())), Err(TokenError::Forged));
}

#[test]
fn a_token_nobody_signed_is_refused() {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(json!({ "alg": "none", "kid": "first" })), part(claims()));
    for signature in ["", "AAAA"] {
        assert_eq!(check(&format!("{signed}.{signature}")), Err(TokenError::Wrong("the algorithm")), "{signature}");
    }
    let token = signer().token(&claims());
    let (signed, signature) = token.rsplit_once('.').expect("a token");
    assert_eq!(check(&format!("{signed}.")), Err(TokenError::Forged));
    assert_eq!(check(&format!("{signed}.{}", URL_SAFE_NO_PAD.encode([0; 64]))), Err(TokenError::Forged), "of zeros");
    assert_eq!(check(&format!("{signed}.{signature}=")), Err(TokenError::Unreadable("the signature")), "padded");
    assert_eq!(check(signed), Err(TokenError::Unreadable("the token")));
    assert!(check(&format!("{token}.x")).is_err(), "a fourth part");
    for text in ["", ".", "..", "a.b.c", "é.é.é"] {
        assert!(check(text).is_err(), "{text}");
    }
}

#[test]
fn the_public_key_as_a_shared_secret_opens_nothing() {
    let header = URL_SAFE_NO_PAD.encode(json!({ "alg": "HS256", "typ": "JWT", "kid": "first" }).to_string());
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims().to_string()));
    let jwk = signer().jwk();
    let x = URL_SAFE_NO_PAD.decode(jwk["x"].as_str().expect("x")).expect("base64");
    for secret in [jwk.to_string().into_bytes(), x.clone(), STANDARD.encode(x).into_bytes()] {
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(hmac(&secret, signed.as_bytes())));
        assert_eq!(check(&token), Err(TokenError::Wrong("the algorithm")));
    }
    // Nor is a shared secret that stands among the keys one.
    let oct = json!({ "kty": "oct", "kid": "first", "k": URL_SAFE_NO_PAD.encode("secret"), "alg": "HS256" });
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(hmac(b"secret", signed.as_bytes())));
    let expected = Expected { issuers: &issuers(), audience: "us", for_others_too: false };
    assert_eq!(verify(&token, &keys(&[oct]), &expected, now()), Err(TokenError::Wrong("the algorithm")));
}

/// HMAC with SHA-256 (RFC 2104).
fn hmac(secret: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    let secret = if secret.len() > 64 { Sha256::digest(secret).to_vec() } else { secret.to_vec() };
    block[..secret.len()].copy_from_slice(&secret);
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().to_vec()
}

#[test]
fn a_member_that_is_there_twice_is_refused_wherever_it_stands() {
    let header = r#"{"alg":"ES256","kid":"first"}"#;
    let said = |more: &str| {
        format!(
            r#"{{"iss":"https://team.example","aud":"us","iat":{NOW},"exp":{},"note":"a:b, {{ \" : [","in":{{"a":1}}{more}}}"#,
            NOW + 300
        )
    };
    assert!(check(&signer().sign(header, &said(""))).is_ok());
    for more in [r#","aud":"us""#, r#","aud":"them""#, r#","\u0061ud":"us""#, r#","note":"""#] {
        assert_eq!(check(&signer().sign(header, &said(more))), Err(TokenError::Unreadable("what it says")), "{more}");
    }
    for twice in [r#"{"alg":"none","alg":"ES256","kid":"first"}"#, r#"{"alg":"ES256","kid":"first","kid":"first"}"#] {
        assert_eq!(check(&signer().sign(twice, &said(""))), Err(TokenError::Unreadable("the header")), "{twice}");
    }
}

#[test]
fn a_token_that_is_too_long_is_not_looked_at() {
    let token = signer().token(&with("note", json!("x".repeat(LONGEST))));
    assert_eq!(check(&token), Err(TokenError::Wrong("the length")));
    assert!(check(&signer().token(&with("note", json!("x".repeat(8_000))))).is_ok());
}

#[test]
fn where_it_may_be_for_others_too_it_still_has_to_be_for_us() {
    let expected = Expected { issuers: &issuers(), audience: "us", for_others_too: true };
    let check = |audience: Value| verify(&signer().token(&with("aud", audience)), &keys(&[signer().jwk()]), &expected, now());
    assert!(check(json!(["them", "us"])).is_ok());
    assert_eq!(check(json!(["them"])), Err(TokenError::Wrong("the audience")));
    assert_eq!(check(json!(["us ", "US"])), Err(TokenError::Wrong("the audience")));
}

#[test]
fn only_keys_for_this_use_are_taken() {
    let expected = Expected { issuers: &issuers(), audience: "us", for_others_too: false };
    let changed = |name: &str, value: Value| {
        let mut jwk = signer().jwk();
        jwk[name] = value;
        jwk
    };
    let other = [("use", json!("enc")), ("alg", json!("ES384")), ("alg", json!("RS256")), ("kty", json!("RSA")), ("crv", json!("P-384"))];
    for (name, value) in other.into_iter().chain([("x", json!("AAAA")), ("y", json!("!")), ("kid", json!(7))]) {
        let found = verify(&signer().token(&claims()), &keys(&[changed(name, value.clone())]), &expected, now());
        assert_eq!(found, Err(TokenError::UnknownKey), "{name}: {value}");
    }
    assert!(Keys::read(b"[]").is_err() && Keys::read(b"{}").is_err() && Keys::read(b"<html>").is_err());
}

#[test]
fn a_key_that_names_its_issuer_signs_for_nobody_else() {
    let tenants = ["https://login.example/a/v2.0".to_owned(), "https://login.example/b/v2.0".to_owned()];
    let expected = Expected { issuers: &tenants, audience: "us", for_others_too: false };
    let check = |issuer: &str, tenant: &str| {
        let mut jwk = signer().jwk();
        jwk["issuer"] = json!(issuer);
        let mut claims = with("iss", json!(format!("https://login.example/{tenant}/v2.0")));
        claims["tid"] = json!("a");
        verify(&signer().token(&claims), &keys(&[jwk]), &expected, now())
    };
    assert!(check("https://login.example/{tenantid}/v2.0", "a").is_ok());
    assert!(check("https://login.example/a/v2.0", "a").is_ok());
    assert_eq!(check("https://login.example/{tenantid}/v2.0", "b"), Err(TokenError::Wrong("the issuer")), "it says it is a's");
    assert_eq!(check("https://login.example/a/v2.0", "b"), Err(TokenError::Wrong("the issuer")));
}

/// A token of RS256, as Entra ID and Access sign them.
mod rs256 {
    use rsa::pkcs1v15::SigningKey;
    use rsa::signature::{SignatureEncoding, Signer as _};
    use rsa::traits::PublicKeyParts;

    use super::*;

    #[test]
    fn a_token_of_rsa_is_checked_as_well() {
        let key = crate::identity::public_key::tests::rsa_key(2048);
        let number = |number: &rsa::BigUint| URL_SAFE_NO_PAD.encode(number.to_bytes_be());
        let jwk = json!({ "kty": "RSA", "kid": "hello", "use": "sig", "n": number(key.n()), "e": number(key.e()) });
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(json!({ "alg": "RS256", "kid": "hello", "typ": "JWT" }).to_string()),
            URL_SAFE_NO_PAD.encode(claims().to_string())
        );
        let signature = SigningKey::<rsa::sha2::Sha256>::new(key).sign(signed.as_bytes()).to_bytes();
        let expected = Expected { issuers: &issuers(), audience: "us", for_others_too: false };
        let keys = keys(&[jwk]);
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(&signature));
        assert_eq!(verify(&token, &keys, &expected, now()), Ok(claims()));
        let mut wrong = signature.to_vec();
        wrong[17] ^= 1;
        assert_eq!(verify(&format!("{signed}.{}", URL_SAFE_NO_PAD.encode(wrong)), &keys, &expected, now()), Err(TokenError::Forged));
    }
}
