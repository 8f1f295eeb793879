//! Tickets, in every test run: troubles at the calls of a ticket's life, a ledger that has forgotten it, and worlds as they come.

use faults::random::lived;
use faults::sweep::{Swept, Until, divided, still};
use faults::tickets::{World, case, forgotten, one_at_a_time};

const THREADS: usize = 2;

/// Of so many cases of the sweep one is lived through here; `faults sweep` takes all of them. It shares no divisor with the
/// number of modes, so that each mode and each call have their turn.
const ONE_IN: usize = 7;

fn check(swept: &Swept) {
    let told: Vec<String> = swept
        .found
        .iter()
        .take(5)
        .map(|found| format!("{}{}", found.script, found.violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
        .collect();
    assert!(told.is_empty(), "{} of {} runs:\n{}", swept.found.len(), swept.runs, told.join("\n\n"));
    assert!(swept.runs >= 250 && swept.struck >= 250, "only {} runs, {} troubles", swept.runs, swept.struck);
    assert!(swept.changes >= 250, "hardly a ticket was opened: {}", swept.changes);
}

#[test]
fn faults_at_the_calls_of_a_tickets_life_double_lose_and_close_nothing_while_lists_lag() {
    let world = World { lag: 240, ..World::SMALLEST };
    check(&divided(THREADS, async |(part, of)| one_at_a_time(world, Until::TheEnd, (part, of * ONE_IN)).await));
}

#[test]
fn faults_at_the_calls_of_a_tickets_life_with_a_configuration_make_one_of_each() {
    let world = World { attaches: true, ..World::SMALLEST };
    check(&divided(THREADS, async |(part, of)| one_at_a_time(world, Until::TheEnd, (part, of * ONE_IN)).await));
}

#[test]
fn a_ticket_that_the_ledger_has_forgotten_is_not_opened_again() {
    assert_eq!(still().block_on(forgotten()), []);
}

#[test]
fn the_first_seeds_of_tickets_break_nothing_and_open_tickets() {
    let mut tickets = 0;
    for seed in 1..=10 {
        let lived = lived(&case(seed));
        let told: Vec<String> = lived.violations.iter().map(ToString::to_string).collect();
        assert!(told.is_empty(), "seed {seed}: {}", told.join("; "));
        tickets += lived.tickets;
    }
    assert!(tickets > 50, "{tickets}");
}

#[test]
fn one_seed_of_tickets_is_one_run() {
    for seed in 1..4 {
        let (first, second) = (lived(&case(seed)), lived(&case(seed)));
        assert_eq!((first.struck, first.tickets), (second.struck, second.tickets), "{seed}");
    }
}
