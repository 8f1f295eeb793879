//! Decisions about lines.

use axum::extract::{Extension, State};
use contract::Problem;
use contract::month::{
    Approve, ApproveLine, ApproveLines, Decided, Dismiss, DismissLines, Hold, HoldLines, LineResult, Release, ReleaseLines, Retry,
    RetryLines,
};
use domain::billing::{Asked, Considered, Decision, DecisionKind, LineDecision, LineState, MOST_AT_ONCE, Refusal};
use domain::history::HistoryEvent;
use domain::ids::LineId;
use engine::IntentState;

use crate::http::App;
use crate::http::billing::history::month_closed;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid};
use crate::http::middleware::extract::Body;
use crate::http::routes::Routes;
use store::ledger::{IntentRow, LineRow, NewAudit};

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ApproveLines, approve).on(HoldLines, hold).on(DismissLines, dismiss).on(ReleaseLines, release).on(RetryLines, retry)
}

/// Approves lines. All of it is decided without awaiting anything, so a line cannot change between the look and the intent.
#[worker::send]
async fn approve(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<Approve>,
) -> Result<Json<Decided>, Failure> {
    check_count(request.lines.len())?;
    let lines = request.lines.len();
    check_run(&app, &caller, &request.lines)?;
    let results = request.lines.into_iter().map(|line| approve_one(&app, &caller, line, lines)).collect::<Result<Vec<_>, _>>()?;
    if results.iter().any(|result| result.accepted) {
        app.wake().await?;
    }
    Ok(Json(Decided { results }))
}

