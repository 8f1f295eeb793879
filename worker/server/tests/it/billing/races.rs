//! Races: one thread, but between two awaits anybody may come in. Each of these was possible once.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use engine::IntentState;
use harness::House;
use serde_json::{Value, json};

/// Rings until a call of this kind is about to be made, does `meanwhile`, and rings on.
async fn ring_and_at(house: &House, kind: &'static str, meanwhile: impl Future<Output = ()>) {
    let seen = Rc::new(Cell::new(false));
    let notes = Rc::clone(&seen);
    house.wire.plan(move |sent| {
        notes.set(notes.get() || sent.kind().contains(kind));
        harness::wire::Fate::Answered
    });
    let tenant = Rc::clone(&house.tenant);
    let mut ring = pin!(tenant.ring());
    let ended = poll_fn(|context| match ring.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(true),
        Poll::Pending if seen.get() => Poll::Ready(false),
        Poll::Pending => Poll::Pending,
    })
    .await;
    assert!(!ended, "no {kind} was made");
    meanwhile.await;
    house.wire.mend();
    ring.await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_connection_deleted_while_a_change_is_checked_is_not_written_to() {
    let house = House::ready(1).await;
    house.approve(&house.lines("to_approve").await).await;
    let id = house.connection("ConnectWise").await;
    let delete = async {
        let (status, _) = house.call("DELETE", &format!("/api/connections/{id}"), None::<&Value>).await;
        assert_eq!(status, 204);
    };
    ring_and_at(&house, "additions/{id}", delete).await;
    house.settle().await;
    assert!(house.written().is_empty(), "{:?}", house.written());
    let intents = house.intents();
    assert_eq!(intents.iter().map(|intent| intent.state).collect::<Vec<_>>(), [IntentState::Failed]);
    let words = intents[0].outcome.as_ref().expect("an outcome").words.clone();
    assert!(words.contains("deleted") && words.contains("Nothing was written"), "{words}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_connection_deleted_while_a_change_is_written_leaves_it_to_a_person() {
    let house = House::ready(1).await;
    house.approve(&house.lines("to_approve").await).await;
    let id = house.connection("ConnectWise").await;
    let delete = async {
        house.call("DELETE", &format!("/api/connections/{id}"), None::<&Value>).await;
    };
    ring_and_at(&house, "PATCH", delete).await;
    house.settle().await;
    assert!(house.written().len() <= 1);
    assert_eq!(house.intents()[0].state, IntentState::Parked);
}

#[tokio::test(flavor = "current_thread")]
async fn a_connection_deleted_in_mid_read_ends_its_pass_and_leaves_nothing_behind() {
    for (name, kind) in [("ESET", "License/Detail"), ("ConnectWise", "GET finance/agreements/{id}/additions")] {
        let house = House::ready(12).await;
        let id = house.connection(name).await;
        house.post("/api/passes", &json!({ "kind": "sync" })).await;
        let delete = async {
            house.call("DELETE", &format!("/api/connections/{id}"), None::<&Value>).await;
        };
        ring_and_at(&house, kind, delete).await;
        house.settle().await;
        assert!(house.tenant.ledger.passes().open().expect("passes").is_empty());
        use store::ports::Sql;
        for (table, what) in [("staging", "a shelf"), ("additions", "additions")] {
            let sql = match table {
                "additions" => format!("SELECT psa FROM additions WHERE psa = '{id}'"),
                _ => "SELECT shelf FROM staging".to_owned(),
            };
            assert!(house.sql.run(&sql, &[]).expect("rows").is_empty(), "{name}: {what} is left behind");
        }
        let pointers = house.sql.run(&format!("SELECT name FROM documents WHERE name LIKE '%{id}'"), &[]).expect("rows");
        assert!(pointers.is_empty(), "{name}: {pointers:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn an_approval_during_a_ring_is_written_without_waiting_for_the_cron() {
    let house = House::ready(12).await;
    let lines = house.lines("to_approve").await;
    house.post("/api/passes", &json!({ "kind": "sync" })).await;
    let approve = async {
        house.approve(&lines).await;
    };
    ring_and_at(&house, "License/Detail", approve).await;
    house.settle().await;
    assert_eq!(house.written().len(), lines.len());
}

#[tokio::test(flavor = "current_thread")]
async fn an_old_change_is_not_retried_beside_a_newer_one() {
    let house = House::ready(1).await;
    let lines = house.lines("to_approve").await;
    house.wire.plan(|sent| if sent.method == "GET" { harness::wire::Fate::LostOnTheWay } else { harness::wire::Fate::Answered });
    house.approve(&lines).await;
    house.settle().await;
    house.wire.mend();
    let old = house.intents()[0].clone();
    assert_eq!(old.state, IntentState::Failed);
    let licence = house.simulator.world().licenses()[0].public_license_key.clone();
    house.simulator.world().set_seats(&licence, 30).expect("a licence");
    house.clock.advance(300);
    house.sync().await;
    let (status, problem) = house.call("POST", &format!("/api/intents/{}/retry", old.id), None::<&Value>).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("stale_preview")), "{problem}");
    house.approve(&house.lines("to_approve").await).await;
    house.settle().await;
    let (status, _) = house.call("POST", &format!("/api/intents/{}/retry", old.id), None::<&Value>).await;
    assert_eq!(status, 409);
    house.settle().await;
    assert_eq!(house.written().iter().map(|(_, from, to)| (*from, *to)).collect::<Vec<_>>(), [(25.0, 30.0)]);
}

#[tokio::test(flavor = "current_thread")]
async fn a_change_that_failed_for_a_while_can_be_retried() {
    let house = House::ready(1).await;
    house.wire.plan(|_| harness::wire::Fate::LostOnTheWay);
    house.approve(&house.lines("to_approve").await).await;
    house.settle().await;
    house.wire.mend();
    house.clock.advance(300);
    let id = house.intents()[0].id.clone();
    let (status, answer) = house.call("POST", &format!("/api/intents/{id}/retry"), None::<&Value>).await;
    assert_eq!(status, 200, "{answer}");
    house.settle().await;
    assert_eq!(house.written().len(), 1);
}

#[tokio::test(flavor = "current_thread")]
async fn a_line_is_not_approved_on_mappings_that_have_changed_since_it_was_planned() {
    let house = House::ready(1).await;
    let lines = house.lines("to_approve").await;
    let page: Value = house.get("/api/companies?state=mapped").await;
    let company = &page["items"][0];
    let decision = json!({ "decision": "exclude", "reason": "they left" });
    let change = json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": decision }] });
    assert_eq!(house.call("PUT", "/api/mappings/companies", Some(&change)).await.0, 200);
    let answer = house.approve(&lines).await;
    assert_eq!(answer["results"][0]["code"], "stale_preview", "{answer}");
    house.settle().await;
    assert!(house.written().is_empty());
    assert!(house.lines("all").await.is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn credentials_that_cannot_be_opened_do_not_hold_up_the_rest() {
    use store::ports::Sql;
    let house = House::ready(1).await;
    house.approve(&house.lines("to_approve").await).await;
    house.sql.run("UPDATE connections SET sealed = 'v1:damaged' WHERE kind = 'connectwise'", &[]).expect("an update");
    house.settle().await;
    assert!(house.open_intents().is_empty(), "{:?}", house.open_intents());
    assert_eq!(house.intents()[0].state, IntentState::Failed);
    house.sync().await;
    let synced = house.last_pass(contract::passes::PassKind::Sync);
    assert_eq!(synced.state, contract::passes::PassState::Done, "ESET is read all the same");
}

#[tokio::test(flavor = "current_thread")]
async fn a_connection_that_leads_elsewhere_takes_no_change_approved_before() {
    let house = House::ready(1).await;
    let lines = house.lines("to_approve").await;
    house.approve(&lines).await;
    let other = House::empty(1).await;
    let id = house.connection("ConnectWise").await;
    let change = json!({ "address": other.simulator.addresses().connectwise, "credentials": house.connectwise()["credentials"] });
    let (status, answer) = house.call("PATCH", &format!("/api/connections/{id}"), Some(&change)).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(house.approve(&lines).await["results"][0]["accepted"], false, "what was looked at is of the server before");
    house.settle().await;
    assert!(house.written().is_empty() && other.written().is_empty());
    assert_eq!(house.intents()[0].state, IntentState::Failed);
    let anew = house.lines("all").await;
    assert_eq!((anew.len(), anew[0].line.billed), (1, Some(25.into())), "read anew");
}

#[tokio::test(flavor = "current_thread")]
async fn a_company_excluded_while_its_line_is_planned_is_not_approved_by_itself() {
    let mut house = House::ready(1).await;
    let page: Value = house.get("/api/companies?state=mapped").await;
    let (company, mapping) = (&page["items"][0], &page["items"][0]["mapping"]);
    let decide = |decision: Value| json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": decision }] });
    let automatic = decide(json!({ "decision": "map", "psa": mapping["psa"], "agreement": mapping["agreement"], "automatic": true }));
    assert_eq!(house.call("PUT", "/api/mappings/companies", Some(&automatic)).await.0, 200);
    house.restart();
    house.texts.hold.set(Some("snapshots/"));
    let tenant = Rc::clone(&house.tenant);
    let mut ring = pin!(tenant.ring());
    poll_fn(|context| match ring.as_mut().poll(context) {
        Poll::Pending if !house.texts.held.get() => Poll::Pending,
        _ => Poll::Ready(()),
    })
    .await;
    assert!(house.texts.held.get(), "the plan waits for the snapshot");
    let excluded = decide(json!({ "decision": "exclude", "reason": "they left" }));
    assert_eq!(house.call("PUT", "/api/mappings/companies", Some(&excluded)).await.0, 200);
    house.texts.hold.set(None);
    ring.await;
    house.settle().await;
    assert!(house.written().is_empty(), "{:?}", house.written());
    assert!(house.lines("all").await.is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn a_line_whose_older_change_was_opened_again_says_that_it_is_being_written() {
    let house = House::ready(1).await;
    let licence = house.simulator.world().licenses()[0].public_license_key.clone();
    for seats in [27, 30] {
        house.simulator.world().set_seats(&licence, seats).expect("a licence");
        house.clock.advance(300);
        house.sync().await;
        house.wire.plan(|_| harness::wire::Fate::LostOnTheWay);
        house.approve(&house.lines("to_approve").await).await;
        house.settle().await;
        house.wire.mend();
        house.clock.advance(300);
    }
    assert!(house.intents().iter().all(|intent| intent.state == IntentState::Failed) && house.intents().len() == 2);
    house.simulator.world().set_seats(&licence, 27).expect("a licence");
    house.sync().await;
    let lines = house.lines("all").await;
    assert_eq!(house.approve(&lines).await["results"][0]["accepted"], true);
    assert_eq!(house.lines("all").await[0].state, contract::month::LineState::Committing);
    assert_eq!(house.approve(&lines).await["results"][0]["code"], "in_progress");
    house.settle().await;
    assert_eq!(house.written().iter().map(|(_, from, to)| (*from, *to)).collect::<Vec<_>>(), [(25.0, 27.0)]);
}
