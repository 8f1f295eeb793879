//! Races: one thread, but between two awaits anybody may come in. Each of these was possible once.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use engine::IntentState;
use harness::TestInstall;
use harness::wire::Fate;
use serde_json::{Value, json};
use store::ports::Sql;

/// Works until a call of this kind is about to be made, does `meanwhile`, and works on.
async fn alarm_and_at(install: &TestInstall, kind: &'static str, meanwhile: impl Future<Output = ()>) {
    let seen = Rc::new(Cell::new(false));
    let notes = Rc::clone(&seen);
    install.wire.plan(move |sent| {
        notes.set(notes.get() || sent.kind().contains(kind));
        Fate::Answered
    });
    let tenant = Rc::clone(&install.tenant);
    let mut alarm = pin!(tenant.on_alarm());
    let ended = poll_fn(|context| match alarm.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(true),
        Poll::Pending if seen.get() => Poll::Ready(false),
        Poll::Pending => Poll::Pending,
    })
    .await;
    assert!(!ended, "no {kind} was made");
    meanwhile.await;
    install.wire.mend();
    alarm.await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_connection_deleted_while_a_change_is_checked_is_not_written_to() {
    let install = TestInstall::ready(1).await;
    install.approve(&install.lines("to_approve").await).await;
    let id = install.connection("ConnectWise").await;
    let delete = async {
        let (status, _) = install.call("DELETE", &format!("/api/connections/{id}"), None::<&Value>).await;
        assert_eq!(status, 204);
    };
    alarm_and_at(&install, "additions/{id}", delete).await;
    install.settle().await;
    assert!(install.written().is_empty(), "{:?}", install.written());
    let intents = install.intents();
    assert_eq!(intents.iter().map(|intent| intent.state).collect::<Vec<_>>(), [IntentState::Failed]);
    let words = intents[0].outcome.as_ref().expect("an outcome").words.clone();
    assert!(words.contains("deleted") && words.contains("Nothing was written"), "{words}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_connection_deleted_while_a_change_is_written_leaves_it_to_a_person() {
    let install = TestInstall::ready(1).await;
    install.approve(&install.lines("to_approve").await).await;
    let id = install.connection("ConnectWise").await;
    let delete = async {
        install.call("DELETE", &format!("/api/connections/{id}"), None::<&Value>).await;
    };
    alarm_and_at(&install, "PATCH", delete).await;
    install.settle().await;
    assert!(install.written().len() <= 1);
    assert_eq!(install.intents()[0].state, IntentState::Parked);
}

#[tokio::test(flavor = "current_thread")]
async fn a_connection_deleted_in_mid_read_ends_its_pass_and_leaves_nothing_behind() {
    for (name, kind) in [("ESET", "License/Detail"), ("ConnectWise", "GET finance/agreements/{id}/additions")] {
        let install = TestInstall::ready(12).await;
        let id = install.connection(name).await;
        install.post("/api/passes", &json!({ "kind": "sync" })).await;
        let delete = async {
            install.call("DELETE", &format!("/api/connections/{id}"), None::<&Value>).await;
        };
        alarm_and_at(&install, kind, delete).await;
        install.settle().await;
        assert!(install.tenant.ledger.passes().open().expect("passes").is_empty());
        for (table, what) in [("staging", "a shelf"), ("additions", "additions")] {
            let sql = match table {
                "additions" => format!("SELECT psa FROM additions WHERE psa = '{id}'"),
                _ => "SELECT shelf FROM staging".to_owned(),
            };
            assert!(install.sql.run(&sql, &[]).expect("rows").is_empty(), "{name}: {what} is left behind");
        }
        let pointers = install.sql.run(&format!("SELECT name FROM documents WHERE name LIKE '%{id}'"), &[]).expect("rows");
        assert!(pointers.is_empty(), "{name}: {pointers:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn an_approval_during_a_ring_is_written_without_waiting_for_the_cron() {
    let install = TestInstall::ready(12).await;
    let lines = install.lines("to_approve").await;
    install.post("/api/passes", &json!({ "kind": "sync" })).await;
    let approve = async {
        install.approve(&lines).await;
    };
    alarm_and_at(&install, "License/Detail", approve).await;
    install.settle().await;
    assert_eq!(install.written().len(), lines.len());
}

#[tokio::test(flavor = "current_thread")]
async fn an_old_change_is_not_retried_beside_a_newer_one() {
    let install = TestInstall::ready(1).await;
    let lines = install.lines("to_approve").await;
    install.wire.plan(|sent| if sent.method == "GET" { Fate::LostOnTheWay } else { Fate::Answered });
    install.approve(&lines).await;
    install.settle().await;
    install.wire.mend();
    let old = install.intents()[0].clone();
    assert_eq!(old.state, IntentState::Failed);
    let licence = install.simulator.world().licenses()[0].public_license_key.clone();
    install.simulator.world().set_seats(&licence, 30).expect("a licence");
    install.clock.advance(300);
    install.sync().await;
    let (status, problem) = install.call("POST", &format!("/api/intents/{}/retry", old.id), None::<&Value>).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("stale_preview")), "{problem}");
    install.approve(&install.lines("to_approve").await).await;
    install.settle().await;
    let (status, _) = install.call("POST", &format!("/api/intents/{}/retry", old.id), None::<&Value>).await;
    assert_eq!(status, 409);
    install.settle().await;
    assert_eq!(install.written().iter().map(|(_, from, to)| (*from, *to)).collect::<Vec<_>>(), [(25.0, 30.0)]);
}

#[tokio::test(flavor = "current_thread")]
async fn a_change_that_was_refused_can_be_retried() {
    let install = TestInstall::ready(1).await;
    install.wire.plan(|sent| if sent.method == "PATCH" { Fate::Refused(400, None) } else { Fate::Answered });
    install.approve(&install.lines("to_approve").await).await;
    install.settle().await;
    install.wire.mend();
    install.clock.advance(300);
    let id = install.intents()[0].id.clone();
    let (status, answer) = install.call("POST", &format!("/api/intents/{id}/retry"), None::<&Value>).await;
    assert_eq!(status, 200, "{answer}");
    install.settle().await;
    assert_eq!(install.written().len(), 1);
}

#[tokio::test(flavor = "current_thread")]
async fn a_line_is_not_approved_on_mappings_that_have_changed_since_it_was_planned() {
    let install = TestInstall::ready(1).await;
    let lines = install.lines("to_approve").await;
    let page: Value = install.get("/api/companies?state=mapped").await;
    let company = &page["items"][0];
    let decision = json!({ "decision": "exclude", "reason": "they left" });
    let change = json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": decision }] });
    assert_eq!(install.call("PUT", "/api/mappings/companies", Some(&change)).await.0, 200);
    let answer = install.approve(&lines).await;
    assert_eq!(answer["results"][0]["code"], "stale_preview", "{answer}");
    install.settle().await;
    assert!(install.written().is_empty());
    assert!(install.lines("all").await.is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn credentials_that_cannot_be_opened_do_not_hold_up_the_rest() {
    let install = TestInstall::ready(1).await;
    install.approve(&install.lines("to_approve").await).await;
    install.sql.run("UPDATE connections SET sealed = 'v1:damaged' WHERE kind = 'connectwise'", &[]).expect("an update");
    install.settle().await;
    assert!(install.open_intents().is_empty(), "{:?}", install.open_intents());
    assert_eq!(install.intents()[0].state, IntentState::Failed);
    install.sync().await;
    let synced = install.last_pass(contract::passes::PassKind::Sync);
    assert_eq!(synced.state, contract::passes::PassState::Done, "ESET is read all the same");
}

#[tokio::test(flavor = "current_thread")]
async fn a_connection_that_leads_elsewhere_takes_no_change_approved_before() {
    let install = TestInstall::ready(1).await;
    let lines = install.lines("to_approve").await;
    install.approve(&lines).await;
    let other = TestInstall::empty(1).await;
    let id = install.connection("ConnectWise").await;
    let change = json!({ "address": other.simulator.addresses().connectwise, "credentials": install.connectwise()["credentials"] });
    let (status, answer) = install.call("PATCH", &format!("/api/connections/{id}"), Some(&change)).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(install.approve(&lines).await["results"][0]["accepted"], false, "what was looked at is of the server before");
    install.settle().await;
    assert!(install.written().is_empty() && other.written().is_empty());
    assert_eq!(install.intents()[0].state, IntentState::Failed);
    let anew = install.lines("all").await;
    assert_eq!((anew.len(), anew[0].line.billed), (1, Some(25.into())), "read anew");
}

#[tokio::test(flavor = "current_thread")]
async fn a_company_excluded_while_its_line_is_planned_is_not_approved_by_itself() {
    let mut install = TestInstall::ready(1).await;
    let page: Value = install.get("/api/companies?state=mapped").await;
    let (company, mapping) = (&page["items"][0], &page["items"][0]["mapping"]);
    let decide = |decision: Value| json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": decision }] });
    let automatic = decide(json!({ "decision": "map", "psa": mapping["psa"], "agreement": mapping["agreement"], "automatic": true }));
    assert_eq!(install.call("PUT", "/api/mappings/companies", Some(&automatic)).await.0, 200);
    // As a release left it that kept documents in KV alone.
    install.sql.run("DELETE FROM document_parts WHERE name LIKE 'snapshot/%'", &[]).expect("SQL");
    install.restart();
    install.texts.hold.set(Some("snapshots/"));
    let tenant = Rc::clone(&install.tenant);
    let mut alarm = pin!(tenant.on_alarm());
    poll_fn(|context| match alarm.as_mut().poll(context) {
        Poll::Pending if !install.texts.held.get() => Poll::Pending,
        _ => Poll::Ready(()),
    })
    .await;
    assert!(install.texts.held.get(), "the plan waits for the snapshot");
    let excluded = decide(json!({ "decision": "exclude", "reason": "they left" }));
    assert_eq!(install.call("PUT", "/api/mappings/companies", Some(&excluded)).await.0, 200);
    install.texts.hold.set(None);
    alarm.await;
    install.settle().await;
    assert!(install.written().is_empty(), "{:?}", install.written());
    assert!(install.lines("all").await.is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn a_line_whose_older_change_was_opened_again_says_that_it_is_being_written() {
    let install = TestInstall::ready(1).await;
    let licence = install.simulator.world().licenses()[0].public_license_key.clone();
    for seats in [27, 30] {
        install.simulator.world().set_seats(&licence, seats).expect("a licence");
        install.clock.advance(300);
        install.sync().await;
        install.wire.plan(|_| Fate::LostOnTheWay);
        install.approve(&install.lines("to_approve").await).await;
        install.settle().await;
        install.wire.mend();
        install.clock.advance(300);
    }
    assert!(install.intents().iter().all(|intent| intent.state == IntentState::Failed) && install.intents().len() == 2);
    install.simulator.world().set_seats(&licence, 27).expect("a licence");
    install.sync().await;
    let lines = install.lines("all").await;
    assert_eq!(install.approve(&lines).await["results"][0]["accepted"], true);
    assert_eq!(install.lines("all").await[0].state, contract::month::LineState::Committing);
    assert_eq!(install.approve(&lines).await["results"][0]["code"], "in_progress");
    install.settle().await;
    assert_eq!(install.written().iter().map(|(_, from, to)| (*from, *to)).collect::<Vec<_>>(), [(25.0, 27.0)]);
}
