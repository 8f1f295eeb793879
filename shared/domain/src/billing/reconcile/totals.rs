//! Sums over rows of the reconciliation, and how many rows are in none of them.

use serde::{Deserialize, Serialize};

use super::{FindingKind, Reconciled};
use crate::money::{Money, Quantity};

/// Sums over rows, and how many rows are in none of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Totals {
    /// Rows that were looked at.
    pub rows: u32,
    /// Of them, rows whose seats or billed quantity are not known: they are in no sum.
    pub not_known: u32,
    /// Units ESET bills the MSP for.
    pub ordered: u64,
    /// Units in use.
    pub activated: u64,
    /// Seat-days.
    pub seat_days: u64,
    /// Rows in the sums that have no seat-days.
    pub without_seat_days: u32,
    /// What customers are invoiced.
    pub billed: Quantity,
    /// Billed less ordered.
    pub difference: Quantity,
    /// Money, by currency.
    pub money: Vec<CurrencyTotals>,
    /// Findings, by kind.
    pub findings: Vec<FindingCount>,
}

/// Sums in one currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CurrencyTotals {
    /// The currency; none when the agreements name none.
    pub currency: Option<String>,
    /// What customers pay a month.
    pub price: Money,
    /// Rows without a price, not in it.
    pub without_price: u32,
    /// What the MSP pays a month.
    pub cost: Money,
    /// Rows without a cost, not in it.
    pub without_cost: u32,
    /// Price less cost, over rows that have both.
    pub margin: Money,
    /// Rows that lack one of the two, not in it.
    pub without_margin: u32,
    /// Whether a price or cost in the sums is assumed.
    pub estimated: bool,
}

/// How often something was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FindingCount {
    /// What.
    pub kind: FindingKind,
    /// On how many rows.
    pub rows: u32,
    /// Units in all.
    pub units: Quantity,
}

impl Totals {
    /// Takes one row in.
    pub fn add(&mut self, row: &Reconciled) {
        self.rows += 1;
        let (Some(ordered), Some(activated), Some(billed)) = (row.ordered, row.activated, row.billed) else {
            self.not_known += 1;
            return;
        };
        self.ordered += u64::from(ordered);
        self.activated += u64::from(activated);
        match row.seat_days {
            Some(days) => self.seat_days = self.seat_days.saturating_add(days),
            None => self.without_seat_days += 1,
        }
        self.billed = self.billed + billed;
        self.difference = self.difference + (billed - Quantity::from(ordered));
        let one = CurrencyTotals {
            currency: row.currency.clone(),
            price: row.price.unwrap_or_default(),
            without_price: u32::from(row.price.is_none()),
            cost: row.cost.unwrap_or_default(),
            without_cost: u32::from(row.cost.is_none()),
            margin: row.margin.unwrap_or_default(),
            without_margin: u32::from(row.margin.is_none()),
            estimated: (row.price_estimated && row.price.is_some()) || (row.cost_estimated && row.cost.is_some()),
        };
        self.add_money(&one);
        for finding in &row.findings {
            self.add_finding(&FindingCount { kind: finding.kind, rows: 1, units: finding.units });
        }
    }

    /// Takes other sums in, of rows that are not in these.
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.not_known += other.not_known;
        self.ordered += other.ordered;
        self.activated += other.activated;
        self.seat_days = self.seat_days.saturating_add(other.seat_days);
        self.without_seat_days += other.without_seat_days;
        self.billed = self.billed + other.billed;
        self.difference = self.difference + other.difference;
        other.money.iter().for_each(|money| self.add_money(money));
        other.findings.iter().for_each(|count| self.add_finding(count));
    }

    fn add_money(&mut self, other: &CurrencyTotals) {
        let place = match self.money.binary_search_by(|known| known.currency.cmp(&other.currency)) {
            Ok(place) => place,
            Err(place) => {
                self.money.insert(place, CurrencyTotals { currency: other.currency.clone(), ..CurrencyTotals::default() });
                place
            }
        };
        if let Some(sum) = self.money.get_mut(place) {
            sum.price = sum.price + other.price;
            sum.without_price += other.without_price;
            sum.cost = sum.cost + other.cost;
            sum.without_cost += other.without_cost;
            sum.margin = sum.margin + other.margin;
            sum.without_margin += other.without_margin;
            sum.estimated |= other.estimated;
        }
    }

    fn add_finding(&mut self, other: &FindingCount) {
        match self.findings.binary_search_by_key(&other.kind, |known| known.kind) {
            Ok(place) => {
                if let Some(known) = self.findings.get_mut(place) {
                    known.rows += other.rows;
                    known.units = known.units + other.units;
                }
            }
            Err(place) => self.findings.insert(place, other.clone()),
        }
    }
}
