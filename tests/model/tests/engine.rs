//! Every state of the engine. What people do and how long runs hang is bounded; troubles and time are not.

use model_tests::billing::{self, Kind};
use model_tests::moves::Exploration;
use model_tests::report::explore;
use model_tests::tickets;
use model_tests::world::{Left, Side};

fn holds<S: Side>(name: &str, exploration: Exploration<S>) {
    let found = explore(name, exploration);
    let told: Vec<String> = found.broken.iter().map(|(promise, way)| format!("broken: {promise}:\n{way}")).collect();
    assert!(told.is_empty(), "\n{}\n", told.join("\n\n"));
}

/// One thing that a person or another install does, and a run that hangs for five minutes.
const BILLS: Left = Left { people: 1, hanging: 1 };
/// The same, with a second alarm in the same five minutes only.
const TICKETS: Left = Left { people: 1, hanging: 0 };

#[test]
fn a_quantity_is_set_once() {
    holds("set a quantity", billing::exploration(Kind::Set, BILLS));
}

#[test]
fn an_addition_is_made_once() {
    holds("create an addition", billing::exploration(Kind::Create, BILLS));
}

#[test]
fn an_addition_is_ended_once() {
    holds("end an addition", billing::exploration(Kind::End, BILLS));
}

#[test]
fn a_ticket_lives_once() {
    holds("a ticket's life", tickets::exploration(1, TICKETS));
}
