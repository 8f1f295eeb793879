//! The judge of tickets: what the vendors' journal says was opened and closed, against who was in the groups.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use domain::Timestamp;
use domain::tickets::{Per, Return};
use egress::ports::Clock;
use engine::IntentState;
use serde_json::Value;
use simulator::Actor;

use super::book::{Book, Told};
use super::desk_action::DeskAction;
use super::polls::{self, Key, Spell};
use super::{AT_ONCE, notes};
use crate::oracle::{Broken, Violation, calls, secrets, stuck};
use crate::run::Run;
use crate::script::Action;

/// Passes in which everything that is left comes to its end, beside the delays of the rules: for the lag of the search, what was
/// beyond the cap, and what is noted after a close.
const CALM: u32 = 5;

/// Passes in which it is proven that many devices have left at once.
const PROOF: u32 = 8;

/// So many answers that may not have been taken in are tried either way.
const MOST_UNTAKEN: usize = 6;

/// Everything that is wrong with a run that has been healed.
pub async fn judge(run: &mut Run) -> Vec<Violation> {
    come_to_rest(run).await;
    let mut found = std::mem::take(&mut run.seen);
    stuck(run, &mut found);
    found.extend(by_polls(run));
    notes::look(run, &mut found);
    calls::look(run, &mut found);
    secrets::look(run, &mut found);
    found
}

/// What is wrong with the tickets, by who was in the groups. What two instances asked at once may have been taken in or not: of all that may
/// have been, the run is held to what speaks for it.
fn by_polls(run: &Run) -> Vec<Violation> {
    let at_once = polls::asked_at_once(run);
    let at_once = &at_once[..at_once.len().min(MOST_UNTAKEN)];
    let ways = (0..1_usize << at_once.len()).map(|way| {
        let untaken = at_once.iter().enumerate().filter(|(place, _)| way >> place & 1 == 1).map(|(_, answer)| *answer).collect();
        let (book, mut found) = (Book::of(run, &untaken), Vec::new());
        doubled(run, &book, &mut found);
        lost(run, &book, &mut found);
        closed(run, &book, &mut found);
        blamed(&book, &mut found);
        found
    });
    let mut least: Option<Vec<Violation>> = None;
    for found in ways {
        if found.is_empty() {
            return found;
        }
        if least.as_ref().is_none_or(|least| found.len() < least.len()) {
            least = Some(found);
        }
    }
    least.unwrap_or_default()
}

/// Nobody keeps anything quiet or switched off any more, and a person tries again what was refused.
async fn come_to_rest(run: &mut Run) {
    run.install.texts.lag.set(None);
    run.act(Action::Desk(DeskAction::Unmute)).await;
    for rule in 0..run.desk.rules.len() {
        run.act(Action::Desk(DeskAction::Switch(rule, true))).await;
    }
    let delays = run.desk.rules.iter().map(|rule| rule.lifecycle.delay_minutes + rule.lifecycle.close_after_minutes.unwrap_or_default());
    let passes = CALM + delays.max().unwrap_or_default() / 10;
    run.act(Action::SyncNow).await;
    for _ in 0..passes {
        run.tick().await;
    }
    if waits_for_readings(run) {
        for _ in 0..PROOF + passes {
            run.tick().await;
        }
    }
    if !run.install.ticket_intents(&[IntentState::Failed, IntentState::Parked]).is_empty() {
        run.act(Action::Desk(DeskAction::Retry)).await;
        for _ in 0..passes {
            run.tick().await;
        }
    }
}

/// Whether devices are doubted to have left their group.
fn waits_for_readings(run: &Run) -> bool {
    let doubts = run.install.tenant.ledger.doubted_leaves().all().expect("rows");
    doubts.values().flat_map(|of_rule| of_rule.values()).any(|doubt| !doubt.kept)
}

/// Nobody is said to have closed a ticket who has not.
fn blamed(book: &Book, found: &mut Vec<Violation>) {
    for row in book.log.iter().filter(|row| row.event == "closed_by_person") {
        let Some(ticket) = row.ticket.and_then(|ticket| i32::try_from(ticket.0).ok()) else { continue };
        if !book.turns.iter().any(|turn| turn.ticket == ticket && !turn.open && turn.by == Actor::Hand) {
            say(found, Broken::Blamed, format!("nobody closed ticket {ticket}, and yet: {}", row.words));
        }
    }
}

fn say(found: &mut Vec<Violation>, broken: Broken, words: String) {
    found.push(Violation { broken, words });
}

