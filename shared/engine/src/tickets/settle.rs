//! What an intent means for its case: whether it is still wanted, and what came of it.

use super::intent::{TicketActionKind, TicketEnd, TicketIntent};
use crate::IntentState;
use domain::Timestamp;
use domain::tickets::{Case, OurTicket, TicketState};

/// Whether `case` still wants what `intent` would do. To be asked before every claim; [`TicketIntent::withdraw`] what is not. A
/// summary is wanted as long as one of its cases wants it.
pub fn still_wanted(case: &Case, intent: &TicketIntent) -> bool {
    let same_entry = intent.entry == case.entries;
    let is_it = |ticket: &&OurTicket| Some(ticket.id) == intent.ticket && ticket.state != TicketState::Gone;
    let ticket = || case.ticket.as_ref().filter(is_it);
    match intent.action {
        TicketActionKind::Test => true,
        TicketActionKind::Open => same_entry && case.is_in() && case.is_new(),
        TicketActionKind::Summary => case.is_in() && case.waits_for_summary(),
        TicketActionKind::Reopen | TicketActionKind::Note => same_entry && case.is_in() && case.is_new() && ticket().is_some(),
        TicketActionKind::Close => same_entry && !case.is_in() && ticket().is_some_and(|ticket| !ticket.summary),
    }
}

/// Carries what came of `intent` into `case`, once it is over; both are stored together, once. An entry whose action failed, or whose ticket is gone, is not dealt with by that.
pub fn settle(case: &mut Case, intent: &TicketIntent, now: Timestamp) {
    let (Some(outcome), Some(ticket)) = (&intent.outcome, intent.ticket) else { return };
    let done = intent.state == IntentState::Done;
    let ours = case.ticket.as_ref().is_some_and(|ours| ours.id == ticket);
    let gone = outcome.end == TicketEnd::Gone;
    match intent.action {
        TicketActionKind::Test => return,
        // A ticket that is there is the case's, whatever else became of the intent.
        TicketActionKind::Open => case.stood_by(intent.entry, ticket, false),
        TicketActionKind::Summary if case.waits_for_summary() => case.stood_by(case.entries, ticket, true),
        TicketActionKind::Reopen | TicketActionKind::Note if done && !gone && outcome.end != TicketEnd::Closed => {
            case.stood_by(intent.entry, ticket, false);
        }
        TicketActionKind::Close if done && ours && !matches!(outcome.end, TicketEnd::Gone | TicketEnd::Adopted | TicketEnd::Moved) => {
            case.closed(now);
        }
        _ => {}
    }
    match outcome.open {
        _ if gone => case.look_at_ticket(ticket, None, now),
        Some(open) if done => case.look_at_ticket(ticket, Some(open), outcome.closed_at.unwrap_or(now)),
        _ => {}
    }
}

#[cfg(test)]
#[path = "settle_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "engine_laws.rs"]
mod laws;
