//! Connections that are changed, or deleted and made anew, while their rules have tickets open.

use domain::ids::ConnectionId;
use domain::tickets::{RuleSource, TicketRule};
use engine::IntentState;
use harness::House;
use serde_json::{Value, json};
use simulator::{FaultKind, Vendor};

async fn ready() -> (House, TicketRule) {
    let house = House::with_tickets(12).await;
    let rule = house.rule("Not protected").await;
    house.store_rule(&rule);
    (house, rule)
}

fn path(rule: &TicketRule) -> String {
    format!("/api/ticket-rules/{}", rule.id.as_str().replace(' ', "%20"))
}

/// Saves a rule as the form does.
async fn save(house: &House, rule: &TicketRule) {
    let (status, answer) = house.call("PUT", &path(rule), Some(rule)).await;
    assert_eq!(status, 200, "{answer}");
}

async fn delete(house: &House, connection: &ConnectionId) {
    assert_eq!(house.call::<Value>("DELETE", &format!("/api/connections/{connection}"), None).await.0, 204);
}

/// Deletes the ConnectWise connection and makes it anew, and gives the rule the new one.
async fn remade(house: &House, rule: &TicketRule) -> TicketRule {
    delete(house, &rule.target.psa).await;
    house.connect_groups(&house.connectwise()).await;
    house.sync().await;
    let mut rule = rule.clone();
    rule.target.psa = ConnectionId(house.connection("ConnectWise").await);
    save(house, &rule).await;
    rule
}

#[tokio::test(flavor = "local")]
async fn a_connectwise_made_anew_closes_and_notes_what_was_opened_through_the_old_one() {
    let (house, rule) = ready().await;
    let devices = house.devices(3);
    house.enter(&rule, &devices[..2]);
    house.passes(2).await;
    assert_eq!(house.open_tickets().len(), 2);
    let rule = remade(&house, &rule).await;
    house.leave(&rule, &devices[..1]);
    house.passes(3).await;
    assert_eq!(house.open_tickets().len(), 1, "{:?}", house.ticket_events());
    house.enter(&rule, &devices[..1]);
    house.passes(3).await;
    assert_eq!((house.open_tickets().len(), house.our_tickets().len()), (2, 2), "{:?}", house.ticket_events());
    // A person's close is seen through it too.
    let ticket = house.open_tickets().remove(0).id;
    house.simulator.world().close_ticket(ticket, None).expect("a ticket");
    house.enter(&rule, &devices[2..]);
    house.passes(3).await;
    let events = house.ticket_events();
    assert_eq!(events.iter().filter(|event| *event == "closed_by_person").count(), 1, "{events:?}");
    assert!(!events.iter().any(|event| ["withdrawn", "failed", "parked", "ticket_gone"].contains(&event.as_str())), "{events:?}");
    assert_eq!(house.our_tickets().len(), 3);
}

#[tokio::test(flavor = "local")]
async fn what_was_planned_when_its_connectwise_was_deleted_is_planned_again_when_there_is_one() {
    let (house, rule) = ready().await;
    house.fault(Vendor::ConnectWise, "GET", "service/tickets", None, FaultKind::Status { code: 503, body: None, retry_after: None });
    house.enter(&rule, &house.devices(1));
    house.hours(1).await;
    assert_eq!(house.ticket_intents(&[IntentState::Planned]).len(), 1);
    house.simulator.world().clear_faults();
    let rule = remade(&house, &rule).await;
    house.passes(3).await;
    assert_eq!(house.open_tickets().len(), 1, "no entry is lost: {:?}", house.ticket_events());
    assert_eq!(house.ticket_events(), ["withdrawn", "rule_paused", "opened"], "{rule:?}");
}

