//! Many customers or licences that are gone from ESET at once are one event with one decision.

use contract::Page;
use contract::drift::DriftView;
use domain::drift::{DriftKind, Repair};
use domain::mapping::CompanyChoice;
use harness::TestInstall;
use serde_json::{Value, json};

async fn events(install: &TestInstall, kind: &str) -> Vec<DriftView> {
    install.get::<Page<DriftView>>(&format!("/api/drift?state=open&kind={kind}")).await.items
}

async fn rows(install: &TestInstall, event: &str) -> usize {
    let page: Value = install.get(&format!("/api/history?event={event}&limit=500")).await;
    page["items"].as_array().expect("rows").len()
}

/// Ids of so many mapped companies.
async fn mapped(install: &TestInstall, count: usize) -> Vec<String> {
    let page: Value = install.get("/api/companies?state=mapped&limit=500").await;
    let ids: Vec<String> =
        page["items"].as_array().expect("companies").iter().filter_map(|row| Some(row["company"].as_str()?.to_owned())).collect();
    assert!(ids.len() > count, "{} companies are mapped", ids.len());
    ids.into_iter().take(count).collect()
}

#[tokio::test(flavor = "current_thread")]
async fn fifteen_customers_that_are_gone_at_once_are_one_event_and_come_back_without_a_word() {
    let install = TestInstall::ready(60).await;
    install.sync().await;
    let world = install.simulator.world();
    let (before, told) = (world.written().expect("a world"), rows(&install, "drift_found").await);
    let to_approve = install.lines("to_approve").await.len();
    for company in mapped(&install, 15).await {
        world.remove_eset_company(&company).expect("a company");
    }
    install.sync().await;
    let gone = events(&install, "eset_company_gone").await;
    assert_eq!(gone.len(), 1, "{gone:#?}");
    let drift = &gone[0].drift;
    assert_eq!((drift.kind, drift.subject.as_str(), drift.place.members.len()), (DriftKind::EsetCompanyGone, "15 companies at once", 15));
    assert_eq!((drift.repairs.as_slice(), gone[0].pauses), ([Repair::ExcludeCompanies].as_slice(), true));
    assert_eq!(rows(&install, "drift_found").await, told + 1, "one row of the history");
    let now = install.lines("to_approve").await;
    assert!(now.len() < to_approve && now.iter().all(|line| !drift.lines.contains(&line.line.id)), "every line of theirs is held");
    world.restore(&before).expect("the world of before");
    install.sync().await;
    assert!(events(&install, "eset_company_gone").await.is_empty());
    assert_eq!(install.lines("to_approve").await.len(), to_approve);
}

#[tokio::test(flavor = "current_thread")]
async fn customers_that_have_left_are_excluded_with_one_click() {
    let install = TestInstall::ready(60).await;
    install.sync().await;
    for company in mapped(&install, 15).await {
        install.simulator.world().remove_eset_company(&company).expect("a company");
    }
    install.sync().await;
    let gone = events(&install, "eset_company_gone").await.remove(0);
    let changed = rows(&install, "mapping_changed").await;
    let path = format!("/api/drift/{}/resolve", gone.drift.id);
    let (status, answer) = install.post(&path, &json!({ "repair": "exclude_companies" })).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(rows(&install, "mapping_changed").await, changed + 1, "one decision");
    install.sync().await;
    assert!(events(&install, "eset_company_gone").await.is_empty());
    let (mappings, _) = install.tenant.mappings().await.expect("mappings");
    let choices = mappings.companies.values().flat_map(|companies| companies.values());
    let excluded =
        choices.filter(|choice| matches!(choice, CompanyChoice::Excluded(why) if why.reason == "15 companies at once left ESET"));
    assert_eq!(excluded.count(), 15);
}

#[tokio::test(flavor = "current_thread")]
async fn licences_that_are_gone_at_once_are_acknowledged_together() {
    let install = TestInstall::ready(60).await;
    install.sync().await;
    let world = install.simulator.world();
    let companies = mapped(&install, 30).await;
    let mut taken = 0;
    for company in &companies {
        let theirs: Vec<_> = world.licenses().into_iter().filter(|license| license.company == *company && !license.is_trial()).collect();
        // One that is left keeps the company's list from being empty.
        if let ([only, ..], true) = (theirs.as_slice(), theirs.len() > 1) {
            world.remove_license(&only.public_license_key).expect("a licence");
            taken += 1;
        }
    }
    install.sync().await;
    let gone = events(&install, "licence_gone").await;
    assert_eq!(gone.len(), 1, "{taken} were taken: {gone:#?}");
    assert!(gone[0].drift.subject.ends_with("licences at once") && gone[0].drift.place.licences.len() >= 5, "{:#?}", gone[0]);
    let path = format!("/api/drift/{}/resolve", gone[0].drift.id);
    let (status, answer) = install.post(&path, &json!({ "repair": "acknowledge" })).await;
    assert_eq!(status, 200, "{answer}");
    install.sync().await;
    assert!(events(&install, "licence_gone").await.is_empty());
}
