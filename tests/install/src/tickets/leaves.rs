//! Devices that leave a group all at once: no ticket is closed before later readings or a person say that they are gone.

use contract::passes::PassKind;
use contract::tickets::{MassLeave, TicketRuleView};
use domain::tickets::{Per, TicketRule};
use harness::TestInstall;
use http::StatusCode;
use serde_json::{Value, json};
use simulator::{FaultKind, Vendor};

/// A rule whose group has so many devices, each with an open ticket.
async fn ready(devices: usize) -> (TestInstall, TicketRule, Vec<String>) {
    let install = TestInstall::with_tickets(40).await;
    let rule = TicketRule { cap: 100, ..install.rule("Unprotected").await };
    install.store_rule(&rule);
    let devices = install.devices(devices);
    install.enter(&rule, &devices);
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), devices.len());
    (install, rule, devices)
}

async fn view(install: &TestInstall, rule: &TicketRule) -> TicketRuleView {
    install.get(&format!("/api/ticket-rules/{}", rule.id)).await
}

async fn leaves(install: &TestInstall, rule: &TicketRule) -> Option<MassLeave> {
    view(install, rule).await.leaves
}

async fn decide(install: &TestInstall, rule: &TicketRule, gone: bool, devices: u32) -> StatusCode {
    let body = json!({ "gone": gone, "devices": devices });
    install.post(&format!("/api/ticket-rules/{}/leaves", rule.id), &body).await.0
}

fn cut(install: &TestInstall, rule: &TicketRule, percent: u32, times: Option<u32>) {
    install.fault(Vendor::Connect, "GET", &install.watched(rule), times, FaultKind::Cut { percent });
}

#[tokio::test(flavor = "local")]
async fn a_group_that_loses_many_for_some_readings_closes_nothing_and_is_as_before() {
    for (percent, readings) in [(0, 1), (0, 2), (0, 5), (40, 3), (8, 6)] {
        let (install, rule, devices) = ready(25).await;
        cut(&install, &rule, percent, Some(readings));
        install.passes(1).await;
        let left = 25 - 25 * percent / 100;
        let doubted = leaves(&install, &rule).await.expect("devices in doubt");
        assert_eq!((doubted.devices, doubted.were, doubted.names.len()), (left, 25, 5), "{percent} %, {readings} readings");
        assert_eq!(doubted.until, Some(doubted.since + chrono::TimeDelta::hours(1)));
        install.passes(readings as usize + 8).await;
        assert_eq!(install.open_tickets().len(), devices.len(), "{percent} %, {readings} readings");
        assert_eq!(leaves(&install, &rule).await, None, "they are back, and nothing is said of it");
        assert_eq!(install.tickets_made(), devices.len(), "who never left enters no second time");
    }
}

#[tokio::test(flavor = "local")]
async fn a_group_that_is_left_for_good_is_believed_by_the_third_reading_an_hour_later() {
    let (install, rule, devices) = ready(25).await;
    install.leave(&rule, &devices[..23]);
    install.passes(1).await;
    let pass = install.last_pass(PassKind::Tickets);
    assert!(pass.troubles[0].contains("23 of 25 devices left the group at once. No ticket is closed until"), "{pass:?}");
    install.passes(5).await;
    assert_eq!(install.open_tickets().len(), 25, "not within the hour");
    install.passes(4).await;
    assert_eq!(install.open_tickets().len(), 2, "{:?}", install.ticket_events());
    let told = install.ticket_events().iter().filter(|event| *event == "leaves_doubted").count();
    assert_eq!((told, leaves(&install, &rule).await), (1, None));
}

#[tokio::test(flavor = "local")]
async fn two_readings_are_no_proof_however_far_apart() {
    let (install, rule, devices) = ready(12).await;
    install.leave(&rule, &devices);
    install.passes(1).await;
    install.outage(5);
    install.passes(1).await;
    assert_eq!(install.open_tickets().len(), 12);
    install.passes(3).await;
    assert!(install.open_tickets().is_empty(), "the third one is");
}

#[tokio::test(flavor = "local")]
async fn who_enters_while_others_are_doubted_has_a_ticket_in_time() {
    let (install, rule, _) = ready(25).await;
    let newcomer = install.devices(26).split_off(25);
    cut(&install, &rule, 0, Some(1));
    install.passes(1).await;
    install.leave(&rule, &install.devices(24));
    install.enter(&rule, &newcomer);
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), 26);
    assert_eq!(leaves(&install, &rule).await.map(|leaves| leaves.devices), Some(24));
}

