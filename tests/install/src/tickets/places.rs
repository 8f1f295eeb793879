//! Where tickets go, and what becomes of them when that place or the rule is not there any more.

use contract::Page;
use contract::drift::DriftView;
use domain::drift::{DriftKind, DriftState};
use domain::ids::ConnectionId;
use domain::tickets::{Per, RuleSource, TicketRule};
use engine::IntentState;
use harness::TestInstall;
use serde_json::{Value, json};
use simulator::{FaultKind, Vendor};

async fn ready(companies: usize) -> (TestInstall, TicketRule) {
    let install = TestInstall::with_tickets(companies).await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    (install, rule)
}

#[tokio::test(flavor = "local")]
async fn a_place_that_is_gone_pauses_the_rule_with_the_reason_and_loses_no_entry() {
    for broken in ["board deleted", "board inactive", "status inactive"] {
        let (install, rule) = ready(12).await;
        let world = install.simulator.world();
        let (board, status) =
            (i32::try_from(rule.target.board.0).expect("an id"), i32::try_from(rule.target.open_status.0).expect("an id"));
        match broken {
            "board deleted" => world.delete_board(board).expect("a board"),
            "board inactive" => world.set_board_inactive(board, true).expect("a board"),
            _ => world.set_status_inactive(status, true).expect("a status"),
        }
        install.enter(&rule, &install.devices(2));
        install.passes(4).await;
        assert!(install.our_tickets().is_empty(), "{broken}");
        let row = install.tenant.ledger.ticket_rules().find(&rule.id).expect("a ledger").expect("the rule");
        let what = broken.split_once(' ').expect("two words").1;
        assert!(row.trouble.as_deref().is_some_and(|trouble| trouble.contains(what)), "{broken}: {row:?}");
        assert_eq!(install.ticket_events(), ["rule_paused"], "{broken}: told once, and nothing is begun");
        if broken == "board deleted" {
            let other = world.boards().into_iter().find(|known| !known.inactive_flag && known.id != board).expect("another board");
            let mut moved = rule.clone();
            let status = |closed| {
                let of_board =
                    |status: &&simulator::BoardStatus| status.board.id == other.id && !status.inactive && status.closed_status == closed;
                domain::ids::StatusId(world.statuses().iter().find(of_board).expect("a status").id.into())
            };
            (moved.target.open_status, moved.target.closed_status) = (status(false), status(true));
            moved.target.board = domain::ids::BoardId(other.id.into());
            install.store_rule(&moved);
        } else {
            world.set_board_inactive(board, false).expect("a board");
            world.set_status_inactive(status, false).expect("a status");
        }
        install.passes(2).await;
        assert_eq!(install.our_tickets().len(), 2, "{broken}: {:?}", install.ticket_events());
    }
}

async fn drift(install: &TestInstall, state: &str) -> Vec<DriftView> {
    install.get::<Page<DriftView>>(&format!("/api/drift?state={state}")).await.items
}

