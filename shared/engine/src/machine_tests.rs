//! The machine's laws, with a fake effect: one thing that is to be made once, at a vendor whose reads lag, whose answers are lost
//! and for whom the Worker dies. The fake shows what a new kind of write needs: one `impl`.

use proptest::prelude::*;

use super::*;

/// One thing to be made, found again by its mark.
#[derive(Debug, Clone, PartialEq)]
struct Thing {
    course: Course<&'static str>,
}

impl Effect for Thing {
    /// Whether something bears its mark.
    type Reading = bool;
    type Write = ();
    type Receipt = ();
    type Outcome = &'static str;

    fn course(&self) -> &Course<&'static str> {
        &self.course
    }

    fn course_mut(&mut self) -> &mut Course<&'static str> {
        &mut self.course
    }

    fn judge(&mut self, found: bool, _now: Timestamp) -> Verdict<(), &'static str> {
        match (found, self.course.stage) {
            (true, _) => Verdict::Over(Ending { state: IntentState::Done, outcome: "there" }),
            (false, Stage::Checking) => Verdict::Write(()),
            (false, _) => Verdict::Unseen,
        }
    }

    fn refused(&mut self, _words: &str, _now: Timestamp) -> Then<&'static str> {
        Then::Over(Ending { state: IntentState::Failed, outcome: "refused" })
    }

    fn stopped(&self, _stop: Stop<'_>, _now: Timestamp) -> Ending<&'static str> {
        let (state, outcome) = if self.course.is_unsent() { (IntentState::Failed, "not sent") } else { (IntentState::Parked, "unknown") };
        Ending { state, outcome }
    }

    fn settings() -> Settings {
        let failed_reads = FailedReads::Patience(TimeDelta::days(1));
        Settings { read_lag: TimeDelta::minutes(5), max_lost_attempts: 24, failed_reads, ..Settings::default() }
    }
}

/// What becomes of a call. A lost answer and a crash look alike to the vendor.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Answered,
    /// The answer comes a second time, when the claim has gone on.
    Twice,
    Lost(Arrival),
    Crash(Arrival),
    Refused,
    Deferred,
}

/// When a write arrives whose answer is lost.
#[derive(Debug, Clone, Copy)]
enum Arrival {
    Never,
    AtOnce,
    /// After so many seconds.
    Late(i64),
}

fn fate() -> impl Strategy<Value = Fate> {
    let arrival = || prop_oneof![Just(Arrival::Never), Just(Arrival::AtOnce), (1..=30_i64).prop_map(Arrival::Late)];
    prop_oneof![
        4 => Just(Fate::Answered),
        1 => Just(Fate::Twice),
        3 => arrival().prop_map(Fate::Lost),
        3 => arrival().prop_map(Fate::Crash),
        1 => Just(Fate::Refused),
        1 => Just(Fate::Deferred),
    ]
}

/// The fake vendor, the Worker that drives one intent, and the clock of both.
struct World {
    now: Timestamp,
    settings: Settings,
    thing: Thing,
    /// From when each thing that was made is found.
    made: Vec<Timestamp>,
    /// When writes arrive that are on their way.
    late: Vec<Timestamp>,
    lag: TimeDelta,
    fates: Vec<Fate>,
}

impl World {
    fn new(settings: Settings, lag: i64, fates: Vec<Fate>) -> Self {
        let thing = Thing { course: Course::planned(None) };
        let now = Timestamp::UNIX_EPOCH + TimeDelta::days(20_000);
        Self { now, settings, thing, made: Vec::new(), late: Vec::new(), lag: TimeDelta::seconds(lag), fates }
    }

    fn pass(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
        let (now, lag) = (self.now, self.lag);
        let (due, late) = self.late.iter().partition(|at| **at <= now);
        self.late = late;
        let due: Vec<Timestamp> = due;
        self.made.extend(due.into_iter().map(|at| at + lag));
    }

    fn step(&mut self, event: Event<bool, ()>) -> Option<Command<()>> {
        step(&mut self.thing, event, self.now, &self.settings)
    }

