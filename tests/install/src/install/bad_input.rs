//! Bad input gets a clear problem that names the field and the remedy: nothing lost, nothing half-written.

use contract::month::{LineState, LineView};
use contract::passes::{PassKind, PassState};
use harness::TestInstall;
use http::StatusCode;
use serde_json::{Value, json};
use simulator::{Action, Fault, FaultKind, Level, Vendor};

const NOTHING: Option<&Value> = None;

/// The test of a connection that was just made from this; its failed check.
async fn failed_check(install: &TestInstall, connection: &Value) -> Value {
    let (status, report) = install.post("/api/connections/test", connection).await;
    assert_eq!(status, StatusCode::OK, "{report}");
    assert_eq!(report["ok"], false, "{report}");
    let checks = report["checks"].as_array().expect("checks");
    let check = checks.iter().find(|check| check["result"] == "failed").expect("a failed check");
    assert!(check["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()), "{check}");
    check.clone()
}

fn says(check: &Value, words: &[&str]) {
    let text = check.to_string().to_lowercase();
    for word in words {
        assert!(text.contains(&word.to_lowercase()), "{word}: {check}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_wrong_eset_password_is_told_as_one() {
    let install = TestInstall::empty(1).await;
    let mut connection = install.ema2();
    connection["credentials"]["password"] = json!("canary");
    says(&failed_check(&install, &connection).await, &["Sign-in", "password"]);
}

#[tokio::test(flavor = "current_thread")]
async fn wrong_connectwise_keys_are_told_as_ones_in_the_cloud_and_on_an_own_server() {
    for cloud in [true, false] {
        let install = TestInstall::empty(1).await;
        install.simulator.world().set_cloud(cloud);
        let mut connection = install.connectwise();
        connection["credentials"]["private_key"] = json!("canary");
        says(&failed_check(&install, &connection).await, &["key"]);
        let mut connection = install.connectwise();
        connection["credentials"]["company_id"] = json!("elsewhere");
        says(&failed_check(&install, &connection).await, &["company"]);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_missing_permission_is_named_with_where_to_grant_it() {
    let install = TestInstall::empty(1).await;
    install.simulator.world().set_action_level("Agreements", Action::Edit, Level::None).expect("a function");
    says(&failed_check(&install, &install.connectwise()).await, &["Finance > Agreements", "Edit", "Security Roles"]);
}

#[tokio::test(flavor = "current_thread")]
async fn a_permission_taken_away_later_fails_the_line_in_connectwises_words() {
    let install = TestInstall::ready(1).await;
    let lines = install.lines("to_approve").await;
    install.simulator.world().set_action_level("Agreements", Action::Edit, Level::None).expect("a function");
    install.approve(&lines).await;
    install.settle().await;
    assert!(install.written().is_empty());
    let line = &install.lines("held").await[0];
    assert_eq!(line.state, LineState::Failed);
    let words = line.intent.as_ref().and_then(|intent| intent.outcome.as_ref()).expect("an outcome").words.clone();
    assert!(words.contains("refused"), "{words}");
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_not_the_vendor_is_told_apart() {
    let install = TestInstall::empty(1).await;
    for (kind, words) in [
        (FaultKind::HtmlBody { status: 200 }, "not JSON"),
        (FaultKind::HtmlBody { status: 502 }, "not JSON"),
        (FaultKind::Status { code: 500, body: Some("{\"oops\": 1}".to_owned()), retry_after: None }, "500"),
        (FaultKind::ResetBefore, "reach"),
        (FaultKind::TruncatedBody, "reach"),
        (FaultKind::MalformedJson, "not JSON"),
    ] {
        for (vendor, connection) in [(Vendor::Ema2, install.ema2()), (Vendor::ConnectWise, install.connectwise())] {
            install.simulator.world().inject(Fault::new(vendor, kind.clone()));
            let check = failed_check(&install, &connection).await;
            says(&check, &[words]);
            install.simulator.world().clear_faults();
        }
    }
    let mut nowhere = install.ema2();
    nowhere["address"] = json!("http://127.0.0.1:9/api");
    says(&failed_check(&install, &nowhere).await, &["reach", "address"]);
}

#[tokio::test(flavor = "current_thread")]
async fn tokens_of_sixty_seconds_last_through_a_whole_sync() {
    let install = TestInstall::empty(60).await;
    install.simulator.world().set_token_lifetime(60);
    install.connect().await;
    let (world, clock) = (install.simulator.world(), std::rc::Rc::clone(&install.clock));
    // Each call takes a second and a half, so that a token lives for forty calls.
    install.wire.plan(move |_| {
        clock.advance(1);
        world.advance(1);
        harness::wire::Fate::Answered
    });
    install.sync().await;
    assert_eq!(install.last_pass(PassKind::Sync).state, PassState::Done);
    let logins = install.wire.kinds().iter().filter(|kind| kind.contains("Token/")).count();
    assert!(logins > 2, "a token ended in mid-sync: {logins} logins");
}

#[tokio::test(flavor = "current_thread")]
async fn a_distributors_account_is_refused_with_the_reason() {
    let install = TestInstall::empty(1).await;
    install.simulator.world().set_account_type(1002).expect("a type");
    says(&failed_check(&install, &install.ema2()).await, &["distributor", "MSP"]);
    let (status, _) = install.post("/api/connections", &install.ema2()).await;
    assert_eq!(status, StatusCode::CREATED, "it is kept, to be put right");
    install.sync().await;
    let pass = install.last_pass(PassKind::Sync);
    assert_eq!(pass.state, PassState::Failed);
    assert!(pass.result.as_deref().is_some_and(|words| words.contains("distributor")), "{pass:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_customer_renamed_on_both_sides_keeps_its_mapping() {
    let install = TestInstall::ready(1).await;
    let world = install.simulator.world();
    let before = install.lines("to_approve").await;
    let company = world.licenses()[0].company.clone();
    world.rename_eset_company(&company, "Another Name Entirely").expect("a company");
    let agreement = before[0].line.agreement.as_ref().expect("an agreement");
    world.rename_cw_company(i32::try_from(agreement.company.0).expect("an id"), "Renamed Ltd").expect("a company");
    install.sync().await;
    let after = install.lines("to_approve").await;
    assert_eq!(after.len(), 1);
    assert_eq!((&after[0].line.id, &after[0].line.preview), (&before[0].line.id, &before[0].line.preview));
    assert_eq!(after[0].line.evidence.licences[0].company, "Another Name Entirely");
}

/// Changes something in ConnectWise between preview and commit, and answers the line after the commit: nothing was written.
async fn changed_before_commit(change: impl FnOnce(&TestInstall, &LineView)) -> LineView {
    let install = TestInstall::ready(1).await;
    let lines = install.lines("to_approve").await;
    change(&install, &lines[0]);
    install.approve(&lines).await;
    install.settle().await;
    assert!(install.written().is_empty(), "{:?}", install.written());
    assert!(install.open_intents().is_empty());
    install.get(&format!("/api/lines/{}", lines[0].line.id)).await
}

fn outcome(line: &LineView) -> String {
    line.intent.as_ref().and_then(|intent| intent.outcome.as_ref()).map(|outcome| outcome.words.clone()).unwrap_or_default()
}

fn addition(line: &LineView) -> i32 {
    i32::try_from(line.line.addition.expect("an addition").0).expect("an id")
}

#[tokio::test(flavor = "current_thread")]
async fn an_agreement_cancelled_between_preview_and_commit_is_not_written() {
    let line = changed_before_commit(|install, line| {
        let id = i32::try_from(line.line.agreement.as_ref().expect("an agreement").id.0).expect("an id");
        install.simulator.world().cancel_agreement(id).expect("an agreement");
    })
    .await;
    assert_eq!(line.state, LineState::Failed);
    assert!(outcome(&line).to_lowercase().contains("cancelled"), "{}", outcome(&line));
}

#[tokio::test(flavor = "current_thread")]
async fn an_addition_deleted_by_hand_is_not_made_anew() {
    let line = changed_before_commit(|install, line| install.simulator.world().delete_addition(addition(line)).expect("an addition")).await;
    assert_eq!(line.state, LineState::Failed);
    assert!(outcome(&line).contains("gone"), "{}", outcome(&line));
}

#[tokio::test(flavor = "current_thread")]
async fn an_addition_cancelled_by_hand_is_not_written() {
    let line = changed_before_commit(|install, line| install.simulator.world().cancel_addition(addition(line)).expect("an addition")).await;
    assert_eq!(line.state, LineState::Failed);
    assert!(outcome(&line).contains("cancelled"), "{}", outcome(&line));
}

#[tokio::test(flavor = "current_thread")]
async fn an_addition_edited_by_hand_between_preview_and_commit_is_left_alone() {
    let line =
        changed_before_commit(|install, line| install.simulator.world().edit_addition(addition(line), 40.0).expect("an addition")).await;
    assert_eq!(line.state, LineState::Failed);
    assert!(outcome(&line).contains("25 to 40"), "{}", outcome(&line));
}

#[tokio::test(flavor = "current_thread")]
async fn a_duplicated_addition_is_held_and_an_edit_after_our_write_too() {
    let install = TestInstall::ready(1).await;
    let lines = install.lines("to_approve").await;
    install.approve(&lines).await;
    install.settle().await;
    let world = install.simulator.world();
    world.edit_addition(addition(&lines[0]), 20.0).expect("an addition");
    install.sync().await;
    let held = install.lines("held").await;
    let codes: Vec<&str> = held[0].guards.iter().map(|guard| guard.code.as_str()).collect();
    assert_eq!(codes, ["drift", "edited_by_hand"], "the event pauses the line until somebody looks at it");
    world.duplicate_addition(addition(&lines[0])).expect("an addition");
    install.sync().await;
    let held = install.lines("held").await;
    assert!(held[0].guards.iter().any(|guard| guard.code == "more_than_one_ongoing_addition" && guard.blocks), "{held:?}");
    let answer = install.approve(&held).await;
    assert_eq!((&answer["results"][0]["accepted"], &answer["results"][0]["code"]), (&json!(false), &json!("blocked")));
    install.settle().await;
    assert_eq!(install.written().len(), 1);
}

#[tokio::test(flavor = "current_thread")]
async fn a_stale_preview_is_refused_and_an_approval_repeated_is_one_change() {
    let install = TestInstall::ready(1).await;
    let seen = install.lines("to_approve").await;
    let licence = install.simulator.world().licenses()[0].public_license_key.clone();
    install.simulator.world().set_seats(&licence, 31).expect("a licence");
    install.sync().await;
    let answer = install.approve(&seen).await;
    assert_eq!((&answer["results"][0]["accepted"], &answer["results"][0]["code"]), (&json!(false), &json!("stale_preview")));
    let now = install.lines("to_approve").await;
    assert_eq!(install.approve(&now).await["results"][0]["accepted"], true);
    assert_eq!(install.approve(&now).await["results"][0]["code"], "in_progress");
    let twice = [now[0].clone(), now[0].clone()];
    assert_eq!(install.approve(&twice).await["results"][1]["code"], "in_progress");
    install.settle().await;
    assert_eq!(install.written().iter().map(|(_, from, to)| (*from, *to)).collect::<Vec<_>>(), [(25.0, 31.0)]);
    assert_eq!(install.approve(&now).await["results"][0]["accepted"], false);
    install.settle().await;
    assert_eq!(install.written().len(), 1);
}

#[tokio::test(flavor = "current_thread")]
async fn a_held_line_is_approved_alone_and_only_with_its_guards_seen() {
    let install = TestInstall::ready(1).await;
    let licence = install.simulator.world().licenses()[0].public_license_key.clone();
    install.simulator.world().set_seats(&licence, 500).expect("a licence");
    install.sync().await;
    let held = install.lines("held").await;
    assert_eq!(held[0].guards[0].code, "over_cap");
    let (id, preview) = (&held[0].line.id, &held[0].line.preview);
    let with = |seen: Value| json!({ "id": id, "preview": preview, "seen": seen });
    for lines in [json!([with(json!([]))]), json!([with(json!(["over_cap"])), { "id": "another", "preview": "p" }])] {
        let (_, answer) = install.post("/api/lines/approve", &json!({ "lines": lines })).await;
        assert_eq!(answer["results"][0]["code"], "look_alone", "{answer}");
    }
    let (_, answer) = install.post("/api/lines/approve", &json!({ "lines": [with(json!(["over_cap"]))] })).await;
    assert_eq!(answer["results"][0]["accepted"], true, "{answer}");
    install.settle().await;
    assert_eq!(install.written().len(), 1);
}

#[tokio::test(flavor = "current_thread")]
async fn a_line_held_by_a_person_stays_held_until_it_is_released() {
    let install = TestInstall::ready(1).await;
    let lines = install.lines("to_approve").await;
    let id = &lines[0].line.id;
    let (_, answer) = install.post("/api/lines/hold", &json!({ "lines": [id], "reason": "asking the customer" })).await;
    assert_eq!(answer["results"][0]["state"], "held", "{answer}");
    install.clock.advance(600);
    install.cron().await;
    assert_eq!(install.lines("held").await.len(), 1, "a pass does not release it");
    let (_, answer) = install.post("/api/lines/release", &json!({ "lines": [id] })).await;
    assert_eq!(answer["results"][0]["state"], "to_approve", "{answer}");
}

#[tokio::test(flavor = "current_thread")]
async fn names_and_reasons_that_are_blank_or_too_long_name_their_field() {
    let install = TestInstall::ready(1).await;
    let long = "n".repeat(61);
    for name in ["", "  ", long.as_str()] {
        let mut connection = install.ema2();
        connection["name"] = json!(name);
        let (status, problem) = install.post("/api/connections", &connection).await;
        assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("name")), "{problem}");
        let token = json!({ "name": name, "role": "viewer" });
        let (status, problem) = install.call_by(&install.admin, "POST", "/api/tokens", Some(&token)).await;
        assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("name")), "{problem}");
    }
    let (status, problem) = install.post("/api/connections", &install.ema2()).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("name_taken")));
    let mut blank = install.connectwise();
    blank["name"] = json!("Another");
    blank["credentials"]["private_key"] = json!(" ");
    let (status, problem) = install.post("/api/connections", &blank).await;
    assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("credentials.private_key")));
    let page: Value = install.get("/api/companies?state=all").await;
    let company = &page["items"][0];
    for reason in [String::new(), "  ".to_owned(), "r".repeat(201)] {
        let decision = json!({ "decision": "exclude", "reason": reason });
        let change = json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": decision }] });
        let (status, problem) = install.call("PUT", "/api/mappings/companies", Some(&change)).await;
        assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("changes[0].decision.reason")), "{problem}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn credentials_are_not_sent_to_an_address_somebody_changed() {
    let install = TestInstall::ready(1).await;
    let id = install.connection("ConnectWise").await;
    install.wire.clear();
    let change = json!({ "address": "http://127.0.0.1:9" });
    let (status, problem) = install.call("PATCH", &format!("/api/connections/{id}"), Some(&change)).await;
    assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("credentials")), "{problem}");
    assert!(install.wire.kinds().is_empty(), "nothing was called");
}

