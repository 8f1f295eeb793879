//! The client of MSP Administrator 2 against the simulated one.

use std::collections::BTreeSet;
use std::rc::Rc;

use chrono::{Datelike, Days, NaiveDate};
use domain::connections::{Check, CheckResult};
use domain::ids::LicenceId;
use domain::seats::EntityKind;
use egress::{Because, EgressError};
use ema2::{self, Ema2, Page};
use futures::StreamExt;
use harness::support::{Rig, Scripted, Stepped, egress, scene};
use simulator::{Fault, FaultKind, Vendor};
use vendor::TokenCache;
use vendor::VendorError;

fn client(rig: &Rig) -> Ema2 {
    client_with(rig, &rig.simulator.credentials().ema2.password.clone(), Rc::default())
}

fn client_with(rig: &Rig, password: &str, tokens: Rc<TokenCache>) -> Ema2 {
    let outbound = rig.egress.session(10_000);
    let login = &rig.simulator.credentials().ema2;
    Ema2::new(outbound, &rig.simulator.addresses().ema2, &login.username, password, tokens).expect("a client")
}

/// How many calls of this path the vendor saw.
fn asked(rig: &Rig, path: &str) -> usize {
    rig.simulator.world().journal().iter().filter(|entry| entry.path.ends_with(path)).count()
}

async fn all<T, F: Future<Output = Result<Page<T>, VendorError>>>(page: impl Fn(u32) -> F) -> Vec<T> {
    let (mut items, mut skip) = (Vec::new(), Some(0));
    while let Some(at) = skip {
        let page = page(at).await.expect("a page");
        skip = page.next(at);
        items.extend(page.items);
    }
    items
}

#[tokio::test]
async fn every_company_and_licence_of_300_is_read() {
    let rig = Rig::start(300).await;
    let (ema2, world) = (client(&rig), rig.simulator.world());
    let account = ema2.account().await.expect("an account");
    let companies = all(|skip| ema2.descendants(&account.company, skip)).await;
    let below: Vec<_> = world.eset_companies().into_iter().filter(|company| company.parent.is_some()).collect();
    assert_eq!(companies.len(), below.len());
    assert!(companies.len() > 300);
    for (company, real) in companies.iter().map(|company| (company, below.iter().find(|real| real.id == company.id.0))) {
        let real = real.expect("a company of the world");
        assert_eq!((&company.name, company.kind), (&real.name, EntityKind::from_code(real.entity_type.code().into())));
    }
    let details = all(|skip| ema2.companies(skip)).await;
    for real in &below {
        let found = details.iter().find(|details| details.id.0 == real.id).expect("details");
        assert_eq!(found.custom_identifier, real.custom_identifier);
        assert_eq!(found.parent.as_ref().map(|id| &id.0), real.parent.as_ref());
    }
    let licences = all(|skip| ema2.licences(skip)).await;
    let keys: BTreeSet<String> = licences.iter().map(|id| id.0.clone()).collect();
    assert_eq!(keys, world.licenses().into_iter().map(|licence| licence.public_license_key).collect());
    assert!(!ema2.products().await.expect("products").is_empty());
}

#[tokio::test]
async fn each_licence_has_the_counts_and_company_of_the_vendor() {
    let rig = Rig::start(20).await;
    let ema2 = client(&rig);
    for real in rig.simulator.world().licenses() {
        let (company, licence) = ema2.licence(&LicenceId(real.public_license_key.clone())).await.expect("a licence");
        assert_eq!(company.0, real.company.to_lowercase());
        assert_eq!((i64::from(licence.ordered), i64::from(licence.activated)), (real.quantity, real.usage));
        assert_eq!((licence.product.0.as_str(), licence.trial), (real.product.as_str(), real.is_trial()));
    }
}

#[tokio::test]
async fn usage_is_read_to_its_end() {
    let rig = Rig::start(300).await;
    let ema2 = client(&rig);
    let today = support_today();
    let first = today.with_day(1).expect("a first day");
    let rows = all(|skip| ema2.usage(first, today, skip)).await;
    let companies: BTreeSet<_> = rows.iter().map(|row| row.company.0.clone()).collect();
    assert!(companies.len() > 200, "{} companies", companies.len());
    let used: Vec<_> = rows.into_iter().flat_map(|company| company.products.expect("products")).collect();
    assert!(used.iter().any(|used| used.trial) && used.iter().any(|used| used.seat_days > 0));
}

