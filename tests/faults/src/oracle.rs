//! The judge: what the vendors' journal says was changed, against what was wanted and decided.
//!
//! Our own tables are asked only which intents there are; what happened is read from the journal and from the world.

pub(crate) mod blamed;
pub(crate) mod calls;
pub(crate) mod counted;
mod made;
pub(crate) mod secrets;

use std::collections::BTreeMap;
use std::fmt;

use chrono::TimeDelta;
use contract::month::LineState;
use domain::billing::LineKey;
use domain::ids::LineId;
use egress::ports::Clock;
use engine::{Change as Asked, Intent, IntentState};
use serde_json::Value;
use simulator::{Actor, Addition, Effect, Entry, Lag, License};

use crate::restored;
use crate::run::Run;
use crate::script::Action;

/// What may not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Broken {
    /// A change was made twice, or over what a person had typed.
    Double,
    /// A change that was wanted is not there, and nobody is told.
    Lost,
    /// Something neither ends nor says what it waits for.
    Stuck,
    /// A write nobody wanted: held, excluded, unmapped, or a quantity that was never right.
    Unwanted,
    /// A credential where none may be.
    Secret,
    /// More calls than allowed.
    Calls,
    /// What we did ourselves was called somebody's doing.
    Blamed,
    /// Two tickets of one entry, two open ones of one device, or a note twice.
    DoubleTicket,
    /// An entry without a ticket and without a word.
    LostTicket,
    /// We closed a ticket that should be open.
    ClosedWrongly,
}

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub broken: Broken,
    /// What was seen.
    pub words: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.broken, self.words)
    }
}

/// One real change of an addition through the API.
#[derive(Debug, Clone, PartialEq)]
struct Change {
    sequence: u64,
    agreement: i64,
    addition: i64,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Set { from: f64, to: f64 },
    Created { quantity: f64 },
    Edited { fields: Vec<String> },
    Deleted,
}

/// Everything that is wrong with a run that has been healed.
pub async fn judge(run: &mut Run) -> Vec<Violation> {
    let mut found = Vec::new();
    counted::look(run, &mut found).await;
    let taken = come_to_rest(run).await;
    found.append(&mut run.seen);
    stuck(run, &mut found);
    if found.is_empty() {
        lost(run, &taken, &mut found).await;
    }
    changes(run, &mut found);
    made::look(run, &mut found);
    blamed::look(run, &mut found);
    writes(run, &mut found);
    calls::look(run, &mut found);
    secrets::look(run, &mut found);
    restored::forgive(run, &mut found);
    found
}

/// Passes after the last trouble in which reads come up to date and what was lost is looked for.
const CALM: usize = 5;

/// Lets reads come up to date, and a person press "sync now" and approve whatever may be, twice, so that what waited for a person has had one. Answers
/// the lines whose last approval was taken.
async fn come_to_rest(run: &mut Run) -> Vec<LineId> {
    run.install.texts.lag.set(None);
    run.install.simulator.world().set_additions_lag(Lag::default());
    run.let_it_write().await;
    for _ in 0..CALM {
        run.tick().await;
    }
    let mut taken = Vec::new();
    for _ in 0..2 {
        taken.clear();
        run.install.clock.advance(600);
        run.install.wire.deliver().await;
        run.act(Action::SyncNow).await;
        run.tick().await;
        let free = |state| matches!(state, LineState::ToApprove | LineState::Held | LineState::Failed | LineState::Parked);
        for line in run.seen("all").await.into_iter().filter(|line| free(line.state) && line.decision.is_none()) {
            let id = line.line.id.clone();
            if run.approve(&[line]).await {
                taken.push(id);
            }
        }
        run.rest().await;
        for _ in 0..CALM {
            if run.install.open_intents().is_empty() {
                break;
            }
            run.tick().await;
        }
    }
    taken
}

