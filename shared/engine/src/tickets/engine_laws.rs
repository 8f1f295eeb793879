//! What holds of tickets whatever happens on the way to ConnectWise: a small one whose search lags, whose answers are lost, and
//! in which people close and delete.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::super::*;
use crate::{Effect as _, IntentState, Settings, step};
use domain::Timestamp;
use domain::ids::{ConfigurationId, PsaCompanyId, TicketId};
use domain::tickets::example::{rule, target};
use domain::tickets::{Attach, Case, Fields, Lifecycle, Next, Return, TicketRule, next};

#[derive(Debug, Clone, Copy)]
enum Happening {
    /// A whole poll.
    Poll(bool),
    /// The tickets' states are read.
    LookAtTickets,
    /// So many seconds go by.
    Seconds(u32),
    /// Somebody closes the latest ticket.
    PersonCloses,
    /// Somebody deletes it.
    PersonDeletes,
}

/// What becomes of a call. A lost answer and a crash look alike to ConnectWise: the effect comes before, after or never.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Answered,
    Twice,
    Lost(Effect),
    Crash(Effect),
    Refused,
    Deferred,
}

#[derive(Debug, Clone, Copy)]
enum Effect {
    Never,
    AtOnce,
    /// After so many seconds.
    Late(i64),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => any::<bool>().prop_map(Happening::Poll),
        2 => Just(Happening::LookAtTickets),
        4 => (1..600_u32).prop_map(Happening::Seconds),
        3 => (600..20_000_u32).prop_map(Happening::Seconds),
        1 => Just(Happening::PersonCloses),
        1 => Just(Happening::PersonDeletes),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    let effect = || prop_oneof![Just(Effect::Never), Just(Effect::AtOnce), (1..=30_i64).prop_map(Effect::Late)];
    prop_oneof![
        5 => Just(Fate::Answered),
        1 => Just(Fate::Twice),
        3 => effect().prop_map(Fate::Lost),
        3 => effect().prop_map(Fate::Crash),
        1 => Just(Fate::Refused),
        1 => Just(Fate::Deferred),
    ]
}

fn lifecycle() -> impl Strategy<Value = Lifecycle> {
    let on_return = prop_oneof![Just(Return::Reopen), Just(Return::New), Just(Return::Nothing)];
    (0..20_u32, 0..20_u32, 0..3_u32, on_return).prop_map(|(delay_minutes, close, return_days, on_return)| Lifecycle {
        delay_minutes,
        close_after_minutes: Some(close),
        return_days,
        on_return,
    })
}

#[derive(Debug)]
struct Ticket {
    marker: String,
    found_from: Timestamp,
    open: bool,
    closed_at: Option<Timestamp>,
    deleted: bool,
    notes: Vec<String>,
    attached: bool,
}

struct World {
    now: Timestamp,
    rule: TicketRule,
    settings: Settings,
    case: Case,
    intents: Vec<TicketIntent>,
    tickets: Vec<Ticket>,
    /// Writes that are on their way, of which intent.
    late: Vec<(Timestamp, usize, TicketWrite)>,
    configurations: u32,
    fates: Vec<Fate>,
    by_person: bool,
    /// Tickets that were made although there was one of the entry.
    doubles: usize,
    lags: Vec<i64>,
}

impl World {
    fn new(lifecycle: Lifecycle, fates: Vec<Fate>, lags: Vec<i64>) -> Self {
        let now = Timestamp::UNIX_EPOCH + TimeDelta::days(20_000);
        Self {
            now,
            rule: TicketRule { lifecycle, attach: Attach::AttachOrCreate, ..rule() },
            settings: TicketIntent::settings(),
            case: Case::entered(now),
            intents: Vec::new(),
            tickets: Vec::new(),
            late: Vec::new(),
            configurations: 0,
            fates,
            by_person: false,
            doubles: 0,
            lags,
        }
    }

