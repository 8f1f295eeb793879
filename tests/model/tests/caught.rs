//! The model can fail: an engine with other times breaks its promises, and the way there is told.

use chrono::TimeDelta;
use engine::Settings;
use model_tests::billing::{self, Kind};
use model_tests::report::{Found, explore};
use model_tests::world::Left;

/// What is found of an addition that is made by an engine with other times.
fn found(name: &str, change: impl FnOnce(Settings) -> Settings) -> Found {
    explore(name, billing::exploration(Kind::Create, Left { people: 0, hanging: 0 }).with(change))
}

fn way<'a>(found: &'a Found, promise: &str) -> &'a str {
    found.broken.iter().find(|(broken, _)| *broken == promise).map(|(_, way)| way.as_str()).expect("it is broken")
}

#[test]
fn an_engine_that_does_not_wait_for_the_lag_sends_blindly() {
    let found = found("without the wait for a lag", |settings| Settings { read_lag: TimeDelta::zero(), ..settings });
    let way = way(&found, "what was lost is not sent again blindly");
    let told = ["POST of an addition with 27", "five minutes pass", "the read shows no addition; the engine sends the POST"];
    assert!(told.iter().all(|line| way.contains(line)), "{way}");
    assert!(way.lines().all(|line| line.trim_start().starts_with(|sign: char| sign.is_ascii_digit())), "a line for each: {way}");
}

#[test]
fn an_engine_that_looks_once_sends_blindly() {
    let found = found("with one look", |settings| Settings { quiet_reads: 1, ..settings });
    assert!(way(&found, "what was lost is not sent again blindly").contains("five minutes pass"), "{found:?}");
}

#[test]
fn the_way_that_is_told_is_the_shortest() {
    let found = found("without patience", |settings| Settings { patience: TimeDelta::zero(), ..settings });
    assert!(found.broken.is_empty(), "giving up at once breaks no promise: {found:?}");
    let hurried = self::found("hurried", |settings| Settings { read_lag: TimeDelta::zero(), quiet_reads: 1, ..settings });
    // It is sent, lost, looked for, looked for again and sent again: nothing less does it.
    assert_eq!(way(&hurried, "what was lost is not sent again blindly").lines().count(), 8, "{hurried:?}");
}
