//! What ConnectWise, its people, the console and the ledger do about a ticket.

use std::hash::{Hash, Hasher};

use domain::ids::{IntentId, TicketId};
use domain::tickets::example::target;
use domain::tickets::{Next, TicketAction, TicketState, next};
use engine::tickets::{
    Attachment, Look, Parts, Progress, Receipt, Sighting, TicketActionKind, TicketEnd, TicketIntent, TicketWrite, settle, still_wanted,
};
use engine::{Answer, Effect as _, IntentState};

use super::desk::{Desk, Stand, Ticket, number};
use super::{intent, watching};
use crate::clock::{LAG, now, settings};
use crate::watch::{Broken, Key};
use crate::world::{AnswerOf, Side, Then};

/// What is done about a ticket beside carrying it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    TriesAgain,
    Abandons,
    /// A whole poll misses the device, or shows it again.
    Leaves,
    Returns,
    Closes,
    OpensAgain,
    Deletes,
    /// Open tickets are looked at, and this one stands so.
    Looks(Option<Stand>),
}

fn place(ticket: TicketId) -> usize {
    usize::try_from(ticket.0).unwrap_or(usize::MAX)
}

/// Which intent it is, among all of the case.
fn which(intent: &TicketIntent) -> u8 {
    u8::try_from(intent.entry).unwrap_or(u8::MAX) * 6 + number(intent.action)
}

fn bit(intent: &TicketIntent) -> u64 {
    1 << which(intent)
}

fn look(id: TicketId, stand: Stand, note: bool) -> Look {
    let target = target();
    Look {
        id,
        board: target.board,
        status: if stand.open { target.open_status } else { target.closed_status },
        closed: !stand.open,
        closed_at: None,
        noted: note,
        configuration: Attachment::Missing,
    }
}

impl Desk {
    /// Somebody makes the newest ticket so.
    fn by_hand(&mut self, stand: impl FnOnce(Stand) -> Option<Stand>) {
        if let Some(ticket) = self.tickets.last_mut()
            && let Some(is) = ticket.is
        {
            ticket.becomes(stand(is), LAG);
        }
        self.hands = true;
        self.statuses = 0;
    }

    fn open(&self) -> usize {
        self.tickets.iter().filter(|ticket| ticket.is.is_some_and(|stand| stand.open)).count()
    }

    fn next(&self) -> Option<TicketAction> {
        match next(&self.case, &watching().lifecycle, None, now()) {
            Next::Do(action) => Some(action).filter(|action| !self.begun.contains(&self.name(*action))),
            Next::Rest | Next::Wait(_) | Next::Skip(_) => None,
        }
    }

    fn name(&self, action: TicketAction) -> (u32, u8) {
        (self.case.entries, number(TicketActionKind::of(action).0))
    }
}

impl Side for Desk {
    type Reading = Sighting;
    type Write = TicketWrite;
    type Receipt = Receipt;
    type Intent = TicketIntent;
    type Doing = Doing;

    fn id(intent: &TicketIntent) -> &IntentId {
        &intent.id
    }

    fn hash_intent<H: Hasher>(intent: &TicketIntent, hasher: &mut H) {
        let TicketIntent { id: _, rule: _, subject: _, entry: _, action: _, ticket, target: _, company: _, summary: _, text: _, .. } =
            intent;
        let TicketIntent { device: _, configuration: _, course: _, sent, parts, came, remarks, withdrawn, .. } = intent;
        let Parts { status, note, configuration: _, attached: _ } = parts;
        let part = |part: &Progress| match part {
            Progress::Nothing => 0_u8,
            Progress::Wanted => 1,
            Progress::Sent => 2,
            Progress::There => 3,
        };
        (which(intent), ticket, sent, part(status), part(note)).hash(hasher);
        (came.map(|came| came as u8), remarks.len(), withdrawn.is_some()).hash(hasher);
    }

    fn readings(&self, intent: &TicketIntent) -> Vec<Sighting> {
        let Some(id) = intent.ticket else {
            let bears = |(_, ticket): &(i64, &Ticket)| ticket.entry == intent.entry;
            let Some((id, ticket)) = (0..).zip(&self.tickets).filter(bears).last() else { return vec![Sighting::Marked(Vec::new())] };
            let mut found: Vec<bool> = ticket.shown().iter().map(Option::is_some).collect();
            found.dedup();
            return found.into_iter().map(|found| Sighting::Marked(found.then_some(TicketId(id)).into_iter().collect())).collect();
        };
        let ticket = self.tickets.get(place(id));
        let (is, shown) = ticket.map(|ticket| (ticket.is, ticket.shown())).unwrap_or_default();
        let sighting = |stand: Option<Stand>| {
            stand
                .map_or(Sighting::Gone, |stand| Sighting::Ticket(look(id, stand, intent.asks_for_note() && stand.notes & bit(intent) != 0)))
        };
        // That it was made, reads may lag behind for the intent that made it. Another has seen the ticket before.
        let made = |stand: &Option<Stand>| intent.action.creates() || stand.is_some() || is.is_none();
        shown.into_iter().filter(made).map(sighting).collect()
    }

