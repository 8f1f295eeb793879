//! Tests of passkeys: what proves who shows one, and every change that must be refused.

use authenticator::Authenticator;
use serde_json::json;

use super::*;

const CHALLENGE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

fn site() -> Site {
    Site { host: "seatbridge.test".to_owned(), origin: "https://seatbridge.test".to_owned() }
}

/// The passkey of this authenticator.
fn make(authenticator: &mut Authenticator) -> NewPasskey {
    let wanted = json!({ "challenge": CHALLENGE, "rp": { "id": site().host } });
    serde_json::from_value(authenticator.make(&wanted, "laptop")).expect("a passkey")
}

fn show(authenticator: &mut Authenticator) -> Assertion {
    let wanted = json!({ "challenge": CHALLENGE, "rpId": site().host });
    serde_json::from_value(authenticator.show(&wanted)).expect("an assertion")
}

fn authenticator() -> Authenticator {
    Authenticator::new(&site().origin, "a seed")
}

/// The authenticator's data with one part changed.
fn with(text: &str, change: impl Fn(&mut Vec<u8>)) -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode(text).expect("base64");
    change(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[test]
fn a_passkey_that_was_made_proves_who_shows_it() {
    let mut authenticator = authenticator();
    let made = made(&site(), CHALLENGE, &make(&mut authenticator)).expect("a passkey");
    assert_eq!(made.count, 1);
    let shown = show(&mut authenticator);
    assert_eq!(challenge_of(&shown.client_data).as_deref(), Ok(CHALLENGE));
    assert_eq!(proven(&site(), CHALLENGE, &shown, &made.key, made.count), Ok(2));
    assert_eq!(proven(&site(), CHALLENGE, &shown, &made.key, 2), Err(PasskeyError::Copied), "shown again");
}

#[test]
fn a_passkey_that_counts_nothing_is_as_good() {
    let mut authenticator = authenticator();
    let made = made(&site(), CHALLENGE, &make(&mut authenticator)).expect("a passkey");
    let mut never = Authenticator::uncounted(&site().origin, "a seed");
    let shown = show(&mut never);
    assert_eq!(proven(&site(), CHALLENGE, &shown, &made.key, 0), Ok(0));
    assert_eq!(proven(&site(), CHALLENGE, &shown, &made.key, 1), Err(PasskeyError::Copied), "it did count before");
}

#[test]
fn what_was_made_elsewhere_for_something_else_or_by_nobody_is_refused() {
    let good = || make(&mut authenticator());
    let elsewhere = Site { host: "seatbridge.example".to_owned(), ..site() };
    assert_eq!(made(&elsewhere, CHALLENGE, &good()), Err(PasskeyError::Wrong("the host")));
    let other_port = Site { origin: "https://seatbridge.test:8443".to_owned(), ..site() };
    assert_eq!(made(&other_port, CHALLENGE, &good()), Err(PasskeyError::Wrong("the origin")));
    assert_eq!(made(&site(), &CHALLENGE.replace('A', "B"), &good()), Err(PasskeyError::Wrong("the challenge")));
    let shown = show(&mut authenticator());
    let not_made = NewPasskey { client_data: shown.client_data, ..good() };
    assert_eq!(made(&site(), CHALLENGE, &not_made), Err(PasskeyError::Wrong("the type")));
    let nobody = NewPasskey { authenticator_data: with(&good().authenticator_data, |data| data[32] &= !4), ..good() };
    assert_eq!(made(&site(), CHALLENGE, &nobody), Err(PasskeyError::Wrong("the check of who is there")));
    let backed = NewPasskey { authenticator_data: with(&good().authenticator_data, |data| data[32] |= 16), ..good() };
    assert_eq!(made(&site(), CHALLENGE, &backed), Err(PasskeyError::Wrong("the flags")));
    let another = NewPasskey { id: "AAAA".to_owned(), ..good() };
    assert_eq!(made(&site(), CHALLENGE, &another), Err(PasskeyError::Wrong("the passkey's id")));
    let more = NewPasskey { authenticator_data: with(&good().authenticator_data, |data| data.push(0)), ..good() };
    assert_eq!(made(&site(), CHALLENGE, &more), Err(PasskeyError::Unreadable("the new passkey")));
    let framed = r#"{"type":"webauthn.create","challenge":"","origin":"https://seatbridge.test","crossOrigin":true}"#
        .replace(r#""""#, &format!("\"{CHALLENGE}\""));
    let framed = NewPasskey { client_data: URL_SAFE_NO_PAD.encode(framed), ..good() };
    assert_eq!(made(&site(), CHALLENGE, &framed), Err(PasskeyError::Wrong("the origin")));
}

#[test]
fn whatever_was_changed_on_the_way_is_refused() {
    let mut authenticator = authenticator();
    let made = made(&site(), CHALLENGE, &make(&mut authenticator)).expect("a passkey");
    let good = show(&mut authenticator);
    let proven = |assertion: &Assertion| proven(&site(), CHALLENGE, assertion, &made.key, 0);
    assert!(proven(&good).is_ok());
    let counted = Assertion { authenticator_data: with(&good.authenticator_data, |data| data[36] = 200), ..good.clone() };
    assert_eq!(proven(&counted), Err(PasskeyError::Forged));
    let said = Assertion { client_data: with(&good.client_data, |data| data.push(b' ')), ..good.clone() };
    assert_eq!(proven(&said), Err(PasskeyError::Forged));
    let signed = Assertion { signature: with(&good.signature, |signature| *signature.last_mut().expect("bytes") ^= 1), ..good.clone() };
    assert_eq!(proven(&signed), Err(PasskeyError::Forged));
    let empty = Assertion { signature: String::new(), ..good.clone() };
    assert_eq!(proven(&empty), Err(PasskeyError::Forged));
    let other = show(&mut Authenticator::new(&site().origin, "another seed"));
    assert_eq!(proven(&other), Err(PasskeyError::Forged));
}

#[test]
fn every_cut_of_what_an_authenticator_says_is_refused() {
    let good = make(&mut authenticator());
    let bytes = URL_SAFE_NO_PAD.decode(&good.authenticator_data).expect("base64");
    for length in 0..bytes.len() {
        let cut = NewPasskey { authenticator_data: URL_SAFE_NO_PAD.encode(&bytes[..length]), ..good.clone() };
        assert!(made(&site(), CHALLENGE, &cut).is_err(), "{length} bytes");
    }
}

/// An RSA key as Windows Hello writes it, and a signature of its.
mod rs256 {
    use rsa::pkcs1v15::SigningKey;
    use rsa::signature::{SignatureEncoding, Signer};
    use rsa::traits::PublicKeyParts;

    use super::*;
    use crate::identity::public_key::tests::rsa_key as key;

    /// `{1: 3, 3: -257, -1: modulus, -2: exponent}`.
    fn cose(key: &rsa::RsaPublicKey) -> Vec<u8> {
        let (modulus, exponent) = (key.n().to_bytes_be(), key.e().to_bytes_be());
        let length = u16::try_from(modulus.len()).expect("a short key").to_be_bytes();
        let head = [0xa4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20, 0x59];
        [&head, length.as_slice(), &modulus, &[0x21, 0x43], &exponent].concat()
    }

    #[test]
    fn a_key_of_windows_hello_is_understood() {
        let key = key(2048);
        let signature = SigningKey::<rsa::sha2::Sha256>::new(key.clone()).sign(b"signed").to_bytes();
        let public = public_key(&cose(&key.to_public_key())).expect("a key");
        assert!(public.has_signed(b"signed", &signature, Form::Der));
        assert!(!public.has_signed(b"other", &signature, Form::Der));
    }

    #[test]
    fn a_short_key_is_refused() {
        let public = public_key(&cose(&key(1024).to_public_key()));
        assert_eq!(public.err(), Some(PasskeyError::Wrong("the length of the key")));
    }
}

#[test]
fn a_key_that_carries_more_than_a_key_is_not_kept() {
    let with_more = |length: u16| {
        let mut passkey = make(&mut authenticator());
        passkey.authenticator_data = with(&passkey.authenticator_data, |bytes| {
            let map = 37 + 16 + 2 + 32;
            assert_eq!(bytes[map], 0xa5, "a map of five");
            bytes[map] += 1;
            bytes.extend([0x18, 99, 0x59]);
            bytes.extend(length.to_be_bytes());
            bytes.extend(vec![0; length.into()]);
        });
        made(&site(), CHALLENGE, &passkey)
    };
    assert!(with_more(32).is_ok(), "what nobody knows is passed over");
    assert_eq!(with_more(1_000), Err(PasskeyError::Unreadable("the new passkey")));
}
