//! Dated additions from the rule to the vendor: one more for what comes, an end for what goes, once each whatever breaks.

use crate::crash;
use crate::rules;

use contract::month::LineState;
use crash::{FATES, at, survives};
use engine::{Change, IntentState};
use harness::TestInstall;
use rules::{addition, agreement, approve_the_line, describe, latest, made_and_ended, the_line, write_by};
use serde_json::json;

/// A customer of an agreement that prorates, with 25 billed, 27 ordered, and dated additions.
async fn dated() -> TestInstall {
    let install = TestInstall::ready(1).await;
    install.simulator.world().edit_agreement(agreement(&install), |row| row.prorate_flag = true).expect("the agreement");
    write_by(&install, json!({ "strategy": "dated" })).await;
    order(&install, 27).await;
    install
}

/// So many seats from now on, and everything read anew.
async fn order(install: &TestInstall, seats: i64) {
    let world = install.simulator.world();
    world.set_seats(&world.licenses()[0].public_license_key, seats).expect("the licence");
    rules::pass(install, 3_700);
    install.sync().await;
    install.settle().await;
}

/// Units of the additions that have no end.
fn billing(install: &TestInstall) -> Vec<f64> {
    let additions = install.simulator.world().additions();
    additions.into_iter().filter(|addition| addition.cancelled_date.is_none()).map(|addition| addition.quantity).collect()
}

#[tokio::test(flavor = "current_thread")]
async fn what_comes_and_goes_again_is_two_dates_on_an_addition_of_its_own() {
    let install = dated().await;
    let line = the_line(&install).await;
    assert_eq!((line.state, line.line.billed, line.change), (LineState::ToApprove, Some(25.into()), Some(2.into())), "{:?}", line.guards);
    assert_eq!(approve_the_line(&install).await["accepted"], true);
    assert_eq!((latest(&install).state, describe(&latest(&install))), (IntentState::Done, "Written and read back."));
    let (made, before) = (addition(&install), install.simulator.world().additions().remove(0));
    assert_eq!(billing(&install), [25.0, 2.0]);
    assert_eq!((made.unit_price, &made.bill_customer), (before.unit_price, &before.bill_customer));
    let line = the_line(&install).await;
    assert_eq!((line.state, line.line.billed), (LineState::Done, Some(27.into())), "{:?}", line.line.guards);

    order(&install, 25).await;
    let line = the_line(&install).await;
    assert_eq!((line.state, line.line.addition.map(|id| id.0)), (LineState::ToApprove, Some(i64::from(made.id))), "{:?}", line.guards);
    assert_eq!(approve_the_line(&install).await["accepted"], true);
    assert_eq!((billing(&install), made_and_ended(&install)), (vec![25.0], (1, 1)));
    assert!(matches!(latest(&install).effect, Change::End { .. }), "{:?}", latest(&install));
    assert!(install.written().is_empty(), "no quantity is ever changed");
    let line = the_line(&install).await;
    assert_eq!((line.state, line.line.billed), (LineState::Done, Some(25.into())), "{:?}", line.line.guards);

    order(&install, 24).await;
    let line = the_line(&install).await;
    assert_eq!((line.state, line.guards[0].code.as_str()), (LineState::Held, "dated_split"));
}

#[tokio::test(flavor = "current_thread")]
async fn a_dated_addition_is_taken_back_by_its_end_and_held_afterwards() {
    let install = dated().await;
    approve_the_line(&install).await;
    rules::pass(&install, 5);
    let path = format!("/api/intents/{}/reverse", latest(&install).id);
    let (status, answer) = install.post(&path, &json!({ "reason": "wrong customer" })).await;
    assert_eq!(status, 200, "{answer}");
    install.settle().await;
    assert_eq!((billing(&install), made_and_ended(&install)), (vec![25.0], (1, 1)));
    let line = the_line(&install).await;
    assert_eq!((line.state, line.guards[0].code.as_str()), (LineState::Held, "reversed"), "{:?}", line.guards);
}

#[tokio::test(flavor = "current_thread")]
async fn an_end_is_taken_back_and_held_afterwards() {
    let install = dated().await;
    approve_the_line(&install).await;
    order(&install, 2).await;
    let line = the_line(&install).await;
    assert_eq!(line.line.end.map(|end| end.units), Some(25.into()), "{:?}", line.guards);
    approve_the_line(&install).await;
    assert_eq!(billing(&install), [2.0]);
    rules::pass(&install, 5);
    let path = format!("/api/intents/{}/reverse", latest(&install).id);
    let (status, answer) = install.post(&path, &json!({ "reason": "they stay" })).await;
    assert_eq!(status, 200, "{answer}");
    install.settle().await;
    assert_eq!(billing(&install), [25.0, 2.0]);
    let line = the_line(&install).await;
    assert!(line.guards.iter().any(|guard| guard.code == "reversed"), "{:?}", line.guards);
    assert_eq!(line.state, LineState::Held);
}

#[tokio::test(flavor = "current_thread")]
async fn an_agreement_that_does_not_prorate_holds_the_line() {
    let install = dated().await;
    install.simulator.world().edit_agreement(agreement(&install), |row| row.prorate_flag = false).expect("the agreement");
    rules::pass(&install, 3_700);
    install.sync().await;
    let line = the_line(&install).await;
    assert_eq!((line.state, line.guards[0].code.as_str()), (LineState::Held, "not_prorated"), "{:?}", line.guards);
    assert_eq!(approve_the_line(&install).await["accepted"], false);
    assert_eq!(made_and_ended(&install), (0, 0));
}

#[tokio::test(flavor = "current_thread")]
async fn one_more_is_not_made_beside_what_somebody_added_meanwhile() {
    let install = dated().await;
    let line = the_line(&install).await;
    install.simulator.world().edit_addition(addition(&install).id, 26.0).expect("an edit");
    install.approve(&[line]).await;
    install.settle().await;
    let told = latest(&install);
    assert_eq!((told.state, billing(&install)), (IntentState::Failed, vec![26.0]));
    assert!(describe(&told).starts_with("The product's additions come to 26 now, and came to 25 at the preview."), "{}", describe(&told));
}

#[tokio::test(flavor = "current_thread")]
async fn faults_at_any_call_make_and_end_one() {
    for ends in [false, true] {
        let mut runs = 0;
        for fate in FATES {
            for place in 0.. {
                let mut install = dated().await;
                if ends {
                    approve_the_line(&install).await;
                    order(&install, 25).await;
                }
                install.wire.clear();
                let struck = at(&install, place, fate);
                install.approve(&[the_line(&install).await]).await;
                survives(&mut install).await;
                let what = format!("{fate:?} at call {place}, ends: {ends}");
                assert!(install.open_intents().is_empty(), "{what}: {:?}", install.open_intents());
                assert_eq!(made_and_ended(&install), (1, usize::from(ends)), "{what}: {:?}", install.intents());
                if !struck.get() {
                    break;
                }
                runs += 1;
            }
        }
        assert!(runs >= FATES.len() * 3, "it looks, writes and reads back: {runs} runs");
    }
}
