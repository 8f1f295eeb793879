//! Many devices at once, outages and mutes: nothing is lost, and nobody is flooded.

use domain::tickets::{Mute, MuteScope, Per, TicketRule};
use engine::IntentState;
use harness::TestInstall;
use harness::wire::Fate;
use simulator::{FaultKind, Vendor};

const REFUSED: FaultKind = FaultKind::Status { code: 500, body: None, retry_after: None };

async fn ready(companies: usize) -> (TestInstall, TicketRule) {
    let install = TestInstall::with_tickets(companies).await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    (install, rule)
}

/// The only ESET company that has anything, for bulks.
fn company(install: &TestInstall) -> String {
    install.simulator.world().devices().first().expect("a device").company.clone()
}

#[tokio::test(flavor = "local")]
async fn a_group_of_four_thousand_is_the_cap_and_one_summary() {
    let (install, rule) = ready(12).await;
    install.simulator.world().add_devices(&company(&install), Some(&install.watched(&rule)), 4_000).expect("devices");
    install.passes(2).await;
    let tickets = install.our_tickets();
    assert_eq!(tickets.len(), 11, "ten, and one for the rest");
    let summary = tickets.iter().find(|ticket| ticket.summary.starts_with("3990 devices")).expect("a summary");
    install.passes(3).await;
    assert_eq!(install.our_tickets().len(), 11, "and never again");
    let events = install.ticket_events();
    let count = |event: &str| events.iter().filter(|found| *found == event).count();
    assert_eq!((count("opened"), count("summary_opened"), count("told"), events.len()), (10, 1, 3_990, 4_001));

    // A pass without a change asks for the members, by pages, and for the open tickets, and for nothing else.
    install.wire.clear();
    install.passes(1).await;
    let mut kinds = install.wire.kinds();
    kinds.retain(|kind| kind.contains("device_groups/") || kind.contains("service/"));
    assert_eq!(kinds.len(), 5, "{kinds:?}");

    // A person closes the summary; who enters anew has a ticket of its own.
    install.simulator.world().close_ticket(summary.id, None).expect("a ticket");
    install.passes(1).await;
    let told = install.ticket_events().iter().filter(|event| *event == "closed_by_person").count();
    assert_eq!(told, 3_990);
    assert_eq!(install.open_tickets().len(), 10);
}

#[tokio::test(flavor = "local")]
async fn a_group_that_cannot_be_read_is_no_exit_and_the_others_go_on() {
    let (install, rule) = ready(12).await;
    let other = install.rule("Other").await;
    install.store_rule(&other);
    let devices = install.devices(3);
    install.enter(&rule, &devices[..2]);
    install.passes(2).await;
    assert_eq!(install.open_tickets().len(), 2);
    install.fault(Vendor::Connect, "GET", &install.watched(&rule), None, REFUSED);
    install.enter(&other, &devices[2..]);
    install.passes(6).await;
    assert_eq!(install.open_tickets().len(), 3, "{:?}", install.ticket_events());
    let pass = install.last_pass(contract::passes::PassKind::Tickets);
    assert_eq!((pass.state, pass.troubles.len()), (contract::passes::PassState::Partial, 1), "{pass:?}");
    install.simulator.world().clear_faults();
    install.passes(2).await;
    assert_eq!(install.ticket_events(), ["opened"; 3]);
}

#[tokio::test(flavor = "local")]
async fn a_group_that_breaks_off_after_a_page_is_no_exit() {
    let (install, rule) = ready(12).await;
    let rule = TicketRule { cap: 1, ..rule };
    install.store_rule(&rule);
    install.simulator.world().add_devices(&company(&install), Some(&install.watched(&rule)), 1_500).expect("devices");
    install.passes(2).await;
    let before = install.ticket_events().len();
    let broken = simulator::Fault {
        vendor: Vendor::Connect,
        method: Some("GET".to_owned()),
        path_contains: Some(install.watched(&rule)),
        times: None,
        skip: 0,
        every: None,
        kind: REFUSED,
    };
    install.simulator.world().inject(simulator::Fault { path_contains: Some("pageToken".to_owned()), ..broken });
    install.passes(4).await;
    assert_eq!((install.open_tickets().len(), install.ticket_events().len()), (2, before));
}

#[tokio::test(flavor = "local")]
async fn a_group_that_is_empty_all_at_once_is_asked_for_again() {
    let (install, rule) = ready(12).await;
    let devices = install.devices(2);
    install.enter(&rule, &devices);
    install.passes(2).await;
    install.fault(Vendor::Connect, "GET", &install.watched(&rule), Some(1), FaultKind::EmptyList);
    install.passes(4).await;
    assert_eq!(install.ticket_events(), ["opened"; 2], "one empty answer is not believed");
    install.leave(&rule, &devices);
    install.passes(4).await;
    assert!(install.open_tickets().is_empty(), "two are");
}

