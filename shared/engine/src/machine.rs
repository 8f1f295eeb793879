//! The exactly-once machine: [`step`] takes what happened to an intent and says what to do next. It knows claims, lost answers,
//! reads that lag and giving up; what is written, and what a read says about it, is the [`Effect`]'s.
//!
//! A write follows a read that allows it, and is stored before it is sent. Reads may lag behind it, by [`Settings::read_lag`] at most. What
//! was accepted is looked for, and not sent again. Once an answer is lost, nothing follows before that lag is over and two reads,
//! [`Settings::apart`], did not find what was sent. A new kind of write is one `impl Effect`; the machine's laws hold for it.

use chrono::TimeDelta;

use super::course::{Course, Ending, IntentState, Settings, Stage, Trouble, UnderWay};
use super::effect::{Answer, Command, Effect, Event, Stop, Then, Verdict};
use domain::Timestamp;

/// The longest wait between two looks, unless the vendor asks for a longer one: until the next pass.
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
        (IntentState::Inflight, Event::ReadFailed { words, wait }) if !writing => Some(machine.read_failed(&words, wait)),
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

/// Forgets what is known of an intent that is not over, because the ledger it stands in was taken back in time: all that it would send may
/// have been sent. It is looked for as a write is whose answer was lost, and sent only when reads have missed it for longer than they lag.
/// One that waits for a moment still to come was not begun. Returns whether it is in doubt now.
pub fn doubt<E: Effect>(effect: &mut E, now: Timestamp, settings: &Settings) -> bool {
    let course = effect.course_mut();
    let waits = course.state == IntentState::Planned && course.epoch == 0 && course.not_before.is_some_and(|moment| moment > now);
    if course.state.is_over() || waits {
        return false;
    }
    let accepted = course.is_accepted();
    course.under_way = Some(UnderWay { since: now, shown_by: now + settings.read_lag, accepted });
    course.state = IntentState::Unknown;
    course.stage = Stage::Resolving;
    // Whoever took it up before is not to find it as it was.
    course.epoch = course.epoch.saturating_add(1);
    course.quiet_reads = 0;
    course.trouble = None;
    course.not_before = None;
    effect.suppose_sent();
    true
}