/// Everything ends, with a word, and the alarm stays set.
pub(crate) fn stuck(run: &Run, found: &mut Vec<Violation>) {
    let mut say = |words: String| found.push(Violation { broken: Broken::Stuck, words });
    for intent in run.install.open_intents() {
        say(format!("an intent is {:?} at {:?} for good: {} to {}", intent.state, intent.stage, intent.from, intent.to));
    }
    for intent in run.install.intents() {
        let told = intent.outcome.as_ref().is_some_and(|outcome| !outcome.words.is_empty());
        if intent.state.is_over() && !told {
            say(format!("an intent is {:?} without a word", intent.state));
        }
    }
    for row in run.install.ticket_intents(&[IntentState::Planned, IntentState::Inflight, IntentState::Unknown]) {
        say(format!("{:?} of a ticket is {:?} at {:?} for good", row.intent.action, row.intent.state, row.intent.stage));
    }
    for row in run.install.ticket_intents(&[IntentState::Done, IntentState::Failed, IntentState::Parked]) {
        if row.intent.outcome.as_ref().is_none_or(|outcome| outcome.words.is_empty()) {
            say(format!("{:?} of a ticket is {:?} without a word", row.intent.action, row.intent.state));
        }
    }
    for pass in run.install.tenant.ledger.passes().open().expect("passes") {
        say(format!("a {:?} pass is open: {}", pass.kind, pass.step));
    }
    if run.install.rings_at().is_none() {
        say("the alarm is not set".to_owned());
    }
}

/// Each line that says all is well bills what ESET's licences say, and none is left that a person could have approved.
async fn lost(run: &Run, taken: &[LineId], found: &mut Vec<Violation>) {
    let mut say = |words: String| found.push(Violation { broken: Broken::Lost, words });
    let wanted = wanted(run);
    let world = run.install.simulator.world();
    let now = run.install.clock.now();
    let lines = run.seen("all").await;
    for line in &lines {
        let LineKey::Billed { agreement, product, .. } = &line.line.key else { continue };
        let seats = wanted.get(&(agreement.0, product.0)).copied().unwrap_or_default();
        let here = |row: &Addition| (i64::from(row.agreement_id), i64::from(row.product.id)) == (agreement.0, product.0);
        let bills = |row: &Addition| here(row) && row.cancelled_date.is_none_or(|end| end > now);
        let billed: f64 = world.additions().iter().filter(|row| bills(row)).map(|row| row.quantity).sum();
        let what = format!("{} {}: {seats} ordered, {billed:?} billed, {:?}", line.line.company, line.line.product.name, line.state);
        match line.state {
            LineState::Unchanged | LineState::Done if line.line.addition.is_some() && billed != seats as f64 => say(what),
            LineState::ToApprove | LineState::Committing => say(what),
            LineState::Held if taken.contains(&line.line.id) => say(format!("{what} although it was approved")),
            LineState::Held if line.guards.is_empty() && line.decision.is_none() => say(format!("{what} without a reason")),
            _ => {}
        }
    }
    let shown = |key: &(i64, i64)| {
        lines.iter().any(|line| matches!(&line.line.key, LineKey::Billed { agreement, product, .. } if (agreement.0, product.0) == *key))
    };
    for key in wanted.keys().filter(|key| !shown(key)) {
        say(format!("agreement {} product {} is ordered and on no line", key.0, key.1));
    }
}

/// Ordered seats by agreement and catalog product, counted from the vendors' world and what people mapped.
fn wanted(run: &Run) -> BTreeMap<(i64, i64), i64> {
    let mut wanted = BTreeMap::new();
    for (key, licence, mapped) in billed(run) {
        if mapped && !licence.is_trial() && !licence.suspended {
            *wanted.entry(key).or_default() += licence.quantity;
        }
    }
    wanted
}

/// Each licence of a company that was mapped in the beginning, with its agreement and catalog product and whether its company
/// is still mapped.
fn billed(run: &Run) -> Vec<((i64, i64), License, bool)> {
    let diary = &run.diary;
    let owner = |licence: &License| diary.companies.iter().zip(&diary.mapped).find(|(company, _)| company.key.1 == licence.company);
    let licences = run.install.simulator.world().licenses().into_iter();
    licences
        .filter_map(|licence| {
            let (company, mapped) = owner(&licence)?;
            let product = *diary.catalog.get(&licence.product)?;
            Some(((company.target.1, product), licence, *mapped))
        })
        .collect()
}

fn changes_of(journal: &[Entry]) -> Vec<Change> {
    let api = journal.iter().filter(|entry| entry.effect.as_ref().is_some_and(|effect| effect.by() == Actor::Api));
    api.filter_map(|entry| {
        let change = |agreement: i32, addition: i32, kind| {
            Some(Change { sequence: entry.sequence, agreement: agreement.into(), addition: addition.into(), kind })
        };
        match entry.effect.clone()? {
            Effect::QuantityChanged { agreement, addition, from, to, .. } => change(agreement, addition, Kind::Set { from, to }),
            Effect::AdditionCreated { agreement, addition, quantity, .. } => change(agreement, addition, Kind::Created { quantity }),
            Effect::AdditionChanged { agreement, addition, fields, .. } => change(agreement, addition, Kind::Edited { fields }),
            Effect::AdditionDeleted { agreement, addition, .. } => change(agreement, addition, Kind::Deleted),
            _ => None,
        }
    })
    .collect()
}