#[tokio::test(flavor = "local")]
async fn one_empty_answer_is_not_believed_of_a_whole_group_or_of_one_device() {
    for per in [Per::Group, Per::Device] {
        let (install, rule) = ready(12).await;
        let rule = TicketRule { per, ..rule };
        install.store_rule(&rule);
        let devices = install.devices(if per == Per::Group { 2 } else { 1 });
        install.enter(&rule, &devices);
        install.passes(2).await;
        install.fault(Vendor::Connect, "GET", &install.watched(&rule), Some(1), FaultKind::EmptyList);
        install.passes(1).await;
        let pass = install.last_pass(contract::passes::PassKind::Tickets);
        assert_eq!((pass.state, pass.troubles.len()), (contract::passes::PassState::Partial, 1), "{per:?}: {pass:?}");
        install.passes(3).await;
        assert_eq!(install.ticket_events(), ["opened"], "{per:?}");
        install.leave(&rule, &devices);
        install.passes(4).await;
        assert!(install.open_tickets().is_empty(), "{per:?}: two are");
    }
}

#[tokio::test(flavor = "local")]
async fn three_days_without_the_console_end_in_the_cap_and_one_summary() {
    let (install, rule) = ready(40).await;
    install.fault(Vendor::Connect, "GET", "/v1/", None, REFUSED);
    let devices = install.devices(30);
    for day in devices.chunks(10) {
        install.enter(&rule, day);
        install.outage(24);
        install.passes(1).await;
    }
    assert!(install.our_tickets().is_empty());
    install.simulator.world().clear_faults();
    install.passes(8).await;
    let tickets = install.our_tickets();
    assert_eq!(tickets.len(), 11, "{:?}", install.ticket_events());
    assert_eq!(tickets.iter().filter(|ticket| ticket.summary.starts_with("20 devices")).count(), 1);
}

#[tokio::test(flavor = "local")]
async fn three_days_without_connectwise_end_in_the_cap_with_the_oldest_and_one_summary() {
    let (install, rule) = ready(40).await;
    install.fault(Vendor::ConnectWise, "GET", "service/", None, REFUSED);
    install.fault(Vendor::ConnectWise, "POST", "service/", None, REFUSED);
    let devices = install.devices(30);
    for day in devices.chunks(10) {
        install.enter(&rule, day);
        install.passes(3).await;
        install.outage(23);
    }
    assert!(install.our_tickets().is_empty());
    install.simulator.world().clear_faults();
    install.passes(6).await;
    let tickets = install.our_tickets();
    assert_eq!(tickets.len(), 11, "{:?}", install.ticket_events());
    let world = install.simulator.world();
    let first: Vec<String> =
        world.devices().into_iter().filter(|known| devices[..10].contains(&known.uuid)).map(|known| known.name).collect();
    let single: Vec<_> = tickets.iter().filter(|ticket| !ticket.summary.starts_with("20 devices")).collect();
    assert!(single.iter().all(|ticket| first.iter().any(|name| ticket.summary.starts_with(name))), "{tickets:?} {first:?}");
}

