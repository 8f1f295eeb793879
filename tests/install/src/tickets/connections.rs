//! Connections that are changed, or deleted and made anew, while their rules have tickets open.

use domain::ids::ConnectionId;
use domain::tickets::{RuleSource, TicketRule};
use engine::IntentState;
use harness::TestInstall;
use serde_json::{Value, json};
use simulator::{FaultKind, Vendor};

async fn ready() -> (TestInstall, TicketRule) {
    let install = TestInstall::with_tickets(12).await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    (install, rule)
}

fn path(rule: &TicketRule) -> String {
    format!("/api/ticket-rules/{}", rule.id.as_str().replace(' ', "%20"))
}

/// Saves a rule as the form does.
async fn save(install: &TestInstall, rule: &TicketRule) {
    let (status, answer) = install.call("PUT", &path(rule), Some(rule)).await;
    assert_eq!(status, 200, "{answer}");
}

async fn delete(install: &TestInstall, connection: &ConnectionId) {
    assert_eq!(install.call::<Value>("DELETE", &format!("/api/connections/{connection}"), None).await.0, 204);
}

/// Deletes the ConnectWise connection and makes it anew, and gives the rule the new one.
async fn remade(install: &TestInstall, rule: &TicketRule) -> TicketRule {
    delete(install, &rule.target.psa).await;
    install.connect_groups(&install.connectwise()).await;
    install.sync().await;
    let mut rule = rule.clone();
    rule.target.psa = ConnectionId(install.connection("ConnectWise").await);
    save(install, &rule).await;
    rule
}

#[tokio::test(flavor = "local")]
async fn a_connectwise_made_anew_closes_and_notes_what_was_opened_through_the_old_one() {
    let (install, rule) = ready().await;
    let devices = install.devices(3);
    install.enter(&rule, &devices[..2]);
    install.passes(2).await;
    assert_eq!(install.open_tickets().len(), 2);
    let rule = remade(&install, &rule).await;
    install.leave(&rule, &devices[..1]);
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), 1, "{:?}", install.ticket_events());
    install.enter(&rule, &devices[..1]);
    install.passes(3).await;
    assert_eq!((install.open_tickets().len(), install.our_tickets().len()), (2, 2), "{:?}", install.ticket_events());
    // A person's close is seen through it too.
    let ticket = install.open_tickets().remove(0).id;
    install.simulator.world().close_ticket(ticket, None).expect("a ticket");
    install.enter(&rule, &devices[2..]);
    install.passes(3).await;
    let events = install.ticket_events();
    assert_eq!(events.iter().filter(|event| *event == "closed_by_person").count(), 1, "{events:?}");
    assert!(!events.iter().any(|event| ["withdrawn", "failed", "parked", "ticket_gone"].contains(&event.as_str())), "{events:?}");
    assert_eq!(install.our_tickets().len(), 3);
}

#[tokio::test(flavor = "local")]
async fn what_was_planned_when_its_connectwise_was_deleted_is_planned_again_when_there_is_one() {
    let (install, rule) = ready().await;
    install.fault(Vendor::ConnectWise, "GET", "service/tickets", None, FaultKind::Status { code: 503, body: None, retry_after: None });
    install.enter(&rule, &install.devices(1));
    install.hours(1).await;
    assert_eq!(install.ticket_intents(&[IntentState::Planned]).len(), 1);
    install.simulator.world().clear_faults();
    let rule = remade(&install, &rule).await;
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), 1, "no entry is lost: {:?}", install.ticket_events());
    assert_eq!(install.ticket_events(), ["withdrawn", "rule_paused", "opened"], "{rule:?}");
}

#[tokio::test(flavor = "local")]
async fn a_post_in_doubt_when_its_connectwise_was_deleted_is_found_by_the_new_one() {
    for arrives in [true, false] {
        let (install, rule) = ready().await;
        install.enter(&rule, &install.devices(1));
        install.passes(1).await;
        // It is there before a search finds it.
        install.simulator.world().set_search_lag(240);
        install.fault(
            Vendor::ConnectWise,
            "POST",
            "service/tickets",
            Some(1),
            if arrives { FaultKind::ResetAfter } else { FaultKind::Status { code: 503, body: None, retry_after: None } },
        );
        install.clock.advance(600);
        install.tenant.on_cron().await.expect("a cron");
        for _ in 0..20 {
            install.tenant.on_alarm().await;
            if !install.ticket_intents(&[IntentState::Unknown]).is_empty() {
                break;
            }
        }
        assert_eq!(install.ticket_intents(&[IntentState::Unknown]).len(), 1, "{arrives}");
        remade(&install, &rule).await;
        let parked = install.ticket_intents(&[IntentState::Parked]).remove(0);
        let (status, answer) = install.post(&format!("/api/ticket-intents/{}/retry", parked.intent.id), &json!({})).await;
        assert_eq!(status, 200, "{answer}");
        install.settle().await;
        install.passes(3).await;
        assert_eq!((install.our_tickets().len(), install.tickets_made()), (1, 1), "{arrives}: {:?}", install.ticket_events());
        assert_eq!(install.ticket_events(), ["parked", "rule_paused", "opened"], "{arrives}");
    }
}