#[tokio::test(flavor = "current_thread")]
async fn deleting_a_connection_takes_along_what_it_said_and_writes_nothing_more() {
    let install = TestInstall::ready(1).await;
    let lines = install.lines("to_approve").await;
    install.approve(&lines).await;
    let id = install.connection("ConnectWise").await;
    let told: Value = install.get(&format!("/api/connections/{id}/consequences")).await;
    for (what, count) in [("company_mappings", 1), ("lines", 1), ("open_intents", 1)] {
        assert_eq!(told[what], count, "{what}: {told}");
    }
    let (status, _) = install.call("DELETE", &format!("/api/connections/{id}"), NOTHING).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    install.settle().await;
    assert!(install.written().is_empty());
    assert!(install.open_intents().is_empty());
    let billed = install.lines("all").await;
    assert!(billed.iter().all(|line| line.line.agreement.is_none()), "{billed:?}");
    let history: Value = install.get("/api/history?q=connectwise").await;
    assert!(history["items"].as_array().is_some_and(|rows| rows.iter().any(|row| row["event"] == "connection_deleted")), "{history}");
    let eset = install.connection("ESET").await;
    install.call("DELETE", &format!("/api/connections/{eset}"), NOTHING).await;
    install.settle().await;
    assert!(install.lines("all").await.is_empty(), "its snapshot is out of the month");
}