#[tokio::test(flavor = "local")]
async fn a_paused_rule_is_one_drift_event_that_names_it_and_closes_when_it_goes_on() {
    let (install, rule) = ready(12).await;
    let world = install.simulator.world();
    let board = i32::try_from(rule.target.board.0).expect("an id");
    install.passes(1).await;
    assert!(drift(&install, "open").await.is_empty());
    world.set_board_inactive(board, true).expect("a board");
    install.enter(&rule, &install.devices(1));
    install.passes(3).await;
    let mut open = drift(&install, "open").await;
    assert_eq!(open.len(), 1, "{open:#?}");
    let event = open.remove(0);
    assert_eq!((event.drift.kind, event.drift.subject.as_str()), (DriftKind::TicketRulePaused, "Not protected"));
    assert!(event.drift.words.contains("board was made inactive"), "{event:?}");
    assert_eq!((event.drift.place.rule.as_ref(), event.pauses), (Some(&rule.id), false), "it pauses no line");
    assert!(event.last_seen.is_some_and(|seen| seen >= event.first_seen), "{event:?}");
    assert_eq!(install.get::<Value>("/api/overview").await["drift"], 1);
    install.sync().await;
    let still = drift(&install, "open").await;
    assert_eq!((still.len(), &still[0].drift), (1, &event.drift), "a billing pass leaves it as it is");

    let ignore = format!("/api/drift/{}/ignore", event.drift.id);
    assert_eq!(install.post(&ignore, &json!({ "reason": "known" })).await.0, 200);
    install.passes(2).await;
    assert!(drift(&install, "open").await.is_empty(), "it stays ignored");
    world.set_status_inactive(i32::try_from(rule.target.open_status.0).expect("an id"), true).expect("a status");
    install.passes(7).await;
    let open = drift(&install, "open").await;
    assert_eq!(open.len(), 1, "another reason is another event: {open:#?}");

    world.set_board_inactive(board, false).expect("a board");
    world.set_status_inactive(i32::try_from(rule.target.open_status.0).expect("an id"), false).expect("a status");
    install.passes(7).await;
    assert!(drift(&install, "open").await.is_empty());
    let over = drift(&install, "resolved").await;
    assert!(over.iter().all(|event| event.state == DriftState::Resolved && event.by.is_some()), "{over:#?}");
    assert_eq!(over.len(), 2);
    assert_eq!(install.our_tickets().len(), 1, "nothing was lost");
}

#[tokio::test(flavor = "local")]
async fn a_paused_rule_that_is_changed_or_deleted_leaves_the_drift_centre_at_once() {
    for way in ["switched off", "deleted"] {
        let (install, rule) = ready(12).await;
        install.simulator.world().delete_board(i32::try_from(rule.target.board.0).expect("an id")).expect("a board");
        install.enter(&rule, &install.devices(1));
        install.passes(2).await;
        assert_eq!(drift(&install, "open").await.len(), 1, "{way}");
        let (status, _) = match way {
            "deleted" => {
                install.call("DELETE", &format!("/api/ticket-rules/{}", rule.id.as_str().replace(' ', "%20")), None::<&Value>).await
            }
            _ => install.post("/api/ticket-rules/switch", &json!({ "rules": [rule.id], "enabled": false })).await,
        };
        assert!(status.is_success(), "{way}: {status}");
        assert!(drift(&install, "open").await.is_empty(), "{way}");
        assert_eq!(drift(&install, "resolved").await[0].by.as_deref(), Some("tests"), "{way}");
    }
}

#[tokio::test(flavor = "local")]
async fn a_ticket_is_for_the_company_its_device_is_mapped_to_else_for_the_catch_all() {
    let (install, rule) = ready(40).await;
    let companies: Value = install.get("/api/companies?state=mapped&limit=500").await;
    let mapped = |company: &str| {
        let found = companies["items"].as_array().expect("companies").iter().find(|row| row["company"] == company)?;
        found["mapping"]["company"].as_i64()
    };
    let devices = install.simulator.world().devices();
    let of_mapped = devices.iter().find(|device| mapped(&device.company).is_some()).expect("a device of a mapped company");
    let of_none = devices.iter().find(|device| mapped(&device.company).is_none()).expect("a device of an unmapped company");
    install.simulator.world().rename_device(&of_mapped.uuid, "<b>PC</b>\nof\tAnna").expect("a device");
    install.enter(&rule, &[of_mapped.uuid.clone(), of_none.uuid.clone()]);
    install.passes(3).await;
    let tickets = install.our_tickets();
    assert_eq!(tickets.len(), 2);
    let ids: Vec<i64> = tickets.iter().map(|ticket| i64::from(ticket.company.id)).collect();
    let own = mapped(&of_mapped.company).expect("mapped");
    assert!(ids.contains(&own) && ids.contains(&rule.target.catch_all.0) && own != rule.target.catch_all.0, "{ids:?}");
    let ticket = tickets.iter().find(|ticket| i64::from(ticket.company.id) == own).expect("a ticket");
    assert_eq!(ticket.summary, "‹b›PC‹/b› of Anna is in Not protected");
}

