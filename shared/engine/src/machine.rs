//! The exactly-once machine: [`step`] takes what happened to an intent and says what to do next. It knows claims, lost answers,
//! quiet reads and giving up; what is written, and what a read says about it, is the [`Effect`]'s.
//!
//! A write follows a read that allows it, and is stored before it is sent. Once its answer is lost, none follows before two reads,
//! [`Settings::read_lag`] apart, did not find it. A new kind of write is one `impl Effect`; the machine's laws hold for it.

use chrono::TimeDelta;

use super::course::{Course, Ending, FailedReads, IntentState, ReadFailure, Settings, Stage};
use super::effect::{Answer, Command, Effect, Event, Stop, Then, Verdict};
use domain::Timestamp;

/// The longest wait between two reads that fail and cost no try: until the next pass.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(10);

/// Moves an intent on by one event at `now`, and says what to do next. An event that does not fit its course does nothing: it is
/// the late answer to a claim that is gone.
pub fn step<E: Effect>(
    effect: &mut E,
    event: Event<E::Reading, E::Receipt>,
    now: Timestamp,
    settings: &Settings,
) -> Option<Command<E::Write>> {
    let Course { state, stage, .. } = *effect.course();
    let writing = stage == Stage::Writing;
    let mut machine = Machine { effect, now, settings };
    match (state, event) {
        (IntentState::Planned | IntentState::Unknown, Event::Claim) => Some(machine.claim()),
        (IntentState::Inflight, Event::Read(seen)) if !writing => machine.read(seen),
        (IntentState::Inflight, Event::ReadFailed { words }) if !writing => Some(machine.read_failed(words)),
        (IntentState::Inflight, Event::Wrote(answer)) if writing => Some(machine.wrote(answer)),
        (IntentState::Inflight, Event::Restarted) => Some(machine.restarted(stage)),
        _ => None,
    }
}

/// Ends an intent that can never be carried to its end. Returns whether this ended it.
pub fn abandon<E: Effect>(effect: &mut E, words: &str, now: Timestamp) -> bool {
    if effect.course().state.is_over() {
        return false;
    }
    let ending = effect.stopped(Stop::Abandoned { words }, now);
    effect.course_mut().end(ending);
    true
}

struct Machine<'a, E> {
    effect: &'a mut E,
    now: Timestamp,
    settings: &'a Settings,
}

impl<E: Effect> Machine<'_, E> {
    fn claim(&mut self) -> Command<E::Write> {
        let course = self.effect.course();
        if let Some(moment) = course.not_before.filter(|moment| *moment > self.now) {
            return Command::WakeAt(moment);
        }
        let lost = course.state == IntentState::Unknown;
        let most = if lost { self.settings.max_lost_attempts } else { self.settings.max_attempts };
        if course.attempts >= most {
            return self.stop(Stop::OutOfTries);
        }
        if let Some(ending) = self.effect.unclaimable(self.now) {
            return self.end(ending);
        }
        let course = self.effect.course_mut();
        course.state = IntentState::Inflight;
        course.stage = if lost { Stage::Resolving } else { Stage::Checking };
        course.epoch = course.epoch.saturating_add(1);
        course.attempts = course.attempts.saturating_add(1);
        course.not_before = None;
        Command::Read
    }

    fn read(&mut self, seen: E::Reading) -> Option<Command<E::Write>> {
        let command = match self.effect.judge(seen, self.now) {
            Verdict::Write(write) => {
                self.effect.course_mut().stage = Stage::Writing;
                Command::Write(write)
            }
            Verdict::ReadOn => {
                self.effect.course_mut().quiet_reads = 0;
                Command::Read
            }
            Verdict::Unseen => self.unseen(),
            Verdict::Over(ending) => self.end(ending),
            Verdict::Unfit => return None,
        };
        self.effect.course_mut().trouble = None;
        Some(command)
    }

    /// What was sent is not there: it may still be on its way, or reads do not show it yet. Only the last of several such reads, a lag
    /// apart, allows another try.
    fn unseen(&mut self) -> Command<E::Write> {
        let course = self.effect.course_mut();
        course.quiet_reads = course.quiet_reads.saturating_add(1);
        if course.quiet_reads < self.settings.quiet_reads {
            return self.wait(IntentState::Unknown, self.settings.read_lag);
        }
        course.quiet_reads = 0;
        self.effect.unsend();
        match self.effect.unwanted(self.now) {
            Some(ending) => self.end(ending),
            None => self.wait(IntentState::Planned, TimeDelta::zero()),
        }
    }

    fn read_failed(&mut self, words: String) -> Command<E::Write> {
        let Self { now, settings, .. } = *self;
        let course = self.effect.course_mut();
        let pause = match settings.failed_reads {
            FailedReads::ATry if course.attempts >= settings.max_attempts => {
                return self.stop(Stop::Unreadable { since: None, words: &words });
            }
            FailedReads::ATry => settings.settle,
            FailedReads::Patience(patience) => {
                let since = course.trouble.as_ref().map_or(now, |trouble| trouble.since);
                if now - since >= patience {
                    return self.stop(Stop::Unreadable { since: Some(since), words: &words });
                }
                course.trouble = Some(ReadFailure { since, words });
                course.attempts = course.attempts.saturating_sub(1);
                // As long again as it has failed already: an outage of a day is not asked about every half minute.
                (now - since).clamp(settings.settle, settings.settle.max(LONGEST_PAUSE))
            }
        };
        let state = if course.stage == Stage::Checking { IntentState::Planned } else { IntentState::Unknown };
        self.wait(state, pause)
    }

    fn wrote(&mut self, answer: Answer<E::Receipt>) -> Command<E::Write> {
        let then = match answer {
            Answer::Accepted(receipt) => self.effect.accepted(receipt, self.now),
            Answer::Gone => self.effect.gone(self.now),
            Answer::Refused { words } => self.effect.refused(&words, self.now),
            Answer::Lost { .. } => Then::Lost,
            Answer::Deferred { wait } => {
                self.effect.unsend();
                return self.wait(IntentState::Planned, wait);
            }
        };
        match then {
            Then::Prove => {
                self.effect.course_mut().stage = Stage::Proving;
                Command::Read
            }
            Then::Lost => self.lost(),
            Then::Again => {
                self.effect.unsend();
                self.wait(IntentState::Planned, self.settings.settle)
            }
            Then::Over(ending) => self.end(ending),
        }
    }

    fn restarted(&mut self, stage: Stage) -> Command<E::Write> {
        match stage {
            Stage::Checking => self.wait(IntentState::Planned, TimeDelta::zero()),
            Stage::Writing | Stage::Proving | Stage::Resolving => self.lost(),
        }
    }

    fn lost(&mut self) -> Command<E::Write> {
        self.effect.course_mut().quiet_reads = 0;
        self.wait(IntentState::Unknown, self.settings.settle)
    }

    fn wait(&mut self, state: IntentState, pause: TimeDelta) -> Command<E::Write> {
        let moment = self.now + pause;
        let course = self.effect.course_mut();
        course.state = state;
        course.not_before = Some(moment);
        Command::WakeAt(moment)
    }

    fn stop(&mut self, stop: Stop<'_>) -> Command<E::Write> {
        let ending = self.effect.stopped(stop, self.now);
        self.end(ending)
    }

    fn end(&mut self, ending: Ending<E::Outcome>) -> Command<E::Write> {
        self.effect.course_mut().end(ending);
        Command::Settled
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
