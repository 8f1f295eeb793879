//! What bills today, as ConnectWise's dates say it: on the line, in the sums, in the reconciliation and on the customer's page.

use contract::month::LineView;
use egress::ports::Clock;
use harness::TestInstall;
use serde_json::{Value, json};

use crate::visits;

async fn only_line(install: &TestInstall) -> LineView {
    let lines = install.lines("all").await;
    assert_eq!(lines.len(), 1);
    lines.into_iter().next().expect("a line")
}

fn codes(view: &LineView) -> Vec<&str> {
    view.guards.iter().map(|guard| guard.code.as_str()).collect()
}

/// The only row of the reconciliation: what is invoiced, and the kinds of its findings.
async fn reconciled(install: &TestInstall) -> (Value, Vec<Value>) {
    let page: Value = install.get("/api/reconciliation").await;
    let row = &page["items"][0];
    (row["billed"].clone(), row["findings"].as_array().expect("findings").iter().map(|found| found["kind"].clone()).collect())
}

/// What the customer's page says is billed.
async fn shown(install: &TestInstall) -> Value {
    let company = visits::company(install, 0).await;
    let made = visits::make(install, &visits::wanted(&company)).await;
    let cookie = visits::visit(install, &made).await;
    serde_json::to_value(visits::shown(install, &cookie).await).expect("JSON")["products"][0]["billed"].clone()
}

#[tokio::test(flavor = "current_thread")]
async fn a_prepared_price_change_is_never_billed_twice_anywhere() {
    let install = TestInstall::ready(1).await;
    let before = only_line(&install).await;
    let addition = i32::try_from(before.line.addition.expect("an addition").0).expect("a small id");
    let last: chrono::NaiveDate = "2026-12-31".parse().expect("a day");
    let next = install.simulator.world().prepare_successor(addition, last, 9.99).expect("a successor");
    install.sync().await;
    let line = only_line(&install).await;
    assert_eq!((line.line.billed, line.line.addition, line.state), (before.line.billed, before.line.addition, before.state));
    assert!(codes(&line).contains(&"succeeded"), "{:?}", codes(&line));
    let drift = install.get::<Value>("/api/drift").await.to_string();
    assert!(!drift.contains("addition_duplicated"), "nobody is told to cancel one: {drift}");
    assert_eq!(reconciled(&install).await.0, json!("25"));
    assert_eq!(shown(&install).await, json!("25"));

    // What is approved is written to the one that bills, and to no other.
    install.approve(std::slice::from_ref(&line)).await;
    install.settle().await;
    let world = install.simulator.world();
    let quantity = |id: i32| world.addition(id).expect("an addition").quantity;
    assert_eq!((quantity(addition), quantity(next)), (27.0, 25.0));

    // On its last day it bills still; on the next one the successor is the line.
    install.clock.advance((last - install.clock.now().date_naive()).num_seconds());
    install.sync().await;
    assert_eq!(only_line(&install).await.line.addition, line.line.addition);
    install.clock.advance(86_400);
    install.sync().await;
    let successor = only_line(&install).await;
    assert_eq!((successor.line.addition.map(|id| id.0), successor.line.billed), (Some(i64::from(next)), Some(25.into())));
    assert_eq!(successor.line.target, Some(27.into()), "and it is proposed there what was written before");
}

#[tokio::test(flavor = "current_thread")]
async fn what_reaches_no_invoice_is_unbilled_everywhere() {
    let install = TestInstall::ready(1).await;
    let line = only_line(&install).await;
    let agreement = i32::try_from(line.line.agreement.expect("an agreement").id.0).expect("a small id");
    install.simulator.world().cancel_agreement(agreement).expect("cancelled");
    install.sync().await;
    let (billed, findings) = reconciled(&install).await;
    assert_eq!(billed, json!("0"), "nothing on it reaches an invoice");
    assert!(findings.contains(&json!("unbilled")), "{findings:?}");
    assert_eq!(shown(&install).await, json!("0"));
}

#[tokio::test(flavor = "current_thread")]
async fn an_agreement_that_is_not_invoiced_again_says_so() {
    type Bend = fn(&mut simulator::Agreement);
    let bends: [(&str, Bend); 2] = [
        ("is billed once", |row| row.one_time_flag = true),
        ("\u{201c}Not Recurring\u{201d}", |row| row.billing_cycle.name = Some("Not Recurring".to_owned())),
    ];
    for (words, bend) in bends {
        let install = TestInstall::ready(1).await;
        let line = only_line(&install).await;
        let agreement = i32::try_from(line.line.agreement.expect("an agreement").id.0).expect("a small id");
        install.simulator.world().edit_agreement(agreement, bend).expect("edited");
        install.sync().await;
        let line = only_line(&install).await;
        let said = line.guards.iter().find(|guard| guard.code == "not_recurring").expect("a word of it");
        assert!(said.words.contains(words) && !said.blocks, "{said:?}");
    }
}
