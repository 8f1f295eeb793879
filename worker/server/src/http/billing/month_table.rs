//! The month's lines as a table.

use axum::extract::{Extension, State};
use axum::response::Response;
use contract::month::{ExportMonth, MonthQuery};
use domain::billing::{Guard, Period};
use domain::csv::{Csv, cell};
use domain::money::Money;

use crate::http::App;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::download::{csv, word};
use crate::http::middleware::error::Failure;
use crate::http::middleware::extract::Query;
use crate::http::routes::Routes;
use store::ledger::LineRow;

const HEADER: &[&str] = &[
    "Company",
    "Agreement",
    "Product",
    "ESET products",
    "Ordered",
    "Activated",
    "Quantity now",
    "Included",
    "Target",
    "Change",
    "Unit price",
    "Change a month",
    "Currency",
    "State",
    "Reason",
    "Held because",
    "Decision",
    "Decided by",
    "Decided at",
    "Decision's reason",
    "Next invoice",
    "Agreement id",
    "Addition id",
    "Line",
];

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ExportMonth, table)
}

/// All lines of the filter, not a page.
async fn table(State(app): State<App>, Extension(caller): Extension<Caller>, Query(query): Query<MonthQuery>) -> Result<Response, Failure> {
    let mut table = Csv::new(HEADER);
    let visible = app.visible(&caller.scope)?;
    app.ledger.lines().each(&caller.scope, query.segment, query.q.as_deref().unwrap_or_default().trim(), |mut row| {
        visible.of_line(&mut row.line);
        table.row(&cells(&row));
    })?;
    Ok(csv(&format!("month-{}", Period::of(app.now())), table))
}

fn cells(row: &LineRow) -> [String; 24] {
    let (line, decision) = (&row.line, row.decision.as_ref());
    let agreement = line.agreement.as_ref();
    [
        line.company.clone(),
        cell(agreement.map(|agreement| &agreement.name)),
        line.product.name.clone(),
        line.product.eset.join("; "),
        cell(line.ordered),
        cell(line.activated),
        cell(line.billed),
        line.included.to_string(),
        cell(line.target),
        cell(line.change()),
        cell(line.unit_price.map(Money::decimal)),
        cell(line.amount().map(Money::decimal)),
        cell(line.currency.as_ref()),
        word(&row.state),
        line.reason.clone(),
        line.guards.iter().map(Guard::message).collect::<Vec<_>>().join(" "),
        cell(decision.map(|decision| word(&decision.decision))),
        cell(decision.map(|decision| &decision.by)),
        cell(decision.map(|decision| decision.at.format("%Y-%m-%dT%H:%M:%SZ"))),
        cell(decision.and_then(|decision| decision.reason.as_ref())),
        cell(agreement.and_then(|agreement| agreement.next_invoice.as_ref())),
        cell(agreement.map(|agreement| agreement.id)),
        cell(line.addition),
        line.id.to_string(),
    ]
}
