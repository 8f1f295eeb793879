//! Odd rows, as vendors have given them to people: null where a text is due, a row without its id. Such a row costs itself and what depends
//! on it; it is told by its name, and all else is read.

use contract::passes::{PassState, PassView};
use harness::TestInstall;
use serde_json::{Value, json};
use simulator::{Fault, FaultKind, Options, Vendor};

/// An install of twelve customers that is about to read everything again, and its lines as they were.
async fn install() -> (TestInstall, Vec<String>) {
    let install = TestInstall::with(Options { companies: 12, ..Options::default() }, 400).await;
    install.connect().await;
    install.sync().await;
    install.map_everything_sure().await;
    install.settle().await;
    let lines = lines(&install).await;
    install.clock.advance(3_700);
    (install, lines)
}

async fn lines(install: &TestInstall) -> Vec<String> {
    let lines = install.lines("all").await;
    lines.iter().map(|line| format!("{} {:?} {:?}", line.line.id, line.line.billed, line.line.target)).collect()
}

fn odd(install: &TestInstall, vendor: Vendor, method: &str, path: &str, at: &str, value: Value) {
    install.simulator.world().inject(Fault::new(vendor, FaultKind::Odd { at: at.to_owned(), value }).on(method, path));
}

/// The latest pass of a kind.
async fn pass(install: &TestInstall, kind: &str) -> PassView {
    let passes: contract::Page<PassView> = install.get("/api/passes?limit=50").await;
    passes.items.into_iter().find(|pass| json!(pass.kind) == kind).expect("a pass")
}

#[tokio::test(flavor = "current_thread")]
async fn a_text_that_is_null_is_an_empty_text_and_no_name_is_empty() {
    for (path, at) in [
        ("/procurement/catalog", "/0/description"),
        ("/procurement/catalog", "/1/identifier"),
        ("/company/companies", "/0/name"),
        ("/company/companies", "/0/identifier"),
        ("/finance/agreements?", "/0/name"),
    ] {
        let (install, before) = install().await;
        odd(&install, Vendor::ConnectWise, "GET", path, at, Value::Null);
        install.sync().await;
        let read = pass(&install, "read").await;
        assert_eq!((read.state, read.troubles.len()), (PassState::Done, 0), "{path} {at}: {read:?}");
        assert_eq!(lines(&install).await, before, "{path} {at}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_row_that_cannot_be_read_is_told_and_the_rest_is_read() {
    for (path, at, value) in [
        ("/procurement/catalog", "/0/id", Value::Null),
        ("/company/companies", "/1/id", json!("12a")),
        ("/company/companies", "/0/status", json!("Active")),
        ("/finance/agreements?", "/0/company", Value::Null),
        ("/finance/agreements?", "/0/billStartDate", json!("soon")),
    ] {
        let (install, before) = install().await;
        odd(&install, Vendor::ConnectWise, "GET", path, at, value);
        install.sync().await;
        let read = pass(&install, "read").await;
        assert_eq!((read.state, read.troubles.len()), (PassState::Partial, 1), "{path} {at}: {read:?}");
        // What is known of it stands where it is told which it is.
        if at != "/0/id" && at != "/1/id" {
            assert_eq!(lines(&install).await, before, "{path} {at}");
        }
        install.simulator.world().clear_faults();
        install.clock.advance(3_700);
        install.sync().await;
        assert_eq!(pass(&install, "read").await.state, PassState::Done);
        assert_eq!(lines(&install).await, before, "{path} {at}: read again");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_company_of_esets_search_without_an_id_makes_the_sync_partial_and_stops_nothing() {
    let (install, before) = install().await;
    odd(&install, Vendor::Ema2, "POST", "/Search/Companies", "/Search/0/CompanyId", Value::Null);
    install.sync().await;
    let sync = pass(&install, "sync").await;
    assert_eq!((sync.state, sync.troubles.len()), (PassState::Partial, 1), "{sync:?}");
    assert!(sync.troubles[0].starts_with("The company "), "{:?}", sync.troubles);
    assert_eq!(lines(&install).await, before);
}
