//! Writing on the right day, making what is missing, and taking back what was written.

use crate::rules;

use chrono::{Datelike, Days, NaiveDate};
use contract::month::LineState;
use engine::{Change, IntentState};
use harness::TestInstall;
use rules::{addition, agreement, approve_the_line, cron_on, describe, latest, made_and_ended, missing, the_line, write_by};
use serde_json::{Value, json};

/// The next 15th that is more than a week away, and the day before it.
fn fifteenth(today: NaiveDate) -> (NaiveDate, NaiveDate) {
    let next = (8..60).map(|days| today + Days::new(days)).find(|day| day.day() == 15).expect("every month has one");
    (next, next - Days::new(1))
}

/// A customer that is invoiced on the 15th and whose change waits for the 14th.
async fn waiting() -> (TestInstall, NaiveDate) {
    let install = TestInstall::ready(1).await;
    let (invoice, before) = fifteenth(install.tenant.now().date_naive());
    install.simulator.world().edit_agreement(agreement(&install), |row| row.next_invoice_date = Some(invoice)).expect("the agreement");
    install.sync().await;
    install.clock.advance(3700);
    install.sync().await;
    write_by(&install, json!({ "effective": "before_invoice" })).await;
    let line = the_line(&install).await;
    assert_eq!((line.state, line.line.effective), (LineState::ToApprove, Some(before)), "{:?}", line.guards);
    let answer = approve_the_line(&install).await;
    assert_eq!(answer["accepted"], true, "{answer}");
    (install, before)
}

#[tokio::test(flavor = "current_thread")]
async fn an_agreement_billed_on_the_15th_gets_its_change_on_the_14th() {
    let (install, before) = waiting().await;
    for day in [before - Days::new(4), before - Days::new(1)] {
        cron_on(&install, day, 23).await;
        assert!(install.written().is_empty(), "it waits on {day}");
        let line = the_line(&install).await;
        let intent = latest(&install);
        assert_eq!((line.state, intent.state, intent.effective), (LineState::Committing, IntentState::Planned, Some(before)));
    }
    cron_on(&install, before, 0).await;
    assert_eq!(install.written().len(), 1);
    assert_eq!((addition(&install).quantity, the_line(&install).await.state), (27.0, LineState::Done));
    assert_eq!(install.tenant.now().date_naive(), before);
}

#[tokio::test(flavor = "current_thread")]
async fn a_change_that_waits_is_withdrawn_when_the_line_proposes_another() {
    let (install, before) = waiting().await;
    let world = install.simulator.world();
    world.set_seats(&world.licenses()[0].public_license_key, 29).expect("the licence");
    install.sync().await;
    let line = the_line(&install).await;
    assert_eq!((line.state, line.line.target), (LineState::ToApprove, Some(29.into())));
    let expected = "The line proposes something else by now: look at it, and approve it again. Nothing was written.";
    assert_eq!((latest(&install).state, describe(&latest(&install))), (IntentState::Failed, expected));
    cron_on(&install, before, 1).await;
    assert!(install.written().is_empty(), "neither the old nor the new is written unasked");
    assert_eq!(approve_the_line(&install).await["accepted"], true);
    let written: Vec<f64> = install.written().iter().map(|(_, _, to)| *to).collect();
    assert_eq!(written, [29.0], "its day has come: it is written at once");
}

#[tokio::test(flavor = "current_thread")]
async fn a_change_that_waits_is_withdrawn_when_its_day_moves() {
    let (install, before) = waiting().await;
    let sooner = before - Days::new(3);
    install.simulator.world().edit_agreement(agreement(&install), |row| row.next_invoice_date = Some(sooner)).expect("the agreement");
    rules::pass(&install, 3700);
    install.sync().await;
    let line = the_line(&install).await;
    assert_eq!((line.state, line.line.effective), (LineState::ToApprove, Some(sooner - Days::new(1))));
    assert_eq!(approve_the_line(&install).await["accepted"], true);
    cron_on(&install, before, 1).await;
    assert_eq!(install.written().len(), 1, "once, though it was approved twice");
}

