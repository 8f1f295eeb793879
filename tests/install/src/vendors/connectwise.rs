//! The client of ConnectWise PSA against the simulated one.

use std::rc::Rc;

use chrono::TimeDelta;
use connectwise::{self, Batch, Connectwise, Keys};
use domain::connections::{Check, CheckResult};
use domain::ids::{AdditionId, AgreementId};
use domain::money::Quantity;
use domain::psa::AgreementStatus;
use egress::EgressError;
use engine::{Observed, Write, WriteAnswer};
use harness::support::{Rig, Scripted, Stepped, egress, scene, scene_with};
use simulator::{Action, Effect, Fault, FaultKind, Level, Vendor};
use vendor::VendorError;

fn keys(rig: &Rig) -> Keys {
    let keys = rig.simulator.credentials().connectwise.clone();
    Keys { company_id: keys.company_id, public_key: keys.public_key, private_key: keys.private_key.into(), client_id: keys.client_id }
}

fn client(rig: &Rig) -> Connectwise {
    client_with(rig, keys(rig))
}

fn client_with(rig: &Rig, keys: Keys) -> Connectwise {
    Connectwise::new(rig.egress.session(10_000), &rig.simulator.addresses().connectwise, keys, Rc::default()).expect("a client")
}

/// The one customer's line: 25 billed.
fn line(rig: &Rig) -> (AgreementId, AdditionId) {
    let additions = rig.simulator.world().additions();
    let addition = additions.iter().find(|addition| addition.cancelled_date.is_none()).expect("a line");
    (AgreementId(addition.agreement_id.into()), AdditionId(addition.id.into()))
}

fn billed(rig: &Rig, addition: AdditionId) -> f64 {
    let id = i32::try_from(addition.0).expect("an id");
    rig.simulator.world().addition(id).expect("the line").quantity
}

fn quantity(units: u32) -> Write {
    Write::Quantity { quantity: Quantity::from(units), description: Some("ESET PROTECT [Seatbridge]".to_owned()) }
}

/// Quantity changes the API made.
fn effects(rig: &Rig) -> usize {
    let changed = |effect: &Option<Effect>| matches!(effect, Some(Effect::QuantityChanged { by: simulator::Actor::Api, .. }));
    rig.simulator.world().journal().iter().filter(|entry| changed(&entry.effect)).count()
}

fn fault(rig: &Rig, kind: FaultKind, method: &str, path: &str) {
    rig.simulator.world().inject(Fault::new(Vendor::ConnectWise, kind).on(method, path));
}

async fn all<T, F: Future<Output = Result<Batch<T>, VendorError>>>(batch: impl Fn(Option<i64>) -> F) -> Vec<T> {
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let batch = batch(after).await.expect("a batch");
        items.extend(batch.items);
        match batch.next {
            Some(next) => after = Some(next),
            None => return items,
        }
    }
}

#[tokio::test]
async fn companies_agreements_and_catalog_are_read_whole() {
    let rig = Rig::start(300).await;
    let (psa, world) = (client(&rig), rig.simulator.world());
    let companies = all(|after| psa.companies(after)).await;
    let kept: Vec<_> = world.cw_companies().into_iter().filter(|company| !company.deleted_flag).collect();
    assert_eq!(companies.len(), kept.len());
    assert!(kept.len() < world.cw_companies().len(), "some are in the recycle bin");
    for (id, company) in &companies {
        let real = kept.iter().find(|real| i64::from(real.id) == id.0).expect("a company of the world");
        assert_eq!((&company.identifier, &company.name, &company.status), (&real.identifier, &real.name, &real.status.name));
    }
    let agreements = all(|after| psa.agreements(after)).await;
    assert_eq!(agreements.len(), world.agreements().len());
    for (id, agreement) in &agreements {
        let real = world.agreements().into_iter().find(|real| i64::from(real.id) == id.0).expect("an agreement of the world");
        assert_eq!(agreement.company.0, i64::from(real.company.id));
        assert_eq!(agreement.parent.map(|id| id.0), real.parent_agreement.map(|parent| parent.id.into()));
        assert_eq!(format!("{:?}", agreement.status), format!("{:?}", real.agreement_status));
        assert!(agreement.currency.is_some() && agreement.kind.is_some());
    }
    let catalog = all(|after| psa.catalog(after)).await;
    assert_eq!(catalog.len(), world.catalog().len());
    assert!(catalog.iter().any(|(_, product)| product.inactive) && catalog.iter().any(|(_, product)| product.bundle));
    assert_eq!(usize::try_from(psa.count_companies().await.expect("a count")), Ok(kept.len()));
}

