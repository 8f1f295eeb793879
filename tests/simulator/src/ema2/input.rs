//! Reading a call's JSON body, with the refusal the vendor gives for each bad field.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::refusal;
use crate::exchange::{Reply, Request};

/// A call's body.
#[derive(Debug)]
pub(super) struct Input(Map<String, Value>);

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    skip: usize,
    take: usize,
}

impl Slice {
    pub(super) fn of<T>(self, rows: impl IntoIterator<Item = T>) -> Vec<T> {
        rows.into_iter().skip(self.skip).take(self.take).collect()
    }
}

/// The shape of a refused field (EMA 2 API, error codes: the message names the field).
pub(super) fn invalid(field: &str) -> Reply {
    refusal(400, 1, 3, json!({ field: ["The input was not valid."] }))
}

impl Input {
    pub(super) fn of(request: &Request) -> Result<Self, Reply> {
        match request.json() {
            Some(Value::Object(fields)) => Ok(Self(fields)),
            _ => Err(refusal(400, 1, 3, "The input was not valid.")),
        }
    }

    /// The field, found without regard to case.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let found = self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Result<&str, Reply> {
        self.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).ok_or_else(|| invalid(name))
    }

    pub(super) fn optional_text(&self, name: &str) -> Result<Option<&str>, Reply> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or_else(|| invalid(name)),
        }
    }

    pub(super) fn number(&self, name: &str) -> Result<i64, Reply> {
        self.get(name).and_then(Value::as_i64).ok_or_else(|| invalid(name))
    }

    pub(super) fn texts(&self, name: &str) -> Result<Vec<&str>, Reply> {
        let Some(value) = self.get(name) else { return Ok(Vec::new()) };
        let items = value.as_array().ok_or_else(|| invalid(name))?;
        items.iter().map(|item| item.as_str().ok_or_else(|| invalid(name))).collect()
    }

    pub(super) fn day(&self, name: &str) -> Result<NaiveDate, Reply> {
        NaiveDate::parse_from_str(self.text(name)?, "%Y-%m-%d").map_err(|_| invalid(name))
    }

    /// `skip` and `take`; the vendor takes 1 to 100 rows.
    pub(super) fn slice(&self) -> Result<Slice, Reply> {
        let skip = usize::try_from(self.number("skip")?).map_err(|_| invalid("skip"))?;
        let take = usize::try_from(self.number("take")?).map_err(|_| invalid("take"))?;
        if (1..=100).contains(&take) { Ok(Slice { skip, take }) } else { Err(invalid("take")) }
    }
}
