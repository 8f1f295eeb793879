//! Who was in a group and when, by the answers the console really gave: the judge's own count of entries.

use std::collections::{BTreeMap, BTreeSet};

use domain::Timestamp;
use domain::tickets::Per;
use serde_json::Value;

use super::AT_ONCE;
use crate::run::Run;

/// A rule by its place, and the device or group.
pub(super) type Key = (usize, String);

/// One stay in a group; the first is entry 1.
#[derive(Debug, Clone)]
pub(super) struct Spell {
    /// The answer that first showed it.
    pub(super) from: Timestamp,
    /// The last that did.
    pub(super) last: Timestamp,
    /// The first that did not any more.
    pub(super) until: Option<Timestamp>,
}

impl Spell {
    /// Whether it lasted for so many minutes, and an answer was there to tell.
    pub(super) fn lasted(&self, minutes: u32) -> bool {
        self.last - self.from >= chrono::TimeDelta::minutes(minutes.into())
    }
}

/// What one rule was told.
#[derive(Default)]
struct Told {
    on: bool,
    empty: bool,
    spells: BTreeMap<String, Vec<Spell>>,
}

impl Told {
    fn take(&mut self, members: &BTreeSet<String>, at: Timestamp) {
        // That nobody is left takes two answers to be believed.
        let present = self.spells.values().any(|spells| spells.last().is_some_and(|spell| spell.until.is_none()));
        if members.is_empty() && present && !self.empty {
            self.empty = true;
            return;
        }
        self.empty = false;
        for (subject, spells) in &mut self.spells {
            if let Some(spell) = spells.last_mut().filter(|spell| spell.until.is_none()) {
                if members.contains(subject) {
                    spell.last = at;
                } else {
                    spell.until = Some(at);
                }
            }
        }
        for subject in members {
            let spells = self.spells.entry(subject.clone()).or_default();
            if spells.last().is_none_or(|spell| spell.until.is_some()) {
                spells.push(Spell { from: at, last: at, until: None });
            }
        }
    }
}

/// The group that an answer is about, if it is one about who is in a group.
fn group_of(path: &str) -> Option<&str> {
    path.trim_end_matches("/devices").split_once("/device_groups/").map(|(_, group)| group)
}

/// Answers about a group that came right after another one about it while two instances were at work. One of the two has ended the pass
/// that the other still asks for, and then takes nothing of its answer in.
pub(super) fn asked_at_once(run: &Run) -> Vec<usize> {
    let (sent, heard) = (run.install.wire.sent.borrow(), run.install.wire.heard.borrow());
    let mut last: BTreeMap<String, Timestamp> = BTreeMap::new();
    let mut found = Vec::new();
    for (place, answer) in heard.iter().enumerate().filter(|_| run.mixed) {
        let Some(group) = group_of(sent[answer.place].url.path()) else { continue };
        let before = last.insert(group.to_owned(), answer.at);
        if before.is_some_and(|before| answer.at - before < AT_ONCE) {
            found.push(place);
        }
    }
    found
}

/// Every stay of every device under every rule, as the console told it while the rule was on, without the answers that were not taken in.
pub(super) fn spells(run: &Run, untaken: &BTreeSet<usize>) -> BTreeMap<Key, Vec<Spell>> {
    let mut told: Vec<Told> = run.desk.rules.iter().map(|_| Told::default()).collect();
    let mut switched = run.desk.switched.iter().peekable();
    let sent = run.install.wire.sent.borrow();
    for (place, heard) in run.install.wire.heard.borrow().iter().enumerate() {
        while let Some((_, rule, on)) = switched.next_if(|(after, ..)| *after <= place) {
            (told[*rule].on, told[*rule].empty) = (*on, false);
        }
        let path = sent[heard.place].url.path();
        let Some(group) = group_of(path).filter(|_| !untaken.contains(&place)) else { continue };
        let answer = (heard.status == 200).then(|| serde_json::from_slice::<Value>(&heard.body).ok()).flatten();
        let Some(answer) = answer.filter(Value::is_object) else { continue };
        let devices = answer["devices"].as_array().map(Vec::as_slice).unwrap_or_default();
        let members: BTreeSet<String> = devices.iter().filter_map(|device| Some(device["uuid"].as_str()?.to_owned())).collect();
        for (rule, told) in told.iter_mut().enumerate().filter(|(rule, told)| told.on && run.group_of(*rule) == group) {
            let whole = || (!members.is_empty()).then(|| format!("group:{group}")).into_iter().collect();
            match run.desk.rules[rule].per {
                Per::Device => told.take(&members, heard.at),
                Per::Group => told.take(&whole(), heard.at),
            }
        }
    }
    let all = told.into_iter().enumerate();
    all.flat_map(|(rule, told)| told.spells.into_iter().map(move |(subject, spells)| ((rule, subject), spells))).collect()
}
