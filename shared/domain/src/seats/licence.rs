//! An ESET licence at one moment, and why its units may not count.

use serde::{Deserialize, Serialize};

use crate::ids::{LicenceId, ProductCode};

/// One ESET licence at one moment (EMA 2 `POST /License/Detail`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Licence {
    /// Public ID; safe to show.
    pub id: LicenceId,
    /// ESET's product code.
    pub product: ProductCode,
    /// The product's name as ESET gave it with the licence.
    pub product_name: String,
    /// Units ESET bills the MSP for (`quantity`).
    pub ordered: u32,
    /// Units in use (`usage`); more than `ordered` when the customer is over.
    pub activated: u32,
    /// A trial is never billed.
    pub trial: bool,
    /// What ESET says of the licence.
    pub state: LicenceState,
    /// The products inside it, when it is a bundle. Empty too when ESET did not list them, or when it was read by a version
    /// that did not ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

/// A product inside a bundle (EMA 2 `bundleProducts`). A count that ESET left out is not known, which is not zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Part {
    /// ESET's product code; its name when ESET gave no code.
    pub product: ProductCode,
    /// The product's name.
    pub product_name: String,
    /// Units of it that come with the bundle.
    pub ordered: Option<u32>,
    /// Units of it in use.
    pub activated: Option<u32>,
}

/// EMA 2 `LicenseState` (enum_licensestates.html).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LicenceState {
    /// In order (1).
    Normal,
    /// Close to its ordered units, or close to the end of a trial (4).
    Warning,
    /// More units activated than ordered, or an expired trial (0).
    Error,
    /// Suspended: products are deactivated and ESET does not bill it (3).
    Suspended,
    /// Replaced by another licence (2).
    Obsolete,
}

/// Why a licence's ordered units are left out of what the customer is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotCounted {
    /// ESET does not bill a trial, so nor do we.
    Trial,
    /// ESET does not bill a suspended licence.
    Suspended,
    /// Another licence has taken its place.
    Obsolete,
}

impl Licence {
    /// Why ESET does not bill this licence, if it does not.
    pub fn not_counted(&self) -> Option<NotCounted> {
        self.left_out(false, false)
    }

    /// Why this licence is left out where `trials` and `suspended` licences are to be counted, if it is.
    pub fn left_out(&self, trials: bool, suspended: bool) -> Option<NotCounted> {
        match self.state {
            _ if self.trial && !trials => Some(NotCounted::Trial),
            LicenceState::Suspended if suspended => None,
            LicenceState::Suspended => Some(NotCounted::Suspended),
            LicenceState::Obsolete => Some(NotCounted::Obsolete),
            LicenceState::Normal | LicenceState::Warning | LicenceState::Error => None,
        }
    }

    /// Ordered units that are billed: none of a trial, suspended or obsolete licence.
    pub fn counted(&self) -> u32 {
        if self.not_counted().is_some() { 0 } else { self.ordered }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn licence(trial: bool, state: LicenceState) -> Licence {
        Licence {
            id: "3A9-AAA-AAA".into(),
            product: "111".into(),
            product_name: "ESET PROTECT Entry".to_owned(),
            ordered: 10,
            activated: 12,
            trial,
            state,
            parts: Vec::new(),
        }
    }

    #[test]
    fn only_a_living_paid_licence_is_counted() {
        let table = [
            (false, LicenceState::Normal, 10),
            (false, LicenceState::Warning, 10),
            (false, LicenceState::Error, 10),
            (false, LicenceState::Suspended, 0),
            (false, LicenceState::Obsolete, 0),
            (true, LicenceState::Normal, 0),
            (true, LicenceState::Suspended, 0),
        ];
        for (trial, state, counted) in table {
            assert_eq!(licence(trial, state).counted(), counted, "trial {trial}, {state:?}");
        }
    }
}
