//! The month and its lines.

use std::collections::BTreeMap;

use axum::extract::{Extension, State};
use contract::month::{CurrencyAmount, GuardView, LineState, LineView, Month, MonthQuery, MonthSummary, Segment, ShowLine, ShowMonth};
use domain::access::Visibility;
use domain::billing::{Period, Standing};
use domain::ids::LineId;
use domain::money::{Money, Quantity};

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, not_found};
use crate::http::middleware::extract::{Path, Query};
use crate::http::middleware::page;
use crate::http::routes::Routes;
use crate::passes::PLANNED_AT;
use crate::tenant::Tenant;
use store::ledger::{LineFilter, LineRow};
use store::ports::StoreError;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ShowMonth, show).on(ShowLine, line)
}

async fn show(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<MonthQuery>,
) -> Result<Json<Month>, Failure> {
    let (limit, scope) = (page::size(query.limit)?, &caller.scope);
    let place: Option<u32> = query.after.as_deref().map(|after| after.parse().map_err(|_| page::bad_after())).transpose()?;
    // A line's place in the whole month would tell how many lines others have.
    let (after, skip) = if scope.is_everything() { (place, 0) } else { (None, place.unwrap_or_default()) };
    let text = query.q.as_deref().unwrap_or_default().trim();
    let (rows, total) = app.ledger.lines().list(&LineFilter { scope, segment: query.segment, text, after, skip, limit })?;
    let full = u32::try_from(rows.len()).is_ok_and(|count| count == limit);
    let next = rows.last().filter(|_| full).map(|row| if scope.is_everything() { row.position } else { skip.saturating_add(limit) });
    let items = rows.into_iter().map(|row| view(&app, scope, row)).collect::<Result<_, _>>()?;
    Ok(Json(Month { summary: summary(&app, scope)?, items, total, next: next.map(|next| next.to_string()) }))
}

async fn line(State(app): State<App>, Extension(caller): Extension<Caller>, Path(id): Path<LineId>) -> Result<Json<LineView>, Failure> {
    let row = app.ledger.lines().find(&id, &caller.scope)?.ok_or_else(|| not_found("line"))?;
    Ok(Json(view(&app, &caller.scope, row)?))
}

/// The month in numbers, of the lines that a scope sees.
pub(in crate::http) fn summary(app: &Tenant, scope: &Visibility) -> Result<MonthSummary, StoreError> {
    let counts = app.ledger.lines().counts(scope)?;
    let segment = |segment: Segment| counts.iter().filter(|(state, _)| segment.shows(**state)).map(|(_, count)| count).sum();
    let mut change = Quantity::ZERO;
    let mut amounts: BTreeMap<Option<String>, Money> = BTreeMap::new();
    for row in app.ledger.lines().in_state(LineState::ToApprove, scope)? {
        change = change + row.line.change().unwrap_or_default();
        if let Some(amount) = row.line.amount() {
            let sum = amounts.entry(row.line.currency).or_default();
            *sum = *sum + amount;
        }
    }
    Ok(MonthSummary {
        period: Period::of(app.now()),
        lines: counts.values().sum(),
        to_approve: segment(Segment::ToApprove),
        held: segment(Segment::Held),
        done: segment(Segment::Done),
        unchanged: segment(Segment::Unchanged),
        dismissed: counts.get(&LineState::Dismissed).copied().unwrap_or_default(),
        committing: counts.get(&LineState::Committing).copied().unwrap_or_default(),
        change,
        amounts: amounts.into_iter().map(|(currency, amount)| CurrencyAmount { currency, amount }).collect(),
        planned_at: app.ledger.meta().moment(PLANNED_AT)?,
    })
}

fn view(app: &Tenant, scope: &Visibility, mut row: LineRow) -> Result<LineView, StoreError> {
    let intent = app.ledger.changes().latest_of(&row.line.id)?.map(|row| row.intent);
    // It may have been about other companies then.
    let intent = intent.map(|intent| app.ledger.changes().find(&intent.id, scope)).transpose()?.flatten().map(|row| row.intent);
    let corrections = if scope.is_everything() {
        app.ledger.months().corrections_of(&row.line.id, row.line.period)?
    } else {
        app.visible(scope)?.of_line(&mut row.line);
        // Which companies their numbers were of is not kept.
        Vec::new()
    };
    let guards = row.line.guards.iter().map(|guard| GuardView {
        code: guard.code().to_owned(),
        words: guard.message(),
        remedy: guard.remedy().to_owned(),
        blocks: guard.standing() == Standing::Blocks,
        notes: guard.standing() == Standing::Notes,
    });
    Ok(LineView {
        corrections,
        state: row.state,
        change: row.line.change(),
        amount: row.line.amount(),
        guards: guards.collect(),
        decision: row.decision,
        // An intent of an earlier month says nothing about this one.
        intent: intent.filter(|intent| intent.period == row.line.period),
        line: row.line,
    })
}
