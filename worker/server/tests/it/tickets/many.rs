//! Many devices at once, outages and silences: nothing is lost, and nobody is flooded.

use domain::tickets::{Per, Silence, SilenceScope, TicketRule};
use engine::IntentState;
use harness::House;
use harness::wire::Fate;
use simulator::{FaultKind, Vendor};

const REFUSED: FaultKind = FaultKind::Status { code: 500, body: None, retry_after: None };

async fn ready(companies: usize) -> (House, TicketRule) {
    let house = House::with_tickets(companies).await;
    let rule = house.rule("Not protected").await;
    house.store_rule(&rule);
    (house, rule)
}

/// The only ESET company that has anything, for bulks.
fn company(house: &House) -> String {
    house.simulator.world().devices().first().expect("a device").company.clone()
}

#[tokio::test(flavor = "local")]
async fn a_group_of_four_thousand_is_the_cap_and_one_summary() {
    let (house, rule) = ready(12).await;
    house.simulator.world().add_devices(&company(&house), Some(&house.watched(&rule)), 4_000).expect("devices");
    house.passes(2).await;
    let tickets = house.our_tickets();
    assert_eq!(tickets.len(), 11, "ten, and one for the rest");
    let summary = tickets.iter().find(|ticket| ticket.summary.starts_with("3990 devices")).expect("a summary");
    house.passes(3).await;
    assert_eq!(house.our_tickets().len(), 11, "and never again");
    let events = house.ticket_events();
    let count = |event: &str| events.iter().filter(|found| *found == event).count();
    assert_eq!((count("opened"), count("summary_opened"), count("told"), events.len()), (10, 1, 3_990, 4_001));

    // A pass without a change asks for the members, by pages, and for the open tickets, and for nothing else.
    house.wire.clear();
    house.passes(1).await;
    let mut kinds = house.wire.kinds();
    kinds.retain(|kind| kind.contains("device_groups/") || kind.contains("service/"));
    assert_eq!(kinds.len(), 5, "{kinds:?}");

    // A person closes the summary; who enters anew has a ticket of its own.
    house.simulator.world().close_ticket(summary.id, None).expect("a ticket");
    house.passes(1).await;
    let told = house.ticket_events().iter().filter(|event| *event == "closed_by_person").count();
    assert_eq!(told, 3_990);
    assert_eq!(house.open_tickets().len(), 10);
}

#[tokio::test(flavor = "local")]
async fn a_group_that_cannot_be_read_is_no_exit_and_the_others_go_on() {
    let (house, rule) = ready(12).await;
    let other = house.rule("Other").await;
    house.store_rule(&other);
    let devices = house.devices(3);
    house.enter(&rule, &devices[..2]);
    house.passes(2).await;
    assert_eq!(house.open_tickets().len(), 2);
    house.fault(Vendor::Connect, "GET", &house.watched(&rule), None, REFUSED);
    house.enter(&other, &devices[2..]);
    house.passes(6).await;
    assert_eq!(house.open_tickets().len(), 3, "{:?}", house.ticket_events());
    let pass = house.last_pass(contract::passes::PassKind::Tickets);
    assert_eq!((pass.state, pass.troubles.len()), (contract::passes::PassState::Partial, 1), "{pass:?}");
    house.simulator.world().clear_faults();
    house.passes(2).await;
    assert_eq!(house.ticket_events(), ["opened"; 3]);
}

#[tokio::test(flavor = "local")]
async fn a_group_that_breaks_off_after_a_page_is_no_exit() {
    let (house, rule) = ready(12).await;
    let rule = TicketRule { cap: 1, ..rule };
    house.store_rule(&rule);
    house.simulator.world().add_devices(&company(&house), Some(&house.watched(&rule)), 1_500).expect("devices");
    house.passes(2).await;
    let before = house.ticket_events().len();
    let broken = simulator::Fault {
        vendor: Vendor::Connect,
        method: Some("GET".to_owned()),
        path_contains: Some(house.watched(&rule)),
        times: None,
        skip: 0,
        every: None,
        kind: REFUSED,
    };
    house.simulator.world().inject(simulator::Fault { path_contains: Some("pageToken".to_owned()), ..broken });
    house.passes(4).await;
    assert_eq!((house.open_tickets().len(), house.ticket_events().len()), (2, before));
}

#[tokio::test(flavor = "local")]
async fn a_group_that_is_empty_all_at_once_is_asked_for_again() {
    let (house, rule) = ready(12).await;
    let devices = house.devices(3);
    house.enter(&rule, &devices);
    house.passes(2).await;
    house.fault(Vendor::Connect, "GET", &house.watched(&rule), Some(1), FaultKind::EmptyList);
    house.passes(4).await;
    assert_eq!(house.ticket_events(), ["opened"; 3], "one empty answer is not believed");
    house.leave(&rule, &devices);
    house.passes(4).await;
    assert!(house.open_tickets().is_empty(), "two are");
}