/// Each change has its intent, no intent has two, nothing was written over what a person typed, and nothing that was held,
/// excluded or never ordered.
fn changes(run: &Run, found: &mut Vec<Violation>) {
    let journal = run.install.simulator.world().journal_since(run.from);
    let changes = changes_of(&journal);
    let intents = run.intents();
    let bounds = bounds(run);
    let product = |addition| {
        run.first.iter().find(|line| line.line.addition.is_some_and(|id| id.0 == addition)).and_then(|line| line.line.product.catalog)
    };
    let mut say = |broken, words: String| found.push(Violation { broken, words });
    let mut made: BTreeMap<(i64, u64), usize> = BTreeMap::new();
    for change in &changes {
        let sent = run.sent(&journal, change.sequence);
        let last = run.diary.mappings.iter().rfind(|decided| decided.after < sent && decided.agreement == change.agreement);
        if last.is_some_and(|decided| !decided.mapped) {
            say(Broken::Unwanted, format!("written after the company was excluded or unmapped: {change:?}"));
        }
        let Kind::Set { from, to } = change.kind else {
            if !intents.iter().any(|intent| change.is_asked_by(intent, run)) {
                say(Broken::Unwanted, format!("nobody asked for {change:?}"));
            }
            continue;
        };
        *made.entry((change.addition, to.to_bits())).or_default() += 1;
        let asked: Vec<_> = intents.iter().filter(|intent| sets(intent, change.addition, to)).collect();
        if asked.is_empty() {
            say(Broken::Unwanted, format!("a change without an intent: {change:?}"));
        }
        if !asked.iter().any(|intent| intent.from.to_vendor() == from)
            && was_read_since_typed(&journal, change, sent, TimeDelta::seconds(run.lag.one))
        {
            say(Broken::Double, format!("written over what a person typed: {change:?}"));
        }
        let bound = product(change.addition).and_then(|product| bounds.get(&(change.agreement, product.0)));
        if bound.is_none_or(|(least, most)| to < *least || to > *most) {
            say(Broken::Unwanted, format!("never ordered: {change:?}"));
        }
        let held = run.diary.holds.iter().rfind(|decided| decided.after < sent && decided.addition == change.addition && decided.to == to);
        if held.is_some_and(|decided| decided.held) {
            say(Broken::Unwanted, format!("written although it was held: {change:?}"));
        }
    }
    for ((addition, to), times) in &made {
        let to = f64::from_bits(*to);
        let asked = intents.iter().filter(|intent| sets(intent, *addition, to)).count();
        if *times > asked + typed(&journal, *addition) {
            say(Broken::Double, format!("addition {addition} was changed to {to} {times} times for {asked} intents"));
        }
    }
    for intent in intents.iter().filter(|intent| intent.state == IntentState::Done && intent.effect == Asked::Set) {
        let adopted = intent.outcome.as_ref().is_some_and(|outcome| outcome.adopted);
        let key = intent.addition.map(|addition| (addition.0, intent.to.to_vendor().to_bits()));
        if !adopted && !key.is_some_and(|key| made.contains_key(&key)) {
            say(Broken::Lost, format!("done, but addition {:?} was never changed to {}", intent.addition, intent.to));
        }
    }
}

/// The least and the most each agreement's product may be set to: what its licences had at their fewest and most. When a
/// company was taken off the agreement, the least is none.
fn bounds(run: &Run) -> BTreeMap<(i64, i64), (f64, f64)> {
    let mut bounds: BTreeMap<(i64, i64), (f64, f64)> = BTreeMap::new();
    for (key, licence, _) in billed(run) {
        let (low, high) = run.diary.seats[&licence.public_license_key];
        let (least, most) = bounds.entry(key).or_default();
        let counts = !licence.is_trial() && !licence.suspended;
        *most += high as f64;
        *least += if counts { low as f64 } else { 0.0 };
    }
    for decision in &run.diary.mappings {
        bounds.iter_mut().filter(|((agreement, _), _)| *agreement == decision.agreement).for_each(|(_, (least, _))| *least = 0.0);
    }
    bounds
}

/// How long a write whose answer was lost may still arrive, and reads may not show it.
const SETTLES: i64 = 1_200;