fn support_today() -> NaiveDate {
    use egress::ports::Clock;
    let now = Stepped::new().now().date_naive();
    // Months begin without usage: look a few days back then.
    if now.day() < 3 { now - Days::new(3) } else { now }
}

#[tokio::test]
async fn a_token_of_a_minute_is_renewed_and_never_runs_out() {
    let rig = Rig::start(1).await;
    rig.simulator.world().set_token_lifetime(60);
    let ema2 = client(&rig);
    for _ in 0..10 {
        ema2.account().await.expect("an account");
        rig.advance(25);
    }
    assert_eq!(asked(&rig, "/Token/Get"), 1);
    assert_eq!(asked(&rig, "/Token/Renew"), 4, "every second round, at 50 s");
    assert!(rig.simulator.world().journal().iter().all(|entry| entry.status.is_none_or(|status| status == 200)));
}

#[tokio::test]
async fn a_token_that_ended_unseen_costs_one_login_for_all_calls_under_way() {
    let rig = Rig::start(1).await;
    let ema2 = client(&rig);
    ema2.account().await.expect("an account");
    rig.simulator.world().advance(7200);
    rig.simulator.world().clear_journal();
    let calls = futures::stream::iter(0..8).map(|_| ema2.account()).buffer_unordered(4);
    assert!(calls.all(|account| async move { account.is_ok() }).await);
    assert_eq!(asked(&rig, "/Token/Get"), 1);
}

#[tokio::test]
async fn a_login_taken_away_is_bad_credentials_and_is_not_tried_again_and_again() {
    let rig = Rig::start(1).await;
    let ema2 = client(&rig);
    ema2.account().await.expect("an account");
    rig.simulator.world().revoke_ema2();
    let refused = ema2.account().await.expect_err("refused");
    assert!(matches!(&refused, VendorError::BadCredentials { status: 401, message } if message.contains("incorrect")), "{refused:?}");
    rig.simulator.world().clear_journal();
    let held = ema2.account().await.expect_err("held back");
    let VendorError::Egress(EgressError::CircuitOpen { because: Because::RefusedCredentials, .. }) = held else { panic!("{held:?}") };
    assert_eq!(rig.simulator.world().journal_length(), 0);
    rig.simulator.world().restore_ema2();
    rig.advance(80);
    ema2.account().await.expect("an account again");
}

#[tokio::test]
async fn a_401_to_a_good_token_is_answered_with_one_more_login() {
    let rig = Rig::start(1).await;
    rig.simulator.world().inject(Fault::new(Vendor::Ema2, FaultKind::Unauthorized).on("GET", "/User/Current").times(1));
    client(&rig).account().await.expect("an account");
    assert_eq!(asked(&rig, "/Token/Get"), 2);
}

