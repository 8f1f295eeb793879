//! What is over age at one moment.

use chrono::Days;

use super::Retention;
use crate::Timestamp;
use crate::billing::Period;

/// Days a pass is kept that found nothing wrong, unless fewer are set.
const QUIET_PASS_DAYS: u32 = 7;

/// A month that is kept or closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldMonth {
    /// The month.
    pub period: Period,
    /// When it was closed; none while it is not.
    pub closed_at: Option<Timestamp>,
}

/// What holds snapshots, whatever their age.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// Months that were kept or closed.
    pub months: Vec<HeldMonth>,
    /// Months of lines that stand, and of changes that are not over or are parked.
    pub open: Vec<Period>,
}

/// A snapshot, or a version of another document, as far as its age is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredVersion {
    /// When it was taken or written.
    pub taken_at: Timestamp,
    /// Whether it is the current one.
    pub is_current: bool,
    /// When the next one of its connection or name was taken or written.
    pub next: Option<Timestamp>,
    /// When the connection was deleted that it was read through.
    pub connection_deleted_at: Option<Timestamp>,
}

/// What is over age at one moment. What was stored before these moments goes, unless something holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// Snapshots, and versions of other documents.
    pub snapshots: Timestamp,
    /// The first moment of the earliest month that holds its snapshots.
    pub held_from: Timestamp,
    /// Rows of the tickets' log.
    pub ticket_log: Timestamp,
    /// Share links, by when they ended.
    pub visits: Timestamp,
    /// Passes that found something wrong, by when they ended.
    pub passes: Timestamp,
    /// Passes that found nothing wrong, by when they ended.
    pub quiet_passes: Timestamp,
    /// Connections, by when they were deleted.
    pub deleted_connections: Timestamp,
}

impl Retention {
    /// What is over age at `now`.
    pub fn horizon(&self, now: Timestamp, held: &Held) -> Horizon {
        let ago = |days: u32| now.checked_sub_days(Days::new(days.into())).unwrap_or(Timestamp::UNIX_EPOCH);
        let questioned = ago(self.dispute_days);
        let months = held.months.iter().filter(|month| month.closed_at.is_none_or(|closed| closed >= questioned));
        let months = months.map(|month| month.period).chain(held.open.iter().copied()).chain([Period::of(now)]);
        let earliest = months.min().unwrap_or_else(|| Period::of(now));
        Horizon {
            snapshots: ago(self.snapshot_days),
            held_from: earliest.previous().end(),
            ticket_log: ago(self.ticket_log_days),
            visits: ago(self.visit_days),
            passes: ago(self.pass_days),
            quiet_passes: ago(self.pass_days.min(QUIET_PASS_DAYS)),
            deleted_connections: ago(self.deleted_connection_days),
        }
    }
}

impl Horizon {
    /// Whether a version goes. A month counts from the latest snapshot at each moment: from its own, and until the first of them from
    /// the one before.
    pub fn removes_version(&self, snapshot: &StoredVersion) -> bool {
        let deleted = snapshot.connection_deleted_at;
        let is_old = snapshot.taken_at < self.snapshots || deleted.is_some_and(|deleted| self.removes_connection(deleted));
        let replaced = snapshot.next.or(deleted).is_some_and(|next| next < self.held_from);
        is_old && !snapshot.is_current && snapshot.taken_at < self.held_from && replaced
    }

    /// Whether a row of the tickets' log goes. `is_open` says that its device has an open ticket, an intent that is not over or is
    /// parked, or a detection that waits.
    pub fn removes_log_row(&self, at: Timestamp, is_open: bool) -> bool {
        !is_open && at < self.ticket_log
    }

    /// Whether a share link goes that ended at `ended_at`; none while it works.
    pub fn removes_share_link(&self, ended_at: Option<Timestamp>) -> bool {
        ended_at.is_some_and(|ended| ended < self.visits)
    }

    /// Whether a pass goes that ended at `ended_at`; none while it is under way.
    pub fn removes_pass(&self, ended_at: Option<Timestamp>, is_quiet: bool) -> bool {
        ended_at.is_some_and(|ended| ended < if is_quiet { self.quiet_passes } else { self.passes })
    }

    /// Whether what was read through a connection goes that was deleted at `deleted_at`.
    pub fn removes_connection(&self, deleted_at: Timestamp) -> bool {
        deleted_at < self.deleted_connections
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("{text}T12:00:00Z").parse().expect("a moment")
    }

