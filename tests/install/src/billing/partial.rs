//! A failed, partial or empty answer is never a zero: whatever a vendor answers, what is billed stays as it is until a whole
//! answer says otherwise.

use contract::month::{LineState, LineView};
use contract::passes::{PassKind, PassState};
use harness::TestInstall;
use serde_json::Value;
use simulator::{Fault, FaultKind, Options, Vendor};
use store::ports::Sql;

const EMA2: [&str; 7] =
    ["User/Current", "Company/Descendants", "Search/Companies", "Search/Licenses", "License/Detail", "UsageReport", "Token/"];
const CONNECTWISE: [&str; 5] = ["login/companyinfo", "company/companies", "finance/agreements?", "procurement/catalog", "/additions"];

fn faults() -> [FaultKind; 8] {
    [
        FaultKind::Status { code: 500, body: None, retry_after: None },
        FaultKind::Status { code: 403, body: None, retry_after: None },
        FaultKind::ResetBefore,
        FaultKind::ResetAfter,
        FaultKind::HtmlBody { status: 200 },
        FaultKind::MalformedJson,
        FaultKind::TruncatedBody,
        FaultKind::EmptyList,
    ]
}

/// No line that is billed goes away or proposes less than before, and none becomes a zero.
fn nothing_is_less(before: &[LineView], after: &[LineView], what: &str) {
    for old in before {
        let Some(new) = after.iter().find(|line| line.line.id == old.line.id) else {
            if old.line.billed.is_none() {
                // Nothing is billed and nothing is known: there is nothing to hold.
                continue;
            }
            panic!("{what}: the line of {} is gone", old.line.company);
        };
        let free = new.state == LineState::ToApprove;
        let lower = new.line.target < old.line.target;
        assert!(!(free && lower), "{what}: {} would go from {:?} to {:?}", new.line.company, old.line.target, new.line.target);
        assert!(new.line.target != Some(0.into()) || old.line.target == Some(0.into()) || !new.guards.is_empty(), "{what}: a zero");
    }
}

/// Whether each number is as it was, or held.
fn same_or_held(before: &[LineView], after: &[LineView]) -> bool {
    after.iter().all(|new| {
        let old = before.iter().find(|old| old.line.id == new.line.id);
        old.is_some_and(|old| old.line.target == new.line.target) || !new.guards.is_empty()
    })
}

async fn every_fault(vendor: Vendor, endpoints: &[&str], kind: PassKind) {
    // A vendor that fails is left alone for a while, so the clock moves on between faults.
    let install = TestInstall::ready(12).await;
    let before = install.lines("all").await;
    assert!(before.len() > 5, "there is something to lose");
    for endpoint in endpoints {
        for fault in faults() {
            for skip in [0, 1] {
                let what = format!("{fault:?} at {endpoint} after {skip}");
                let mut injected = Fault::new(vendor, fault.clone());
                injected.path_contains = Some((*endpoint).to_owned());
                injected.skip = skip;
                install.simulator.world().inject(injected);
                install.clock.advance(300);
                install.sync().await;
                let after = install.lines("all").await;
                nothing_is_less(&before, &after, &what);
                assert!(install.written().is_empty(), "{what}");
                let pass = install.last_pass(kind);
                assert!(pass.ended_at.is_some(), "{what}: {pass:?}");
                let told = pass.state != PassState::Done || same_or_held(&before, &after);
                assert!(told, "{what}: a changed number without a word: {pass:?}");
                install.simulator.world().clear_faults();
            }
        }
    }
    install.clock.advance(300);
    install.sync().await;
    assert_eq!(install.last_pass(kind).state, PassState::Done, "whole again");
    let after = install.lines("all").await;
    assert_eq!(targets(&after), targets(&before), "and the month is as it was");
}

fn targets(lines: &[LineView]) -> Vec<(String, Option<domain::money::Quantity>)> {
    lines.iter().map(|line| (line.line.id.to_string(), line.line.target)).collect()
}

#[tokio::test(flavor = "current_thread")]
async fn no_answer_of_eset_however_broken_lowers_a_line() {
    every_fault(Vendor::Ema2, &EMA2, PassKind::Sync).await;
}

#[tokio::test(flavor = "current_thread")]
async fn no_answer_of_connectwise_however_broken_lowers_a_line() {
    every_fault(Vendor::ConnectWise, &CONNECTWISE, PassKind::Read).await;
}

