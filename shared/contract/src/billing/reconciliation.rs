//! Reconciliation: what ESET bills, what is used and what ConnectWise bills, side by side.

use serde::{Deserialize, Serialize};

use crate::endpoint::endpoints;
use domain::billing::{FindingKind, Period, Reconciled, Totals};

endpoints! {
    "month";

    /// What ESET bills, what is used and what ConnectWise bills, side by side.
    ShowReconciliation("reconciliation") = Get "/api/reconciliation" (SeeBilling, Scoped), query ReconciliationQuery => 200 Reconciliation;

    /// All rows of a reconciliation as a table.
    ExportReconciliation("reconciliation_table") = Get "/api/reconciliation.csv" (SeeBilling, Scoped),
        query ReconciliationQuery => 200 "text/csv";
}

/// `GET /api/reconciliation`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReconciliationQuery {
    /// Only rows with this finding.
    pub finding: Option<FindingKind>,
    /// Text to find in the company, agreement or product.
    pub q: Option<String>,
    /// A difference of up to this many units is no finding; 0 when left out.
    pub threshold: Option<u32>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Items to a page.
    pub limit: Option<u32>,
}

/// The month's reconciliation, and one page of its rows, by company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reconciliation {
    /// The month.
    pub period: Period,
    /// Sums over all rows, whatever the filter.
    pub totals: Totals,
    /// Rows of this page.
    pub items: Vec<Reconciled>,
    /// Rows with the same filter.
    pub total: u32,
    /// Pass as `after` to read on.
    pub next: Option<String>,
}
