//! Rules about detections: each is told once, however it is read and whenever it is reported.

use chrono::TimeDelta;
use contract::passes::{PassKind, PassState};
use domain::tickets::{DetectionCategory, RuleSource, Severity, TicketRule};
use harness::TestInstall;
use http::StatusCode;
use serde_json::{Value, json};
use simulator::{FaultKind, Report, Vendor};

const BROKEN: FaultKind = FaultKind::Status { code: 500, body: None, retry_after: None };
const DAY: i64 = 24 * 60;

/// Whether ESET Connect offers `listDelta`: whatever is true with it has to be true without it.
const WAYS: [bool; 2] = [true, false];

/// An install with a rule about detections that was switched on, and whose first pass is over.
async fn watching(list_delta: bool, companies: usize) -> (TestInstall, TicketRule, Vec<String>) {
    let install = TestInstall::with_tickets(companies).await;
    install.simulator.world().offer_list_delta(list_delta);
    let rule = install.detection_rule("Malware").await;
    install.store_rule(&rule);
    install.passes(1).await;
    let devices = install.devices(3);
    (install, rule, devices)
}

fn named(name: &str) -> Report {
    Report { name: Some(name.to_owned()), ..Report::default() }
}

fn of_severity(words: &str) -> Report {
    Report { severity: Some(format!("SEVERITY_LEVEL_{words}")), ..Report::default() }
}

fn of_category(words: &str) -> Report {
    Report { category: Some(format!("DETECTION_CATEGORY_{words}")), ..Report::default() }
}

#[tokio::test(flavor = "local")]
async fn a_detection_is_one_ticket_however_often_it_is_read() {
    for way in WAYS {
        let (install, _, devices) = watching(way, 12).await;
        install.detect(&devices[0], 3, named("Win32/Agent.A"));
        // A day and more: the list is read by time too, and shows it again.
        install.outage(25);
        install.passes(3).await;
        let tickets = install.our_tickets();
        assert_eq!((tickets.len(), install.ticket_events()), (1, vec!["opened".to_owned()]), "listDelta: {way}");
        let device = install.simulator.world().devices()[0].name.clone();
        assert_eq!(tickets[0].summary, format!("Win32/Agent.A on {device}"), "listDelta: {way}");
        let texts: Vec<String> = install.simulator.world().notes().into_iter().map(|note| note.text).collect();
        assert!(
            texts.iter().any(|text| text.starts_with(&format!("1 detection on {device} of "))
                && text.contains("Win32/Agent.A, medium, in file:///C:/Downloads/invoice.exe")),
            "{texts:?}"
        );
    }
}

#[tokio::test(flavor = "local")]
async fn what_is_detected_again_is_noted_once_in_a_pass_with_how_much_it_is() {
    for way in WAYS {
        let (install, _, devices) = watching(way, 12).await;
        install.detect(&devices[0], 3, Report::default());
        install.passes(2).await;
        for name in ["Win32/Agent.B", "Win32/Agent.C", "Win32/Agent.D"] {
            install.detect(&devices[0], 1, named(name));
        }
        install.detect(&devices[1], 1, Report::default());
        install.passes(2).await;
        let mut events = install.ticket_events();
        events.sort_unstable();
        assert_eq!(events, ["noted", "opened", "opened"], "listDelta: {way}");
        let ticket = install.our_tickets()[0].id;
        let notes = install.our_notes(ticket);
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(
            notes[0].text.starts_with("3 detections more on ") && notes[0].text.contains("The newest: Win32/Agent.D, severity medium"),
            "{notes:?}"
        );
    }
}

#[tokio::test(flavor = "local")]
async fn what_is_below_the_rule_or_of_another_kind_opens_nothing() {
    let (install, rule, devices) = watching(true, 12).await;
    let source = RuleSource::Detections {
        connection: rule.source.connection().clone(),
        severity_at_least: Severity::High,
        categories: vec![DetectionCategory::Antivirus],
    };
    install.store_rule(&TicketRule { source, ..rule });
    for report in
        [of_severity("MEDIUM"), of_severity("LOW"), Report { severity: of_severity("HIGH").severity, ..of_category("WEB_ACCESS") }]
    {
        install.detect(&devices[0], 1, report);
    }
    install.passes(2).await;
    assert!(install.our_tickets().is_empty());
    install.detect(&devices[0], 1, of_severity("HIGH"));
    install.detect(&devices[1], 1, of_severity("OF_TOMORROW"));
    install.passes(2).await;
    assert_eq!(install.our_tickets().len(), 2, "what is not known is not harmless");
}

