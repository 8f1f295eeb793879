//! No secret leaves the place it belongs to. Every install of every test is looked at when it ends ([`House::leaks`]); here is a walk
//! through all that touches secrets, and the proof that a leak would be found.

use domain::access::Role;
use harness::{House, SETUP_TOKEN};
use http::StatusCode;
use serde_json::Value;
use store::ports::KeyValue;

/// An install that has billed, opened and closed a ticket, been refused by every vendor and given out each kind of token.
async fn lived_in() -> House {
    let house = House::with_tickets(12).await;
    let lines = house.lines("to_approve").await;
    house.approve(&lines).await;
    house.settle().await;
    let rule = house.rule("Not protected").await;
    house.store_rule(&rule);
    let device = house.devices(1);
    house.enter(&rule, &device);
    house.passes(2).await;
    house.leave(&rule, &device);
    house.passes(3).await;
    assert_eq!(house.ticket_events(), ["opened", "closed"]);
    let mut technician = house.person("Tia", Role::Technician).await;
    assert_eq!(house.sign_in(&mut technician).await.0, StatusCode::OK);
    house.simulator.world().revoke_ema2();
    house.simulator.world().revoke_connectwise();
    house.sync().await;
    for path in ["/api/history?limit=500", "/api/passes?limit=500", "/api/connections", "/api/overview", "/api/intents", "/api/ticket-log"]
    {
        let _: Value = house.get(path).await;
    }
    house
}

#[tokio::test(flavor = "local")]
async fn nothing_an_install_leaves_behind_holds_a_secret() {
    let house = lived_in().await;
    assert!(house.texts.texts.borrow().len() >= 3, "mappings, a snapshot and a catalogue are kept");
    assert!(!harness::log::lines().is_empty(), "the log is kept");
    assert!(!house.simulator.world().tickets().is_empty(), "ConnectWise holds tickets");
    assert_eq!(house.leaks(), Vec::<String>::new());
}

#[tokio::test(flavor = "local")]
async fn a_secret_is_found_wherever_it_lies() {
    let house = lived_in().await;
    house.guarded.set(false);
    let keys = house.simulator.credentials().connectwise.clone();
    let sent = house.wire.sent.borrow().iter().find_map(|sent| sent.headers.get("authorization").cloned()).expect("a call with a proof");
    let proof = sent.to_str().expect("text").split_once(' ').expect("a scheme").1.to_owned();
    let secrets = [keys.private_key, proof, SETUP_TOKEN.to_owned(), house.token.clone()];
    let place = |found: &str| found.split_once(" in ").map(|(_, place)| place.to_owned()).expect("a place");
    for secret in secrets {
        log::warn!(target: "seatbridge", "signing in with {secret}");
        house.texts.put("views/planted", format!("{{\"note\":\"{secret}\"}}")).await.expect("stored");
        house.tenant.ledger.meta().keep_text("planted", &secret).expect("stored");
        let world = house.simulator.world();
        let ticket = world.tickets()[0].id;
        world.edit_ticket(ticket, None, |ticket| ticket.summary.clone_from(&secret)).expect("a ticket");
        let found: Vec<String> = house.leaks().iter().map(|found| place(found)).collect();
        for wanted in ["the log", "KV", "the table meta", "a ticket"] {
            assert!(found.iter().any(|place| place == wanted), "{wanted}: {found:?}");
        }
        harness::log::clear();
        house.texts.delete("views/planted").await.expect("gone");
        house.tenant.ledger.meta().keep_text("planted", "").expect("stored");
        world.edit_ticket(ticket, None, |ticket| ticket.summary = "A device".to_owned()).expect("a ticket");
        assert_eq!(house.leaks(), Vec::<String>::new());
    }
}
