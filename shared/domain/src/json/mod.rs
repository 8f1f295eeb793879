//! JSON into types: one reader for our own API's answers, and a [`strict`] one for what comes from outside.
//!
//! A text is read straight into its type and never becomes a tree, so that a snapshot of thousands of companies takes no more memory than
//! what is made of it.

mod objects;
pub mod strict;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::de::SliceRead;

/// JSON that is none, or has another shape than the type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", if .path.is_empty() { .words.clone() } else { format!("{}: {}", .path, .words) })]
pub struct JsonError {
    path: String,
    words: String,
}

impl JsonError {
    /// Where, as `lines[0].preview`; empty for the whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What does not fit, without the value: that may be a credential.
    pub fn message(&self) -> &str {
        &self.words
    }
}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        let (words, place) = (error.to_string(), format!(" at line {} column {}", error.line(), error.column()));
        Self { path: String::new(), words: without_value(words.strip_suffix(&place).unwrap_or(&words)) }
    }
}

/// What serde says, up to where it would quote the value.
fn without_value(text: &str) -> String {
    if let Some((_, expected)) = text.strip_prefix("unknown variant `").and_then(|rest| rest.rsplit_once("`, expected")) {
        return format!("unknown variant, expected{expected}");
    }
    match text.split_once(": ") {
        Some((what, rest)) if what.starts_with("invalid") => match rest.rsplit_once(", expected") {
            Some((_, expected)) => format!("{what}, expected{expected}"),
            None => what.to_owned(),
        },
        _ => text.to_owned(),
    }
}

/// Reads a value. An empty text is `null`.
///
/// # Errors
/// When the text is no JSON, or has another shape than the type.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, JsonError> {
    whole(text, |json| Ok(T::deserialize(json)?))
}

/// Reads a tree.
///
/// # Errors
/// When it has another shape than the type.
pub fn read_value<T: DeserializeOwned>(value: Value) -> Result<T, JsonError> {
    Ok(T::deserialize(value)?)
}

/// Reads a text to its end.
fn whole<'de, T>(
    text: &'de [u8],
    read: impl FnOnce(&mut serde_json::Deserializer<SliceRead<'de>>) -> Result<T, JsonError>,
) -> Result<T, JsonError> {
    // JSON knows no other blanks.
    let is_empty = text.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    let mut json = serde_json::Deserializer::from_slice(if is_empty { b"null" } else { text });
    let value = read(&mut json)?;
    json.end()?;
    Ok(value)
}
