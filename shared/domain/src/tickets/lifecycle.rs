//! What is to be done about a case.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::case::{Case, Closer, OurTicket, Presence, TicketState};
use crate::Timestamp;
use crate::ids::TicketId;

/// A device that comes back this soon after it left is the same incident, whatever the rule makes of later returns.
const SAME_INCIDENT: TimeDelta = TimeDelta::days(1);

/// How a rule deals with its devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lifecycle {
    /// Minutes a device has to be in the group before a ticket is opened; for detections, how long more of them are waited for.
    pub delay_minutes: u32,
    /// Minutes it has to be out before its ticket is closed; none leaves closing to people, as rules about detections do.
    pub close_after_minutes: Option<u32>,
    /// Days after a ticket was closed in which a return is about the same trouble.
    pub return_days: u32,
    /// What is made of such a return.
    pub on_return: Return,
}

/// What is made of a device that comes back after its ticket was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Return {
    /// The same ticket is opened again.
    Reopen,
    /// Another ticket is opened.
    New,
    /// Nothing.
    Nothing,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self { delay_minutes: 30, close_after_minutes: Some(60), return_days: 7, on_return: Return::Reopen }
    }
}

/// Something to do in ConnectWise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketAction {
    /// Open a ticket.
    Open,
    /// Open this one again, with a note.
    Reopen(TicketId),
    /// Note in this one, which is open, that the device has come back.
    Note(TicketId),
    /// Close this one, with a note.
    Close(TicketId),
}

/// Why nothing is done about an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// The device had left before the delay was over.
    LeftInTime,
    /// It had left before a ticket was opened for another reason, as that the rule was muted.
    LeftUnopened,
    /// It came back, and the rule makes nothing of that.
    CameBack,
    /// Somebody closed its ticket after it had come back.
    ClosedSince,
    /// It is on the summary of a storm, which is still open.
    OnSummary,
}

impl Skip {
    /// The reason in a sentence.
    pub fn label(self) -> &'static str {
        match self {
            Self::LeftInTime => "The device had left the group before the rule's delay was over.",
            Self::LeftUnopened => "The device had left the group before a ticket was opened.",
            Self::CameBack => "It happened again soon after its ticket was closed, and the rule makes nothing of that.",
            Self::ClosedSince => "Somebody closed the device's ticket in ConnectWise after it had come back.",
            Self::OnSummary => "The device is on a summary ticket that is still open.",
        }
    }
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing, before the device or its ticket changes.
    Rest,
    /// Nothing before this moment.
    Wait(Timestamp),
    /// This.
    Do(TicketAction),
    /// The entry is over, for this reason.
    Skip(Skip),
}

/// What is to be done about a case now. `muted_until` is set while the rule, its company or the device is muted or under
/// maintenance: nothing is opened then, and nothing that happens then is forgotten.
pub fn next(case: &Case, rule: &Lifecycle, muted_until: Option<Timestamp>, now: Timestamp) -> Next {
    match case.presence {
        Presence::In(since) | Presence::Found(since) if case.is_new() => {
            let ready = since + TimeDelta::minutes(rule.delay_minutes.into());
            match muted_until {
                Some(end) => Next::Wait(end.max(ready)),
                None if now < ready => Next::Wait(ready),
                None => about_entry(case, rule, since),
            }
        }
        Presence::Out(left) if case.is_new() => {
            let in_time = |since| left < since + TimeDelta::minutes(rule.delay_minutes.into());
            Next::Skip(if case.entered_at.is_some_and(in_time) { Skip::LeftInTime } else { Skip::LeftUnopened })
        }
        Presence::Out(since) => match (open_ticket(case), rule.close_after_minutes) {
            (Some(id), Some(minutes)) => {
                let ready = since + TimeDelta::minutes(minutes.into());
                if now < ready { Next::Wait(ready) } else { Next::Do(TicketAction::Close(id)) }
            }
            _ => Next::Rest,
        },
        Presence::In(_) | Presence::Found(_) => Next::Rest,
    }
}

/// The ticket that is open for this device alone.
fn open_ticket(case: &Case) -> Option<TicketId> {
    case.ticket.as_ref().filter(|ticket| ticket.state == TicketState::Open && !ticket.summary).map(|ticket| ticket.id)
}

fn about_entry(case: &Case, rule: &Lifecycle, since: Timestamp) -> Next {
    let Some(OurTicket { id, state, summary, .. }) = &case.ticket else { return Next::Do(TicketAction::Open) };
    // Who closes a ticket knows that the device is in the group, and nothing of a detection it does not tell of yet.
    let knew = matches!(case.presence, Presence::In(_));
    match state {
        TicketState::Gone => Next::Do(TicketAction::Open),
        TicketState::Open if *summary => Next::Skip(Skip::OnSummary),
        TicketState::Open => Next::Do(TicketAction::Note(*id)),
        TicketState::Closed { .. } if *summary => Next::Do(TicketAction::Open),
        TicketState::Closed { at, by: Closer::Person } if knew && *at >= since => Next::Skip(Skip::ClosedSince),
        // It came back while we were closing.
        TicketState::Closed { at, by: Closer::Us } if *at >= since => Next::Do(TicketAction::Reopen(*id)),
        TicketState::Closed { at, by } => {
            let flaps = *by == Closer::Us && since - at < SAME_INCIDENT;
            let soon = since - at <= TimeDelta::days(rule.return_days.into());
            match rule.on_return {
                Return::Nothing if flaps || soon => Next::Skip(Skip::CameBack),
                Return::Reopen if flaps || soon => Next::Do(TicketAction::Reopen(*id)),
                Return::New if flaps => Next::Do(TicketAction::Reopen(*id)),
                _ => Next::Do(TicketAction::Open),
            }
        }
    }
}

#[cfg(test)]
#[path = "lifecycle_tests.rs"]
mod tests;
