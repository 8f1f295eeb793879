//! Reading a vendor's answer: hostile input until it is parsed.

use serde_json::Value;
use zeroize::Zeroizing;

use super::VendorError;
use egress::Answer;

/// Characters of a wrong answer that are kept.
const EXCERPT: usize = 200;

/// Things that must not turn up in text kept from a vendor. It has no `Debug`.
#[derive(Clone, Default)]
pub struct Secrets(Vec<Zeroizing<String>>);

impl Secrets {
    /// These credentials; parts so short that masking them would only garble text are left out.
    pub fn new(secrets: impl IntoIterator<Item = Zeroizing<String>>) -> Self {
        Self(secrets.into_iter().filter(|secret| secret.chars().count() >= 4).collect())
    }

    /// `text` without the credentials, blanks run together.
    pub fn mask(&self, text: &str) -> String {
        let masked = self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "\u{2022}\u{2022}\u{2022}"));
        masked.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// The JSON of an answer.
///
/// # Errors
/// [`VendorError::NotJson`] with the beginning of what came instead.
pub fn parse(answer: &Answer, secrets: &Secrets) -> Result<Value, VendorError> {
    serde_json::from_slice(&answer.body).map_err(|_| not_json(answer, secrets))
}

/// An answer that is not JSON.
pub fn not_json(answer: &Answer, secrets: &Secrets) -> VendorError {
    let text = secrets.mask(&String::from_utf8_lossy(&answer.body));
    VendorError::NotJson { status: answer.status, excerpt: text.chars().take(EXCERPT).collect() }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn answer(body: &[u8]) -> Answer {
        Answer { status: 200, headers: HeaderMap::new(), body: body.to_vec() }
    }

    #[test]
    fn an_excerpt_is_short_and_holds_no_credential() {
        let secrets = Secrets::new(["hunter2hunter2", "ab"].map(|secret| Zeroizing::new(secret.to_owned())));
        let page = format!("<html>\n  <p>ab hunter2hunter2 {}</p>", "é".repeat(500));
        let Err(VendorError::NotJson { excerpt, .. }) = parse(&answer(page.as_bytes()), &secrets) else { panic!("parsed") };
        assert!(excerpt.starts_with("<html> <p>ab ••• é"), "{excerpt}");
        assert_eq!(excerpt.chars().count(), EXCERPT);
    }

    #[test]
    fn bytes_that_are_no_text_are_no_trouble() {
        assert!(matches!(parse(&answer(&[0xff, 0xfe, b'{']), &Secrets::default()), Err(VendorError::NotJson { .. })));
    }
}
