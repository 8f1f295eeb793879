//! Retry: whether a call that failed may be sent again, decided from values alone.

use chrono::TimeDelta;

/// How a call ended, as far as sending it again is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The vendor answered with this status, and perhaps said how long to wait.
    Status {
        /// HTTP status.
        status: u16,
        /// `Retry-After` in seconds.
        retry_after: Option<u32>,
    },
    /// No answer: timed out, refused or cut off. The effect may have happened.
    NoAnswer,
}

/// Whether a call changes anything at the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A read; may be repeated at will.
    Reads,
    /// Changes something. Never repeated here: the ledger reads back first and decides with that.
    Writes,
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Send it again after this long.
    Again(TimeDelta),
    /// Hand the ending to the caller.
    GiveUp,
}

/// Tries of one call within one pass; what is still failing then is the next pass' work.
pub const MAX_ATTEMPTS: u32 = 4;

/// The longest wait inside a pass. A vendor that asks for longer ends the try.
const LONGEST_WAIT_SECONDS: u32 = 60;

/// Decides after the `attempt`-th try (from 1). `jitter` is a random number in 0..1000, drawn by the caller.
///
/// A 429 is waited out as long as it asks, for reads and writes alike: the vendor refused it before doing anything. So is a 503 that says
/// when to come back, for reads. Other failures of a write are never repeated.
pub fn decide(effect: Effect, ending: Ending, attempt: u32, jitter: u32) -> Decision {
    if attempt >= MAX_ATTEMPTS {
        return Decision::GiveUp;
    }
    match (effect, ending) {
        (_, Ending::Status { status: 429, retry_after: None }) => Decision::Again(backoff(attempt, jitter)),
        (_, Ending::Status { status: 429, retry_after: Some(seconds) })
        | (Effect::Reads, Ending::Status { status: 503, retry_after: Some(seconds) }) => {
            if seconds > LONGEST_WAIT_SECONDS {
                return Decision::GiveUp;
            }
            Decision::Again(TimeDelta::seconds(seconds.into()) + TimeDelta::milliseconds((jitter % 250).into()))
        }
        (Effect::Reads, Ending::NoAnswer | Ending::Status { status: 500 | 502 | 503 | 504, .. }) => {
            Decision::Again(backoff(attempt, jitter))
        }
        _ => Decision::GiveUp,
    }
}

/// Full jitter over a doubling base of 400 ms.
fn backoff(attempt: u32, jitter: u32) -> TimeDelta {
    let base = 400_i64 << attempt.min(6);
    TimeDelta::milliseconds(base * i64::from(jitter.min(999)) / 1000 + 50)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn status(status: u16) -> Ending {
        Ending::Status { status, retry_after: None }
    }

    #[test]
    fn a_write_is_never_repeated_blindly() {
        for ending in [Ending::NoAnswer, status(500), status(502), status(503), status(504), status(408), status(409)] {
            assert_eq!(decide(Effect::Writes, ending, 1, 500), Decision::GiveUp, "{ending:?}");
        }
    }

    #[test]
    fn what_the_vendor_refused_for_good_is_not_repeated() {
        for code in [400, 401, 403, 404, 405, 415, 422] {
            assert_eq!(decide(Effect::Reads, status(code), 1, 0), Decision::GiveUp, "{code}");
        }
    }

    #[test]
    fn a_429_is_waited_out_as_long_as_it_asks() {
        let asked = Ending::Status { status: 429, retry_after: Some(30) };
        for effect in [Effect::Reads, Effect::Writes] {
            let Decision::Again(wait) = decide(effect, asked, 1, 0) else { panic!("gave up") };
            assert_eq!(wait, TimeDelta::seconds(30));
        }
        let unavailable = |seconds| Ending::Status { status: 503, retry_after: Some(seconds) };
        assert_eq!(decide(Effect::Reads, unavailable(30), 1, 0), Decision::Again(TimeDelta::seconds(30)));
        assert_eq!(decide(Effect::Writes, unavailable(30), 1, 0), Decision::GiveUp);
        for too_long in [Ending::Status { status: 429, retry_after: Some(600) }, unavailable(600)] {
            assert_eq!(decide(Effect::Reads, too_long, 1, 0), Decision::GiveUp);
        }
    }

    #[test]
    fn waits_grow_and_end() {
        let mut longest = TimeDelta::zero();
        for attempt in 1..MAX_ATTEMPTS {
            let Decision::Again(wait) = decide(Effect::Reads, status(503), attempt, 999) else { panic!("gave up at {attempt}") };
            assert!(wait > longest);
            longest = wait;
        }
        assert_eq!(decide(Effect::Reads, status(503), MAX_ATTEMPTS, 999), Decision::GiveUp);
    }
}