#[tokio::test(flavor = "current_thread")]
async fn one_licence_that_cannot_be_read_holds_only_its_company() {
    let install = TestInstall::ready(12).await;
    let before = install.lines("all").await;
    let of_one = before.iter().find(|line| line.line.billed.is_some() && !line.line.evidence.licences.is_empty()).expect("a line");
    let licence = of_one.line.evidence.licences[0].licence.to_string();
    let key = licence.clone();
    install.wire.plan(move |sent| {
        let asks = sent.url.path().contains("License/Detail") && String::from_utf8_lossy(&sent.body).contains(&key);
        if asks { harness::wire::Fate::Pretended } else { harness::wire::Fate::Answered }
    });
    for day in 1..=3 {
        install.clock.advance(24 * 3600);
        install.sync().await;
        let pass = install.last_pass(PassKind::Sync);
        assert_eq!((pass.state, pass.troubles.len()), (PassState::Partial, 1), "{pass:?}");
        assert!(pass.troubles[0].contains(&licence), "{:?}", pass.troubles);
        let after = install.lines("all").await;
        nothing_is_less(&before, &after, "one licence");
        let is_partial = |line: &&LineView| line.guards.iter().any(|guard| guard.code == "snapshot_partial");
        let partial: Vec<&LineView> = after.iter().filter(is_partial).collect();
        let mut companies: Vec<&str> = partial.iter().map(|line| line.line.company.as_str()).collect();
        companies.dedup();
        assert_eq!(companies, [of_one.line.company.as_str()], "day {day}");
        assert!(partial.iter().all(|line| line.line.target.is_none()), "not known is not zero");
    }
    install.wire.mend();
    install.clock.advance(24 * 3600);
    install.sync().await;
    assert_eq!(install.last_pass(PassKind::Sync).state, PassState::Done);
    assert_eq!(targets(&install.lines("all").await), targets(&before), "and the month is as it was");
}

#[tokio::test(flavor = "current_thread")]
async fn lists_that_are_all_empty_leave_the_counts_before() {
    let install = TestInstall::ready(12).await;
    let before = install.lines("all").await;
    install.simulator.world().empty_ema2_lists(true);
    install.sync().await;
    let pass = install.last_pass(PassKind::Sync);
    assert_eq!(pass.state, PassState::Failed, "{pass:?}");
    let after = install.lines("all").await;
    assert_eq!(targets(&after), targets(&before));
}