    fn arrive(&mut self, intent: &TicketIntent, write: &TicketWrite, left: u8) -> Result<AnswerOf<Self>, Broken> {
        if let TicketWrite::Create { .. } = write {
            let double = |ticket: &Ticket| ticket.entry == intent.entry && !ticket.deleted_unknown;
            if self.tickets.iter().any(double) || !self.hands && self.open() > 0 {
                return Err(Broken::Twice);
            }
            let number = TicketId(i64::try_from(self.tickets.len()).unwrap_or(i64::MAX));
            self.tickets.push(Ticket::opened(intent.entry, left));
            return Ok(Answer::Accepted(Receipt::Ticket(number)));
        }
        let ticket = intent.ticket.and_then(|ticket| self.tickets.get_mut(place(ticket)));
        let Some((ticket, is)) = ticket.and_then(|ticket| ticket.is.map(|is| (ticket, is))) else { return Ok(Answer::Gone) };
        let stand = match write {
            TicketWrite::Note(_) if is.notes & bit(intent) != 0 => return Err(Broken::Twice),
            TicketWrite::Note(_) => Stand { notes: is.notes | bit(intent), ..is },
            TicketWrite::Status(status) => Stand { open: *status == target().open_status, ..is },
            TicketWrite::Create { .. } | TicketWrite::Configuration | TicketWrite::Attach(_) => is,
        };
        if stand == is {
            return Ok(Answer::Accepted(Receipt::Nothing));
        }
        ticket.becomes(Some(stand), left);
        if stand.open != is.open {
            let before = self.statuses;
            self.statuses |= bit(intent);
            if before == self.statuses {
                return Err(Broken::Twice);
            }
        }
        Ok(Answer::Accepted(Receipt::Nothing))
    }

    fn other_answers(&self, write: &TicketWrite) -> Vec<AnswerOf<Self>> {
        match write {
            TicketWrite::Status(_) => vec![Answer::Accepted(Receipt::Nothing)],
            _ => Vec::new(),
        }
    }

    fn key(&self, intent: &TicketIntent, write: &TicketWrite) -> Key {
        let part = match write {
            TicketWrite::Create { .. } => 0,
            TicketWrite::Status(_) => 1,
            TicketWrite::Note(_) => 2,
            TicketWrite::Configuration => 3,
            TicketWrite::Attach(_) => 4,
        };
        Key { intent: which(intent), part, makes: part != 1 }
    }

    fn allows(&self, intent: &TicketIntent, seen: &Sighting, write: &TicketWrite) -> bool {
        match (seen, write) {
            (Sighting::Marked(found), TicketWrite::Create { .. }) => found.is_empty(),
            // Nothing is closed while the device is in the group.
            (Sighting::Ticket(look), TicketWrite::Status(_)) if intent.action == TicketActionKind::Close => {
                !look.closed && !self.case.is_in()
            }
            (Sighting::Ticket(look), TicketWrite::Status(_)) => look.closed,
            (Sighting::Ticket(look), TicketWrite::Note(_)) => !look.noted,
            _ => false,
        }
    }

    fn prepare(&mut self, stored: &mut TicketIntent) {
        if stored.holds_case() {
            if !still_wanted(&self.case, stored) {
                let _ = stored.withdraw("The device is not where it was when this was decided.", now());
            }
            return;
        }
        if let Next::Skip(_) = next(&self.case, &watching().lifecycle, None, now()) {
            self.case.skip();
        }
        if let Some(action) = self.next() {
            self.begun.push(self.name(action));
            *stored = intent(&self.case, action);
        }
    }

    fn settle(&mut self, intent: &TicketIntent) -> Result<(), Broken> {
        settle(&mut self.case, intent, now());
        let Some(outcome) = intent.course.outcome.as_ref().filter(|_| !self.hands) else { return Ok(()) };
        if self.blames() || matches!(outcome.end, TicketEnd::Gone | TicketEnd::Closed | TicketEnd::Moved) {
            return Err(Broken::Blamed);
        }
        let stand = intent.ticket.and_then(|ticket| self.tickets.get(place(ticket))).and_then(|ticket| ticket.is);
        let open = intent.action != TicketActionKind::Close;
        if intent.course.state == IntentState::Done && stand.is_none_or(|stand| stand.open != open) {
            return Err(Broken::NotThere);
        }
        Ok(())
    }

