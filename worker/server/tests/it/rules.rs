//! An install of one customer, with its product written by a rule of the test's choosing.
#![allow(dead_code, reason = "each test binary uses its part")]

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use contract::month::LineView;
use engine::Intent;
use serde_json::{Value, json};

use harness::House;

/// Writes the one product by `rule` from now on, and plans anew.
pub(crate) async fn write_by(house: &House, rule: Value) {
    let products: Vec<Value> = house.get("/api/products").await;
    let product = &products[0];
    let decision = json!({ "decision": "map", "product": product["mapping"]["product"], "rule": { "write": rule } });
    let change = json!({ "changes": [{ "psa": product["psa"], "code": product["code"], "decision": decision }] });
    let (status, answer) = house.call("PUT", "/api/mappings/products", Some(&change)).await;
    assert_eq!(status, 200, "{answer}");
    house.settle().await;
}

/// The one line.
pub(crate) async fn the_line(house: &House) -> LineView {
    let lines = house.lines("all").await;
    assert_eq!(lines.len(), 1, "{lines:#?}");
    lines.into_iter().next().expect("a line")
}

/// Approves the one line, with what holds it seen, and lets it be written.
pub(crate) async fn approve_the_line(house: &House) -> Value {
    let answer = house.approve(&[the_line(house).await]).await;
    house.settle().await;
    answer["results"][0].clone()
}

/// The one line's agreement.
pub(crate) fn agreement(house: &House) -> i32 {
    house.simulator.world().agreements()[0].id
}

/// The addition of the seats.
pub(crate) fn addition(house: &House) -> simulator::Addition {
    house.simulator.world().additions().into_iter().next_back().expect("an addition")
}

/// Lets `seconds` pass, here and at the vendors.
pub(crate) fn pass(house: &House, seconds: i64) {
    house.clock.advance(seconds);
    house.simulator.world().advance(seconds);
}

/// Lets time pass until `hours` after midnight of `day`, and lets the cron call then.
pub(crate) async fn cron_on(house: &House, day: NaiveDate, hours: i64) {
    let moment = day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(hours);
    pass(house, (moment - house.tenant.now()).num_seconds() + 1);
    house.cron().await;
}

/// What became of the latest change.
pub(crate) fn words(intent: &Intent) -> &str {
    intent.outcome.as_ref().map(|outcome| outcome.words.as_str()).unwrap_or_default()
}

/// The change approved last.
pub(crate) fn latest(house: &House) -> Intent {
    house.intents().into_iter().next().expect("a change")
}

/// Creations and ends of additions that came by the API.
pub(crate) fn made_and_ended(house: &House) -> (usize, usize) {
    use simulator::{Actor, Effect};
    let effects: Vec<Effect> = house.simulator.world().journal().into_iter().filter_map(|entry| entry.effect).collect();
    let made = effects.iter().filter(|effect| matches!(effect, Effect::AdditionCreated { by: Actor::Api, .. })).count();
    let ended = effects.iter().filter(|effect| {
        matches!(effect, Effect::AdditionChanged { by: Actor::Api, fields, .. } if fields.iter().any(|field| field == "cancelledDate"))
    });
    (made, ended.count())
}

/// A customer whose agreement has no addition of the product it has ordered.
pub(crate) async fn missing() -> House {
    let house = House::ready(1).await;
    let world = house.simulator.world();
    world.edit_agreement(agreement(&house), |row| row.prorate_flag = true).expect("the agreement");
    world.delete_addition(addition(&house).id).expect("the addition");
    house.clock.advance(3700);
    house.sync().await;
    assert_eq!(the_line(&house).await.guards[0].code, "no_ongoing_addition", "none is made unless a person says so");
    write_by(&house, json!({ "create": { "unit_price": "3.5", "bill": "do_not_bill" } })).await;
    house
}