#[tokio::test(flavor = "current_thread")]
async fn a_first_list_of_licences_that_is_empty_is_not_believed_before_the_second() {
    let install = TestInstall::empty(12).await;
    install.connect().await;
    let mut empty = Fault::new(Vendor::Ema2, FaultKind::EmptyList);
    empty.path_contains = Some("Search/Licenses".to_owned());
    install.simulator.world().inject(empty);
    install.sync().await;
    let first = install.last_pass(PassKind::Sync);
    assert_eq!(first.state, PassState::Partial, "{first:?}");
    assert!(first.result.as_deref().is_some_and(|words| words.contains("ESET showed no licence")), "{first:?}");
    install.simulator.world().clear_faults();
    install.clock.advance(600);
    install.cron().await;
    let second = install.last_pass(PassKind::Sync);
    assert_eq!((second.id == first.id, second.state), (false, PassState::Done), "{second:?}");
    assert!(second.result.as_deref().is_some_and(|words| !words.contains(" 0 licences")), "{second:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn an_empty_list_is_not_believed_after_licences_that_could_not_be_read() {
    for read_before in [true, false] {
        let install = if read_before { TestInstall::ready(12).await } else { TestInstall::empty(12).await };
        if !read_before {
            install.connect().await;
        }
        let strike = |path: &str, kind: FaultKind| {
            let mut fault = Fault::new(Vendor::Ema2, kind);
            fault.path_contains = Some(path.to_owned());
            install.simulator.world().inject(fault);
        };
        strike("License/Detail", FaultKind::MalformedJson);
        install.sync().await;
        let unread = install.last_pass(PassKind::Sync);
        assert_eq!(unread.state, PassState::Partial, "{unread:?}");
        install.simulator.world().clear_faults();
        strike("Search/Licenses", FaultKind::EmptyList);
        install.sync().await;
        let empty = install.last_pass(PassKind::Sync);
        assert_eq!(empty.state, PassState::Failed, "{empty:?}");
        install.simulator.world().clear_faults();
        install.sync().await;
        let whole = install.last_pass(PassKind::Sync);
        assert_eq!(whole.state, PassState::Done, "{whole:?}");
        assert!(whole.result.as_deref().is_some_and(|words| !words.contains(" 0 licences")), "{whole:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_kv_that_lost_everything_costs_no_line_and_no_page() {
    let mut install = TestInstall::ready(12).await;
    let before = install.lines("all").await;
    install.texts.texts.borrow_mut().clear();
    install.restart();
    install.clock.advance(600);
    install.cron().await;
    assert_eq!(targets(&install.lines("all").await), targets(&before));
    for path in ["/api/companies", "/api/month", "/api/reconciliation", "/api/products", "/api/months", "/api/overview"] {
        let (status, answer) = install.call("GET", path, None::<&Value>).await;
        assert_eq!(status.as_u16(), 200, "{path}: {answer}");
    }
    install.clock.advance(24 * 3600);
    install.sync().await;
    assert_eq!(install.last_pass(PassKind::Sync).state, PassState::Done);
    assert_eq!(targets(&install.lines("all").await), targets(&before));
    assert!(install.written().is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn what_a_release_left_in_a_kv_that_shows_nothing_plans_nothing_away_and_is_taken_in_later() {
    let mut install = TestInstall::ready(12).await;
    let before = install.lines("all").await;
    install.sql.run("DELETE FROM document_parts", &[]).expect("as a release left it that kept documents in KV alone");
    install.texts.blind.set(true);
    install.restart();
    install.clock.advance(600);
    install.tenant.on_cron().await.expect("a cron");
    for _ in 0..5 {
        install.tenant.on_alarm().await;
        let wait = install.rings_at().expect("an alarm") - install.tenant.now();
        assert!(wait.num_seconds() > 30, "asked again after {wait}");
        install.clock.advance(60);
    }
    assert_eq!(targets(&install.lines("all").await), targets(&before));
    let (status, problem) = install.call("GET", "/api/companies", None::<&Value>).await;
    assert_eq!((status.as_u16(), &problem["code"]), (503, &Value::from("not_visible_yet")));
    install.texts.blind.set(false);
    install.settle().await;
    assert_eq!(targets(&install.lines("all").await), targets(&before));
    install.texts.texts.borrow_mut().clear();
    install.restart();
    let (status, answer) = install.call("GET", "/api/companies", None::<&Value>).await;
    assert_eq!(status.as_u16(), 200, "{answer}");
    assert!(install.written().is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn a_login_revoked_in_mid_sync_fails_the_pass_and_is_not_tried_again_and_again() {
    let install = TestInstall::ready(12).await;
    let before = install.lines("all").await;
    let world = install.simulator.world();
    let revoke = world.clone();
    install.wire.plan(move |sent| {
        if sent.url.path().contains("License/Detail") {
            revoke.revoke_ema2();
        }
        harness::wire::Fate::Answered
    });
    install.sync().await;
    assert_eq!(install.last_pass(PassKind::Sync).state, PassState::Failed);
    assert_eq!(targets(&install.lines("all").await), targets(&before));
    install.wire.clear();
    for _ in 0..12 {
        install.clock.advance(600);
        install.cron().await;
    }
    let logins = install.wire.kinds().iter().filter(|kind| kind.contains("Token/Get")).count();
    assert!(logins <= 2, "{logins} logins in two hours lock an account");
    install.wire.mend();
    world.restore_ema2();
    install.sync().await;
    assert_eq!(install.last_pass(PassKind::Sync).state, PassState::Done, "asked by a person, it is tried at once");
}

/// The snapshot's content as stored, without what differs from pass to pass.
fn snapshot(install: &TestInstall) -> Value {
    let texts = install.texts.texts.borrow();
    let (_, text) = texts
        .iter()
        .filter(|(key, _)| key.starts_with("snapshots/"))
        .max_by_key(|(_, text)| {
            let stored: Value = serde_json::from_str(text).expect("json");
            stored["version"].as_u64()
        })
        .expect("a snapshot");
    let stored: Value = serde_json::from_str(text).expect("json");
    stored["body"]["companies"].clone()
}

#[tokio::test(flavor = "current_thread")]
async fn any_fetch_budget_reads_the_same_month_over_as_many_rings_as_it_takes() {
    let whole = TestInstall::ready(300).await;
    let (companies, month) = (snapshot(&whole), targets(&whole.lines("all").await).len());
    for budget in [8, 13, 40] {
        let install = TestInstall::ready_with(300, budget).await;
        assert_eq!(snapshot(&install), companies, "budget {budget}");
        assert_eq!(install.lines("all").await.len(), month, "budget {budget}");
        let pass = install.last_pass(PassKind::Sync);
        assert_eq!(pass.state, PassState::Done, "{pass:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_sync_that_is_killed_after_any_ring_goes_on_from_where_it_was() {
    let whole = TestInstall::ready(60).await;
    let companies = snapshot(&whole);
    for alarms in [1, 2, 3, 5, 8, 13] {
        let mut install = TestInstall::with(Options { companies: 60, ..Options::default() }, 13).await;
        install.connect().await;
        install.post("/api/passes", &serde_json::json!({ "kind": "sync" })).await;
        for _ in 0..alarms {
            install.tenant.on_alarm().await;
        }
        let calls = install.wire.kinds().len();
        install.restart();
        install.settle().await;
        assert_eq!(snapshot(&install), companies, "killed after alarm {alarms}");
        let account = install.wire.kinds()[calls..].iter().filter(|kind| kind.ends_with("User/Current")).count();
        assert_eq!(account, 0, "the beginning is not read again");
    }
}