    fn pass(&mut self, time: TimeDelta) {
        self.now += time;
        let now = self.now;
        let (due, late) = std::mem::take(&mut self.late).into_iter().partition(|(at, ..)| *at <= now);
        self.late = late;
        let due: Vec<_> = due;
        due.into_iter().for_each(|(at, intent, write)| {
            self.take_effect(intent, &write, at);
        });
    }

    fn place(id: TicketId) -> usize {
        usize::try_from(id.0).expect("a number")
    }

    fn take_effect(&mut self, intent: usize, write: &TicketWrite, at: Timestamp) -> TicketAnswer {
        let intent = &self.intents[intent];
        if let TicketWrite::Create { .. } = write {
            // Of one that somebody deleted before it was ever seen, nobody can know.
            let known = |place| self.intents.iter().any(|intent| intent.ticket == Some(TicketId(place)));
            let doubles = (0..).zip(&self.tickets).filter(|(_, ticket)| ticket.marker == intent.marker());
            self.doubles += doubles.filter(|(place, ticket)| !ticket.deleted || known(*place)).count();
            let lag = self.lags[self.tickets.len() % self.lags.len()];
            self.tickets.push(Ticket {
                marker: intent.marker(),
                found_from: at + TimeDelta::seconds(lag),
                open: true,
                closed_at: None,
                deleted: false,
                notes: Vec::new(),
                attached: false,
            });
            return TicketAnswer::Accepted(Receipt::Ticket(TicketId(self.tickets.len() as i64 - 1)));
        }
        if *write == TicketWrite::Configuration {
            self.configurations += 1;
            return TicketAnswer::Accepted(Receipt::Configuration(ConfigurationId(1)));
        }
        let ticket = &mut self.tickets[Self::place(intent.ticket.expect("a ticket"))];
        if ticket.deleted {
            return TicketAnswer::Gone;
        }
        match write {
            TicketWrite::Status(status) => {
                ticket.open = *status == target().open_status;
                ticket.closed_at = (!ticket.open).then_some(at);
            }
            TicketWrite::Note(text) => ticket.notes.push(text.clone()),
            TicketWrite::Attach(_) => ticket.attached = true,
            TicketWrite::Create { .. } | TicketWrite::Configuration => {}
        }
        TicketAnswer::Accepted(Receipt::Nothing)
    }

    fn sighting(&self, intent: &TicketIntent) -> Sighting {
        let Some(id) = intent.ticket else {
            let shown = |ticket: &Ticket| !ticket.deleted && ticket.marker == intent.marker() && ticket.found_from <= self.now;
            let found = (0..).zip(&self.tickets).filter(|(_, ticket)| shown(ticket));
            return Sighting::Marked(found.map(|(place, _)| TicketId(place)).collect());
        };
        let ticket = &self.tickets[Self::place(id)];
        if ticket.deleted {
            return Sighting::Gone;
        }
        Sighting::Ticket(Look {
            id,
            board: target().board,
            status: if ticket.open { target().open_status } else { target().closed_status },
            closed: !ticket.open,
            closed_at: ticket.closed_at,
            noted: ticket.notes.iter().any(|note| note.contains(&intent.note_marker())),
            configuration: match (ticket.attached, self.configurations) {
                (true, _) => Attachment::Attached,
                (false, 0) => Attachment::Missing,
                (false, _) => Attachment::Found(ConfigurationId(1)),
            },
        })
    }

