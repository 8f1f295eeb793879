//! Once, for what is more than a quantity: whatever breaks while an addition is made, or a change is taken back, there is at
//! most one addition for an intent, and each effect is had once. The simulator's journal is the oracle.

use crate::crash;
use crate::rules;

use crash::{FATES, at, endures, lives, rest, survives};
use engine::IntentState;
use harness::TestInstall;
use harness::wire::{Fate, Sent};
use rules::{addition, approve_the_line, latest, made_and_ended, missing, the_line};
use serde_json::json;

/// What is done while calls break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TicketAction {
    /// A missing addition is made.
    Create,
    /// An addition that was made is taken back.
    EndWhatWasMade,
    /// A quantity that was written is taken back.
    Restore,
}

const WRITE_KINDS: [TicketAction; 3] = [TicketAction::Create, TicketAction::EndWhatWasMade, TicketAction::Restore];

impl TicketAction {
    /// An install that is about to do it.
    async fn ready(self) -> TestInstall {
        let install = if self == Self::Restore { TestInstall::ready(1).await } else { missing().await };
        if self != Self::Create {
            approve_the_line(&install).await;
            rules::pass(&install, 5);
        }
        install.wire.clear();
        install
    }

    async fn begin(self, install: &TestInstall) {
        if self == Self::Create {
            install.approve(&[the_line(install).await]).await;
        } else {
            let path = format!("/api/intents/{}/reverse", latest(install).id);
            let (status, answer) = install.post(&path, &json!({ "reason": "a test" })).await;
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

fn effects(install: &TestInstall) -> (usize, usize, usize) {
    let (made, ended) = made_and_ended(install);
    (made, ended, install.written().len())
}

/// At most one addition carries the mark of one intent, and nothing is left half done.
fn check(install: &TestInstall, kind: TicketAction, what: &str) {
    assert!(install.open_intents().is_empty(), "{what}: {:?}", install.open_intents());
    let (had, most) = (effects(install), kind.effects());
    assert!(had.0 <= most.0 && had.1 <= most.1 && had.2 <= most.2, "{what}: {had:?}, where {most:?} is all there may be");
    let additions = install.simulator.world().additions();
    for intent in install.intents() {
        let marked = additions.iter().filter(|addition| addition.serial_number == Some(intent.marker())).count();
        assert!(marked <= 1, "{what}: {marked} additions of one intent");
        assert!(!rules::describe(&intent).is_empty(), "{what}: over without a word");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn faults_at_any_call_leave_one_effect() {
    for kind in WRITE_KINDS {
        let mut runs = 0;
        for fate in FATES {
            for place in 0.. {
                let mut install = kind.ready().await;
                let struck = at(&install, place, fate);
                kind.begin(&install).await;
                survives(&mut install).await;
                let what = format!("{kind:?}: {fate:?} at call {place}");
                check(&install, kind, &what);
                assert_eq!(effects(&install), kind.effects(), "{what}: {:?}", install.intents());
                assert!(install.intents().iter().all(|intent| intent.state == IntentState::Done), "{what}: {:?}", install.intents());
                if !struck.get() {
                    break;
                }
                runs += 1;
            }
        }
        assert!(runs >= FATES.len() * 3, "{kind:?} looks, writes and reads back: {runs} runs");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn faults_of_two_calls_leave_one_effect() {
    for kind in WRITE_KINDS {
        for (one, two) in
            [(Fate::AnswerLost, Fate::LostOnTheWay), (Fate::DiesAfter, Fate::FailedAfter), (Fate::TimedOutBefore, Fate::DiesAfter)]
        {
            for first in 0..6 {
                for gap in 1..3 {
                    let mut install = kind.ready().await;
                    let calls = std::cell::Cell::new(0_usize);
                    install.wire.plan(move |_| match calls.replace(calls.get() + 1) {
                        place if place == first => one,
                        place if place == first + gap => two,
                        _ => Fate::Answered,
                    });
                    kind.begin(&install).await;
                    rest(&mut install).await;
                    check(&install, kind, &format!("{kind:?}: {one:?} at call {first}, {two:?} {gap} later"));
                    assert_eq!(effects(&install), kind.effects());
                }
            }
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn faults_of_a_night_cost_nothing_but_time_and_nothing_is_repeated() {
    let is_write: fn(&Sent) -> bool = |sent| sent.method != "GET";
    let is_read: fn(&Sent) -> bool = |sent| sent.method == "GET";
    for kind in WRITE_KINDS {
        for fate in FATES.into_iter().filter(|fate| !matches!(fate, Fate::DiesBefore | Fate::DiesAfter)) {
            for (name, strikes) in [("every write", is_write), ("every read", is_read), ("every call", |_: &Sent| true)] {
                let mut install = kind.ready().await;
                install.wire.plan(move |sent| if strikes(sent) { fate } else { Fate::Answered });
                kind.begin(&install).await;
                endures(&mut install).await;
                check(&install, kind, &format!("{kind:?}: {fate:?} at {name}"));
                assert_eq!(effects(&install), kind.effects(), "{kind:?}: {fate:?} at {name}: {:?}", install.intents());
            }
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_line_that_appears_while_the_answer_is_lost_is_the_only_one() {
    let mut install = missing().await;
    let line = the_line(&install).await;
    let product = i32::try_from(line.line.product.catalog.expect("a product").0).expect("an id");
    install.wire.plan(|sent| if sent.method == "POST" { Fate::LostOnTheWay } else { Fate::Answered });
    install.approve(&[line]).await;
    assert!(lives(&install).await);
    assert_eq!(latest(&install).state, IntentState::Unknown);
    install.simulator.world().add_addition(rules::agreement(&install), product, 27.0).expect("an addition");
    install.wire.mend();
    rest(&mut install).await;
    assert_eq!((latest(&install).state, made_and_ended(&install)), (IntentState::Failed, (0, 0)));
    assert_eq!(addition(&install).serial_number, None);
}
