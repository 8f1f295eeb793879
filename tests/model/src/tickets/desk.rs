//! The service desk: the tickets as they are, what reads may still show of what they were, and the device's case in the ledger.

use std::hash::{Hash, Hasher};

use domain::tickets::{Case, Closer, OurTicket, Presence, TicketState};
use engine::tickets::TicketActionKind;

/// How a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stand {
    pub open: bool,
    /// Which intents' notes are in it, a bit for each.
    pub notes: u64,
}

/// One ticket.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ticket {
    /// The entry whose mark it bears.
    pub entry: u32,
    /// As it is; none once it is deleted.
    pub is: Option<Stand>,
    /// What it was, and for how many steps reads may still show that.
    was: Vec<(Option<Stand>, u8)>,
    /// Whether it was deleted before the engine knew its number.
    pub deleted_unknown: bool,
}

impl Ticket {
    pub fn opened(entry: u32, left: u8) -> Self {
        let mut ticket = Self { entry, is: None, was: Vec::new(), deleted_unknown: false };
        ticket.becomes(Some(Stand { open: true, notes: 0 }), left);
        ticket
    }

    pub fn becomes(&mut self, stand: Option<Stand>, left: u8) {
        let before = std::mem::replace(&mut self.is, stand);
        self.was.retain(|(was, _)| *was != before);
        self.was.push((before, left));
        // A replica that has heard of a change has heard of all before it.
        self.was.iter_mut().for_each(|(_, until)| *until = left.min(*until));
        self.was.retain(|(_, left)| *left > 0);
    }

    /// What a read may show; first what is.
    pub fn shown(&self) -> Vec<Option<Stand>> {
        let mut shown = vec![self.is];
        for (was, _) in &self.was {
            if !shown.contains(was) {
                shown.push(*was);
            }
        }
        shown
    }
}

/// The other side of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desk {
    pub case: Case,
    pub tickets: Vec<Ticket>,
    /// What was begun about which entry. No other takes its place.
    pub begun: Vec<(u32, u8)>,
    /// How often the device still comes or goes.
    pub polls: u8,
    /// Whether anybody else has done anything.
    pub hands: bool,
    /// The intents whose status took effect, since anybody else did anything.
    pub statuses: u64,
}

impl Hash for Desk {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Self { case, tickets, begun, polls, hands, statuses } = self;
        (tickets, begun, polls, hands, statuses).hash(hasher);
        // Without a delay, moments make a difference beside each other alone.
        let Case { presence, entered_at: _, entries, dealt, ticket } = case;
        let kind = match presence {
            Presence::In(_) => 0_u8,
            Presence::Out(_) => 1,
            Presence::Found(_) => 2,
        };
        (kind, entries, dealt).hash(hasher);
        if let Some(OurTicket { id, state, summary, left_to }) = ticket {
            (id, summary, left_to).hash(hasher);
            match state {
                TicketState::Open => 0_u8.hash(hasher),
                TicketState::Gone => 1_u8.hash(hasher),
                TicketState::Closed { at, by } => (at.cmp(&presence.since()), *by == Closer::Us).hash(hasher),
            }
        }
    }
}

impl Desk {
    pub fn new(case: Case, polls: u8) -> Self {
        let begun = vec![(case.entries, number(TicketActionKind::Open))];
        Self { case, tickets: Vec::new(), begun, polls, hands: false, statuses: 0 }
    }

    pub fn pass(&mut self) {
        for ticket in &mut self.tickets {
            ticket.was.retain_mut(|(_, left)| {
                *left -= 1;
                *left > 0
            });
        }
        let floor = |moment: &mut domain::Timestamp| *moment -= crate::clock::TICK;
        let (Presence::In(since) | Presence::Out(since) | Presence::Found(since)) = &mut self.case.presence;
        floor(since);
        self.case.entered_at.iter_mut().for_each(floor);
        if let Some(TicketState::Closed { at, .. }) = self.case.ticket.as_mut().map(|ticket| &mut ticket.state) {
            floor(at);
        }
    }

    /// Whether the case says that somebody did something to its ticket.
    pub fn blames(&self) -> bool {
        let state = self.case.ticket.as_ref().map(|ticket| ticket.state);
        matches!(state, Some(TicketState::Gone | TicketState::Closed { by: Closer::Person, .. }))
    }
}

pub fn number(action: TicketActionKind) -> u8 {
    match action {
        TicketActionKind::Open => 0,
        TicketActionKind::Close => 1,
        TicketActionKind::Reopen => 2,
        TicketActionKind::Note => 3,
        TicketActionKind::Summary => 4,
        TicketActionKind::Test => 5,
    }
}
