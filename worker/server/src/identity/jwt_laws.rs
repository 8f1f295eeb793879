//! Laws of tokens: no change of a signed token is accepted.

use authenticator::Signer;
use proptest::prelude::*;
use serde_json::json;

use super::*;

const NOW: i64 = 1_800_000_000;

fn token() -> String {
    Signer::new("first").token(&json!({ "iss": "https://team.example", "aud": "us", "sub": "ada", "iat": NOW, "exp": NOW + 300 }))
}

fn check(token: &str) -> Result<Value, TokenError> {
    let keys = Keys::read(json!({ "keys": [Signer::new("first").jwk()] }).to_string().as_bytes()).expect("keys");
    let issuers = ["https://team.example".to_owned()];
    let expected = Expected { issuers: &issuers, audience: "us", for_others_too: false };
    verify(token, &keys, &expected, Timestamp::from_timestamp(NOW, 0).expect("a moment"))
}

proptest! {
    /// What is changed on its way is refused, wherever it is changed.
    #[test]
    fn a_token_with_one_sign_changed_is_refused(place in any::<prop::sample::Index>(), sign in "[A-Za-z0-9_.-]") {
        let good = token();
        let place = place.index(good.len());
        let changed = format!("{}{sign}{}", &good[..place], &good[place + 1..]);
        prop_assume!(changed != good);
        prop_assert!(check(&changed).is_err(), "{}", changed);
    }

    /// What is cut off, put before or put behind is refused.
    #[test]
    fn a_token_that_is_longer_or_shorter_is_refused(place in any::<prop::sample::Index>(), more in "[A-Za-z0-9_.=-]{1,8}") {
        let good = token();
        let others = [good[..place.index(good.len())].to_owned(), [good.as_str(), &more].concat(), [&more, good.as_str()].concat()];
        for other in others {
            prop_assert!(check(&other).is_err(), "{}", other);
        }
    }

    /// Nobody else's signature is taken.
    #[test]
    fn a_token_of_another_key_is_refused(name in "[a-z]{1,12}") {
        prop_assume!(name != "first");
        let header = json!({ "alg": "ES256", "kid": "first" });
        let claims = json!({ "iss": "https://team.example", "aud": "us", "iat": NOW, "exp": NOW + 300 });
        prop_assert_eq!(check(&Signer::new(&name).token_under(&header, &claims)), Err(TokenError::Forged));
    }

    /// A member more than there are names is always noticed, whatever else the text holds.
    #[test]
    fn members_are_counted_as_they_are_read(names in prop::collection::vec(".{0,6}", 0..6), value in "(?s).{0,20}") {
        let written = names.iter().map(|name| format!("{}:{}", json!(name), json!({ "inner": [value], "x": value })));
        let text = format!("{{{}}}", written.collect::<Vec<_>>().join(","));
        prop_assert_eq!(members_in(text.as_bytes()), names.len());
    }

    /// Whatever is sent, it is answered and not taken.
    #[test]
    fn no_text_is_taken_for_a_token(text in "(?s).{0,200}") {
        prop_assert!(check(&text).is_err());
    }
}
