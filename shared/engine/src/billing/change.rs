//! What an intent does to an agreement, and what a read says about it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Intent;
use super::note::described;
use super::write::{Observed, Write};
use domain::Timestamp;
use domain::billing::{Beside, NewAddition};
use domain::hash::fingerprint;
use domain::ids::CatalogId;
use domain::mapping::BillCustomer;
use domain::money::{Money, Quantity};
use domain::psa::AgreementStatus;

/// What an intent does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// Sets the addition's quantity.
    #[default]
    Set,
    /// Makes an addition.
    Create {
        /// Of this catalog product.
        product: CatalogId,
        /// The product's own description, which ours is written behind.
        description: String,
        /// Whether the customer pays for it.
        bill: BillCustomer,
        /// Price of a unit; none leaves the catalog's.
        unit_price: Option<Money>,
        /// The first day it bills.
        effective: NaiveDate,
        /// The other additions of the product, where it is one more beside them.
        #[serde(default)]
        beside: Option<Beside>,
    },
    /// Ends the addition.
    End {
        /// Its last day.
        cancelled: NaiveDate,
    },
    /// Takes the end of an addition back.
    Resume {
        /// The day it was ended on.
        cancelled: NaiveDate,
    },
}

impl Change {
    /// Makes the addition that a line proposes.
    pub(super) fn creating(new: &NewAddition, unit_price: Option<Money>) -> Self {
        let NewAddition { product, description, bill, effective, beside } = new.clone();
        Self::Create { product, description, bill, unit_price, effective, beside }
    }

    /// What makes two changes the same change.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Set => String::new(),
            Self::Create { product, bill, unit_price, effective, beside: None, .. } => {
                fingerprint(&("create", product, bill, unit_price, effective))
            }
            Self::Create { product, bill, unit_price, effective, beside, .. } => {
                fingerprint(&("add", product, bill, unit_price, effective, beside))
            }
            Self::End { cancelled } => format!("end {cancelled}"),
            Self::Resume { cancelled } => format!("resume {cancelled}"),
        }
    }

    /// What it is about, in words.
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Set => "quantity",
            Self::Create { .. } => "new addition",
            Self::End { .. } => "end of the addition",
            Self::Resume { .. } => "addition without its end",
        }
    }
}

/// What a read says about an intent's effect.
pub(super) enum Comparison {
    /// ConnectWise has it.
    There,
    /// ConnectWise is as it was previewed.
    AsBefore,
    /// ConnectWise has something else; in words.
    Else(String),
}

impl Intent {
    /// What `observed` says about this intent's effect.
    pub(super) fn seen(&self, observed: &Observed) -> Comparison {
        match (observed, &self.effect) {
            (Observed::Gone, _) => Comparison::Else("The addition is gone from ConnectWise.".to_owned()),
            (Observed::Addition { quantity, .. }, Change::Set) => match *quantity {
                quantity if quantity == self.to => Comparison::There,
                quantity if quantity == self.from => Comparison::AsBefore,
                quantity => Comparison::Else(self.another_quantity(quantity)),
            },
            (Observed::Addition { cancelled: Some(day), .. }, Change::End { cancelled }) if day == cancelled => Comparison::There,
            (Observed::Addition { cancelled: Some(day), .. }, Change::End { .. }) => {
                Comparison::Else(format!("The addition was ended on {day} by someone else."))
            }
            (Observed::Addition { cancelled: None, .. }, Change::Resume { .. }) => Comparison::There,
            (Observed::Addition { cancelled: Some(day), .. }, Change::Resume { cancelled }) if day != cancelled => {
                Comparison::Else(format!("The addition ends on {day} now, not on {cancelled} as was written."))
            }
            (Observed::Addition { quantity, .. }, Change::End { .. }) if *quantity != self.from => {
                Comparison::Else(self.another_quantity(*quantity))
            }
            (Observed::Addition { quantity, .. }, Change::Resume { .. }) if *quantity != self.to => {
                Comparison::Else(self.another_quantity(*quantity))
            }
            (Observed::Addition { .. }, Change::End { .. } | Change::Resume { .. }) | (Observed::Unmarked { .. }, _) => {
                Comparison::AsBefore
            }
            (Observed::Marked { quantity, ongoing: true, .. }, _) if *quantity == self.to => Comparison::There,
            (Observed::Marked { quantity, ongoing: true, .. }, _) => {
                Comparison::Else(format!("The addition was made with {}, and somebody made it {quantity}.", self.to))
            }
            (Observed::Marked { .. }, _) => Comparison::Else("The addition was made, and somebody ended it.".to_owned()),
            (Observed::Addition { .. }, Change::Create { .. }) => Comparison::Else("Another addition was read.".to_owned()),
        }
    }

    fn another_quantity(&self, now: Quantity) -> String {
        let before = if matches!(self.effect, Change::Resume { .. }) { self.to } else { self.from };
        if self.reverses.is_some() {
            format!("It is {now} now, {before} was written.")
        } else {
            format!("The quantity changed from {before} to {now} since the preview.")
        }
    }

    /// Why nothing may be written although everything is as it was previewed.
    pub(super) fn hindrance(&self, observed: &Observed) -> Option<String> {
        let (ongoing, agreement) = match observed {
            Observed::Addition { ongoing, agreement, .. } => (*ongoing || matches!(self.effect, Change::Resume { .. }), agreement),
            Observed::Unmarked { others, units, agreement } if *agreement == AgreementStatus::Active => {
                return self.not_as_before(*others, *units);
            }
            Observed::Unmarked { agreement, .. } | Observed::Marked { agreement, .. } => (true, agreement),
            Observed::Gone => return None,
        };
        if !ongoing {
            return Some("The addition was cancelled since the preview.".to_owned());
        }
        (*agreement != AgreementStatus::Active).then(|| not_active(*agreement))
    }

    /// Why an addition may not be made, as others of its product are by now.
    fn not_as_before(&self, others: u32, units: Quantity) -> Option<String> {
        match &self.effect {
            Change::Create { beside: Some(beside), .. } => (units != beside.units)
                .then(|| format!("The product's additions come to {units} now, and came to {} at the preview.", beside.units)),
            _ if others > 0 => {
                let words = "The agreement has an ongoing addition of this product by now; a second one would be billed beside it.";
                Some(words.to_owned())
            }
            _ => None,
        }
    }

    /// The write that makes it so. `observed` is what was just read.
    pub(super) fn write(&self, observed: &Observed, now: Timestamp) -> Write {
        match &self.effect {
            Change::Set => {
                let before = match observed {
                    Observed::Addition { description, .. } => description.as_str(),
                    _ => "",
                };
                Write::Quantity { quantity: self.to, description: described(before, self, now) }
            }
            Change::Create { product, description, bill, unit_price, effective, .. } => Write::Create {
                product: *product,
                quantity: self.to,
                bill: *bill,
                unit_price: *unit_price,
                effective: *effective,
                marker: self.marker(),
                description: described(description, self, now),
            },
            Change::End { cancelled } => Write::Cancelled(Some(*cancelled)),
            Change::Resume { .. } => Write::Cancelled(None),
        }
    }
}

fn not_active(agreement: AgreementStatus) -> String {
    format!("The agreement is {} since the preview.", agreement.label())
}
