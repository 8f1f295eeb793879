//! Months: what keeps them open, closing them, and their statements.

mod page;
mod sheet;
mod table;

use axum::extract::{Extension, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use contract::Problem;
use contract::months::{
    CloseMonth, CloseMonthForGood, ClosedView, ExportStatement, ListMonths, MonthDetail, MonthDetailQuery, MonthItem, MonthState,
    PrintStatement, ShowMonthDetail, StatementQuery,
};
use domain::billing::{Blocker, Period, StatementLine, Totals};

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid, not_found};
use crate::http::middleware::extract::{Body, Path, Query};
use crate::http::middleware::page::Window;
use crate::http::routes::Routes;
use crate::passes::{Attempt, Month, Sign};
use sheet::Sheet;
use store::ledger::{Closed, MonthRow};

/// Why a closed month stays closed.
const REOPENING: &str = "A closed month is not opened again: invoices may have been made from its statement. What is found out later \
    is listed as a correction, and carried by the next month.";

/// What the page may load: its style, from here. Nothing in it runs.
const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes
        .on(ListMonths, list)
        .on(ShowMonthDetail, show)
        .on(CloseMonthForGood, close)
        .on(PrintStatement, statement)
        .on(ExportStatement, statement_table)
}

#[worker::send]
async fn list(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Json<Vec<MonthItem>>, Failure> {
    let visible = app.visible(&caller.scope)?;
    let running = Period::of(app.now());
    let mut months = app.ledger.months().all()?;
    // The lines are of the month before until the first plan of this one.
    for period in [app.ledger.months().planned()?, Some(running)].into_iter().flatten() {
        if !months.iter().any(|month| month.period == period) {
            months.push(MonthRow { period, kept: false, closed: None });
        }
    }
    months.sort_by_key(|month| std::cmp::Reverse(month.period));
    let mut items = Vec::with_capacity(months.len());
    for month in months {
        let blockers = match &month.closed {
            Some(_) => Some(0),
            None if month.period >= running.previous() => {
                let month = app.closing().month(month.period).await?.ok_or_else(|| not_found("month"))?;
                Some(blockers(&app, &caller, &month, |line| visible.sees_all(&line.members))?.len())
            }
            None => None,
        };
        items.push(MonthItem {
            period: month.period,
            state: state(month.closed.as_ref(), blockers.unwrap_or(1)),
            running: month.period == running,
            blockers: blockers.map(|count| u32::try_from(count).unwrap_or(u32::MAX)),
            closed: month.closed.map(closed_view),
        });
    }
    Ok(Json(items))
}

fn state(closed: Option<&Closed>, blockers: usize) -> MonthState {
    match (closed, blockers) {
        (Some(_), _) => MonthState::Closed,
        (None, 0) => MonthState::Ready,
        (None, _) => MonthState::Open,
    }
}

fn closed_view(closed: Closed) -> ClosedView {
    ClosedView { at: closed.at, by: closed.by, hash: closed.hash }
}

/// What keeps a month from being closed, as far as the caller sees it.
fn blockers(app: &App, caller: &Caller, month: &Month<'_>, sees: impl Fn(&StatementLine) -> bool) -> Result<Vec<Blocker>, Failure> {
    let standing = app.closing().standing(&caller.scope)?;
    let mut check = month.check(&caller.scope, &standing)?;
    month.each(|line| {
        if sees(&line) {
            check.look_at(&line);
        }
        Ok(())
    })?;
    Ok(check.blockers())
}

#[worker::send]
async fn show(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(period): Path<Period>,
    Query(query): Query<MonthDetailQuery>,
) -> Result<Json<MonthDetail>, Failure> {
    let sheet = Sheet::read(&app, &caller, period, None).await?;
    let blockers = match sheet.closed {
        Some(_) => Vec::new(),
        None => blockers(&app, &caller, &sheet.month, |line| sheet.sees(line))?,
    };
    let text = query.q.as_deref().unwrap_or_default().trim().to_lowercase();
    let shown = |line: &StatementLine| {
        let agreement = line.numbers.agreement.as_deref().unwrap_or_default();
        text.is_empty() || format!("{} {agreement} {}", line.numbers.company, line.numbers.product).to_lowercase().contains(&text)
    };
    let mut window = Window::new(query.after.as_deref(), query.limit)?;
    let mut totals = Totals::default();
    sheet.each(|line| {
        totals.add(&line.numbers);
        if shown(&line) {
            window.offer(line);
        }
    })?;
    let page = window.page();
    let (accepted, reason) = sheet.closed_in_spite_of();
    Ok(Json(MonthDetail {
        period,
        state: state(sheet.closed.as_ref(), blockers.len()),
        running: Period::of(app.now()) == period,
        planned_at: sheet.month.planned_at()?,
        blockers,
        accepted,
        reason,
        closed: sheet.closed.map(closed_view),
        corrections: sheet.corrections,
        reopening: REOPENING.to_owned(),
        totals,
        items: page.items,
        total: page.total,
        next: page.next,
    }))
}

#[worker::send]
async fn close(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(period): Path<Period>,
    Body(request): Body<CloseMonth>,
) -> Result<Json<ClosedView>, Failure> {
    let reason = request.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
    if reason.as_ref().is_some_and(|reason| reason.chars().count() > 200) || (!request.accept.is_empty() && reason.is_none()) {
        let remedy = "Say in 1 to 200 characters why the month is closed all the same; it is printed on the statement.";
        return Err(invalid("reason", "A reason is needed to close a month in spite of something.", remedy));
    }
    let sign = Sign { by: &caller.name, accept: &request.accept, reason: reason.as_deref() };
    match app.closing().close_month(period, sign).await? {
        Attempt::Closed(closed) => Ok(Json(closed_view(closed))),
        Attempt::NoMonth => Err(not_found("month")),
        Attempt::WasClosed => {
            let title = format!("{} is closed already.", period.label());
            Err(Problem::new(409, "month_closed", &title, REOPENING, "Look at its statement.").into())
        }
        Attempt::Blocked(left) => {
            let words: Vec<String> = left.iter().map(|blocker| format!("{} {}", blocker.words, blocker.remedy)).collect();
            let title = format!("{} cannot be closed yet.", period.label());
            Err(Problem::new(409, "month_blocked", &title, words.join(" "), "Settle these, then close the month.").into())
        }
    }
}

#[worker::send]
async fn statement(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(period): Path<Period>,
    Query(query): Query<StatementQuery>,
) -> Result<Response, Failure> {
    let sheet = Sheet::read(&app, &caller, period, query.company.as_deref()).await?;
    let html = page::page(&sheet)?;
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, PAGE_POLICY)], html).into_response())
}

#[worker::send]
async fn statement_table(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(period): Path<Period>,
    Query(query): Query<StatementQuery>,
) -> Result<Response, Failure> {
    let sheet = Sheet::read(&app, &caller, period, query.company.as_deref()).await?;
    table::table(&sheet)
}
