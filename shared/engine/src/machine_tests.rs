//! The machine's laws, with a fake effect: one thing that is to be made once, at a vendor whose reads lag or come from two replicas, whose
//! answers are lost, and for whom the Worker dies. The fake shows what a new kind of write needs: one `impl`.

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

    fn judge(&mut self, found: bool, now: Timestamp) -> Verdict<(), &'static str> {
        match (found, self.course.stage) {
            (true, _) => Verdict::Over(Ending { state: IntentState::Done, outcome: "there" }),
            (false, Stage::Checking) => Verdict::Write(()),
            (false, Stage::Proving) if !self.course.may_still_show(now) => {
                Verdict::Over(Ending { state: IntentState::Parked, outcome: "not shown" })
            }
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
    /// When each thing was made.
    made: Vec<Timestamp>,
    /// When writes arrive that are on their way.
    late: Vec<Timestamp>,
    lag: TimeDelta,
    /// Whether every other read is answered by a replica that does not lag: old, new, old.
    replicas: bool,
    reads: u32,
    fates: Vec<Fate>,
}

impl World {
    fn new(settings: Settings, lag: i64, fates: Vec<Fate>) -> Self {
        let thing = Thing { course: Course::planned(None) };
        let (now, lag) = (Timestamp::UNIX_EPOCH + TimeDelta::days(20_000), TimeDelta::seconds(lag));
        Self { now, settings, thing, made: Vec::new(), late: Vec::new(), lag, replicas: false, reads: 0, fates }
    }

    fn is_found(&mut self) -> bool {
        self.reads += 1;
        let lag = if self.replicas && self.reads.is_multiple_of(2) { TimeDelta::zero() } else { self.lag };
        self.made.iter().any(|made| *made + lag <= self.now)
    }

