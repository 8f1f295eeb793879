//! Who was in a group and when, by the answers the console really gave: the judge's own count of entries.

use std::collections::{BTreeMap, BTreeSet};

use domain::Timestamp;
use domain::tickets::Per;
use serde_json::Value;

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

/// Every stay of every device under every rule, as the console told it while the rule was on.
pub(super) fn spells(run: &Run) -> BTreeMap<Key, Vec<Spell>> {
    let mut told: Vec<Told> = run.desk.rules.iter().map(|_| Told::default()).collect();
    let mut switched = run.desk.switched.iter().peekable();
    let sent = run.install.wire.sent.borrow();
    for (place, heard) in run.install.wire.heard.borrow().iter().enumerate() {
        while let Some((_, rule, on)) = switched.next_if(|(after, ..)| *after <= place) {
            (told[*rule].on, told[*rule].empty) = (*on, false);
        }
        let path = sent[heard.place].url.path();
        let Some((_, group)) = path.trim_end_matches("/devices").split_once("/device_groups/") else { continue };
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
