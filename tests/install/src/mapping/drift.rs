//! The drift centre: what changes under a mapping is one event, pauses its lines only, and can be repaired.

use contract::Page;
use contract::drift::DriftView;
use contract::month::{LineState, LineView};
use domain::drift::{DriftKind, DriftState, Repair};
use harness::TestInstall;
use serde_json::{Value, json};

async fn drift(install: &TestInstall, state: &str) -> Vec<DriftView> {
    install.get::<Page<DriftView>>(&format!("/api/drift?state={state}")).await.items
}

async fn only(install: &TestInstall) -> DriftView {
    let mut open = drift(install, "open").await;
    assert_eq!(open.len(), 1, "{open:#?}");
    open.remove(0)
}

async fn resolve(install: &TestInstall, event: &DriftView, repair: &str) -> (u16, Value) {
    let (status, answer) = install.post(&format!("/api/drift/{}/resolve", event.drift.id), &json!({ "repair": repair })).await;
    install.settle().await;
    (status.as_u16(), answer)
}

async fn only_line(install: &TestInstall) -> LineView {
    let mut lines = install.lines("all").await;
    assert_eq!(lines.len(), 1, "{lines:#?}");
    lines.remove(0)
}

fn id(number: i64) -> i32 {
    i32::try_from(number).expect("a small id")
}

/// One customer with one addition, written once by us and looked at.
async fn written() -> (TestInstall, LineView) {
    let install = TestInstall::ready(1).await;
    install.approve(&install.lines("to_approve").await).await;
    install.settle().await;
    install.sync().await;
    assert!(drift(&install, "open").await.is_empty());
    let line = only_line(&install).await;
    (install, line)
}

async fn order(install: &TestInstall, seats: i64) {
    let world = install.simulator.world();
    world.set_seats(&world.licenses()[0].public_license_key, seats).expect("a licence");
}

