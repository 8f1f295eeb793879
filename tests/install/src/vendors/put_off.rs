//! What a vendor puts off is asked for again in the same pass, and one refusal rests only what it is about: a report that cannot be read,
//! one list that the role may not read, a single 401 among forty reads.

use contract::month::{LineState, LineView};
use contract::passes::{PassKind, PassState};
use domain::billing::Guard;
use domain::mapping::CountMethod;
use harness::TestInstall;
use harness::wire::{Fate, Sent};
use serde_json::{Value, json};
use simulator::{Fault, FaultKind, Vendor};
use store::ports::Sql;

fn status(code: u16) -> FaultKind {
    FaultKind::Status { code, body: None, retry_after: None }
}

fn inject(install: &TestInstall, fault: Fault) {
    install.simulator.world().inject(fault);
}

fn troubles(install: &TestInstall, kind: PassKind) -> Vec<String> {
    install.last_pass(kind).troubles
}

async fn targets(install: &TestInstall) -> Vec<String> {
    let lines = install.lines("all").await;
    lines.iter().map(|line| format!("{} {:?} {:?}", line.line.id, line.line.target, line.line.guards)).collect()
}

/// Counts every product of every line by seat-days.
async fn count_by_seat_days(install: &TestInstall) {
    let products: Vec<Value> = install.get("/api/products").await;
    let mapped = products.iter().filter(|product| !product["mapping"]["product"].is_null());
    let by_days = |product: &Value| {
        let rule = json!({ "count": { "method": CountMethod::SeatDays } });
        let decision = json!({ "decision": "map", "product": product["mapping"]["product"], "rule": rule });
        json!({ "psa": product["psa"], "code": product["code"], "decision": decision })
    };
    let changes = json!({ "changes": mapped.map(by_days).collect::<Vec<_>>() });
    let (answer, body) = install.call("PUT", "/api/mappings/products", Some(&changes)).await;
    assert!(answer.is_success(), "{body}");
    install.settle().await;
}

