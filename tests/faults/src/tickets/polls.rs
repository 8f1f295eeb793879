//! Who was in a group and when, by the answers the console really gave: the judge's own count of entries.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
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
        self.last - self.from >= TimeDelta::minutes(minutes.into())
    }
}

/// An answer, and those before it, that did not show who was in the group.
#[derive(Clone, Copy)]
struct Unseen {
    first: Timestamp,
    answers: u32,
    kept: bool,
}

/// What one rule was told.
#[derive(Default)]
struct Told {
    on: bool,
    unseen: BTreeMap<String, Unseen>,
    /// Devices that the last answer showed that was taken in whole.
    devices: usize,
    spells: BTreeMap<String, Vec<Spell>>,
}

impl Told {
    /// Takes an answer in. Each subject stands for one device, or for all of its group.
    fn take(&mut self, members: &BTreeSet<String>, devices: usize, of_group: bool, at: Timestamp) {
        let in_group = |spells: &Vec<Spell>| spells.last().is_some_and(|spell| spell.until.is_none());
        let present: Vec<String> = self.spells.iter().filter(|(_, spells)| in_group(spells)).map(|(subject, _)| subject.clone()).collect();
        let gone: Vec<&String> = present.iter().filter(|subject| !members.contains(*subject)).collect();
        self.unseen.retain(|subject, _| gone.contains(&subject));
        for subject in &gone {
            let unseen = self.unseen.entry((*subject).clone()).or_insert(Unseen { first: at, answers: 0, kept: false });
            unseen.answers += 1;
        }
        // The third answer that does not show a device, an hour after the first, is believed whatever the others are.
        let proven = |unseen: &Unseen| !unseen.kept && unseen.answers >= 3 && at - unseen.first >= TimeDelta::hours(1);
        let open: Vec<String> =
            self.unseen.iter().filter(|(_, unseen)| !unseen.kept && !proven(unseen)).map(|(subject, _)| subject.clone()).collect();
        let each = if of_group { self.devices.max(1) } else { 1 };
        let (left, of) = (open.len() * each, (present.len() - (gone.len() - open.len())) * each);
        let all = left == of;
        let many = all && left >= 3 || left >= 10 && left * 2 > of;
        let believed = |unseen: &Unseen| proven(unseen) || !unseen.kept && !many && (!all || unseen.answers >= 2);
        let leaving: Vec<String> = self.unseen.iter().filter(|(_, unseen)| believed(unseen)).map(|(subject, _)| subject.clone()).collect();
        for subject in leaving {
            self.leave(&subject, at);
        }
        if self.unseen.values().all(|unseen| unseen.kept) {
            self.devices = devices;
        }
        for subject in &present {
            if let Some(spell) = self.spells.get_mut(subject).and_then(|spells| spells.last_mut()).filter(|_| members.contains(subject)) {
                spell.last = at;
            }
        }
        for subject in members {
            let spells = self.spells.entry(subject.clone()).or_default();
            if spells.last().is_none_or(|spell| spell.until.is_some()) {
                spells.push(Spell { from: at, last: at, until: None });
            }
        }
    }

    fn leave(&mut self, subject: &str, at: Timestamp) {
        self.unseen.remove(subject);
        if let Some(spell) = self.spells.get_mut(subject).and_then(|spells| spells.last_mut()) {
            spell.until = Some(at);
        }
    }

    /// Somebody says whether those that do not show are gone.
    fn decide(&mut self, gone: bool, at: Timestamp) {
        for subject in self.unseen.keys().cloned().collect::<Vec<_>>() {
            if gone {
                self.leave(&subject, at);
            }
        }
        self.unseen.values_mut().for_each(|unseen| unseen.kept = true);
    }

    /// A rule that is switched begins to look anew, apart from what a person said.
    fn switch(&mut self, on: bool) {
        self.on = on;
        self.unseen.retain(|_, unseen| unseen.kept);
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
    let mut decided = run.desk.decided.iter().peekable();
    let sent = run.install.wire.sent.borrow();
    for (place, heard) in run.install.wire.heard.borrow().iter().enumerate() {
        while let Some((_, rule, on)) = switched.next_if(|(after, ..)| *after <= place) {
            told[*rule].switch(*on);
        }
        while let Some((_, rule, gone, at)) = decided.next_if(|(after, ..)| *after <= place) {
            told[*rule].decide(*gone, *at);
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
                Per::Device => told.take(&members, members.len(), false, heard.at),
                Per::Group => told.take(&whole(), members.len(), true, heard.at),
            }
        }
    }
    let all = told.into_iter().enumerate();
    all.flat_map(|(rule, told)| told.spells.into_iter().map(move |(subject, spells)| ((rule, subject), spells))).collect()
}