#[tokio::test(flavor = "local")]
async fn a_connectwise_that_leads_elsewhere_is_sent_nothing_about_the_tickets_of_the_old_one() {
    let (install, rule) = ready().await;
    let devices = install.devices(2);
    install.enter(&rule, &devices[..1]);
    install.passes(2).await;
    let own = install.connectwise();
    let path = format!("/api/connections/{}", rule.target.psa);
    let lead = async |company: &str| {
        let mut credentials = own["credentials"].clone();
        credentials["company_id"] = json!(company);
        let (status, answer) = install.call("PATCH", &path, Some(&json!({ "credentials": credentials }))).await;
        assert_eq!(status, 200, "{answer}");
    };
    let company = own["credentials"]["company_id"].as_str().expect("a company").to_owned();
    lead(&company.to_uppercase()).await;
    let known = || install.tenant.ledger.ticket_rules().find(&rule.id).expect("a ledger").expect("the rule");
    assert_eq!(known().trouble, None, "the same company in other letters is no other place");
    lead("somebody_else").await;
    assert!(known().trouble.is_some_and(|trouble| trouble.contains("leads elsewhere")));
    // As far as the numbers go, the other place is the same one: whatever is sent is seen.
    lead(&company).await;
    install.wire.clear();
    install.leave(&rule, &devices[..1]);
    install.passes(8).await;
    install.enter(&rule, &devices);
    install.passes(8).await;
    let sent: Vec<String> = install.wire.kinds().into_iter().filter(|kind| kind.contains("service/tickets")).collect();
    assert!(sent.is_empty(), "nothing is looked at or written: {sent:?}");
    assert_eq!(install.ticket_events(), ["opened", "rule_paused"], "told once");
    save(&install, &rule).await;
    assert_eq!(known().trouble, None);
    install.passes(3).await;
    assert_eq!(install.our_tickets().len(), 3, "each has a ticket of its own: {:?}", install.ticket_events());
}

#[tokio::test(flavor = "local")]
async fn a_rule_follows_its_group_to_the_console_that_was_connected_anew_and_to_no_other_group() {
    let (install, rule) = ready().await;
    let devices = install.devices(2);
    install.enter(&rule, &devices);
    install.passes(2).await;
    assert_eq!(install.open_tickets().len(), 2);
    let mut moved = rule.clone();
    let connection = |moved: &mut TicketRule, to: &str| {
        let RuleSource::Group { connection, .. } = &mut moved.source else { panic!("a group") };
        *connection = to.into();
    };
    connection(&mut moved, rule.target.psa.as_str());
    let (status, problem) = install.call("PUT", &path(&moved), Some(&moved)).await;
    assert_eq!((status.as_u16(), &problem["field"]), (422, &json!("source")), "while its own is there: {problem}");
    delete(&install, rule.source.connection()).await;
    install.connect_groups(&install.eset_connect()).await;
    install.sync().await;
    connection(&mut moved, &install.connection("ESET Connect").await);
    let mut other = moved.clone();
    let RuleSource::Group { group, .. } = &mut other.source else { panic!("a group") };
    *group = harness::tickets::ALL.into();
    let (status, problem) = install.call("PUT", &path(&other), Some(&other)).await;
    assert_eq!((status.as_u16(), &problem["field"]), (422, &json!("source")), "another group: {problem}");
    save(&install, &moved).await;
    install.leave(&rule, &devices[..1]);
    install.passes(4).await;
    assert_eq!(install.open_tickets().len(), 1, "{:?}", install.ticket_events());
    assert_eq!(install.our_tickets().len(), 2, "who stayed in it keeps its ticket");
}
