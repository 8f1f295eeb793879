//! Decisions about lines.

use axum::Json;
use axum::extract::{Extension, State};
use shared::api::month::{Approve, ApproveLine, Decided, DecisionKind, Hold, LineResult, LineState, Release};
use shared::engine::IntentState;
use shared::ids::LineId;

use super::App;
use super::caller::Caller;
use super::error::{Failure, invalid};
use super::extract::Body;
use crate::ledger::{Decision, LineRow, NewAudit};

/// Lines of one request.
const MOST_LINES: usize = 500;

/// Approves lines. All of it is decided without awaiting anything, so a line cannot change between the look and the intent.
#[worker::send]
pub(super) async fn approve(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<Approve>,
) -> Result<Json<Decided>, Failure> {
    check_count(request.lines.len())?;
    let alone = request.lines.len() == 1;
    let results = request.lines.into_iter().map(|line| approve_one(&app, &caller, line, alone)).collect::<Result<Vec<_>, _>>()?;
    if results.iter().any(|result| result.accepted) {
        app.wake().await?;
    }
    Ok(Json(Decided { results }))
}

fn approve_one(app: &App, caller: &Caller, asked: ApproveLine, alone: bool) -> Result<LineResult, Failure> {
    let Some(row) = app.ledger.line(&asked.id)? else {
        return Ok(refused(asked.id, "not_found", "This line is not in the month any more.".to_owned(), None));
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
    if line.preview != asked.preview {
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
    let unseen: Vec<_> = line.guards.iter().filter(|guard| !asked.seen.iter().any(|code| code == guard.code())).collect();
    if !line.guards.is_empty() && (!alone || !unseen.is_empty()) {
        let words = line.guards.iter().map(|guard| format!("{} {}", guard.words(), guard.remedy())).collect::<Vec<_>>().join(" ");
        return Some(("look_alone", words));
    }
    None
}

fn refused(id: LineId, code: &str, words: String, state: Option<LineState>) -> LineResult {
    LineResult { id, accepted: false, code: Some(code.to_owned()), words: Some(words), state, intent: None }
}

pub(super) async fn hold(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<Hold>,
) -> Result<Json<Decided>, Failure> {
    let reason = request.reason.trim();
    if reason.chars().count() > 200 {
        return Err(invalid("reason", "A reason has up to 200 characters.", "Make it shorter."));
    }
    let reason = (!reason.is_empty()).then(|| reason.to_owned());
    let decision = Decision { decision: DecisionKind::Held, by: caller.name.clone(), at: app.now(), reason };
    decide(&app, &caller, request.lines, Some(&decision))
}

pub(super) async fn release(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<Release>,
) -> Result<Json<Decided>, Failure> {
    decide(&app, &caller, request.lines, None)
}

fn decide(app: &App, caller: &Caller, lines: Vec<LineId>, decision: Option<&Decision>) -> Result<Json<Decided>, Failure> {
    check_count(lines.len())?;
    let now = app.now();
    let mut results = Vec::with_capacity(lines.len());
    for id in lines {
        let Some(row) = app.ledger.line(&id)? else {
            results.push(refused(id, "not_found", "This line is not in the month any more.".to_owned(), None));
            continue;
        };
        // What waits for a day to come has not begun: a hold takes it back.
        let withdrawn = decision.is_some() && app.withdraw_waiting(&id, "A person held the line.")?;
        if row.state == LineState::Committing && !withdrawn {
            results.push(refused(id, "in_progress", "This line is being written already.".to_owned(), Some(row.state)));
            continue;
        }
        app.ledger.decide_line(&row.line, decision)?;
        let audit = NewAudit {
            by: &caller.name,
            event: if decision.is_some() { "line_held" } else { "line_released" },
            subject: format!("{} · {}", row.line.company, row.line.product.name),
            detail: decision.and_then(|decision| decision.reason.clone()),
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
    if (1..=MOST_LINES).contains(&count) {
        return Ok(());
    }
    Err(invalid("lines", "A request has 1 to 500 lines.", "Send them in several requests."))
}
