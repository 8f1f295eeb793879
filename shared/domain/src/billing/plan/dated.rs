//! Dated additions: what comes gets an addition of its own from its own day, what goes is ended as a whole on its day, and an
//! agreement that prorates bills both to the day. Nothing is ever changed on an addition that bills.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::effective::effective;
use super::strategy::no_invoice_date;
use crate::Timestamp;
use crate::billing::{Guard, Line, NewAddition};
use crate::ids::CatalogId;
use crate::mapping::EffectiveRule;
use crate::money::Quantity;
use crate::psa::{Addition, Agreement, CatalogProduct, MARKER};

/// What the other additions of a product come to, where one more is made beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Beside {
    /// Their units.
    pub units: Quantity,
    /// On this day.
    pub day: NaiveDate,
}

/// An addition that would be ended because fewer seats are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EndedAddition {
    /// Its units; all of them go.
    pub units: Quantity,
    /// Its cancelled date.
    pub day: NaiveDate,
}

/// What the agreement holds of the line's product.
pub(in crate::billing) struct Held<'a> {
    pub(in crate::billing) agreement: &'a Agreement,
    pub(in crate::billing) product: Option<&'a CatalogProduct>,
    /// All its additions of the product, ended ones too.
    pub(in crate::billing) additions: &'a [&'a Addition],
}

/// The additions that bill on `day`, once those have begun that begin later: one that ends before then has been followed.
fn settled<'a>(additions: impl IntoIterator<Item = &'a Addition>, day: NaiveDate) -> Vec<&'a Addition> {
    let mut standing: Vec<&Addition> = additions.into_iter().filter(|addition| counts_on(addition, day)).collect();
    let last_begun = standing.iter().filter_map(|addition| addition.effective).max().map_or(day, |begun| begun.max(day));
    standing.retain(|addition| counts_on(addition, last_begun));
    standing
}

/// Whether an addition is of the sum from `day` on. What we end we end on the day from which it is not: that day counts no more here,
/// whatever ConnectWise bills for it.
fn counts_on(addition: &Addition, day: NaiveDate) -> bool {
    addition.cancelled.is_none_or(|last| last > day && addition.effective.is_none_or(|first| last > first))
}

/// Units of `additions` that bill on `day`, once those have begun that begin later.
pub fn units_on<'a>(additions: impl IntoIterator<Item = &'a Addition>, day: NaiveDate) -> Quantity {
    settled(additions, day).into_iter().map(|addition| addition.quantity).sum()
}

/// Proposes the addition that would be made or ended. Answers the additions that bill now, oldest first.
pub(in crate::billing) fn offer<'a>(line: &mut Line, rule: EffectiveRule, held: &Held<'a>, now: Timestamp) -> Vec<&'a Addition> {
    let Some(day) = effective(rule, now, held.agreement.next_invoice_day()) else {
        line.guards.push(no_invoice_date(held.agreement));
        return Vec::new();
    };
    let mut standing = settled(held.additions.iter().copied(), day);
    standing.sort_by_key(|addition| (addition.effective, addition.id));
    let billed = units_on(standing.iter().copied(), day);
    line.billed = Some(billed);
    line.parts = standing.iter().map(|addition| addition.id).collect();
    line.included = standing.iter().map(|addition| addition.included).sum();
    let Some(newest) = standing.last().or_else(|| held.additions.iter().max_by_key(|addition| addition.id)) else { return standing };
    line.unit_price = newest.unit_price;
    let theirs = standing.iter().filter(|addition| !is_ours(addition)).count();
    if theirs > 1 {
        line.guards.push(Guard::MoreThanOneOngoingAddition { count: u32::try_from(theirs).unwrap_or(u32::MAX) });
        return standing;
    }
    let Some(target) = line.target else { return standing };
    if target == billed {
        line.addition = Some(newest.id);
        line.version = Some(newest.version.clone());
    } else if held.agreement.prorates != Some(true) {
        line.guards.push(Guard::NotProrated);
    } else if target > billed {
        add(line, newest, held, Beside { units: billed, day });
    } else {
        end(line, &standing, billed - target, day);
    }
    standing
}

/// Whether we made it.
fn is_ours(addition: &Addition) -> bool {
    addition.serial.as_deref().is_some_and(|serial| serial.starts_with(MARKER))
}

/// One more addition, with price and billing of the newest there is.
fn add(line: &mut Line, like: &Addition, held: &Held<'_>, beside: Beside) {
    let (Some(product), Some(bill)) = (line.product.catalog, like.bill) else { return line.guards.push(Guard::PsaStale) };
    let day = held.agreement.bill_start.map_or(beside.day, |start| start.max(beside.day));
    let description = held.product.map(|product| product.description.clone()).unwrap_or_default();
    let more = line.change().unwrap_or_default();
    line.effective = Some(day);
    line.version = held.additions.iter().map(|addition| addition.id).max().map(|id| format!("after {id}"));
    line.create = Some(NewAddition { product, description, bill, effective: day, beside: Some(beside) });
    line.reason.push_str(&format!("; {more} more from {day} on, as an addition of their own"));
}

/// The end of the addition that has just what goes; else of the newest that has no more.
fn end(line: &mut Line, standing: &[&Addition], fewer: Quantity, day: NaiveDate) {
    let newest = |fits: &dyn Fn(Quantity) -> bool| standing.iter().rev().find(|addition| fits(addition.quantity)).copied();
    let whole = newest(&|units| units == fewer).or_else(|| newest(&|units| units < fewer && !units.is_zero()));
    let Some(addition) = whole else {
        let smallest = standing.iter().map(|addition| addition.quantity).filter(|units| !units.is_zero()).min().unwrap_or_default();
        return line.guards.push(Guard::DatedSplit { fewer, smallest });
    };
    line.addition = Some(addition.id);
    line.version = Some(addition.version.clone());
    line.unit_price = addition.unit_price;
    line.effective = Some(day);
    line.end = Some(EndedAddition { units: addition.quantity, day });
    line.reason.push_str(&format!("; the addition of {} ends on {day}", addition.quantity));
    let left = fewer - addition.quantity;
    if !left.is_zero() {
        line.guards.push(Guard::DatedSteps { left });
    }
}

/// The product whose additions a line adds up.
pub(in crate::billing) fn of_product(additions: &[Addition], product: CatalogId) -> Vec<&Addition> {
    additions.iter().filter(|addition| addition.product == product).collect()
}
