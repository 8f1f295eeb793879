//! How long what is stored is kept, as a person set it; the defaults until then.

use domain::Timestamp;
use domain::json::strict::read;
use domain::retention::Retention;
use serde::{Deserialize, Serialize};

use crate::policy::with_stored;
use crate::tenant::Tenant;
use store::ports::StoreError;

/// Where it is kept.
const KEPT: &str = "retention";

/// Ages as stored. What a newer version added is not in them.
#[derive(Serialize, Deserialize)]
struct StoredAges {
    ages: serde_json::Map<String, serde_json::Value>,
    by: String,
    at: Timestamp,
}

/// Ages, and who set them when.
pub(crate) struct SetAges {
    pub(crate) ages: Retention,
    /// None while they are the defaults.
    pub(crate) set: Option<(String, Timestamp)>,
}

impl Tenant {
    /// How long what is stored is kept.
    ///
    /// # Errors
    /// When SQLite refuses, or what is stored are no ages.
    pub(crate) fn retention(&self) -> Result<SetAges, StoreError> {
        let defaults = Retention::default();
        let Some(text) = self.ledger.meta().text(KEPT)? else { return Ok(SetAges { ages: defaults, set: None }) };
        let unreadable = |error: String| StoreError(format!("the stored ages cannot be read: {error}"));
        let kept: StoredAges = read(text.as_bytes()).map_err(|error| unreadable(error.to_string()))?;
        let ages = with_stored(&defaults, kept.ages).map_err(|error| unreadable(error.to_string()))?;
        Ok(SetAges { ages, set: Some((kept.by, kept.at)) })
    }

    /// Keeps ages that a person set.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub(crate) fn keep_retention(&self, ages: &Retention, by: &str) -> Result<(), StoreError> {
        let unwritable = |error: serde_json::Error| StoreError(format!("ages have no JSON: {error}"));
        let ages = match serde_json::to_value(ages).map_err(unwritable)? {
            serde_json::Value::Object(fields) => fields,
            _ => serde_json::Map::new(),
        };
        let kept = StoredAges { ages, by: by.to_owned(), at: self.now() };
        self.ledger.meta().keep_text(KEPT, &serde_json::to_string(&kept).map_err(unwritable)?)
    }
}
