//! The calls a piece of work may make, all of them: one more or one fewer fails.

use std::collections::BTreeMap;

use contract::passes::PassKind;
use harness::TestInstall;

/// How often each kind of call was made.
fn counted(install: &TestInstall) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for kind in install.wire.kinds() {
        *counts.entry(kind).or_default() += 1;
    }
    counts
}

fn of(counts: &[(&str, usize)]) -> BTreeMap<String, usize> {
    counts.iter().filter(|(_, count)| *count > 0).map(|(kind, count)| ((*kind).to_owned(), *count)).collect()
}

#[tokio::test(flavor = "current_thread")]
async fn a_commit_of_a_line_is_a_check_a_write_and_a_look_back() {
    let install = TestInstall::ready(1).await;
    let lines = install.lines("to_approve").await;
    install.wire.clear();
    install.approve(&lines).await;
    install.settle().await;
    let addition = "finance/agreements/{id}/additions/{id}";
    let expected = [format!("GET {addition}"), format!("PATCH {addition}"), format!("GET {addition}")];
    let (look, agreements): (Vec<String>, Vec<String>) = install.wire.kinds().into_iter().partition(|kind| kind.contains("additions"));
    assert_eq!(look, expected);
    assert!(agreements.iter().all(|kind| kind == "GET finance/agreements") && agreements.len() <= 2, "{agreements:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_sync_reads_lists_by_full_pages_and_each_licence_once() {
    let install = TestInstall::ready(300).await;
    install.wire.clear();
    install.sync().await;
    let world = install.simulator.world();
    let pages = |count: usize| count.div_ceil(100).max(1);
    let companies = world.eset_companies().len();
    let licences = world.licenses().len();
    let mut calls = counted(&install);
    calls.retain(|kind, _| kind.starts_with("POST") || kind.contains("User/"));
    let usage = calls.remove("POST UsageReport/AllCompanies/products").expect("seat-days are read");
    assert!(usage <= pages(companies) + 1, "{usage} pages of seat-days");
    let tokens: usize = ["POST Token/Get", "POST Token/Renew"].iter().filter_map(|kind| calls.remove(*kind)).sum();
    assert!(tokens <= 1, "{tokens} logins");
    let expected = of(&[
        ("GET User/Current", 1),
        // The account's own company is not among those below it.
        ("POST Company/Descendants", pages(companies - 1)),
        ("POST Search/Companies", calls.get("POST Search/Companies").copied().unwrap_or_default().min(pages(companies))),
        ("POST Search/Licenses", pages(licences)),
        ("POST License/Detail", licences),
    ]);
    assert_eq!(calls, expected);
}

#[tokio::test(flavor = "current_thread")]
async fn a_pass_with_nothing_to_do_reads_a_part_of_the_additions_and_writes_nothing() {
    let install = TestInstall::ready(300).await;
    let lines = install.lines("to_approve").await;
    for batch in lines.chunks(100) {
        install.approve(batch).await;
    }
    install.settle().await;
    install.clock.advance(600);
    install.cron().await;
    install.wire.clear();
    let kv = install.texts.writes.get();
    for _ in 0..3 {
        install.clock.advance(600);
        install.cron().await;
    }
    assert_eq!(install.texts.writes.get(), kv, "nothing goes into KV");
    let mut mapped: Vec<_> = install.lines("all").await.iter().filter_map(|line| Some(line.line.agreement.as_ref()?.id)).collect();
    mapped.sort_unstable();
    mapped.dedup();
    let mends = ["no_ongoing_addition", "more_than_one_ongoing_addition", "psa_stale", "edited_by_hand"];
    let held = install.lines("held").await;
    let held = held.iter().filter(|line| line.guards.iter().any(|guard| mends.contains(&guard.code.as_str())));
    let mut held: Vec<_> = held.filter_map(|line| Some(line.line.agreement.as_ref()?.id)).collect();
    held.sort_unstable();
    held.dedup();
    // In a pass: what comes up in turn, each within 36 passes, and for every eight of them one that reading may mend.
    let in_turn = mapped.len().div_ceil(36);
    let most = 3 * (in_turn + held.len().min(in_turn.div_ceil(8)));
    let calls = counted(&install);
    assert_eq!(calls.keys().collect::<Vec<_>>(), ["GET finance/agreements/{id}/additions"], "{calls:?}");
    let reads = calls["GET finance/agreements/{id}/additions"];
    assert!(reads <= most && reads > 0, "{reads} reads, at most {most}");
    assert_eq!(install.last_pass(PassKind::Billing).calls, 0, "planning calls nobody");
}

#[tokio::test(flavor = "current_thread")]
async fn an_addition_that_was_mended_is_adopted_within_half_an_hour_and_at_once_when_asked() {
    for asked in [false, true] {
        let install = TestInstall::ready(1).await;
        let line = install.lines("all").await.remove(0).line;
        let (agreement, product) = (line.agreement.expect("an agreement").id, line.product.catalog.expect("a product"));
        let small = |id: i64| i32::try_from(id).expect("a small id");
        let world = install.simulator.world();
        world.cancel_addition(small(line.addition.expect("an addition").0)).expect("cancelled");
        install.sync().await;
        assert_eq!(install.lines("held").await.len(), 1);
        let made = world.add_addition(small(agreement.0), small(product.0), 25.0).expect("an addition");
        if asked {
            install.sync().await;
        } else {
            for _ in 0..3 {
                install.clock.advance(600);
                install.cron().await;
            }
        }
        assert_eq!(install.lines("all").await[0].line.addition.map(|id| small(id.0)), Some(made), "asked {asked}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn every_agreements_additions_come_up_within_six_hours() {
    let install = TestInstall::ready(60).await;
    install.wire.clear();
    for _ in 0..36 {
        install.clock.advance(600);
        install.cron().await;
    }
    let read: std::collections::BTreeSet<String> = install.wire.sent.borrow().iter().map(|sent| sent.url.path().to_owned()).collect();
    for line in install.lines("all").await {
        if let Some(agreement) = line.line.agreement {
            let path = format!("/finance/agreements/{}/additions", agreement.id);
            assert!(read.iter().any(|known| known.ends_with(&path)), "{path} was not read");
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn reading_connectwise_again_with_nothing_changed_writes_nothing_to_kv() {
    let install = TestInstall::ready(12).await;
    let before = install.texts.texts.borrow().keys().filter(|key| key.starts_with("psa/")).count();
    install.clock.advance(3700);
    install.cron().await;
    let after = install.texts.texts.borrow().keys().filter(|key| key.starts_with("psa/")).count();
    assert_eq!(before, after);
    assert_eq!(install.last_pass(PassKind::Read).state, contract::passes::PassState::Done);
}
