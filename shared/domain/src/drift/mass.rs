//! What goes from ESET in mass: many companies or licences that are missing at once are one event with one decision. More often than so many
//! customers leave in one night, the API user lost its access or a list was cut short.

use std::collections::{BTreeMap, BTreeSet};

use super::{Drift, DriftKind, DriftState, Repair, Stored};
use crate::hash::fingerprint;
use crate::ids::{ConnectionId, DriftId};

/// So many that are found missing together are one event: fewer are read one by one.
const MANY: usize = 5;

/// Names that stand in an event of many.
const NAMED: usize = 20;

/// What is gathered: what went, from which ESET connection, and the ConnectWise it is billed in.
type Whence = (DriftKind, ConnectionId, ConnectionId);

fn whence(drift: &Drift) -> Option<Whence> {
    let gathers = matches!(drift.kind, DriftKind::EsetCompanyGone | DriftKind::LicenceGone);
    let member = drift.place.members.first().filter(|_| gathers)?;
    Some((drift.kind, member.connection.clone(), drift.place.psa.clone()?))
}

/// Makes one event of many that are new together. What an event of many holds stays in it as long as it is missing.
pub fn gather(stored: &BTreeMap<DriftId, Stored>, found: Vec<Drift>) -> Vec<Drift> {
    let mut rest: BTreeMap<DriftId, Drift> = found.into_iter().map(|drift| (drift.id.clone(), drift)).collect();
    let mut gathered = Vec::new();
    for known in stored.values().filter(|known| known.state != DriftState::Resolved) {
        let parts: Vec<Drift> = known.drift.place.gathered.iter().filter_map(|id| rest.remove(id)).collect();
        if !parts.is_empty() {
            let (id, was) = (known.drift.id.clone(), known.drift.was.clone());
            gathered.push(Drift { was, ..of_many(id, &parts) });
        }
    }
    let mut new: BTreeMap<Whence, Vec<DriftId>> = BTreeMap::new();
    for drift in rest.values() {
        let is_known = stored.get(&drift.id).is_some_and(|known| known.state != DriftState::Resolved);
        if let Some(whence) = whence(drift).filter(|_| !is_known) {
            new.entry(whence).or_default().push(drift.id.clone());
        }
    }
    for ids in new.into_values().filter(|ids| ids.len() >= MANY) {
        let id = DriftId(fingerprint(&("many", &ids)));
        let parts: Vec<Drift> = ids.iter().filter_map(|id| rest.remove(id)).collect();
        gathered.push(of_many(id, &parts));
    }
    gathered.extend(rest.into_values());
    gathered
}

