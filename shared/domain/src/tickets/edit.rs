//! One change to many rules.

use serde_json::{Map, Value};

use super::rule::TicketRule;
use crate::json::strict;

/// What can be changed of many rules at once. What makes them different rules, their name and what they watch, cannot; and
/// switching on is a decision of its own.
const OF_MANY: [&str; 6] = ["target", "lifecycle", "cap", "summary", "text", "attach"];

/// Why a change cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// It names what cannot be changed of many rules at once.
    #[error("{0} cannot be changed of many rules at once.")]
    NotOfMany(String),
    /// A value does not fit its field.
    #[error("{words}")]
    Mismatch {
        /// The field, as `lifecycle.delay_minutes`.
        field: String,
        /// What does not fit.
        words: String,
    },
}

impl EditError {
    /// The field it is about.
    pub fn field(&self) -> &str {
        match self {
            Self::NotOfMany(field) | Self::Mismatch { field, .. } => field,
        }
    }
}

impl TicketRule {
    /// The rule with a change merged into it: a field that is named is set, one that is `null` is emptied, the rest stays as it is
    /// (JSON merge patch, RFC 7396). Whether the rule can be meant is not looked at: [`TicketRule::check`] does.
    ///
    /// # Errors
    /// When the change names what cannot be changed of many rules, or a value does not fit.
    pub fn edited(&self, change: &Map<String, Value>) -> Result<Self, EditError> {
        if let Some(field) = change.keys().find(|field| !OF_MANY.contains(&field.as_str())) {
            return Err(EditError::NotOfMany(field.clone()));
        }
        let mismatch = |path: &str, words: String| EditError::Mismatch { field: path.to_owned(), words };
        let mut whole = serde_json::to_value(self).map_err(|error| mismatch("", error.to_string()))?;
        merge(&mut whole, change);
        strict::read_value(whole).map_err(|error| mismatch(error.path(), error.message().to_owned()))
    }
}

/// Merges a change into an object; whatever else was there becomes one (RFC 7396, section 2).
fn merge(value: &mut Value, change: &Map<String, Value>) {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    let Value::Object(fields) = value else { return };
    for (field, new) in change {
        match new {
            Value::Null => drop(fields.remove(field)),
            Value::Object(inside) => merge(fields.entry(field.as_str()).or_insert(Value::Null), inside),
            new => drop(fields.insert(field.clone(), new.clone())),
        }
    }
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
