//! Months: closing them, their statements and what was found out afterwards.

use serde::{Deserialize, Serialize};

use crate::endpoint::endpoints;
use domain::Timestamp;
use domain::billing::{Blocker, BlockerKind, Correction, Period, StatementLine, Totals};

endpoints! {
    "months";

    /// Months, and whether they are closed.
    ListMonths("list_months") = Get "/api/months" (SeeBilling, Scoped) => 200 Vec<MonthItem>;

    /// What keeps a month from being closed, or its statement.
    ShowMonthDetail("month_detail") = Get "/api/months/{period}" (SeeBilling, Scoped),
        path Period, query MonthDetailQuery => 200 MonthDetail;

    /// Close a month, for good.
    CloseMonthForGood("close_month") = Post "/api/months/{period}/close" (CloseMonth, Whole),
        path Period, body CloseMonth => 200 ClosedView, or [409];

    /// The statement as a page to print.
    PrintStatement("statement") = Get "/api/months/{period}/statement" (SeeBilling, Scoped),
        path Period, query StatementQuery => 200 "text/html";

    /// The statement as a table.
    ExportStatement("statement_table") = Get "/api/months/{period}/statement.csv" (SeeBilling, Scoped),
        path Period, query StatementQuery => 200 "text/csv";
}

/// Where a month stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MonthState {
    /// Something keeps it from being closed.
    Open,
    /// It can be closed.
    Ready,
    /// It is closed, for good.
    Closed,
}

/// A month in the list, latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MonthItem {
    /// The month.
    pub period: Period,
    /// Where it stands.
    pub state: MonthState,
    /// Whether it is the month of now.
    pub running: bool,
    /// How many kinds of things keep it from being closed; none for a month longer ago than the last, which is only looked at
    /// when it is asked for by itself.
    pub blockers: Option<u32>,
    /// How it was closed.
    pub closed: Option<ClosedView>,
}

/// How a month was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClosedView {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// SHA-256 of the statement's document.
    pub hash: String,
}

/// `GET /api/months/{period}`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MonthDetailQuery {
    /// Text to find in the company, agreement or product.
    pub q: Option<String>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Items to a page.
    pub limit: Option<u32>,
}

/// A month: what keeps it from being closed, or its statement, and one page of its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MonthDetail {
    /// The month.
    pub period: Period,
    /// Where it stands.
    pub state: MonthState,
    /// Whether it is the month of now.
    pub running: bool,
    /// When its lines were last planned.
    pub planned_at: Option<Timestamp>,
    /// What keeps it from being closed.
    pub blockers: Vec<Blocker>,
    /// How it was closed.
    pub closed: Option<ClosedView>,
    /// What stood in the way and was accepted.
    pub accepted: Vec<BlockerKind>,
    /// Why it was accepted.
    pub reason: Option<String>,
    /// What was found out about it after it was closed, oldest first. The statement itself never changes.
    pub corrections: Vec<Correction>,
    /// Why a closed month is not opened again.
    pub reopening: String,
    /// Sums over all of its lines.
    pub totals: Totals,
    /// Lines of this page, by company.
    pub items: Vec<StatementLine>,
    /// Lines with the same filter.
    pub total: u32,
    /// Pass as `after` to read on.
    pub next: Option<String>,
}

/// `POST /api/months/{period}/close`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CloseMonth {
    /// Blockers to close in spite of; only those that are `acceptable`.
    #[serde(default)]
    pub accept: Vec<BlockerKind>,
    /// Why, 1 to 200 characters; needed when something is accepted, and printed on the statement.
    #[serde(default)]
    pub reason: Option<String>,
}

/// `GET /api/months/{period}/statement` and `statement.csv`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StatementQuery {
    /// Only this company, by the name it is billed under.
    pub company: Option<String>,
}
