//! The month: what ConnectWise will be told, line by line.

use serde::{Deserialize, Serialize};

use crate::endpoint::endpoints;
use domain::Timestamp;
use domain::billing::{Considered, Correction, Line, Period};
pub use domain::billing::{Decision as DecisionView, DecisionKind, LineState};
use domain::ids::{LineId, PreviewId};
use domain::money::{Money, Quantity};
use engine::{Intent, IntentState};

endpoints! {
    "month";

    /// The month's lines.
    ShowMonth("month") = Get "/api/month" (SeeBilling, Scoped), query MonthQuery => 200 Month;

    /// All lines of a filter as a table.
    ExportMonth("month_table") = Get "/api/month.csv" (SeeBilling, Scoped), query MonthQuery => 200 "text/csv";

    /// One line with its evidence.
    ShowLine("line") = Get "/api/lines/{id}" (SeeBilling, Scoped), path LineId => 200 LineView;

    /// Approve lines.
    ApproveLines("approve_lines") = Post "/api/lines/approve" (DecideLines, Scoped), body Approve => 200 Decided, or [409];

    /// Hold lines.
    HoldLines("hold_lines") = Post "/api/lines/hold" (DecideLines, Scoped), body Hold => 200 Decided;

    /// Leave lines as they are until a number changes.
    DismissLines("dismiss_lines") = Post "/api/lines/dismiss" (DecideLines, Scoped), body Dismiss => 200 Decided;

    /// Take holds and dismissals back.
    ReleaseLines("release_lines") = Post "/api/lines/release" (DecideLines, Scoped), body Release => 200 Decided;

    /// Try failed and parked changes of lines again.
    RetryLines("retry_lines") = Post "/api/lines/retry" (DecideLines, Scoped), body Retry => 200 Decided;
}

/// The segments of the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    /// Waiting for a person, or on their way.
    #[default]
    ToApprove,
    /// Held, failed or parked.
    Held,
    /// Done.
    Done,
    /// Nothing to do, or dismissed.
    Unchanged,
    /// All.
    All,
}

impl Segment {
    /// Whether a line in this state is shown in this segment.
    pub fn shows(self, state: LineState) -> bool {
        match self {
            Self::ToApprove => matches!(state, LineState::ToApprove | LineState::Committing),
            Self::Held => matches!(state, LineState::Held | LineState::Failed | LineState::Parked),
            Self::Done => state == LineState::Done,
            Self::Unchanged => matches!(state, LineState::Unchanged | LineState::Dismissed),
            Self::All => true,
        }
    }
}

/// `GET /api/month`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MonthQuery {
    /// Which lines.
    #[serde(default)]
    pub segment: Segment,
    /// Text to find in the company, agreement or product.
    pub q: Option<String>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Items to a page.
    pub limit: Option<u32>,
}

/// The month, and one page of its lines, by company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Month {
    /// The month in numbers, over all lines.
    pub summary: MonthSummary,
    /// Lines of the segment.
    pub items: Vec<LineView>,
    /// Lines of the segment with the same filter.
    pub total: u32,
    /// Pass as `after` to read on.
    pub next: Option<String>,
}

/// The month in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MonthSummary {
    /// The month.
    pub period: Period,
    /// All lines.
    pub lines: u32,
    /// Lines in each segment.
    pub to_approve: u32,
    /// Held, failed and parked lines.
    pub held: u32,
    /// Done lines.
    pub done: u32,
    /// Unchanged lines, dismissed ones too.
    pub unchanged: u32,
    /// Dismissed lines; they are in `unchanged` too.
    pub dismissed: u32,
    /// Lines on their way; they are in `to_approve` too.
    pub committing: u32,
    /// Seats that the lines to approve add or take.
    pub change: Quantity,
    /// What those come to a month, by currency; lines without a price are left out.
    pub amounts: Vec<CurrencyAmount>,
    /// When the lines were last planned; none before the first pass.
    pub planned_at: Option<Timestamp>,
}

/// An amount and its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CurrencyAmount {
    /// The currency; none when the agreement names none.
    pub currency: Option<String>,
    /// The amount.
    pub amount: Money,
}

/// A line as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LineView {
    /// What was planned.
    pub line: Line,
    /// Where it stands.
    pub state: LineState,
    /// The change in units; none when it is not known.
    pub change: Option<Quantity>,
    /// What it comes to a month.
    pub amount: Option<Money>,
    /// Guards in words, in the order of `line.guards`.
    pub guards: Vec<GuardView>,
    /// What a person decided, if anyone did.
    pub decision: Option<DecisionView>,
    /// What came of it.
    pub intent: Option<Intent>,
    /// What it carries of closed months: numbers of the month before, or of this one once it is closed, that turned out to be
    /// others.
    #[serde(default)]
    pub corrections: Vec<Correction>,
}

impl LineView {
    /// The line as a person decides about it.
    pub fn considered(&self) -> Considered<'_> {
        Considered { line: &self.line, state: self.state, decision: self.decision.as_ref() }
    }
}

/// A guard in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuardView {
    /// Its stable name.
    pub code: String,
    /// What is the matter.
    pub words: String,
    /// What to do about it.
    pub remedy: String,
    /// Whether no approval lifts it.
    pub blocks: bool,
    /// Whether it is only to be known, and holds nothing.
    pub notes: bool,
}

/// `POST /api/lines/approve`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// 1 to 5,000 lines. They are one run, which the policy limits as a whole.
    pub lines: Vec<ApproveLine>,
}

/// One line to approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApproveLine {
    /// The line.
    pub id: LineId,
    /// The preview that was looked at; refused when it is not the line's any more.
    pub preview: PreviewId,
    /// Codes of the guards the person has seen. A held line is approved alone and only with all of its guards named.
    #[serde(default)]
    pub seen: Vec<String>,
}

/// `POST /api/lines/hold`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// 1 to 5,000 lines.
    pub lines: Vec<LineId>,
    /// Why, up to 200 characters.
    pub reason: String,
}

/// `POST /api/lines/dismiss`: leaves lines as they are until what is billed or what would be billed changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Dismiss {
    /// 1 to 5,000 lines.
    pub lines: Vec<LineId>,
    /// Why, 1 to 200 characters.
    pub reason: String,
}

/// `POST /api/lines/retry`: tries the failed and parked changes of lines again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// 1 to 5,000 lines.
    pub lines: Vec<LineId>,
}

/// `POST /api/lines/release`: takes holds and dismissals back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// 1 to 5,000 lines.
    pub lines: Vec<LineId>,
}

/// What became of each line of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Decided {
    /// One for each line, in the request's order.
    pub results: Vec<LineResult>,
}

/// What became of one line of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LineResult {
    /// The line.
    pub id: LineId,
    /// Whether it was taken.
    pub accepted: bool,
    /// Why not, with a stable code: `stale_preview`, `blocked`, `look_alone`, `nothing_to_change`, `not_found`, `in_progress`,
    /// `held` and `dismissed` (release it first), `exclude_instead`, `not_over`, `month_closed`.
    pub code: Option<String>,
    /// The same in words.
    pub words: Option<String>,
    /// The line's new state.
    pub state: Option<LineState>,
    /// The intent's state, when it was approved.
    pub intent: Option<IntentState>,
}
