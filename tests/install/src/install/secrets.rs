//! No secret leaves the place it belongs to. Every install of every test is looked at when it ends ([`TestInstall::leaks`]); here is a walk
//! through all that touches secrets, and the proof that a leak would be found.

use domain::access::Role;
use harness::{SETUP_TOKEN, TestInstall};
use http::StatusCode;
use serde_json::Value;
use store::ports::KeyValue;

/// An install that has billed, opened and closed a ticket, been refused by every vendor and given out each kind of token.
async fn lived_in() -> TestInstall {
    let install = TestInstall::with_tickets(12).await;
    let lines = install.lines("to_approve").await;
    install.approve(&lines).await;
    install.settle().await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    let device = install.devices(1);
    install.enter(&rule, &device);
    install.passes(2).await;
    install.leave(&rule, &device);
    install.passes(3).await;
    assert_eq!(install.ticket_events(), ["opened", "closed"]);
    let mut technician = install.person("Tia", Role::Technician).await;
    assert_eq!(install.sign_in(&mut technician).await.0, StatusCode::OK);
    install.simulator.world().revoke_ema2();
    install.simulator.world().revoke_connectwise();
    install.sync().await;
    for path in ["/api/history?limit=500", "/api/passes?limit=500", "/api/connections", "/api/overview", "/api/intents", "/api/ticket-log"]
    {
        let _: Value = install.get(path).await;
    }
    install
}

#[tokio::test(flavor = "local")]
async fn nothing_an_install_leaves_behind_holds_a_secret() {
    let install = lived_in().await;
    assert!(install.texts.texts.borrow().len() >= 3, "mappings, a snapshot and a catalogue are kept");
    assert!(!harness::log::lines().is_empty(), "the log is kept");
    assert!(!install.simulator.world().tickets().is_empty(), "ConnectWise holds tickets");
    assert_eq!(install.leaks(), Vec::<String>::new());
}

#[tokio::test(flavor = "local")]
async fn a_secret_is_found_wherever_it_lies() {
    let install = lived_in().await;
    install.guarded.set(false);
    let keys = install.simulator.credentials().connectwise.clone();
    let sent = install.wire.sent.borrow().iter().find_map(|sent| sent.headers.get("authorization").cloned()).expect("a call with a proof");
    let proof = sent.to_str().expect("text").split_once(' ').expect("a scheme").1.to_owned();
    let secrets = [keys.private_key, proof, SETUP_TOKEN.to_owned(), install.token.clone()];
    let place = |found: &str| found.split_once(" in ").map(|(_, place)| place.to_owned()).expect("a place");
    for secret in secrets {
        log::warn!(target: "seatbridge", "signing in with {secret}");
        install.texts.put("views/planted", format!("{{\"note\":\"{secret}\"}}")).await.expect("stored");
        install.tenant.ledger.meta().keep_text("planted", &secret).expect("stored");
        let world = install.simulator.world();
        let ticket = world.tickets()[0].id;
        world.edit_ticket(ticket, None, |ticket| ticket.summary.clone_from(&secret)).expect("a ticket");
        let found: Vec<String> = install.leaks().iter().map(|found| place(found)).collect();
        for wanted in ["the log", "KV", "the table meta", "a ticket"] {
            assert!(found.iter().any(|place| place == wanted), "{wanted}: {found:?}");
        }
        harness::log::clear();
        install.texts.delete("views/planted").await.expect("gone");
        install.tenant.ledger.meta().keep_text("planted", "").expect("stored");
        world.edit_ticket(ticket, None, |ticket| ticket.summary = "A device".to_owned()).expect("a ticket");
        assert_eq!(install.leaks(), Vec::<String>::new());
    }
}
