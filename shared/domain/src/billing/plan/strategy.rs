//! How a change reaches ConnectWise: on which day, and what is made when there is nothing to set.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::effective::effective;
use crate::Timestamp;
use crate::billing::{Beside, Guard, Line};
use crate::ids::CatalogId;
use crate::mapping::{BillCustomer, CreateRule, EffectiveRule, WriteRule};
use crate::money::Quantity;
use crate::psa::{Addition, Agreement, CatalogProduct};

/// An addition that would be made because the agreement has none of the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewAddition {
    /// Of this catalog product.
    pub product: CatalogId,
    /// What the catalog calls it.
    pub description: String,
    /// Whether the customer pays for it.
    pub bill: BillCustomer,
    /// The first day it bills.
    pub effective: NaiveDate,
    /// The other additions of the product, where it is one more beside them; it has the target less theirs.
    #[serde(default)]
    pub beside: Option<Beside>,
}

/// The one way in which the seats of a line are written.
pub(in crate::billing) fn write_rule(rules: &[&WriteRule]) -> Result<WriteRule, Guard> {
    let Some((first, others)) = rules.split_first() else { return Ok(WriteRule::default()) };
    if others.iter().any(|other| other != first) {
        return Err(Guard::WriteRulesDiffer);
    }
    Ok((*first).clone())
}

/// Gives a change of an addition its day: none when it is made at once.
pub(in crate::billing) fn date(line: &mut Line, rule: EffectiveRule, agreement: &Agreement, now: Timestamp) {
    if !line.changes() {
        return;
    }
    match effective(rule, now, agreement.next_invoice_day()) {
        Some(day) => line.effective = Some(day).filter(|day| *day > now.date_naive()),
        None => line.guards.push(no_invoice_date(agreement)),
    }
}

/// Proposes an addition where the agreement has none. `past` are the agreement's additions of the product, all ended.
pub(in crate::billing) fn create(
    line: &mut Line,
    rule: &CreateRule,
    when: EffectiveRule,
    (agreement, product): (&Agreement, Option<&CatalogProduct>),
    past: &[&Addition],
    now: Timestamp,
) {
    let (Some(id), Some(product)) = (line.product.catalog, product) else { return line.guards.push(Guard::NoOngoingAddition) };
    let Some(day) = effective(when, now, agreement.next_invoice_day()) else { return line.guards.push(no_invoice_date(agreement)) };
    // An agreement that does not prorate invoices no addition that begins in an invoiced period, and refuses it.
    let earliest = if agreement.prorates == Some(false) { agreement.next_invoice_day() } else { None };
    let day = day.max(earliest.unwrap_or(day)).max(agreement.bill_start.unwrap_or(day));
    // Nothing is billed for it now: its additions were read, and none is ongoing.
    line.billed = Some(Quantity::ZERO);
    line.unit_price = rule.unit_price;
    line.effective = Some(day);
    // Once one that was made has ended again, making another is another change.
    line.version = past.iter().map(|addition| addition.id).max().map(|id| format!("after {id}"));
    line.create =
        Some(NewAddition { product: id, description: product.description.clone(), bill: rule.bill, effective: day, beside: None });
    line.guards.push(Guard::NewAddition { effective: day, bill: rule.bill, unit_price: rule.unit_price });
}

pub(in crate::billing) fn no_invoice_date(agreement: &Agreement) -> Guard {
    Guard::NoInvoiceDate { said: agreement.next_invoice.clone() }
}
