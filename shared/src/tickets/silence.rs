//! When a rule keeps quiet: muted by a person, or under maintenance.

use chrono::{Datelike, NaiveTime, TimeDelta, Weekday};
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The most days something is muted: what is muted for good is switched off instead, where it can be seen.
pub const MOST_MUTED_DAYS: i64 = 90;

/// A time in which nothing is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Silence {
    /// Once, up to a moment.
    Muted {
        /// From then.
        from: Timestamp,
        /// To then.
        until: Timestamp,
    },
    /// Every week, in UTC.
    Weekly {
        /// The days on which it begins, Monday is 0.
        days: Vec<u8>,
        /// When it begins.
        begins: NaiveTime,
        /// How long it lasts, in minutes; it may reach into the next day.
        minutes: u16,
    },
}

impl Silence {
    /// Until when it lasts, if it does now.
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Muted { from, until } => (*from <= now && now < *until).then_some(*until),
            Self::Weekly { days, begins, minutes } => {
                let lasts = TimeDelta::minutes((*minutes).into());
                let day = |back: i64| {
                    let date = now.date_naive() - TimeDelta::days(back);
                    let from = date.and_time(*begins).and_utc();
                    let on = days.iter().any(|day| Weekday::try_from(*day) == Ok(date.weekday()));
                    (on && from <= now && now < from + lasts).then_some(from + lasts)
                };
                // At most some 45 days fit into the minutes.
                (0..=i64::from(*minutes / 1440) + 1).filter_map(day).max()
            }
        }
    }
}

/// Until when nothing is opened; none while nobody keeps it quiet. A silence that begins where another ends goes on.
pub fn silent_until(silences: &[&Silence], now: Timestamp) -> Option<Timestamp> {
    let mut end = None;
    // Weekly ones may follow each other for ever. Whoever was told the eighth end asks again by then.
    for _ in 0..8 {
        match silences.iter().filter_map(|silence| silence.until(end.unwrap_or(now))).max() {
            Some(later) => end = Some(later),
            None => break,
        }
    }
    end
}
