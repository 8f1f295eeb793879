//! What a company had on each day of a month that was read: for peaks and averages.
//!
//! Readings are kept, not sums: a customer who changed from one product to another in the middle of the month had ten seats all
//! along, and the sum of two peaks would say twenty. A count is written down only where it changes, so a quiet month is one row
//! a product.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;
use serde::{Deserialize, Serialize};

use super::{CompanySeats, Snapshot};
use crate::Timestamp;
use crate::ids::{EsetCompanyId, ProductCode};

/// The readings of one company in the month of its snapshot: paid, living licences only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tally {
    /// The day of the month of each reading, in order. A day stands here again when a count had changed on it.
    readings: Vec<u8>,
    /// One for each product, and for each product inside a bundle.
    rows: Vec<TallyRow>,
}

/// The counts of one product in the month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TallyRow {
    /// The bundle it is inside of; none when it is ordered by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<ProductCode>,
    /// The product.
    pub product: ProductCode,
    /// From which reading on (by its place, from 0), how many were ordered and in use; none where ESET did not say. Before the
    /// first of them there were none.
    counts: Vec<(u32, Option<u32>, Option<u32>)>,
}

/// Ordered and in use.
type Units = (Option<u32>, Option<u32>);

/// Before a product was ordered there was none of it, which is known.
const NONE: Units = (Some(0), Some(0));

/// Some rows of a tally added up, reading by reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthCount {
    /// The first day of the month that was read.
    pub first: u32,
    /// Days that were read.
    pub days: u32,
    /// Units ordered at the last reading of each day, added up.
    pub sum: u64,
    /// The most units ordered at any reading.
    pub peak: u32,
    /// The most units in use at any reading; none when ESET never said.
    pub most_in_use: Option<u32>,
}

/// The tallies after a sync: those of the snapshot before, if it is of the same month, with one more reading of each company
/// that was read to its end. A company that was not is carried along as it was, and so is one that is gone from the list.
pub fn tallies(
    before: Option<&Snapshot>,
    taken_at: Timestamp,
    companies: &BTreeMap<EsetCompanyId, CompanySeats>,
) -> BTreeMap<EsetCompanyId, Tally> {
    let month = |at: Timestamp| (at.year(), at.month());
    let same_month = before.filter(|before| month(before.taken_at) == month(taken_at));
    let mut tallies = same_month.map(|before| before.tallies.clone()).unwrap_or_default();
    let day = u8::try_from(taken_at.day()).unwrap_or_default();
    for (id, seats) in companies.iter().filter(|(_, seats)| seats.complete) {
        tallies.entry(id.clone()).or_default().read(day, seats);
    }
    tallies
}

impl TallyRow {
    /// Its counts as of the latest reading.
    fn latest(&self) -> Units {
        self.counts.last().map_or(NONE, |(_, ordered, in_use)| (*ordered, *in_use))
    }

    /// Whether any of it was ordered on any day.
    pub fn ever(&self) -> bool {
        self.counts.iter().any(|(_, ordered, _)| *ordered != Some(0))
    }

    /// Its counts as of the reading at `place`; `from` remembers how far the list was walked.
    fn at(&self, place: u32, from: &mut usize) -> Units {
        while self.counts.get(*from).is_some_and(|(start, ..)| *start <= place) {
            *from += 1;
        }
        let current = from.checked_sub(1).and_then(|last| self.counts.get(last));
        current.map_or(NONE, |(_, ordered, in_use)| (*ordered, *in_use))
    }
}

impl Tally {
    /// Every product there was in the month.
    pub fn rows(&self) -> &[TallyRow] {
        &self.rows
    }

