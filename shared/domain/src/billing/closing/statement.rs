//! A month as its last plan left it, and the statement of a closed month.

use serde::{Deserialize, Serialize};

use super::{BlockerKind, Correction};
use crate::Timestamp;
use crate::billing::{Guard, Line, LineState, Member, Period, Reconciled, Totals};
use crate::ids::IntentId;
use crate::money::Quantity;

/// Version of [`MonthHead`] and [`StatementLine`] as stored.
pub const MONTH_SCHEMA: u32 = 2;

/// What is said of a month as a whole. Its lines are kept beside it, in parts: a month may have tens of thousands of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthHead {
    /// [`MONTH_SCHEMA`] when it was written.
    pub schema: u32,
    /// The month.
    pub period: Period,
    /// When its lines were last planned.
    pub planned_at: Option<Timestamp>,
    /// How it was closed; none while it is not.
    pub closure: Option<Closure>,
    /// Sums over its lines.
    pub totals: Totals,
}

/// How a month was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// What stood in the way and was accepted.
    pub accepted: Vec<BlockerKind>,
    /// Why it was accepted.
    pub reason: Option<String>,
}

/// A month as its last plan left it, as releases before 0.2 stored it: one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthEnd {
    /// 1.
    pub schema: u32,
    /// The month.
    pub period: Period,
    /// When its lines were last planned.
    pub planned_at: Option<Timestamp>,
    /// Its lines, by company.
    pub lines: Vec<StatementLine>,
}

/// A closed month, as releases before 0.2 stored it: one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// 1.
    pub schema: u32,
    /// The month.
    pub period: Period,
    /// When its lines were last planned.
    pub planned_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Timestamp,
    /// Who closed it.
    pub closed_by: String,
    /// What stood in the way and was accepted.
    pub accepted: Vec<BlockerKind>,
    /// Why it was accepted.
    pub reason: Option<String>,
    /// Sums over its lines.
    pub totals: Totals,
    /// Its lines, by company.
    pub lines: Vec<StatementLine>,
}

/// One line of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatementLine {
    /// ESET's numbers beside ConnectWise's.
    pub numbers: Reconciled,
    /// The quantity the plan asked for; none when that could not be said.
    pub target: Option<Quantity>,
    /// Where the line stood.
    pub state: LineState,
    /// Codes of the guards that held it.
    pub held_by: Vec<String>,
    /// When the newest of its seat counts was taken.
    pub counted_at: Option<Timestamp>,
    /// Changes written in the month, oldest first.
    pub changes: Vec<MonthChange>,
    /// Corrections of the month before that this line carries.
    pub corrections: Vec<Correction>,
    /// The ESET companies that were on the line. Empty in statements written before it was kept.
    #[serde(default)]
    pub members: Vec<Member>,
}

/// A change of a quantity that was written in the month, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MonthChange {
    /// The change.
    pub intent: IntentId,
    /// The quantity before.
    pub from: Quantity,
    /// The quantity after.
    pub to: Quantity,
    /// Who approved it; `automatic` when the mapping commits by itself.
    pub approved_by: String,
    /// When.
    pub approved_at: Timestamp,
}

impl StatementLine {
    /// A line as it stands, with its reconciliation.
    pub fn of(line: &Line, state: LineState, numbers: Reconciled) -> Self {
        Self {
            numbers,
            target: line.target,
            state,
            held_by: line.guards.iter().map(|guard| guard.code().to_owned()).collect(),
            counted_at: line.evidence.snapshots.iter().map(|snapshot| snapshot.taken_at).max(),
            changes: Vec::new(),
            corrections: Vec::new(),
            members: line.companies(),
        }
    }

    pub(super) fn is_held_by(&self, guards: &[Guard]) -> bool {
        guards.iter().any(|guard| self.held_by.iter().any(|code| code == guard.code()))
    }
}

impl MonthEnd {
    /// What is said of it as a whole, and its lines.
    pub fn split(self) -> (MonthHead, Vec<StatementLine>) {
        let mut totals = Totals::default();
        self.lines.iter().for_each(|line| totals.add(&line.numbers));
        let Self { schema, period, planned_at, lines } = self;
        (MonthHead { schema, period, planned_at, closure: None, totals }, lines)
    }
}

impl Statement {
    /// What is said of it as a whole, and its lines.
    pub fn split(self) -> (MonthHead, Vec<StatementLine>) {
        let Self { schema, period, planned_at, closed_at, closed_by, accepted, reason, totals, lines } = self;
        let closure = Some(Closure { at: closed_at, by: closed_by, accepted, reason });
        (MonthHead { schema, period, planned_at, closure, totals }, lines)
    }
}
