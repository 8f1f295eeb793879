//! Companies whose tickets are switched off: nothing is opened for their devices, and nothing bursts later.

use domain::tickets::TicketRule;
use harness::House;
use serde_json::{Value, json};
use simulator::{FaultKind, Vendor};

async fn ready() -> (House, TicketRule) {
    let house = House::with_tickets(40).await;
    let rule = house.rule("Not protected").await;
    house.store_rule(&rule);
    (house, rule)
}

/// A device of one company, another of the same, and one of another company.
fn devices(house: &House) -> (String, [String; 3]) {
    let all = house.simulator.world().devices();
    let company = all[0].company.clone();
    let mut own = all.iter().filter(|device| device.company == company).map(|device| device.uuid.clone());
    let other = all.iter().find(|device| device.company != company).expect("another company").uuid.clone();
    let own = [own.next().expect("a device"), own.next().expect("a second device")];
    let [first, second] = own;
    (company, [first, second, other])
}

async fn view(house: &House, company: &str) -> Value {
    let page: Value = house.get("/api/companies?state=all&limit=500").await;
    let found = page["items"].as_array().expect("companies").iter().find(|row| row["company"] == company);
    found.expect("the company").clone()
}

async fn switch(house: &House, company: &str, tickets: bool) {
    let connection = view(house, company).await["connection"].clone();
    let body = json!({ "companies": [{ "connection": connection, "company": company }], "tickets": tickets });
    let (status, answer) = house.call("PUT", "/api/companies/tickets", Some(&body)).await;
    assert_eq!(status, 204, "{answer}");
}

#[tokio::test(flavor = "local")]
async fn nothing_is_opened_while_a_company_is_off_and_nothing_bursts_when_it_is_on_again() {
    let (house, rule) = ready().await;
    let (company, [first, second, other]) = devices(&house);
    switch(&house, &company, false).await;
    assert_eq!(view(&house, &company).await["tickets_off"]["by"], "tests");
    house.enter(&rule, &[first.clone(), other.clone()]);
    house.passes(4).await;
    assert_eq!(house.our_tickets().len(), 1, "the other company's");
    assert_eq!(house.ticket_events(), ["skipped", "opened"], "told once");
    let log: Value = house.get(&format!("/api/ticket-log?device={first}")).await;
    assert!(log["items"][0]["words"].as_str().is_some_and(|words| words.contains("switched off")), "{log}");

    switch(&house, &company, true).await;
    assert!(view(&house, &company).await["tickets_off"].is_null());
    house.passes(4).await;
    assert_eq!(house.our_tickets().len(), 1, "what entered meanwhile stays without a ticket");
    house.enter(&rule, &[second]);
    house.passes(3).await;
    assert_eq!(house.our_tickets().len(), 2, "what enters from now on has one");
    house.leave(&rule, std::slice::from_ref(&first));
    house.passes(2).await;
    house.enter(&rule, &[first]);
    house.passes(3).await;
    assert_eq!(house.our_tickets().len(), 3, "also when it enters anew");
}

#[tokio::test(flavor = "local")]
async fn a_ticket_that_was_planned_and_not_begun_is_withdrawn_and_one_that_is_open_is_still_closed() {
    let (house, rule) = ready().await;
    let (company, [first, second, _]) = devices(&house);
    house.enter(&rule, std::slice::from_ref(&first));
    house.passes(3).await;
    assert_eq!(house.open_tickets().len(), 1);
    // Planned, and not begun: the look before the write fails.
    house.enter(&rule, std::slice::from_ref(&second));
    let down = FaultKind::Status { code: 503, body: None, retry_after: None };
    house.fault(Vendor::ConnectWise, "GET", "service/tickets", None, down);
    house.hours(1).await;
    switch(&house, &company, false).await;
    house.simulator.world().clear_faults();
    house.passes(3).await;
    assert_eq!(house.ticket_events(), ["opened", "withdrawn"]);
    house.leave(&rule, &[first]);
    house.passes(3).await;
    assert!(house.open_tickets().is_empty(), "what is open is closed when its device has left");
    switch(&house, &company, true).await;
    house.passes(4).await;
    assert_eq!(house.our_tickets().len(), 1, "{:?}", house.ticket_events());
}

#[tokio::test(flavor = "local")]
async fn only_known_companies_are_switched_and_the_history_says_who_did_it_once() {
    let (house, _) = ready().await;
    let (company, _) = devices(&house);
    let connection = view(&house, &company).await["connection"].clone();
    let unknown = json!({ "companies": [{ "connection": connection, "company": "nobodys" }], "tickets": false });
    let (status, problem) = house.call("PUT", "/api/companies/tickets", Some(&unknown)).await;
    assert_eq!((status.as_u16(), &problem["field"]), (422, &json!("companies[0]")), "{problem}");
    let (status, problem) = house.call("PUT", "/api/companies/tickets", Some(&json!({ "companies": [], "tickets": false }))).await;
    assert_eq!((status.as_u16(), &problem["field"]), (422, &json!("companies")), "{problem}");
    for _ in 0..2 {
        switch(&house, &company, false).await;
    }
    let history: Value = house.get("/api/history?event=company_tickets_off").await;
    assert_eq!((&history["total"], &history["items"][0]["by"]), (&json!(1), &json!("tests")), "{history}");
}

#[tokio::test(flavor = "local")]
async fn what_is_detected_while_a_company_is_off_is_skipped_before_anything_is_planned() {
    let house = House::with_tickets(40).await;
    let rule = house.detection_rule("Detections").await;
    house.store_rule(&rule);
    house.passes(1).await;
    let (company, [first, _, other]) = devices(&house);
    switch(&house, &company, false).await;
    for device in [&first, &other] {
        house.detect(device, 1, simulator::Report::default());
    }
    house.passes(3).await;
    let mut events = house.ticket_events();
    events.sort();
    assert_eq!(events, ["opened", "skipped"], "told once, and nothing is withdrawn");
    switch(&house, &company, true).await;
    house.passes(3).await;
    assert_eq!(house.our_tickets().len(), 1, "{:?}", house.ticket_events());
}
