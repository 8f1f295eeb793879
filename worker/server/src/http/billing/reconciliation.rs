//! What ESET bills, what is used and what ConnectWise bills, side by side.

use axum::extract::{Extension, State};
use axum::response::Response;
use contract::reconciliation::{ExportReconciliation, Reconciliation, ReconciliationQuery, ShowReconciliation};
use domain::access::Visibility;
use domain::billing::{Period, Reconciled, Totals};
use domain::csv::{Csv, cell};
use domain::money::Money;

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::download::csv;
use crate::http::middleware::error::Failure;
use crate::http::middleware::extract::Query;
use crate::http::middleware::page;
use crate::http::routes::Routes;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ShowReconciliation, show).on(ExportReconciliation, table)
}

#[worker::send]
async fn show(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<ReconciliationQuery>,
) -> Result<Json<Reconciliation>, Failure> {
    let (totals, rows) = reconciled(&app, &caller.scope, &query).await?;
    let page = page::cut(rows, query.after.as_deref(), query.limit)?;
    Ok(Json(Reconciliation { period: Period::of(app.now()), totals, items: page.items, total: page.total, next: page.next }))
}

/// Every row of the filter as a table.
#[worker::send]
async fn table(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<ReconciliationQuery>,
) -> Result<Response, Failure> {
    let (_, rows) = reconciled(&app, &caller.scope, &query).await?;
    let mut table = Csv::new(HEADER);
    for row in rows {
        let findings: Vec<&str> = row.findings.iter().map(|finding| finding.words.as_str()).collect();
        let estimated = |flag: bool| if flag { "est." } else { "" }.to_owned();
        table.row(&[
            row.company.clone(),
            cell(row.agreement.as_ref()),
            row.product.clone(),
            cell(row.ordered),
            cell(row.activated),
            cell(row.seat_days),
            cell(row.seat_days_to),
            cell(row.seat_months),
            cell(row.quantity),
            cell(row.billed),
            cell(row.difference),
            cell(row.unit_price.map(Money::decimal)),
            estimated(row.price_estimated),
            cell(row.unit_cost.map(Money::decimal)),
            estimated(row.cost_estimated),
            cell(row.price.map(Money::decimal)),
            cell(row.cost.map(Money::decimal)),
            cell(row.margin.map(Money::decimal)),
            cell(row.currency.as_ref()),
            findings.join(" "),
        ]);
    }
    Ok(csv(&format!("reconciliation-{}", Period::of(app.now())), table))
}

const HEADER: &[&str] = &[
    "Company",
    "Agreement",
    "Product",
    "Ordered",
    "Activated",
    "Seat-days",
    "Seat-days to",
    "Seat-days / days of month",
    "Quantity",
    "Billed",
    "Difference",
    "Unit price",
    "Price is",
    "Unit cost",
    "Cost is",
    "Price",
    "Cost",
    "Margin",
    "Currency",
    "Findings",
];

/// The sums over all rows that a scope sees, and the rows of the filter.
async fn reconciled(app: &App, scope: &Visibility, query: &ReconciliationQuery) -> Result<(Totals, Vec<Reconciled>), Failure> {
    let text = query.q.as_deref().unwrap_or_default().trim().to_lowercase();
    let mut totals = Totals::default();
    let mut rows = Vec::new();
    app.readings().reconciliation().await?.each(scope, query.threshold.unwrap_or_default(), |line, row| {
        totals.add(&row);
        let wanted = query.finding.is_none_or(|kind| row.findings.iter().any(|finding| finding.kind == kind));
        if wanted && (text.is_empty() || line.search_text().contains(&text)) {
            rows.push(row);
        }
        Ok(())
    })?;
    Ok((totals, rows))
}
