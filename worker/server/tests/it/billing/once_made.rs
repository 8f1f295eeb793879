//! Once, for what is more than a quantity: whatever breaks while an addition is made, or a change is taken back, there is at
//! most one addition for an intent, and each effect is had once. The simulator's journal is the oracle.

use crate::crash;
use crate::rules;

use crash::{FATES, at, lives, rest, survives};
use engine::IntentState;
use harness::House;
use harness::wire::{Fate, Sent};
use rules::{addition, approve_the_line, latest, made_and_ended, missing, the_line};
use serde_json::json;

/// What is done while calls break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    /// A missing addition is made.
    Create,
    /// An addition that was made is taken back.
    EndWhatWasMade,
    /// A quantity that was written is taken back.
    Restore,
}

const DEEDS: [Deed; 3] = [Deed::Create, Deed::EndWhatWasMade, Deed::Restore];

impl Deed {
    /// An install that is about to do it.
    async fn ready(self) -> House {
        let house = if self == Self::Restore { House::ready(1).await } else { missing().await };
        if self != Self::Create {
            approve_the_line(&house).await;
            rules::pass(&house, 5);
        }
        house.wire.clear();
        house
    }

    async fn begin(self, house: &House) {
        if self == Self::Create {
            house.approve(&[the_line(house).await]).await;
        } else {
            let path = format!("/api/intents/{}/reverse", latest(house).id);
            let (status, answer) = house.post(&path, &json!({ "reason": "a test" })).await;
            assert_eq!(status, 200, "{answer}");
        }
    }

    /// Additions made, ended and quantities written once it is done.
    fn effects(self) -> (usize, usize, usize) {
        match self {
            Self::Create => (1, 0, 0),
            Self::EndWhatWasMade => (1, 1, 0),
            Self::Restore => (0, 0, 2),
        }
    }
}

fn effects(house: &House) -> (usize, usize, usize) {
    let (made, ended) = made_and_ended(house);
    (made, ended, house.written().len())
}

/// At most one addition carries the mark of one intent, and nothing is left half done.
fn check(house: &House, deed: Deed, what: &str) {
    assert!(house.open_intents().is_empty(), "{what}: {:?}", house.open_intents());
    let (had, most) = (effects(house), deed.effects());
    assert!(had.0 <= most.0 && had.1 <= most.1 && had.2 <= most.2, "{what}: {had:?}, where {most:?} is all there may be");
    let additions = house.simulator.world().additions();
    for intent in house.intents() {
        let marked = additions.iter().filter(|addition| addition.serial_number == Some(intent.marker())).count();
        assert!(marked <= 1, "{what}: {marked} additions of one intent");
        assert!(!rules::words(&intent).is_empty(), "{what}: over without a word");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn faults_at_any_call_leave_one_effect() {
    for deed in DEEDS {
        let mut runs = 0;
        for fate in FATES {
            for place in 0.. {
                let mut house = deed.ready().await;
                let struck = at(&house, place, fate);
                deed.begin(&house).await;
                survives(&mut house).await;
                let what = format!("{deed:?}: {fate:?} at call {place}");
                check(&house, deed, &what);
                assert_eq!(effects(&house), deed.effects(), "{what}: {:?}", house.intents());
                assert!(house.intents().iter().all(|intent| intent.state == IntentState::Done), "{what}: {:?}", house.intents());
                if !struck.get() {
                    break;
                }
                runs += 1;
            }
        }
        assert!(runs >= FATES.len() * 3, "{deed:?} looks, writes and reads back: {runs} runs");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn faults_of_two_calls_leave_one_effect() {
    for deed in DEEDS {
        for (one, two) in
            [(Fate::AnswerLost, Fate::LostOnTheWay), (Fate::DiesAfter, Fate::FailedAfter), (Fate::TimedOutBefore, Fate::DiesAfter)]
        {
            for first in 0..6 {
                for gap in 1..3 {
                    let mut house = deed.ready().await;
                    let calls = std::cell::Cell::new(0_usize);
                    house.wire.plan(move |_| match calls.replace(calls.get() + 1) {
                        place if place == first => one,
                        place if place == first + gap => two,
                        _ => Fate::Answered,
                    });
                    deed.begin(&house).await;
                    rest(&mut house).await;
                    check(&house, deed, &format!("{deed:?}: {one:?} at call {first}, {two:?} {gap} later"));
                    assert_eq!(effects(&house), deed.effects());
                }
            }
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn faults_that_do_not_end_are_parked_or_adopted_and_never_repeated() {
    let is_write: fn(&Sent) -> bool = |sent| sent.method != "GET";
    let is_read: fn(&Sent) -> bool = |sent| sent.method == "GET";
    for deed in DEEDS {
        for fate in FATES.into_iter().filter(|fate| !matches!(fate, Fate::DiesBefore | Fate::DiesAfter)) {
            for (name, strikes) in [("every write", is_write), ("every read", is_read), ("every call", |_: &Sent| true)] {
                let mut house = deed.ready().await;
                house.wire.plan(move |sent| if strikes(sent) { fate } else { Fate::Answered });
                deed.begin(&house).await;
                rest(&mut house).await;
                check(&house, deed, &format!("{deed:?}: {fate:?} at {name}"));
            }
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_line_that_appears_while_the_answer_is_lost_is_the_only_one() {
    let mut house = missing().await;
    let line = the_line(&house).await;
    let product = i32::try_from(line.line.product.catalog.expect("a product").0).expect("an id");
    house.wire.plan(|sent| if sent.method == "POST" { Fate::LostOnTheWay } else { Fate::Answered });
    house.approve(&[line]).await;
    assert!(lives(&house).await);
    assert_eq!(latest(&house).state, IntentState::Unknown);
    house.simulator.world().add_addition(rules::agreement(&house), product, 27.0).expect("an addition");
    house.wire.mend();
    rest(&mut house).await;
    assert_eq!((latest(&house).state, made_and_ended(&house)), (IntentState::Failed, (0, 0)));
    assert_eq!(addition(&house).serial_number, None);
}
