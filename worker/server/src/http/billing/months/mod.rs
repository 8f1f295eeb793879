//! Months: what keeps them open, closing them, and their statements.

mod page;
mod table;

use std::collections::BTreeSet;

use axum::extract::{Extension, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use contract::Problem;
use contract::months::{
    CloseMonth, CloseMonthForGood, ClosedView, ExportStatement, ListMonths, MonthDetail, MonthDetailQuery, MonthItem, MonthState,
    PrintStatement, ShowMonthDetail, StatementQuery,
};
use domain::billing::{Correction, MonthEnd, Period, Statement, StatementLine, Totals};
use domain::ids::IntentId;

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid, not_found};
use crate::http::middleware::extract::{Body, Path, Query};
use crate::http::middleware::page as paging;
use crate::http::routes::Routes;
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
                let mut month = app.closing().open_month(month.period).await?.ok_or_else(|| not_found("month"))?;
                month.lines.retain(|line| visible.sees_all(&line.members));
                Some(app.closing().blockers(&month, &caller.scope)?.len())
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

#[worker::send]
async fn show(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(period): Path<Period>,
    Query(query): Query<MonthDetailQuery>,
) -> Result<Json<MonthDetail>, Failure> {
    let mut blockers = Vec::new();
    let sheet = Sheet::read(&app, &caller, period, |month| {
        blockers = app.closing().blockers(month, &caller.scope)?;
        Ok(())
    })
    .await?;
    let text = query.q.as_deref().unwrap_or_default().trim().to_lowercase();
    let shown = |line: &StatementLine| {
        let agreement = line.numbers.agreement.as_deref().unwrap_or_default();
        text.is_empty() || format!("{} {agreement} {}", line.numbers.company, line.numbers.product).to_lowercase().contains(&text)
    };
    let Sheet { statement, closed, corrections } = sheet;
    let lines = statement.lines.into_iter().filter(shown).collect();
    let page = paging::cut(lines, query.after.as_deref(), query.limit)?;
    Ok(Json(MonthDetail {
        period,
        state: state(closed.as_ref(), blockers.len()),
        running: Period::of(app.now()) == period,
        planned_at: statement.planned_at,
        blockers,
        accepted: statement.accepted,
        reason: statement.reason,
        closed: closed.map(closed_view),
        corrections,
        reopening: REOPENING.to_owned(),
        totals: statement.totals,
        items: page.items,
        total: page.total,
        next: page.next,
    }))
}

/// A month as it is printed: its statement, or what that would be if the month were closed now.
struct Sheet {
    statement: Statement,
    closed: Option<Closed>,
    corrections: Vec<Correction>,
}

impl Sheet {
    /// Reads what the caller sees of it; a month that is not closed is looked at too.
    async fn read(
        app: &App,
        caller: &Caller,
        period: Period,
        look: impl FnOnce(&MonthEnd) -> Result<(), Failure>,
    ) -> Result<Self, Failure> {
        let closed = app.ledger.months().closed(period)?;
        let mut corrections = app.ledger.months().corrections(period)?;
        let visible = app.visible(&caller.scope)?;
        let mut statement = if closed.is_some() {
            app.closing().statement(period).await?.ok_or_else(|| not_found("month"))?
        } else {
            let mut month = app.closing().open_month(period).await?.ok_or_else(|| not_found("month"))?;
            month.lines.retain(|line| visible.sees_all(&line.members));
            look(&month)?;
            month.closed(app.now(), "", Vec::new(), None)
        };
        if !caller.scope.is_everything() {
            statement.lines.retain(|line| visible.sees_all(&line.members));
            statement.totals = totals(&statement.lines);
            // It was written with all companies in view.
            (statement.reason, statement.accepted) = (None, Vec::new());
            // Other companies may have been on the line when a change was written. Of a correction it is not kept which were.
            let written = app.ledger.changes().done_in(period, &caller.scope)?;
            let written: BTreeSet<&IntentId> = written.iter().map(|row| &row.intent.id).collect();
            for line in &mut statement.lines {
                line.changes.retain(|change| written.contains(&change.intent));
                line.corrections.clear();
            }
            corrections.clear();
        }
        Ok(Self { statement, closed, corrections })
    }

    /// The same, of one company only.
    fn of(mut self, company: Option<&str>) -> Result<Self, Failure> {
        if let Some(company) = company {
            self.statement.lines.retain(|line| line.numbers.company == company);
            self.corrections.retain(|correction| correction.company == company);
            if self.statement.lines.is_empty() {
                return Err(not_found("company in this month"));
            }
        }
        Ok(self)
    }
}

fn totals(lines: &[StatementLine]) -> Totals {
    let mut totals = Totals::default();
    lines.iter().for_each(|line| totals.add(&line.numbers));
    totals
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
    if app.ledger.months().closed(period)?.is_some() {
        let title = format!("{} is closed already.", period.label());
        return Err(Problem::new(409, "month_closed", &title, REOPENING, "Look at its statement.").into());
    }
    let month = app.closing().open_month(period).await?.ok_or_else(|| not_found("month"))?;
    let blockers = app.closing().blockers(&month, &caller.scope)?;
    let (accepted, left): (Vec<_>, Vec<_>) =
        blockers.into_iter().partition(|blocker| blocker.acceptable && request.accept.contains(&blocker.code));
    if !left.is_empty() {
        let words: Vec<String> = left.iter().map(|blocker| format!("{} {}", blocker.words, blocker.remedy)).collect();
        let title = format!("{} cannot be closed yet.", period.label());
        return Err(Problem::new(409, "month_blocked", &title, words.join(" "), "Settle these, then close the month.").into());
    }
    let accepted = accepted.into_iter().map(|blocker| blocker.code).collect();
    let closed = app.closing().close_month(month.closed(app.now(), &caller.name, accepted, reason)).await?.ok_or_else(|| {
        let detail = "Its numbers changed while the statement was written. Nothing was closed.";
        Failure::from(Problem::new(409, "month_changed", "The month is not closed.", detail, "Look at it again, then close it."))
    })?;
    Ok(Json(closed_view(closed)))
}

#[worker::send]
async fn statement(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(period): Path<Period>,
    Query(query): Query<StatementQuery>,
) -> Result<Response, Failure> {
    let sheet = Sheet::read(&app, &caller, period, |_| Ok(())).await?.of(query.company.as_deref())?;
    let closed = sheet.closed.as_ref().map(|closed| (closed.by.as_str(), closed.at, closed.hash.as_str()));
    let html = page::page(&page::Sheet {
        period,
        closed,
        reason: sheet.statement.reason.as_deref(),
        lines: &sheet.statement.lines,
        corrections: &sheet.corrections,
    });
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, PAGE_POLICY)], html).into_response())
}

#[worker::send]
async fn statement_table(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(period): Path<Period>,
    Query(query): Query<StatementQuery>,
) -> Result<Response, Failure> {
    let sheet = Sheet::read(&app, &caller, period, |_| Ok(())).await?.of(query.company.as_deref())?;
    Ok(table::table(&sheet))
}
