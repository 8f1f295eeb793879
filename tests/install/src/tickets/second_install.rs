//! Two installs with rules for the same group, on one board.

use domain::tickets::TicketRule;
use harness::TestInstall;

/// A rule of its own for the group that another install's rule watches.
async fn same_rule(install: &TestInstall, rule: &TicketRule) -> TicketRule {
    install.clock.advance(86_400);
    install.cron().await;
    let group = install.watched(rule);
    TicketRule { id: "rule-of-the-other".into(), ..install.rule_on(&rule.name, &group).await }
}

async fn save(install: &TestInstall, rule: &TicketRule) {
    let (status, answer) = install.call("PUT", &format!("/api/ticket-rules/{}", rule.id.as_str().replace(' ', "%20")), Some(rule)).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test(flavor = "local")]
async fn a_rule_beside_another_install_opens_nothing_until_a_person_says_that_the_board_is_shared() {
    let install = TestInstall::with_tickets(12).await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    let devices = install.devices(5);
    install.enter(&rule, &devices);
    install.passes(2).await;
    assert_eq!(install.open_tickets().len(), 5);

    let second = install.beside_with_tickets().await;
    let other = same_rule(&second, &rule).await;
    second.store_rule(&other);
    second.passes(9).await;
    assert_eq!(install.our_tickets().len(), 5, "{:?}", second.ticket_events());
    assert_eq!(second.ticket_events(), ["rule_paused"]);
    let known =
        |install: &TestInstall, rule: &TicketRule| install.tenant.ledger.ticket_rules().find(&rule.id).expect("read").expect("a rule");
    let words = known(&second, &other).trouble.expect("a reason");
    let newest = install.our_tickets().iter().map(|ticket| ticket.id).max().expect("a ticket");
    assert!(words.contains("Another Seatbridge") && words.contains(&newest.to_string()), "{words}");
    assert_eq!(known(&install, &rule).trouble, None, "the one that was there first knows all of them");

    save(&second, &other).await;
    second.passes(9).await;
    assert_eq!(
        (known(&second, &other).trouble, install.our_tickets().len()),
        (None, 10),
        "a person has said so: {:?}",
        second.ticket_events()
    );
    install.passes(9).await;
    assert!(known(&install, &rule).trouble.is_some(), "now the first one sees the second's");
}

#[tokio::test(flavor = "local")]
async fn tickets_of_before_are_known_through_a_connection_that_was_made_anew() {
    let install = TestInstall::with_tickets(12).await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    let devices = install.devices(3);
    install.enter(&rule, &devices[..2]);
    install.passes(2).await;
    let deleted = install.call::<serde_json::Value>("DELETE", &format!("/api/connections/{}", rule.target.psa), None).await;
    assert_eq!(deleted.0, 204);
    install.connect_groups(&install.connectwise()).await;
    install.sync().await;
    let mut moved = rule.clone();
    moved.target.psa = domain::ids::ConnectionId(install.connection("ConnectWise").await);
    save(&install, &moved).await;
    let before = install.our_tickets().len();
    install.enter(&rule, &devices[2..]);
    install.passes(9).await;
    let known = install.tenant.ledger.ticket_rules().find(&rule.id).expect("read").expect("a rule");
    assert_eq!(known.trouble, None);
    assert!(install.our_tickets().len() > before, "{:?}", install.ticket_events());
}
