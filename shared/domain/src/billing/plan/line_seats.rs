//! The seats of one line: where they come from, what they come to, and why that may not be known.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;

use super::split::SplitPart;
use crate::Timestamp;
use crate::billing::line::{CompanyCount, Evidence, EvidenceItem, LineNote, SnapshotRef};
use crate::billing::{Guard, Member, Period};
use crate::ids::{ConnectionId, EsetCompanyId, ProductCode};
use crate::mapping::{CountMethod, CountRule, WriteRule};
use crate::seats::{Calendar, CompanySeats, Count, Holding, Licence, NotCounted, Part, Snapshot, TallyRow};

/// The seats of one line and what speaks against trusting them.
#[derive(Default)]
pub(in crate::billing) struct LineSeats<'a> {
    /// The company as it is billed.
    pub(in crate::billing) company: &'a str,
    /// Why the sum is not known, or the line cannot be billed.
    pub(in crate::billing) guards: Vec<Guard>,
    /// Whether every company on the line commits by itself, and may.
    pub(in crate::billing) automatic: bool,
    /// The companies mapped to it.
    pub(in crate::billing) members: Vec<Member>,
    /// How each ESET product on the line is to be written.
    pub(in crate::billing) write: Vec<&'a WriteRule>,
    pub(in crate::billing) licences: Vec<SeatSource<'a>>,
    pub(in crate::billing) groups: Vec<Group<'a>>,
    /// Device groups that are billed here, or taken off.
    pub(in crate::billing) splits: Vec<SplitPart<'a>>,
    /// Snapshots that were looked at, also when they held no licence of this product.
    pub(in crate::billing) snapshots: BTreeMap<&'a ConnectionId, &'a Snapshot>,
}

/// A licence, or one product inside it, and where it was found.
#[derive(Clone, Copy)]
pub(in crate::billing) struct SeatSource<'a> {
    pub(in crate::billing) snapshot: &'a Snapshot,
    pub(in crate::billing) company: &'a str,
    pub(in crate::billing) licence: &'a Licence,
    pub(in crate::billing) part: Option<&'a Part>,
    /// Place of its group.
    pub(in crate::billing) group: usize,
}

/// What is counted together: the products of one company that have the same rule.
pub(in crate::billing) struct Group<'a> {
    pub(in crate::billing) company: &'a EsetCompanyId,
    pub(in crate::billing) name: &'a str,
    pub(in crate::billing) rule: &'a CountRule,
    /// What the company had in the month, where the rule looks back: the bundle, if any, and the product.
    pub(in crate::billing) sources: Vec<(Option<&'a ProductCode>, &'a ProductCode)>,
    /// The latest reading of the company.
    snapshot: &'a Snapshot,
    seats: &'a CompanySeats,
}

impl SeatSource<'_> {
    fn product(&self) -> Option<&ProductCode> {
        self.part.map(|part| &part.product)
    }

    fn name(&self) -> &str {
        self.part.map_or(self.licence.product_name.as_str(), |part| &part.product_name)
    }

    /// Units ordered; none when ESET does not say.
    fn ordered(&self) -> Option<u32> {
        self.part.map_or(Some(self.licence.ordered), |part| part.ordered)
    }

    /// Units in use; none when ESET does not say.
    fn activated(&self) -> Option<u32> {
        self.part.map_or(Some(self.licence.activated), |part| part.activated)
    }
}

/// `units` added up; none when one of them is not known.
fn total(mut units: impl Iterator<Item = Option<u32>>) -> Option<u32> {
    units.try_fold(0, |sum: u32, units| Some(sum.saturating_add(units?)))
}

impl<'a> LineSeats<'a> {
    /// The place of the group of a company and rule. `twice` when the company may have been met in another account before.
    pub(in crate::billing) fn group(
        &mut self,
        company: &'a EsetCompanyId,
        snapshot: &'a Snapshot,
        seats: &'a CompanySeats,
        rule: &'a CountRule,
        twice: bool,
    ) -> usize {
        let near = self.groups.iter().rposition(|group| group.company != company).map_or(0, |place| place + 1);
        let from = if twice { 0 } else { near };
        let known = self.groups.iter_mut().enumerate().skip(from);
        for (place, group) in known {
            if group.company == company && group.rule == rule {
                if snapshot.taken_at > group.snapshot.taken_at {
                    (group.snapshot, group.seats) = (snapshot, seats);
                }
                return place;
            }
        }
        self.groups.push(Group { company, name: &seats.name, rule, sources: Vec::new(), snapshot, seats });
        self.groups.len() - 1
    }

