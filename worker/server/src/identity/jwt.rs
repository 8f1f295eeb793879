//! What a token proves that somebody else has signed (JSON Web Token, RFC 7519; its compact form, RFC 7515; its signatures, RFC 7518).
//!
//! Follows RFC 8725: the algorithms are ours and not the token's choice, the key is found by its name and must be of the algorithm's
//! kind, and issuer, audience and times are checked each time.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use domain::json::strict;
use serde::Deserialize;
use serde_json::Value;

use super::keys::Keys;

/// Bytes of a token at most.
const LONGEST: usize = 16 * 1024;
/// Seconds by which two clocks may differ.
const LEEWAY: i64 = 60;

/// How a token is signed. `none`, and what is made with a shared secret, are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA with P-256 and SHA-256.
    Es256,
}

impl Algorithm {
    /// The one of this name, exactly.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }
}

/// What a token has to be.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Who may have signed it: one of these, letter by letter.
    pub issuers: &'a [String],
    /// Whom it is for.
    pub audience: &'a str,
    /// Whether it may be for others as well.
    pub for_others_too: bool,
}

/// Why a token proves nothing. It is told to the log alone, and holds nothing of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// A part cannot be read.
    #[error("{0} cannot be read")]
    Unreadable(&'static str),
    /// A part is missing or not what it has to be.
    #[error("{0} is not what it should be")]
    Wrong(&'static str),
    /// No key of its name and kind is known. It may be a new one.
    #[error("it names a key that is not known")]
    UnknownKey,
    /// The signature is not the key's.
    #[error("its signature is not the key's")]
    Forged,
    /// Its time is over.
    #[error("its time is over")]
    Over,
    /// Its time has not begun.
    #[error("its time has not begun")]
    NotYet,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    #[serde(default)]
    typ: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Value,
    exp: i64,
    iat: i64,
    #[serde(default)]
    nbf: Option<i64>,
}

/// Whether these are the ones it has to be for: one, or a list (RFC 7519, section 4.1.3).
fn is_for(audience: &Value, expected: &Expected<'_>) -> bool {
    let all = match audience {
        Value::Array(several) => several.as_slice(),
        one => std::slice::from_ref(one),
    };
    all.iter().any(|audience| audience == expected.audience) && (expected.for_others_too || all.len() == 1)
}

/// Checks a token in full, and answers its claims.
///
/// # Errors
/// Says the first thing that is wrong with it.
pub fn verify(token: &str, keys: &Keys, expected: &Expected<'_>, now: Timestamp) -> Result<Value, TokenError> {
    if token.len() > LONGEST {
        return Err(TokenError::Wrong("the length"));
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Unreadable("the token"))?;
    let (head, body) = signed.split_once('.').ok_or(TokenError::Unreadable("the token"))?;
    let header = object(head, "the header")?;
    // What must be understood to check it (RFC 7515, section 4.1.11), and none of that is understood here.
    if header.get("crit").is_some() {
        return Err(TokenError::Wrong("the header"));
    }
    let header: Header = strict::read_value(header).map_err(|_| TokenError::Unreadable("the header"))?;
    let algorithm = Algorithm::named(&header.alg).ok_or(TokenError::Wrong("the algorithm"))?;
    // Tokens of other kinds, such as those that end sessions or open an API, say so here.
    if header.typ.is_some_and(|kind| !kind.eq_ignore_ascii_case("JWT")) {
        return Err(TokenError::Wrong("the kind"));
    }
    let key = keys.find(&header.kid, algorithm).ok_or(TokenError::UnknownKey)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenError::Unreadable("the signature"))?;
    if !key.has_signed(signed.as_bytes(), &signature) {
        return Err(TokenError::Forged);
    }
    let tree = object(body, "what it says")?;
    let claims: Claims = strict::read_value(tree.clone()).map_err(|_| TokenError::Unreadable("what it says"))?;
    if !expected.issuers.contains(&claims.iss) || !key.is_of(&claims.iss, &tree) {
        return Err(TokenError::Wrong("the issuer"));
    }
    if !is_for(&claims.aud, expected) {
        return Err(TokenError::Wrong("the audience"));
    }
    let now = now.timestamp();
    if now >= claims.exp.saturating_add(LEEWAY) {
        return Err(TokenError::Over);
    }
    if claims.iat.max(claims.nbf.unwrap_or(i64::MIN)) > now.saturating_add(LEEWAY) {
        return Err(TokenError::NotYet);
    }
    Ok(tree)
}

/// An object in base64url, of which no member is there twice: readers differ in which one they take.
fn object(text: &str, what: &'static str) -> Result<Value, TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenError::Unreadable(what))?;
    let tree: Value = strict::read(&bytes).map_err(|_| TokenError::Unreadable(what))?;
    match &tree {
        Value::Object(members) if members.len() == members_in(&bytes) => Ok(tree),
        _ => Err(TokenError::Unreadable(what)),
    }
}

/// How many members the text of an object has: the colons that are neither in a text nor further inside.
fn members_in(json: &[u8]) -> usize {
    let (mut count, mut depth, mut in_text, mut escaped) = (0, 0_usize, false, false);
    for sign in json {
        match sign {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b':' if depth == 1 => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
#[path = "jwt_laws.rs"]
mod laws;
#[cfg(test)]
#[path = "jwt_tests.rs"]
mod tests;