    /// Carries the intent on until it waits, is over, or the run dies.
    fn drive(&mut self, first: Event<bool, ()>) {
        let (mut event, mut twice) = (first, false);
        loop {
            let command = self.step(event.clone());
            if std::mem::take(&mut twice) && matches!(command, Some(Command::Read | Command::Write(()))) {
                let before = self.thing.clone();
                assert_eq!(self.step(event), None, "it happened already");
                assert_eq!(self.thing, before);
            }
            let writes = match command {
                Some(Command::Read) => false,
                Some(Command::Write(())) => true,
                Some(Command::WakeAt(_) | Command::Settled) | None => return,
            };
            let fate = self.fates.pop().unwrap_or(Fate::Answered);
            twice = matches!(fate, Fate::Twice);
            self.pass(1);
            event = match (writes, fate) {
                (false, Fate::Crash(_)) => return,
                (false, Fate::Lost(_) | Fate::Deferred) => Event::ReadFailed { words: "503".to_owned() },
                (false, _) => Event::Read(self.made.iter().any(|found_from| *found_from <= self.now)),
                (true, Fate::Answered | Fate::Twice) => {
                    self.made.push(self.now + self.lag);
                    // A second answer to a write does not fit any more; a second reading might.
                    twice = true;
                    Event::Wrote(Answer::Accepted(()))
                }
                (true, Fate::Refused) => Event::Wrote(Answer::Refused { words: "no".to_owned() }),
                (true, Fate::Deferred) => Event::Wrote(Answer::Deferred { wait: TimeDelta::seconds(20) }),
                (true, Fate::Lost(arrival) | Fate::Crash(arrival)) => {
                    match arrival {
                        Arrival::Never => {}
                        Arrival::AtOnce => self.made.push(self.now + self.lag),
                        Arrival::Late(seconds) => self.late.push(self.now + TimeDelta::seconds(seconds)),
                    }
                    if matches!(fate, Fate::Crash(_)) {
                        return;
                    }
                    Event::Wrote(Answer::Lost { words: "timed out".to_owned() })
                }
            };
        }
    }

    /// One alarm of the Worker: it takes up what a dead run was at, and claims what may be claimed.
    fn ring(&mut self) {
        if self.thing.course.state == IntentState::Inflight {
            self.drive(Event::Restarted);
        }
        self.drive(Event::Claim);
    }
}

fn settings() -> impl Strategy<Value = Settings> {
    let failed_reads = prop_oneof![Just(FailedReads::ATry), Just(FailedReads::Patience(TimeDelta::hours(2)))];
    failed_reads.prop_map(|failed_reads| Settings { failed_reads, ..Thing::settings() })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// At most one effect, none that is lost, and none that is stuck.
    #[test]
    fn a_thing_is_made_once_whatever_happens_on_the_way(
        settings in settings(),
        lag in 0..=300_i64,
        fates in proptest::collection::vec(fate(), 0..40),
        pauses in proptest::collection::vec(1..900_i64, 0..60),
    ) {
        let mut world = World::new(settings, lag, fates);
        for pause in pauses {
            world.ring();
            prop_assert!(world.made.len() + world.late.len() <= 1, "made twice: {:?}", world.thing);
            world.pass(pause);
        }
        // Faults stop.
        world.fates.clear();
        for _ in 0..60 {
            world.ring();
            world.pass(600);
        }
        prop_assert!(world.made.len() <= 1, "made twice: {:?}", world.thing);
        let Course { state, outcome, .. } = &world.thing.course;
        match state {
            IntentState::Done => prop_assert_eq!(world.made.len(), 1, "done, and nothing is there"),
            IntentState::Failed => prop_assert_eq!(world.made.len(), 0, "{:?}, and it is there", outcome),
            IntentState::Parked => prop_assert_eq!(*outcome, Some("unknown")),
            _ => prop_assert!(false, "stuck: {:?}", world.thing),
        }
    }

    /// An event that comes when nobody waits for it changes nothing, wherever the intent stands.
    #[test]
    fn only_what_was_asked_for_moves_an_intent(fates in proptest::collection::vec(fate(), 0..20), lag in 0..=300_i64) {
        let mut world = World::new(Thing::settings(), lag, fates);
        for _ in 0..20 {
            world.ring();
            let Course { state, stage, .. } = world.thing.course;
            let before = world.thing.clone();
            let late = [Event::Read(true), Event::ReadFailed { words: String::new() }, Event::Wrote(Answer::Accepted(())), Event::Claim];
            for event in late {
                let waits = match (&event, state) {
                    (Event::Claim, IntentState::Planned | IntentState::Unknown) => true,
                    (Event::Wrote(_), IntentState::Inflight) => stage == Stage::Writing,
                    (Event::Read(_) | Event::ReadFailed { .. }, IntentState::Inflight) => stage != Stage::Writing,
                    _ => false,
                };
                if !waits {
                    prop_assert_eq!(world.step(event), None);
                    prop_assert_eq!(&world.thing, &before);
                }
            }
            world.pass(30);
        }
    }
}

