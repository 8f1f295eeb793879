//! Devices that leave a group all at once. More often than so many are mended in one moment, a list was cut short: none of their tickets is
//! closed before later readings, or a person, say the same.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::Timestamp;

/// So many devices that leave a group empty are believed by the next reading.
pub const FEW: u32 = 2;
/// The reading that is believed when many left at once.
const READINGS: u32 = 3;

/// How long after the first reading that does not show them many devices are believed to have left.
pub const PATIENCE: TimeDelta = TimeDelta::hours(1);

/// How many devices may leave a group at once and be believed to have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaveLimits {
    /// Fewer than this are always believed, unless nobody is left.
    pub devices: u32,
    /// In percent of the group.
    pub percent: u32,
}

impl LeaveLimits {
    /// Whether so many of a group are too many to leave it at once.
    pub fn is_mass(self, left: u32, were: u32) -> bool {
        let emptied = left >= were && left > FEW;
        emptied || left >= self.devices && u64::from(left) * 100 > u64::from(were) * u64::from(self.percent)
    }
}

/// A device that a group does not show any more, and that is not believed to have left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubt {
    /// The first reading that did not show it.
    pub since: Timestamp,
    /// How many did not.
    pub readings: u32,
    /// Whether a person said that its ticket stays open, however many more do not.
    pub kept: bool,
}

impl Doubt {
    /// Whether another reading at `now` is proof enough for a device that left with many.
    fn is_proven_by(&self, now: Timestamp) -> bool {
        !self.kept && self.readings + 1 >= READINGS && self.since + PATIENCE <= now
    }
}

/// A group as a reading shows it, beside what was known.
#[derive(Debug, Clone, Copy)]
pub struct GroupReading<'a> {
    /// Who was in it and does not show.
    pub missing: &'a [&'a str],
    /// How many were in it.
    pub were: usize,
    /// For how many devices each of them stands.
    pub each: u32,
    /// Who was doubted to have left before this reading.
    pub doubted: &'a BTreeMap<String, Doubt>,
    /// When it was read.
    pub now: Timestamp,
}

/// What a reading makes of the devices that it does not show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leaves {
    /// Those that are doubted to have left. The others have left.
    pub doubted: BTreeMap<String, Doubt>,
}

impl Leaves {
    /// Judges a reading. Who shows again is doubted no more, and has never left.
    pub fn of(reading: GroupReading<'_>, limits: LeaveLimits) -> Self {
        let GroupReading { missing, were, each, doubted, now } = reading;
        let known = |subject: &str| doubted.get(subject);
        let kept = missing.iter().filter_map(|subject| Some((*subject, *known(subject).filter(|doubt| doubt.kept)?)));
        let mut still: BTreeMap<String, Doubt> = kept.map(|(subject, doubt)| (subject.to_owned(), doubt)).collect();
        let proven = |subject: &str| known(subject).is_some_and(|doubt| doubt.is_proven_by(now));
        let rest: Vec<&str> = missing.iter().copied().filter(|subject| !still.contains_key(*subject) && !proven(subject)).collect();
        let others = missing.len() - rest.len();
        let devices = |subjects: usize| u32::try_from(subjects).unwrap_or(u32::MAX).saturating_mul(each);
        let (left, were) = (devices(rest.len()), devices(were.saturating_sub(others)));
        let needed = match limits.is_mass(left, were) {
            true => READINGS,
            false if left >= were => 2,
            false => 1,
        };
        for subject in rest {
            let before = known(subject).copied().unwrap_or(Doubt { since: now, readings: 0, kept: false });
            let doubt = Doubt { readings: before.readings.saturating_add(1), ..before };
            // A mass that was not proven above needs the time as well, however many readings there were.
            if needed == READINGS || doubt.readings < needed {
                still.insert(subject.to_owned(), doubt);
            }
        }
        Self { doubted: still }
    }