    fn doings(&self, stored: &TicketIntent) -> Vec<Doing> {
        let mut doings = Vec::new();
        match stored.course.state {
            IntentState::Failed | IntentState::Parked => doings.push(Doing::TriesAgain),
            IntentState::Done => {}
            IntentState::Planned | IntentState::Inflight | IntentState::Unknown => doings.push(Doing::Abandons),
        }
        // One alarm after the other: what it began is over, or was taken up, before the console or open tickets are asked.
        let works = stored.course.state == IntentState::Inflight;
        if self.polls > 0 && !works {
            doings.push(if self.case.is_in() { Doing::Leaves } else { Doing::Returns });
        }
        if let Some(stand) = self.tickets.last().and_then(|ticket| ticket.is) {
            doings.extend([if stand.open { Doing::Closes } else { Doing::OpensAgain }, Doing::Deletes]);
        }
        let known = self.case.ticket.as_ref().filter(|ticket| ticket.state == TicketState::Open);
        // A ticket is only believed to be closed or gone when it says so itself, and that is taken for what is.
        let stands = known.and_then(|ticket| self.tickets.get(place(ticket.id))).map(|ticket| ticket.is);
        // What we have begun to close is not said to be somebody's doing; of what was parked on the way nothing is promised yet.
        let undecided = !stored.course.state.is_over() || stored.course.state == IntentState::Parked;
        let closing = stored.action == TicketActionKind::Close && undecided;
        doings.extend(stands.filter(|stand| !closing && !works && stand.is_none_or(|stand| !stand.open)).map(Doing::Looks));
        doings
    }

    fn counts(doing: &Doing) -> bool {
        !matches!(doing, Doing::Looks(_) | Doing::Leaves | Doing::Returns)
    }

    fn happen(&mut self, doing: &Doing, stored: &mut TicketIntent) -> Result<Then, Broken> {
        match doing {
            Doing::TriesAgain => {
                stored.reopen(now(), &settings(&TicketIntent::settings()));
                return Ok(Then::AskedAgain);
            }
            Doing::Abandons => {
                if stored.abandon("The ConnectWise connection was deleted.", now()) {
                    self.settle(stored)?;
                }
            }
            Doing::Leaves | Doing::Returns => {
                self.polls -= 1;
                self.case.observe(*doing == Doing::Returns, now());
            }
            Doing::Closes => self.by_hand(|stand| Some(Stand { open: false, ..stand })),
            Doing::OpensAgain => self.by_hand(|stand| Some(Stand { open: true, ..stand })),
            Doing::Deletes => {
                let known = self.tickets.len().checked_sub(1).and_then(|last| i64::try_from(last).ok()).map(TicketId);
                let unknown = stored.ticket != known && self.case.ticket.as_ref().map(|ticket| ticket.id) != known;
                if let Some(ticket) = self.tickets.last_mut() {
                    ticket.deleted_unknown = unknown;
                }
                self.by_hand(|_| None);
            }
            Doing::Looks(stand) => {
                if let Some(id) = self.case.ticket.as_ref().map(|ticket| ticket.id) {
                    self.case.look_at_ticket(id, stand.map(|stand| stand.open), now());
                }
                if !self.hands && self.blames() {
                    return Err(Broken::Blamed);
                }
            }
        }
        Ok(Then::Nothing)
    }

    fn pass(&mut self) {
        Self::pass(self);
    }

    fn rests(&self, stored: &TicketIntent) -> bool {
        let skips = matches!(next(&self.case, &watching().lifecycle, None, now()), Next::Skip(_));
        stored.holds_case() || !skips && self.next().is_none()
    }

    fn outcome(intent: &TicketIntent) -> Option<String> {
        intent.course.outcome.as_ref().map(|outcome| outcome.words.clone())
    }

    fn say_reading(reading: &Sighting) -> String {
        match reading {
            Sighting::Marked(found) if found.is_empty() => "no ticket with the mark".to_owned(),
            Sighting::Marked(_) => "a ticket with the mark".to_owned(),
            Sighting::Ticket(look) if look.closed => "the ticket, closed".to_owned(),
            Sighting::Ticket(look) if look.noted => "the ticket, open, with the note".to_owned(),
            Sighting::Ticket(_) => "the ticket, open".to_owned(),
            Sighting::Gone => "that the ticket is gone".to_owned(),
        }
    }

    fn say_write(write: &TicketWrite) -> String {
        match write {
            TicketWrite::Create { .. } => "POST of a ticket".to_owned(),
            TicketWrite::Status(status) if *status == target().open_status => "PATCH that opens the ticket".to_owned(),
            TicketWrite::Status(_) => "PATCH that closes the ticket".to_owned(),
            TicketWrite::Note(_) => "POST of a note".to_owned(),
            TicketWrite::Configuration => "POST of a configuration".to_owned(),
            TicketWrite::Attach(_) => "POST of an attachment".to_owned(),
        }
    }

    fn say_doing(&self, doing: &Doing) -> String {
        let words = match doing {
            Doing::TriesAgain => "a person presses Try again",
            Doing::Abandons => "a person deletes the connection, which ends it",
            Doing::Leaves => "a poll misses the device in the group",
            Doing::Returns => "a poll shows the device in the group again",
            Doing::Closes => "a person closes the ticket",
            Doing::OpensAgain => "a person opens the ticket again",
            Doing::Deletes => "a person deletes the ticket",
            Doing::Looks(None) => "open tickets are looked at, and this one is gone",
            Doing::Looks(Some(_)) => "open tickets are looked at, and this one is closed",
        };
        words.to_owned()
    }
}
