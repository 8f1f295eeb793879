//! A rule that is switched on: its group is read before, and who is in it has tickets or is left out, as a person says.

use contract::tickets::{GroupNow, TicketRuleView};
use domain::tickets::{Per, TicketRule};
use harness::TestInstall;
use http::StatusCode;
use serde_json::{Value, json};
use simulator::{FaultKind, Vendor};

/// A rule that is off, whose group has so many devices.
async fn ready(devices: usize, per: Per) -> (TestInstall, TicketRule, Vec<String>) {
    let install = TestInstall::with_tickets(40).await;
    let rule = TicketRule { cap: 100, per, enabled: false, ..install.rule("Unprotected").await };
    install.store_rule(&rule);
    let devices = install.devices(devices);
    install.enter(&rule, &devices);
    install.passes(3).await;
    assert!(install.our_tickets().is_empty());
    (install, rule, devices)
}

async fn now(install: &TestInstall, rule: &TicketRule) -> (u32, u32) {
    let (status, groups) = install.post("/api/ticket-rules/switch/preview", &json!({ "rules": [rule.id] })).await;
    assert_eq!(status, StatusCode::OK, "{groups}");
    let groups: Vec<GroupNow> = serde_json::from_value(groups).expect("groups");
    assert_eq!((groups.len(), &groups[0].rule, groups[0].name.as_str()), (1, &rule.id, "Unprotected"));
    (groups[0].devices, groups[0].tickets)
}

async fn switch(install: &TestInstall, rule: &TicketRule, enabled: bool, existing: Option<&str>) -> TicketRuleView {
    let mut body = json!({ "rules": [rule.id], "enabled": enabled });
    if let Some(existing) = existing {
        body["existing"] = json!(existing);
    }
    let (status, views) = install.post("/api/ticket-rules/switch", &body).await;
    assert_eq!(status, StatusCode::OK, "{views}");
    serde_json::from_value::<Vec<TicketRuleView>>(views).expect("views").remove(0)
}

#[tokio::test(flavor = "local")]
async fn a_group_is_read_before_and_each_device_in_it_has_a_ticket_when_a_person_wants_that() {
    let (install, rule, devices) = ready(25, Per::Device).await;
    assert_eq!(now(&install, &rule).await, (25, 25));
    assert_eq!(switch(&install, &rule, true, Some("open")).await.left_out, None);
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), 25);
    assert_eq!(now(&install, &rule).await, (25, 0), "it is on");
    // Off and on again, what was dealt with is no newcomer.
    switch(&install, &rule, false, None).await;
    install.leave(&rule, &devices[..1]);
    install.enter(&rule, &install.devices(27)[25..]);
    assert_eq!(now(&install, &rule).await, (26, 2));
}

#[tokio::test(flavor = "local")]
async fn who_is_in_the_group_is_left_out_until_it_has_left_and_entered_again() {
    let (install, rule, devices) = ready(25, Per::Device).await;
    let view = switch(&install, &rule, true, Some("leave_out")).await;
    assert_eq!((view.left_out, view.devices, view.open), (Some(25), 25, 0));
    let newcomer = install.devices(26).split_off(25);
    install.enter(&rule, &newcomer);
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), 1, "{:?}", install.ticket_events());
    install.leave(&rule, &devices[..1]);
    install.passes(1).await;
    install.enter(&rule, &devices[..1]);
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), 2);
    let told = install.ticket_events().iter().filter(|event| *event == "skipped").count();
    assert_eq!(told, 25, "each of them is in the log");
    let page: Value = install.get("/api/history").await;
    let row = page["items"].as_array().expect("rows").iter().find(|row| row["event"] == "ticket_rule_switched_on").expect("a row");
    assert!(row["detail"].as_str().is_some_and(|detail| detail.contains("25 in its group have no ticket")), "{row}");
    // Switched off and on as usual, nobody is left out any more.
    switch(&install, &rule, false, None).await;
    assert_eq!(switch(&install, &rule, true, None).await.left_out, None);
}

#[tokio::test(flavor = "local")]
async fn a_group_with_one_ticket_is_left_out_as_a_whole() {
    let (install, rule, devices) = ready(2, Per::Group).await;
    assert_eq!(now(&install, &rule).await, (2, 1));
    assert_eq!(switch(&install, &rule, true, Some("leave_out")).await.left_out, Some(1));
    install.passes(3).await;
    assert!(install.our_tickets().is_empty());
    install.leave(&rule, &devices);
    install.passes(8).await;
    install.enter(&rule, &devices[..1]);
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), 1);
}

#[tokio::test(flavor = "local")]
async fn a_group_that_cannot_be_read_to_its_end_switches_nothing_on() {
    let (install, rule, _) = ready(3, Per::Device).await;
    install.fault(Vendor::Connect, "GET", &install.watched(&rule), None, FaultKind::Status { code: 500, body: None, retry_after: None });
    let body = json!({ "rules": [rule.id], "enabled": true, "existing": "leave_out" });
    for (path, body) in [("/api/ticket-rules/switch/preview", json!({ "rules": [rule.id] })), ("/api/ticket-rules/switch", body)] {
        let (status, problem) = install.post(path, &body).await;
        assert!(status.is_server_error() && problem["title"].is_string(), "{path}: {status} {problem}");
    }
    assert!(!install.tenant.ledger.ticket_rules().find(&rule.id).expect("a row").expect("a rule").rule.enabled);
}

#[tokio::test(flavor = "local")]
async fn what_a_console_that_tells_of_detections_knows_already_opens_nothing_and_thirty_groups_are_read_at_most() {
    let install = TestInstall::with_tickets(12).await;
    let rule = TicketRule { enabled: false, ..install.detection_rule("Unprotected").await };
    install.store_rule(&rule);
    assert_eq!(now(&install, &rule).await, (0, 0));
    let many = json!({ "rules": vec![rule.id.clone(); 31] });
    assert_eq!(install.post("/api/ticket-rules/switch/preview", &many).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}
