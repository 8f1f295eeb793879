//! What a person reads when ConnectWise does not do what was approved: word for word.

use crate::rules;

use chrono::Days;
use contract::month::{LineState, LineView};
use engine::IntentState;
use harness::TestInstall;
use rules::{addition, agreement, approve_the_line, describe, latest, made_and_ended, missing, the_line, write_by};
use serde_json::json;
use simulator::{Action, Fault, FaultKind, Level, Vendor};

fn guard(line: &LineView) -> (&str, &str, bool) {
    let guard = line.guards.first().expect("a guard");
    (&guard.words, &guard.remedy, guard.blocks)
}

/// Approves the one line, and expects it to fail with these words and without an effect.
async fn fails(install: &TestInstall, expected: &str) {
    assert_eq!(approve_the_line(install).await["accepted"], true);
    let intent = latest(install);
    assert_eq!((describe(&intent), intent.state), (expected, IntentState::Failed));
    assert_eq!((install.written().len(), made_and_ended(install)), (0, (0, 0)));
    assert_eq!(the_line(install).await.state, LineState::Failed);
}

#[tokio::test(flavor = "current_thread")]
async fn proration_off_and_the_period_invoiced() {
    let install = missing().await;
    install.simulator.world().edit_agreement(agreement(&install), |row| row.prorate_flag = false).expect("the agreement");
    let expected = "ConnectWise refused it: It refused with status 400: addition object is invalid: Since this period has already \
                    been invoiced there will not be an invoice generated for additional products for this period. Please prorate \
                    the agreement or update the start date to on or after the Next Invoice Date. (field effectiveDate) That day is \
                    in a period that was invoiced and the agreement does not prorate, so nothing was written and the units are on \
                    no invoice. Let the change begin on or after the next invoice date, or turn on Prorate Agreement in \
                    ConnectWise; then approve the line again.";
    fails(&install, expected).await;
}

#[tokio::test(flavor = "current_thread")]
async fn proration_off_and_read_so_begins_with_the_next_invoice() {
    let install = missing().await;
    let world = install.simulator.world();
    world.edit_agreement(agreement(&install), |row| row.prorate_flag = false).expect("the agreement");
    rules::pass(&install, 3700);
    install.sync().await;
    let next = world.agreements()[0].next_invoice_date;
    assert_eq!(the_line(&install).await.line.effective, next);
    assert_eq!(approve_the_line(&install).await["accepted"], true);
    assert_eq!((latest(&install).state, addition(&install).effective_date.map(|moment| moment.date_naive())), (IntentState::Done, next));
}

#[tokio::test(flavor = "current_thread")]
async fn billing_not_started() {
    let install = missing().await;
    install
        .simulator
        .world()
        .edit_agreement(agreement(&install), |row| row.bill_start_date = row.bill_start_date + Days::new(4000))
        .expect("the agreement");
    let expected = "ConnectWise refused it: It refused with status 400: addition object is invalid: effectiveDate cannot be less \
                    than the agreement billing start date (field effectiveDate) The agreement does not bill yet on that day, so \
                    nothing was written and the units are on no invoice. Choose a later effective date, or correct the \
                    agreement's Billing Start Date in ConnectWise; then approve the line again.";
    fails(&install, expected).await;
}

#[tokio::test(flavor = "current_thread")]
async fn agreement_not_yet_invoiced() {
    let install = TestInstall::ready(1).await;
    install.simulator.world().edit_agreement(agreement(&install), |row| row.next_invoice_date = None).expect("the agreement");
    rules::pass(&install, 3700);
    install.sync().await;
    write_by(&install, json!({ "effective": "before_invoice" })).await;
    let line = the_line(&install).await;
    let expected = "The agreement names no next invoice date, so the day before it is not known.";
    let remedy = "Set the agreement's billing cycle and dates in ConnectWise, or choose another effective date.";
    assert_eq!((guard(&line), line.state), ((expected, remedy, true), LineState::Held));
}

#[tokio::test(flavor = "current_thread")]
async fn proration_off() {
    let install = TestInstall::ready(1).await;
    write_by(&install, json!({ "strategy": "dated" })).await;
    let line = the_line(&install).await;
    let expected = "This line is to be written as dated additions, and the agreement does not prorate.";
    let remedy = "Switch proration on for the agreement in ConnectWise, or have the product's quantity set.";
    assert_eq!((guard(&line), line.state), ((expected, remedy, true), LineState::Held));
}

#[tokio::test(flavor = "current_thread")]
async fn quantity_could_not_be_adjusted() {
    let install = TestInstall::ready(1).await;
    let body = json!({ "code": "InvalidObject", "message": "addition object is invalid", "errors": [
        { "code": "InvalidField", "message": "The quantity of this addition cannot be changed.", "resource": "addition", "field": "quantity" }] });
    let refusal = FaultKind::Status { code: 400, body: Some(body.to_string()), retry_after: None };
    install.simulator.world().inject(Fault::new(Vendor::ConnectWise, refusal).on("PATCH", "/additions/"));
    let expected = "ConnectWise refused it: It refused with status 400: addition object is invalid: The quantity of this addition \
                    cannot be changed. (field quantity)";
    fails(&install, expected).await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_description_that_is_not_taken_does_not_stop_the_quantity() {
    let install = TestInstall::ready(1).await;
    let body = json!({ "code": "InvalidObject", "message": "addition object is invalid", "errors": [
        { "code": "InvalidField", "message": "description is read only.", "resource": "addition", "field": "description" }] });
    let refusal = FaultKind::Status { code: 400, body: Some(body.to_string()), retry_after: None };
    install.simulator.world().inject(Fault::new(Vendor::ConnectWise, refusal).on("PATCH", "/additions/").times(1));
    assert_eq!(approve_the_line(&install).await["accepted"], true);
    assert_eq!((latest(&install).state, addition(&install).quantity), (IntentState::Done, 27.0));
    assert!(!addition(&install).description.contains("Seatbridge"));
}

#[tokio::test(flavor = "current_thread")]
async fn quantity_mismatch_after_the_write() {
    let install = TestInstall::ready(1).await;
    let nothing = FaultKind::Status { code: 200, body: Some("{}".to_owned()), retry_after: None };
    install.simulator.world().inject(Fault::new(Vendor::ConnectWise, nothing).on("PATCH", "/additions/"));
    approve_the_line(&install).await;
    let intent = latest(&install);
    let expected = "ConnectWise accepted 27 but the addition reads 25.";
    assert_eq!((describe(&intent), intent.state), (expected, IntentState::Parked));
    assert_eq!(the_line(&install).await.state, LineState::Parked);
}

#[tokio::test(flavor = "current_thread")]
async fn permission_missing() {
    const ADVICE: &str = "Nothing was written, and nothing is billed differently. In ConnectWise, give the API member's security role \
                          Finance > Agreements Add, Edit and Inquire at level All; then try again.";
    const SAID: &str = "You do not have security permission to perform this action.";
    let install = TestInstall::ready(1).await;
    install.simulator.world().set_action_level("Agreements", Action::Edit, Level::None).expect("a permission");
    let (id, parent) = (addition(&install).id, agreement(&install));
    let what = format!("addition {id} of agreement {parent}");
    fails(&install, &format!("ConnectWise refused it: The credentials may not use {what}: {SAID} {ADVICE}")).await;

    let install = missing().await;
    install.simulator.world().set_action_level("Agreements", Action::Add, Level::None).expect("a permission");
    let what = format!("agreement {}", agreement(&install));
    fails(&install, &format!("ConnectWise refused it: The credentials may not use {what}: {SAID} {ADVICE}")).await;
}
