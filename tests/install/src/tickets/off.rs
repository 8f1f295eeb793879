//! Companies whose tickets are switched off: nothing is opened for their devices, and nothing bursts later.

use domain::tickets::TicketRule;
use harness::TestInstall;
use serde_json::{Value, json};
use simulator::{FaultKind, Vendor};

async fn ready() -> (TestInstall, TicketRule) {
    let install = TestInstall::with_tickets(40).await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    (install, rule)
}

/// A device of one company, another of the same, and one of another company.
fn devices(install: &TestInstall) -> (String, [String; 3]) {
    let all = install.simulator.world().devices();
    let company = all[0].company.clone();
    let mut own = all.iter().filter(|device| device.company == company).map(|device| device.uuid.clone());
    let other = all.iter().find(|device| device.company != company).expect("another company").uuid.clone();
    let own = [own.next().expect("a device"), own.next().expect("a second device")];
    let [first, second] = own;
    (company, [first, second, other])
}

async fn view(install: &TestInstall, company: &str) -> Value {
    let page: Value = install.get("/api/companies?state=all&limit=500").await;
    let found = page["items"].as_array().expect("companies").iter().find(|row| row["company"] == company);
    found.expect("the company").clone()
}

async fn switch(install: &TestInstall, company: &str, tickets: bool) {
    let connection = view(install, company).await["connection"].clone();
    let body = json!({ "companies": [{ "connection": connection, "company": company }], "tickets": tickets });
    let (status, answer) = install.call("PUT", "/api/companies/tickets", Some(&body)).await;
    assert_eq!(status, 204, "{answer}");
}

#[tokio::test(flavor = "local")]
async fn nothing_is_opened_while_a_company_is_off_and_nothing_bursts_when_it_is_on_again() {
    let (install, rule) = ready().await;
    let (company, [first, second, other]) = devices(&install);
    switch(&install, &company, false).await;
    assert_eq!(view(&install, &company).await["tickets_off"]["by"], "tests");
    install.enter(&rule, &[first.clone(), other.clone()]);
    install.passes(4).await;
    assert_eq!(install.our_tickets().len(), 1, "the other company's");
    assert_eq!(install.ticket_events(), ["skipped", "opened"], "told once");
    let log: Value = install.get(&format!("/api/ticket-log?device={first}")).await;
    assert!(log["items"][0]["words"].as_str().is_some_and(|words| words.contains("switched off")), "{log}");

    switch(&install, &company, true).await;
    assert!(view(&install, &company).await["tickets_off"].is_null());
    install.passes(4).await;
    assert_eq!(install.our_tickets().len(), 1, "what entered meanwhile stays without a ticket");
    install.enter(&rule, &[second]);
    install.passes(3).await;
    assert_eq!(install.our_tickets().len(), 2, "what enters from now on has one");
    install.leave(&rule, std::slice::from_ref(&first));
    install.passes(2).await;
    install.enter(&rule, &[first]);
    install.passes(3).await;
    assert_eq!(install.our_tickets().len(), 3, "also when it enters anew");
}

#[tokio::test(flavor = "local")]
async fn a_ticket_that_was_planned_and_not_begun_is_withdrawn_and_one_that_is_open_is_still_closed() {
    let (install, rule) = ready().await;
    let (company, [first, second, _]) = devices(&install);
    install.enter(&rule, std::slice::from_ref(&first));
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), 1);
    // Planned, and not begun: the look before the write fails.
    install.enter(&rule, std::slice::from_ref(&second));
    let down = FaultKind::Status { code: 503, body: None, retry_after: None };
    install.fault(Vendor::ConnectWise, "GET", "service/tickets", None, down);
    install.hours(1).await;
    switch(&install, &company, false).await;
    install.simulator.world().clear_faults();
    install.passes(3).await;
    assert_eq!(install.ticket_events(), ["opened", "withdrawn"]);
    install.leave(&rule, &[first]);
    install.passes(3).await;
    assert!(install.open_tickets().is_empty(), "what is open is closed when its device has left");
    switch(&install, &company, true).await;
    install.passes(4).await;
    assert_eq!(install.our_tickets().len(), 1, "{:?}", install.ticket_events());
}

#[tokio::test(flavor = "local")]
async fn only_known_companies_are_switched_and_the_history_says_who_did_it_once() {
    let (install, _) = ready().await;
    let (company, _) = devices(&install);
    let connection = view(&install, &company).await["connection"].clone();
    let unknown = json!({ "companies": [{ "connection": connection, "company": "nobodys" }], "tickets": false });
    let (status, problem) = install.call("PUT", "/api/companies/tickets", Some(&unknown)).await;
    assert_eq!((status.as_u16(), &problem["field"]), (422, &json!("companies[0]")), "{problem}");
    let (status, problem) = install.call("PUT", "/api/companies/tickets", Some(&json!({ "companies": [], "tickets": false }))).await;
    assert_eq!((status.as_u16(), &problem["field"]), (422, &json!("companies")), "{problem}");
    for _ in 0..2 {
        switch(&install, &company, false).await;
    }
    let history: Value = install.get("/api/history?event=company_tickets_off").await;
    assert_eq!((&history["total"], &history["items"][0]["by"]), (&json!(1), &json!("tests")), "{history}");
}

#[tokio::test(flavor = "local")]
async fn what_is_detected_while_a_company_is_off_is_skipped_before_anything_is_planned() {
    let install = TestInstall::with_tickets(40).await;
    let rule = install.detection_rule("Detections").await;
    install.store_rule(&rule);
    install.passes(1).await;
    let (company, [first, _, other]) = devices(&install);
    switch(&install, &company, false).await;
    for device in [&first, &other] {
        install.detect(device, 1, simulator::Report::default());
    }
    install.passes(3).await;
    let mut events = install.ticket_events();
    events.sort();
    assert_eq!(events, ["opened", "skipped"], "told once, and nothing is withdrawn");
    switch(&install, &company, true).await;
    install.passes(3).await;
    assert_eq!(install.our_tickets().len(), 1, "{:?}", install.ticket_events());
}
