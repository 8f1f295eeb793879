//! Values in and out of SQLite.

use domain::Timestamp;
use domain::json::strict::{read, read_value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ports::{SqlValue, StoreError};

/// How moments are stored: UTC, milliseconds, so that text order is time order.
const MOMENT: &str = "%Y-%m-%dT%H:%M:%S%.3fZ";

/// A list of parameters, each converted.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::ports::SqlValue::from($value)),*] };
}
pub(super) use params;

impl From<&str> for SqlValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for SqlValue {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for SqlValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for SqlValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for SqlValue {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<Timestamp> for SqlValue {
    fn from(moment: Timestamp) -> Self {
        Self::Text(moment.format(MOMENT).to_string())
    }
}

impl<T: Into<SqlValue>> From<Option<T>> for SqlValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A value as JSON text.
pub(super) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError(format!("a value has no JSON: {error}")))
}

/// The text a fieldless enum is stored as: its name in JSON.
pub(super) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn stored<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    read(text.as_bytes()).map_err(|error| StoreError(format!("a stored value cannot be read: {error}")))
}

/// One row, read column by column from the left.
pub(super) struct Row {
    values: std::vec::IntoIter<SqlValue>,
}

impl Row {
    pub(super) fn new(values: Vec<SqlValue>) -> Self {
        Self { values: values.into_iter() }
    }

    /// What is left of it.
    pub(super) fn into_values(self) -> Vec<SqlValue> {
        self.values.collect()
    }

    fn next(&mut self) -> Result<SqlValue, StoreError> {
        self.values.next().ok_or_else(|| StoreError("a row has too few columns".to_owned()))
    }

    pub(super) fn optional_text(&mut self) -> Result<Option<String>, StoreError> {
        match self.next()? {
            SqlValue::Null => Ok(None),
            SqlValue::Text(text) => Ok(Some(text)),
            other => Err(StoreError(format!("a column holds {other:?} and not text"))),
        }
    }

    pub(super) fn text(&mut self) -> Result<String, StoreError> {
        self.optional_text()?.ok_or_else(|| StoreError("a column is empty".to_owned()))
    }

    pub(super) fn optional_integer(&mut self) -> Result<Option<i64>, StoreError> {
        match self.next()? {
            SqlValue::Null => Ok(None),
            SqlValue::Integer(number) => Ok(Some(number)),
            other => Err(StoreError(format!("a column holds {other:?} and not a whole number"))),
        }
    }

    pub(super) fn integer(&mut self) -> Result<i64, StoreError> {
        Ok(self.optional_integer()?.unwrap_or_default())
    }

    pub(super) fn count(&mut self) -> Result<u32, StoreError> {
        u32::try_from(self.integer()?).map_err(|_| StoreError("a count is out of range".to_owned()))
    }

    pub(super) fn optional_moment(&mut self) -> Result<Option<Timestamp>, StoreError> {
        self.optional_text()?.map(|text| text.parse().map_err(|_| StoreError(format!("{text} is no moment")))).transpose()
    }

    pub(super) fn moment(&mut self) -> Result<Timestamp, StoreError> {
        self.optional_moment()?.ok_or_else(|| StoreError("a moment is missing".to_owned()))
    }

    pub(super) fn json<T: DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        stored(&self.text()?)
    }

    pub(super) fn optional_json<T: DeserializeOwned>(&mut self) -> Result<Option<T>, StoreError> {
        self.optional_text()?.map(|text| stored(&text)).transpose()
    }

    /// A fieldless enum stored with [`word`].
    pub(super) fn word<T: DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        let text = self.text()?;
        read_value(serde_json::Value::String(text)).map_err(|error| StoreError(format!("an unknown word: {error}")))
    }
}