/// No mark is used twice, no device has two tickets open, and none has one that nobody asked for.
fn doubled(run: &Run, book: &Book, found: &mut Vec<Violation>) {
    let mut by_mark: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    let answered = answered(run);
    for (id, ticket) in &book.tickets {
        by_mark.entry(&ticket.mark).or_default().push(*id);
        match (ticket.entry, ticket.of.first()) {
            (Some(entry), Some(key)) => {
                let (spell, rule) = (&book.spells[key][entry - 1], &run.desk.rules[key.0]);
                if ticket.made < spell.from + TimeDelta::minutes(rule.lifecycle.delay_minutes.into()) - TimeDelta::seconds(1) {
                    say(found, Broken::Unwanted, format!("ticket {id} was opened at {} for {}", ticket.made, shown(key, entry, spell)));
                }
            }
            _ if !book.summaries.contains(&ticket.mark) => {
                say(found, Broken::Unwanted, format!("ticket {id} is of an entry that nobody saw"));
            }
            _ => {}
        }
    }
    for (mark, same) in by_mark {
        for pair in same.windows(2) {
            let [first, second] = pair else { continue };
            // Of one that somebody deleted before its number was known, nobody can know.
            let deleted = book.turns.iter().find(|turn| turn.ticket == *first && turn.deleted);
            let unknown = deleted.is_some_and(|turn| turn.at <= book.tickets[second].made) && !answered.contains(first);
            if !unknown {
                say(found, Broken::DoubleTicket, format!("tickets {first} and {second} bear the same mark {mark}"));
            }
        }
    }
    let mut open: BTreeMap<&Key, BTreeSet<i32>> = BTreeMap::new();
    for turn in &book.turns {
        for key in &book.tickets[&turn.ticket].of {
            let open = open.entry(key).or_default();
            if !turn.open || turn.by == Actor::Hand {
                // What a person opened again is theirs.
                open.remove(&turn.ticket);
            } else if open.insert(turn.ticket) && open.len() > 1 {
                say(found, Broken::DoubleTicket, format!("{} of rule {} has tickets {open:?} open at {}", key.1, key.0, turn.at));
            }
        }
    }
}

/// Every stay that lasted has its ticket or a word, and whoever is still there has an open one.
fn lost(run: &Run, book: &Book, found: &mut Vec<Violation>) {
    for (key, spells) in &book.spells {
        let rule = &run.desk.rules[key.0];
        for (place, spell) in spells.iter().enumerate() {
            if spell.lasted(rule.lifecycle.delay_minutes) && book.rows(run, key, spell.from).next().is_none() {
                say(found, Broken::LostTicket, format!("not a word about {}", shown(key, place + 1, spell)));
            }
        }
        let Some(spell) = spells.last() else { continue };
        let (entry, open) = (spells.len(), book.open(key));
        match spell.until {
            None if !spell.lasted(rule.lifecycle.delay_minutes) => {}
            None if open.is_empty() && !is_excused(run, book, key, spell) => {
                let rows: Vec<_> = book.rows(run, key, spell.from).map(|row| format!("{} {}", row.event, row.words)).collect();
                say(found, Broken::LostTicket, format!("no ticket is open for {}: {rows:?}", shown(key, entry, spell)));
            }
            None => {}
            Some(left) => {
                let Some(minutes) = rule.lifecycle.close_after_minutes else { continue };
                let own = |id: &i32| book.tickets[id].entry.is_some();
                let by_hand = |id: &i32| book.last(*id).is_some_and(|turn| turn.by == Actor::Hand);
                let still: Vec<&i32> = open.iter().filter(|id| own(id) && !by_hand(id)).collect();
                if !still.is_empty() && run.install.clock.now() - left > TimeDelta::minutes(i64::from(minutes) + 30) {
                    say(found, Broken::Stuck, format!("tickets {still:?} are still open for {}", shown(key, entry, spell)));
                }
            }
        }
    }
    told_really(run, book, found);
}

/// Whether a person has dealt with a stay, or its rule makes nothing of it.
fn is_excused(run: &Run, book: &Book, key: &Key, spell: &Spell) -> bool {
    let hers = |ticket: &Told| ticket.of.contains(key);
    // ConnectWise tells when a ticket was closed to the second.
    let since = spell.from - TimeDelta::seconds(1);
    let by_hand =
        book.turns.iter().any(|turn| turn.by == Actor::Hand && !turn.open && turn.at >= since && hers(&book.tickets[&turn.ticket]));
    let nothing = run.desk.rules[key.0].lifecycle.on_return == Return::Nothing;
    by_hand || nothing && book.rows(run, key, spell.from).any(|row| row.event == "skipped")
}

