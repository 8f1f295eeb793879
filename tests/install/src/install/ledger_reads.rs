//! What the ledger is asked: a request reads what it answers, and not everything there is.

use crate::visits;

use harness::TestInstall;
use http::StatusCode;
use serde_json::Value;

use visits::{company, make, see, visit, wanted};

/// The statements that name one of a table's columns or rows.
fn of<'a>(asked: &'a [(String, i32)], table: &str) -> Vec<&'a (String, i32)> {
    asked.iter().filter(|(statement, _)| statement.contains(&format!("FROM {table} "))).collect()
}

#[tokio::test(flavor = "current_thread")]
async fn a_visitors_request_reads_the_lines_of_one_company() {
    let install = TestInstall::ready(12).await;
    let acme = company(&install, 0).await;
    let cookie = visit(&install, &make(&install, &wanted(&acme)).await).await;
    for path in ["/api/share/company", "/api/share/statement"] {
        let asked = install.asked(async { assert_eq!(see(&install, &cookie, path).await.0, StatusCode::OK) }).await;
        let lines = of(&asked, "lines");
        assert!(!lines.is_empty() && lines.iter().all(|(_, scanned)| *scanned == 0), "{path}: {lines:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_table_is_read_page_by_page_and_never_counted() {
    let install = TestInstall::ready(12).await;
    for (path, table) in [("/api/month.csv?segment=all", "lines"), ("/api/history.csv", "audit"), ("/api/reconciliation.csv", "lines")] {
        let asked = install
            .asked(async {
                let (status, answer) = install.call("GET", path, None::<&Value>).await;
                assert_eq!(status, StatusCode::OK, "{path}: {answer}");
            })
            .await;
        let read = of(&asked, table);
        assert!(read.iter().any(|(statement, _)| statement.contains("LIMIT")), "{path}: {read:?}");
        assert!(!read.iter().any(|(statement, _)| statement.contains("count(*)")), "{path}: {read:?}");
    }
    let asked = install.asked(async { drop(install.get::<Value>("/api/history").await) }).await;
    assert!(of(&asked, "audit").iter().any(|(statement, _)| statement.contains("count(*)")), "a page says how many there are: {asked:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn links_that_work_are_counted_and_no_other_is_read() {
    let install = TestInstall::ready(12).await;
    let acme = company(&install, 0).await;
    let first = make(&install, &wanted(&acme)).await;
    let asked = install.asked(async { drop(make(&install, &wanted(&acme)).await) }).await;
    let links = of(&asked, "share_links");
    assert!(links.len() == 1 && links[0].0.contains("count(*)") && links[0].1 == 0, "{links:?}");

    // Twenty that work are enough, and what is revoked makes room.
    for _ in 2..20 {
        make(&install, &wanted(&acme)).await;
    }
    let other = company(&install, 1).await;
    make(&install, &wanted(&other)).await;
    assert_eq!(install.post("/api/share-links", &wanted(&acme)).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let path = format!("/api/share-links/{}", first["id"].as_str().expect("an id"));
    assert_eq!(install.call("DELETE", &path, None::<&Value>).await.0, StatusCode::NO_CONTENT);
    make(&install, &wanted(&acme)).await;
    assert_eq!(install.post("/api/share-links", &wanted(&acme)).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    // So does what has ended.
    install.clock.advance(31 * visits::DAY);
    make(&install, &wanted(&acme)).await;
}
