//! ESET's access tokens: kept in memory, renewed before they end.

use std::cell::RefCell;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use domain::Timestamp;
use domain::json::strict::read;
use futures::lock::{Mutex, MutexGuard};
use serde::Deserialize;
use zeroize::Zeroizing;

/// A token is renewed when no more than this is left of its life, or a third for one that lives less than a minute.
const LEFT_SECONDS: i64 = 20;
/// The life of a token that does not say: the shorter of the two the vendor's pages give (token.html, swagg_renew.html).
const UNKNOWN_LIFE_SECONDS: i64 = 60;

/// The tokens of one connection. In memory only; make a new one when its credentials change.
#[derive(Default)]
pub struct TokenCache {
    tokens: RefCell<Option<Tokens>>,
    /// Held while tokens are fetched, so that calls that run at once share one login.
    turn: Mutex<()>,
}

/// An access token and what renews it. It has no `Debug`.
#[derive(Clone)]
pub struct Tokens {
    pub access: Zeroizing<String>,
    pub refresh: Option<Zeroizing<String>>,
    renew_at: Timestamp,
}

impl TokenCache {
    /// The tokens, if there are any; perhaps due for renewal.
    pub fn tokens(&self) -> Option<Tokens> {
        self.tokens.borrow().clone()
    }

    pub fn keep(&self, tokens: &Tokens) {
        *self.tokens.borrow_mut() = Some(tokens.clone());
    }

    pub fn forget(&self) {
        *self.tokens.borrow_mut() = None;
    }

    pub async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }
}

impl Tokens {
    /// Tokens that came at `now`. Their life is what the token says from beginning to end, so that clocks need not agree.
    /// `seconds` is what the answer says of it, for tokens that are no JWT.
    pub fn received(access: String, refresh: Option<String>, seconds: Option<i64>, now: Timestamp) -> Self {
        let life = life(&access, now).or(seconds).unwrap_or(UNKNOWN_LIFE_SECONDS).max(0);
        let left = LEFT_SECONDS.min(life / 3);
        let renew_at = TimeDelta::try_seconds(life - left).and_then(|life| now.checked_add_signed(life)).unwrap_or(now);
        Self { access: Zeroizing::new(access), refresh: refresh.map(Zeroizing::new), renew_at }
    }

    /// Whether they are to be renewed before the next call.
    pub fn is_due(&self, now: Timestamp) -> bool {
        now >= self.renew_at
    }
}

/// The claims of the token that are read. Its signature is not checked: it came over TLS from whom it is shown to.
#[derive(Deserialize)]
struct Claims {
    exp: i64,
    #[serde(default)]
    iat: Option<i64>,
    #[serde(default)]
    nbf: Option<i64>,
}

/// Seconds a JWT lives from now on; none when it cannot be read.
fn life(token: &str, now: Timestamp) -> Option<i64> {
    let payload = token.split('.').nth(1)?;
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Claims = read(&bytes).ok()?;
    let began = claims.iat.or(claims.nbf).unwrap_or_else(|| now.timestamp());
    claims.exp.checked_sub(began)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(seconds, 0).expect("a moment")
    }

    fn tokens(claims: &str, expires_in: Option<i64>, now: i64) -> Tokens {
        let access = format!("head.{}.signature", BASE64_URL_SAFE_NO_PAD.encode(claims));
        Tokens::received(access, Some("r".to_owned()), expires_in, at(now))
    }

    #[test]
    fn a_token_is_used_for_most_of_its_life() {
        let table = [
            // claims, expiresIn, due this many seconds after it came
            (r#"{"nbf":1545307322,"exp":1545307382}"#, None, 40),
            (r#"{"iat":1545307322,"nbf":1545307300,"exp":1545310922}"#, None, 3580),
            (r#"{"exp":10060}"#, None, 40),
            (r#"{"nbf":100,"exp":130}"#, None, 20),
            (r#"{"nbf":100,"exp":103}"#, None, 2),
            (r#"{"nbf":100,"exp":90}"#, None, 0),
            (r#"{"sub":"no end"}"#, Some(3000), 2980),
            ("not json", None, 40),
        ];
        for (claims, expires_in, due) in table {
            let tokens = tokens(claims, expires_in, 10_000);
            assert!(tokens.is_due(at(10_000 + due)), "{claims} is not due after {due} s");
            assert!(due == 0 || !tokens.is_due(at(10_000 + due - 1)), "{claims} is due before {due} s");
        }
    }

    #[test]
    fn a_token_that_is_no_jwt_is_still_a_token() {
        for access in ["", "opaque", "a.b", "a.!!!.c", "a.e30.c"] {
            let tokens = Tokens::received(access.to_owned(), None, None, at(0));
            assert!(!tokens.is_due(at(39)) && tokens.is_due(at(40)), "{access}");
        }
    }
}
