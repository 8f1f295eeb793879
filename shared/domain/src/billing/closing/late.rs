//! Corrections: numbers of a closed month that turned out to be others.

use std::collections::BTreeMap;
use std::mem;

use serde::{Deserialize, Serialize};

use super::statement::StatementLine;
use crate::Timestamp;
use crate::billing::{Line, Period};
use crate::ids::LineId;
use crate::money::Money;

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

/// Compares the lines of now with what a closed month's statement says, and the corrections made so far.
///
/// A number belongs to the month its source is of: seats to the month ESET counted them in, a quantity or price to the month
/// ConnectWise was changed in. While the closed month still runs that is every number; afterwards it is only what arrives late.
/// What is not known is no correction.
#[derive(Debug)]
pub struct Late<'a> {
    period: Period,
    now: Timestamp,
    /// Lines of the statement that were not met yet.
    stated: BTreeMap<LineId, Stated>,
    /// When the statement's lines were counted last.
    last_count: Option<Timestamp>,
    corrected: BTreeMap<(&'a LineId, Corrected), &'a Option<String>>,
    found: Vec<Correction>,
}

/// What a statement says of a line, as far as it can turn out to be something else.
#[derive(Debug)]
struct Stated {
    company: String,
    product: String,
    ordered: Option<String>,
    quantity: Option<String>,
    unit_price: Option<String>,
    counted_at: Option<Timestamp>,
}

fn price(price: Money) -> String {
    price.decimal().normalize().to_string()
}

impl<'a> Late<'a> {
    /// Begins with a month and the corrections known so far.
    pub fn new(period: Period, known: &'a [Correction], now: Timestamp) -> Self {
        Self {
            period,
            now,
            stated: BTreeMap::new(),
            last_count: None,
            corrected: known.iter().map(|correction| ((&correction.line, correction.number), &correction.is)).collect(),
            found: Vec::new(),
        }
    }

    /// Takes in a line of the month as it was kept or closed. All of them come before the first line of now.
    pub fn state(&mut self, line: StatementLine) {
        self.last_count = self.last_count.max(line.counted_at);
        let numbers = line.numbers;
        let stated = Stated {
            ordered: numbers.ordered.map(|ordered| ordered.to_string()),
            quantity: numbers.quantity.map(|quantity| quantity.to_string()),
            unit_price: numbers.unit_price.filter(|_| !numbers.price_estimated).map(price),
            counted_at: line.counted_at,
            company: numbers.company,
            product: numbers.product,
        };
        self.stated.insert(numbers.line, stated);
    }

    /// Whether the closed month still runs.
    fn running(&self) -> bool {
        Period::of(self.now) == self.period
    }

    /// Looks at a line as it is now.
    pub fn look_at(&mut self, line: &Line) {
        let before = self.stated.remove(&line.id);
        let taken = || line.evidence.snapshots.iter().map(|snapshot| snapshot.taken_at);
        let known_count = before.as_ref().map_or(self.last_count, |before| before.counted_at);
        let in_the_month = taken().next().is_some() && taken().all(|taken| Period::of(taken) == self.period);
        let changed: Option<Timestamp> = line.version.as_ref().and_then(|version| version.parse().ok());
        let changed_in_it = before.is_some() && changed.is_some_and(|changed| Period::of(changed) == self.period);
        let (ordered, quantity, unit_price) =
            before.map_or_else(Default::default, |before| (before.ordered, before.quantity, before.unit_price));
        if self.running() || (in_the_month && taken().max() > known_count) {
            let reason = "A count of ESET came after the month was closed.";
            self.compare(line, Corrected::Ordered, ordered, line.ordered.map(|ordered| ordered.to_string()), reason);
        }
        if self.running() || changed_in_it {
            let reason = "ConnectWise was changed, and that was seen after the month was closed.";
            self.compare(line, Corrected::Quantity, quantity, line.billed.map(|quantity| quantity.to_string()), reason);
            self.compare(line, Corrected::UnitPrice, unit_price, line.unit_price.map(price), reason);
        }
    }

    fn compare(&mut self, line: &Line, number: Corrected, was: Option<String>, is: Option<String>, reason: &str) {
        let was = self.last_said(&line.id, number, was);
        if is.is_some() && was != is {
            self.find(&line.id, (&line.company, &line.product.name), number, was, is, reason);
        }
    }

    /// What the last correction of a number says, else the statement.
    fn last_said(&self, line: &LineId, number: Corrected, stated: Option<String>) -> Option<String> {
        self.corrected.get(&(line, number)).map_or(stated, |is| (*is).clone())
    }

    fn find(
        &mut self,
        line: &LineId,
        (company, product): (&str, &str),
        number: Corrected,
        was: Option<String>,
        is: Option<String>,
        reason: &str,
    ) {
        let (period, found_at, reason) = (self.period, self.now, reason.to_owned());
        let (line, company, product) = (line.clone(), company.to_owned(), product.to_owned());
        self.found.push(Correction { period, line, company, product, number, was, is, found_at, reason });
    }

    /// Every correction, when all lines were looked at: of a month that still runs also the lines that have left it.
    pub fn found(mut self) -> Vec<Correction> {
        if self.running() {
            let reason = "The line left the month after it was closed: its mapping or its seats are gone.";
            for (id, before) in mem::take(&mut self.stated) {
                let was = self.last_said(&id, Corrected::Ordered, before.ordered);
                if was.is_some() {
                    self.find(&id, (&before.company, &before.product), Corrected::Ordered, was, None, reason);
                }
            }
        }
        self.found
    }
}