#[tokio::test(flavor = "local")]
async fn a_group_may_have_one_ticket_as_a_whole() {
    let (install, rule) = ready(12).await;
    let rule = TicketRule { per: Per::Group, ..rule };
    install.store_rule(&rule);
    let devices = install.devices(3);
    install.enter(&rule, &devices);
    install.passes(3).await;
    let tickets = install.open_tickets();
    assert_eq!((tickets.len(), tickets[0].summary.as_str()), (1, "Not protected is in Not protected"));
    install.leave(&rule, &devices[..2]);
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), 1);
    install.leave(&rule, &devices[2..]);
    install.passes(3).await;
    assert!(install.open_tickets().is_empty());
}

#[tokio::test(flavor = "local")]
async fn a_rule_that_is_switched_off_begins_nothing_and_what_was_sent_is_still_read_back() {
    let (install, rule) = ready(12).await;
    install.enter(&rule, &install.devices(1));
    install.passes(1).await;
    install.simulator.world().set_search_lag(120);
    install.fault(Vendor::ConnectWise, "POST", "service/tickets", Some(1), FaultKind::ResetAfter);
    install.clock.advance(600);
    install.tenant.on_cron().await.expect("a cron");
    install.tenant.on_alarm().await;
    install.store_rule(&TicketRule { enabled: false, ..rule.clone() });
    install.passes(3).await;
    assert_eq!(install.ticket_events(), ["opened"], "{:?}", install.ticket_intents(&[IntentState::Unknown, IntentState::Planned]));
    assert_eq!(install.our_tickets().len(), 1);
}

#[tokio::test(flavor = "local")]
async fn a_connectwise_that_is_disconnected_ends_what_is_under_way_and_the_rule_says_so() {
    let (install, rule) = ready(12).await;
    install.enter(&rule, &install.devices(1));
    install.passes(1).await;
    let down = FaultKind::Status { code: 503, body: None, retry_after: None };
    install.fault(Vendor::ConnectWise, "POST", "service/tickets", None, down);
    install.clock.advance(600);
    install.tenant.on_cron().await.expect("a cron");
    install.tenant.on_alarm().await;
    let open = [IntentState::Planned, IntentState::Inflight, IntentState::Unknown];
    assert_eq!(install.ticket_intents(&open).len(), 1);
    let path = format!("/api/connections/{}", rule.target.psa);
    assert_eq!(install.call::<Value>("DELETE", &path, None).await.0, 204);
    assert!(install.ticket_intents(&open).is_empty());
    install.passes(2).await;
    let events = install.ticket_events();
    assert_eq!((events.len(), events[1].as_str()), (2, "rule_paused"), "{events:?}");
    assert!(["parked", "withdrawn"].contains(&events[0].as_str()), "{events:?}");
    install.enter(&rule, &install.devices(3));
    install.passes(3).await;
    assert_eq!(install.ticket_events(), events, "nothing more is begun, and the reason is told once");
    assert!(install.our_tickets().is_empty());
}