#[tokio::test(flavor = "local")]
async fn what_enters_in_silence_is_told_in_the_cap_and_one_summary_when_it_ends() {
    for scope in ["rule", "group", "company", "device"] {
        let (install, rule) = ready(40).await;
        let devices = install.devices(15);
        let connection = rule.source.connection().clone();
        let home = install.simulator.world().devices().remove(0).company;
        let covered: Vec<MuteScope> = match scope {
            "rule" => vec![MuteScope::Rule { rule: rule.id.clone() }],
            "group" => vec![MuteScope::Group { connection, group: install.watched(&rule).as_str().into() }],
            "company" => vec![MuteScope::Group { connection, group: home.as_str().into() }],
            _ => vec![MuteScope::Device { connection, device: devices[0].as_str().into() }],
        };
        for scope in covered {
            install.mute(scope, install.muted(6), "moving");
        }
        install.enter(&rule, &devices);
        install.passes(3).await;
        let quiet = install.our_tickets().len();
        match scope {
            "rule" | "group" => assert_eq!(quiet, 0, "{scope}"),
            "company" => assert!(quiet < 11, "{scope}: {quiet}"),
            _ => assert_eq!(quiet, 11, "{scope}: the other fourteen"),
        }
        install.outage(6);
        install.passes(3).await;
        let after = install.our_tickets().len();
        match scope {
            "rule" | "group" => assert_eq!(after, 11, "{scope}: no burst"),
            "device" => assert_eq!(after, 12, "{scope}"),
            _ => assert!(after > quiet, "{scope}"),
        }
        let events = install.ticket_events();
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
    let (install, rule) = ready(12).await;
    // 2026-11-11 is a Wednesday, and the rule was made on it at noon.
    let begins = install.tenant.now().time();
    let mute = Mute::Weekly { days: (0..7).collect(), begins, minutes: 120, zone: "UTC".to_owned() };
    install.mute(MuteScope::Rule { rule: rule.id.clone() }, mute, "patches");
    let devices = install.devices(2);
    install.enter(&rule, &devices);
    install.passes(4).await;
    assert!(install.our_tickets().is_empty());
    install.leave(&rule, &devices[..1]);
    install.passes(12).await;
    assert_eq!(install.our_tickets().len(), 1);
    assert_eq!(install.ticket_events(), ["muted", "muted", "skipped", "opened"]);
}

#[tokio::test(flavor = "local")]
async fn a_list_that_lags_does_not_close_what_was_just_opened_again() {
    let (install, rule) = ready(12).await;
    let device = install.devices(1);
    install.enter(&rule, &device);
    install.passes(2).await;
    install.leave(&rule, &device);
    install.passes(3).await;
    assert!(install.open_tickets().is_empty());
    // Lists tell for half an hour more that it is closed.
    install.simulator.world().set_search_lag(1_800);
    install.enter(&rule, &device);
    install.passes(4).await;
    assert_eq!((install.our_tickets().len(), install.open_tickets().len()), (1, 1), "{:?}", install.ticket_events());
    install.leave(&rule, &device);
    install.passes(3).await;
    assert!(install.open_tickets().is_empty());
    assert_eq!(install.ticket_events(), ["opened", "closed", "reopened", "closed"]);
}

#[tokio::test(flavor = "local")]
async fn a_summary_that_is_refused_waits_for_a_person_and_is_no_tap_for_its_devices() {
    let (install, rule) = ready(12).await;
    let rule = TicketRule { cap: 2, ..rule };
    install.store_rule(&rule);
    install.wire.plan(|sent| match String::from_utf8_lossy(&sent.body).contains("6 devices") {
        true => Fate::Refused(400, None),
        false => Fate::Answered,
    });
    install.enter(&rule, &install.devices(8));
    install.passes(5).await;
    assert_eq!(install.our_tickets().len(), 2, "{:?}", install.ticket_events());
    assert_eq!(install.ticket_events().iter().filter(|event| *event == "failed").count(), 7, "the summary, and each of its six");
    install.wire.mend();
    let failed = install.ticket_intents(&[IntentState::Failed]).remove(0);
    assert!(install.tenant.ticket_commits().retry(&failed, None).await.expect("a ledger"));
    install.passes(2).await;
    assert_eq!(install.our_tickets().len(), 3);
}

#[tokio::test(flavor = "local")]
async fn while_tickets_of_an_earlier_pass_are_to_be_opened_no_summary_is_made() {
    let (install, rule) = ready(40).await;
    let rule = TicketRule { cap: 5, ..rule };
    install.store_rule(&rule);
    // Boards can be read, tickets cannot.
    install.fault(Vendor::ConnectWise, "GET", "service/tickets", None, REFUSED);
    let devices = install.devices(25);
    for five in devices.chunks(5) {
        install.enter(&rule, five);
        install.hours(1).await;
    }
    assert!(install.our_tickets().is_empty());
    install.simulator.world().clear_faults();
    install.passes(6).await;
    let tickets = install.our_tickets();
    let summaries = tickets.iter().filter(|ticket| ticket.summary.contains("devices")).count();
    assert_eq!(summaries, 1, "{:?}", install.ticket_events());
    // Five of the outage, five of the pass that sums up the rest, and no more than a few between them.
    assert!((11..=15).contains(&tickets.len()), "{:?}", install.ticket_events());
}

#[tokio::test(flavor = "local")]
async fn a_summary_that_is_tried_again_leaves_a_device_its_own_ticket() {
    let (install, rule) = ready(12).await;
    let rule = TicketRule { cap: 2, ..rule };
    install.store_rule(&rule);
    install.wire.plan(|sent| match String::from_utf8_lossy(&sent.body).contains("4 devices") {
        true => Fate::Refused(400, None),
        false => Fate::Answered,
    });
    let devices = install.devices(6);
    install.enter(&rule, &devices);
    install.passes(3).await;
    let case = |device: &String| install.tenant.ledger.cases().find(&rule.id, device).expect("a ledger").expect("a case");
    let told = devices.iter().find(|device| case(device).is_told()).expect("a device of the summary").clone();
    install.leave(&rule, std::slice::from_ref(&told));
    install.passes(2).await;
    install.enter(&rule, std::slice::from_ref(&told));
    install.passes(3).await;
    assert_eq!(install.our_tickets().len(), 3, "it has its own now: {:?}", install.ticket_events());
    install.wire.mend();
    let failed = install.ticket_intents(&[IntentState::Failed]).remove(0);
    assert_eq!(install.post(&format!("/api/ticket-intents/{}/retry", failed.intent.id), &serde_json::json!({})).await.0, 200);
    install.passes(2).await;
    assert_eq!(install.our_tickets().len(), 4);
    assert_eq!(install.ticket_events().iter().filter(|event| *event == "told").count(), 3, "not of the one with its own");
    install.leave(&rule, std::slice::from_ref(&told));
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), 3, "its own ticket is closed: {:?}", install.ticket_events());
}

