//! Rules about detections: each is told once, however it is read and whenever it is reported.

use chrono::TimeDelta;
use contract::passes::{PassKind, PassState};
use domain::tickets::{DetectionCategory, RuleSource, Severity, TicketRule};
use harness::House;
use http::StatusCode;
use serde_json::{Value, json};
use simulator::{FaultKind, Report, Vendor};

const BROKEN: FaultKind = FaultKind::Status { code: 500, body: None, retry_after: None };
const DAY: i64 = 24 * 60;

/// Whether ESET Connect offers `listDelta`: whatever is true with it has to be true without it.
const WAYS: [bool; 2] = [true, false];

/// An install with a rule about detections that was switched on, and whose first pass is over.
async fn watching(list_delta: bool, companies: usize) -> (House, TicketRule, Vec<String>) {
    let house = House::with_tickets(companies).await;
    house.simulator.world().offer_list_delta(list_delta);
    let rule = house.detection_rule("Malware").await;
    house.store_rule(&rule);
    house.passes(1).await;
    let devices = house.devices(3);
    (house, rule, devices)
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
        let (house, _, devices) = watching(way, 12).await;
        house.detect(&devices[0], 3, named("Win32/Agent.A"));
        // A day and more: the list is read by time too, and shows it again.
        house.outage(25);
        house.passes(3).await;
        let tickets = house.our_tickets();
        assert_eq!((tickets.len(), house.ticket_events()), (1, vec!["opened".to_owned()]), "listDelta: {way}");
        let device = house.simulator.world().devices()[0].name.clone();
        assert_eq!(tickets[0].summary, format!("Win32/Agent.A on {device}"), "listDelta: {way}");
        let texts: Vec<String> = house.simulator.world().notes().into_iter().map(|note| note.text).collect();
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
        let (house, _, devices) = watching(way, 12).await;
        house.detect(&devices[0], 3, Report::default());
        house.passes(2).await;
        for name in ["Win32/Agent.B", "Win32/Agent.C", "Win32/Agent.D"] {
            house.detect(&devices[0], 1, named(name));
        }
        house.detect(&devices[1], 1, Report::default());
        house.passes(2).await;
        let mut events = house.ticket_events();
        events.sort_unstable();
        assert_eq!(events, ["noted", "opened", "opened"], "listDelta: {way}");
        let ticket = house.our_tickets()[0].id;
        let notes = house.our_notes(ticket);
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(
            notes[0].text.starts_with("3 detections more on ") && notes[0].text.contains("The newest: Win32/Agent.D, severity medium"),
            "{notes:?}"
        );
    }
}

#[tokio::test(flavor = "local")]
async fn what_is_below_the_rule_or_of_another_kind_opens_nothing() {
    let (house, rule, devices) = watching(true, 12).await;
    let source = RuleSource::Detections {
        connection: rule.source.connection().clone(),
        severity_at_least: Severity::High,
        categories: vec![DetectionCategory::Antivirus],
    };
    house.store_rule(&TicketRule { source, ..rule });
    for report in
        [of_severity("MEDIUM"), of_severity("LOW"), Report { severity: of_severity("HIGH").severity, ..of_category("WEB_ACCESS") }]
    {
        house.detect(&devices[0], 1, report);
    }
    house.passes(2).await;
    assert!(house.our_tickets().is_empty());
    house.detect(&devices[0], 1, of_severity("HIGH"));
    house.detect(&devices[1], 1, of_severity("OF_TOMORROW"));
    house.passes(2).await;
    assert_eq!(house.our_tickets().len(), 2, "what is not known is not harmless");
}

#[tokio::test(flavor = "local")]
async fn what_happened_before_the_rule_was_switched_on_is_history() {
    for way in WAYS {
        let house = House::with_tickets(12).await;
        house.simulator.world().offer_list_delta(way);
        let devices = house.devices(3);
        for device in &devices {
            house.detect(device, DAY, Report::default());
            house.detect(device, 1, Report::default());
        }
        let rule = house.detection_rule("Malware").await;
        house.store_rule(&rule);
        house.passes(1).await;
        house.detect(&devices[2], 1, Report::default());
        house.passes(2).await;
        assert_eq!(house.our_tickets().len(), 1, "listDelta: {way}");
        // Nor is it told when the rule was off meanwhile.
        house.store_rule(&TicketRule { enabled: false, ..rule.clone() });
        house.detect(&devices[0], 1, Report::default());
        house.outage(72);
        house.store_rule(&rule);
        house.passes(2).await;
        assert_eq!(house.our_tickets().len(), 1, "listDelta: {way}");
        // A second rule begins when it is switched on, and not with what the first is still to be told.
        house.detect(&devices[1], 1, Report::default());
        house.store_rule(&TicketRule { id: "second".into(), name: "Second".to_owned(), ..rule });
        house.passes(2).await;
        assert_eq!(house.our_tickets().len(), 2, "listDelta: {way}");
        house.detect(&devices[0], 1, Report::default());
        house.passes(2).await;
        assert_eq!(house.our_tickets().len(), 4, "listDelta: {way}");
    }
}