#[tokio::test(flavor = "current_thread")]
async fn a_deleted_addition_is_one_event_and_no_second_line_and_closes_when_it_is_back() {
    let (install, line) = written().await;
    let addition = id(line.line.addition.expect("an addition").0);
    let world = install.simulator.world();
    let copy = world.duplicate_addition(addition).expect("a copy");
    world.delete_addition(addition).expect("gone");
    world.delete_addition(copy).expect("gone");
    install.sync().await;
    assert!(drift(&install, "open").await.is_empty(), "reads may lag behind what was written a moment ago");
    install.clock.advance(1_800);
    install.sync().await;
    let event = only(&install).await;
    assert_eq!((event.drift.kind, event.state), (DriftKind::AdditionGone, DriftState::Open));
    assert_eq!(event.drift.lines, std::slice::from_ref(&line.line.id));
    let held = only_line(&install).await;
    assert_eq!(held.guards.iter().map(|guard| guard.code.as_str()).collect::<Vec<_>>(), ["no_ongoing_addition"], "it keeps its guard");
    assert_eq!(install.get::<Value>("/api/overview").await["drift"], 1);
    assert_eq!(install.get::<Value>("/api/overview").await["unbilled"], 1);
    install.sync().await;
    only(&install).await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_hand_edit_is_kept_as_known_with_one_click() {
    let (install, line) = written().await;
    install.simulator.world().edit_addition(id(line.line.addition.expect("an addition").0), 30.0).expect("edited");
    install.sync().await;
    let event = only(&install).await;
    assert_eq!((event.drift.kind, event.pauses), (DriftKind::AdditionEdited, true));
    assert_eq!((event.drift.was.as_deref(), event.drift.is.as_deref()), (Some("27"), Some("30")));
    let held = only_line(&install).await;
    assert_eq!(held.guards.iter().map(|guard| guard.code.as_str()).collect::<Vec<_>>(), ["drift", "edited_by_hand"]);
    assert_eq!(install.approve(std::slice::from_ref(&held)).await["results"][0]["code"], "blocked");
    assert_eq!(resolve(&install, &event, "move_mapping").await.0, 409, "that does not apply here");
    assert_eq!(resolve(&install, &event, "keep_their_number").await.0, 200);
    let open = only_line(&install).await;
    assert_eq!((open.state, open.line.billed, open.line.target), (LineState::ToApprove, Some(30.into()), Some(27.into())));
    install.sync().await;
    assert!(drift(&install, "open").await.is_empty());
    assert_eq!(drift(&install, "resolved").await[0].by.as_deref(), Some("tests"));
    assert_eq!(install.get::<Value>("/api/history?q=drift_repaired").await["total"], 1);
}

#[tokio::test(flavor = "current_thread")]
async fn a_hand_edit_is_released_to_be_approved_alone_and_pauses_again_when_it_is_another() {
    let (install, line) = written().await;
    let addition = id(line.line.addition.expect("an addition").0);
    install.simulator.world().edit_addition(addition, 30.0).expect("edited");
    install.sync().await;
    assert_eq!(resolve(&install, &only(&install).await, "release_line").await.0, 200);
    install.sync().await;
    assert!(drift(&install, "open").await.is_empty(), "it stays released");
    install.simulator.world().edit_addition(addition, 31.0).expect("edited");
    install.sync().await;
    let event = only(&install).await;
    assert_eq!(event.drift.is.as_deref(), Some("31"));
    resolve(&install, &event, "release_line").await;
    let line = only_line(&install).await;
    assert_eq!(install.approve(&[line]).await["results"][0]["accepted"], true);
    install.settle().await;
    assert_eq!(install.written().last().map(|(_, from, to)| (*from, *to)), Some((31.0, 27.0)));
}

#[tokio::test(flavor = "current_thread")]
async fn names_are_notices_that_pause_nothing_until_they_are_acknowledged() {
    let (install, line) = written().await;
    let world = install.simulator.world();
    let company = line.line.agreement.as_ref().expect("an agreement").company;
    world.rename_cw_company(id(company.0), "Acme Holding").expect("renamed");
    let eset =
        world.eset_companies().into_iter().find(|company| company.name == line.line.evidence.licences[0].company).expect("a company");
    world.rename_eset_company(&eset.id, "Acme Group").expect("renamed");
    order(&install, 28).await;
    install.sync().await;
    let events = drift(&install, "open").await;
    let kinds: Vec<DriftKind> = events.iter().map(|event| event.drift.kind).collect();
    assert!(kinds.contains(&DriftKind::EsetCompanyRenamed) && kinds.contains(&DriftKind::PsaCompanyRenamed), "{kinds:?}");
    assert!(events.iter().all(|event| !event.pauses));
    assert_eq!(only_line(&install).await.state, LineState::ToApprove);
    for event in events {
        assert_eq!(event.drift.repairs, [Repair::Acknowledge]);
        assert_eq!(resolve(&install, &event, "acknowledge").await.0, 200);
    }
    install.sync().await;
    assert!(drift(&install, "open").await.is_empty());
    assert_eq!(drift(&install, "resolved").await.len(), 2);
}

#[tokio::test(flavor = "current_thread")]
async fn a_company_in_the_recycle_bin_pauses_its_lines_and_no_others() {
    let install = TestInstall::ready(60).await;
    install.sync().await;
    let before = install.lines("to_approve").await;
    let line = &before[0];
    install.simulator.world().recycle_cw_company(id(line.line.agreement.as_ref().expect("an agreement").company.0)).expect("recycled");
    install.sync().await;
    let mut gone = install.get::<Page<DriftView>>("/api/drift?kind=psa_company_gone").await.items;
    assert_eq!(gone.len(), 1, "{gone:#?}");
    let event = gone.remove(0);
    let after = install.lines("to_approve").await;
    let missing: Vec<_> = before.iter().filter(|line| !after.iter().any(|other| other.line.id == line.line.id)).collect();
    assert!(!missing.is_empty() && missing.iter().all(|line| event.drift.lines.contains(&line.line.id)));
    let (status, _) = install.post(&format!("/api/drift/{}/ignore", event.drift.id), &json!({ "reason": " " })).await;
    assert_eq!(status, 422);
    let (status, ignored) = install.post(&format!("/api/drift/{}/ignore", event.drift.id), &json!({ "reason": "being merged" })).await;
    assert_eq!((status.as_u16(), &ignored["state"]), (200, &json!("ignored")));
    install.settle().await;
    assert_eq!(install.lines("to_approve").await.len(), before.len(), "nothing pauses any more");
    let (status, _) = install.post(&format!("/api/drift/{}/ignore", event.drift.id), &json!({ "reason": "again" })).await;
    assert_eq!(status, 409);
}

#[tokio::test(flavor = "current_thread")]
async fn a_mapping_taken_away_while_its_addition_bills_on_is_shown_and_mapped_back() {
    let (install, line) = written().await;
    let page: Value = install.get("/api/companies?state=mapped").await;
    let company = &page["items"][0];
    let clear =
        json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": { "decision": "clear" } }] });
    assert_eq!(install.call("PUT", "/api/mappings/companies", Some(&clear)).await.0, 200);
    install.sync().await;
    let event = only(&install).await;
    assert_eq!(
        (event.drift.kind, event.drift.is.as_deref()),
        (DriftKind::MappingTakenAway, Some(format!("27 {}", line.line.product.name).as_str()))
    );
    assert_eq!(event.drift.repairs, [Repair::MapBack, Repair::Handled]);
    assert_eq!(resolve(&install, &event, "map_back").await.0, 200);
    install.sync().await;
    assert!(drift(&install, "open").await.is_empty());
    assert_eq!(only_line(&install).await.line.id, line.line.id);
}

#[tokio::test(flavor = "current_thread")]
async fn an_addition_that_is_somebody_elses_matter_is_handled_and_not_found_again() {
    let (install, _) = written().await;
    let page: Value = install.get("/api/companies?state=mapped").await;
    let company = &page["items"][0];
    let decision = json!({ "decision": "exclude", "reason": "billed by hand" });
    let exclude = json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": decision }] });
    assert_eq!(install.call("PUT", "/api/mappings/companies", Some(&exclude)).await.0, 200);
    install.sync().await;
    let event = only(&install).await;
    assert_eq!(event.drift.repairs, [Repair::Handled], "an exclusion is not taken back by a click");
    assert_eq!(resolve(&install, &event, "handled").await.0, 200);
    install.sync().await;
    install.sync().await;
    assert!(drift(&install, "open").await.is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn a_pass_in_which_nothing_changed_writes_no_row_of_drift() {
    let install = TestInstall::ready(60).await;
    install.sync().await;
    let rows = || {
        use store::ports::Sql;
        let count = |table: &str| install.sql.run(&format!("SELECT count(*), coalesce(max(rowid), 0) FROM {table}"), &[]).expect("rows");
        ["drift", "known_mappings", "known_products", "audit", "lines"].map(count)
    };
    let before = rows();
    install.clock.advance(600);
    install.cron().await;
    install.clock.advance(600);
    install.cron().await;
    assert_eq!(rows(), before);
}

#[tokio::test(flavor = "current_thread")]
async fn what_came_since_the_last_sync_is_new_and_says_since_when() {
    let install = TestInstall::ready(12).await;
    let page: Value = install.get("/api/companies?state=all&limit=500").await;
    assert!(page["items"].as_array().expect("companies").iter().all(|company| company["new"] == false && company["first_seen"].is_null()));
    let (connection, company) = (page["items"][0]["connection"].clone(), page["items"][0]["company"].clone());
    let id = company.as_str().expect("an id").into();
    let connection = connection.as_str().expect("an id").into();
    install.tenant.ledger.drift_baseline().note_new_companies(&connection, std::iter::once(&id), install.tenant.now()).expect("a row");
    let page: Value = install.get("/api/companies?state=all&limit=500").await;
    let new: Vec<&Value> = page["items"].as_array().expect("companies").iter().filter(|company| company["new"] == true).collect();
    assert_eq!(new.len(), 1);
    assert_eq!(new[0]["company"], company);
    install.clock.advance(60);
    install.sync().await;
    let page: Value = install.get("/api/companies?state=all&limit=500").await;
    assert!(page["items"].as_array().expect("companies").iter().all(|company| company["new"] == false), "seen by two syncs");
}