#[tokio::test(flavor = "local")]
async fn what_happened_before_the_rule_was_switched_on_is_history() {
    for way in WAYS {
        let install = TestInstall::with_tickets(12).await;
        install.simulator.world().offer_list_delta(way);
        let devices = install.devices(3);
        for device in &devices {
            install.detect(device, DAY, Report::default());
            install.detect(device, 1, Report::default());
        }
        let rule = install.detection_rule("Malware").await;
        install.store_rule(&rule);
        install.passes(1).await;
        install.detect(&devices[2], 1, Report::default());
        install.passes(2).await;
        assert_eq!(install.our_tickets().len(), 1, "listDelta: {way}");
        // Nor is it told when the rule was off meanwhile.
        install.store_rule(&TicketRule { enabled: false, ..rule.clone() });
        install.detect(&devices[0], 1, Report::default());
        install.outage(72);
        install.store_rule(&rule);
        install.passes(2).await;
        assert_eq!(install.our_tickets().len(), 1, "listDelta: {way}");
        // A second rule begins when it is switched on, and not with what the first is still to be told.
        install.detect(&devices[1], 1, Report::default());
        install.store_rule(&TicketRule { id: "second".into(), name: "Second".to_owned(), ..rule });
        install.passes(2).await;
        assert_eq!(install.our_tickets().len(), 2, "listDelta: {way}");
        install.detect(&devices[0], 1, Report::default());
        install.passes(2).await;
        assert_eq!(install.our_tickets().len(), 4, "listDelta: {way}");
    }
}

#[tokio::test(flavor = "local")]
async fn a_device_that_was_offline_reports_late_and_is_not_missed() {
    for way in WAYS {
        let (install, _, devices) = watching(way, 12).await;
        install.clock.advance(5 * DAY * 60);
        install.passes(3).await;
        install.detect(&devices[0], 4 * DAY, Report::default());
        install.passes(2).await;
        assert_eq!(install.our_tickets().len(), 1, "listDelta: {way}");
        install.outage(25);
        install.passes(3).await;
        assert_eq!(install.our_tickets().len(), 1, "listDelta: {way}");
    }
}

#[tokio::test(flavor = "local")]
async fn a_reading_that_fails_or_breaks_off_forgets_nothing() {
    for way in WAYS {
        let (install, _, devices) = watching(way, 12).await;
        install.fault(Vendor::Connect, "GET", "/v1/detections", None, BROKEN);
        install.detect(&devices[0], 1, Report::default());
        install.hours(3).await;
        assert!(install.our_tickets().is_empty());
        let pass = install.last_pass(PassKind::Tickets);
        assert_eq!(pass.state, PassState::Failed, "{pass:?}");
        install.simulator.world().clear_faults();

        // More than a page, of which the second cannot be read.
        for _ in 0..1_200 {
            install.detect(&devices[1], 1, Report::default());
        }
        install.fault(Vendor::Connect, "GET", "pageToken", None, BROKEN);
        install.hours(3).await;
        assert!(install.our_tickets().is_empty(), "listDelta: {way}");
        install.simulator.world().clear_faults();
        install.passes(8).await;
        assert_eq!(install.our_tickets().len(), 2, "listDelta: {way}");
        let texts: Vec<String> = install.simulator.world().notes().into_iter().map(|note| note.text).collect();
        assert!(texts.iter().any(|text| text.starts_with("1200 detections on ")), "{texts:?}");
    }
}