#[tokio::test(flavor = "local")]
async fn one_empty_answer_is_not_believed_of_a_whole_group_or_of_one_device() {
    for per in [Per::Group, Per::Device] {
        let (house, rule) = ready(12).await;
        let rule = TicketRule { per, ..rule };
        house.store_rule(&rule);
        let devices = house.devices(if per == Per::Group { 3 } else { 1 });
        house.enter(&rule, &devices);
        house.passes(2).await;
        house.fault(Vendor::Connect, "GET", &house.watched(&rule), Some(1), FaultKind::EmptyList);
        house.passes(1).await;
        let pass = house.last_pass(contract::passes::PassKind::Tickets);
        assert_eq!((pass.state, pass.troubles.len()), (contract::passes::PassState::Partial, 1), "{per:?}: {pass:?}");
        house.passes(3).await;
        assert_eq!(house.ticket_events(), ["opened"], "{per:?}");
        house.leave(&rule, &devices);
        house.passes(4).await;
        assert!(house.open_tickets().is_empty(), "{per:?}: two are");
    }
}

#[tokio::test(flavor = "local")]
async fn three_days_without_the_console_end_in_the_cap_and_one_summary() {
    let (house, rule) = ready(40).await;
    house.fault(Vendor::Connect, "GET", "/v1/", None, REFUSED);
    let devices = house.devices(30);
    for day in devices.chunks(10) {
        house.enter(&rule, day);
        house.outage(24);
        house.passes(1).await;
    }
    assert!(house.our_tickets().is_empty());
    house.simulator.world().clear_faults();
    house.passes(8).await;
    let tickets = house.our_tickets();
    assert_eq!(tickets.len(), 11, "{:?}", house.ticket_events());
    assert_eq!(tickets.iter().filter(|ticket| ticket.summary.starts_with("20 devices")).count(), 1);
}

#[tokio::test(flavor = "local")]
async fn three_days_without_connectwise_end_in_the_cap_with_the_oldest_and_one_summary() {
    let (house, rule) = ready(40).await;
    house.fault(Vendor::ConnectWise, "GET", "service/", None, REFUSED);
    house.fault(Vendor::ConnectWise, "POST", "service/", None, REFUSED);
    let devices = house.devices(30);
    for day in devices.chunks(10) {
        house.enter(&rule, day);
        house.passes(3).await;
        house.outage(23);
    }
    assert!(house.our_tickets().is_empty());
    house.simulator.world().clear_faults();
    house.passes(6).await;
    let tickets = house.our_tickets();
    assert_eq!(tickets.len(), 11, "{:?}", house.ticket_events());
    let world = house.simulator.world();
    let first: Vec<String> =
        world.devices().into_iter().filter(|known| devices[..10].contains(&known.uuid)).map(|known| known.name).collect();
    let single: Vec<_> = tickets.iter().filter(|ticket| !ticket.summary.starts_with("20 devices")).collect();
    assert!(single.iter().all(|ticket| first.iter().any(|name| ticket.summary.starts_with(name))), "{tickets:?} {first:?}");
}

#[tokio::test(flavor = "local")]
async fn what_enters_in_silence_is_told_in_the_cap_and_one_summary_when_it_ends() {
    for scope in ["rule", "group", "company", "device"] {
        let (house, rule) = ready(40).await;
        let devices = house.devices(15);
        let connection = rule.source.connection().clone();
        let home = house.simulator.world().devices().remove(0).company;
        let covered: Vec<SilenceScope> = match scope {
            "rule" => vec![SilenceScope::Rule { rule: rule.id.clone() }],
            "group" => vec![SilenceScope::Group { connection, group: house.watched(&rule).as_str().into() }],
            "company" => vec![SilenceScope::Group { connection, group: home.as_str().into() }],
            _ => vec![SilenceScope::Device { connection, device: devices[0].as_str().into() }],
        };
        for scope in covered {
            house.keep_quiet(scope, house.muted(6), "moving");
        }
        house.enter(&rule, &devices);
        house.passes(3).await;
        let quiet = house.our_tickets().len();
        match scope {
            "rule" | "group" => assert_eq!(quiet, 0, "{scope}"),
            "company" => assert!(quiet < 11, "{scope}: {quiet}"),
            _ => assert_eq!(quiet, 11, "{scope}: the other fourteen"),
        }
        house.outage(6);
        house.passes(3).await;
        let after = house.our_tickets().len();
        match scope {
            "rule" | "group" => assert_eq!(after, 11, "{scope}: no burst"),
            "device" => assert_eq!(after, 12, "{scope}"),
            _ => assert!(after > quiet, "{scope}"),
        }
        let events = house.ticket_events();
        assert!(events.iter().all(|event| ["opened", "summary_opened", "told", "muted"].contains(&event.as_str())), "{events:?}");
        let muted = events.iter().filter(|event| *event == "muted").count();
        match scope {
            "rule" | "group" => assert_eq!(muted, 15, "{scope}: each is told once"),
            "device" => assert_eq!(muted, 1, "{scope}"),
            _ => assert!(muted > 0, "{scope}"),
        }
    }
}

