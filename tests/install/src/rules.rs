//! An install of one customer, with its product written by a rule of the test's choosing.
#![allow(dead_code, reason = "each test binary uses its part")]

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use contract::month::LineView;
use engine::Intent;
use serde_json::{Value, json};

use harness::TestInstall;

/// Writes the one product by `rule` from now on, and plans anew.
pub(crate) async fn write_by(install: &TestInstall, rule: Value) {
    let products: Vec<Value> = install.get("/api/products").await;
    let product = &products[0];
    let decision = json!({ "decision": "map", "product": product["mapping"]["product"], "rule": { "write": rule } });
    let change = json!({ "changes": [{ "psa": product["psa"], "code": product["code"], "decision": decision }] });
    let (status, answer) = install.call("PUT", "/api/mappings/products", Some(&change)).await;
    assert_eq!(status, 200, "{answer}");
    install.settle().await;
}

/// The one line.
pub(crate) async fn the_line(install: &TestInstall) -> LineView {
    let lines = install.lines("all").await;
    assert_eq!(lines.len(), 1, "{lines:#?}");
    lines.into_iter().next().expect("a line")
}

/// Approves the one line, with what holds it seen, and lets it be written.
pub(crate) async fn approve_the_line(install: &TestInstall) -> Value {
    let answer = install.approve(&[the_line(install).await]).await;
    install.settle().await;
    answer["results"][0].clone()
}

/// The one line's agreement.
pub(crate) fn agreement(install: &TestInstall) -> i32 {
    install.simulator.world().agreements()[0].id
}

/// The addition of the seats.
pub(crate) fn addition(install: &TestInstall) -> simulator::Addition {
    install.simulator.world().additions().into_iter().next_back().expect("an addition")
}

/// Lets `seconds` pass, here and at the vendors.
pub(crate) fn pass(install: &TestInstall, seconds: i64) {
    install.clock.advance(seconds);
    install.simulator.world().advance(seconds);
}

/// Lets time pass until `hours` after midnight of `day`, and lets the cron call then.
pub(crate) async fn cron_on(install: &TestInstall, day: NaiveDate, hours: i64) {
    let moment = day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(hours);
    pass(install, (moment - install.tenant.now()).num_seconds() + 1);
    install.cron().await;
}

/// What became of the latest change.
pub(crate) fn describe(intent: &Intent) -> &str {
    intent.outcome.as_ref().map(|outcome| outcome.words.as_str()).unwrap_or_default()
}

/// The change approved last.
pub(crate) fn latest(install: &TestInstall) -> Intent {
    install.intents().into_iter().next().expect("a change")
}

/// Creations and ends of additions that came by the API.
pub(crate) fn made_and_ended(install: &TestInstall) -> (usize, usize) {
    use simulator::{Actor, Effect};
    let effects: Vec<Effect> = install.simulator.world().journal().into_iter().filter_map(|entry| entry.effect).collect();
    let made = effects.iter().filter(|effect| matches!(effect, Effect::AdditionCreated { by: Actor::Api, .. })).count();
    let ended = effects.iter().filter(|effect| {
        matches!(effect, Effect::AdditionChanged { by: Actor::Api, fields, .. } if fields.iter().any(|field| field == "cancelledDate"))
    });
    (made, ended.count())
}

/// A customer whose agreement has no addition of the product it has ordered.
pub(crate) async fn missing() -> TestInstall {
    missing_in(TestInstall::ready(1).await).await
}

/// The same in an install that is ready.
pub(crate) async fn missing_in(install: TestInstall) -> TestInstall {
    let world = install.simulator.world();
    world.edit_agreement(agreement(&install), |row| row.prorate_flag = true).expect("the agreement");
    world.delete_addition(addition(&install).id).expect("the addition");
    install.clock.advance(3700);
    install.sync().await;
    assert_eq!(the_line(&install).await.guards[0].code, "no_ongoing_addition", "none is made unless a person says so");
    write_by(&install, json!({ "create": { "unit_price": "3.5", "bill": "do_not_bill" } })).await;
    install
}
