//! How long ago something was. Times are local; the UTC moment is a hover away.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Timelike};
use domain::Timestamp;
use domain::billing::Period;

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

// chrono's own formatting reads patterns at run time, which is a lot of code to carry for four of them.
fn time(moment: DateTime<FixedOffset>) -> String {
    format!("{:02}:{:02}", moment.hour(), moment.minute())
}

fn day(day: NaiveDate) -> String {
    format!("{} {}", day.day(), month_name(day.month0()).get(..3).unwrap_or_default())
}

/// A day: "14 Dec" this year, "1 Jan 2027" in another.
pub(crate) fn date(then: NaiveDate, now: Timestamp) -> String {
    if then.year() == now.year() { day(then) } else { format!("{} {}", day(then), then.year()) }
}

fn month_name(month0: u32) -> &'static str {
    MONTHS.get(month0 as usize).copied().unwrap_or_default()
}

/// A month: "November 2026".
pub(crate) fn period(period: Period) -> String {
    let first = period.first_day();
    format!("{} {}", month_name(first.month0()), first.year())
}

/// For a chip: "just now", "6 min ago", "03:10" earlier today, "yesterday 03:10", "12 Nov".
pub(crate) fn brief_age(now: Timestamp, then: Timestamp, zone: FixedOffset) -> String {
    let minutes = (now - then).num_minutes();
    let (here, there) = (now.with_timezone(&zone), then.with_timezone(&zone));
    let days = (here.date_naive() - there.date_naive()).num_days();
    match (minutes, days) {
        (i64::MIN..1, _) => "just now".to_owned(),
        (1..60, _) => format!("{minutes} min ago"),
        (_, 0) => time(there),
        (_, 1) => format!("yesterday {}", time(there)),
        _ => date(there.date_naive(), now),
    }
}

/// For a sentence: "just now", "6 minutes ago", "3 hours ago", "2 days ago".
pub(crate) fn spoken_age(now: Timestamp, then: Timestamp) -> String {
    let minutes = (now - then).num_minutes();
    match minutes {
        i64::MIN..1 => "just now".to_owned(),
        1 => "1 minute ago".to_owned(),
        2..60 => format!("{minutes} minutes ago"),
        60..120 => "1 hour ago".to_owned(),
        120..2_880 => format!("{} hours ago", minutes / 60),
        _ => format!("{} days ago", minutes / 1_440),
    }
}

/// A moment in full: "22 Nov 2026, 03:10".
pub(crate) fn long_moment(then: Timestamp, zone: FixedOffset) -> String {
    let there = then.with_timezone(&zone);
    format!("{} {}, {}", day(there.date_naive()), there.year(), time(there))
}

/// The same moment in UTC: "2026-11-22 02:10:05 UTC".
pub(crate) fn utc_moment(then: Timestamp) -> String {
    utc(then, " ", " UTC")
}

/// The same moment for programs: "2026-11-22T02:10:05Z".
pub(crate) fn machine_moment(then: Timestamp) -> String {
    utc(then, "T", "Z")
}

fn utc(then: Timestamp, between: &str, after: &str) -> String {
    let (year, month, day) = (then.year(), then.month(), then.day());
    let (hour, minute, second) = (then.hour(), then.minute(), then.second());
    format!("{year}-{month:02}-{day:02}{between}{hour:02}:{minute:02}:{second:02}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[test]
    fn a_chip_says_minutes_then_the_time_then_the_day() {
        let berlin = FixedOffset::east_opt(3_600).expect("an offset");
        let now = at("2026-11-22T13:00:00Z");
        let table = [
            ("2026-11-22T13:00:20Z", "just now"),
            ("2026-11-22T12:59:30Z", "just now"),
            ("2026-11-22T12:54:00Z", "6 min ago"),
            ("2026-11-22T02:10:00Z", "03:10"),
            ("2026-11-21T23:30:00Z", "00:30"),
            ("2026-11-21T22:30:00Z", "yesterday 23:30"),
            ("2026-11-02T22:30:00Z", "2 Nov"),
            ("2025-11-02T22:30:00Z", "2 Nov 2025"),
        ];
        for (then, words) in table {
            assert_eq!(brief_age(now, at(then), berlin), words, "{then}");
        }
    }

    #[test]
    fn a_day_names_its_year_when_that_is_another() {
        let now = at("2026-11-22T13:00:00Z");
        for (day, words) in [("2026-12-14", "14 Dec"), ("2027-01-01", "1 Jan 2027")] {
            assert_eq!(date(day.parse().expect("a day"), now), words);
        }
    }

    #[test]
    fn a_sentence_says_how_long_ago() {
        let now = at("2026-11-22T13:00:00Z");
        let table = [
            ("2026-11-22T12:59:00Z", "1 minute ago"),
            ("2026-11-22T12:10:00Z", "50 minutes ago"),
            ("2026-11-22T11:30:00Z", "1 hour ago"),
            ("2026-11-20T14:00:00Z", "47 hours ago"),
            ("2026-11-19T13:00:00Z", "3 days ago"),
        ];
        for (then, words) in table {
            assert_eq!(spoken_age(now, at(then)), words, "{then}");
        }
    }

    #[test]
    fn a_moment_is_local_and_its_hover_is_utc() {
        let berlin = FixedOffset::east_opt(3_600).expect("an offset");
        assert_eq!(long_moment(at("2026-11-22T02:10:05Z"), berlin), "22 Nov 2026, 03:10");
        assert_eq!(utc_moment(at("2026-11-22T02:10:05Z")), "2026-11-22 02:10:05 UTC");
        assert_eq!(machine_moment(at("2026-11-22T02:10:05Z")), "2026-11-22T02:10:05Z");
    }
}
