//! What does not agree between ESET's bill, the seats in use and ConnectWise's bill.

use serde::{Deserialize, Serialize};

use super::Reconciled;
use crate::money::{Money, Quantity};

/// What does not agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// More is ordered than used: the MSP pays for the rest.
    OverOrdered,
    /// More is used than ordered: the customer owes the rest.
    OverUsed,
    /// Seats that nothing in ConnectWise bills.
    Unbilled,
    /// ConnectWise bills what ESET has no seat of.
    BilledUnused,
}

/// Something a person should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// How many units.
    pub units: Quantity,
    /// What they come to a month, when cost or price is known.
    pub amount: Option<Money>,
    /// Whether the amount is made from an assumed cost or price.
    pub estimated: bool,
    /// In a sentence.
    pub words: String,
}

/// What does not agree in `row`. Differences of up to `threshold` units are let pass; a row whose seats are not known has none.
/// `unbilled` says that nothing bills it, whatever stands in ConnectWise.
pub(super) fn findings(row: &Reconciled, unbilled: bool, threshold: u32) -> Vec<Finding> {
    let (Some(ordered), Some(activated)) = (row.ordered, row.activated) else { return Vec::new() };
    let mut found = Vec::new();
    let (company, product) = (&row.company, &row.product);
    let mut find = |kind, units: u32, unit: Option<Money>, estimated: bool, words: String| {
        if units > threshold {
            let units = Quantity::from(units);
            let amount = unit.map(|unit| unit.times(units));
            let words = with_amount(words, amount, row.currency.as_deref(), estimated);
            found.push(Finding { kind, units, amount, estimated: estimated && amount.is_some(), words });
        }
    };
    let unused = ordered.saturating_sub(activated);
    let words = format!("{company} has {ordered} of {product} ordered and uses {activated}: {unused} unused, which you pay for");
    find(FindingKind::OverOrdered, unused, row.unit_cost, row.cost_estimated, words);
    let owed = activated.saturating_sub(ordered);
    let words = format!("{company} uses {activated} of {product} and has {ordered} ordered: {owed} in use that nobody ordered");
    find(FindingKind::OverUsed, owed, row.unit_price, row.price_estimated, words);
    if unbilled && row.billed == Some(Quantity::ZERO) {
        let seats = ordered.max(activated);
        let words = format!("{company} has {seats} of {product} at ESET, and nothing in ConnectWise bills them");
        find(FindingKind::Unbilled, seats, row.unit_price, row.price_estimated, words);
    }
    if let Some(billed) = row.billed
        && ordered == 0
        && activated == 0
        && billed > Quantity::from(threshold)
    {
        let words = format!("{company} is billed for {billed} of {product}, and ESET has none");
        let words = with_amount(words, row.price, row.currency.as_deref(), row.price_estimated);
        let estimated = row.price_estimated && row.price.is_some();
        found.push(Finding { kind: FindingKind::BilledUnused, units: billed, amount: row.price, estimated, words });
    }
    found
}

fn with_amount(mut words: String, amount: Option<Money>, currency: Option<&str>, estimated: bool) -> String {
    if let Some(amount) = amount {
        words.push_str(&format!(", {amount}"));
        if let Some(currency) = currency {
            words.push(' ');
            words.push_str(currency);
        }
        words.push_str(if estimated { " a month (est.)" } else { " a month" });
    }
    words.push('.');
    words
}