    fn pass(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
        let now = self.now;
        let (due, late) = self.late.iter().partition(|at| **at <= now);
        self.late = late;
        let due: Vec<Timestamp> = due;
        self.made.extend(due);
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
                (false, Fate::Lost(_) | Fate::Deferred) => Event::ReadFailed { words: "503".to_owned(), wait: None },
                (false, _) => Event::Read(self.is_found()),
                (true, Fate::Answered | Fate::Twice) => {
                    self.made.push(self.now);
                    // A second answer to a write does not fit any more; a second reading might.
                    twice = true;
                    Event::Wrote(Answer::Accepted(()))
                }
                (true, Fate::Refused) => Event::Wrote(Answer::Refused { words: "no".to_owned() }),
                (true, Fate::Deferred) => {
                    Event::Wrote(Answer::Deferred { wait: TimeDelta::seconds(20), words: "It asks for fewer calls.".to_owned() })
                }
                (true, Fate::Lost(arrival) | Fate::Crash(arrival)) => {
                    match arrival {
                        Arrival::Never => {}
                        Arrival::AtOnce => self.made.push(self.now),
                        Arrival::Late(seconds) => self.late.push(self.now + TimeDelta::seconds(seconds)),
                    }
                    if matches!(fate, Fate::Crash(_)) {
                        return;
                    }
                    Event::Wrote(Answer::Lost { words: "timed out".to_owned(), wait: None })
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
    let patience = prop_oneof![Just(TimeDelta::hours(2)), Just(TimeDelta::days(7))];
    patience.prop_map(|patience| Settings { patience, ..Thing::settings() })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// At most one effect, none that is lost, and none that is stuck.
    #[test]
    fn a_thing_is_made_once_whatever_happens_on_the_way(
        settings in settings(),
        lag in 0..=900_i64,
        replicas in any::<bool>(),
        fates in proptest::collection::vec(fate(), 0..40),
        pauses in proptest::collection::vec(1..900_i64, 0..60),
    ) {
        let mut world = World { replicas, ..World::new(settings, lag, fates) };
        for pause in pauses {
            world.ring();
            prop_assert!(world.made.len() + world.late.len() <= 1, "made twice: {:?}", world.thing);
            world.pass(pause);
        }
        // Faults stop.
        world.fates.clear();
        for _ in 0..20 {
            world.ring();
            world.pass(600);
        }
        prop_assert!(world.made.len() <= 1, "made twice: {:?}", world.thing);
        let Course { state, outcome, .. } = &world.thing.course;
        match state {
            IntentState::Done => prop_assert_eq!(world.made.len(), 1, "done, and nothing is there"),
            IntentState::Failed => prop_assert_eq!(world.made.len(), 0, "{:?}, and it is there", outcome),
            IntentState::Parked => prop_assert_eq!(*outcome, Some("unknown"), "{:?}", world.thing),
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
            let late = [Event::Read(true), Event::ReadFailed { words: String::new(), wait: None }, Event::Wrote(Answer::Accepted(())), Event::Claim];
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

/// The moments, in seconds from the first, at which things are made, while a minute goes by again and again.
fn made_at(mut world: World, minutes: u32) -> Vec<i64> {
    let began = world.now;
    for _ in 0..minutes {
        world.ring();
        world.pass(60);
    }
    world.made.iter().map(|made| (*made - began).num_seconds()).collect()
}

#[test]
fn a_lost_write_is_sent_again_after_the_longest_lag_and_two_quiet_reads() {
    let fates = || vec![Fate::Lost(Arrival::Never), Fate::Answered];
    let lag = Thing::settings().read_lag.num_seconds();
    let made = made_at(World::new(Thing::settings(), 0, fates()), 60);
    assert!(matches!(made.as_slice(), [at] if (lag..lag + 400).contains(at)), "{made:?}");
    let patient = Settings { read_lag: TimeDelta::zero(), ..Thing::settings() };
    let made = made_at(World::new(patient, 0, fates()), 60);
    let apart = Thing::settings().apart.num_seconds();
    assert!(matches!(made.as_slice(), [at] if (apart..apart + 180).contains(at)), "{made:?}");
}

/// A POST whose answer was lost, or was 201, and a list that shows it after ten minutes.
#[test]
fn what_a_lagging_list_does_not_show_yet_is_not_made_again() {
    for first in [Fate::Lost(Arrival::AtOnce), Fate::Answered, Fate::Crash(Arrival::AtOnce)] {
        for lag in [100, 600, 900] {
            let mut world = World::new(Thing::settings(), lag, vec![first, Fate::Answered]);
            for _ in 0..40 {
                world.ring();
                world.pass(60);
            }
            assert_eq!((world.thing.course.state, world.made.len()), (IntentState::Done, 1), "{first:?}, {lag} s");
        }
    }
}

#[test]
fn without_the_wait_for_a_lag_it_would_be_made_twice() {
    let impatient = Settings { read_lag: TimeDelta::zero(), ..Thing::settings() };
    let fates = vec![Fate::Lost(Arrival::AtOnce), Fate::Answered];
    assert_eq!(made_at(World::new(impatient, 900, fates), 60).len(), 2);
}

#[test]
fn what_was_accepted_is_never_sent_again_even_if_it_never_shows() {
    let mut world = World::new(Thing::settings(), 1_000_000, vec![Fate::Answered; 2]);
    for _ in 0..60 {
        world.ring();
        world.pass(60);
    }
    assert_eq!((world.thing.course.state, world.thing.course.outcome, world.made.len()), (IntentState::Parked, Some("not shown"), 1));
    // Any later read that shows it settles it.
    assert!(!take_notice(&mut world.thing, false, world.now) && take_notice(&mut world.thing, true, world.now));
    assert_eq!((world.thing.course.state, world.thing.course.outcome), (IntentState::Done, Some("there")));
}

#[test]
fn an_outage_of_days_costs_no_attempt_and_an_endless_one_ends() {
    for (hours, state) in [(12, IntentState::Done), (24 * 6, IntentState::Done), (24 * 8, IntentState::Failed)] {
        let mut world = World::new(Thing::settings(), 0, vec![Fate::Answered; 2]);
        for _ in 0..hours * 6 {
            world.fates.push(Fate::Lost(Arrival::Never));
            world.ring();
            world.pass(600);
        }
        world.fates = vec![Fate::Answered; 4];
        for _ in 0..6 {
            world.ring();
            world.pass(600);
        }
        assert_eq!(world.thing.course.state, state, "{hours} hours: {:?}", world.thing);
        assert!(world.thing.course.attempts <= 2);
    }
}

#[test]
fn a_vendor_that_says_when_to_come_back_is_not_asked_sooner() {
    let waits = [Event::ReadFailed { words: "busy".to_owned(), wait: Some(TimeDelta::seconds(1_200)) }];
    for event in waits {
        let mut world = World::new(Thing::settings(), 0, Vec::new());
        world.step(Event::Claim);
        let until = world.now + TimeDelta::seconds(1_200);
        assert_eq!(world.step(event), Some(Command::WakeAt(until)));
        let words = world.thing.course.trouble.as_ref().map(|trouble| trouble.words.clone());
        assert_eq!(words.as_deref(), Some("ConnectWise could not be read: busy"));
        world.pass(1_199);
        assert_eq!(world.step(Event::Claim), Some(Command::WakeAt(until)));
        world.pass(1);
        assert_eq!(world.step(Event::Claim), Some(Command::Read));
    }
}

#[test]
fn what_was_given_up_is_tried_again_from_the_start_by_a_person() {
    let mut world = World::new(Thing::settings(), 0, vec![Fate::Refused, Fate::Answered]);
    world.ring();
    assert_eq!(world.thing.course.state, IntentState::Failed);
    let epoch = world.thing.course.epoch;
    let before = Course::planned(None);
    assert!(world.thing.course.reopen(false, None) && !world.thing.course.reopen(false, None));
    assert!(!world.thing.course.is_at(&before), "a run that took it up when it was planned does not go on");
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

#[path = "doubt_tests.rs"]
mod doubts;