    /// Whether some of them wait for another reading.
    pub fn waits(&self) -> bool {
        self.doubted.values().any(|doubt| !doubt.kept)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: LeaveLimits = LeaveLimits { devices: 10, percent: 50 };

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    /// A group of so many devices, read at some minutes with so many of the first ones missing: how many are doubted after each reading.
    fn doubted(group: u32, readings: &[(i64, u32)]) -> Vec<usize> {
        let names: Vec<String> = (0..group).map(|device| format!("{device:03}")).collect();
        let (mut out, mut doubts): (Vec<&str>, BTreeMap<String, Doubt>) = (Vec::new(), BTreeMap::new());
        let mut counts = Vec::new();
        for (minutes, missing) in readings {
            let missing: Vec<&str> = names.iter().take(*missing as usize).map(String::as_str).filter(|name| !out.contains(name)).collect();
            let were = names.len() - out.len();
            let reading = GroupReading { missing: &missing, were, each: 1, doubted: &doubts, now: at(*minutes) };
            let leaves = Leaves::of(reading, LIMITS);
            out.extend(missing.iter().filter(|name| !leaves.doubted.contains_key(**name)));
            doubts = leaves.doubted;
            counts.push(doubts.len());
        }
        counts
    }

    #[test]
    fn many_are_believed_to_have_left_by_the_third_reading_an_hour_later() {
        type Case = (&'static str, u32, &'static [(i64, u32)], &'static [usize]);
        let table: [Case; 9] = [
            ("one of many", 25, &[(0, 1)], &[0]),
            ("as many as may", 25, &[(0, 9)], &[0]),
            ("half of twenty", 20, &[(0, 10)], &[0]),
            ("more than half", 25, &[(0, 13), (10, 13), (50, 13), (60, 13)], &[13, 13, 13, 0]),
            ("empty, and read twice in an hour", 25, &[(0, 25), (60, 25), (70, 25)], &[25, 25, 0]),
            ("back again", 25, &[(0, 25), (10, 0), (20, 25), (70, 25), (80, 25)], &[25, 0, 25, 25, 0]),
            ("a few that leave nobody behind", 2, &[(0, 2), (10, 2)], &[2, 0]),
            ("three that leave nobody behind", 3, &[(0, 3), (10, 3), (60, 3)], &[3, 3, 0]),
            ("others that follow", 25, &[(0, 13), (30, 25), (60, 25), (90, 25)], &[13, 25, 12, 0]),
        ];
        for (what, group, readings, expected) in table {
            assert_eq!(doubted(group, readings), expected, "{what}");
        }
    }

    #[test]
    fn what_a_person_keeps_open_is_doubted_until_it_shows_again() {
        let kept = BTreeMap::from([("a".to_owned(), Doubt { since: at(0), readings: 1, kept: true })]);
        let later = |missing: &[&str]| {
            let reading = GroupReading { missing, were: 3, each: 1, doubted: &kept, now: at(10_000) };
            Leaves::of(reading, LIMITS)
        };
        assert_eq!(later(&["a"]).doubted, kept);
        assert!(!later(&["a"]).waits());
        assert_eq!(later(&["a", "b"]).doubted, kept, "one that leaves beside it has left");
        assert_eq!(later(&[]).doubted, BTreeMap::new());
    }

    #[test]
    fn a_group_with_one_ticket_is_judged_by_its_devices() {
        let empty = BTreeMap::new();
        let doubted = |each| {
            let reading = GroupReading { missing: &["group:x"], were: 1, each, doubted: &empty, now: at(0) };
            Leaves::of(reading, LIMITS).doubted.len()
        };
        assert_eq!((doubted(1), doubted(25)), (1, 1));
        let once = BTreeMap::from([("group:x".to_owned(), Doubt { since: at(0), readings: 1, kept: false })]);
        let again = |each| {
            let reading = GroupReading { missing: &["group:x"], were: 1, each, doubted: &once, now: at(10) };
            Leaves::of(reading, LIMITS).doubted.len()
        };
        assert_eq!((again(2), again(3)), (0, 1));
    }

    proptest! {
        #[test]
        fn only_what_does_not_show_is_doubted_and_no_mass_leaves_within_the_hour(
            group in 1_u32..60,
            readings in prop::collection::vec((1_i64..20, 0_u32..60), 1..8),
        ) {
            let mut minutes = 0;
            let mut timed = Vec::new();
            for (gap, missing) in readings {
                minutes += gap;
                timed.push((minutes, missing.min(group)));
            }
            let first = timed[0];
            let counts = doubted(group, &timed);
            for ((_, missing), doubted) in timed.iter().zip(&counts) {
                prop_assert!(*doubted <= *missing as usize);
            }
            if LIMITS.is_mass(first.1, group) {
                prop_assert_eq!(counts[0], first.1 as usize);
                let same = timed.iter().take_while(|(at, missing)| *missing == first.1 && *at < first.0 + 60).count();
                prop_assert!(counts[..same].iter().all(|doubted| *doubted == first.1 as usize));
            }
        }
    }
}