/// Devices of one company, and of others.
fn by_company(install: &TestInstall) -> (String, Vec<String>, Vec<String>) {
    let devices = install.simulator.world().devices();
    let count = |company: &str| devices.iter().filter(|device| device.company == company).count();
    let most = devices.iter().map(|device| device.company.clone()).max_by_key(|company| count(company)).expect("a company");
    let (own, others): (Vec<_>, Vec<_>) = devices.into_iter().partition(|device| device.company == most);
    let ids = |devices: Vec<simulator::ManagedDevice>| devices.into_iter().map(|device| device.uuid).collect();
    (most, ids(own), ids(others))
}

#[tokio::test(flavor = "local")]
async fn tickets_that_a_mute_puts_off_leave_the_cap_to_others_and_are_no_burst_when_it_ends() {
    let (install, rule) = ready(40).await;
    let (home, own, others) = by_company(&install);
    let rule = TicketRule { cap: 3, ..rule };
    install.store_rule(&rule);
    // Planned, and not begun: the search before the write fails.
    install.fault(Vendor::ConnectWise, "GET", "service/tickets", None, REFUSED);
    install.enter(&rule, &own[..3]);
    install.hours(1).await;
    let scope = MuteScope::Group { connection: rule.source.connection().clone(), group: home.as_str().into() };
    install.mute(scope, install.muted(6), "moving");
    install.simulator.world().clear_faults();
    install.enter(&rule, &others[..8]);
    install.passes(4).await;
    let tickets = install.our_tickets();
    assert_eq!(tickets.len(), 4, "three and one for the other five: {:?}", install.ticket_events());
    assert!(tickets.iter().any(|ticket| ticket.summary.starts_with("5 devices")), "{tickets:?}");
    install.outage(6);
    install.enter(&rule, &others[8..9]);
    install.passes(1).await;
    assert_eq!(install.our_tickets().len(), 7, "what was put off counts once it is taken up: {:?}", install.ticket_events());
    install.passes(2).await;
    assert_eq!(install.our_tickets().len(), 8);
}

#[tokio::test(flavor = "local")]
async fn tickets_that_are_still_to_be_opened_again_count_towards_the_cap() {
    let (install, rule) = ready(40).await;
    let rule = TicketRule { cap: 3, ..rule };
    install.store_rule(&rule);
    let devices = install.devices(9);
    install.enter(&rule, &devices[..3]);
    install.passes(2).await;
    install.leave(&rule, &devices[..3]);
    install.passes(8).await;
    assert!(install.open_tickets().is_empty(), "{:?}", install.ticket_events());
    install.fault(Vendor::ConnectWise, "GET", "service/tickets", None, REFUSED);
    install.enter(&rule, &devices[..3]);
    install.hours(1).await;
    assert_eq!(install.tenant.ledger.ticket_intents().openings_of(&rule.id).expect("a ledger"), 3);
    install.enter(&rule, &devices[3..]);
    install.hours(1).await;
    let waiting = install.ticket_intents(&[IntentState::Planned]);
    assert_eq!(waiting.len(), 3, "{waiting:?}");
    install.simulator.world().clear_faults();
    install.passes(4).await;
    let count = |event: &str| install.ticket_events().iter().filter(|found| *found == event).count();
    assert_eq!((count("reopened"), count("summary_opened")), (3, 1), "{:?}", install.ticket_events());
    assert!((7..=8).contains(&install.open_tickets().len()), "{:?}", install.ticket_events());
}