/// Takes notice of a read that was made for another reason: one that shows what an intent waits for, or was given up for, settles it.
/// Returns whether it did.
pub fn take_notice<E: Effect + Clone>(effect: &mut E, seen: E::Reading, now: Timestamp) -> bool {
    if !matches!(effect.course().state, IntentState::Unknown | IntentState::Parked) {
        return false;
    }
    let mut shown = effect.clone();
    shown.course_mut().stage = Stage::Resolving;
    match shown.judge(seen, now) {
        Verdict::Over(ending) if ending.state == IntentState::Done => {
            shown.course_mut().end(ending);
            *effect = shown;
            true
        }
        _ => false,
    }
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
        if let Some(Trouble { since, words }) = course.trouble.clone().filter(|trouble| self.now - trouble.since >= self.settings.patience)
        {
            let ending = self.effect.stopped(Stop::Unsettled { since, words: &words }, self.now);
            return self.end(ending);
        }
        if let Some(ending) = self.effect.unclaimable(self.now) {
            return self.end(ending);
        }
        let course = self.effect.course_mut();
        course.stage = match course.state {
            IntentState::Unknown if course.is_accepted() => Stage::Proving,
            IntentState::Unknown => Stage::Resolving,
            _ => Stage::Checking,
        };
        course.state = IntentState::Inflight;
        course.epoch = course.epoch.saturating_add(1);
        course.attempts = course.attempts.saturating_add(1);
        course.not_before = None;
        Command::Read
    }

    fn read(&mut self, seen: E::Reading) -> Option<Command<E::Write>> {
        Some(match self.effect.judge(seen, self.now) {
            Verdict::Write(write) => {
                let shown_by = self.now + self.settings.read_lag;
                let course = self.effect.course_mut();
                course.stage = Stage::Writing;
                course.quiet_reads = 0;
                course.under_way = Some(UnderWay { since: self.now, shown_by, accepted: false });
                Command::Write(write)
            }
            Verdict::ReadOn => {
                self.effect.course_mut().quiet_reads = 0;
                Command::Read
            }
            Verdict::Unseen => self.unseen(),
            Verdict::Stale => {
                self.hindered("ConnectWise answered with what was there before the preview. It is asked again.");
                self.wait_as_before(self.growing_pause())
            }
            Verdict::Over(ending) => self.end(ending),
            Verdict::Unfit => return None,
        })
    }

    /// What was sent is not there: it may still be on its way, or reads do not show it yet. What was accepted is looked for ever less
    /// often. Of what was lost, only the last of several reads after the longest lag allows another try.
    fn unseen(&mut self) -> Command<E::Write> {
        let Settings { read_lag, apart, quiet_reads, .. } = *self.settings;
        let now = self.now;
        let course = self.effect.course_mut();
        let write = *course.under_way.get_or_insert(UnderWay { since: now, shown_by: now + read_lag, accepted: false });
        if write.accepted {
            self.hindered("ConnectWise accepted it and does not show it yet. It is looked for, and not sent again.");
            return self.wait(IntentState::Unknown, self.growing_pause());
        }
        course.quiet_reads = course.quiet_reads.saturating_add(1);
        if course.quiet_reads < quiet_reads || now < write.shown_by {
            return self.wait(IntentState::Unknown, apart);
        }
        self.unsend();
        match self.effect.unwanted(now) {
            Some(ending) => self.end(ending),
            None => self.wait(IntentState::Planned, TimeDelta::zero()),
        }
    }

    /// A read that fails costs nothing but time.
    fn read_failed(&mut self, words: &str, wait: Option<TimeDelta>) -> Command<E::Write> {
        self.hindered(&format!("ConnectWise could not be read: {words}"));
        self.put_off();
        self.wait_as_before(self.growing_pause().max(wait.unwrap_or_default()))
    }

    fn wrote(&mut self, answer: Answer<E::Receipt>) -> Command<E::Write> {
        let then = match answer {
            Answer::Accepted(receipt) => {
                let course = self.effect.course_mut();
                course.trouble = None;
                if let Some(write) = &mut course.under_way {
                    write.accepted = true;
                }
                self.effect.accepted(receipt, self.now)
            }
            Answer::Gone => {
                self.effect.course_mut().under_way = None;
                self.effect.gone(self.now)
            }
            Answer::Refused { words } => {
                self.effect.course_mut().under_way = None;
                self.effect.refused(&words, self.now)
            }
            Answer::Lost { words, wait } => return self.lost(&words, wait),
            Answer::Deferred { wait, words } => {
                self.unsend();
                self.hindered(&words);
                self.put_off();
                return self.wait(IntentState::Planned, wait);
            }
        };
        match then {
            Then::Prove => {
                self.effect.course_mut().stage = Stage::Proving;
                Command::Read
            }
            Then::Lost => {
                if let Some(write) = &mut self.effect.course_mut().under_way {
                    write.accepted = false;
                }
                self.lost("The answer does not say what became of it.", None)
            }
            Then::Again => {
                self.unsend();
                self.wait(IntentState::Planned, self.settings.settle)
            }
            Then::Over(ending) => self.end(ending),
        }
    }

    fn restarted(&mut self, stage: Stage) -> Command<E::Write> {
        match stage {
            Stage::Checking => self.wait(IntentState::Planned, TimeDelta::zero()),
            Stage::Writing => self.lost("Seatbridge was restarted while it was sent.", None),
            Stage::Proving | Stage::Resolving => self.wait(IntentState::Unknown, self.settings.settle),
        }
    }

    fn lost(&mut self, words: &str, wait: Option<TimeDelta>) -> Command<E::Write> {
        self.hindered(&format!("It is not known whether the write arrived, so it is looked for before anything is sent again. {words}"));
        self.effect.course_mut().quiet_reads = 0;
        self.wait(IntentState::Unknown, self.settings.settle.max(wait.unwrap_or_default()))
    }

    /// Nothing is under way any more: it was not taken, or it never arrived.
    fn unsend(&mut self) {
        let course = self.effect.course_mut();
        course.quiet_reads = 0;
        course.under_way = None;
        self.effect.unsend();
    }

    fn hindered(&mut self, words: &str) {
        let now = self.now;
        let trouble = &mut self.effect.course_mut().trouble;
        let since = trouble.as_ref().map_or(now, |trouble| trouble.since);
        *trouble = Some(Trouble { since, words: words.to_owned() });
    }

    /// A claim in which nothing could be found out is no attempt.
    fn put_off(&mut self) {
        let course = self.effect.course_mut();
        course.attempts = course.attempts.saturating_sub(1);
    }

    /// As long again as it has been in trouble already: an outage of a day is not asked about every half minute.
    fn growing_pause(&self) -> TimeDelta {
        let settle = self.settings.settle;
        let since = self.effect.course().trouble.as_ref().map_or(self.now, |trouble| trouble.since);
        (self.now - since).clamp(settle, settle.max(LONGEST_PAUSE))
    }

    /// Waits in the state that the next claim is to find: what was sent is not forgotten.
    fn wait_as_before(&mut self, pause: TimeDelta) -> Command<E::Write> {
        let state = if self.effect.course().stage == Stage::Checking { IntentState::Planned } else { IntentState::Unknown };
        self.wait(state, pause)
    }

    fn wait(&mut self, state: IntentState, pause: TimeDelta) -> Command<E::Write> {
        let moment = self.now + pause;
        let course = self.effect.course_mut();
        course.state = state;
        course.not_before = Some(moment);
        Command::WakeAt(moment)
    }

    fn end(&mut self, ending: Ending<E::Outcome>) -> Command<E::Write> {
        self.effect.course_mut().end(ending);
        Command::Settled
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
