//! JSON from outside: the API's bodies, the vendors' answers, what is stored. An error names the part that does not fit, and a struct is
//! read from an object alone.

use std::io::Read;

use serde::de::{DeserializeOwned, Deserializer};
use serde_json::Value;

use super::JsonError;
use super::objects::Objects;

/// Reads a value. An empty text is `null`.
///
/// # Errors
/// When the text is no JSON, or has another shape than the type.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, JsonError> {
    super::whole(text, |json| fit(json))
}

/// Reads a text that comes in piece by piece, to its end.
///
/// # Errors
/// When it cannot be read, is no JSON or has another shape than the type.
pub fn read_from<T: DeserializeOwned>(text: impl Read) -> Result<T, JsonError> {
    let mut parser = serde_json::Deserializer::from_reader(text);
    let value = fit(&mut parser)?;
    parser.end()?;
    Ok(value)
}

/// Reads a tree.
///
/// # Errors
/// When it has another shape than the type.
pub fn read_value<T: DeserializeOwned>(value: Value) -> Result<T, JsonError> {
    fit(value)
}

fn fit<'de, T: DeserializeOwned>(json: impl Deserializer<'de, Error = serde_json::Error>) -> Result<T, JsonError> {
    serde_path_to_error::deserialize(Objects(json)).map_err(|error| {
        // Of a text that is no JSON there is no part that does not fit.
        let is_part = error.inner().is_data() && error.path().iter().next().is_some();
        let path = if is_part { error.path().to_string() } else { String::new() };
        JsonError { path, ..JsonError::from(error.into_inner()) }
    })
}