    /// Notes how a product on the line is to be written.
    pub(in crate::billing) fn note_write(&mut self, rule: &'a WriteRule) {
        if !self.write.contains(&rule) {
            self.write.push(rule);
        }
    }

    /// Notes that a group has to look back at a product.
    pub(in crate::billing) fn note_source(&mut self, group: usize, bundle: Option<&'a ProductCode>, product: &'a ProductCode) {
        if let Some(group) = self.groups.get_mut(group)
            && !group.sources.contains(&(bundle, product))
        {
            group.sources.push((bundle, product));
        }
    }

    /// A licence can be found twice, when two accounts reach its company or a list was paged while it changed. The latest
    /// reading of it counts.
    pub(in crate::billing) fn count_each_licence_once(&mut self) {
        self.licences.sort_by(|a, b| {
            let order =
                |found: &SeatSource<'a>| (&found.licence.id, Reverse(found.snapshot.taken_at), &found.snapshot.connection, found.company);
            order(a).cmp(&order(b)).then_with(|| a.product().cmp(&b.product()))
        });
        let mut last: Option<SeatSource<'a>> = None;
        let mut seen = BTreeSet::new();
        self.licences.retain(|found| {
            let latest = match last {
                Some(last) if last.licence.id == found.licence.id => last,
                _ => {
                    seen.clear();
                    *last.insert(*found)
                }
            };
            let same_reading = std::ptr::eq(latest.snapshot, found.snapshot) && latest.company == found.company;
            same_reading && seen.insert(found.part.map(|part| &part.product))
        });
        self.licences.sort_by(|a, b| (a.company, &a.licence.id, a.product()).cmp(&(b.company, &b.licence.id, b.product())));
        let unknown = self.licences.iter().filter(|found| found.ordered().is_none() && self.left_out(found).is_none());
        let guards = unknown.map(|found| Guard::PartsUnknown { company: found.company.to_owned(), product: found.name().to_owned() });
        let guards: Vec<Guard> = guards.collect();
        self.guards.extend(guards);
    }

    /// Holds what is counted by seat-days that were not read.
    pub(in crate::billing) fn hold_without_seat_days(&mut self) {
        let unread = self.groups.iter().filter(|group| group.needs_unread_seat_days());
        let guards: Vec<Guard> = unread.map(|group| Guard::SeatDaysUnread { company: group.name.to_owned() }).collect();
        self.guards.extend(guards);
    }

    /// Why a licence is not counted by its group's rule.
    fn left_out(&self, found: &SeatSource<'_>) -> Option<NotCounted> {
        let rule = self.groups.get(found.group).map(|group| group.rule);
        found.licence.left_out(rule.is_some_and(|rule| rule.trials), rule.is_some_and(|rule| rule.suspended))
    }

