//! How long ago something was. Times are local; the UTC moment is a hover away.

use chrono::{Datelike, FixedOffset};
use shared::Timestamp;

/// For a chip: "just now", "6 min ago", "03:10" earlier today, "yesterday 03:10", "12 Nov".
pub(crate) fn brief_age(now: Timestamp, then: Timestamp, zone: FixedOffset) -> String {
    let minutes = (now - then).num_minutes();
    let (here, there) = (now.with_timezone(&zone), then.with_timezone(&zone));
    let days = (here.date_naive() - there.date_naive()).num_days();
    match (minutes, days) {
        (i64::MIN..1, _) => "just now".to_owned(),
        (1..60, _) => format!("{minutes} min ago"),
        (_, 0) => there.format("%H:%M").to_string(),
        (_, 1) => there.format("yesterday %H:%M").to_string(),
        _ if here.year() == there.year() => there.format("%-d %b").to_string(),
        _ => there.format("%-d %b %Y").to_string(),
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
    then.with_timezone(&zone).format("%-d %b %Y, %H:%M").to_string()
}

/// The same moment in UTC: "2026-11-22 02:10:05 UTC".
pub(crate) fn utc_moment(then: Timestamp) -> String {
    then.format("%Y-%m-%d %H:%M:%S UTC").to_string()
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
    }
}
