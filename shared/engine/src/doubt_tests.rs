//! Laws of doubt: an intent in a ledger that was taken back in time, with the fake effect and the fake vendor of the machine's tests.

use super::*;

/// A thing whose ledger is taken back to what it was after so many alarms, after so many more; with doubt, or without.
fn taken_back(lag: i64, fates: Vec<Fate>, (kept, more): (usize, usize), doubts: bool) -> World {
    let mut world = World::new(Thing::settings(), lag, fates);
    for _ in 0..kept {
        world.ring();
        world.pass(60);
    }
    let copy = world.thing.clone();
    for _ in 0..more {
        world.ring();
        world.pass(60);
    }
    world.thing = copy;
    if doubts {
        doubt(&mut world.thing, world.now, &world.settings);
    }
    world.fates.clear();
    for _ in 0..120 {
        world.ring();
        world.pass(60);
    }
    world
}

proptest! {
    #[test]
    fn what_an_older_ledger_has_forgotten_is_looked_for_and_not_made_again(
        lag in 0..=900_i64,
        fates in proptest::collection::vec(fate(), 0..20),
        kept in 0..20_usize,
        more in 0..20_usize,
    ) {
        let world = taken_back(lag, fates, (kept, more), true);
        prop_assert!(world.made.len() <= 1, "made twice: {:?}", world.thing);
        prop_assert!(world.thing.course.state.is_over(), "stuck: {:?}", world.thing);
    }
}

#[test]
fn without_doubt_an_older_ledger_makes_it_twice() {
    let made = |doubts| taken_back(900, Vec::new(), (0, 1), doubts).made.len();
    assert_eq!((made(false), made(true)), (2, 1));
}

#[test]
fn what_is_over_or_waits_for_its_day_is_not_doubted() {
    let (now, settings) = (Timestamp::UNIX_EPOCH, Thing::settings());
    let mut waits = Thing { course: Course::planned(Some(now + TimeDelta::days(1))) };
    assert!(!doubt(&mut waits, now, &settings) && doubt(&mut waits, now + TimeDelta::days(1), &settings));
    waits.course.end(Ending { state: IntentState::Done, outcome: "there" });
    assert!(!doubt(&mut waits, now, &settings));
}
