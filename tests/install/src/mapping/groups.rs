//! Device groups of ESET Connect and ESET PROTECT On-Prem, and a company that is split by them.

use contract::month::LineView;
use contract::passes::{PassKind, PassState};
use domain::groups::{Groups, StandsFor};
use harness::TestInstall;
use http::StatusCode;
use serde_json::{Value, json};
use simulator::{Fault, FaultKind, Options, Vendor};

async fn install(companies: usize) -> TestInstall {
    let now = "2026-11-10T12:00:00Z".parse().ok();
    let install = TestInstall::still(Options { companies, now, ..Options::default() }, 400).await;
    install.connect().await;
    install
}

async fn groups(install: &TestInstall) -> Groups {
    let mut read = install.tenant.groups().await.expect("groups");
    assert_eq!(read.len(), 1);
    Groups::clone(&read.remove(0))
}

fn fault(kind: FaultKind, path: &str, times: u32) -> Fault {
    let (method, path_contains, times) = (None, Some(path.to_owned()), Some(times));
    Fault { vendor: Vendor::Connect, method, path_contains, times, skip: 0, every: None, kind }
}

#[tokio::test(flavor = "local")]
async fn the_tree_is_read_as_the_vendor_has_it_with_what_its_devices_use() {
    let install = install(12).await;
    for connection in [install.eset_connect(), install.onprem()] {
        install.connect_groups(&connection).await;
    }
    install.sync().await;
    let pass = install.last_pass(PassKind::Groups);
    assert_eq!((pass.state, pass.troubles.len()), (PassState::Done, 0), "{pass:?}");
    let mut both = install.tenant.groups().await.expect("groups");
    assert_eq!(both.len(), 2);
    let (one, other) = (both.remove(0), both.remove(0));
    assert_eq!(one.groups, other.groups, "the cloud and the server show the same tree");
    let world = install.simulator.world();
    assert_eq!(one.groups.len(), 1 + world.eset_companies().len() + world.device_groups().len(), "All, each company's, and those below");
    let devices: u32 = one.groups.values().map(|group| group.devices).sum();
    assert_eq!(devices as usize, install.simulator.world().devices().len());
    let seats: i64 = install.simulator.world().licenses().iter().filter(|licence| !licence.suspended).map(|licence| licence.usage).sum();
    let in_use: u32 = one.groups.values().flat_map(|group| &group.in_use).map(|in_use| in_use.devices).sum();
    assert_eq!(i64::from(in_use), seats, "each activated seat is a product on a device");
    let companies = one.groups.values().filter(|group| group.stands_for == Some(StandsFor::Company)).count();
    assert_eq!(companies, install.simulator.world().eset_companies().iter().filter(|company| company.entity_type.code() == 1007).count());
    assert!(one.groups.values().any(|group| group.dynamic) && one.groups.values().all(|group| !group.dynamic || group.devices == 0));
}

#[tokio::test(flavor = "local")]
async fn an_answer_that_is_not_ready_is_waited_for_and_a_list_that_breaks_off_changes_nothing() {
    let install = install(12).await;
    install.connect_groups(&install.eset_connect()).await;
    install.simulator.world().inject(fault(FaultKind::Pending { polls: 2 }, "/v1/devices", 1));
    install.sync().await;
    let first = groups(&install).await;
    let devices: u32 = first.groups.values().map(|group| group.devices).sum();
    assert_eq!(devices as usize, install.simulator.world().devices().len());

    install.simulator.world().inject(fault(FaultKind::Status { code: 500, body: None, retry_after: None }, "/v1/devices", 50));
    install.clock.advance(3_600);
    install.sync().await;
    assert_eq!(install.last_pass(PassKind::Groups).state, PassState::Failed);
    assert_eq!(groups(&install).await, first, "what was known before stands");
}

#[tokio::test(flavor = "local")]
async fn an_answer_that_eset_forgot_is_asked_for_anew_in_the_same_pass() {
    for named in [true, false] {
        let install = install(12).await;
        install.connect_groups(&install.eset_connect()).await;
        for list in ["/v1/device_groups", "/v1/devices"] {
            install.simulator.world().inject(fault(FaultKind::Forgotten { named }, list, 1));
        }
        install.sync().await;
        assert_eq!(install.last_pass(PassKind::Groups).state, PassState::Done, "with an id: {named}");
        let devices: u32 = groups(&install).await.groups.values().map(|group| group.devices).sum();
        assert_eq!(devices as usize, install.simulator.world().devices().len());
    }
}

#[tokio::test(flavor = "local")]
async fn credentials_and_regions_are_tested_and_say_what_to_do() {
    let install = install(1).await;
    let mut wrong = install.eset_connect();
    wrong["credentials"]["password"] = json!("not it, by far");
    let (status, report) = install.post("/api/connections/test", &wrong).await;
    assert_eq!((status, &report["ok"]), (StatusCode::OK, &json!(false)), "{report}");
    assert!(report["checks"][0]["remedy"].as_str().is_some_and(|remedy| remedy.contains("Integrations")), "{report}");
    assert!(!report.to_string().contains("not it"), "{report}");

    let mut nowhere = install.eset_connect();
    nowhere["address"] = json!("");
    let (status, problem) = install.post("/api/connections/test", &nowhere).await;
    assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("address")), "{problem}");
    assert!(problem["remedy"].as_str().is_some_and(|remedy| remedy.contains("jpn")), "{problem}");

    install.simulator.world().wrong_region(true);
    let (_, report) = install.post("/api/connections/test", &install.eset_connect()).await;
    assert_eq!(report["ok"], false, "{report}");

    let mut server = install.onprem();
    server["credentials"]["username"] = json!("administrator");
    let (_, report) = install.post("/api/connections/test", &server).await;
    assert!(report["checks"][0]["remedy"].as_str().is_some_and(|remedy| remedy.contains("REST API")), "{report}");
}

