//! What another plan would change: two plans side by side, line by line.
//!
//! A line changes when the proposal a person would approve is another one: its quantity, what it is written to, or what holds
//! it. What is not known is never counted as a zero: it is left out of the sums and said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Guard, Line, Standing};
use crate::ids::LineId;
use crate::money::{Money, Quantity};

/// Lines of a [`Difference`] that are told one by one.
const TOLD: usize = 8;

/// What another plan changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Lines that change, come or go.
    pub lines: u32,
    /// Units that the targets go up or down by, in all.
    pub change: Quantity,
    /// What those come to a month, by currency. Lines without a price are left out.
    pub amounts: Vec<(Option<String>, Money)>,
    /// Lines whose units change and that have no price.
    pub unpriced: u32,
    /// Lines whose change in units is not known.
    pub unknown: u32,
    /// Lines that would be held and are not now.
    pub held: u32,
    /// The first lines that change, the largest first.
    pub first: Vec<LineDifference>,
}

/// One line that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineDifference {
    /// The line.
    pub id: LineId,
    /// The company as it is billed.
    pub company: String,
    /// The agreement's name; none while unmapped.
    pub agreement: Option<String>,
    /// The product.
    pub product: String,
    /// As it is now; none when the line is new.
    pub before: Option<Side>,
    /// As it would be; none when the line goes.
    pub after: Option<Side>,
    /// Units its target goes up or down by; none when that is not known.
    pub change: Option<Quantity>,
}

/// A line in one of the two plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The quantity it should have; none when that cannot be said.
    pub target: Option<Quantity>,
    /// The sum written out.
    pub reason: String,
    /// What holds it, in words; none when nothing does.
    pub held: Option<String>,
}

/// The lines of one plan and their counterparts in another.
struct Pair<'a> {
    before: Option<&'a Line>,
    after: Option<&'a Line>,
}

/// What changes between two plans.
pub fn difference(before: &[Line], after: &[Line]) -> Difference {
    let mut pairs: BTreeMap<&LineId, Pair<'_>> = BTreeMap::new();
    for line in before {
        pairs.insert(&line.id, Pair { before: Some(line), after: None });
    }
    for line in after {
        pairs.entry(&line.id).or_insert(Pair { before: None, after: None }).after = Some(line);
    }
    let mut changed: Vec<Pair<'_>> = pairs.into_values().filter(Pair::changes).collect();
    changed.sort_by_key(|pair| {
        let size = pair.change().map_or(Quantity::ZERO, Quantity::abs);
        let line = pair.line().map(|line| (&line.company, &line.key));
        (std::cmp::Reverse(size), line)
    });
    let mut all = Difference { lines: u32::try_from(changed.len()).unwrap_or(u32::MAX), ..Difference::default() };
    let mut amounts: BTreeMap<Option<&str>, Money> = BTreeMap::new();
    for pair in &changed {
        let change = pair.change();
        all.change = all.change + change.unwrap_or_default();
        all.unknown += u32::from(change.is_none());
        all.held += u32::from(pair.becomes_held());
        match pair.amount() {
            Some((_, amount)) if amount == Money::ZERO => {}
            Some((currency, amount)) => {
                let sum = amounts.entry(currency).or_default();
                *sum = *sum + amount;
            }
            None => all.unpriced += u32::from(change.is_some_and(|change| !change.is_zero())),
        }
    }
    all.amounts = amounts.into_iter().map(|(currency, amount)| (currency.map(str::to_owned), amount)).collect();
    all.first = changed.iter().take(TOLD).filter_map(Pair::told).collect();
    all
}

impl<'a> Pair<'a> {
    /// The preview names everything that a person approves.
    fn changes(&self) -> bool {
        self.before.map(|line| &line.preview) != self.after.map(|line| &line.preview)
    }

    /// The line as it would be, or as it was when it goes.
    fn line(&self) -> Option<&'a Line> {
        self.after.or(self.before)
    }

    /// A line that comes had no units, and one that goes has none.
    fn change(&self) -> Option<Quantity> {
        let target = |line: Option<&Line>| line.map_or(Some(Quantity::ZERO), |line| line.target);
        Some(target(self.after)? - target(self.before)?)
    }

    fn becomes_held(&self) -> bool {
        self.after.is_some_and(|line| holding(line).is_some()) && self.before.is_none_or(|line| holding(line).is_none())
    }

    /// What the change comes to a month, on billed units. A line that nothing can be written for changes no invoice.
    fn amount(&self) -> Option<(Option<&'a str>, Money)> {
        let amount = |line: Option<&Line>| match line {
            Some(line) if line.billed.is_some() => line.amount(),
            _ => Some(Money::ZERO),
        };
        let less_what_was_planned = amount(self.before)?.times(Quantity::ZERO - Quantity::from(1));
        Some((self.line()?.currency.as_deref(), amount(self.after)? + less_what_was_planned))
    }

    fn told(&self) -> Option<LineDifference> {
        let line = self.line()?;
        Some(LineDifference {
            id: line.id.clone(),
            company: line.company.clone(),
            agreement: line.agreement.as_ref().map(|agreement| agreement.name.clone()),
            product: line.product.name.clone(),
            before: self.before.map(Side::of),
            after: self.after.map(Side::of),
            change: self.change(),
        })
    }
}

/// The first guard that holds a line; one that only tells something does not.
fn holding(line: &Line) -> Option<&Guard> {
    line.guards.iter().find(|guard| guard.standing() != Standing::Notes)
}

impl Side {
    fn of(line: &Line) -> Self {
        Self { target: line.target, reason: line.reason.clone(), held: holding(line).map(Guard::message) }
    }
}
