//! Reading EMA 2's JSON loosely. Searches answer in PascalCase and the rest in camelCase, and codes come as numbers, text or
//! names: keys are lower-cased and nulls dropped before anything is read.

use domain::json::strict::read_value;
use domain::seats::{EntityKind, LicenceState};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use vendor::VendorError;

/// `value` with all keys in lower case and without nulls. Of keys that differ in case only, the first stays.
pub(super) fn normalised(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut plain = Map::new();
            for (key, value) in fields {
                if !value.is_null() {
                    plain.entry(key.to_lowercase()).or_insert_with(|| normalised(value));
                }
            }
            Value::Object(plain)
        }
        Value::Array(items) => Value::Array(items.into_iter().map(normalised).collect()),
        other => other,
    }
}

/// Reads a normalised value.
///
/// # Errors
/// [`VendorError::Unexpected`] with the field.
pub(super) fn read<T: DeserializeOwned>(value: Value, what: &str) -> Result<T, VendorError> {
    read_value(normalised(value)).map_err(|error| VendorError::unexpected(format!("{what}: {error}")))
}

/// Text, or a number that is used as text.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Text {
    Text(String),
    Number(i64),
}

impl Text {
    pub(super) fn into_string(self) -> String {
        match self {
            Self::Text(text) => text.trim().to_owned(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// A number, perhaps as text, or the name of an enum's member.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Code {
    Number(i64),
    Double(f64),
    Text(String),
}

impl Code {
    /// The whole number, unless this is a name.
    pub(super) fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Double(double) if double.fract() == 0.0 && double.abs() < 9e15 => Some(*double as i64),
            Self::Double(_) => None,
            Self::Text(text) => text.trim().parse().ok(),
        }
    }

    /// The name in lower case, letters only: `MSP Customer` and `MspCustomer` are the same.
    fn name(&self) -> String {
        match self {
            Self::Text(text) => text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase(),
            _ => String::new(),
        }
    }

    pub(super) fn count(&self, field: &str) -> Result<u32, VendorError> {
        let number = self.number().and_then(|number| u32::try_from(number).ok());
        number.ok_or_else(|| VendorError::unexpected(format!("{field} is not a count")))
    }

    /// `EntityType` (EMA 2 API: entitytypes). Search/Companies numbers kinds differently and is not read with this.
    pub(super) fn entity_kind(&self) -> EntityKind {
        if let Some(code) = self.number() {
            return EntityKind::from_code(code);
        }
        match self.name().as_str() {
            "hq" | "headquarters" | "esetheadquarters" => EntityKind::Headquarters,
            "distributor" => EntityKind::Distributor,
            "division" => EntityKind::Division,
            "mspmanager" => EntityKind::MspManager,
            "msp" => EntityKind::Msp,
            "managedmsp" => EntityKind::ManagedMsp,
            "mspcustomer" => EntityKind::MspCustomer,
            _ => EntityKind::Other,
        }
    }

    /// `LicenseState` (EMA 2 API: enum_licensestates).
    pub(super) fn licence_state(&self) -> Option<LicenceState> {
        match (self.number(), self.name().as_str()) {
            (Some(0), _) | (_, "error") => Some(LicenceState::Error),
            (Some(1), _) | (_, "normal") => Some(LicenceState::Normal),
            (Some(2), _) | (_, "obsolete") => Some(LicenceState::Obsolete),
            (Some(3), _) | (_, "suspended") => Some(LicenceState::Suspended),
            (Some(4), _) | (_, "warning") => Some(LicenceState::Warning),
            _ => None,
        }
    }

    /// `LicenseType` (EMA 2 API: license_order): 4 is a trial.
    pub(super) fn is_trial(&self) -> bool {
        self.number() == Some(4) || self.name() == "trial"
    }
}
