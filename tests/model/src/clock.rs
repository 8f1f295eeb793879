//! Time in steps of five minutes. It always is [`now`]: when a step passes, all moments move back by it instead, and what lies so far back
//! that it makes no difference any more stays there. That keeps the number of states finite without an end of time.

use std::hash::{Hash, Hasher};

use chrono::TimeDelta;
use domain::Timestamp;
use engine::{Course, IntentState, Settings, Stage, Trouble, UnderWay};

/// One step.
pub const TICK: TimeDelta = TimeDelta::minutes(5);
/// Steps within which a write has arrived and every read shows it: the twenty minutes that `docs/reliability.md` promises.
pub const LAG: u8 = 4;
/// Steps for which the engine is patient here; seven days are the same to it, only longer.
pub const PATIENCE: i32 = 8;

/// The moment it always is.
pub fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::days(20_787)
}

/// The engine's own times, but for its patience.
pub fn settings(own: &Settings) -> Settings {
    Settings { patience: TICK * PATIENCE, ..own.clone() }
}

/// Moves a course back by a step.
pub fn earlier<O>(course: &mut Course<O>) {
    let floor = |moment: Timestamp, steps: i32| (moment - TICK).max(now() - TICK * steps);
    course.not_before = course.not_before.map(|moment| moment - TICK).filter(|moment| *moment > now());
    if let Some(write) = &mut course.under_way {
        write.since = floor(write.since, LAG.into());
        write.shown_by = floor(write.shown_by, 0);
    }
    if let Some(trouble) = &mut course.trouble {
        trouble.since = floor(trouble.since, PATIENCE);
    }
}

/// All of a course that can make a difference. The epoch only does beside another's, the words, the outcome and the count of attempts do not.
pub fn hash_course<O, H: Hasher>(course: &Course<O>, hasher: &mut H) {
    let Course { state, stage, epoch: _, attempts: _, quiet_reads, under_way, trouble, not_before, outcome: _ } = course;
    (*state, *quiet_reads, *not_before).hash(hasher);
    let stage = match stage {
        Stage::Checking => 0_u8,
        Stage::Writing => 1,
        Stage::Proving => 2,
        Stage::Resolving => 3,
    };
    // A new claim sets its stage; where an intent is over, it says what could have been sent.
    if *state != IntentState::Done {
        stage.hash(hasher);
    }
    under_way.map(|UnderWay { since, shown_by, accepted }| (since, shown_by, accepted)).hash(hasher);
    trouble.as_ref().map(|Trouble { since, words: _ }| since).hash(hasher);
}
