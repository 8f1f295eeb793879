//! Tickets in words: how a device's ticket stands, and what was decided.

use contract::tickets::TicketView;
use domain::connections::ConnectionKind;
use domain::ids::TicketId;
use domain::tickets::{Closer, Presence, TicketState};

use crate::model::billing::lines::Tone;

/// Where the rows of a segment are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// Devices in this state.
    Devices(&'static str),
    /// Decisions of these kinds; all of them when empty.
    Decisions(&'static str),
}

/// The segments of the page, in their order: name in addresses, words, and where their rows are read.
pub(crate) const SEGMENTS: [(&str, &str, Rows); 6] = [
    ("open", "Open", Rows::Devices("open")),
    ("waiting", "To be done", Rows::Devices("waiting")),
    ("closed", "Closed", Rows::Devices("closed")),
    ("skipped", "Skipped", Rows::Decisions("skipped,muted,withdrawn")),
    ("failed", "Failed", Rows::Decisions("failed,parked,ticket_gone,rule_paused")),
    ("log", "Log", Rows::Decisions("")),
];

/// The segment an address names; the first when it names none.
pub(crate) fn segment(asked: &str) -> (&'static str, Rows) {
    let named = SEGMENTS.iter().find(|(name, ..)| *name == asked);
    named.map_or(("open", Rows::Devices("open")), |(name, _, rows)| (*name, *rows))
}

/// How a device's ticket stands.
pub(crate) fn standing(view: &TicketView) -> (Tone, &'static str) {
    let case = &view.case;
    match &case.ticket {
        _ if case.is_new() && case.is_in() => (Tone::Busy, "To be opened"),
        None => (Tone::Quiet, "No ticket"),
        Some(ticket) => match ticket.state {
            TicketState::Open if ticket.summary => (Tone::Attention, "Open, on a summary"),
            TicketState::Open if case.is_in() => (Tone::Attention, "Open"),
            TicketState::Open => (Tone::Busy, "Open, the device has left"),
            TicketState::Closed { by: Closer::Us, .. } => (Tone::Good, "Closed, the device left"),
            TicketState::Closed { by: Closer::Person, .. } => (Tone::Good, "Closed in ConnectWise"),
            TicketState::Gone => (Tone::Bad, "Deleted in ConnectWise"),
        },
    }
}

/// Since when a device is in its group or out of it, as words before the moment.
pub(crate) fn presence(presence: Presence) -> (&'static str, domain::Timestamp) {
    match presence {
        Presence::In(since) => ("In the group since", since),
        Presence::Out(since) => ("Out of the group since", since),
        Presence::Found(since) => ("Detected", since),
    }
}

/// Where ConnectWise shows a ticket to a person who is signed in there. `site` is the connection's address. The way in is as old
/// as `v4_6_release`, which every site keeps beside its current code base.
pub(crate) fn ticket_address(site: &str, ticket: TicketId) -> String {
    let site = site.trim_end_matches('/');
    format!("{site}/v4_6_release/services/system_io/Service/fv_sr100_request.rails?service_recid={ticket}")
}

/// Where the console of a connection is opened. ESET documents no address of a single device: there it is found by its name.
pub(crate) fn console_address(kind: ConnectionKind, address: &str) -> Option<String> {
    match kind {
        ConnectionKind::Connect => Some("https://protect.eset.com/".to_owned()),
        // The API has a port of its own, the console is on the usual one.
        ConnectionKind::Onprem => {
            let (_, rest) = address.split_once("://")?;
            let host = rest.split(['/', ':']).next().filter(|host| !host.is_empty())?;
            Some(format!("https://{host}/era/webconsole/"))
        }
        ConnectionKind::Ema2 | ConnectionKind::Connectwise => None,
    }
}

/// A decision of the log: its tone and its words. One this page does not know is shown by its name.
pub(crate) fn decision(event: &str) -> (Tone, String) {
    let known = match event {
        "opened" => (Tone::Attention, "Ticket opened"),
        "summary_opened" => (Tone::Attention, "Summary opened"),
        "told" => (Tone::Attention, "Told in a summary"),
        "reopened" => (Tone::Attention, "Opened again"),
        "noted" => (Tone::Quiet, "Noted in its ticket"),
        "closed" => (Tone::Good, "Ticket closed"),
        "closed_by_person" => (Tone::Good, "Closed in ConnectWise"),
        "skipped" => (Tone::Quiet, "Skipped"),
        "muted" => (Tone::Quiet, "Muted"),
        "withdrawn" => (Tone::Quiet, "Not wanted any more"),
        "failed" => (Tone::Bad, "Failed"),
        "parked" => (Tone::Bad, "Look here"),
        "ticket_gone" => (Tone::Bad, "Ticket deleted in ConnectWise"),
        "ticket_moved" => (Tone::Attention, "Moved, left to people"),
        "tested" => (Tone::Quiet, "Test ticket opened"),
        "leaves_doubted" => (Tone::Attention, "Many left at once"),
        "rule_paused" => (Tone::Bad, "Rule paused"),
        "rule_resumed" => (Tone::Good, "Rule goes on"),
        "rule_deleted" => (Tone::Quiet, "Rule deleted"),
        other => return (Tone::Quiet, sentence(other)),
    };
    (known.0, known.1.to_owned())
}

/// Whether what a decision is about can be tried again.
pub(crate) fn can_retry(event: &str) -> bool {
    matches!(event, "failed" | "parked")
}

/// `note_lost` as "Note lost".
fn sentence(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use domain::ids::TicketId;
    use domain::tickets::{Case, OurTicket};

    use super::*;

    fn at(text: &str) -> domain::Timestamp {
        text.parse().expect("a moment")
    }

    fn view(case: Case) -> TicketView {
        TicketView {
            rule: "rule".into(),
            rule_name: "Not protected".to_owned(),
            subject: "pc".to_owned(),
            device: "PC-1".to_owned(),
            company: "Acme".to_owned(),
            case,
            psa: None,
            opened_by: None,
        }
    }

    #[test]
    fn a_ticket_stands_as_its_case_says() {
        let since = at("2026-11-22T10:00:00Z");
        let ticket = |state, summary| Some(OurTicket { id: TicketId(7), state, summary, left_to: false });
        let closed = |by| TicketState::Closed { at: since, by };
        let table = [
            (Presence::In(since), 0, None, "To be opened"),
            (Presence::In(since), 1, None, "No ticket"),
            (Presence::In(since), 1, ticket(TicketState::Open, false), "Open"),
            (Presence::In(since), 1, ticket(TicketState::Open, true), "Open, on a summary"),
            (Presence::Out(since), 1, ticket(TicketState::Open, false), "Open, the device has left"),
            (Presence::Out(since), 1, ticket(closed(Closer::Us), false), "Closed, the device left"),
            (Presence::Out(since), 1, ticket(closed(Closer::Person), false), "Closed in ConnectWise"),
            (Presence::In(since), 0, ticket(closed(Closer::Person), false), "To be opened"),
            (Presence::In(since), 1, ticket(TicketState::Gone, false), "Deleted in ConnectWise"),
            (Presence::Found(since), 0, ticket(TicketState::Open, false), "To be opened"),
            (Presence::Found(since), 1, ticket(TicketState::Open, false), "Open"),
        ];
        for (presence, dealt, ticket, words) in table {
            assert_eq!(standing(&view(Case { presence, entered_at: None, entries: 1, dealt, ticket })).1, words);
        }
    }

    #[test]
    fn every_segment_is_found_by_its_name() {
        for (name, _, rows) in SEGMENTS {
            assert_eq!(segment(name), (name, rows));
        }
        assert_eq!(segment("nonsense").0, "open");
    }

    #[test]
    fn a_ticket_and_a_console_are_opened_where_their_vendors_show_them() {
        let shown = ticket_address("https://na.myconnectwise.net/", TicketId(4711));
        assert_eq!(shown, "https://na.myconnectwise.net/v4_6_release/services/system_io/Service/fv_sr100_request.rails?service_recid=4711");
        assert_eq!(ticket_address("https://na.myconnectwise.net", TicketId(4711)), shown);
        let table = [
            (ConnectionKind::Connect, "eu", Some("https://protect.eset.com/")),
            (ConnectionKind::Onprem, "https://protect.example.com:9443/", Some("https://protect.example.com/era/webconsole/")),
            (ConnectionKind::Onprem, "protect", None),
            (ConnectionKind::Ema2, "https://mspapi.eset.com/", None),
        ];
        for (kind, address, console) in table {
            assert_eq!(console_address(kind, address).as_deref(), console, "{address}");
        }
    }

    #[test]
    fn a_decision_reads_as_words() {
        assert_eq!(decision("summary_opened").1, "Summary opened");
        assert_eq!(decision("note_lost"), (Tone::Quiet, "Note lost".to_owned()));
        assert!(can_retry("parked") && !can_retry("skipped"));
    }
}