/// Refuses lines that may each be approved, but not all at once.
fn check_run(app: &App, caller: &Caller, asked: &[ApproveLine]) -> Result<(), Failure> {
    if asked.len() < 2 {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(asked.len());
    for line in asked {
        rows.extend(app.ledger.lines().find(&line.id, &caller.scope)?.filter(|row| refusal(row, line, asked.len()).is_none()));
    }
    let Some(words) = app.approvals().over_run_cap(rows.iter().map(|row| &row.line))? else { return Ok(()) };
    let remedy = "Approve the lines in smaller parts or one by one, or have the policy changed.";
    Err(Problem::new(
        409,
        "over_run_cap",
        "This is more than may be approved at once.",
        format!("It is {words}. Nothing was approved."),
        remedy,
    )
    .into())
}

fn approve_one(app: &App, caller: &Caller, asked: ApproveLine, lines: usize) -> Result<LineResult, Failure> {
    let Some(row) = app.ledger.lines().find(&asked.id, &caller.scope)? else {
        return Ok(not_in_the_month(asked.id));
    };
    if app.ledger.months().closed(row.line.period)?.is_some() {
        let (month, next) = (row.line.period.label(), row.line.period.next().first_day());
        let words = format!("{month} is closed. This change is named as a correction of it, and can be approved from {next} on.");
        return Ok(refused(asked.id, "month_closed", words, row.state));
    }
    if row.state != LineState::Committing && !app.approvals().lines_follow_mappings()? {
        let words = "Mappings have changed, and the lines are being planned anew. Look again, then approve.".to_owned();
        return Ok(refused(asked.id, "stale_preview", words, row.state));
    }
    if let Some(refusal) = refusal(&row, &asked, lines) {
        return Ok(refused_by(asked.id, refusal, row.state));
    }
    let state = app.approvals().approve(&row, &caller.name)?;
    let intent = app.ledger.changes().latest_of(&asked.id)?.map(|row| row.intent.state);
    Ok(LineResult { id: asked.id, accepted: true, code: None, words: None, state, intent: intent.or(Some(IntentState::Planned)) })
}

/// Why a line cannot be approved with so many `lines` at once, if it cannot.
fn refusal(row: &LineRow, asked: &ApproveLine, lines: usize) -> Option<Refusal> {
    row.considered().refuses_approval(&Asked { preview: &asked.preview, seen: &asked.seen, lines })
}

fn refused(id: LineId, code: &str, words: String, state: LineState) -> LineResult {
    LineResult { id, accepted: false, code: Some(code.to_owned()), words: Some(words), state: Some(state), intent: None }
}

fn refused_by(id: LineId, refusal: Refusal, state: LineState) -> LineResult {
    refused(id, refusal.code, refusal.message, state)
}

async fn hold(State(app): State<App>, Extension(caller): Extension<Caller>, Body(request): Body<Hold>) -> Result<Json<Decided>, Failure> {
    let reason = checked_reason(&request.reason)?;
    decide(&app, &caller, request.lines, LineDecision::Hold, reason)
}

async fn dismiss(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<Dismiss>,
) -> Result<Json<Decided>, Failure> {
    let reason = checked_reason(&request.reason)?;
    if reason.is_none() {
        return Err(invalid("reason", "A dismissal needs a reason of 1 to 200 characters.", "Say why the line is left as it is."));
    }
    decide(&app, &caller, request.lines, LineDecision::Dismiss, reason)
}

async fn release(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<Release>,
) -> Result<Json<Decided>, Failure> {
    decide(&app, &caller, request.lines, LineDecision::Release, None)
}

fn checked_reason(reason: &str) -> Result<Option<&str>, Failure> {
    let reason = reason.trim();
    if reason.chars().count() > 200 {
        return Err(invalid("reason", "A reason has up to 200 characters.", "Make it shorter."));
    }
    Ok(Some(reason).filter(|reason| !reason.is_empty()))
}

/// Tries failed and parked changes again: those that are still what their line proposes.
#[worker::send]
async fn retry(State(app): State<App>, Extension(caller): Extension<Caller>, Body(request): Body<Retry>) -> Result<Json<Decided>, Failure> {
    check_count(request.lines.len())?;
    let results = request.lines.into_iter().map(|id| retry_one(&app, &caller, id)).collect::<Result<Vec<_>, _>>()?;
    if results.iter().any(|result| result.accepted) {
        app.wake().await?;
    }
    Ok(Json(Decided { results }))
}

fn retry_one(app: &App, caller: &Caller, id: LineId) -> Result<LineResult, Failure> {
    let Some(row) = app.ledger.lines().find(&id, &caller.scope)? else { return Ok(not_in_the_month(id)) };
    if let Some(refusal) = row.considered().set_aside() {
        return Ok(refused_by(id, refusal, row.state));
    }
    let Some(intent) = app.ledger.changes().latest_of(&id)? else {
        let words = "Nothing of this line has failed.".to_owned();
        return Ok(refused(id, "not_over", words, row.state));
    };
    Ok(match try_again(app, caller, &intent)? {
        None => {
            let state = app.ledger.lines().find(&id, &caller.scope)?.map(|row| row.state);
            LineResult { id, accepted: true, code: None, words: None, state, intent: Some(IntentState::Planned) }
        }
        Some(problem) => refused(id, &problem.code, format!("{} {}", problem.detail, problem.remedy), row.state),
    })
}

/// Lets a change be claimed again, or says why it cannot be.
pub(in crate::http) fn try_again(app: &App, caller: &Caller, row: &IntentRow) -> Result<Option<Problem>, Failure> {
    let (id, line) = (&row.intent.id, &row.intent.line);
    // Two open changes of one addition would write over each other, and a number nobody looked at since is nobody's.
    let current = app.ledger.lines().find(line, &caller.scope)?.is_some_and(|line| line.line.preview == row.intent.preview);
    if row.intent.state.is_over() && (!current || app.ledger.changes().latest_of(line)?.is_some_and(|latest| latest.intent.id != *id)) {
        let detail = "The line has changed since this was approved.";
        let remedy = "Look at the line again, and approve what it proposes now.";
        return Ok(Some(Problem::new(409, "stale_preview", "This change is out of date.", detail, remedy)));
    }
    if row.intent.writes_into(row.intent.period)
        && let Some(closed) = month_closed(app, row.intent.period)?
    {
        return Ok(Some(closed));
    }
    // A reversal sets its own line aside.
    if row.intent.reverses.is_none()
        && let Some(Refusal { code, message }) = app.ledger.lines().find(line, &caller.scope)?.and_then(|row| row.considered().set_aside())
    {
        return Ok(Some(Problem::new(409, code, "A person has set this line aside.", message, "Release the line first.")));
    }
    let now = app.now();
    if !app.approvals().reopen(id, now)? {
        let detail = format!("It is {}.", row.intent.state.name());
        let remedy = "Only failed and parked changes can be tried again.";
        return Ok(Some(Problem::new(409, "not_over", "This change cannot be tried again.", detail, remedy)));
    }
    let audit = NewAudit { by: &caller.name, subject: row.labels.subject(), ..NewAudit::of(HistoryEvent::ChangeRetried) };
    app.ledger.history().add(audit.of_intent(&row.intent), now)?;
    Ok(None)
}

fn not_in_the_month(id: LineId) -> LineResult {
    let words = "This line is not in the month any more.".to_owned();
    LineResult { id, accepted: false, code: Some("not_found".to_owned()), words: Some(words), state: None, intent: None }
}

fn decide(app: &App, caller: &Caller, lines: Vec<LineId>, asked: LineDecision, reason: Option<&str>) -> Result<Json<Decided>, Failure> {
    check_count(lines.len())?;
    let now = app.now();
    let (kind, event) = match asked {
        LineDecision::Hold => (Some(DecisionKind::Held), HistoryEvent::LineHeld),
        LineDecision::Dismiss => (Some(DecisionKind::Dismissed), HistoryEvent::LineDismissed),
        LineDecision::Release => (None, HistoryEvent::LineReleased),
    };
    let decision = kind.map(|decision| Decision { decision, by: caller.name.clone(), at: now, reason: reason.map(str::to_owned) });
    let mut results = Vec::with_capacity(lines.len());
    for id in lines {
        let Some(row) = app.ledger.lines().find(&id, &caller.scope)? else {
            results.push(not_in_the_month(id));
            continue;
        };
        // What waits for a day to come has not begun: a hold takes it back.
        let state = match decision.is_some() && app.withdraw_waiting(&id, "A person held the line.")? {
            true => app.ledger.lines().restate(&id)?.unwrap_or(row.state),
            false => row.state,
        };
        if let Some(refusal) = (Considered { state, ..row.considered() }).refuses(asked) {
            results.push(refused_by(id, refusal, state));
            continue;
        }
        app.ledger.decisions().decide(&row.line, decision.as_ref())?;
        let audit = NewAudit {
            by: &caller.name,
            subject: format!("{} · {}", row.line.company, row.line.product.name),
            detail: reason.map(str::to_owned),
            ..NewAudit::of(event)
        }
        .of_line(&row.line);
        app.ledger.history().add(audit, now)?;
        let state = app.ledger.lines().restate(&id)?;
        results.push(LineResult { id, accepted: true, code: None, words: None, state, intent: None });
    }
    Ok(Json(Decided { results }))
}

fn check_count(count: usize) -> Result<(), Failure> {
    if (1..=MOST_AT_ONCE as usize).contains(&count) {
        return Ok(());
    }
    Err(invalid("lines", "A request has 1 to 5,000 lines.", "Send them in several requests."))
}