#[tokio::test(flavor = "local")]
async fn a_device_that_was_offline_reports_late_and_is_not_missed() {
    for way in WAYS {
        let (house, _, devices) = watching(way, 12).await;
        house.clock.advance(5 * DAY * 60);
        house.passes(3).await;
        house.detect(&devices[0], 4 * DAY, Report::default());
        house.passes(2).await;
        assert_eq!(house.our_tickets().len(), 1, "listDelta: {way}");
        house.outage(25);
        house.passes(3).await;
        assert_eq!(house.our_tickets().len(), 1, "listDelta: {way}");
    }
}

#[tokio::test(flavor = "local")]
async fn a_reading_that_fails_or_breaks_off_forgets_nothing() {
    for way in WAYS {
        let (house, _, devices) = watching(way, 12).await;
        house.fault(Vendor::Connect, "GET", "/v1/detections", None, BROKEN);
        house.detect(&devices[0], 1, Report::default());
        house.hours(3).await;
        assert!(house.our_tickets().is_empty());
        let pass = house.last_pass(PassKind::Tickets);
        assert_eq!(pass.state, PassState::Failed, "{pass:?}");
        house.simulator.world().clear_faults();

        // More than a page, of which the second cannot be read.
        for _ in 0..1_200 {
            house.detect(&devices[1], 1, Report::default());
        }
        house.fault(Vendor::Connect, "GET", "pageToken", None, BROKEN);
        house.hours(3).await;
        assert!(house.our_tickets().is_empty(), "listDelta: {way}");
        house.simulator.world().clear_faults();
        house.passes(8).await;
        assert_eq!(house.our_tickets().len(), 2, "listDelta: {way}");
        let texts: Vec<String> = house.simulator.world().notes().into_iter().map(|note| note.text).collect();
        assert!(texts.iter().any(|text| text.starts_with("1200 detections on ")), "{texts:?}");
    }
}

#[tokio::test(flavor = "local")]
async fn a_token_that_is_not_taken_any_more_is_a_look_back() {
    let (house, rule, devices) = watching(true, 12).await;
    let connection = rule.source.connection();
    house.detect(&devices[0], 1, Report::default());
    house.passes(2).await;
    let feed = house.tenant.ledger.detections().feed(connection).expect("rows").expect("a feed");
    let lost = store::ledger::Feed { token: Some("lost".to_owned()), ..feed.clone() };
    house.tenant.ledger.detections().keep_feed(connection, &lost, feed.read_at - TimeDelta::days(8)).expect("kept");
    house.detect(&devices[1], 1, Report::default());
    house.passes(2).await;
    assert_eq!(house.ticket_events(), ["opened", "opened"]);
    let feed = house.tenant.ledger.detections().feed(connection).expect("rows").expect("a feed");
    assert!(feed.token.is_some_and(|token| token.starts_with("d-")));
}

#[tokio::test(flavor = "local")]
async fn a_storm_of_two_hundred_is_the_cap_and_one_summary() {
    for way in WAYS {
        let (house, _, _) = watching(way, 60).await;
        for device in house.devices(200) {
            house.detect(&device, 1, Report::default());
            house.detect(&device, 1, Report::default());
        }
        house.passes(4).await;
        let tickets = house.our_tickets();
        assert_eq!(tickets.len(), 11, "listDelta: {way}");
        assert!(tickets.iter().any(|ticket| ticket.summary.starts_with("190 devices")), "{tickets:?}");
        let events = house.ticket_events();
        assert_eq!(events.iter().filter(|event| *event == "told").count(), 190);
    }
}

#[tokio::test(flavor = "local")]
async fn what_was_found_while_connectwise_was_away_is_told_after_it_and_once() {
    // Not to be read at all, and refusing to make anything until a person is asked.
    for method in ["GET", "POST"] {
        let (house, _, devices) = watching(true, 12).await;
        house.fault(Vendor::ConnectWise, method, "/service/", None, BROKEN);
        house.detect(&devices[0], 1, Report::default());
        house.hours(6).await;
        house.simulator.world().clear_faults();
        house.detect(&devices[0], 1, Report::default());
        house.detect(&devices[1], 1, Report::default());
        house.hours(6).await;
        assert_eq!(house.our_tickets().len(), 2, "{method}: {:?}", house.ticket_events());
        let texts: Vec<String> = house.simulator.world().notes().into_iter().map(|note| note.text).collect();
        let told = |words: &str| texts.iter().filter(|text| text.starts_with(words)).count();
        assert_eq!((told("2 detections on "), told("1 detection on ")), (1, 1), "{method}: {texts:?}");
    }
}

