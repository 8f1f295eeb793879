//! From what is found now and what was stored to what is stored next.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Drift;
use crate::Timestamp;
use crate::ids::DriftId;

/// Where an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DriftState {
    /// A person looks.
    Open,
    /// A person has seen it: it is left as it is, and pauses nothing.
    Ignored,
    /// Its cause is gone.
    Resolved,
}

/// An event as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stored {
    /// What was found.
    pub drift: Drift,
    /// Where it stands.
    pub state: DriftState,
    /// When it was found first, since it was last resolved.
    pub first_seen: Timestamp,
    /// When its cause was found gone; none while it is there.
    pub gone_at: Option<Timestamp>,
    /// Who ignored or resolved it; `schedule` when its cause went by itself.
    pub by: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
    /// Why it is ignored, or how it was resolved.
    pub reason: Option<String>,
}

/// Events that are not stored as they should be: new ones, those that came back or changed, and those whose cause is gone.
/// What is ignored stays ignored until it comes back different.
pub fn reconcile(mut stored: BTreeMap<DriftId, Stored>, found: Vec<Drift>, by: &str, now: Timestamp) -> Vec<Stored> {
    let mut changed = Vec::new();
    for drift in found {
        let open = |drift| Stored { drift, state: DriftState::Open, first_seen: now, gone_at: None, by: None, at: None, reason: None };
        let after = match stored.remove(&drift.id) {
            None => open(drift),
            Some(before) if before.state == DriftState::Resolved => open(drift),
            Some(before) if before.drift == drift => continue,
            Some(before) if before.drift.print() == drift.print() => Stored { drift, ..before },
            Some(before) => Stored { first_seen: before.first_seen, ..open(drift) },
        };
        changed.push(after);
    }
    for (_, before) in stored {
        let over = |before| Stored { state: DriftState::Resolved, gone_at: Some(now), ..before };
        match before.state {
            DriftState::Resolved => {}
            // Who repaired or ignored it is still who dealt with it.
            DriftState::Ignored => changed.push(over(before)),
            DriftState::Open => {
                let reason = Some("The cause is gone.".to_owned());
                changed.push(Stored { by: Some(by.to_owned()), at: Some(now), reason, ..over(before) });
            }
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::{DriftKind, Place};

    fn drift(is: &str) -> Drift {
        Drift {
            id: "a".into(),
            kind: DriftKind::EsetCompanyRenamed,
            subject: "Acme".to_owned(),
            was: Some("Acme".to_owned()),
            is: Some(is.to_owned()),
            words: String::new(),
            remedy: String::new(),
            lines: Vec::new(),
            repairs: Vec::new(),
            place: Place::default(),
        }
    }

    fn at(hour: u32) -> Timestamp {
        format!("2026-11-22T{hour:02}:00:00Z").parse().expect("a moment")
    }

    /// Stores what changed.
    fn the(stored: &BTreeMap<DriftId, Stored>) -> &Stored {
        stored.get(&"a".into()).expect("the event")
    }

    fn pass(stored: &mut BTreeMap<DriftId, Stored>, found: Vec<Drift>, hour: u32) -> usize {
        let changed = reconcile(stored.clone(), found, "schedule", at(hour));
        let count = changed.len();
        stored.extend(changed.into_iter().map(|stored| (stored.drift.id.clone(), stored)));
        count
    }

    #[test]
    fn an_event_opens_stays_closes_by_itself_and_comes_back() {
        let mut stored = BTreeMap::new();
        assert_eq!(pass(&mut stored, vec![drift("Acme 2")], 1), 1);
        assert_eq!(pass(&mut stored, vec![drift("Acme 2")], 2), 0, "nothing new is nothing written");
        assert_eq!(the(&stored).first_seen, at(1));
        assert_eq!(pass(&mut stored, Vec::new(), 3), 1);
        let closed = the(&stored);
        assert_eq!((closed.state, closed.gone_at, closed.by.as_deref()), (DriftState::Resolved, Some(at(3)), Some("schedule")));
        assert_eq!(pass(&mut stored, Vec::new(), 4), 0);
        assert_eq!(pass(&mut stored, vec![drift("Acme 2")], 5), 1);
        assert_eq!((the(&stored).state, the(&stored).first_seen), (DriftState::Open, at(5)));
    }

    #[test]
    fn what_is_ignored_comes_back_only_when_it_is_different() {
        let mut stored = BTreeMap::new();
        pass(&mut stored, vec![drift("Acme 2")], 1);
        for ignored in stored.values_mut() {
            (ignored.state, ignored.by, ignored.reason) = (DriftState::Ignored, Some("Ann".to_owned()), Some("known".to_owned()));
        }
        assert_eq!(pass(&mut stored, vec![drift("Acme 2")], 2), 0);
        let more = Drift { lines: vec!["line".into()], ..drift("Acme 2") };
        assert_eq!(pass(&mut stored, vec![more], 3), 1);
        assert_eq!(the(&stored).state, DriftState::Ignored, "another line of the same event");
        pass(&mut stored, vec![drift("Acme 3")], 4);
        assert_eq!((the(&stored).state, the(&stored).by.clone()), (DriftState::Open, None));
    }

    #[test]
    fn who_dealt_with_it_stays_known_when_its_cause_goes() {
        let mut stored = BTreeMap::new();
        pass(&mut stored, vec![drift("Acme 2")], 1);
        for ignored in stored.values_mut() {
            (ignored.state, ignored.by) = (DriftState::Ignored, Some("Ann".to_owned()));
        }
        pass(&mut stored, Vec::new(), 2);
        assert_eq!((the(&stored).state, the(&stored).by.as_deref()), (DriftState::Resolved, Some("Ann")));
    }
}