#[tokio::test(flavor = "current_thread")]
async fn a_change_tried_again_is_not_written_for_a_held_line_or_a_company_that_was_just_excluded() {
    let install = TestInstall::ready(1).await;
    let lines = install.lines("to_approve").await;
    let (world, id) = (install.simulator.world(), addition(&lines[0]));
    let before = world.addition(id).expect("the addition").quantity;
    world.edit_addition(id, before + 40.0).expect("an addition");
    install.approve(&lines).await;
    install.settle().await;
    let failed = install.intents().pop().expect("the intent");
    assert_eq!(failed.state, engine::IntentState::Failed, "{failed:?}");
    world.edit_addition(id, before).expect("an addition");
    let line = [failed.line.to_string()];
    install.call("POST", "/api/lines/hold", Some(&json!({ "lines": line, "reason": "wait" }))).await;
    let (status, problem) = install.call("POST", &format!("/api/intents/{}/retry", failed.id), NOTHING).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("held")), "{problem}");
    install.call("POST", "/api/lines/release", Some(&json!({ "lines": line }))).await;
    let company = &install.get::<Value>("/api/companies?state=mapped").await["items"][0];
    let decision = json!({ "decision": "exclude", "reason": "billed by hand" });
    let exclude = json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": decision }] });
    assert_eq!(install.call("PUT", "/api/mappings/companies", Some(&exclude)).await.0, 200);
    // In the same moment, before the lines are planned anew.
    install.call("POST", &format!("/api/intents/{}/retry", failed.id), NOTHING).await;
    install.settle().await;
    assert!(install.written().is_empty(), "{:?}", install.written());
    assert!(install.open_intents().is_empty());
}