#[tokio::test(flavor = "local")]
async fn deleting_a_connection_says_which_rules_stop_and_leaves_the_tickets_log() {
    for (name, verb) in [("ESET Connect", "1 ticket rule is switched off"), ("ConnectWise", "1 ticket rule pauses")] {
        let (install, rule) = ready(12).await;
        install.enter(&rule, &install.devices(1));
        install.passes(3).await;
        assert_eq!(install.ticket_events(), ["opened"], "{name}");
        // One more that is planned and waits for ConnectWise.
        install.fault(Vendor::ConnectWise, "GET", "service/tickets", None, FaultKind::Status { code: 503, body: None, retry_after: None });
        install.enter(&rule, &install.devices(2));
        install.hours(1).await;
        install.simulator.world().clear_faults();
        let log = "/api/ticket-log?event=opened";
        let before: Value = install.get(log).await;
        let path = format!("/api/connections/{}", install.connection(name).await);
        let told: Value = install.get(&format!("{path}/consequences")).await;
        assert_eq!(told["ticket_rules"], 1, "{name}: {told}");
        let words = told["words"].as_str().expect("words");
        assert!(words.contains(verb) && words.contains("tickets' log stay"), "{name}: {words}");

        assert_eq!(install.call::<Value>("DELETE", &path, None).await.0, 204, "{name}");
        install.passes(3).await;
        assert_eq!(install.get::<Value>(log).await["items"], before["items"], "{name}: the log outlives it");
        let open = [IntentState::Planned, IntentState::Inflight, IntentState::Unknown];
        assert!(install.ticket_intents(&open).is_empty(), "{name}: nothing waits for what cannot come");
        assert_eq!(install.our_tickets().len(), 1, "{name}");
        let view: Value = install.get(&format!("/api/ticket-rules/{}", rule.id.as_str().replace(' ', "%20"))).await;
        let paused = drift(&install, "open").await.iter().filter(|event| event.drift.place.rule.is_some()).count();
        assert_eq!(paused, usize::from(name == "ConnectWise"), "{name}");
        let on = json!({ "rules": [rule.id], "enabled": true });
        let (status, problem) = install.post("/api/ticket-rules/switch", &on).await;
        if name == "ConnectWise" {
            assert!(view["trouble"].as_str().is_some_and(|trouble| trouble.contains("was deleted")), "{view}");
            assert_eq!(status, 200, "it can be given another one: {problem}");
        } else {
            assert_eq!((&view["rule"]["enabled"], view["open"].as_u64()), (&json!(false), Some(1)), "{view}");
            assert_eq!((status.as_u16(), &problem["field"]), (422, &json!("rules")), "{problem}");
        }
        let paused: Value = install.get("/api/ticket-log?event=rule_paused").await;
        assert_eq!(paused["items"][0]["rule_name"], "Not protected", "{name}: {paused}");
    }
}

#[tokio::test(flavor = "local")]
async fn a_rule_works_on_eset_protect_on_prem_as_it_does_on_the_cloud_console() {
    let install = TestInstall::with_tickets(12).await;
    install.connect_groups(&install.onprem()).await;
    let mut rule = install.rule("Not protected").await;
    let RuleSource::Group { connection, .. } = &mut rule.source else { panic!("a group") };
    *connection = ConnectionId(install.connection("ESET PROTECT").await);
    install.store_rule(&rule);
    let devices = install.devices(3);
    install.enter(&rule, &devices);
    install.passes(3).await;
    let tickets = install.open_tickets();
    assert_eq!(tickets.len(), 3, "{:?}", install.ticket_events());
    let case = install.tenant.ledger.cases().find(&rule.id, &devices[0]).expect("a ledger").expect("a case");
    assert!(case.company.is_some() && case.traits.is_some_and(|traits| !traits.serial.is_empty()), "what the server knows of it");
    install.leave(&rule, &devices[..1]);
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), 2);
    install.enter(&rule, &devices[..1]);
    install.passes(3).await;
    assert_eq!((install.open_tickets().len(), install.our_tickets().len()), (3, 3), "it came back within a day: the same ticket");
}

#[tokio::test(flavor = "local")]
async fn a_device_that_eset_refuses_to_show_keeps_no_other_from_its_ticket() {
    let (install, rule) = ready(12).await;
    let devices = install.devices(9);
    let gone = FaultKind::Status { code: 404, body: None, retry_after: None };
    install.fault(Vendor::Connect, "GET", &format!("devicesUuids={}", devices[4]), None, gone);
    install.enter(&rule, &devices);
    install.passes(3).await;
    assert_eq!(install.our_tickets().len(), 9, "{:?}", install.ticket_events());
    let case = |device: &String| install.tenant.ledger.cases().find(&rule.id, device).expect("a ledger").expect("a case");
    let known: Vec<bool> = devices.iter().map(|device| case(device).company.is_some()).collect();
    assert_eq!(known.iter().filter(|known| !**known).count(), 1, "{known:?}");
}
