//! What keeps a month from being closed.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::statement::StatementLine;
use crate::Timestamp;
use crate::billing::{Guard, LineState, Period, Policy};
use crate::ids::LineId;

/// What keeps a month from being closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BlockerKind {
    /// No line was ever planned in it.
    NothingPlanned,
    /// Companies or products with seats are not mapped.
    Unmapped,
    /// Changes are on their way, or nobody knows what became of them.
    InProgress,
    /// Lines wait for a person.
    ToApprove,
    /// Its numbers are older than they may be.
    DataOld,
    /// A sync could not read everything.
    Partial,
}

/// Something that keeps a month from being closed, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Blocker {
    /// What.
    pub code: BlockerKind,
    /// On how many lines.
    pub lines: u32,
    /// The first companies it is about, at most five.
    pub companies: Vec<String>,
    /// In a sentence.
    pub words: String,
    /// What to do about it.
    pub remedy: String,
    /// Whether a person may close the month in spite of it, with a reason: the month is over, and nothing can mend it any more.
    pub acceptable: bool,
}

/// What is known of a month before its lines are looked at.
#[derive(Debug, Clone, Copy)]
pub struct ClosingInput<'a> {
    /// Now.
    pub now: Timestamp,
    /// The month.
    pub period: Period,
    /// When its lines were last planned.
    pub planned_at: Option<Timestamp>,
    /// Where each line stands now, when the month is over.
    pub current: &'a BTreeMap<LineId, LineState>,
    /// Changes approved in this month that are not over, those for a later month's day left out.
    pub open_changes: u32,
    /// The limits.
    pub policy: &'a Policy,
}

/// Lines that something is about, and the first companies of them.
#[derive(Debug, Default)]
struct Found {
    lines: u32,
    companies: Vec<String>,
}

impl Found {
    fn add(&mut self, line: &StatementLine) {
        self.lines += 1;
        let company = &line.numbers.company;
        if self.companies.len() < 5 && !self.companies.contains(company) {
            self.companies.push(company.clone());
        }
    }

    fn at_least(mut self, lines: u32) -> Self {
        self.lines = self.lines.max(lines);
        self
    }
}

/// Looks at a month's lines, one after the other, for what keeps it from being closed.
#[derive(Debug)]
pub struct ClosingCheck<'a> {
    input: ClosingInput<'a>,
    /// Whether the month is over.
    over: bool,
    lines: u32,
    unmapped: Found,
    parked: Found,
    to_approve: Found,
    stale: Found,
    partial: Found,
}

impl<'a> ClosingCheck<'a> {
    /// Begins with what is known of the month.
    pub fn new(input: ClosingInput<'a>) -> Self {
        let over = Period::of(input.now) > input.period;
        let [unmapped, parked, to_approve, stale, partial] = Default::default();
        Self { input, over, lines: 0, unmapped, parked, to_approve, stale, partial }
    }

    /// Looks at the month's next line.
    pub fn look_at(&mut self, line: &StatementLine) {
        self.lines += 1;
        let current = self.input.current.get(&line.numbers.line).copied();
        // Of a month that is over it counts what has become of the line since.
        let still = |state: LineState| line.state == state && (!self.over || current == Some(state));
        if line.is_held_by(&[Guard::UnmappedCompany, Guard::UnmappedProduct])
            && (!self.over || current.is_some())
            && (line.numbers.ordered != Some(0) || line.numbers.activated != Some(0))
        {
            self.unmapped.add(line);
        }
        if still(LineState::Parked) {
            self.parked.add(line);
        }
        if still(LineState::ToApprove) {
            self.to_approve.add(line);
        }
        let held_for = |codes: &[&str]| line.held_by.iter().any(|held| codes.contains(&held.as_str()));
        if held_for(&["snapshot_stale", "psa_stale"]) {
            self.stale.add(line);
        }
        if held_for(&["snapshot_partial"]) {
            self.partial.add(line);
        }
    }

    /// Everything that keeps the month from being closed; empty when it can be.
    pub fn blockers(self) -> Vec<Blocker> {
        let ClosingInput { now, period, planned_at, open_changes, policy, .. } = self.input;
        let limit = TimeDelta::hours(policy.snapshot_hours.into());
        let too_old = planned_at.is_none_or(|planned| now.min(period.end()) - planned > limit);
        let in_progress = self.parked.lines.saturating_add(open_changes);
        let nothing_planned = format!("Nothing was planned in {}.", period.label());
        let old_remedy =
            if self.over { "Nothing can mend it any more: close the month in spite of it, with a reason." } else { "Sync now." };
        let looked_for = [
            (
                BlockerKind::NothingPlanned,
                false,
                Found::default().at_least(u32::from(self.lines == 0)),
                nothing_planned.as_str(),
                "Map companies and products, then sync.",
            ),
            (
                BlockerKind::Unmapped,
                false,
                self.unmapped,
                "{n} with seats are billed to nobody.",
                "Map them, or exclude them with a reason.",
            ),
            (
                BlockerKind::InProgress,
                false,
                self.parked.at_least(in_progress),
                "{n} changes are on their way, or nobody knows what became of them.",
                "Wait until they are written; try parked ones again, or look in ConnectWise what became of them.",
            ),
            (BlockerKind::ToApprove, false, self.to_approve, "{n} lines wait for approval.", "Approve them, hold them or dismiss them."),
            (
                BlockerKind::DataOld,
                self.over,
                self.stale.at_least(if too_old { self.lines } else { 0 }),
                "The numbers of {n} lines are older than they may be.",
                old_remedy,
            ),
            (BlockerKind::Partial, self.over, self.partial, "The seats of {n} lines could not be read to the end.", old_remedy),
        ];
        let found = looked_for.into_iter().filter(|(_, _, found, ..)| found.lines > 0);
        found
            .map(|(code, acceptable, Found { lines, companies }, words, remedy)| {
                let words = words.replace("{n}", &lines.to_string());
                Blocker { code, lines, companies, words, remedy: remedy.to_owned(), acceptable }
            })
            .collect()
    }
}