    fn month(period: &str, closed: Option<&str>) -> HeldMonth {
        HeldMonth { period: period.parse().expect("a month"), closed_at: closed.map(at) }
    }

    /// Months, when a snapshot was taken, when the next one, whether it is current, when its connection was deleted; whether it goes.
    type Row<'a> = (&'a [HeldMonth], &'a str, Option<&'a str>, bool, Option<&'a str>, bool);

    /// Which snapshot goes at noon of 2026-12-01.
    #[test]
    fn a_snapshot_goes_when_it_is_old_and_nothing_counts_from_it() {
        let closed = [month("2025-10", Some("2025-11-02")), month("2026-10", Some("2026-11-02"))];
        let unclosed = [month("2025-09", None), month("2026-10", Some("2026-11-02"))];
        let questioned = [month("2025-08", Some("2026-09-15"))];
        let table: &[Row<'_>] = &[
            (&closed, "2025-10-20", Some("2025-10-21"), false, None, true),
            (&closed, "2025-10-28", Some("2025-10-29"), false, None, false),
            (&closed, "2025-10-20", Some("2025-10-21"), true, None, false),
            (&closed, "2025-10-20", None, false, None, false),
            (&closed, "2025-10-20", Some("2026-11-05"), false, None, false),
            (&unclosed, "2025-08-30", Some("2025-08-31"), false, None, true),
            (&unclosed, "2025-08-31", Some("2025-09-02"), false, None, false),
            (&unclosed, "2025-09-02", Some("2025-09-03"), false, None, false),
            (&questioned, "2025-08-15", Some("2025-08-16"), false, None, false),
            (&questioned, "2025-07-15", Some("2025-07-16"), false, None, true),
            // Of a deleted connection all goes that no month holds, however young it is.
            (&[], "2026-10-20", None, false, Some("2026-10-25"), true),
            (&[], "2026-10-20", None, false, Some("2026-11-20"), false),
            (&closed, "2026-09-20", None, false, Some("2026-09-21"), true),
            (&closed, "2026-10-20", None, false, Some("2026-10-25"), false),
        ];
        let now = at("2026-12-01");
        for (number, (months, taken, next, is_current, deleted, goes)) in table.iter().enumerate() {
            let horizon = Retention::default().horizon(now, &Held { months: months.to_vec(), open: Vec::new() });
            let (next, deleted) = (next.map(at), deleted.map(at));
            let snapshot = StoredVersion { taken_at: at(taken), is_current: *is_current, next, connection_deleted_at: deleted };
            assert_eq!(horizon.removes_version(&snapshot), *goes, "row {number}: {snapshot:?}");
        }
    }

    #[test]
    fn a_parked_change_holds_the_snapshots_of_its_month() {
        let now = at("2026-12-01");
        let open = vec!["2025-03".parse().expect("a month")];
        let held = Retention::default().horizon(now, &Held { months: Vec::new(), open });
        let free = Retention::default().horizon(now, &Held::default());
        let snapshot = |day: &str, next: &str| StoredVersion {
            taken_at: at(day),
            is_current: false,
            next: Some(at(next)),
            connection_deleted_at: None,
        };
        let (march, february) = (snapshot("2025-03-10", "2025-03-11"), snapshot("2025-02-10", "2025-02-11"));
        assert!(free.removes_version(&march) && !held.removes_version(&march));
        assert!(free.removes_version(&february) && held.removes_version(&february));
    }

    #[test]
    fn logs_links_and_passes_go_by_their_age_alone_unless_they_are_open() {
        let horizon = Retention::default().horizon(at("2026-12-01"), &Held::default());
        let (old, young) = (at("2025-11-30"), at("2025-12-02"));
        assert!(horizon.removes_log_row(old, false) && !horizon.removes_log_row(old, true) && !horizon.removes_log_row(young, false));
        assert!(horizon.removes_share_link(Some(old)) && !horizon.removes_share_link(None) && !horizon.removes_share_link(Some(young)));
        assert!(horizon.removes_pass(Some(at("2026-11-20")), true) && !horizon.removes_pass(Some(at("2026-11-20")), false));
        assert!(horizon.removes_pass(Some(at("2026-08-20")), false) && !horizon.removes_pass(None, true));
        assert!(horizon.removes_connection(at("2026-10-31")) && !horizon.removes_connection(at("2026-11-02")));
    }
}
