//! The drift centre: what changes under a mapping is one event, pauses its lines only, and can be repaired.

use contract::Page;
use contract::drift::DriftView;
use contract::month::{LineState, LineView};
use domain::drift::{DriftKind, DriftState, Repair};
use harness::House;
use serde_json::{Value, json};

async fn drift(house: &House, state: &str) -> Vec<DriftView> {
    house.get::<Page<DriftView>>(&format!("/api/drift?state={state}")).await.items
}

async fn only(house: &House) -> DriftView {
    let mut open = drift(house, "open").await;
    assert_eq!(open.len(), 1, "{open:#?}");
    open.remove(0)
}

async fn resolve(house: &House, event: &DriftView, repair: &str) -> (u16, Value) {
    let (status, answer) = house.post(&format!("/api/drift/{}/resolve", event.drift.id), &json!({ "repair": repair })).await;
    house.settle().await;
    (status.as_u16(), answer)
}

async fn only_line(house: &House) -> LineView {
    let mut lines = house.lines("all").await;
    assert_eq!(lines.len(), 1, "{lines:#?}");
    lines.remove(0)
}

fn id(number: i64) -> i32 {
    i32::try_from(number).expect("a small id")
}

/// One customer with one addition, written once by us and looked at.
async fn written() -> (House, LineView) {
    let house = House::ready(1).await;
    house.approve(&house.lines("to_approve").await).await;
    house.settle().await;
    house.sync().await;
    assert!(drift(&house, "open").await.is_empty());
    let line = only_line(&house).await;
    (house, line)
}

async fn order(house: &House, seats: i64) {
    let world = house.simulator.world();
    world.set_seats(&world.licenses()[0].public_license_key, seats).expect("a licence");
}