#[tokio::test]
async fn lists_longer_than_a_page_are_read_to_their_end() {
    let rig = Rig::start(1500).await;
    let psa = client(&rig);
    let first = psa.companies(None).await.expect("a batch");
    assert_eq!((first.items.len(), first.next.is_some()), (connectwise::PAGE_SIZE, true));
    let kept = rig.simulator.world().cw_companies().into_iter().filter(|company| !company.deleted_flag).count();
    assert_eq!(all(|after| psa.companies(after)).await.len(), kept);
}

#[tokio::test]
async fn additions_are_read_with_their_quantities_and_ends() {
    let rig = Rig::start(30).await;
    let psa = client(&rig);
    for agreement in rig.simulator.world().agreements() {
        let read = psa.additions(AgreementId(agreement.id.into())).await.expect("additions");
        let real: Vec<_> = rig.simulator.world().additions().into_iter().filter(|row| row.agreement_id == agreement.id).collect();
        assert_eq!(read.len(), real.len());
        for (read, real) in read.iter().zip(real) {
            assert_eq!((read.id.0, read.product.0), (real.id.into(), real.product.id.into()));
            assert_eq!(Some(read.quantity), Quantity::from_vendor(real.quantity));
            assert_eq!(read.cancelled, real.cancelled_date.map(|moment| moment.date_naive()));
            assert!(!read.version.is_empty());
        }
    }
}

