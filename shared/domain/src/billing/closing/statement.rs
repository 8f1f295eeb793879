//! A month as its last plan left it, and the statement of a closed month.

use serde::{Deserialize, Serialize};

use super::{BlockerKind, Correction};
use crate::Timestamp;
use crate::billing::{Guard, Line, LineState, Member, Period, Reconciled, Totals};
use crate::ids::IntentId;
use crate::money::Quantity;

/// Version of [`MonthEnd`] and [`Statement`] as stored.
pub const MONTH_SCHEMA: u32 = 1;

/// A month as its last plan left it. Kept by itself when the next month is first planned, so that it can be closed from its own
/// numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthEnd {
    /// [`MONTH_SCHEMA`] when it was written.
    pub schema: u32,
    /// The month.
    pub period: Period,
    /// When its lines were last planned.
    pub planned_at: Option<Timestamp>,
    /// Its lines, by company.
    pub lines: Vec<StatementLine>,
}

/// A closed month. Written once, and named by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// [`MONTH_SCHEMA`] when it was written.
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
    /// The statement of this month, closed by a person.
    pub fn closed(self, at: Timestamp, by: &str, accepted: Vec<BlockerKind>, reason: Option<String>) -> Statement {
        Statement {
            schema: MONTH_SCHEMA,
            period: self.period,
            planned_at: self.planned_at,
            closed_at: at,
            closed_by: by.to_owned(),
            accepted,
            reason,
            totals: self.totals(),
            lines: self.lines,
        }
    }

    /// Sums over its lines.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        self.lines.iter().for_each(|line| totals.add(&line.numbers));
        totals
    }
}
