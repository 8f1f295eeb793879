//! How many calls each set of credentials has made lately.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Duration, Utc};

use crate::journal::Vendor;

/// A sliding window per vendor and principal.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    calls: BTreeMap<(Vendor, String), VecDeque<DateTime<Utc>>>,
}

/// Calls allowed within a span. ESET publishes 10 per second for ESET Connect (ESET Connect help, rate limits) and
/// nothing for EMA 2, whose clients assume the same; one's own server has no limit known; ConnectWise says that over 1,000 per minute is limited.
fn allowance(vendor: Vendor) -> (usize, Duration) {
    match vendor {
        Vendor::Ema2 | Vendor::Connect => (10, Duration::seconds(1)),
        Vendor::Protect => (usize::MAX, Duration::seconds(1)),
        Vendor::ConnectWise => (1000, Duration::minutes(1)),
    }
}

impl Limiter {
    /// Counts a call. Over the allowance: the seconds to wait, and the call does not count.
    pub(crate) fn admit(&mut self, vendor: Vendor, principal: &str, now: DateTime<Utc>) -> Result<(), u32> {
        let (allowed, span) = allowance(vendor);
        let calls = self.calls.entry((vendor, principal.to_owned())).or_default();
        while calls.front().is_some_and(|oldest| *oldest + span <= now) {
            calls.pop_front();
        }
        match calls.front() {
            Some(oldest) if calls.len() >= allowed => {
                let wait = (*oldest + span - now).num_milliseconds().max(1);
                Err(u32::try_from((wait + 999) / 1000).unwrap_or(60))
            }
            _ => {
                calls.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_call_of_a_second_waits_and_another_user_does_not() {
        let mut limiter = Limiter::default();
        let now = DateTime::<Utc>::default();
        for _ in 0..10 {
            assert_eq!(limiter.admit(Vendor::Ema2, "a", now), Ok(()));
        }
        assert_eq!(limiter.admit(Vendor::Ema2, "a", now), Err(1));
        assert_eq!(limiter.admit(Vendor::Ema2, "b", now), Ok(()));
        assert_eq!(limiter.admit(Vendor::Ema2, "a", now + Duration::seconds(1)), Ok(()));
    }
}