    /// Takes in a reading. One that shows the same as the last one of its day is the same reading.
    fn read(&mut self, day: u8, seats: &CompanySeats) {
        let now = units(seats);
        let last = self.readings.last().copied();
        // A clock that was set back does not make a day that is over.
        let day = last.map_or(day, |last| last.max(day));
        let new: Vec<_> = now.keys().filter(|key| self.rows.iter().all(|row| row.key() != **key)).collect();
        let same = self.rows.iter().all(|row| now.get(&row.key()).copied().unwrap_or(NONE) == row.latest());
        if new.is_empty() && same && last == Some(day) {
            return;
        }
        let place = u32::try_from(self.readings.len()).unwrap_or(u32::MAX);
        self.readings.push(day);
        let new =
            new.into_iter().map(|(bundle, product)| TallyRow { bundle: bundle.cloned(), product: (*product).clone(), counts: Vec::new() });
        let new: Vec<TallyRow> = new.collect();
        self.rows.extend(new);
        for row in &mut self.rows {
            let (ordered, in_use) = now.get(&row.key()).copied().unwrap_or(NONE);
            if (ordered, in_use) != row.latest() {
                row.counts.push((place, ordered, in_use));
            }
        }
        self.rows.sort_by(|a, b| a.key().cmp(&b.key()));
    }

    /// `rows` added up. None when no day was read on which all of them were known.
    pub fn count(&self, rows: &[&TallyRow]) -> Option<MonthCount> {
        let mut walked = vec![0; rows.len()];
        let mut days: BTreeMap<u8, u32> = BTreeMap::new();
        let (mut peak, mut most_in_use) = (0, None);
        for (place, day) in (0..).zip(&self.readings) {
            let mut sum: Units = NONE;
            for (row, from) in rows.iter().zip(&mut walked) {
                let (ordered, in_use) = row.at(place, from);
                sum = (add(sum.0, ordered), add(sum.1, in_use));
            }
            if let Some(ordered) = sum.0 {
                days.insert(*day, ordered);
                peak = ordered.max(peak);
            }
            most_in_use = most_in_use.max(sum.1);
        }
        let (first, _) = days.first_key_value()?;
        let sum = days.values().map(|ordered| u64::from(*ordered)).sum();
        Some(MonthCount { first: u32::from(*first), days: u32::try_from(days.len()).unwrap_or_default(), sum, peak, most_in_use })
    }

    /// Whether any of `rows` was ordered on a day before `day`.
    pub fn had_before(&self, day: u32, rows: &[&TallyRow]) -> bool {
        rows.iter().any(|row| {
            row.counts.iter().any(|(place, ordered, _)| {
                let on = usize::try_from(*place).ok().and_then(|place| self.readings.get(place));
                *ordered != Some(0) && on.is_some_and(|on| u32::from(*on) < day)
            })
        })
    }
}

impl TallyRow {
    fn key(&self) -> (Option<&ProductCode>, &ProductCode) {
        (self.bundle.as_ref(), &self.product)
    }
}

/// The sum of two counts, unless one of them is not known.
fn add(a: Option<u32>, b: Option<u32>) -> Option<u32> {
    Some(a?.saturating_add(b?))
}

/// What the company's paid, living licences say now, by product and by product inside a bundle.
fn units(seats: &CompanySeats) -> BTreeMap<(Option<&ProductCode>, &ProductCode), Units> {
    let mut units: BTreeMap<_, Units> = BTreeMap::new();
    let mut take = |key, ordered, in_use| {
        let sum = units.entry(key).or_insert(NONE);
        *sum = (add(sum.0, ordered), add(sum.1, in_use));
    };
    let mut seen = BTreeSet::new();
    for licence in seats.licences.iter().filter(|licence| licence.not_counted().is_none()) {
        // A list that was paged while it changed holds a licence twice.
        if !seen.insert(&licence.id) {
            continue;
        }
        take((None, &licence.product), Some(licence.ordered), Some(licence.activated));
        for part in &licence.parts {
            take((Some(&licence.product), &part.product), part.ordered, part.activated);
        }
    }
    units
}

#[cfg(test)]
#[path = "tally_tests.rs"]
mod tests;
