//! What a share page reads: one extract of its company, which follows what it was taken from.

use chrono::Days;
use domain::Timestamp;
use domain::billing::Period;
use harness::TestInstall;
use harness::reads::Taken;
use http::StatusCode;
use serde_json::json;
use simulator::Options;
use store::ports::Sql;

use crate::visits::{company, make, see, shown, visit, wanted};

const PAGE: &str = "/api/share/company";

/// Companies whose counts are in every snapshot. `SHARED_COMPANIES=300` measures more.
fn companies() -> usize {
    std::env::var("SHARED_COMPANIES").ok().and_then(|count| count.parse().ok()).unwrap_or(40)
}

/// An install on the last day of a month, after which it syncs once in each of the next `months`.
async fn after_months(companies: usize, months: usize) -> TestInstall {
    let now = "2026-01-31T20:00:00Z".parse().ok();
    let install = TestInstall::still(Options { companies, now, ..Options::default() }, 400).await;
    install.connect().await;
    install.sync().await;
    install.map_everything_sure().await;
    install.settle().await;
    let mut period = Period::of(install.tenant.now());
    for _ in 0..months {
        let at: Timestamp = period.end() + Days::new(20);
        period = period.next();
        install.pass_to(&at.to_rfc3339());
        install.sync().await;
    }
    install.settle().await;
    install
}

/// What a visitor's request takes out of the stores in a process that has just begun.
async fn taken(install: &mut TestInstall, cookie: &str) -> Taken {
    install.restart();
    // Whoever asks first compares the marks of the ledger.
    assert_eq!(install.call_with(&[], "GET", "/api/health", None::<&serde_json::Value>).await.0, StatusCode::OK);
    let install = &*install;
    install.taken(async { assert_eq!(see(install, cookie, PAGE).await.0, StatusCode::OK) }).await
}

#[tokio::test(flavor = "local")]
async fn a_visitors_request_reads_one_extract_and_no_document() {
    let mut install = after_months(companies(), 5).await;
    let acme = company(&install, 0).await;
    let cookie = visit(&install, &make(&install, &wanted(&acme)).await).await;
    let first = taken(&mut install, &cookie).await;
    let seen = shown(&install, &cookie).await;
    let months: std::collections::BTreeSet<_> = seen.trend.iter().map(|month| month.month).collect();
    assert_eq!(months.len(), 6, "{seen:?}");
    let second = taken(&mut install, &cookie).await;
    println!("{} companies: {first:?}, then {second:?}", companies());
    assert!(first.values == 5 && first.value_bytes > 10 * second.row_bytes, "taken once: {first:?}, then {second:?}");
    assert_eq!((second.values, second.value_bytes), (0, 0), "{second:?}");
    let asked = {
        install.restart();
        install.asked(async { assert_eq!(see(&install, &cookie, PAGE).await.0, StatusCode::OK) }).await
    };
    assert!(!asked.iter().any(|(statement, _)| statement.contains("document_parts")), "{asked:?}");
    assert_eq!(shown(&install, &cookie).await, seen, "and it shows the same");
}

#[tokio::test(flavor = "local")]
async fn an_extract_follows_the_snapshot_and_the_month_and_is_kept_once() {
    let install = after_months(1, 1).await;
    let mut body = wanted(&company(&install, 0).await);
    body["days"] = json!(365);
    let link = make(&install, &body).await;
    let cookie = visit(&install, &link).await;
    let kept = || install.sql.run("SELECT basis, body FROM share_extracts", &[]).expect("rows");
    let before = shown(&install, &cookie).await;
    let first = kept();
    assert_eq!(shown(&install, &cookie).await, before);
    assert!(first.len() == 1 && kept() == first, "taken once");

    let world = install.simulator.world();
    let licence = world.licenses().into_iter().next().expect("a licence");
    world.set_seats(&licence.public_license_key, 77).expect("the licence");
    install.sync().await;
    let after = shown(&install, &cookie).await;
    assert!(after.licences.iter().any(|licence| licence.ordered == 77), "{after:?}");
    assert!(after.as_of > before.as_of && after.trend != before.trend, "{after:?}");

    let second = kept();
    assert!(second.len() == 1 && second != first, "in place of the one before");
    install.pass_to("2026-04-05T09:00:00Z");
    assert_eq!(shown(&install, &visit(&install, &link).await).await.licences, after.licences);
    assert!(kept().len() == 1 && kept() != second, "another month has others before it");
}

#[tokio::test(flavor = "local")]
async fn a_month_that_kv_does_not_show_is_looked_for_again_and_an_extract_that_cannot_be_read_is_taken_anew() {
    let install = after_months(1, 2).await;
    let acme = company(&install, 0).await;
    let cookie = visit(&install, &make(&install, &wanted(&acme)).await).await;
    let months = async || shown(&install, &cookie).await.trend.iter().map(|month| month.month.to_string()).collect::<Vec<_>>();
    install.texts.blind.set(true);
    assert_eq!(months().await, ["2026-03"]);
    install.texts.blind.set(false);
    assert_eq!(months().await, ["2026-01", "2026-02", "2026-03"]);
    install.texts.blind.set(true);
    assert_eq!(months().await, ["2026-01", "2026-02", "2026-03"], "it is kept now");
    install.texts.blind.set(false);
    install.sql.run("UPDATE share_extracts SET body = '{}'", &[]).expect("changed");
    assert_eq!(months().await, ["2026-01", "2026-02", "2026-03"]);
}

#[tokio::test(flavor = "local")]
async fn an_extract_goes_with_the_last_link_that_shows_it() {
    let install = after_months(1, 0).await;
    let acme = company(&install, 0).await;
    let links = [make(&install, &wanted(&acme)).await, make(&install, &wanted(&acme)).await];
    for link in &links {
        shown(&install, &visit(&install, link).await).await;
    }
    let mut kept = Vec::new();
    for link in &links {
        let path = format!("/api/share-links/{}", link["id"].as_str().expect("an id"));
        assert_eq!(install.call("DELETE", &path, Some(&json!({}))).await.0, StatusCode::NO_CONTENT);
        install.cron().await;
        kept.push(install.sql.run("SELECT 1 FROM share_extracts", &[]).expect("rows").len());
    }
    assert_eq!(kept, [1, 0]);
}
