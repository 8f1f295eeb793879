//! From which day a change counts. Days are ConnectWise's: it writes its dates as midnight in UTC, so a day begins and ends in
//! UTC here, and summer time moves nothing.

use chrono::{Days, NaiveDate};

use crate::Timestamp;
use crate::billing::Period;
use crate::mapping::EffectiveRule;

/// The day from which a change that is approved at `now` counts: never one that has gone. None when the rule needs the
/// agreement's next invoice date, and that is not known.
pub fn effective(rule: EffectiveRule, now: Timestamp, next_invoice: Option<NaiveDate>) -> Option<NaiveDate> {
    let today = now.date_naive();
    match rule {
        EffectiveRule::Now => Some(today),
        EffectiveRule::FirstOfNext => Some(Period::of(now).next().first_day()),
        EffectiveRule::BeforeInvoice => {
            let before = next_invoice?.checked_sub_days(Days::new(1))?;
            Some(before.max(today))
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, TimeDelta};
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn the_day_of_each_rule() {
        use EffectiveRule::{BeforeInvoice, FirstOfNext, Now};
        let table = [
            // Now.
            (Now, "2026-11-22T12:00:00Z", None, Some("2026-11-22")),
            (Now, "2028-02-29T23:59:59Z", None, Some("2028-02-29")),
            // Half past midnight in Berlin is the day before in UTC, in winter and in summer.
            (Now, "2026-11-22T00:30:00+01:00", None, Some("2026-11-21")),
            (Now, "2026-07-22T00:30:00+02:00", None, Some("2026-07-21")),
            // The nights in which the clocks change there.
            (Now, "2026-03-29T01:30:00+01:00", None, Some("2026-03-29")),
            (Now, "2026-03-29T03:30:00+02:00", None, Some("2026-03-29")),
            (Now, "2026-10-25T02:30:00+02:00", None, Some("2026-10-25")),
            (Now, "2026-10-25T02:30:00+01:00", None, Some("2026-10-25")),
            // The first of the month after.
            (FirstOfNext, "2026-11-01T00:00:00Z", None, Some("2026-12-01")),
            (FirstOfNext, "2026-11-30T23:59:59Z", None, Some("2026-12-01")),
            (FirstOfNext, "2026-12-31T23:59:59Z", None, Some("2027-01-01")),
            (FirstOfNext, "2027-01-01T00:30:00+01:00", None, Some("2027-01-01")),
            (FirstOfNext, "2026-01-31T12:00:00Z", None, Some("2026-02-01")),
            (FirstOfNext, "2028-02-29T12:00:00Z", None, Some("2028-03-01")),
            (FirstOfNext, "2026-04-01T00:30:00+02:00", None, Some("2026-04-01")),
            // The day before the next invoice date.
            (BeforeInvoice, "2026-11-22T12:00:00Z", Some("2026-12-15"), Some("2026-12-14")),
            (BeforeInvoice, "2026-11-22T12:00:00Z", Some("2026-12-01"), Some("2026-11-30")),
            (BeforeInvoice, "2026-11-22T12:00:00Z", Some("2027-01-01"), Some("2026-12-31")),
            (BeforeInvoice, "2026-02-10T12:00:00Z", Some("2026-03-01"), Some("2026-02-28")),
            (BeforeInvoice, "2028-02-10T12:00:00Z", Some("2028-03-01"), Some("2028-02-29")),
            (BeforeInvoice, "2026-01-30T12:00:00Z", Some("2026-01-31"), Some("2026-01-30")),
            (BeforeInvoice, "2026-12-14T23:30:00Z", Some("2026-12-15"), Some("2026-12-14")),
            (BeforeInvoice, "2026-12-15T00:30:00+01:00", Some("2026-12-15"), Some("2026-12-14")),
            // The invoice is due today or overdue: it moves only when it is made, so it is not lost yet.
            (BeforeInvoice, "2026-12-15T12:00:00Z", Some("2026-12-15"), Some("2026-12-15")),
            (BeforeInvoice, "2026-12-20T12:00:00Z", Some("2026-12-15"), Some("2026-12-20")),
            (BeforeInvoice, "2026-11-22T12:00:00Z", None, None),
        ];
        for (rule, now, next, expected) in table {
            assert_eq!(effective(rule, at(now), next.map(day)), expected.map(day), "{rule:?} at {now}, next invoice {next:?}");
        }
    }

    fn moment() -> impl Strategy<Value = Timestamp> {
        (0..4_000_000_000_i64).prop_map(|seconds| Timestamp::from_timestamp(seconds, 0).expect("a moment"))
    }

    fn rule() -> impl Strategy<Value = EffectiveRule> {
        prop_oneof![Just(EffectiveRule::Now), Just(EffectiveRule::FirstOfNext), Just(EffectiveRule::BeforeInvoice)]
    }

    proptest! {
        #[test]
        fn no_change_counts_from_a_day_that_has_gone(now in moment(), rule in rule(), ahead in 0..400_i64) {
            let next = now.date_naive() + TimeDelta::days(ahead - 100);
            let day = effective(rule, now, Some(next)).expect("a day");
            prop_assert!(day >= now.date_naive());
            prop_assert!(rule != EffectiveRule::BeforeInvoice || next <= now.date_naive() || day < next, "before the invoice");
        }

        #[test]
        fn the_day_is_the_same_all_day_long(now in moment(), rule in rule(), ahead in 0..400_i64, second in 0..86_400_i64) {
            let next = Some(now.date_naive() + TimeDelta::days(ahead));
            let midnight = now.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
            prop_assert_eq!(effective(rule, now, next), effective(rule, midnight + TimeDelta::seconds(second), next));
        }

        #[test]
        fn until_its_day_has_come_it_stays_where_it_is(now in moment(), rule in rule(), ahead in 0..400_i64, wait in 0..400_i64) {
            let next = Some(now.date_naive() + TimeDelta::days(ahead));
            let day = effective(rule, now, next).expect("a day");
            let later = now + TimeDelta::days(wait);
            if rule != EffectiveRule::Now && later.date_naive() < day {
                prop_assert_eq!(effective(rule, later, next), Some(day));
            }
            if rule == EffectiveRule::FirstOfNext {
                prop_assert_eq!(day.day(), 1);
                prop_assert!(day - now.date_naive() <= TimeDelta::days(31));
            }
        }
    }
}
