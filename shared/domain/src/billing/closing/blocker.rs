//! What keeps a month from being closed.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::MonthEnd;
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

/// What is looked at before a month is closed.
#[derive(Debug)]
pub struct ClosingInput<'a> {
    /// Now.
    pub now: Timestamp,
    /// The month as it stands, or as its last plan left it.
    pub month: &'a MonthEnd,
    /// The lines of now. A line of a month that is over is settled by what became of it since.
    pub current: &'a BTreeMap<LineId, LineState>,
    /// Changes approved in this month that are not over, those for a later month's day left out.
    pub open_changes: u32,
    /// The limits.
    pub policy: &'a Policy,
}

/// Everything that keeps a month from being closed; empty when it can be.
pub fn blockers(input: &ClosingInput<'_>) -> Vec<Blocker> {
    let ClosingInput { now, month, current, open_changes, policy } = *input;
    let over = Period::of(now) > month.period;
    let name = month.period.label();
    let still = |line: &StatementLine, states: &[LineState]| match current.get(&line.numbers.line) {
        _ if !over => states.contains(&line.state),
        Some(state) => states.contains(&line.state) && states.contains(state),
        None => false,
    };
    let mut found = Vec::new();
    let mut look = |code, acceptable, lines: &mut dyn Iterator<Item = &StatementLine>, least: u32, words: &str, remedy: &str| {
        let (mut count, mut companies) = (0_u32, Vec::new());
        for line in lines {
            count += 1;
            if companies.len() < 5 && !companies.contains(&line.numbers.company) {
                companies.push(line.numbers.company.clone());
            }
        }
        let count = count.max(least);
        if count > 0 {
            let words = words.replace("{n}", &count.to_string());
            found.push(Blocker { code, lines: count, companies, words, remedy: remedy.to_owned(), acceptable });
        }
    };
    let lines = || month.lines.iter();
    let nothing = u32::from(month.lines.is_empty());
    let words = format!("Nothing was planned in {name}.");
    look(BlockerKind::NothingPlanned, false, &mut std::iter::empty(), nothing, &words, "Map companies and products, then sync.");
    let unmapped = [Guard::UnmappedCompany, Guard::UnmappedProduct];
    let with_seats = |line: &&StatementLine| line.numbers.ordered != Some(0) || line.numbers.activated != Some(0);
    let open = |line: &&StatementLine| line.is_held_by(&unmapped) && (!over || current.contains_key(&line.numbers.line));
    let remedy = "Map them, or exclude them with a reason.";
    look(BlockerKind::Unmapped, false, &mut lines().filter(open).filter(with_seats), 0, "{n} with seats are billed to nobody.", remedy);
    let remedy = "Wait until they are written; try parked ones again, or look in ConnectWise what became of them.";
    let words = "{n} changes are on their way, or nobody knows what became of them.";
    let parked = |line: &&StatementLine| still(line, &[LineState::Parked]);
    let count = u32::try_from(lines().filter(parked).count()).unwrap_or(u32::MAX).saturating_add(open_changes);
    look(BlockerKind::InProgress, false, &mut lines().filter(parked), count, words, remedy);
    let remedy = "Approve them, hold them or dismiss them.";
    look(
        BlockerKind::ToApprove,
        false,
        &mut lines().filter(|line| still(line, &[LineState::ToApprove])),
        0,
        "{n} lines wait for approval.",
        remedy,
    );
    let stale = |line: &&StatementLine| line.held_by.iter().any(|code| code == "snapshot_stale" || code == "psa_stale");
    let limit = TimeDelta::hours(policy.snapshot_hours.into());
    let too_old = nothing == 0 && month.planned_at.is_none_or(|planned| now.min(month.period.end()) - planned > limit);
    let remedy = if over { "Nothing can mend it any more: close the month in spite of it, with a reason." } else { "Sync now." };
    let words = "The numbers of {n} lines are older than they may be.";
    let all = if too_old { u32::try_from(month.lines.len()).unwrap_or(u32::MAX) } else { 0 };
    look(BlockerKind::DataOld, over, &mut lines().filter(stale), all, words, remedy);
    let partial = |line: &&StatementLine| line.held_by.iter().any(|code| code == "snapshot_partial");
    let words = "The seats of {n} lines could not be read to the end.";
    look(BlockerKind::Partial, over, &mut lines().filter(partial), 0, words, remedy);
    found
}