    /// Carries an intent on until it waits, is over, or the run dies.
    fn drive(&mut self, place: usize, first: TicketEvent) {
        let (mut event, mut twice) = (first, false);
        loop {
            let command = step(&mut self.intents[place], event.clone(), self.now, &self.settings);
            if twice && !matches!(command, None | Some(TicketCommand::WakeAt(_))) {
                let before = self.intents[place].clone();
                assert_eq!(step(&mut self.intents[place], event, self.now, &self.settings), None, "it happened already");
                assert_eq!(self.intents[place], before);
            }
            let read = match command {
                None | Some(TicketCommand::WakeAt(_)) => return,
                Some(TicketCommand::Settled) => return settle(&mut self.case, &self.intents[place], self.now),
                Some(TicketCommand::Write(write)) => Some(write),
                Some(TicketCommand::Read) => None,
            };
            let fate = self.fates.pop().unwrap_or(Fate::Answered);
            twice = matches!(fate, Fate::Twice);
            self.pass(TimeDelta::seconds(1));
            let Some(write) = read else {
                event = match fate {
                    Fate::Crash(_) => return,
                    Fate::Lost(_) | Fate::Deferred => TicketEvent::ReadFailed { words: "503".to_owned(), wait: None },
                    _ => TicketEvent::Read(self.sighting(&self.intents[place])),
                };
                continue;
            };
            if write == TicketWrite::Status(target().closed_status) {
                assert!(!self.case.is_in(), "nothing is closed while the device is in the group");
            }
            event = TicketEvent::Wrote(match fate {
                Fate::Answered | Fate::Twice => self.take_effect(place, &write, self.now),
                Fate::Refused => TicketAnswer::Refused { words: "no".to_owned() },
                Fate::Deferred => TicketAnswer::Deferred { wait: TimeDelta::seconds(20), words: "It asks for fewer calls.".to_owned() },
                Fate::Lost(effect) | Fate::Crash(effect) => {
                    match effect {
                        Effect::Never => {}
                        Effect::AtOnce => drop(self.take_effect(place, &write, self.now)),
                        Effect::Late(seconds) => self.late.push((self.now + TimeDelta::seconds(seconds), place, write)),
                    }
                    if matches!(fate, Fate::Crash(_)) {
                        return;
                    }
                    TicketAnswer::Lost { words: "timed out".to_owned(), wait: None }
                }
            });
        }
    }

    /// One alarm: takes up what a dead run was at, and does what comes next until nothing does.
    fn alarm(&mut self) {
        for place in 0..self.intents.len() {
            if self.intents[place].state == IntentState::Inflight {
                self.drive(place, TicketEvent::Restarted);
            }
        }
        for _ in 0..6 {
            if let Some(place) = self.intents.iter().position(TicketIntent::holds_case) {
                let intent = &mut self.intents[place];
                if !still_wanted(&self.case, intent) && intent.withdraw("The device is not where it was.", self.now) {
                    settle(&mut self.case, intent, self.now);
                    continue;
                }
                self.drive(place, TicketEvent::Claim);
                if self.intents[place].holds_case() {
                    return;
                }
                continue;
            }
            match next(&self.case, &self.rule.lifecycle, None, self.now) {
                Next::Rest | Next::Wait(_) => return,
                Next::Skip(_) => self.case.skip(),
                Next::Do(action) => {
                    let fields = Fields { device: "PC-042".into(), ..Fields::default() };
                    let company = PsaCompanyId(2);
                    let device = Some(DeviceTraits::default());
                    let about = About { subject: "device", entry: self.case.entries, company, fields, device };
                    let intent = TicketIntent::of(&self.rule, action, about).expect("templates");
                    if self.intents.iter().any(|known| known.id == intent.id) {
                        return;
                    }
                    self.intents.push(intent);
                }
            }
        }
    }

    fn happen(&mut self, happening: Happening) {
        self.pass(TimeDelta::seconds(1));
        match happening {
            Happening::Poll(is_in) => {
                // A person's doing is about the entry it was done in.
                self.by_person &= is_in;
                self.case.observe(is_in, self.now);
            }
            Happening::LookAtTickets => self.look(),
            Happening::Seconds(seconds) => self.pass(TimeDelta::seconds(seconds.into())),
            Happening::PersonCloses | Happening::PersonDeletes => {
                if let Some(ticket) = self.tickets.iter_mut().rev().find(|ticket| ticket.open && !ticket.deleted) {
                    ticket.open = false;
                    ticket.closed_at = Some(self.now);
                    ticket.deleted = matches!(happening, Happening::PersonDeletes);
                    self.by_person = true;
                }
            }
        }
        self.alarm();
    }

