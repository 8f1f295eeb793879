//! Pacing: calls to one vendor, spread so that its published limit is never reached.

use chrono::TimeDelta;

use crate::Timestamp;

/// Gives out moments at which calls may start, never closer than the rate allows.
#[derive(Debug, Clone)]
pub struct Pacer {
    gap: TimeDelta,
    next: Option<Timestamp>,
}

impl Pacer {
    /// At most `per_second` calls a second; zero is read as one.
    pub fn per_second(per_second: u32) -> Self {
        Self { gap: TimeDelta::microseconds(1_000_000 / i64::from(per_second.max(1))), next: None }
    }

    /// Reserves the next free moment for a call that is ready at `now`, and answers how long it must wait.
    pub fn reserve(&mut self, now: Timestamp) -> TimeDelta {
        let start = self.next.map_or(now, |next| next.max(now));
        self.next = Some(start + self.gap);
        start - now
    }

    /// Lets no call start before `until`: the vendor asked for silence.
    pub fn hold_until(&mut self, until: Timestamp) {
        self.next = Some(self.next.map_or(until, |next| next.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_timestamp_millis(millis).expect("a moment")
    }

    proptest! {
        #[test]
        fn no_second_holds_more_calls_than_the_rate(rate in 1_u32..50, arrivals in proptest::collection::vec(0_i64..400, 1..200)) {
            let mut pacer = Pacer::per_second(rate);
            let mut now = 0;
            let mut starts: Vec<i64> = Vec::new();
            for gap in arrivals {
                now += gap;
                let wait = pacer.reserve(at(now));
                starts.push(now * 1000 + wait.num_microseconds().unwrap_or_default());
            }
            for start in &starts {
                let within = starts.iter().filter(|other| **other >= *start && **other < start + 999_000).count();
                prop_assert!(within <= rate as usize, "{within} calls within a second at {rate}/s");
            }
        }
    }

    #[test]
    fn a_vendor_that_asks_for_silence_gets_it() {
        let mut pacer = Pacer::per_second(10);
        pacer.hold_until(at(5_000));
        assert_eq!(pacer.reserve(at(1_000)), TimeDelta::milliseconds(4_000));
        assert_eq!(pacer.reserve(at(1_000)), TimeDelta::milliseconds(4_100));
    }
}
