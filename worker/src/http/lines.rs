//! Decisions about lines.

use axum::extract::{Extension, State};
use shared::api::Problem;
use shared::api::month::{
    Approve, ApproveLine, ApproveLines, Decided, DecisionKind, Dismiss, DismissLines, Hold, HoldLines, LineResult, LineState, Release,
    ReleaseLines, Retry, RetryLines,
};
use shared::billing::{LineKey, MOST_AT_ONCE, Standing};
use shared::engine::IntentState;
use shared::ids::LineId;
use shared::planted;

use super::App;
use super::answer::Json;
use super::caller::Caller;
use super::error::{Failure, invalid};
use super::extract::Body;
use super::history::month_closed;
use super::routes::Routes;
use crate::ledger::{Decision, IntentRow, LineRow, NewAudit};

/// Serves these endpoints.
pub(super) fn routes(routes: Routes) -> Routes {
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
    let alone = request.lines.len() == 1;
    check_run(&app, &caller, &request.lines)?;
    let results = request.lines.into_iter().map(|line| approve_one(&app, &caller, line, alone)).collect::<Result<Vec<_>, _>>()?;
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
        rows.extend(app.ledger.line(&line.id, &caller.scope)?.filter(|row| refusal(row, line, false).is_none()));
    }
    let Some(words) = app.over_run_cap(rows.iter().map(|row| &row.line))? else { return Ok(()) };
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

fn approve_one(app: &App, caller: &Caller, asked: ApproveLine, alone: bool) -> Result<LineResult, Failure> {
    let Some(row) = app.ledger.line(&asked.id, &caller.scope)? else {
        return Ok(not_in_the_month(asked.id));
    };
    if app.ledger.closed(row.line.period)?.is_some() {
        let (month, next) = (row.line.period.words(), row.line.period.next().first_day());
        let words = format!("{month} is closed. This change is named as a correction of it, and can be approved from {next} on.");
        return Ok(refused(asked.id, "month_closed", words, Some(row.state)));
    }
    if row.state != LineState::Committing && !app.lines_follow_mappings()? {
        let words = "Mappings have changed, and the lines are being planned anew. Look again, then approve.".to_owned();
        return Ok(refused(asked.id, "stale_preview", words, Some(row.state)));
    }
    if let Some((code, words)) = refusal(&row, &asked, alone) {
        return Ok(refused(asked.id, code, words, Some(row.state)));
    }
    let state = app.approve(&row, &caller.name)?;
    let intent = app.ledger.latest_intent(&asked.id)?.map(|row| row.intent.state);
    Ok(LineResult { id: asked.id, accepted: true, code: None, words: None, state, intent: intent.or(Some(IntentState::Planned)) })
}

/// Why a line cannot be approved as asked, if it cannot.
fn refusal(row: &LineRow, asked: &ApproveLine, alone: bool) -> Option<(&'static str, String)> {
    let line = &row.line;
    if row.state == LineState::Committing {
        return Some(("in_progress", "This line is being written already.".to_owned()));
    }
    if let Some(aside) = set_aside(row) {
        return Some(aside);
    }
    if line.preview != asked.preview && !planted!("stale_preview") {
        let words = "The line has changed since you looked at it. Look again, then approve.";
        return Some(("stale_preview", words.to_owned()));
    }
    if line.blocked() {
        let words = line.guards.iter().map(|guard| format!("{} {}", guard.words(), guard.remedy())).collect::<Vec<_>>().join(" ");
        return Some(("blocked", words));
    }
    if !line.changes() || row.state == LineState::Done {
        return Some(("nothing_to_change", "ConnectWise has this quantity already.".to_owned()));
    }
    let mut holding = line.guards.iter().filter(|guard| guard.standing() != Standing::Notes);
    let unseen = holding.any(|guard| !asked.seen.iter().any(|code| code == guard.code()));
    if line.held() && (!alone || unseen) {
        let words = line.guards.iter().map(|guard| format!("{} {}", guard.words(), guard.remedy())).collect::<Vec<_>>().join(" ");
        return Some(("look_alone", words));
    }
    None
}

fn refused(id: LineId, code: &str, words: String, state: Option<LineState>) -> LineResult {
    LineResult { id, accepted: false, code: Some(code.to_owned()), words: Some(words), state, intent: None }
}

async fn hold(State(app): State<App>, Extension(caller): Extension<Caller>, Body(request): Body<Hold>) -> Result<Json<Decided>, Failure> {
    let reason = checked_reason(&request.reason)?;
    decide(&app, &caller, request.lines, Some((DecisionKind::Held, reason)))
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
    decide(&app, &caller, request.lines, Some((DecisionKind::Dismissed, reason)))
}

async fn release(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<Release>,
) -> Result<Json<Decided>, Failure> {
    decide(&app, &caller, request.lines, None)
}