    fn look(&mut self) {
        if let Some(id) = self.case.ticket.as_ref().map(|ticket| ticket.id) {
            let ticket = &self.tickets[Self::place(id)];
            self.case.look_at_ticket(id, (!ticket.deleted).then_some(ticket.open), ticket.closed_at.unwrap_or(self.now));
        }
    }

    fn open(&self) -> usize {
        self.tickets.iter().filter(|ticket| ticket.open && !ticket.deleted).count()
    }

    /// What is broken, if anything is.
    fn broken(&self) -> Option<String> {
        if self.doubles > 0 {
            return Some(format!("two tickets of one entry: {:?}", self.tickets));
        }
        (self.open() > 1).then(|| format!("two open tickets: {:?}", self.tickets))
    }

    fn calm_day(&mut self) {
        for _ in 0..144 {
            self.look();
            self.happen(Happening::Seconds(600));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_ticket_is_made_twice_and_no_entry_is_lost(
        lifecycle in lifecycle(),
        fates in proptest::collection::vec(fate(), 0..40),
        lags in proptest::collection::vec(0..=900_i64, 1..4),
        happenings in proptest::collection::vec(happening(), 0..50),
    ) {
        let mut world = World::new(lifecycle, fates, lags);
        world.alarm();
        for happening in happenings {
            world.happen(happening);
            prop_assert_eq!(world.broken(), None);
        }
        world.fates.clear();
        world.calm_day();
        prop_assert_eq!(world.broken(), None);
        for intent in &world.intents {
            prop_assert!(intent.state.is_over(), "{intent:?}");
            let words = intent.outcome.as_ref().map(|outcome| outcome.words.as_str());
            prop_assert!(words.is_some_and(|words| !words.is_empty()), "{intent:?}");
            prop_assert!(intent.ticket.is_some() || intent.state != IntentState::Done, "what is done has a ticket: {intent:?}");
        }
        if world.case.is_new() {
            let told = |intent: &TicketIntent| intent.entry == world.case.entries && intent.state != IntentState::Done;
            prop_assert!(world.intents.iter().any(told), "an entry is lost: {:?}", world.case);
        }
        // A person tries again what was refused.
        let (now, settings) = (world.now, world.settings.clone());
        world.intents.iter_mut().for_each(|intent| {
            intent.reopen(now, &settings);
        });
        world.calm_day();
        prop_assert_eq!(world.broken(), None);
        prop_assert!(!world.case.is_new(), "{:?}", world.case);
        let given_up = world.rule.lifecycle.on_return == Return::Nothing;
        if world.case.is_in() && !world.by_person && !given_up {
            prop_assert_eq!(world.open(), 1, "who is in the group has a ticket: {:?}", world.intents);
        }
        if !world.case.is_in() {
            prop_assert_eq!(world.open(), 0, "{:?}", world.intents);
        }
    }
}

#[test]
fn a_ticket_that_the_ledger_has_forgotten_is_found_by_its_mark() {
    let mut world = World::new(Lifecycle { delay_minutes: 0, ..Lifecycle::default() }, Vec::new(), vec![300]);
    let before = world.case.clone();
    world.alarm();
    assert_eq!((world.tickets.len(), world.case.is_new()), (1, false));
    // A backup of before the ticket.
    (world.case, world.intents) = (before, Vec::new());
    world.happen(Happening::Seconds(600));
    assert_eq!((world.tickets.len(), world.case.is_new()), (1, false));
    assert_eq!(world.intents[0].outcome.as_ref().map(|outcome| outcome.end), Some(TicketEnd::Adopted));
}