    /// What is counted.
    pub(in crate::billing) fn counted(&self) -> impl Iterator<Item = &SeatSource<'a>> {
        self.licences.iter().filter(|found| self.left_out(found).is_none())
    }

    /// Whether anybody pays for it, or did earlier in the month.
    pub(in crate::billing) fn pays(&self) -> bool {
        self.counted().next().is_some()
            || self.groups.iter().any(|group| !group.sources.is_empty())
            || self.splits.iter().any(|split| split.billed && split.devices > 0)
    }

    /// Whether every licence of every company on the line was read.
    pub(in crate::billing) fn known(&self) -> bool {
        let unknown = |guard: &Guard| {
            let parts = matches!(guard, Guard::PartsUnknown { .. } | Guard::NotShared { .. });
            parts || matches!(guard, Guard::SnapshotPartial { .. } | Guard::CompanyGone { .. })
        };
        !self.guards.iter().any(unknown)
    }

    /// Whether all that the line is counted from was read.
    pub(in crate::billing) fn countable(&self) -> bool {
        self.known() && !self.guards.iter().any(|guard| matches!(guard, Guard::SeatDaysUnread { .. }))
    }

    fn billed_by_eset(&self) -> impl Iterator<Item = &SeatSource<'a>> {
        self.licences.iter().filter(|found| found.licence.not_counted().is_none())
    }

    /// Units ESET bills the MSP for; none when they are not known.
    pub(in crate::billing) fn ordered(&self) -> Option<u32> {
        let units = total(self.billed_by_eset().map(SeatSource::ordered)).filter(|_| self.known())?;
        Some(self.with_shares(units))
    }

    /// Units in use on the licences that ESET bills; none when they are not known.
    pub(in crate::billing) fn activated(&self) -> Option<u32> {
        let units = total(self.billed_by_eset().map(SeatSource::activated)).filter(|_| self.known())?;
        Some(self.with_shares(units))
    }

    /// Units of the licences on the line, without what is taken off it and with what groups bring.
    fn with_shares(&self, units: u32) -> u32 {
        let shared = |billed: bool| self.splits.iter().filter(move |split| split.billed == billed).map(|split| split.devices);
        shared(true).fold(shared(false).fold(units, u32::saturating_sub), u32::saturating_add)
    }

    /// The parts of one company and rule.
    fn splits_of(&self, group: usize, billed: bool) -> impl Iterator<Item = &SplitPart<'a>> {
        self.splits.iter().filter(move |split| split.group == group && split.billed == billed)
    }

    /// The names of the ESET products on it.
    pub(in crate::billing) fn products(&self) -> BTreeSet<&str> {
        self.licences.iter().map(SeatSource::name).collect()
    }

    /// Snapshots that were looked at, by connection.
    pub(in crate::billing) fn snapshots(&self) -> impl Iterator<Item = &'a Snapshot> {
        self.snapshots.values().copied()
    }

    /// The count of each company, with what had to be counted instead of what was asked for. Empty when it is not known.
    pub(in crate::billing) fn counts(&self, now: Timestamp) -> (Vec<CompanyCount>, Vec<LineNote>) {
        let (mut counts, mut notes) = (Vec::new(), Vec::new());
        if !self.countable() {
            return (counts, notes);
        }
        let mut found: Vec<Vec<&SeatSource<'a>>> = self.groups.iter().map(|_| Vec::new()).collect();
        for one in self.counted() {
            if let Some(found) = found.get_mut(one.group) {
                found.push(one);
            }
        }
        for (place, (group, found)) in self.groups.iter().zip(found).enumerate() {
            let (company, name) = (group.company.clone(), group.name.to_owned());
            for split in self.splits_of(place, true) {
                let Count { seats, quantity, sentence, .. } = group.rule.count_split(split.devices, split.name);
                let (company, name) = (company.clone(), name.clone());
                counts.push(CompanyCount { company, name, rule: group.rule.clone(), seats, quantity, sentence });
            }
            if found.is_empty() && group.sources.is_empty() {
                continue;
            }
            let holding = group.holding(&found, now);
            let apart: Vec<u32> = self.splits_of(place, false).map(|split| split.devices).collect();
            let Count { seats, quantity, sentence, note } = match apart.as_slice() {
                [] => group.rule.count(&holding),
                apart => group.rule.count_rest(&holding, apart.iter().copied().fold(0, u32::saturating_add)),
            };
            notes.extend(note.map(|code| LineNote {
                code,
                company: name.clone(),
                words: format!("Ordered units of {name} are counted, because {}.", code.label()),
            }));
            counts.push(CompanyCount { company, name, rule: group.rule.clone(), seats, quantity, sentence });
        }
        (counts, notes)
    }

    /// The sum written out.
    pub(in crate::billing) fn sentence(&self, counts: &[CompanyCount]) -> String {
        if !self.known() {
            return "ESET's count is not known".to_owned();
        }
        if !self.countable() {
            return "ESET's seat-days are not known".to_owned();
        }
        let licences = self.counted().map(|found| &found.licence.id).collect::<BTreeSet<_>>().len();
        let plain = self.splits.is_empty() && counts.iter().all(|count| count.rule == CountRule::PLAIN);
        let mut sentence = match (counts, licences) {
            ([], _) => "No licence is billed by ESET".to_owned(),
            (_, 1) if plain => format!("{} ordered on 1 licence", self.ordered().unwrap_or_default()),
            _ if plain => format!("{} ordered on {licences} licences", self.ordered().unwrap_or_default()),
            ([one], _) => one.sentence.clone(),
            (some, _) if some.len() <= 3 => {
                let told: Vec<String> = some.iter().map(|count| format!("{}: {}", count.name, count.sentence)).collect();
                told.join("; ")
            }
            (many, _) => format!("{} companies, each counted by itself", many.len()),
        };
        let left_out = self.licences.iter().filter(|found| self.left_out(found).is_some()).count();
        if left_out > 0 {
            sentence.push_str(&format!("; {left_out} trial or suspended not counted"));
        }
        sentence
    }

    /// Where its seats come from.
    pub(in crate::billing) fn evidence(&self) -> Evidence {
        let snapshots = self.snapshots().map(|snapshot| SnapshotRef {
            connection: snapshot.connection.clone(),
            pass: snapshot.pass.clone(),
            taken_at: snapshot.taken_at,
        });
        let licences = self.licences.iter().map(|found| EvidenceItem {
            company: found.company.to_owned(),
            licence: found.licence.id.clone(),
            product: found.name().to_owned(),
            bundle: found.part.map(|_| found.licence.product_name.clone()),
            part: found.product().cloned(),
            ordered: found.ordered(),
            activated: found.activated(),
            not_counted: self.left_out(found),
        });
        let groups = self.splits.iter().map(SplitPart::evidence).collect();
        Evidence { snapshots: snapshots.collect(), licences: licences.collect(), groups }
    }
}