fn checked_reason(reason: &str) -> Result<Option<String>, Failure> {
    let reason = reason.trim();
    if reason.chars().count() > 200 {
        return Err(invalid("reason", "A reason has up to 200 characters.", "Make it shorter."));
    }
    Ok((!reason.is_empty()).then(|| reason.to_owned()))
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
    let Some(row) = app.ledger.line(&id, &caller.scope)? else { return Ok(not_in_the_month(id)) };
    if let Some((code, words)) = set_aside(&row) {
        return Ok(refused(id, code, words, Some(row.state)));
    }
    let Some(intent) = app.ledger.latest_intent(&id)? else {
        let words = "Nothing of this line has failed.".to_owned();
        return Ok(refused(id, "not_over", words, Some(row.state)));
    };
    Ok(match try_again(app, caller, &intent)? {
        None => {
            let state = app.ledger.line(&id, &caller.scope)?.map(|row| row.state);
            LineResult { id, accepted: true, code: None, words: None, state, intent: Some(IntentState::Planned) }
        }
        Some(problem) => refused(id, &problem.code, format!("{} {}", problem.detail, problem.remedy), Some(row.state)),
    })
}

/// Lets a change be claimed again, or says why it cannot be.
pub(super) fn try_again(app: &App, caller: &Caller, row: &IntentRow) -> Result<Option<Problem>, Failure> {
    let (id, line) = (&row.intent.id, &row.intent.line);
    // Two open changes of one addition would write over each other, and a number nobody looked at since is nobody's.
    let current = app.ledger.line(line, &caller.scope)?.is_some_and(|line| line.line.preview == row.intent.preview);
    if row.intent.state.is_over() && (!current || app.ledger.latest_intent(line)?.is_some_and(|latest| latest.intent.id != *id)) {
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
        && let Some((code, words)) = app.ledger.line(line, &caller.scope)?.as_ref().and_then(set_aside)
    {
        return Ok(Some(Problem::new(409, code, "A person has set this line aside.", words, "Release the line first.")));
    }
    let now = app.now();
    if !app.reopen(id, now)? {
        let detail = format!("It is {}.", row.intent.state.name());
        let remedy = "Only failed and parked changes can be tried again.";
        return Ok(Some(Problem::new(409, "not_over", "This change cannot be tried again.", detail, remedy)));
    }
    let audit = NewAudit { by: &caller.name, event: "change_retried", subject: row.labels.subject(), ..NewAudit::default() };
    app.ledger.audit(audit.of_intent(&row.intent), now)?;
    Ok(None)
}

/// Why nothing is written of a line that a person has set aside, if one has.
fn set_aside(row: &LineRow) -> Option<(&'static str, String)> {
    let decision = row.decision.as_ref()?;
    let (code, done) = match decision.decision {
        DecisionKind::Held => ("held", "held"),
        DecisionKind::Dismissed => ("dismissed", "dismissed"),
        DecisionKind::Approved => return None,
    };
    let reason = decision.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let day = decision.at.format("%Y-%m-%d");
    Some((code, format!("{} {done} this line on {day}{reason}. Release it first.", decision.by)))
}

fn not_in_the_month(id: LineId) -> LineResult {
    refused(id, "not_found", "This line is not in the month any more.".to_owned(), None)
}

fn decide(
    app: &App,
    caller: &Caller,
    lines: Vec<LineId>,
    decided: Option<(DecisionKind, Option<String>)>,
) -> Result<Json<Decided>, Failure> {
    check_count(lines.len())?;
    let now = app.now();
    let decision = decided.map(|(decision, reason)| Decision { decision, by: caller.name.clone(), at: now, reason });
    let kind = decision.as_ref().map(|decision| decision.decision);
    let mut results = Vec::with_capacity(lines.len());
    for id in lines {
        let Some(row) = app.ledger.line(&id, &caller.scope)? else {
            results.push(not_in_the_month(id));
            continue;
        };
        // What waits for a day to come has not begun: a hold takes it back.
        let withdrawn = decision.is_some() && app.withdraw_waiting(&id, "A person held the line.")?;
        if row.state == LineState::Committing && !withdrawn {
            results.push(refused(id, "in_progress", "This line is being written already.".to_owned(), Some(row.state)));
            continue;
        }
        if kind == Some(DecisionKind::Dismissed) && matches!(row.line.key, LineKey::Unmapped { .. }) {
            let words = "Nothing bills these seats. Map them, or exclude the company or product with a reason.".to_owned();
            results.push(refused(id, "exclude_instead", words, Some(row.state)));
            continue;
        }
        app.ledger.decide_line(&row.line, decision.as_ref())?;
        let audit = NewAudit {
            by: &caller.name,
            event: match kind {
                None => "line_released",
                Some(DecisionKind::Dismissed) => "line_dismissed",
                Some(_) => "line_held",
            },
            subject: format!("{} · {}", row.line.company, row.line.product.name),
            detail: decision.as_ref().and_then(|decision| decision.reason.clone()),
            ..NewAudit::default()
        }
        .of_line(&row.line);
        app.ledger.audit(audit, now)?;
        let state = app.ledger.restate_line(&id)?;
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
