//! History: who did what, before and after. Kept when a connection is deleted.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::endpoint::endpoints;
use crate::{Page, PageQuery};
use domain::Timestamp;
use domain::billing::Period;
use domain::history::StoredEvent;
use domain::ids::{ConnectionId, IntentId, LineId};
use engine::Intent;

endpoints! {
    "history";

    /// Changes that were approved, latest first.
    ListIntents("list_intents") = Get "/api/intents" (SeeBilling, Scoped), query PageQuery => 200 Page<IntentView>;

    /// Try a failed or parked change again.
    RetryIntent("retry_intent") = Post "/api/intents/{id}/retry" (DecideLines, Scoped), path IntentId => 200 IntentView, or [409];

    /// Take a written change back.
    ReverseIntent("reverse_intent") = Post "/api/intents/{id}/reverse" (DecideLines, Scoped),
        path IntentId, body Reverse => 200 IntentView, or [409];

    /// Who did what, latest first.
    ListHistory("list_history") = Get "/api/history" (SeeBilling, Whole), query HistoryQuery => 200 Page<AuditRow>;

    /// All rows of a filter of the history as a table.
    ExportHistory("history_table") = Get "/api/history.csv" (SeeBilling, Whole), query HistoryQuery => 200 "text/csv";
}

/// One row of the history. Rows are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditRow {
    /// Rises with every row.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who: a person's or token's name, `schedule` or `automatic`.
    pub by: String,
    /// What kind of thing was done: `line_approved`, `quantity_written`, `mapping_changed`, …
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub event: StoredEvent,
    /// What it was done to, in words: "Acme · Managed security · ESET-PROTECT".
    pub subject: String,
    /// What it was before.
    pub before: Option<String>,
    /// What it is after.
    pub after: Option<String>,
    /// Anything more: the vendor's words, the reason given.
    pub detail: Option<String>,
    /// The month it belongs to.
    pub period: Option<Period>,
    /// The connection it was done to or through; also one that is deleted.
    pub connection: Option<ConnectionId>,
    /// The line.
    pub line: Option<LineId>,
    /// The change.
    pub intent: Option<IntentId>,
    /// What the vendor's answer can be found by: the version ConnectWise gave the record.
    pub response: Option<String>,
}

/// `GET /api/history` and `history.csv`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HistoryQuery {
    /// Text to find in the subject (company, agreement, product), who, the event or the detail.
    pub q: Option<String>,
    /// Only this kind of thing: `line_approved`.
    pub event: Option<String>,
    /// Only what this person, token or part of the schedule did.
    pub by: Option<String>,
    /// Only what was done to this line.
    pub line: Option<LineId>,
    /// First day (UTC).
    pub from: Option<NaiveDate>,
    /// Last day (UTC), included.
    pub to: Option<NaiveDate>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Items to a page.
    pub limit: Option<u32>,
}

/// `POST /api/intents/{id}/reverse`: restores the quantity before a done change, or ends the addition it made. Refused with
/// `not_done`, `is_reversal`, `already_reversed` or `in_progress`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reverse {
    /// Why, 1 to 200 characters; shown on the line until a person approves it again.
    pub reason: String,
}

/// A change that was approved, with the words to show it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IntentView {
    /// The change and where it stands.
    pub intent: Intent,
    /// The company as it is billed.
    pub company: String,
    /// The agreement's name.
    pub agreement: String,
    /// The product's name.
    pub product: String,
    /// Who approved it; `automatic` when the mapping commits by itself.
    pub approved_by: String,
    /// When.
    pub approved_at: Timestamp,
}
