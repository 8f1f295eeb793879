//! What holds whatever was read, closed, parked and deleted, and whatever ages are set.

use chrono::{Days, TimeDelta};
use proptest::prelude::*;

use super::*;
use crate::Timestamp;
use crate::billing::Period;

/// The day the install began.
fn beginning() -> Timestamp {
    "2024-01-01T00:00:00Z".parse().expect("a moment")
}

fn day(number: u64) -> Timestamp {
    beginning() + Days::new(number)
}

fn ages() -> impl Strategy<Value = Retention> {
    (60..800_u32, 30..300_u32, 30..800_u32, 7..700_u32).prop_map(|(snapshot_days, dispute_days, days, deleted)| Retention {
        snapshot_days,
        dispute_days,
        ticket_log_days: days,
        visit_days: days,
        pass_days: days.min(730),
        deleted_connection_days: deleted,
    })
}

/// An install of one connection after so many days.
#[derive(Debug, Clone)]
struct World {
    now: Timestamp,
    /// When snapshots were taken, in this order.
    taken: Vec<Timestamp>,
    deleted: Option<Timestamp>,
    months: Vec<HeldMonth>,
    open: Vec<Period>,
}

fn world() -> impl Strategy<Value = World> {
    let hours = proptest::collection::btree_set(0..1_000 * 24_i64, 1..40);
    // How many days after its end each month was closed, if it was.
    let closings = proptest::collection::vec(proptest::option::weighted(0.8, 1..120_u64), 33);
    (hours, 200..1_000_u64, proptest::option::weighted(0.3, 0..900_u64), closings, proptest::collection::vec(0..33_usize, 0..2)).prop_map(
        |(hours, age, deleted, closings, open)| {
            let now = day(age);
            let deleted = deleted.map(day).filter(|deleted| *deleted < now);
            let until = deleted.unwrap_or(now);
            let taken = hours.into_iter().map(|hour| beginning() + TimeDelta::hours(hour)).filter(|taken| *taken < until).collect();
            let mut period = Period::of(beginning());
            let (mut months, mut all) = (Vec::new(), Vec::new());
            for closing in closings {
                if period.end() > now {
                    break;
                }
                let closed_at = closing.map(|days| period.end() + Days::new(days)).filter(|closed| *closed <= now);
                months.push(HeldMonth { period, closed_at });
                all.push(period);
                period = period.next();
            }
            let open = open.into_iter().filter_map(|index| all.get(index).copied()).collect();
            World { now, taken, deleted, months, open }
        },
    )
}

impl World {
    fn snapshots(&self) -> impl Iterator<Item = StoredVersion> {
        self.taken.iter().enumerate().map(|(index, taken_at)| StoredVersion {
            taken_at: *taken_at,
            is_current: self.deleted.is_none() && index + 1 == self.taken.len(),
            next: self.taken.get(index + 1).copied(),
            connection_deleted_at: self.deleted,
        })
    }

    /// The snapshot that a plan at `moment` counted from.
    fn counted_at(&self, moment: Timestamp) -> Option<Timestamp> {
        if self.deleted.is_some_and(|deleted| deleted <= moment) {
            return None;
        }
        self.taken.iter().rev().find(|taken| **taken <= moment).copied()
    }

    /// Months whose numbers may still be asked for.
    fn asked_for(&self, ages: &Retention) -> Vec<Period> {
        let questioned = |closed: Timestamp| closed + Days::new(ages.dispute_days.into()) >= self.now;
        let months = self.months.iter().filter(|month| month.closed_at.is_none_or(questioned)).map(|month| month.period);
        months.chain(self.open.iter().copied()).chain([Period::of(self.now)]).collect()
    }
}

proptest! {
    #[test]
    fn nothing_goes_that_a_month_which_is_asked_for_was_made_from(world in world(), ages in ages(), hours in proptest::collection::vec(0..40 * 24_i64, 24)) {
        let horizon = ages.horizon(world.now, &Held { months: world.months.clone(), open: world.open.clone() });
        let gone: Vec<Timestamp> = world.snapshots().filter(|one| horizon.removes_version(one)).map(|one| one.taken_at).collect();
        for month in world.asked_for(&ages) {
            // Its lines were planned at any moment of it and some days on.
            for hours in &hours {
                let planned = month.previous().end() + TimeDelta::hours(*hours);
                if planned > world.now { continue; }
                if let Some(counted) = world.counted_at(planned) {
                    prop_assert!(!gone.contains(&counted), "{counted} goes, and {month} counted from it at {planned}");
                }
            }
        }
    }

    #[test]
    fn the_current_snapshot_stays_and_older_ages_remove_less(world in world(), ages in ages(), more in 0..400_u32) {
        let held = Held { months: world.months.clone(), open: world.open.clone() };
        let longer = Retention {
            snapshot_days: ages.snapshot_days + more,
            dispute_days: ages.dispute_days + more,
            deleted_connection_days: ages.deleted_connection_days + more,
            ..ages.clone()
        };
        let (short, long) = (ages.horizon(world.now, &held), longer.horizon(world.now, &held));
        for snapshot in world.snapshots() {
            prop_assert!(!(snapshot.is_current && short.removes_version(&snapshot)));
            prop_assert!(short.removes_version(&snapshot) || !long.removes_version(&snapshot));
        }
    }

    #[test]
    fn what_is_over_every_age_and_held_by_nothing_goes(world in world(), ages in ages()) {
        let much_later = world.now + Days::new(4_000);
        let horizon = ages.horizon(much_later, &Held::default());
        for snapshot in world.snapshots().filter(|snapshot| !snapshot.is_current && (snapshot.next.is_some() || world.deleted.is_some())) {
            prop_assert!(horizon.removes_version(&snapshot));
        }
    }

    #[test]
    fn what_is_open_never_goes(age in 0..9_000_u64, ages in ages()) {
        let horizon = ages.horizon(day(age), &Held::default());
        prop_assert!(!horizon.removes_log_row(beginning(), true));
        prop_assert!(!horizon.removes_share_link(None));
        prop_assert!(!horizon.removes_pass(None, true) && !horizon.removes_pass(None, false));
    }
}
