//! The sweep, in every test run: every trouble at every call, and every pair of them on the smallest commit.

use faults::restored;
use faults::run::World;
use faults::sweep::{Scene, Swept, Until, divided, one_at_a_time, pairs, under_slow_kv};

const THREADS: usize = 2;

/// Says what was broken, and by what.
fn check(swept: &Swept, least: usize) {
    let told: Vec<String> = swept
        .found
        .iter()
        .take(5)
        .map(|found| format!("{}{}", found.script, found.violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
        .collect();
    assert!(told.is_empty(), "{} of {} runs:\n{}", swept.found.len(), swept.runs, told.join("\n\n"));
    assert!(swept.runs >= least && swept.struck >= least, "only {} runs, {} troubles", swept.runs, swept.struck);
    assert!(swept.changes > 0, "nothing was ever written");
    println!("runs={} faults={} changes={}", swept.runs, swept.struck, swept.changes);
}

#[test]
fn faults_at_every_call_of_a_commit_double_lose_and_leave_nothing() {
    check(&divided(THREADS, async |part| one_at_a_time(World::SMALLEST, Scene::Commit, Until::TheEnd, part).await), 100);
}

#[test]
fn faults_at_every_call_of_a_commit_whose_reads_lag_double_lose_and_leave_nothing() {
    check(&divided(THREADS, async |part| one_at_a_time(World::LAGGING, Scene::Commit, Until::TheEnd, part).await), 100);
}

#[test]
fn faults_at_every_call_of_a_month_that_bills_itself_double_lose_and_leave_nothing() {
    check(&divided(THREADS, async |part| one_at_a_time(World::SMALLEST, Scene::Month, Until::TheEnd, part).await), 250);
}

#[test]
fn faults_in_pairs_at_the_calls_of_one_change_double_lose_and_leave_nothing() {
    check(&divided(THREADS, async |part| pairs(World::SMALLEST, 3, Until::TheEnd, part).await), 2_000);
}

#[test]
fn faults_of_a_ledger_that_is_taken_back_in_the_middle_of_a_commit_double_nothing() {
    for world in restored::WORLDS {
        // Dated additions take many calls: every fifth pair of theirs.
        let every = if world.dated { 5 } else { 1 };
        check(&divided(THREADS, async |(part, of)| restored::every_pair(world, Until::TheEnd, (part * every, of * every)).await), 10);
    }
}

#[test]
fn faults_of_a_kv_that_shows_the_past_let_a_month_write_nothing_of_the_past() {
    check(&divided(THREADS, async |part| under_slow_kv(World::SMALLEST, Until::TheEnd, part).await), 100);
}

#[test]
fn faults_at_every_call_of_three_changes_under_the_smallest_budget_are_carried_over_many_alarms() {
    let world = World { seed: 1, companies: 3, budget: 8, ..World::SMALLEST };
    check(&divided(THREADS, async |part| one_at_a_time(world, Scene::Commit, Until::TheEnd, part).await), 100);
}