#[tokio::test(flavor = "current_thread")]
async fn a_hold_takes_a_change_back_that_waits() {
    let (install, before) = waiting().await;
    let line = the_line(&install).await;
    let (status, answer) = install.post("/api/lines/hold", &json!({ "lines": [line.line.id], "reason": "they are leaving" })).await;
    assert_eq!((status.as_u16(), &answer["results"][0]["state"]), (200, &json!("held")), "{answer}");
    cron_on(&install, before, 1).await;
    assert!(install.written().is_empty());
    assert_eq!(describe(&latest(&install)), "A person held the line. Nothing was written.");
}

#[tokio::test(flavor = "current_thread")]
async fn a_missing_addition_is_made_once_and_only_by_a_person() {
    let install = missing().await;
    let line = the_line(&install).await;
    let today = install.tenant.now().date_naive();
    let expected = format!(
        "The agreement has no ongoing addition of this product: a new one would be made from {today}, at 3.50 each, \
         not billed to the customer."
    );
    assert_eq!((line.state, line.guards[0].words.as_str()), (LineState::Held, expected.as_str()));
    assert_eq!((line.line.billed, line.change, line.amount), (Some(0.into()), Some(27.into()), domain::money::Money::from_vendor(0.0)));
    let unseen = json!({ "lines": [{ "id": line.line.id, "preview": line.line.preview }] });
    assert_eq!(install.post("/api/lines/approve", &unseen).await.1["results"][0]["code"], "look_alone");

    assert_eq!(approve_the_line(&install).await["accepted"], true);
    let made = addition(&install);
    let intent = latest(&install);
    assert_eq!((made.quantity, made.unit_price, made.bill_customer.as_str()), (27.0, 3.5, "DoNotBill"));
    assert_eq!(made.serial_number, Some(format!("seatbridge:{}", intent.id)));
    assert!(
        made.description.contains("[Seatbridge 20") && made.description.contains("from 0 to 27. ESET: 27 ordered"),
        "{}",
        made.description
    );
    assert_eq!((intent.state, intent.addition.map(|id| id.0)), (IntentState::Done, Some(made.id.into())));
    assert_eq!(the_line(&install).await.state, LineState::Done);
    for _ in 0..3 {
        rules::pass(&install, 3700);
        install.sync().await;
    }
    assert_eq!(made_and_ended(&install), (1, 0));
    assert!(!the_line(&install).await.line.changes());
}

#[tokio::test(flavor = "current_thread")]
async fn a_missing_addition_somebody_adds_meanwhile_is_not_made_a_second_time() {
    let install = missing().await;
    let line = the_line(&install).await;
    let product = i32::try_from(line.line.product.catalog.expect("a product").0).expect("an id");
    install.simulator.world().add_addition(agreement(&install), product, 3.0).expect("an addition");
    install.approve(&[line]).await;
    install.settle().await;
    assert_eq!(latest(&install).state, IntentState::Failed);
    assert_eq!(made_and_ended(&install), (0, 0));
}

async fn reverse(install: &TestInstall, id: &str, reason: &str) -> (u16, Value) {
    let (status, answer) = install.post(&format!("/api/intents/{id}/reverse"), &json!({ "reason": reason })).await;
    install.settle().await;
    (status.as_u16(), answer)
}