#[tokio::test(flavor = "local")]
async fn a_maintenance_window_postpones_and_a_device_that_left_in_it_is_skipped() {
    let (house, rule) = ready(12).await;
    // 2026-11-11 is a Wednesday, and the rule was made on it at noon.
    let begins = house.tenant.now().time();
    let silence = Silence::Weekly { days: (0..7).collect(), begins, minutes: 120, zone: "UTC".to_owned() };
    house.keep_quiet(SilenceScope::Rule { rule: rule.id.clone() }, silence, "patches");
    let devices = house.devices(2);
    house.enter(&rule, &devices);
    house.passes(4).await;
    assert!(house.our_tickets().is_empty());
    house.leave(&rule, &devices[..1]);
    house.passes(12).await;
    assert_eq!(house.our_tickets().len(), 1);
    assert_eq!(house.ticket_events(), ["muted", "muted", "skipped", "opened"]);
}

#[tokio::test(flavor = "local")]
async fn a_list_that_lags_does_not_close_what_was_just_opened_again() {
    let (house, rule) = ready(12).await;
    let device = house.devices(1);
    house.enter(&rule, &device);
    house.passes(2).await;
    house.leave(&rule, &device);
    house.passes(3).await;
    assert!(house.open_tickets().is_empty());
    // Lists tell for half an hour more that it is closed.
    house.simulator.world().set_search_lag(1_800);
    house.enter(&rule, &device);
    house.passes(4).await;
    assert_eq!((house.our_tickets().len(), house.open_tickets().len()), (1, 1), "{:?}", house.ticket_events());
    house.leave(&rule, &device);
    house.passes(3).await;
    assert!(house.open_tickets().is_empty());
    assert_eq!(house.ticket_events(), ["opened", "closed", "reopened", "closed"]);
}

#[tokio::test(flavor = "local")]
async fn a_summary_that_is_refused_waits_for_a_person_and_is_no_tap_for_its_devices() {
    let (house, rule) = ready(12).await;
    let rule = TicketRule { cap: 2, ..rule };
    house.store_rule(&rule);
    house.wire.plan(|sent| match String::from_utf8_lossy(&sent.body).contains("6 devices") {
        true => Fate::Refused(400, None),
        false => Fate::Answered,
    });
    house.enter(&rule, &house.devices(8));
    house.passes(5).await;
    assert_eq!(house.our_tickets().len(), 2, "{:?}", house.ticket_events());
    assert_eq!(house.ticket_events().iter().filter(|event| *event == "failed").count(), 7, "the summary, and each of its six");
    house.wire.mend();
    let failed = house.ticket_intents(&[IntentState::Failed]).remove(0);
    assert!(house.tenant.retry_ticket(&failed, None).await.expect("a ledger"));
    house.passes(2).await;
    assert_eq!(house.our_tickets().len(), 3);
}

#[tokio::test(flavor = "local")]
async fn while_tickets_of_an_earlier_pass_are_to_be_opened_no_summary_is_made() {
    let (house, rule) = ready(40).await;
    let rule = TicketRule { cap: 5, ..rule };
    house.store_rule(&rule);
    // Boards can be read, tickets cannot.
    house.fault(Vendor::ConnectWise, "GET", "service/tickets", None, REFUSED);
    let devices = house.devices(25);
    for five in devices.chunks(5) {
        house.enter(&rule, five);
        house.hours(1).await;
    }
    assert!(house.our_tickets().is_empty());
    house.simulator.world().clear_faults();
    house.passes(6).await;
    let tickets = house.our_tickets();
    let summaries = tickets.iter().filter(|ticket| ticket.summary.contains("devices")).count();
    assert_eq!(summaries, 1, "{:?}", house.ticket_events());
    // Five of the outage, five of the pass that sums up the rest, and no more than a few between them.
    assert!((11..=15).contains(&tickets.len()), "{:?}", house.ticket_events());
}