#[tokio::test(flavor = "local")]
async fn a_post_in_doubt_when_its_connectwise_was_deleted_is_found_by_the_new_one() {
    for arrives in [true, false] {
        let (house, rule) = ready().await;
        house.enter(&rule, &house.devices(1));
        house.passes(1).await;
        // It is there before a search finds it.
        house.simulator.world().set_search_lag(240);
        house.fault(
            Vendor::ConnectWise,
            "POST",
            "service/tickets",
            Some(1),
            if arrives { FaultKind::ResetAfter } else { FaultKind::Status { code: 503, body: None, retry_after: None } },
        );
        house.clock.advance(600);
        house.tenant.nudge().await.expect("a nudge");
        for _ in 0..20 {
            house.tenant.ring().await;
            if !house.ticket_intents(&[IntentState::Unknown]).is_empty() {
                break;
            }
        }
        assert_eq!(house.ticket_intents(&[IntentState::Unknown]).len(), 1, "{arrives}");
        remade(&house, &rule).await;
        let parked = house.ticket_intents(&[IntentState::Parked]).remove(0);
        let (status, answer) = house.post(&format!("/api/ticket-intents/{}/retry", parked.intent.id), &json!({})).await;
        assert_eq!(status, 200, "{answer}");
        house.settle().await;
        house.passes(3).await;
        assert_eq!((house.our_tickets().len(), house.tickets_made()), (1, 1), "{arrives}: {:?}", house.ticket_events());
        assert_eq!(house.ticket_events(), ["parked", "rule_paused", "opened"], "{arrives}");
    }
}

#[tokio::test(flavor = "local")]
async fn a_connectwise_that_leads_elsewhere_is_sent_nothing_about_the_tickets_of_the_old_one() {
    let (house, rule) = ready().await;
    let devices = house.devices(2);
    house.enter(&rule, &devices[..1]);
    house.passes(2).await;
    let own = house.connectwise();
    let path = format!("/api/connections/{}", rule.target.psa);
    let lead = async |company: &str| {
        let mut credentials = own["credentials"].clone();
        credentials["company_id"] = json!(company);
        let (status, answer) = house.call("PATCH", &path, Some(&json!({ "credentials": credentials }))).await;
        assert_eq!(status, 200, "{answer}");
    };
    let company = own["credentials"]["company_id"].as_str().expect("a company").to_owned();
    lead(&company.to_uppercase()).await;
    let known = || house.tenant.ledger.ticket_rules().find(&rule.id).expect("a ledger").expect("the rule");
    assert_eq!(known().trouble, None, "the same company in other letters is no other place");
    lead("somebody_else").await;
    assert!(known().trouble.is_some_and(|trouble| trouble.contains("leads elsewhere")));
    // As far as the numbers go, the other place is the same one: whatever is sent is seen.
    lead(&company).await;
    house.wire.clear();
    house.leave(&rule, &devices[..1]);
    house.passes(8).await;
    house.enter(&rule, &devices);
    house.passes(8).await;
    let sent: Vec<String> = house.wire.kinds().into_iter().filter(|kind| kind.contains("service/tickets")).collect();
    assert!(sent.is_empty(), "nothing is looked at or written: {sent:?}");
    assert_eq!(house.ticket_events(), ["opened", "rule_paused"], "told once");
    save(&house, &rule).await;
    assert_eq!(known().trouble, None);
    house.passes(3).await;
    assert_eq!(house.our_tickets().len(), 3, "each has a ticket of its own: {:?}", house.ticket_events());
}

#[tokio::test(flavor = "local")]
async fn a_rule_follows_its_group_to_the_console_that_was_connected_anew_and_to_no_other_group() {
    let (house, rule) = ready().await;
    let devices = house.devices(2);
    house.enter(&rule, &devices);
    house.passes(2).await;
    assert_eq!(house.open_tickets().len(), 2);
    let mut moved = rule.clone();
    let connection = |moved: &mut TicketRule, to: &str| {
        let RuleSource::Group { connection, .. } = &mut moved.source else { panic!("a group") };
        *connection = to.into();
    };
    connection(&mut moved, rule.target.psa.as_str());
    let (status, problem) = house.call("PUT", &path(&moved), Some(&moved)).await;
    assert_eq!((status.as_u16(), &problem["field"]), (422, &json!("source")), "while its own is there: {problem}");
    delete(&house, rule.source.connection()).await;
    house.connect_groups(&house.eset_connect()).await;
    house.sync().await;
    connection(&mut moved, &house.connection("ESET Connect").await);
    let mut other = moved.clone();
    let RuleSource::Group { group, .. } = &mut other.source else { panic!("a group") };
    *group = harness::tickets::ALL.into();
    let (status, problem) = house.call("PUT", &path(&other), Some(&other)).await;
    assert_eq!((status.as_u16(), &problem["field"]), (422, &json!("source")), "another group: {problem}");
    save(&house, &moved).await;
    house.leave(&rule, &devices[..1]);
    house.passes(4).await;
    assert_eq!(house.open_tickets().len(), 1, "{:?}", house.ticket_events());
    assert_eq!(house.our_tickets().len(), 2, "who stayed in it keeps its ticket");
}