/// The company's mapping, with these groups billed apart.
async fn share(install: &TestInstall, company: &Value, shares: Value) -> (StatusCode, Value) {
    let mapping = &company["mapping"];
    let decision = json!({ "decision": "map", "psa": mapping["psa"], "agreement": mapping["agreement"], "groups": shares });
    let change = json!({ "connection": company["connection"], "company": company["company"], "decision": decision });
    let answer = install.call("PUT", "/api/mappings/companies", Some(&json!({ "changes": [change] }))).await;
    install.settle().await;
    answer
}

async fn lines(install: &TestInstall, agreement: i64) -> Vec<LineView> {
    let mut lines = install.lines("all").await;
    lines.retain(|view| view.line.agreement.as_ref().is_some_and(|of| of.id.0 == agreement));
    lines
}

#[tokio::test(flavor = "local")]
async fn a_group_of_a_company_is_billed_on_an_agreement_of_its_own_and_written_there() {
    let install = install(40).await;
    install.connect_groups(&install.eset_connect()).await;
    install.sync().await;
    install.map_everything_sure().await;
    install.settle().await;

    // A mapped company whose servers are a group, and whose ConnectWise company gets a second agreement.
    let tree = groups(&install).await;
    let page: Value = install.get("/api/companies?state=mapped&limit=100").await;
    let companies = page["items"].as_array().expect("companies").clone();
    let servers_of = |company: &Value| {
        let servers = tree.groups.iter().find(|(id, group)| {
            group.name == "Servers" && tree.company_of(id).is_some_and(|owner| Some(owner.as_str()) == company["company"].as_str())
        });
        servers.filter(|(_, group)| group.devices > 0).map(|(id, _)| id.clone())
    };
    let (company, servers) = companies.iter().find_map(|company| Some((company, servers_of(company)?))).expect("a company with servers");
    let own = company["mapping"]["agreement"].as_i64().expect("an agreement");
    let other = install.simulator.world().agreements().into_iter().find(|agreement| {
        i64::from(agreement.id) != own && Some(i64::from(agreement.company.id)) != company["mapping"]["company"].as_i64()
    });
    let other = other.expect("another agreement").id;
    let at = |agreement: i64| json!([{ "connection": tree.connection, "group": servers, "agreement": agreement }]);

    let (status, problem) = share(&install, company, at(other.into())).await;
    assert_eq!(
        (status, problem["field"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("changes[0].decision.groups[0].agreement")),
        "{problem}"
    );
    let theirs = i32::try_from(company["mapping"]["company"].as_i64().expect("a company")).expect("an id");
    install.simulator.world().edit_agreement(other, |agreement| agreement.company.id = theirs).expect("an agreement");
    install.clock.advance(7_200);
    install.sync().await;
    for wrong in [at(own), json!([{ "connection": tree.connection, "group": "no such group", "agreement": other }])] {
        let (status, problem) = share(&install, company, wrong).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    }
    let before: u32 = lines(&install, own).await.iter().filter_map(|view| view.line.ordered).sum();
    let (status, answer) = share(&install, company, at(other.into())).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let (mine, apart) = (lines(&install, own).await, lines(&install, other.into()).await);
    let split: Vec<_> = apart.iter().filter(|view| !view.line.evidence.groups.is_empty()).collect();
    assert!(!split.is_empty(), "{apart:#?}");
    let ordered = |views: &mut dyn Iterator<Item = &LineView>| views.filter_map(|view| view.line.ordered).sum::<u32>();
    let together = ordered(&mut mine.iter()) + ordered(&mut split.iter().copied());
    assert_eq!(together, before, "nothing is lost or billed twice");
    for view in &split {
        let devices: u32 = view.line.evidence.groups.iter().map(|group| group.devices).sum();
        assert_eq!(view.line.ordered, Some(devices), "{}", view.line.reason);
    }

    // The history tells it in words.
    let history: Value = install.get("/api/history?limit=1").await;
    assert!(history["items"][0]["after"].as_str().is_some_and(|after| after.contains("group Servers on")), "{history}");

    // Deleting what shows the groups says what goes with it.
    let id = install.connection("ESET Connect").await;
    let gone: Value = install.get(&format!("/api/connections/{id}/consequences")).await;
    assert!(gone["words"].as_str().is_some_and(|words| words.starts_with("1 group is not billed apart any more; ")), "{gone}");

    // Groups that are gone hold every line of the products they share.
    install.simulator.world().delete_group(servers.as_str()).expect("a group");
    install.clock.advance(7_200);
    install.sync().await;
    let held = lines(&install, own).await;
    let codes: Vec<&str> = held.iter().flat_map(|view| &view.line.guards).map(domain::billing::Guard::code).collect();
    assert!(codes.contains(&"not_shared"), "{codes:?}");
    // It can stay at another change, and be taken off.
    let (status, answer) = share(&install, company, at(other.into())).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let (status, answer) = share(&install, company, json!([])).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let whole: u32 = lines(&install, own).await.iter().filter_map(|view| view.line.ordered).sum();
    assert_eq!(whole, before, "everything is the company's again");
}

#[tokio::test(flavor = "local")]
async fn a_connection_that_goes_takes_its_shares_along() {
    let install = install(40).await;
    install.connect_groups(&install.eset_connect()).await;
    install.sync().await;
    let id = install.connection("ESET Connect").await;
    let (status, _) = install.call::<Value>("DELETE", &format!("/api/connections/{id}"), None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert!(install.tenant.groups().await.expect("groups").is_empty());
}