#[tokio::test]
async fn what_is_no_answer_is_told_apart() {
    type Expected = fn(&VendorError) -> bool;
    let table: [(FaultKind, Expected); 6] = [
        (
            FaultKind::HtmlBody { status: 200 },
            |error| matches!(error, VendorError::NotJson { status: 200, excerpt } if excerpt.contains("<html>")),
        ),
        (FaultKind::HtmlBody { status: 502 }, |error| matches!(error, VendorError::NotJson { status: 502, .. })),
        (FaultKind::MalformedJson, |error| matches!(error, VendorError::NotJson { .. })),
        (FaultKind::TruncatedBody, |error| matches!(error, VendorError::Egress(EgressError::NoAnswer(_)))),
        (FaultKind::ResetBefore, |error| matches!(error, VendorError::Egress(EgressError::NoAnswer(_)))),
        (FaultKind::Status { code: 500, body: None, retry_after: None }, |error| matches!(error, VendorError::Refused { status: 500, .. })),
    ];
    for (kind, expected) in table {
        let rig = Rig::start(1).await;
        rig.simulator.world().inject(Fault::new(Vendor::Ema2, kind.clone()).on("POST", "/License/Detail"));
        let key = rig.simulator.world().licenses()[0].public_license_key.clone();
        let error = client(&rig).licence(&LicenceId(key)).await.expect_err("a failure");
        assert!(expected(&error), "{kind:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_passing_fault_is_not_noticed() {
    for kind in [FaultKind::ResetBefore, FaultKind::TruncatedBody, FaultKind::Status { code: 429, body: None, retry_after: Some(2) }] {
        let rig = Rig::start(1).await;
        rig.simulator.world().inject(Fault::new(Vendor::Ema2, kind.clone()).times(2));
        assert!(client(&rig).account().await.is_ok(), "{kind:?}");
    }
}

#[tokio::test]
async fn a_list_that_breaks_off_is_not_taken_for_its_end() {
    let rig = Rig::start(300).await;
    let ema2 = client(&rig);
    rig.simulator.world().inject(Fault::new(Vendor::Ema2, FaultKind::EmptyList).on("POST", "/Search/Licenses").after(1));
    let first = ema2.licences(0).await.expect("a page");
    let next = first.next(0).expect("more");
    assert!(matches!(ema2.licences(next).await, Err(VendorError::Unexpected { .. })));
}

#[tokio::test]
async fn the_budget_stops_a_run_without_an_error_of_the_vendor() {
    let rig = Rig::start(1).await;
    let login = &rig.simulator.credentials().ema2;
    let outbound = rig.egress.session(2);
    let address = &rig.simulator.addresses().ema2;
    let ema2 = Ema2::new(outbound.clone(), address, &login.username, &login.password, Rc::default()).expect("a client");
    ema2.account().await.expect("an account");
    assert!(ema2.account().await.expect_err("no calls left").is_budget());
    assert_eq!(outbound.calls(), 2);
}

#[tokio::test]
async fn no_error_holds_the_password_even_when_the_vendor_repeats_it() {
    let page = "<html>could not sign in api@msp.example with tell-nobody-42</html>";
    let vendor = Scripted::new(vec![scene(400, page)]);
    let door = egress(vendor, Stepped::new());
    let ema2 = Ema2::new(door.session(9), "https://mspapi.eset.com/api", "api@msp.example", "tell-nobody-42", Rc::default());
    let error = ema2.expect("a client").account().await.expect_err("refused");
    let problem = server::vendor_problem::problem(&error, domain::connections::ConnectionKind::Ema2);
    let all = format!("{error:?} {error} {} {problem:?}", error.message());
    assert!(all.contains("could not sign in") && !all.contains("tell-nobody-42"), "{all}");
}

async fn check(rig: &Rig, password: &str) -> Vec<Check> {
    let login = &rig.simulator.credentials().ema2;
    ema2::check(rig.egress.test_session(40), &rig.simulator.addresses().ema2, &login.username, password).await
}

fn failures(checks: &[Check]) -> Vec<&str> {
    for check in checks.iter().filter(|check| check.result != CheckResult::Passed) {
        assert!(check.remedy.is_some() && !check.detail.is_empty(), "{check:?}");
    }
    checks.iter().filter(|check| check.result == CheckResult::Failed).map(|check| check.name.as_str()).collect()
}

#[tokio::test]
async fn a_good_connection_passes_every_check() {
    let rig = Rig::start(20).await;
    let checks = check(&rig, &rig.simulator.credentials().ema2.password).await;
    assert!(checks.iter().all(|check| check.result == CheckResult::Passed), "{checks:?}");
    assert_eq!(checks.len(), 4);
}

#[tokio::test]
async fn each_failure_of_a_test_has_its_sentence_and_remedy() {
    let rig = Rig::start(1).await;
    let good = rig.simulator.credentials().ema2.password.clone();
    assert_eq!(failures(&check(&rig, "wrong").await), ["Sign-in"]);

    rig.simulator.world().set_account_type(1002).expect("an account");
    let checks = check(&rig, &good).await;
    assert_eq!(failures(&checks), ["Account"]);
    assert!(checks[1].detail.contains("distributor"), "{checks:?}");
    rig.simulator.world().set_account_type(1005).expect("an account");

    rig.simulator.world().inject(Fault::new(Vendor::Ema2, FaultKind::HtmlBody { status: 200 }));
    let checks = check(&rig, &good).await;
    assert_eq!(failures(&checks), ["Sign-in"]);
    assert!(checks[0].detail.contains("not JSON"), "{checks:?}");
    rig.simulator.world().clear_faults();

    let forbidden = FaultKind::Status { code: 403, body: None, retry_after: None };
    rig.simulator.world().inject(Fault::new(Vendor::Ema2, forbidden).on("POST", "/License/Detail"));
    assert_eq!(failures(&check(&rig, &good).await), ["Licences"]);

    for address in ["https://127.0.0.1.nowhere.invalid/api", "http://127.0.0.1:9/api", "https://10.0.0.1/api", "nonsense"] {
        let checks = ema2::check(rig.egress.test_session(40), address, "someone", "something").await;
        assert_eq!(failures(&checks), ["Sign-in"], "{address}");
    }
}
