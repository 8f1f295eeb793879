use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::statement::StatementLine;
use crate::Timestamp;
use crate::billing::{Line, Period};
use crate::ids::LineId;

/// A number of a closed month that turned out to be another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Correction {
    /// The closed month.
    pub period: Period,
    /// The line.
    pub line: LineId,
    /// The company as it is billed.
    pub company: String,
    /// The product.
    pub product: String,
    /// Which number.
    pub number: Corrected,
    /// What the statement, or the correction before, says; none when there was none.
    pub was: Option<String>,
    /// What it is; none when there is none any more.
    pub is: Option<String>,
    /// When it was found.
    pub found_at: Timestamp,
    /// Why it changed, in a sentence.
    pub reason: String,
}

/// Which number was corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Corrected {
    /// Units ESET bills the MSP for.
    Ordered,
    /// The addition's quantity.
    Quantity,
    /// The price of a unit.
    UnitPrice,
}

/// What the lines of now say differently about a closed month than its statement and the corrections `known` so far.
///
/// A number belongs to the month its source is of: seats to the month ESET counted them in, a quantity or price to the month
/// ConnectWise was changed in. While the closed month still runs that is every number; afterwards it is only what arrives late.
/// What is not known is no correction.
pub fn late(period: Period, closed: &[StatementLine], known: &[Correction], lines: &[Line], now: Timestamp) -> Vec<Correction> {
    let running = Period::of(now) == period;
    let mut stated: BTreeMap<&LineId, &StatementLine> = closed.iter().map(|line| (&line.numbers.line, line)).collect();
    let last_count = closed.iter().filter_map(|line| line.counted_at).max();
    let corrected: BTreeMap<(&LineId, Corrected), &Option<String>> =
        known.iter().map(|correction| ((&correction.line, correction.number), &correction.is)).collect();
    let mut found = Vec::new();
    for line in lines {
        let before = stated.remove(&line.id);
        let mut find = |number, was: Option<String>, is: Option<String>, reason: &str| {
            let was = corrected.get(&(&line.id, number)).map_or(was, |is| (*is).clone());
            if is.is_some() && was != is {
                let (company, product) = (line.company.clone(), line.product.name.clone());
                let reason = reason.to_owned();
                found.push(Correction { period, line: line.id.clone(), company, product, number, was, is, found_at: now, reason });
            }
        };
        let numbers = before.map(|before| &before.numbers);
        let counted = line.evidence.snapshots.iter().map(|snapshot| snapshot.taken_at).max();
        let known_count = before.map_or(last_count, |before| before.counted_at);
        let in_the_month =
            !line.evidence.snapshots.is_empty() && line.evidence.snapshots.iter().all(|taken| Period::of(taken.taken_at) == period);
        if running || (in_the_month && counted > known_count) {
            let was = numbers.and_then(|numbers| numbers.ordered).map(|ordered| ordered.to_string());
            let reason = "A count of ESET came after the month was closed.";
            find(Corrected::Ordered, was, line.ordered.map(|ordered| ordered.to_string()), reason);
        }
        let changed: Option<Timestamp> = line.version.as_ref().and_then(|version| version.parse().ok());
        if running || (before.is_some() && changed.is_some_and(|changed| Period::of(changed) == period)) {
            let reason = "ConnectWise was changed, and that was seen after the month was closed.";
            let was = numbers.and_then(|numbers| numbers.quantity).map(|quantity| quantity.to_string());
            find(Corrected::Quantity, was, line.billed.map(|quantity| quantity.to_string()), reason);
            let price = |price: crate::money::Money| price.decimal().normalize().to_string();
            let was = numbers.filter(|numbers| !numbers.price_estimated).and_then(|numbers| numbers.unit_price).map(price);
            find(Corrected::UnitPrice, was, line.unit_price.map(price), reason);
        }
    }
    if running {
        let reason = "The line left the month after it was closed: its mapping or its seats are gone.";
        for (id, before) in stated {
            let was = before.numbers.ordered.map(|ordered| ordered.to_string());
            let was = corrected.get(&(id, Corrected::Ordered)).map_or(was, |is| (*is).clone());
            if was.is_some() {
                found.push(Correction {
                    period,
                    line: id.clone(),
                    company: before.numbers.company.clone(),
                    product: before.numbers.product.clone(),
                    number: Corrected::Ordered,
                    was,
                    is: None,
                    found_at: now,
                    reason: reason.to_owned(),
                });
            }
        }
    }
    found
}
