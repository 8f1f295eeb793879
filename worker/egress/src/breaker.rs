//! The circuit breaker: a vendor that does not answer, or refuses a login, is left alone for a while.

use chrono::TimeDelta;
use domain::Timestamp;

/// Failures in a row after which no call is made for a while.
pub const FAILURES: u32 = 5;
/// How long it then stays quiet, at the least; up to a quarter longer, so that many callers do not come back at once.
pub const QUIET_SECONDS: i64 = 60;
/// The longest silence a vendor may ask for; more is read as this.
const LONGEST_SILENCE_SECONDS: i64 = 3600;

/// Why a breaker is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// No answer or 5xx, [`FAILURES`] times in a row.
    Unreachable,
    /// The vendor refused the credentials for good.
    RefusedCredentials,
    /// The vendor asked for a longer silence than a call waits.
    AskedForSilence,
}

/// An open breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// No call before this moment.
    pub until: Timestamp,
    /// Why.
    pub because: Because,
}

/// The breaker of one host and one set of credentials.
#[derive(Debug, Clone, Default)]
pub struct Breaker {
    failures: u32,
    open: Option<Open>,
    /// Until when the one call that tries whether it works again may take; then another may try.
    probe: Option<Timestamp>,
}

impl Breaker {
    /// Lets a call through, or says until when not. After the quiet time one call at a time tries.
    ///
    /// # Errors
    /// While it is open.
    pub fn admit(&mut self, now: Timestamp) -> Result<(), Open> {
        let Some(open) = self.open else { return Ok(()) };
        if open.until > now {
            return Err(open);
        }
        if let Some(deadline) = self.probe.filter(|deadline| *deadline > now) {
            return Err(Open { until: deadline, because: open.because });
        }
        self.probe = Some(now + TimeDelta::seconds(QUIET_SECONDS));
        Ok(())
    }

    /// Whether calls are held back at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.open.is_some_and(|open| open.until > now)
    }

    /// Whether it has nothing to remember.
    pub fn is_idle(&self) -> bool {
        self.failures == 0 && self.open.is_none()
    }

    /// The vendor answered. A late answer to an older call does not end a silence that was meant for these credentials.
    pub fn answered(&mut self, now: Timestamp) {
        self.failures = 0;
        let stays = self.open.is_some_and(|open| open.until > now && open.because != Because::Unreachable);
        if !stays {
            self.open = None;
            self.probe = None;
        }
    }

    /// No answer, or 5xx. `jitter` is a random number in 0..1000.
    pub fn failed(&mut self, now: Timestamp, jitter: u32) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= FAILURES || self.probe.is_some() {
            self.hold(quiet(now, jitter), Because::Unreachable);
        }
    }

    /// The vendor refused the credentials for good. `jitter` is a random number in 0..1000.
    pub fn refused(&mut self, now: Timestamp, jitter: u32) {
        self.hold(quiet(now, jitter), Because::RefusedCredentials);
    }

    /// The vendor asked for `seconds` of silence.
    pub fn silenced(&mut self, now: Timestamp, seconds: u32) {
        let seconds = i64::from(seconds).min(LONGEST_SILENCE_SECONDS);
        self.hold(now + TimeDelta::seconds(seconds), Because::AskedForSilence);
    }

    fn hold(&mut self, until: Timestamp, because: Because) {
        self.open = Some(Open { until, because });
        self.probe = None;
    }
}

fn quiet(now: Timestamp, jitter: u32) -> Timestamp {
    now + TimeDelta::seconds(QUIET_SECONDS) + TimeDelta::milliseconds(i64::from(jitter.min(999)) * 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(seconds, 0).expect("a moment")
    }

    fn after_failures(count: u32) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..count {
            assert_eq!(breaker.admit(at(0)), Ok(()));
            breaker.failed(at(0), 0);
        }
        breaker
    }

    #[test]
    fn the_fifth_failure_in_a_row_opens_it() {
        assert!(!after_failures(FAILURES - 1).is_open(at(0)));
        let mut open = after_failures(FAILURES);
        assert_eq!(open.admit(at(59)), Err(Open { until: at(60), because: Because::Unreachable }));
    }

    #[test]
    fn an_answer_in_between_starts_the_count_anew() {
        let mut breaker = after_failures(FAILURES - 1);
        breaker.answered(at(0));
        breaker.failed(at(0), 0);
        assert!(!breaker.is_open(at(0)));
    }

    #[test]
    fn one_call_tries_again_and_decides() {
        let mut breaker = after_failures(FAILURES);
        assert_eq!(breaker.admit(at(60)), Ok(()));
        assert!(breaker.admit(at(61)).is_err(), "a second call while the first one tries");
        breaker.failed(at(62), 999);
        let again = breaker.admit(at(122)).expect_err("open again, jittered");
        assert!(again.until > at(136) && again.until < at(138), "{again:?}");

        let mut breaker = after_failures(FAILURES);
        assert_eq!(breaker.admit(at(60)), Ok(()));
        breaker.answered(at(61));
        assert!(breaker.is_idle());
    }

    #[test]
    fn a_try_that_never_came_back_is_forgotten() {
        let mut breaker = after_failures(FAILURES);
        assert_eq!(breaker.admit(at(60)), Ok(()));
        assert_eq!(breaker.admit(at(120)), Ok(()));
    }

    #[test]
    fn refused_credentials_open_it_at_once_and_late_answers_do_not_close_it() {
        let mut breaker = Breaker::default();
        breaker.refused(at(0), 0);
        breaker.answered(at(1));
        assert_eq!(breaker.admit(at(1)), Err(Open { until: at(60), because: Because::RefusedCredentials }));
        assert_eq!(breaker.admit(at(60)), Ok(()));
    }

    #[test]
    fn a_silence_asked_for_is_kept_but_not_for_ever() {
        let mut breaker = Breaker::default();
        breaker.silenced(at(0), 600);
        assert!(breaker.is_open(at(599)) && !breaker.is_open(at(600)));
        breaker.silenced(at(0), u32::MAX);
        assert!(!breaker.is_open(at(3600)));
    }
}