#[tokio::test(flavor = "local")]
async fn a_token_that_is_not_taken_any_more_is_a_look_back() {
    let (install, rule, devices) = watching(true, 12).await;
    let connection = rule.source.connection();
    install.detect(&devices[0], 1, Report::default());
    install.passes(2).await;
    let feed = install.tenant.ledger.detections().feed(connection).expect("rows").expect("a feed");
    let lost = store::ledger::Feed { token: Some("lost".to_owned()), ..feed.clone() };
    install.tenant.ledger.detections().keep_feed(connection, &lost, feed.read_at - TimeDelta::days(8)).expect("kept");
    install.detect(&devices[1], 1, Report::default());
    install.passes(2).await;
    assert_eq!(install.ticket_events(), ["opened", "opened"]);
    let feed = install.tenant.ledger.detections().feed(connection).expect("rows").expect("a feed");
    assert!(feed.token.is_some_and(|token| token.starts_with("d-")));
}

#[tokio::test(flavor = "local")]
async fn a_storm_of_two_hundred_is_the_cap_and_one_summary() {
    for way in WAYS {
        let (install, _, _) = watching(way, 60).await;
        for device in install.devices(200) {
            install.detect(&device, 1, Report::default());
            install.detect(&device, 1, Report::default());
        }
        install.passes(4).await;
        let tickets = install.our_tickets();
        assert_eq!(tickets.len(), 11, "listDelta: {way}");
        assert!(tickets.iter().any(|ticket| ticket.summary.starts_with("190 devices")), "{tickets:?}");
        let events = install.ticket_events();
        assert_eq!(events.iter().filter(|event| *event == "told").count(), 190);
    }
}

#[tokio::test(flavor = "local")]
async fn what_was_found_while_connectwise_was_away_is_told_after_it_and_once() {
    // Not to be read at all, and failing to make anything.
    for method in ["GET", "POST"] {
        let (install, _, devices) = watching(true, 12).await;
        install.fault(Vendor::ConnectWise, method, "/service/", None, BROKEN);
        install.detect(&devices[0], 1, Report::default());
        install.hours(6).await;
        install.simulator.world().clear_faults();
        install.detect(&devices[0], 1, Report::default());
        install.detect(&devices[1], 1, Report::default());
        install.hours(6).await;
        assert_eq!(install.our_tickets().len(), 2, "{method}: {:?}", install.ticket_events());
        let texts: Vec<String> = install.simulator.world().notes().into_iter().map(|note| note.text).collect();
        let told = ["2 detections on ", "1 detection on ", "1 detection more on "]
            .map(|words| texts.iter().filter(|text| text.starts_with(words)).count());
        // A ticket that could not be made tells what it was planned with; what came after it is a note.
        assert_eq!(told, if method == "GET" { [1, 1, 0] } else { [0, 2, 1] }, "{method}: {texts:?}");
    }
}

#[tokio::test(flavor = "local")]
async fn a_ticket_that_a_person_closed_is_opened_again_by_what_is_detected_next() {
    let (install, _, devices) = watching(true, 12).await;
    install.detect(&devices[0], 1, Report::default());
    install.passes(2).await;
    let ticket = install.our_tickets()[0].id;
    install.simulator.world().close_ticket(ticket, None).expect("a ticket");
    install.passes(3).await;
    assert!(install.open_tickets().is_empty(), "what was told is over");
    install.detect(&devices[0], 1, named("Win32/Agent.E"));
    install.passes(2).await;
    assert_eq!((install.open_tickets().len(), install.our_tickets().len()), (1, 1));
    assert!(install.our_notes(ticket).iter().any(|note| note.text.contains("opened again. The newest: Win32/Agent.E")));
}

#[tokio::test(flavor = "local")]
async fn what_the_ledger_keeps_of_detections_has_an_end() {
    for way in WAYS {
        let (install, rule, devices) = watching(way, 12).await;
        let id = install.detect(&devices[0], 1, Report::default());
        install.passes(2).await;
        let knows = || install.tenant.ledger.detections().knows(rule.source.connection(), &id).expect("rows");
        assert!(knows());
        assert!(install.tenant.ledger.detections().waiting(&rule.id).expect("rows").is_empty(), "it is in its case");
        install.clock.advance(9 * DAY * 60);
        install.passes(2).await;
        assert!(!knows(), "listDelta: {way}");
        assert_eq!(install.our_tickets().len(), 1, "listDelta: {way}");
    }
}