/// One event of many. Its words stand on the lines of each of them and name nobody; its subject and what was known do.
fn of_many(id: DriftId, parts: &[Drift]) -> Drift {
    let count = parts.len();
    let names: BTreeSet<&str> = parts.iter().map(|part| part.subject.as_str()).collect();
    let more = names.len().saturating_sub(NAMED);
    let mut named = names.into_iter().take(NAMED).collect::<Vec<_>>().join(", ");
    if more > 0 {
        named.push_str(&format!(" and {more} more"));
    }
    let kind = parts.first().map_or(DriftKind::EsetCompanyGone, |part| part.kind);
    let mut place = parts.first().map(|part| part.place.clone()).unwrap_or_default();
    (place.agreement, place.licence, place.members) = (None, None, Vec::new());
    let mut lines = Vec::new();
    for part in parts {
        place.members.extend(part.place.members.iter().cloned());
        place.licences.extend(part.place.licence.iter().cloned());
        place.gathered.push(part.id.clone());
        lines.extend(part.lines.iter().cloned());
    }
    lines.sort();
    lines.dedup();
    place.members.sort();
    place.members.dedup();
    let (subject, words, remedy, repairs) = match kind {
        DriftKind::LicenceGone => (
            format!("{count} licences at once"),
            format!("{count} licences are gone from ESET at once; their seats are not counted any more."),
            "Check in ESET MSP Administrator that all of them were removed on purpose, then acknowledge them together and approve their lines.",
            vec![Repair::Acknowledge],
        ),
        _ => (
            format!("{count} companies at once"),
            format!("{count} companies are no longer in the ESET account, all at once: how many seats they have is not known."),
            "Check the API user's access in ESET MSP Administrator. If all of these customers have left, exclude them together.",
            vec![Repair::ExcludeCompanies],
        ),
    };
    Drift { id, kind, subject, was: Some(named), is: None, words, remedy: remedy.to_owned(), lines, repairs, place }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::Member;
    use crate::drift::{Place, reconcile};
    use crate::ids::AgreementId;

    fn gone(kind: DriftKind, name: &str) -> Drift {
        let member = Member { connection: "ema".into(), company: name.into() };
        let licence = (kind == DriftKind::LicenceGone).then(|| name.into());
        Drift {
            id: DriftId(fingerprint(&(kind, name))),
            kind,
            subject: name.to_owned(),
            was: Some(name.to_owned()),
            is: None,
            words: String::new(),
            remedy: String::new(),
            lines: vec![name.into()],
            repairs: Vec::new(),
            place: Place { psa: Some("cw".into()), agreement: Some(AgreementId(7)), members: vec![member], licence, ..Place::default() },
        }
    }

    fn companies(names: std::ops::Range<u32>) -> Vec<Drift> {
        names.map(|name| gone(DriftKind::EsetCompanyGone, &format!("c{name:02}"))).collect()
    }

    /// Gathers and stores what is found; answers the events that are not over.
    fn pass(stored: &mut BTreeMap<DriftId, Stored>, found: Vec<Drift>) -> Vec<(String, usize)> {
        let found = gather(stored, found);
        let changed = reconcile(stored.clone(), found, "schedule", crate::Timestamp::UNIX_EPOCH);
        stored.extend(changed.into_iter().map(|stored| (stored.drift.id.clone(), stored)));
        let open = stored.values().filter(|stored| stored.state == DriftState::Open);
        let mut open: Vec<_> = open.map(|stored| (stored.drift.subject.clone(), stored.drift.lines.len())).collect();
        open.sort();
        open
    }

    #[test]
    fn many_that_go_at_once_are_one_event_and_few_are_not() {
        let mut stored = BTreeMap::new();
        assert_eq!(pass(&mut stored, companies(0..4)).len(), 4);
        let mut stored = BTreeMap::new();
        assert_eq!(pass(&mut stored, companies(0..15)), [("15 companies at once".to_owned(), 15)]);
        let one = stored.values().next().expect("one event");
        assert_eq!((one.drift.place.members.len(), one.drift.repairs.as_slice()), (15, [Repair::ExcludeCompanies].as_slice()));
        assert!(!one.drift.words.contains("c01"), "its words stand on everybody's lines");
        assert!(one.drift.was.as_ref().is_some_and(|names| names.starts_with("c00, c01")), "{:?}", one.drift.was);
    }

    #[test]
    fn licences_are_acknowledged_together_and_beside_companies_they_are_another_event() {
        let mut found = companies(0..6);
        found.extend((0..5).map(|name| gone(DriftKind::LicenceGone, &format!("l{name}"))));
        let mut stored = BTreeMap::new();
        assert_eq!(pass(&mut stored, found), [("5 licences at once".to_owned(), 5), ("6 companies at once".to_owned(), 6)]);
        let licences = stored.values().find(|stored| stored.drift.kind == DriftKind::LicenceGone).expect("licences");
        assert_eq!((licences.drift.place.licences.len(), licences.drift.repairs.as_slice()), (5, [Repair::Acknowledge].as_slice()));
    }

    #[test]
    fn an_event_of_many_stays_one_whatever_comes_back_or_follows() {
        let mut stored = BTreeMap::new();
        pass(&mut stored, companies(0..15));
        assert_eq!(pass(&mut stored, companies(0..12)), [("12 companies at once".to_owned(), 12)]);
        assert_eq!(pass(&mut stored, companies(0..13)), [("12 companies at once".to_owned(), 12), ("c12".to_owned(), 1)]);
        assert!(pass(&mut stored, Vec::new()).is_empty(), "they are back");
        assert_eq!(stored.len(), 2);
    }

    #[test]
    fn what_was_missing_before_is_left_out_of_it_and_what_a_person_ignored_stays_so() {
        let mut stored = BTreeMap::new();
        pass(&mut stored, companies(0..1));
        assert_eq!(pass(&mut stored, companies(0..9)), [("8 companies at once".to_owned(), 8), ("c00".to_owned(), 1)]);
        for known in stored.values_mut() {
            known.state = DriftState::Ignored;
        }
        assert!(pass(&mut stored, companies(0..9)).is_empty());
        assert!(pass(&mut stored, companies(0..5)).is_empty(), "some are back, and nothing is new");
    }
}