#[tokio::test]
async fn a_quantity_is_written_once_and_read_back() {
    let rig = Rig::start(1).await;
    let (psa, (agreement, addition)) = (client(&rig), line(&rig));
    let before = psa.observe_addition(agreement, addition).await.expect("the line");
    let Observed::Addition { version: old, .. } = before else { panic!("gone") };
    rig.simulator.world().advance(5);
    assert_eq!(psa.write(agreement, Some(addition), &quantity(27)).await, WriteAnswer::Accepted(Some(addition)));
    let Observed::Addition { quantity, version, ongoing, agreement: status, description, .. } =
        psa.observe_addition(agreement, addition).await.expect("the line")
    else {
        panic!("gone")
    };
    assert_eq!((quantity, ongoing, status), (Quantity::from(27), true, AgreementStatus::Active));
    assert_eq!(description, "ESET PROTECT [Seatbridge]");
    assert_ne!(version, old);
    assert_eq!(effects(&rig), 1);
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_lost_whether_it_arrived_or_not() {
    let table = [
        (FaultKind::ResetBefore, 0),
        (FaultKind::ResetAfter, 1),
        (FaultKind::TruncatedBody, 1),
        (FaultKind::Status { code: 500, body: None, retry_after: None }, 0),
        (FaultKind::HtmlBody { status: 502 }, 0),
    ];
    for (kind, arrived) in table {
        let rig = Rig::start(1).await;
        let (psa, (agreement, addition)) = (client(&rig), line(&rig));
        fault(&rig, kind.clone(), "PATCH", "/additions/");
        let answer = psa.write(agreement, Some(addition), &quantity(27)).await;
        assert!(matches!(answer, WriteAnswer::Lost { .. }), "{kind:?}: {answer:?}");
        assert_eq!(effects(&rig), arrived, "{kind:?}: sent once and never again");
    }
}

#[tokio::test]
async fn a_200_that_changed_nothing_is_found_out_by_reading_back() {
    let rig = Rig::start(1).await;
    let (psa, (agreement, addition)) = (client(&rig), line(&rig));
    let old = billed(&rig, addition);
    for kind in [FaultKind::HtmlBody { status: 200 }, FaultKind::Status { code: 200, body: Some("{}".to_owned()), retry_after: None }] {
        fault(&rig, kind, "PATCH", "/additions/");
        assert_eq!(psa.write(agreement, Some(addition), &quantity(27)).await, WriteAnswer::Accepted(Some(addition)));
        rig.simulator.world().clear_faults();
        let Observed::Addition { quantity, .. } = psa.observe_addition(agreement, addition).await.expect("the line") else {
            panic!("gone")
        };
        assert_eq!(Some(quantity), Quantity::from_vendor(old));
    }
}

#[tokio::test]
async fn a_refusal_keeps_the_vendors_words() {
    let rig = Rig::start(1).await;
    let (psa, (agreement, addition)) = (client(&rig), line(&rig));
    let body = include_str!("../../../../worker/vendors/connectwise/fixtures/invalid_addition.json");
    fault(&rig, FaultKind::Status { code: 400, body: Some(body.to_owned()), retry_after: None }, "PATCH", "/additions/");
    let WriteAnswer::Refused { words } = psa.write(agreement, Some(addition), &quantity(27)).await else { panic!("not refused") };
    assert!(words.contains("effectiveDate cannot be less") && words.contains("field effectiveDate"), "{words}");
    rig.simulator.world().clear_faults();

    rig.simulator.world().set_action_level("Agreements", Action::Edit, Level::None).expect("a permission");
    let WriteAnswer::Refused { words } = psa.write(agreement, Some(addition), &quantity(27)).await else { panic!("not refused") };
    assert!(words.contains("security permission"), "{words}");
    assert_eq!(effects(&rig), 0);
}

#[tokio::test]
async fn a_429_defers_a_write_and_slows_a_read() {
    let rig = Rig::start(1).await;
    let (psa, (agreement, addition)) = (client(&rig), line(&rig));
    psa.version().await.expect("the site");
    fault(&rig, FaultKind::Status { code: 429, body: None, retry_after: Some(90) }, "PATCH", "/additions/");
    let WriteAnswer::Deferred { wait, .. } = psa.write(agreement, Some(addition), &quantity(27)).await else { panic!("not deferred") };
    assert_eq!((wait, effects(&rig)), (TimeDelta::seconds(90), 0));
    rig.simulator.world().clear_faults();
    rig.advance(120);

    let slow = Fault::new(Vendor::ConnectWise, FaultKind::Status { code: 429, body: None, retry_after: Some(20) });
    rig.simulator.world().inject(slow.times(1));
    rig.clock.waits.borrow_mut().clear();
    psa.observe_addition(agreement, addition).await.expect("the line");
    assert!(rig.clock.waits.borrow().iter().any(|wait| *wait >= TimeDelta::seconds(20)));
}

#[tokio::test]
async fn an_upgrade_is_followed_by_reads_and_writes() {
    let rig = Rig::start(1).await;
    let (psa, (agreement, addition)) = (client(&rig), line(&rig));
    psa.observe_addition(agreement, addition).await.expect("the line");
    rig.simulator.world().upgrade_codebase();
    rig.advance(120);
    assert_eq!(psa.write(agreement, Some(addition), &quantity(27)).await, WriteAnswer::Accepted(Some(addition)));
    rig.simulator.world().upgrade_codebase();
    rig.advance(120);
    assert!(psa.companies(None).await.is_ok());
    assert_eq!((effects(&rig), billed(&rig, addition)), (1, 27.0));
}

#[tokio::test]
async fn a_deleted_addition_is_gone_and_costs_no_second_look_at_the_site() {
    let rig = Rig::start(1).await;
    let (psa, (agreement, addition)) = (client(&rig), line(&rig));
    psa.version().await.expect("the site");
    rig.simulator.world().delete_addition(i32::try_from(addition.0).expect("an id")).expect("the line");
    assert_eq!(psa.observe_addition(agreement, addition).await, Ok(Observed::Gone));
    assert!(matches!(psa.write(agreement, Some(addition), &quantity(27)).await, WriteAnswer::Refused { .. }));
    assert!(matches!(psa.additions(AgreementId(999_999)).await, Err(VendorError::NotFound { .. })));
    let looks = rig.simulator.world().journal().iter().filter(|entry| entry.path.contains("companyinfo")).count();
    assert_eq!(looks, 1);
}

#[tokio::test]
async fn keys_taken_away_are_not_mistaken_for_a_deleted_addition() {
    for cloud in [true, false] {
        let rig = Rig::start(1).await;
        rig.simulator.world().set_cloud(cloud);
        let (psa, (agreement, addition)) = (client(&rig), line(&rig));
        psa.observe_addition(agreement, addition).await.expect("the line");
        rig.simulator.world().revoke_connectwise();
        let error = psa.observe_addition(agreement, addition).await.expect_err("refused");
        assert!(matches!(error, VendorError::BadCredentials { .. }), "cloud {cloud}: {error:?}");
        let held = psa.observe_addition(agreement, addition).await.expect_err("held back");
        assert!(matches!(held, VendorError::Egress(EgressError::CircuitOpen { .. })), "cloud {cloud}: {held:?}");
        assert!(matches!(psa.write(agreement, Some(addition), &quantity(27)).await, WriteAnswer::Deferred { .. }));
    }
}

#[tokio::test]
async fn a_cancelled_line_and_a_cancelled_agreement_are_seen() {
    let rig = Rig::start(1).await;
    let (psa, (agreement, addition)) = (client(&rig), line(&rig));
    rig.simulator.world().cancel_agreement(i32::try_from(agreement.0).expect("an id")).expect("an agreement");
    rig.simulator.world().cancel_addition(i32::try_from(addition.0).expect("an id")).expect("a line");
    let Observed::Addition { ongoing, agreement, .. } = psa.observe_addition(agreement, addition).await.expect("the line") else {
        panic!("gone")
    };
    assert_eq!((ongoing, agreement), (false, AgreementStatus::Cancelled));
}

#[tokio::test]
async fn what_the_api_is_asked_carries_keys_and_version() {
    let told = r#"{"Codebase":"v2026_4/","IsCloud":"True"}"#;
    let vendor = Scripted::new(vec![scene(200, told), scene_with(200, ("link", ""), "[]")]);
    let door = egress(vendor.clone(), Stepped::new());
    let text = |text: &str| text.to_owned();
    let keys = Keys { company_id: text("acme"), public_key: text("pub"), private_key: text("priv").into(), client_id: text("guid") };
    let psa = Connectwise::new(door.session(9), "na.myconnectwise.net", keys, Rc::default()).expect("a client");
    assert_eq!(psa.companies(Some(17)).await.expect("a batch").next, None);
    let asked = vendor.asked.borrow();
    assert_eq!(asked[0].uri(), "https://na.myconnectwise.net/login/companyinfo/acme");
    assert!(asked[0].headers().get("authorization").is_none(), "discovery needs no keys");
    assert_eq!(
        asked[1].uri(),
        "https://api-na.myconnectwise.net/v2026_4/apis/3.0/company/companies?pageSize=1000\
         &fields=id%2Cidentifier%2Cname%2Cstatus%2CdeletedFlag&conditions=deletedFlag%3Dfalse&pageId=17"
    );
    let header = |name: &str| asked[1].headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert_eq!(header("authorization"), "Basic YWNtZStwdWI6cHJpdg==");
    assert_eq!((header("clientid"), header("pagination-type")), ("guid", "forward-only"));
    assert_eq!(header("accept"), "application/vnd.connectwise.com+json; version=2025.1");
    assert!(!format!("{:?}", asked[1].headers()).contains("YWNtZ"), "not shown in a log by accident");
}

async fn check(rig: &Rig, keys: Keys) -> Vec<Check> {
    connectwise::check(rig.egress.test_session(40), &rig.simulator.addresses().connectwise, keys).await
}

/// Names of the checks with this result; whatever is not right says what to do.
fn with(checks: &[Check], result: CheckResult) -> Vec<&str> {
    for check in checks.iter().filter(|check| check.result != CheckResult::Passed) {
        assert!(check.remedy.is_some() && !check.detail.is_empty(), "{check:?}");
    }
    checks.iter().filter(|check| check.result == result).map(|check| check.name.as_str()).collect()
}

#[tokio::test]
async fn a_good_connection_passes_every_check() {
    let rig = Rig::start(1).await;
    let checks = check(&rig, keys(&rig)).await;
    assert_eq!(with(&checks, CheckResult::Passed).len(), 10, "{checks:?}");
    assert_eq!(checks.len(), 10);
}

#[tokio::test]
async fn wrong_keys_are_told_from_a_wrong_company_and_a_wrong_client_id() {
    let rig = Rig::start(1).await;
    for cloud in [true, false] {
        rig.simulator.world().set_cloud(cloud);
        let wrong = Keys { private_key: "something else".to_owned().into(), ..keys(&rig) };
        let checks = check(&rig, wrong).await;
        assert_eq!(with(&checks, CheckResult::Failed), ["Keys and client id"], "cloud {cloud}");
        assert!(checks[1].remedy.as_ref().is_some_and(|remedy| remedy.contains("API Keys")), "{checks:?}");
    }
    let checks = check(&rig, Keys { company_id: "nobody".to_owned(), ..keys(&rig) }).await;
    assert_eq!(with(&checks, CheckResult::Failed), ["Site and company"]);
    assert!(checks[0].detail.contains("nobody"), "{checks:?}");

    let checks = check(&rig, Keys { client_id: String::new(), ..keys(&rig) }).await;
    assert_eq!(with(&checks, CheckResult::Failed), ["Keys and client id"]);
    assert!(checks[1].detail.contains("client id"), "{checks:?}");
}

#[tokio::test]
async fn each_permission_is_named_with_where_to_grant_it() {
    let rig = Rig::start(1).await;
    let world = rig.simulator.world();
    world.set_action_level("Agreements", Action::Edit, Level::None).expect("a permission");
    world.set_action_level("Product Catalog", Action::Inquire, Level::My).expect("a permission");
    let checks = check(&rig, keys(&rig)).await;
    assert_eq!(with(&checks, CheckResult::Failed), ["Finance > Agreements"]);
    assert_eq!(with(&checks, CheckResult::Warning), ["Procurement > Product Catalog"]);
    let agreements = checks.iter().find(|check| check.name == "Finance > Agreements").expect("the check");
    assert!(agreements.detail.contains("Edit: None"), "{agreements:?}");
    assert!(agreements.remedy.as_ref().is_some_and(|remedy| remedy.contains("System > Security Roles")));
}

#[tokio::test]
async fn a_site_that_is_none_says_so() {
    let rig = Rig::start(1).await;
    let site = rig.simulator.addresses().connectwise.clone();
    for (kind, words) in [
        (FaultKind::HtmlBody { status: 200 }, "not JSON"),
        (FaultKind::ResetBefore, "could not be reached"),
        (FaultKind::Status { code: 302, body: None, retry_after: None }, "redirect"),
        (FaultKind::Status { code: 503, body: None, retry_after: None }, "503"),
    ] {
        rig.simulator.world().clear_faults();
        rig.simulator.world().inject(Fault::new(Vendor::ConnectWise, kind.clone()));
        let checks = check(&rig, keys(&rig)).await;
        assert_eq!(with(&checks, CheckResult::Failed), ["Site and company"], "{kind:?}");
        assert!(checks[0].detail.contains(words), "{kind:?}: {checks:?}");
    }
    rig.simulator.world().clear_faults();
    for address in ["", "localhost:9", "https://user:pass@psa.example.com", "10.1.1.1", &site.replace("http://", "https://")] {
        let checks = connectwise::check(rig.egress.test_session(40), address, keys(&rig)).await;
        assert_eq!(with(&checks, CheckResult::Failed), ["Site and company"], "{address}");
    }
    assert_eq!(with(&check(&rig, keys(&rig)).await, CheckResult::Failed), [""; 0]);
}