#[tokio::test(flavor = "current_thread")]
async fn a_deleted_addition_is_one_event_and_no_second_line_and_closes_when_it_is_back() {
    let (house, line) = written().await;
    let addition = id(line.line.addition.expect("an addition").0);
    let world = house.simulator.world();
    let copy = world.duplicate_addition(addition).expect("a copy");
    world.delete_addition(addition).expect("gone");
    world.delete_addition(copy).expect("gone");
    house.sync().await;
    let event = only(&house).await;
    assert_eq!((event.drift.kind, event.state), (DriftKind::AdditionGone, DriftState::Open));
    assert_eq!(event.drift.lines, std::slice::from_ref(&line.line.id));
    let held = only_line(&house).await;
    assert_eq!(held.guards.iter().map(|guard| guard.code.as_str()).collect::<Vec<_>>(), ["no_ongoing_addition"], "it keeps its guard");
    assert_eq!(house.get::<Value>("/api/overview").await["drift"], 1);
    assert_eq!(house.get::<Value>("/api/overview").await["unbilled"], 1);
    house.sync().await;
    only(&house).await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_hand_edit_is_kept_as_known_with_one_click() {
    let (house, line) = written().await;
    house.simulator.world().edit_addition(id(line.line.addition.expect("an addition").0), 30.0).expect("edited");
    house.sync().await;
    let event = only(&house).await;
    assert_eq!((event.drift.kind, event.pauses), (DriftKind::AdditionEdited, true));
    assert_eq!((event.drift.was.as_deref(), event.drift.is.as_deref()), (Some("27"), Some("30")));
    let held = only_line(&house).await;
    assert_eq!(held.guards.iter().map(|guard| guard.code.as_str()).collect::<Vec<_>>(), ["drift", "edited_by_hand"]);
    assert_eq!(house.approve(std::slice::from_ref(&held)).await["results"][0]["code"], "blocked");
    assert_eq!(resolve(&house, &event, "move_mapping").await.0, 409, "that does not apply here");
    assert_eq!(resolve(&house, &event, "keep_their_number").await.0, 200);
    let open = only_line(&house).await;
    assert_eq!((open.state, open.line.billed, open.line.target), (LineState::ToApprove, Some(30.into()), Some(27.into())));
    house.sync().await;
    assert!(drift(&house, "open").await.is_empty());
    assert_eq!(drift(&house, "resolved").await[0].by.as_deref(), Some("tests"));
    assert_eq!(house.get::<Value>("/api/history?q=drift_repaired").await["total"], 1);
}

#[tokio::test(flavor = "current_thread")]
async fn a_hand_edit_is_released_to_be_approved_alone_and_pauses_again_when_it_is_another() {
    let (house, line) = written().await;
    let addition = id(line.line.addition.expect("an addition").0);
    house.simulator.world().edit_addition(addition, 30.0).expect("edited");
    house.sync().await;
    assert_eq!(resolve(&house, &only(&house).await, "release_line").await.0, 200);
    house.sync().await;
    assert!(drift(&house, "open").await.is_empty(), "it stays released");
    house.simulator.world().edit_addition(addition, 31.0).expect("edited");
    house.sync().await;
    let event = only(&house).await;
    assert_eq!(event.drift.is.as_deref(), Some("31"));
    resolve(&house, &event, "release_line").await;
    let line = only_line(&house).await;
    assert_eq!(house.approve(&[line]).await["results"][0]["accepted"], true);
    house.settle().await;
    assert_eq!(house.written().last().map(|(_, from, to)| (*from, *to)), Some((31.0, 27.0)));
}

#[tokio::test(flavor = "current_thread")]
async fn names_are_notices_that_pause_nothing_until_they_are_acknowledged() {
    let (house, line) = written().await;
    let world = house.simulator.world();
    let company = line.line.agreement.as_ref().expect("an agreement").company;
    world.rename_cw_company(id(company.0), "Acme Holding").expect("renamed");
    let eset =
        world.eset_companies().into_iter().find(|company| company.name == line.line.evidence.licences[0].company).expect("a company");
    world.rename_eset_company(&eset.id, "Acme Group").expect("renamed");
    order(&house, 28).await;
    house.sync().await;
    let events = drift(&house, "open").await;
    let kinds: Vec<DriftKind> = events.iter().map(|event| event.drift.kind).collect();
    assert!(kinds.contains(&DriftKind::EsetCompanyRenamed) && kinds.contains(&DriftKind::PsaCompanyRenamed), "{kinds:?}");
    assert!(events.iter().all(|event| !event.pauses));
    assert_eq!(only_line(&house).await.state, LineState::ToApprove);
    for event in events {
        assert_eq!(event.drift.repairs, [Repair::Acknowledge]);
        assert_eq!(resolve(&house, &event, "acknowledge").await.0, 200);
    }
    house.sync().await;
    assert!(drift(&house, "open").await.is_empty());
    assert_eq!(drift(&house, "resolved").await.len(), 2);
}

#[tokio::test(flavor = "current_thread")]
async fn a_company_in_the_recycle_bin_pauses_its_lines_and_no_others() {
    let house = House::ready(60).await;
    house.sync().await;
    let before = house.lines("to_approve").await;
    let line = &before[0];
    house.simulator.world().recycle_cw_company(id(line.line.agreement.as_ref().expect("an agreement").company.0)).expect("recycled");
    house.sync().await;
    let mut gone = house.get::<Page<DriftView>>("/api/drift?kind=psa_company_gone").await.items;
    assert_eq!(gone.len(), 1, "{gone:#?}");
    let event = gone.remove(0);
    let after = house.lines("to_approve").await;
    let missing: Vec<_> = before.iter().filter(|line| !after.iter().any(|other| other.line.id == line.line.id)).collect();
    assert!(!missing.is_empty() && missing.iter().all(|line| event.drift.lines.contains(&line.line.id)));
    let (status, _) = house.post(&format!("/api/drift/{}/ignore", event.drift.id), &json!({ "reason": " " })).await;
    assert_eq!(status, 422);
    let (status, ignored) = house.post(&format!("/api/drift/{}/ignore", event.drift.id), &json!({ "reason": "being merged" })).await;
    assert_eq!((status.as_u16(), &ignored["state"]), (200, &json!("ignored")));
    house.settle().await;
    assert_eq!(house.lines("to_approve").await.len(), before.len(), "nothing pauses any more");
    let (status, _) = house.post(&format!("/api/drift/{}/ignore", event.drift.id), &json!({ "reason": "again" })).await;
    assert_eq!(status, 409);
}

#[tokio::test(flavor = "current_thread")]
async fn a_mapping_taken_away_while_its_addition_bills_on_is_shown_and_mapped_back() {
    let (house, line) = written().await;
    let page: Value = house.get("/api/companies?state=mapped").await;
    let company = &page["items"][0];
    let clear =
        json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": { "decision": "clear" } }] });
    assert_eq!(house.call("PUT", "/api/mappings/companies", Some(&clear)).await.0, 200);
    house.sync().await;
    let event = only(&house).await;
    assert_eq!(
        (event.drift.kind, event.drift.is.as_deref()),
        (DriftKind::MappingTakenAway, Some(format!("27 {}", line.line.product.name).as_str()))
    );
    assert_eq!(event.drift.repairs, [Repair::MapBack, Repair::Handled]);
    assert_eq!(resolve(&house, &event, "map_back").await.0, 200);
    house.sync().await;
    assert!(drift(&house, "open").await.is_empty());
    assert_eq!(only_line(&house).await.line.id, line.line.id);
}

#[tokio::test(flavor = "current_thread")]
async fn an_addition_that_is_somebody_elses_matter_is_handled_and_not_found_again() {
    let (house, _) = written().await;
    let page: Value = house.get("/api/companies?state=mapped").await;
    let company = &page["items"][0];
    let decision = json!({ "decision": "exclude", "reason": "billed by hand" });
    let exclude = json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": decision }] });
    assert_eq!(house.call("PUT", "/api/mappings/companies", Some(&exclude)).await.0, 200);
    house.sync().await;
    let event = only(&house).await;
    assert_eq!(event.drift.repairs, [Repair::Handled], "an exclusion is not taken back by a click");
    assert_eq!(resolve(&house, &event, "handled").await.0, 200);
    house.sync().await;
    house.sync().await;
    assert!(drift(&house, "open").await.is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn a_pass_in_which_nothing_changed_writes_no_row_of_drift() {
    let house = House::ready(60).await;
    house.sync().await;
    let rows = || {
        use store::ports::Sql;
        let count = |table: &str| house.sql.run(&format!("SELECT count(*), coalesce(max(rowid), 0) FROM {table}"), &[]).expect("rows");
        ["drift", "known_mappings", "known_products", "audit", "lines"].map(count)
    };
    let before = rows();
    house.clock.advance(600);
    house.cron().await;
    house.clock.advance(600);
    house.cron().await;
    assert_eq!(rows(), before);
}

#[tokio::test(flavor = "current_thread")]
async fn what_came_since_the_last_sync_is_new_and_says_since_when() {
    let house = House::ready(12).await;
    let page: Value = house.get("/api/companies?state=all&limit=500").await;
    assert!(page["items"].as_array().expect("companies").iter().all(|company| company["new"] == false && company["first_seen"].is_null()));
    let (connection, company) = (page["items"][0]["connection"].clone(), page["items"][0]["company"].clone());
    let id = company.as_str().expect("an id").into();
    let connection = connection.as_str().expect("an id").into();
    house.tenant.ledger.drift_baseline().note_new_companies(&connection, std::iter::once(&id), house.tenant.now()).expect("a row");
    let page: Value = house.get("/api/companies?state=all&limit=500").await;
    let new: Vec<&Value> = page["items"].as_array().expect("companies").iter().filter(|company| company["new"] == true).collect();
    assert_eq!(new.len(), 1);
    assert_eq!(new[0]["company"], company);
    house.clock.advance(60);
    house.sync().await;
    let page: Value = house.get("/api/companies?state=all&limit=500").await;
    assert!(page["items"].as_array().expect("companies").iter().all(|company| company["new"] == false), "seen by two syncs");
}