#[tokio::test(flavor = "local")]
async fn a_ticket_that_a_person_closed_is_opened_again_by_what_is_detected_next() {
    let (house, _, devices) = watching(true, 12).await;
    house.detect(&devices[0], 1, Report::default());
    house.passes(2).await;
    let ticket = house.our_tickets()[0].id;
    house.simulator.world().close_ticket(ticket, None).expect("a ticket");
    house.passes(3).await;
    assert!(house.open_tickets().is_empty(), "what was told is over");
    house.detect(&devices[0], 1, named("Win32/Agent.E"));
    house.passes(2).await;
    assert_eq!((house.open_tickets().len(), house.our_tickets().len()), (1, 1));
    assert!(house.our_notes(ticket).iter().any(|note| note.text.contains("opened again. The newest: Win32/Agent.E")));
}

#[tokio::test(flavor = "local")]
async fn what_the_ledger_keeps_of_detections_has_an_end() {
    for way in WAYS {
        let (house, rule, devices) = watching(way, 12).await;
        let id = house.detect(&devices[0], 1, Report::default());
        house.passes(2).await;
        let knows = || house.tenant.ledger.detections().knows(rule.source.connection(), &id).expect("rows");
        assert!(knows());
        assert!(house.tenant.ledger.detections().waiting(&rule.id).expect("rows").is_empty(), "it is in its case");
        house.clock.advance(9 * DAY * 60);
        house.passes(2).await;
        assert!(!knows(), "listDelta: {way}");
        assert_eq!(house.our_tickets().len(), 1, "listDelta: {way}");
    }
}

#[tokio::test(flavor = "local")]
async fn what_is_detected_while_a_rule_is_muted_is_one_entry_told_afterwards() {
    let (house, rule, devices) = watching(true, 12).await;
    let now = house.tenant.now();
    let silence = json!({ "kind": "muted", "from": now, "until": now + TimeDelta::hours(3) });
    let asked = json!({ "scope": { "of": "rule", "rule": rule.id }, "silence": silence, "reason": "moving" });
    assert_eq!(house.post("/api/silences", &asked).await.0, StatusCode::CREATED);
    for _ in 0..3 {
        house.detect(&devices[0], 1, Report::default());
        house.passes(2).await;
    }
    assert!(house.our_tickets().is_empty());
    house.passes(16).await;
    assert_eq!(house.ticket_events(), ["muted", "opened"]);
    let texts: Vec<String> = house.simulator.world().notes().into_iter().map(|note| note.text).collect();
    assert!(texts.iter().any(|text| text.starts_with("3 detections on ")), "{texts:?}");
}

#[tokio::test(flavor = "local")]
async fn the_api_takes_a_rule_about_detections_of_eset_connect_and_of_no_other_console() {
    let house = House::with_tickets(12).await;
    house.connect_groups(&house.onprem()).await;
    let rule = house.detection_rule("Malware").await;
    let mut body = serde_json::to_value(&rule).expect("json");
    body.as_object_mut().expect("fields").remove("id");
    for (pointer, field, value) in [
        ("/source/detections/connection", "source.detections.connection", json!(house.connection("ESET PROTECT").await)),
        ("/source/detections/connection", "source.detections.connection", json!("nobodys")),
        ("/lifecycle/close_after_minutes", "lifecycle.close_after_minutes", json!(60)),
        ("/per", "per", json!("group")),
        ("/summary", "summary", json!("{device} is in {group}")),
    ] {
        let mut wrong = body.clone();
        *wrong.pointer_mut(pointer).expect("a field") = value;
        let (status, problem) = house.post("/api/ticket-rules", &wrong).await;
        assert_eq!((status, problem["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{problem}");
    }
    let (status, view) = house.post("/api/ticket-rules", &body).await;
    assert_eq!(status, StatusCode::CREATED, "{view}");
    house.passes(1).await;
    house.detect(&house.devices(1)[0], 1, Report::default());
    house.passes(2).await;
    let path = format!("/api/ticket-rules/{}", view["rule"]["id"].as_str().expect("an id"));
    let view: Value = house.get(&path).await;
    assert_eq!((&view["devices"], &view["open"], &view["trouble"]), (&json!(1), &json!(1), &json!(null)));

    // What it takes may change while it knows devices; what it watches may not.
    let mut changed = view["rule"].clone();
    changed["source"]["detections"]["severity_at_least"] = json!("low");
    assert_eq!(house.call::<Value>("PUT", &path, Some(&changed)).await.0, StatusCode::OK);
    house.detect(&house.devices(2)[1], 1, of_severity("LOW"));
    house.passes(2).await;
    assert_eq!(house.our_tickets().len(), 2);
    changed["source"] = json!({ "group": { "connection": rule.source.connection(), "group": harness::tickets::ALL } });
    changed["summary"] = json!("{device}");
    changed["text"] = json!("{device}");
    let (status, problem) = house.call("PUT", &path, Some(&changed)).await;
    assert_eq!((status, problem["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("source")), "{problem}");

    let (status, preview) = house.post("/api/ticket-rules/preview", &json!({ "rule": rule, "device": null })).await;
    assert_eq!((status, preview["summary"].as_str()), (StatusCode::OK, Some("Eicar on SAMPLE-PC")), "{preview}");
    assert!(preview["text"].as_str().is_some_and(|text| text.starts_with("1 detection on SAMPLE-PC")), "{preview}");
}