#[tokio::test(flavor = "local")]
async fn what_is_detected_while_a_rule_is_muted_is_one_entry_told_afterwards() {
    let (install, rule, devices) = watching(true, 12).await;
    let now = install.tenant.now();
    let mute = json!({ "kind": "muted", "from": now, "until": now + TimeDelta::hours(3) });
    let asked = json!({ "scope": { "of": "rule", "rule": rule.id }, "silence": mute, "reason": "moving" });
    assert_eq!(install.post("/api/silences", &asked).await.0, StatusCode::CREATED);
    for _ in 0..3 {
        install.detect(&devices[0], 1, Report::default());
        install.passes(2).await;
    }
    assert!(install.our_tickets().is_empty());
    install.passes(16).await;
    assert_eq!(install.ticket_events(), ["muted", "opened"]);
    let texts: Vec<String> = install.simulator.world().notes().into_iter().map(|note| note.text).collect();
    assert!(texts.iter().any(|text| text.starts_with("3 detections on ")), "{texts:?}");
}

#[tokio::test(flavor = "local")]
async fn the_api_takes_a_rule_about_detections_of_eset_connect_and_of_no_other_console() {
    let install = TestInstall::with_tickets(12).await;
    install.connect_groups(&install.onprem()).await;
    let rule = install.detection_rule("Malware").await;
    let mut body = serde_json::to_value(&rule).expect("json");
    body.as_object_mut().expect("fields").remove("id");
    for (pointer, field, value) in [
        ("/source/detections/connection", "source.detections.connection", json!(install.connection("ESET PROTECT").await)),
        ("/source/detections/connection", "source.detections.connection", json!("nobodys")),
        ("/lifecycle/close_after_minutes", "lifecycle.close_after_minutes", json!(60)),
        ("/per", "per", json!("group")),
        ("/summary", "summary", json!("{device} is in {group}")),
    ] {
        let mut wrong = body.clone();
        *wrong.pointer_mut(pointer).expect("a field") = value;
        let (status, problem) = install.post("/api/ticket-rules", &wrong).await;
        assert_eq!((status, problem["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{problem}");
    }
    let (status, view) = install.post("/api/ticket-rules", &body).await;
    assert_eq!(status, StatusCode::CREATED, "{view}");
    install.passes(1).await;
    install.detect(&install.devices(1)[0], 1, Report::default());
    install.passes(2).await;
    let path = format!("/api/ticket-rules/{}", view["rule"]["id"].as_str().expect("an id"));
    let view: Value = install.get(&path).await;
    assert_eq!((&view["devices"], &view["open"], &view["trouble"]), (&json!(1), &json!(1), &json!(null)));

    // What it takes may change while it knows devices; what it watches may not.
    let mut changed = view["rule"].clone();
    changed["source"]["detections"]["severity_at_least"] = json!("low");
    assert_eq!(install.call::<Value>("PUT", &path, Some(&changed)).await.0, StatusCode::OK);
    install.detect(&install.devices(2)[1], 1, of_severity("LOW"));
    install.passes(2).await;
    assert_eq!(install.our_tickets().len(), 2);
    changed["source"] = json!({ "group": { "connection": rule.source.connection(), "group": harness::tickets::ALL } });
    changed["summary"] = json!("{device}");
    changed["text"] = json!("{device}");
    let (status, problem) = install.call("PUT", &path, Some(&changed)).await;
    assert_eq!((status, problem["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("source")), "{problem}");

    let (status, preview) = install.post("/api/ticket-rules/preview", &json!({ "rule": rule, "device": null })).await;
    assert_eq!((status, preview["summary"].as_str()), (StatusCode::OK, Some("Eicar on SAMPLE-PC")), "{preview}");
    assert!(preview["text"].as_str().is_some_and(|text| text.starts_with("1 detection on SAMPLE-PC")), "{preview}");
}