/// What the log says was opened is there, and a summary names whom it tells of.
fn told_really(run: &Run, book: &Book, found: &mut Vec<Violation>) {
    let texts = run.install.simulator.world().notes();
    for row in book.log.iter().filter(|row| matches!(row.event.as_str(), "opened" | "summary_opened" | "told")) {
        let ticket = row.ticket.and_then(|id| i32::try_from(id.0).ok());
        if !ticket.is_some_and(|id| book.tickets.contains_key(&id)) {
            say(found, Broken::LostTicket, format!("there is no ticket {ticket:?} that was {}", row.event));
        }
    }
    for (id, ticket) in book.tickets.iter().filter(|(_, ticket)| ticket.entry.is_none()) {
        let Some(text) = texts.iter().find(|note| note.ticket_id == *id).map(|note| &note.text) else { continue };
        for (rule, subject) in &ticket.of {
            let named = run.desk.names.get(subject).is_some_and(|names| names.iter().any(|name| text.contains(name)));
            if !named && run.desk.rules[*rule].per == Per::Device {
                say(found, Broken::LostTicket, format!("the summary {id} does not name {subject}, which is told to be in it"));
            }
        }
    }
}

/// Nothing is closed while its device is in the group, too early, or that a person has to close.
fn closed(run: &Run, book: &Book, found: &mut Vec<Violation>) {
    for (place, turn) in book.turns.iter().enumerate() {
        let was_open = book.turns[..place].iter().rfind(|before| before.ticket == turn.ticket).is_some_and(|before| before.open);
        if turn.open || turn.deleted || !was_open || turn.by == Actor::Hand {
            continue;
        }
        let ticket = &book.tickets[&turn.ticket];
        let Some(key) = ticket.of.first().filter(|_| ticket.entry.is_some()) else {
            say(found, Broken::ClosedWrongly, format!("the summary {} was closed by us at {}", turn.ticket, turn.at));
            continue;
        };
        let spells = &book.spells[key];
        let minutes = run.desk.rules[key.0].lifecycle.close_after_minutes.unwrap_or(u32::MAX);
        let wait = TimeDelta::minutes(minutes.into());
        if !sent(run, turn.ticket, turn.status, turn.at).any(|at| is_out(spells, at, wait, run.mixed)) {
            let stays: Vec<_> = spells.iter().map(|spell| (spell.from, spell.until)).collect();
            let words = format!("ticket {} of {} was closed at {}, although it was in the group: {stays:?}", turn.ticket, key.1, turn.at);
            say(found, Broken::ClosedWrongly, words);
        }
    }
}

/// When the writes of a status were sent of which one took effect at `at`: it may have been on its way for long.
fn sent(run: &Run, ticket: i32, status: Option<i32>, at: Timestamp) -> impl Iterator<Item = Timestamp> {
    let path = format!("/service/tickets/{ticket}");
    let sets = move |body: &[u8]| {
        let operations: Value = serde_json::from_slice(body).unwrap_or_default();
        let mut values = operations.as_array().into_iter().flatten().map(|operation| &operation["value"]);
        values.any(|value| value.as_i64().or(value["id"].as_i64()).map(|id| id as i32) == status)
    };
    let all = run.install.wire.sent.borrow();
    let fits = all.iter().filter(|call| call.method == "PATCH" && call.url.path().ends_with(&path) && sets(&call.body));
    let times: Vec<Timestamp> = fits.map(|call| call.at).filter(|sent| *sent <= at).collect();
    let last = times.last().copied();
    times.into_iter().filter(move |sent| at - *sent < AT_ONCE || Some(*sent) == last)
}

/// Whether a device was out of the group for so long at a moment, as far as anybody knew.
fn is_out(spells: &[Spell], at: Timestamp, wait: TimeDelta, mixed: bool) -> bool {
    let slack = if mixed { AT_ONCE } else { TimeDelta::zero() };
    spells.iter().enumerate().any(|(place, spell)| {
        let back = spells.get(place + 1).map(|next| next.from);
        spell.until.is_some_and(|left| left + wait <= at) && back.is_none_or(|back| back + slack > at)
    })
}

/// Tickets whose number an answer told.
fn answered(run: &Run) -> BTreeSet<i32> {
    let heard = run.install.wire.heard.borrow();
    let numbers = heard.iter().filter(|heard| heard.status == 201).filter_map(|heard| {
        let answer: Value = serde_json::from_slice(&heard.body).ok()?;
        i32::try_from(answer["id"].as_i64()?).ok()
    });
    numbers.collect()
}

fn shown((rule, subject): &Key, entry: usize, spell: &Spell) -> String {
    format!("entry {entry} of {subject} under rule {rule}, in the group from {} to {:?}", spell.from, spell.until)
}
