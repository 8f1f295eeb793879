//! What became of every ticket, read from the vendors' journal.

use std::collections::{BTreeMap, BTreeSet};

use contract::tickets::TicketLogRow;
use domain::Timestamp;
use domain::access::Visibility;
use domain::tickets::marker;
use engine::tickets::TicketActionKind;
use simulator::{Actor, Effect};
use store::ledger::TicketLogFilter;

use super::polls::{Key, Spell, spells};
use crate::run::Run;

/// A ticket that was made through the API.
#[derive(Debug, Clone)]
pub(super) struct Told {
    /// Its mark.
    pub(super) mark: String,
    /// When it was made.
    pub(super) made: Timestamp,
    /// Whom it is for: one device and the entry, or all those a summary tells of.
    pub(super) of: Vec<Key>,
    /// The entry, unless it is a summary.
    pub(super) entry: Option<usize>,
}

/// A ticket opened, closed or deleted.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    pub(super) at: Timestamp,
    pub(super) ticket: i32,
    /// Whether it is open from now on.
    pub(super) open: bool,
    pub(super) deleted: bool,
    pub(super) by: Actor,
    /// The status it has from now on, if that changed.
    pub(super) status: Option<i32>,
}

/// All that is known at the end.
pub(super) struct Book {
    /// Every stay of every device.
    pub(super) spells: BTreeMap<Key, Vec<Spell>>,
    /// Every ticket of ours.
    pub(super) tickets: BTreeMap<i32, Told>,
    /// What happened to them, in order.
    pub(super) turns: Vec<Turn>,
    /// The tickets' log, the oldest row first.
    pub(super) log: Vec<TicketLogRow>,
    /// Marks of summaries that were decided.
    pub(super) summaries: BTreeSet<String>,
}

impl Book {
    /// Reads the journal of a run. Of some answers of the console it may be that nobody took them in.
    pub(super) fn of(run: &Run, untaken: &BTreeSet<usize>) -> Self {
        use engine::IntentState::{Done, Failed, Inflight, Parked, Planned, Unknown};
        let spells = spells(run, untaken);
        let (mut log, _) = run
            .install
            .tenant
            .ledger
            .ticket_log()
            .page(&Visibility::Everything, &TicketLogFilter::default(), None, u32::MAX)
            .expect("rows");
        log.reverse();
        let intents = run.install.ticket_intents(&[Planned, Inflight, Unknown, Done, Failed, Parked]);
        let summaries =
            intents.iter().filter(|row| row.intent.action == TicketActionKind::Summary).map(|row| row.intent.marker()).collect();
        let mut book = Self { spells, tickets: BTreeMap::new(), turns: Vec::new(), log, summaries };
        book.read(run);
        book
    }

    fn read(&mut self, run: &Run) {
        let mut marks: BTreeMap<String, (Key, usize)> = BTreeMap::new();
        for ((rule, subject), spells) in &self.spells {
            for entry in 1..=spells.len() {
                let number = u32::try_from(entry).unwrap_or(u32::MAX);
                marks.insert(marker(&run.desk.rules[*rule].id, subject, number), ((*rule, subject.clone()), entry));
            }
        }
        for entry in run.install.simulator.world().journal_since(run.from) {
            let at = entry.time;
            let turn = |ticket, open, by, status| Turn { at, ticket, open, deleted: false, by, status };
            match entry.effect {
                Some(Effect::TicketCreated { ticket, status, external_x_ref, closed, by: Actor::Api, .. }) => {
                    let mark = external_x_ref.unwrap_or_default();
                    let own = marks.get(&mark);
                    let of = own.map_or_else(|| self.told_in(run, ticket), |(key, _)| vec![key.clone()]);
                    self.tickets.insert(ticket, Told { mark: mark.clone(), made: at, of, entry: own.map(|(_, entry)| *entry) });
                    self.turns.push(turn(ticket, !closed, Actor::Api, Some(status)));
                }
                Some(Effect::TicketStatusChanged { ticket, to, closed, by, .. }) if self.tickets.contains_key(&ticket) => {
                    self.turns.push(turn(ticket, !closed, by, Some(to)));
                }
                Some(Effect::TicketDeleted { ticket, by, .. }) if self.tickets.contains_key(&ticket) => {
                    self.turns.push(Turn { deleted: true, ..turn(ticket, false, by, None) });
                }
                _ => {}
            }
        }
    }

    /// Whom a summary tells of.
    fn told_in(&self, run: &Run, ticket: i32) -> Vec<Key> {
        let told = self.log.iter().filter(|row| row.event == "told" && row.ticket.is_some_and(|id| id.0 == i64::from(ticket)));
        told.filter_map(|row| Some((place(run, row)?, row.subject.clone()))).collect()
    }

    /// Tickets of a device that are open.
    pub(super) fn open(&self, key: &Key) -> Vec<i32> {
        let of = self.tickets.iter().filter(|(_, ticket)| ticket.of.contains(key));
        of.map(|(id, _)| *id).filter(|id| self.last(*id).is_some_and(|turn| turn.open)).collect()
    }

    /// What happened to a ticket last.
    pub(super) fn last(&self, ticket: i32) -> Option<&Turn> {
        self.turns.iter().rfind(|turn| turn.ticket == ticket)
    }

    /// Rows about a device since a moment.
    pub(super) fn rows<'a>(&'a self, run: &'a Run, key: &'a Key, since: Timestamp) -> impl Iterator<Item = &'a TicketLogRow> {
        self.log.iter().filter(move |row| row.subject == key.1 && row.at >= since && place(run, row) == Some(key.0))
    }
}

fn place(run: &Run, row: &TicketLogRow) -> Option<usize> {
    let rule = row.rule.as_ref()?;
    run.desk.rules.iter().position(|known| known.id == *rule)
}