/// What becomes of a lost write that never arrived, as the moments of its claims and writes.
#[test]
fn a_lost_write_is_sent_again_after_two_quiet_reads_a_lag_apart() {
    let mut world = World::new(Thing::settings(), 0, vec![Fate::Lost(Arrival::Never), Fate::Answered]);
    world.ring();
    let (began, mut written) = (world.now, Vec::new());
    for _ in 0..500 {
        world.pass(1);
        world.ring();
        if world.thing.course.state.is_over() {
            written.push((world.now - began).num_seconds());
            break;
        }
    }
    let waited = (Thing::settings().settle + Thing::settings().read_lag).num_seconds();
    assert!(written.first().is_some_and(|seconds| (waited..waited + 10).contains(seconds)), "{written:?}");
    assert_eq!((world.thing.course.state, world.made.len()), (IntentState::Done, 1));
}

#[test]
fn one_quiet_read_would_make_it_twice_where_reads_lag() {
    for (quiet_reads, doubled) in [(1, true), (2, false)] {
        let settings = Settings { quiet_reads, ..Thing::settings() };
        let mut world = World::new(settings, 200, vec![Fate::Lost(Arrival::AtOnce), Fate::Answered]);
        for _ in 0..60 {
            world.ring();
            world.pass(30);
        }
        assert_eq!(world.made.len() > 1, doubled, "{quiet_reads} quiet reads, {} things", world.made.len());
    }
}

#[test]
fn what_is_tried_for_ever_is_given_up() {
    let deferred = std::iter::repeat_n([Fate::Deferred, Fate::Answered], 40).flatten().collect();
    let mut world = World::new(Thing::settings(), 0, deferred);
    for _ in 0..40 {
        world.ring();
        world.pass(60);
    }
    assert_eq!((world.thing.course.state, world.thing.course.outcome), (IntentState::Failed, Some("not sent")));
    assert_eq!(world.thing.course.attempts, Thing::settings().max_attempts);
}

#[test]
fn what_was_given_up_is_tried_again_from_the_start_by_a_person() {
    let mut world = World::new(Thing::settings(), 0, vec![Fate::Refused, Fate::Answered]);
    world.ring();
    assert_eq!(world.thing.course.state, IntentState::Failed);
    let epoch = world.thing.course.epoch;
    assert!(world.thing.course.reopen(false, None) && !world.thing.course.reopen(false, None));
    world.ring();
    world.pass(600);
    world.ring();
    assert_eq!((world.thing.course.state, world.made.len()), (IntentState::Done, 1));
    assert!(world.thing.course.epoch > epoch, "an answer to the old claim is not taken");
}

#[test]
fn an_intent_out_of_reach_is_parked_once_something_was_sent() {
    let mut planned = Thing { course: Course::planned(None) };
    assert!(abandon(&mut planned, "gone", Timestamp::UNIX_EPOCH) && !abandon(&mut planned, "gone", Timestamp::UNIX_EPOCH));
    assert_eq!(planned.course.state, IntentState::Failed);
    let mut world = World::new(Thing::settings(), 0, vec![Fate::Crash(Arrival::Never), Fate::Answered]);
    world.ring();
    assert!(abandon(&mut world.thing, "gone", world.now));
    assert_eq!(world.thing.course.state, IntentState::Parked);
}