#[tokio::test(flavor = "current_thread")]
async fn licences_that_eset_is_too_busy_for_are_read_later_in_the_same_pass() {
    for busy in [status(429), status(503), FaultKind::ResetBefore] {
        let install = TestInstall::ready_and_still(12).await;
        let before = targets(&install).await;
        // Each call is tried four times before it is put off.
        let times = if busy == status(429) { 24 } else { 4 };
        inject(&install, Fault::new(Vendor::Ema2, busy.clone()).on("POST", "/License/Detail").times(times));
        install.clock.advance(300);
        install.sync().await;
        let pass = install.last_pass(PassKind::Sync);
        assert_eq!((pass.state, pass.troubles.len()), (PassState::Done, 0), "{busy:?}: {pass:?}");
        assert_eq!(targets(&install).await, before, "{busy:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_partial_sync_is_due_again_within_minutes_and_not_for_ever() {
    let install = TestInstall::ready_and_still(12).await;
    let before = targets(&install).await;
    let one = install.simulator.world().licenses()[0].public_license_key.clone();
    install.wire.plan(move |sent: &Sent| {
        let asks = String::from_utf8_lossy(&sent.body).contains(&one);
        if asks && sent.url.path().ends_with("License/Detail") { Fate::Refused(500, None) } else { Fate::Answered }
    });
    install.clock.advance(300);
    install.sync().await;
    let partial = install.last_pass(PassKind::Sync);
    assert_eq!((partial.state, partial.troubles.len()), (PassState::Partial, 1), "{partial:?}");
    assert!(partial.troubles[0].ends_with("also when it was asked again."), "{partial:?}");

    install.clock.advance(300);
    install.cron().await;
    assert_eq!(install.last_pass(PassKind::Sync).id, partial.id, "not after five minutes");
    install.wire.mend();
    install.clock.advance(300);
    install.cron().await;
    let again = install.last_pass(PassKind::Sync);
    assert_eq!((again.id == partial.id, again.state), (false, PassState::Done), "{again:?}");
    assert_eq!(targets(&install).await, before);
    install.clock.advance(3_600);
    install.cron().await;
    assert_eq!(install.last_pass(PassKind::Sync).id, again.id, "what was read whole is read the next day");
}

#[tokio::test(flavor = "current_thread")]
async fn a_usage_report_that_cannot_be_read_costs_seat_days_and_nothing_else() {
    let odd = |at: &str, value: Value| FaultKind::Odd { at: at.to_owned(), value };
    for fault in [status(403), status(500), FaultKind::MalformedJson, FaultKind::HtmlBody { status: 200 }, odd("/companies", json!("none"))]
    {
        let install = TestInstall::ready_and_still(12).await;
        count_by_seat_days(&install).await;
        let (known, before) = (install.lines("all").await, targets(&install).await);
        inject(&install, Fault::new(Vendor::Ema2, fault.clone()).on("POST", "/UsageReport/"));
        install.clock.advance(300);
        install.sync().await;
        let pass = install.last_pass(PassKind::Sync);
        assert_eq!(pass.state, PassState::Partial, "{fault:?}: {pass:?}");
        assert!(pass.troubles.iter().any(|words| words.starts_with("Seat-days could not be read: ")), "{fault:?}: {:?}", pass.troubles);
        for line in install.lines("all").await {
            let counted = known.iter().any(|known| known.line.id == line.line.id && is_counted_by_days(known));
            let held = line.line.guards.iter().any(|guard| matches!(guard, Guard::SeatDaysUnread { .. }));
            assert_eq!(held, counted, "{fault:?}: {:?}", line.line);
            assert!(!held || (line.state == LineState::Held && line.line.target.is_none() && line.line.ordered.is_some()), "{line:?}");
        }
        install.simulator.world().clear_faults();
        install.clock.advance(700);
        install.cron().await;
        assert_eq!(install.last_pass(PassKind::Sync).state, PassState::Done, "{fault:?}: due again, and whole");
        assert_eq!(targets(&install).await, before, "{fault:?}");
    }
}

/// Whether a line's number comes from seat-days.
fn is_counted_by_days(line: &LineView) -> bool {
    line.line.counts.iter().any(|count| count.rule.method == CountMethod::SeatDays && line.line.notes.is_empty())
}

#[tokio::test(flavor = "current_thread")]
async fn a_list_of_esets_that_numbers_do_not_need_costs_itself() {
    let install = TestInstall::ready_and_still(12).await;
    let before = targets(&install).await;
    inject(&install, Fault::new(Vendor::Ema2, status(403)).on("POST", "/Search/Companies"));
    install.clock.advance(300);
    install.sync().await;
    assert_eq!(install.last_pass(PassKind::Sync).state, PassState::Partial);
    assert!(troubles(&install, PassKind::Sync)[0].starts_with("Parents of companies could not be read: "));
    assert_eq!(targets(&install).await, before);
}

#[tokio::test(flavor = "current_thread")]
async fn a_list_that_connectwise_refuses_costs_itself_and_its_rows_stand() {
    for code in [401, 403, 404] {
        for list in ["/company/companies?", "/finance/agreements?", "/procurement/catalog?"] {
            let install = TestInstall::ready_and_still(12).await;
            let before = targets(&install).await;
            install.clock.advance(3_700);
            // The look whether the keys are known at all asks for one row.
            install.wire.plan(move |sent: &Sent| {
                let address = sent.url.as_str();
                if address.contains(list) && !address.contains("pageSize=1&") { Fate::Refused(code, None) } else { Fate::Answered }
            });
            install.sync().await;
            let pass = install.last_pass(PassKind::Read);
            assert_eq!((pass.state, pass.troubles.len()), (PassState::Partial, 1), "{code} {list}: {pass:?}");
            assert!(pass.troubles[0].contains("are those of before"), "{code} {list}: {:?}", pass.troubles);
            assert_eq!(targets(&install).await, before, "{code} {list}");
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn lists_of_the_desk_that_may_not_be_read_stop_no_billing() {
    for code in [401, 404] {
        let install = TestInstall::ready_and_still(12).await;
        let connections: Vec<Value> = install.get("/api/connections").await;
        let psa = connections.iter().find(|connection| connection["kind"] == "connectwise").expect("a connection")["id"].clone();
        let psa = psa.as_str().expect("an id");
        for list in ["/service/sources", "/company/contacts", "/service/priorities"] {
            inject(&install, Fault::new(Vendor::ConnectWise, status(code)).on("GET", list));
        }
        let (answer, body) = install.call("GET", &format!("/api/desks/{psa}"), None::<&Value>).await;
        assert!(!body.to_string().contains("refuses the credentials"), "{code}: {answer} {body}");
        let line = install.lines("to_approve").await.into_iter().next().expect("a line");
        install.approve(std::slice::from_ref(&line)).await;
        install.settle().await;
        assert_eq!(install.written().len(), 1, "{code}: billing goes on at once");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_single_401_among_forty_reads_rests_what_it_is_about() {
    let install = TestInstall::ready_and_still(12).await;
    inject(&install, Fault::new(Vendor::ConnectWise, status(401)).on("GET", "/additions").times(1));
    install.clock.advance(300);
    install.sync().await;
    let pass = install.last_pass(PassKind::Read);
    assert_eq!((pass.state, pass.troubles.len()), (PassState::Partial, 1), "{pass:?}");
    let connections: Vec<Value> = install.get("/api/connections").await;
    assert_eq!(connections.len(), 2);
    assert!(
        connections.iter().all(|one| one["freshness"]["read_at"].is_string() && one["freshness"]["failure"].is_null()),
        "{connections:?}"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn keys_that_are_wrong_everywhere_are_still_called_wrong() {
    for code in [401, 404] {
        let install = TestInstall::ready_and_still(12).await;
        install.clock.advance(3_700);
        install.wire.plan(move |sent: &Sent| {
            let api = sent.url.authority() == "127.0.0.1:3" && sent.url.path().contains("/apis/");
            if api { Fate::Refused(code, None) } else { Fate::Answered }
        });
        install.sync().await;
        let pass = install.last_pass(PassKind::Read);
        let words = pass.result.clone().unwrap_or_default();
        assert_eq!(pass.state, PassState::Failed, "{code}: {pass:?}");
        assert!(words.starts_with("It refuses the credentials"), "{code}: {words}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_pass_that_fails_by_our_own_doing_is_given_up_and_blocks_nobody() {
    let mut install = TestInstall::with_tickets(3).await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    install.passes(1).await;
    assert_eq!(install.last_pass(PassKind::Tickets).state, PassState::Done);
    // What device groups there are is damaged.
    install.sql.run("UPDATE document_parts SET body = '{}' WHERE name LIKE 'groups/%'", &[]).expect("SQL");
    install.restart();
    install.clock.advance(600);
    let (billed, looked) = (install.last_pass(PassKind::Billing).id, install.last_pass(PassKind::Tickets).id);
    install.tenant.on_cron().await.expect("a cron");
    let mut alarms = 0;
    while install.last_pass(PassKind::Billing).state != PassState::Done || install.last_pass(PassKind::Billing).id == billed {
        install.tenant.on_alarm().await;
        install.clock.advance(61);
        alarms += 1;
        assert!(alarms < 30, "billing waits for ever behind {:?}", install.last_pass(PassKind::Tickets));
    }
    let tickets = install.last_pass(PassKind::Tickets);
    assert_eq!((tickets.id == looked, tickets.state), (false, PassState::Failed), "{tickets:?}");
    assert!(tickets.result.as_deref().is_some_and(|words| words.starts_with("Given up after 6 tries: ")), "{tickets:?}");
    let connections: Vec<Value> = install.get("/api/connections").await;
    assert!(connections.iter().any(|one| one["freshness"]["failure"].as_str().is_some_and(|words| words.starts_with("Given up"))));
}