#[tokio::test(flavor = "current_thread")]
async fn a_written_quantity_is_taken_back_and_not_written_again_by_itself() {
    let install = TestInstall::ready(1).await;
    approve_the_line(&install).await;
    let first = latest(&install);
    assert!(addition(&install).description.contains("from 25 to 27. ESET: 27 ordered"), "{}", addition(&install).description);
    rules::pass(&install, 5);
    let (status, answer) = reverse(&install, first.id.as_str(), "wrong customer").await;
    assert_eq!((status, &answer["intent"]["reverses"]), (200, &json!(first.id)), "{answer}");
    assert_eq!(addition(&install).quantity, 25.0);
    assert!(addition(&install).description.ends_with("from 27 to 25. taken back by a person]"), "{}", addition(&install).description);
    let intents = install.intents();
    assert_eq!(intents.len(), 2);
    let (original, reversal) = (intents.iter().find(|intent| intent.id == first.id), intents.iter().find(|intent| intent.id != first.id));
    let (original, reversal) = (original.expect("the first"), reversal.expect("its reversal"));
    assert_eq!((&original.reversed_by, &reversal.reverses), (&Some(reversal.id.clone()), &Some(first.id.clone())));
    assert_eq!((reversal.state, reversal.effect.clone()), (IntentState::Done, Change::Set));

    let line = the_line(&install).await;
    assert_eq!((line.state, line.guards[0].words.as_str()), (LineState::Held, "Our last change was taken back: wrong customer"));
    let (status, answer) = reverse(&install, first.id.as_str(), "again").await;
    assert_eq!((status, &answer["code"]), (409, &json!("already_reversed")));
    let (status, answer) = reverse(&install, reversal.id.as_str(), "back and forth").await;
    assert_eq!((status, &answer["code"]), (409, &json!("is_reversal")));

    let page: Value = install.get("/api/companies?state=mapped").await;
    let (company, mapping) = (&page["items"][0], &page["items"][0]["mapping"]);
    let decision = json!({ "decision": "map", "psa": mapping["psa"], "agreement": mapping["agreement"], "automatic": true });
    let change = json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": decision }] });
    assert_eq!(install.call("PUT", "/api/mappings/companies", Some(&change)).await.0, 200);
    for _ in 0..3 {
        rules::pass(&install, 3700);
        install.cron().await;
    }
    assert_eq!(install.written().len(), 2, "the automatic pass leaves it alone");
    let history: Value = install.get("/api/history?q=wrong%20customer").await;
    assert_eq!(history["items"][0]["event"], "change_reversed", "{history}");

    assert_eq!(approve_the_line(&install).await["accepted"], true, "a person may write it again");
    assert_eq!((install.written().len(), addition(&install).quantity), (3, 27.0));
}

#[tokio::test(flavor = "current_thread")]
async fn what_somebody_changed_since_is_not_taken_back() {
    let install = TestInstall::ready(1).await;
    approve_the_line(&install).await;
    let first = latest(&install);
    install.simulator.world().edit_addition(addition(&install).id, 30.0).expect("the addition");
    rules::pass(&install, 5);
    let (status, _) = reverse(&install, first.id.as_str(), "wrong customer").await;
    assert_eq!(status, 200);
    let reversal = install.intents().into_iter().find(|intent| intent.reverses.is_some()).expect("a reversal");
    assert_eq!((reversal.state, describe(&reversal)), (IntentState::Failed, "It is 30 now, 27 was written. Nothing was written."));
    assert_eq!((addition(&install).quantity, install.written().len()), (30.0, 1));

    install.simulator.world().edit_addition(addition(&install).id, 27.0).expect("the addition");
    let (status, answer) = reverse(&install, first.id.as_str(), "wrong customer").await;
    assert_eq!(status, 200, "once the difference is gone it can be tried again: {answer}");
    assert_eq!(addition(&install).quantity, 25.0);
}

#[tokio::test(flavor = "current_thread")]
async fn an_addition_that_was_made_is_ended_by_its_reversal() {
    let install = missing().await;
    approve_the_line(&install).await;
    let first = latest(&install);
    rules::pass(&install, 5);
    let (status, answer) = reverse(&install, first.id.as_str(), "not sold yet").await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(made_and_ended(&install), (1, 1));
    assert_eq!(addition(&install).cancelled_date.map(|moment| moment.date_naive()), Some(install.tenant.now().date_naive()));
    let line = the_line(&install).await;
    let codes: Vec<&str> = line.guards.iter().map(|guard| guard.code.as_str()).collect();
    assert_eq!((line.state, codes), (LineState::Held, vec!["new_addition", "reversed"]));
    assert_eq!(approve_the_line(&install).await["accepted"], true);
    assert_eq!(made_and_ended(&install), (2, 1), "made anew only because a person said so");
}

#[tokio::test(flavor = "current_thread")]
async fn only_what_was_written_can_be_taken_back() {
    let install = TestInstall::ready(1).await;
    install.approve(&[the_line(&install).await]).await;
    let intent = latest(&install);
    let (status, answer) = install.post(&format!("/api/intents/{}/reverse", intent.id), &json!({ "reason": "too soon" })).await;
    assert_eq!((status.as_u16(), &answer["code"], &answer["detail"]), (409, &json!("not_done"), &json!("It is planned.")));
    let (status, answer) = install.post(&format!("/api/intents/{}/reverse", intent.id), &json!({ "reason": " " })).await;
    assert_eq!((status.as_u16(), &answer["field"]), (422, &json!("reason")), "{answer}");
    let (status, _) = install.post("/api/intents/nothing/reverse", &json!({ "reason": "gone" })).await;
    assert_eq!(status, 404);
}