#[tokio::test(flavor = "local")]
async fn a_summary_that_is_tried_again_leaves_a_device_its_own_ticket() {
    let (house, rule) = ready(12).await;
    let rule = TicketRule { cap: 2, ..rule };
    house.store_rule(&rule);
    house.wire.plan(|sent| match String::from_utf8_lossy(&sent.body).contains("4 devices") {
        true => Fate::Refused(400, None),
        false => Fate::Answered,
    });
    let devices = house.devices(6);
    house.enter(&rule, &devices);
    house.passes(3).await;
    let case = |device: &String| house.tenant.ledger.cases().find(&rule.id, device).expect("a ledger").expect("a case");
    let told = devices.iter().find(|device| case(device).is_told()).expect("a device of the summary").clone();
    house.leave(&rule, std::slice::from_ref(&told));
    house.passes(2).await;
    house.enter(&rule, std::slice::from_ref(&told));
    house.passes(3).await;
    assert_eq!(house.our_tickets().len(), 3, "it has its own now: {:?}", house.ticket_events());
    house.wire.mend();
    let failed = house.ticket_intents(&[IntentState::Failed]).remove(0);
    assert_eq!(house.post(&format!("/api/ticket-intents/{}/retry", failed.intent.id), &serde_json::json!({})).await.0, 200);
    house.passes(2).await;
    assert_eq!(house.our_tickets().len(), 4);
    assert_eq!(house.ticket_events().iter().filter(|event| *event == "told").count(), 3, "not of the one with its own");
    house.leave(&rule, std::slice::from_ref(&told));
    house.passes(3).await;
    assert_eq!(house.open_tickets().len(), 3, "its own ticket is closed: {:?}", house.ticket_events());
}

/// Devices of one company, and of others.
fn by_company(house: &House) -> (String, Vec<String>, Vec<String>) {
    let devices = house.simulator.world().devices();
    let count = |company: &str| devices.iter().filter(|device| device.company == company).count();
    let most = devices.iter().map(|device| device.company.clone()).max_by_key(|company| count(company)).expect("a company");
    let (own, others): (Vec<_>, Vec<_>) = devices.into_iter().partition(|device| device.company == most);
    let ids = |devices: Vec<simulator::ManagedDevice>| devices.into_iter().map(|device| device.uuid).collect();
    (most, ids(own), ids(others))
}

#[tokio::test(flavor = "local")]
async fn tickets_that_a_mute_puts_off_leave_the_cap_to_others_and_are_no_burst_when_it_ends() {
    let (house, rule) = ready(40).await;
    let (home, own, others) = by_company(&house);
    let rule = TicketRule { cap: 3, ..rule };
    house.store_rule(&rule);
    // Planned, and not begun: the search before the write fails.
    house.fault(Vendor::ConnectWise, "GET", "service/tickets", None, REFUSED);
    house.enter(&rule, &own[..3]);
    house.hours(1).await;
    let scope = SilenceScope::Group { connection: rule.source.connection().clone(), group: home.as_str().into() };
    house.keep_quiet(scope, house.muted(6), "moving");
    house.simulator.world().clear_faults();
    house.enter(&rule, &others[..8]);
    house.passes(4).await;
    let tickets = house.our_tickets();
    assert_eq!(tickets.len(), 4, "three and one for the other five: {:?}", house.ticket_events());
    assert!(tickets.iter().any(|ticket| ticket.summary.starts_with("5 devices")), "{tickets:?}");
    house.outage(6);
    house.enter(&rule, &others[8..9]);
    house.passes(1).await;
    assert_eq!(house.our_tickets().len(), 7, "what was put off counts once it is taken up: {:?}", house.ticket_events());
    house.passes(2).await;
    assert_eq!(house.our_tickets().len(), 8);
}

#[tokio::test(flavor = "local")]
async fn tickets_that_are_still_to_be_opened_again_count_towards_the_cap() {
    let (house, rule) = ready(40).await;
    let rule = TicketRule { cap: 3, ..rule };
    house.store_rule(&rule);
    let devices = house.devices(9);
    house.enter(&rule, &devices[..3]);
    house.passes(2).await;
    house.leave(&rule, &devices[..3]);
    house.passes(4).await;
    assert!(house.open_tickets().is_empty(), "{:?}", house.ticket_events());
    house.fault(Vendor::ConnectWise, "GET", "service/tickets", None, REFUSED);
    house.enter(&rule, &devices[..3]);
    house.hours(1).await;
    assert_eq!(house.tenant.ledger.ticket_intents().openings_of(&rule.id).expect("a ledger"), 3);
    house.enter(&rule, &devices[3..]);
    house.hours(1).await;
    let waiting = house.ticket_intents(&[IntentState::Planned]);
    assert_eq!(waiting.len(), 3, "{waiting:?}");
    house.simulator.world().clear_faults();
    house.passes(4).await;
    let count = |event: &str| house.ticket_events().iter().filter(|found| *found == event).count();
    assert_eq!((count("reopened"), count("summary_opened")), (3, 1), "{:?}", house.ticket_events());
    assert!((7..=8).contains(&house.open_tickets().len()), "{:?}", house.ticket_events());
}