impl Group<'_> {
    /// What the company has, as of its latest reading and of the month.
    fn holding(&self, found: &[&SeatSource<'_>], now: Timestamp) -> Holding {
        let ordered = total(found.iter().map(|found| found.ordered())).unwrap_or_default();
        let activated = total(found.iter().map(|found| found.activated()));
        let mut calendar = Calendar { today: 0, counted: 0, days: 0 };
        if !self.rule.method.looks_back() {
            return Holding { ordered, activated, month: None, seat_days: None, calendar };
        }
        let period = Period::of(now);
        calendar.days = period.days();
        let read_this_month = Period::of(self.snapshot.taken_at) == period;
        let counted_to = self.snapshot.usage_days.1;
        if read_this_month {
            calendar.today = self.snapshot.taken_at.day();
        }
        if read_this_month && period.holds(counted_to) {
            calendar.counted = counted_to.day();
        }
        let tally = self.snapshot.tallies.get(self.company).filter(|_| read_this_month);
        let rows: Vec<&TallyRow> = tally.iter().flat_map(|tally| tally.rows()).filter(|row| self.looks_at(row)).collect();
        let inside_a_bundle = found.iter().any(|found| found.part.is_some()) || self.sources.iter().any(|(bundle, _)| bundle.is_some());
        let reported: Vec<u64> = self.sources.iter().filter_map(|(_, product)| self.seats.seat_days.get(*product).copied()).collect();
        // A report that leaves out what was there for two days and more cannot be believed.
        let left_out = reported.is_empty() && tally.is_some_and(|tally| tally.had_before(calendar.counted.saturating_sub(1), &rows));
        let sum = if calendar.counted == 0 { 0 } else { reported.iter().fold(0, |sum: u64, days| sum.saturating_add(*days)) };
        Holding {
            ordered,
            activated,
            month: tally.and_then(|tally| tally.count(&rows)),
            seat_days: (!inside_a_bundle && !left_out).then_some(sum),
            calendar,
        }
    }

    /// Products inside bundles have no seat-days, and are counted by what is ordered.
    fn needs_unread_seat_days(&self) -> bool {
        let reported = self.sources.iter().any(|(bundle, _)| bundle.is_none());
        self.rule.method == CountMethod::SeatDays && self.seats.seat_days_unread && reported
    }

    fn looks_at(&self, row: &TallyRow) -> bool {
        self.sources.iter().any(|(bundle, product)| *bundle == row.bundle.as_ref() && **product == row.product)
    }
}