/// No write is sent again that was answered, and none whose answer was lost before it had time to arrive.
fn writes(run: &Run, found: &mut Vec<Violation>) {
    let sent = run.install.wire.sent.borrow();
    let mut last: BTreeMap<String, (usize, Option<f64>)> = BTreeMap::new();
    for (place, call) in sent.iter().enumerate().filter(|(_, call)| call.method == "PATCH") {
        let addition = call.url.path().rsplit('/').next().and_then(|id| id.parse().ok()).unwrap_or_default();
        let to = quantity(&call.body);
        let before = last.insert(call.url.path().to_owned(), (place, to));
        let Some((before, asked)) = before else { continue };
        let approved = run.diary.approved.iter().any(|(after, of)| *of == addition && *after >= run.sent_after(before));
        let typed = typed(&run.install.simulator.world().journal_since(run.sent_after(before)), addition) > 0;
        if asked != to || approved || typed {
            continue;
        }
        // A run that ended in between may not have heard the answer.
        let heard = !run.lives.iter().any(|life| (before + 1..=place).contains(life));
        let words = match sent[before].status {
            // Not taken; a 401, and the 404 that the cloud answers to keys it does not know, are no word on the change.
            Some(429 | 401 | 404) => continue,
            Some(status @ 400..=499) if heard => format!("addition {addition} was written again after {status}"),
            // A 200 that changed nothing, and a run that died before it read back, are a lost answer too.
            status if (call.at - sent[before].at).num_seconds() < SETTLES => {
                format!("addition {addition} was written again {} after the answer {status:?}", call.at - sent[before].at)
            }
            _ => continue,
        };
        found.push(Violation { broken: Broken::Double, words });
    }
}

/// The quantity a PATCH sets.
fn quantity(body: &[u8]) -> Option<f64> {
    let operations: Value = serde_json::from_slice(body).ok()?;
    let operation =
        operations.as_array()?.iter().find(|operation| operation["path"].as_str().is_some_and(|path| path.ends_with("quantity")))?;
    operation["value"].as_f64()
}

fn sets(intent: &Intent, addition: i64, to: f64) -> bool {
    intent.effect == Asked::Set && intent.addition.is_some_and(|id| id.0 == addition) && intent.to.to_vendor() == to
}

impl Change {
    /// Whether an intent asks for it. What an addition says of itself goes with any of them.
    fn is_asked_by(&self, intent: &Intent, run: &Run) -> bool {
        let is_its = intent.addition.is_some_and(|id| id.0 == self.addition);
        match &self.kind {
            Kind::Set { .. } => is_its && intent.effect == Asked::Set,
            Kind::Created { quantity } => {
                let world = run.install.simulator.world();
                let row = i32::try_from(self.addition).ok().and_then(|id| world.addition(id));
                let marked = row.is_some_and(|row| row.serial_number == Some(intent.marker()));
                matches!(intent.effect, Asked::Create { .. }) && marked && intent.to.to_vendor() == *quantity
            }
            Kind::Edited { fields } if fields.iter().any(|field| field == "cancelledDate") => {
                is_its && matches!(intent.effect, Asked::End { .. } | Asked::Resume { .. })
            }
            Kind::Edited { fields } => is_its && fields.iter().all(|field| field == "description"),
            Kind::Deleted => false,
        }
    }
}

/// Whether the addition was read after a person had last typed into it and before the change was sent. Without that, nobody
/// could know: ConnectWise has no way to write only if nothing has changed.
fn was_read_since_typed(journal: &[Entry], change: &Change, sent: u64, lag: TimeDelta) -> bool {
    let path = format!("/additions/{}", change.addition);
    let hand = journal.iter().rfind(|entry| entry.sequence < change.sequence && typed_into(entry, change.addition));
    let shows = |entry: &&Entry| hand.is_none_or(|hand| entry.sequence > hand.sequence && entry.time - hand.time >= lag);
    let reads = |entry: &&Entry| entry.method == "GET" && entry.status == Some(200) && entry.path.ends_with(&path);
    journal.iter().filter(reads).filter(shows).any(|entry| entry.sequence <= sent)
}

fn typed(journal: &[Entry], addition: i64) -> usize {
    journal.iter().filter(|entry| typed_into(entry, addition)).count()
}

fn typed_into(entry: &Entry, wanted: i64) -> bool {
    matches!(&entry.effect, Some(Effect::QuantityChanged { addition, by: Actor::Hand, .. }) if i64::from(*addition) == wanted)
}
