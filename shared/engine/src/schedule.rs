//! When passes are due. The cron only wakes; what runs is decided here, from when it last ran.

use chrono::{Days, NaiveTime, TimeDelta};

use domain::Timestamp;

/// ESET samples ordered seats at 00:30 CET, which is 23:30 UTC (22:30 in summer): the daily sync reads after both.
pub const SYNC_SLOT_UTC: NaiveTime = match NaiveTime::from_hms_opt(23, 40, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// How often the billing pass runs.
pub const BILLING_EVERY: TimeDelta = TimeDelta::minutes(10);

/// How long after one that read not all a daily pass is made again, by how many in a row read not all. What fails five times in a row
/// fails for longer than it is worth asking: then it is the next day's.
const PARTIAL_AGAIN_MINUTES: [i64; 5] = [9, 27, 81, 243, 729];

/// What is due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Due {
    /// A licence sync.
    pub sync: bool,
    /// A billing pass.
    pub billing: bool,
}

/// What is due at `now`, given when the last finished sync and the last billing pass began. A missed slot is due until it
/// has been made up; a doubled cron finds nothing due the second time.
pub fn due(now: Timestamp, last_sync: Option<Timestamp>, last_billing: Option<Timestamp>) -> Due {
    let slot_today = now.date_naive().and_time(SYNC_SLOT_UTC).and_utc();
    let slot = if slot_today <= now { slot_today } else { slot_today - Days::new(1) };
    // A cron is up to some seconds early or late; half a minute short of ten is ten.
    let billing_gap = BILLING_EVERY - TimeDelta::seconds(30);
    Due { sync: last_sync.is_none_or(|began| began < slot), billing: last_billing.is_none_or(|began| now - began >= billing_gap) }
}

/// Whether a daily pass is made again at `now`, since the last `partial` ones in a row read not all, and the latest ended then.
pub fn due_again(now: Timestamp, partial: u32, ended: Timestamp) -> bool {
    let before = usize::try_from(partial).ok().and_then(|partial| partial.checked_sub(1));
    let wait = before.and_then(|before| PARTIAL_AGAIN_MINUTES.get(before));
    wait.is_some_and(|minutes| now - ended >= TimeDelta::minutes(*minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[test]
    fn the_daily_sync_runs_once_after_eset_has_sampled() {
        let table = [
            ("2026-11-22T23:39:00Z", "2026-11-21T23:40:10Z", false),
            ("2026-11-22T23:40:00Z", "2026-11-21T23:40:10Z", true),
            ("2026-11-22T23:50:00Z", "2026-11-22T23:40:05Z", false),
            ("2026-11-23T08:00:00Z", "2026-11-22T12:00:00Z", true),
            ("2026-11-25T08:00:00Z", "2026-11-22T23:40:05Z", true),
        ];
        for (now, last, expected) in table {
            assert_eq!(due(at(now), Some(at(last)), None).sync, expected, "now {now}, last {last}");
        }
        assert!(due(at("2026-11-22T12:00:00Z"), None, None).sync);
    }

    #[test]
    fn what_read_not_all_is_made_again_within_minutes_and_ever_later() {
        let ended = at("2026-11-22T23:45:00Z");
        let table = [(0, 600, false), (1, 8, false), (1, 9, true), (2, 26, false), (2, 27, true), (5, 728, false), (5, 729, true)];
        for (partial, minutes, expected) in table {
            assert_eq!(
                due_again(ended + TimeDelta::minutes(minutes), partial, ended),
                expected,
                "{partial} in a row, {minutes} minutes later"
            );
        }
        assert!(!due_again(ended + TimeDelta::days(7), 6, ended), "then it is the next day's");
    }

    #[test]
    fn a_doubled_cron_starts_one_billing_pass() {
        let now = at("2026-11-22T12:10:00Z");
        assert!(due(now, None, Some(at("2026-11-22T12:00:02Z"))).billing);
        assert!(!due(now, None, Some(at("2026-11-22T12:09:58Z"))).billing);
    }
}
