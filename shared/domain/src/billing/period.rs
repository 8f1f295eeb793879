//! The billing period: a calendar month in UTC.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, NaiveTime};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Timestamp;

/// A calendar month in UTC; `2026-11` in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    year: i32,
    month: u32,
}

impl Period {
    /// The month `now` lies in.
    pub fn of(now: Timestamp) -> Self {
        Self { year: now.year(), month: now.month() }
    }

    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or_default()
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> Self {
        if self.month > 1 { Self { month: self.month - 1, ..self } } else { Self { year: self.year - 1, month: 12 } }
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> Self {
        if self.month < 12 { Self { month: self.month + 1, ..self } } else { Self { year: self.year + 1, month: 1 } }
    }

    /// The moment it ends and the next begins.
    pub fn end(self) -> Timestamp {
        self.next().first_day().and_time(NaiveTime::MIN).and_utc()
    }

    /// How many days it has.
    pub fn days(self) -> u32 {
        let first = self.first_day();
        u32::from(first.num_days_in_month())
    }

    /// Whether `day` lies in it.
    pub fn holds(self, day: NaiveDate) -> bool {
        (day.year(), day.month()) == (self.year, self.month)
    }

    /// Its name in English: "November 2026".
    pub fn label(self) -> String {
        self.first_day().format("%B %Y").to_string()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// A text that is not a month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a month is written like 2026-11")]
pub struct NotAPeriod;

impl FromStr for Period {
    type Err = NotAPeriod;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (year, month) = text.split_once('-').ok_or(NotAPeriod)?;
        let year = year.parse().map_err(|_| NotAPeriod)?;
        let month = month.parse().map_err(|_| NotAPeriod)?;
        NaiveDate::from_ymd_opt(year, month, 1).ok_or(NotAPeriod)?;
        let period = Self { year, month };
        // One month has one text: `2026-1` and `+2026-01` are none.
        if period.to_string() == text { Ok(period) } else { Err(NotAPeriod) }
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Period {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Period".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": r"^\d{4}-\d{2}$", "description": "A calendar month in UTC." })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_period_is_read_back_as_it_was_written() {
        let period: Period = "2026-11".parse().expect("a month");
        assert_eq!(period.to_string(), "2026-11");
        assert_eq!(period.label(), "November 2026");
        for wrong in ["2026", "2026-13", "november", "2026-00", "", "2026-1", "+2026-11", "2026-+1", "2026-011", "-026-11"] {
            assert_eq!(wrong.parse::<Period>(), Err(NotAPeriod), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_month_survives_its_text(year in 0..10_000_i32, month in 1..13_u32) {
            let period = Period { year, month };
            prop_assert_eq!(period.to_string().parse(), Ok(period));
            let json = serde_json::to_string(&period).expect("json");
            prop_assert_eq!(serde_json::from_str::<Period>(&json).expect("read back"), period);
        }

        #[test]
        fn a_month_ends_where_the_next_begins(year in 1..9_998_i32, month in 1..13_u32) {
            let period = Period { year, month };
            prop_assert_eq!(period.next().previous(), period);
            prop_assert_eq!(period.previous().next(), period);
            prop_assert_eq!(Period::of(period.end()), period.next());
            prop_assert_eq!(Period::of(period.end() - chrono::TimeDelta::milliseconds(1)), period);
        }

        #[test]
        fn whatever_is_read_as_a_month_is_written_the_same(text in "[-+ 0-9]{0,9}|[0-9]{4}-[0-9]{2}") {
            if let Ok(period) = text.parse::<Period>() {
                prop_assert_eq!(period.to_string(), text);
            }
        }

        #[test]
        fn a_moment_lies_in_one_month_and_months_keep_time_and_text_in_order(a in 0..253_000_000_000_i64, b in 0..253_000_000_000_i64) {
            let moment = |seconds| Timestamp::from_timestamp(seconds, 0).expect("a moment");
            let (earlier, later) = (moment(a.min(b)), moment(a.max(b)));
            let (first, second) = (Period::of(earlier), Period::of(later));
            prop_assert!(first.first_day() <= earlier.date_naive());
            prop_assert_eq!(Period::of(first.first_day().and_time(NaiveTime::MIN).and_utc()), first);
            prop_assert!(first <= second && first.to_string() <= second.to_string());
        }
    }
}