#[tokio::test(flavor = "local")]
async fn a_person_says_that_they_are_gone_and_their_tickets_are_closed() {
    let (install, rule, devices) = ready(25).await;
    install.leave(&rule, &devices);
    install.passes(1).await;
    assert_eq!(decide(&install, &rule, true, 24).await, StatusCode::CONFLICT, "not what is shown");
    assert_eq!(decide(&install, &rule, true, 25).await, StatusCode::OK);
    assert_eq!(decide(&install, &rule, true, 25).await, StatusCode::CONFLICT, "it is decided");
    install.passes(3).await;
    assert!(install.open_tickets().is_empty(), "{:?}", install.ticket_events());
    let page: Value = install.get("/api/history").await;
    let events: Vec<&str> = page["items"].as_array().expect("rows").iter().filter_map(|row| row["event"].as_str()).collect();
    assert!(events.contains(&"ticket_leaves_confirmed"), "{events:?}");
}

#[tokio::test(flavor = "local")]
async fn what_a_person_keeps_open_stays_open_until_it_was_back() {
    let (install, rule, devices) = ready(25).await;
    install.leave(&rule, &devices);
    install.passes(1).await;
    assert_eq!(decide(&install, &rule, false, 25).await, StatusCode::OK);
    install.passes(20).await;
    assert_eq!(install.open_tickets().len(), 25);
    let kept = leaves(&install, &rule).await.expect("kept");
    assert_eq!((kept.devices, kept.until), (25, None));
    // Two are back, and leave again: that is believed as always.
    install.enter(&rule, &devices[..2]);
    install.passes(1).await;
    install.leave(&rule, &devices[..2]);
    install.passes(4).await;
    assert_eq!(install.open_tickets().len(), 23);
    assert_eq!(decide(&install, &rule, true, 23).await, StatusCode::OK, "a person may say otherwise");
    install.passes(3).await;
    assert!(install.open_tickets().is_empty());
}

#[tokio::test(flavor = "local")]
async fn a_group_with_one_ticket_counts_by_its_devices() {
    let install = TestInstall::with_tickets(40).await;
    let rule = TicketRule { per: Per::Group, ..install.rule("Unprotected").await };
    install.store_rule(&rule);
    let devices = install.devices(25);
    install.enter(&rule, &devices);
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), 1);
    install.leave(&rule, &devices);
    install.passes(4).await;
    assert_eq!(install.open_tickets().len(), 1);
    let doubted = leaves(&install, &rule).await.expect("devices in doubt");
    assert_eq!((doubted.devices, doubted.were), (25, 25));
    install.passes(6).await;
    assert!(install.open_tickets().is_empty());
}

#[tokio::test(flavor = "local")]
async fn the_limits_are_the_policys_and_the_overview_names_the_rule() {
    let (install, rule, devices) = ready(25).await;
    let mut policy: Value = install.get::<Value>("/api/policy").await["policy"].clone();
    assert_eq!((&policy["leave_devices"], &policy["leave_percent"]), (&json!(10), &json!(50)));
    for (name, value) in [("leave_devices", 2), ("leave_percent", 101)] {
        let mut wrong = policy.clone();
        wrong[name] = json!(value);
        let (status, problem) = install.call("PUT", "/api/policy", Some(&wrong)).await;
        assert_eq!((status, problem["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(name)));
    }
    policy["leave_devices"] = json!(5);
    policy["leave_percent"] = json!(20);
    install.call("PUT", "/api/policy", Some(&policy)).await;
    install.leave(&rule, &devices[..6]);
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), 25, "6 of 25 are more than 20 percent");
    let overview: Value = install.get("/api/overview").await;
    assert_eq!(overview["mass_leaves"][0]["name"], json!("Unprotected"));
    assert_eq!(overview["mass_leaves"][0]["leaves"]["devices"], json!(6));
    install.passes(7).await;
    assert_eq!(install.open_tickets().len(), 19);
    assert_eq!(install.get::<Value>("/api/overview").await["mass_leaves"], json!([]));
}

#[tokio::test(flavor = "local")]
async fn a_page_that_is_lost_closes_nothing() {
    let install = TestInstall::with_tickets(12).await;
    let rule = TicketRule { cap: 1, ..install.rule("Unprotected").await };
    install.store_rule(&rule);
    let company = install.simulator.world().devices().first().expect("a device").company.clone();
    install.simulator.world().add_devices(&company, Some(&install.watched(&rule)), 2_500).expect("devices");
    install.passes(2).await;
    let before = install.ticket_events().len();
    cut(&install, &rule, 100, Some(3));
    install.passes(4).await;
    assert_eq!((install.open_tickets().len(), install.ticket_events().len()), (2, before + 1), "one row, of the doubt");
    let (devices, _) = install.tenant.ledger.ticket_rules().case_counts(&rule.id).expect("rows");
    assert_eq!(devices, 2_500);
}
