//! What is whose is found out by no answer: the names of other branches' customers stand in nothing that somebody of a branch reads.

use super::branches::{Branch, NOTHING, branches, grown, member, text};
use contract::{DESCRIPTION, Method, ROUTES, RouteScope};
use harness::TestInstall;
use http::StatusCode;
use serde_json::{Value, json};

/// Names of what only other branches have: customers in ESET and in ConnectWise, their devices, and their ids in ESET.
async fn names_of_others(install: &TestInstall, branches: &[Branch], own: &Branch) -> Vec<String> {
    let devices = install.simulator.world().devices();
    let of = |branch: &Branch| {
        let mut names = Vec::new();
        for company in &branch.companies {
            let id = text(&company["company"]);
            names.extend(devices.iter().filter(|device| device.company == id).map(|device| device.name.clone()));
            names.extend([text(&company["name"]), text(&company["mapping"]["company_name"]), id]);
        }
        names
    };
    let ours = of(own);
    let others = branches.iter().filter(|branch| branch.city != own.city).flat_map(of);
    others.filter(|name| !ours.iter().any(|own| own.contains(name.as_str()))).collect()
}

/// What is read at every route, with whatever a path or query can name: one's own things, those of others and nobody's.
async fn questions(install: &TestInstall, branches: &[Branch]) -> Vec<(String, RouteScope)> {
    let all = install.lines("all").await;
    let period = all[0].line.period;
    let connections: Vec<Value> = install.get("/api/connections").await;
    let connections: Vec<String> = connections.iter().map(|connection| text(&connection["id"])).collect();
    let products: Vec<Value> = install.get("/api/products").await;
    let mut asked = Vec::new();
    for route in ROUTES.iter().filter(|route| route.method == Method::Get && route.path != DESCRIPTION) {
        let mut ids: Vec<String> = vec!["nobodys".to_owned()];
        ids.extend(connections.iter().cloned());
        ids.extend(all.iter().map(|line| line.line.id.to_string()));
        if !route.path.contains("{id}") {
            ids.truncate(1);
        }
        for id in ids {
            let path = route.path.replace("{period}", &period.to_string()).replace("{board}", "1").replace("{company}", "1");
            asked.push((path.replace("{id}", &id), route.reach));
        }
    }
    let more = [
        "/api/companies?state=all&limit=500",
        "/api/companies?state=mapped&limit=500",
        "/api/month?segment=all&limit=500",
        "/api/month.csv?segment=all",
        "/api/drift?state=ignored",
        "/api/drift?state=resolved",
        "/api/psa/companies?limit=500",
    ];
    asked.extend(more.iter().map(|path| ((*path).to_owned(), RouteScope::Scoped)));
    for branch in branches {
        for company in &branch.companies {
            let member = format!("connection={}&company={}", text(&company["connection"]), text(&company["company"]));
            let name = text(&company["name"]).replace(' ', "%20").replace('&', "%26");
            let named = text(&company["mapping"]["company_name"]).replace(' ', "%20").replace('&', "%26");
            asked.extend([
                (format!("/api/plan-slice?{member}"), RouteScope::Scoped),
                (
                    format!(
                        "/api/plan-slice?{member}&psa={}&agreement={}",
                        text(&company["mapping"]["psa"]),
                        company["mapping"]["agreement"]
                    ),
                    RouteScope::Scoped,
                ),
                (format!("/api/share-links?{member}"), RouteScope::Scoped),
                (format!("/api/companies?state=all&q={name}"), RouteScope::Scoped),
                (format!("/api/month?segment=all&q={name}"), RouteScope::Scoped),
                (format!("/api/psa/companies?q={named}"), RouteScope::Scoped),
                (format!("/api/psa/companies?company={}", company["mapping"]["company"]), RouteScope::Scoped),
                (format!("/api/months/{period}/statement?company={named}"), RouteScope::Scoped),
            ]);
        }
    }
    for product in &products {
        if let Some(psa) = product["psa"].as_str() {
            asked.push((format!("/api/plan-slice?psa={psa}&product={}", text(&product["code"])), RouteScope::Scoped));
        }
    }
    asked
}

/// Something of everything, of every branch: changes that were written, drift, tickets, share links and a mute.
async fn busy(install: &TestInstall, branches: &mut [Branch]) {
    for branch in branches.iter() {
        let (status, link) = install.post("/api/share-links", &member(&branch.companies[0])).await;
        assert_eq!(status, StatusCode::CREATED, "{link}");
    }
    install.approve(&install.lines("to_approve").await.into_iter().take(20).collect::<Vec<_>>()).await;
    install.settle().await;
    let world = install.simulator.world();
    for branch in branches.iter() {
        let agreement = i32::try_from(branch.companies[0]["mapping"]["agreement"].as_i64().expect("an id")).expect("a small id");
        world.edit_agreement(agreement, |row| row.name = "Safety".to_owned()).expect("renamed");
    }
    install.sync().await;
    let rule = domain::tickets::TicketRule { cap: 6, ..install.rule("Not protected").await };
    install.store_rule(&rule);
    // More than the rule's cap, so that the rest is one ticket about several branches.
    let devices = world.devices();
    let mut entering: Vec<String> = Vec::new();
    for company in branches.iter().flat_map(|branch| &branch.companies) {
        let theirs = devices.iter().filter(|device| company["company"] == json!(device.company));
        entering.extend(theirs.take(2).map(|device| device.uuid.clone()));
    }
    assert!(entering.len() > 6, "{}", entering.len());
    install.enter(&rule, &entering);
    install.passes(3).await;
    let mute = json!({ "kind": "weekly", "days": [0], "begins": "22:00:00", "minutes": 60 });
    let mute = json!({ "scope": { "of": "rule", "rule": rule.id }, "silence": mute, "reason": text(&branches[1].companies[0]["name"]) });
    assert_eq!(install.post("/api/silences", &mute).await.0, StatusCode::CREATED);
    for branch in branches.iter_mut() {
        assert_eq!(install.sign_in(&mut branch.person).await.0, StatusCode::OK);
    }
}

#[tokio::test(flavor = "local")]
async fn names_of_other_branches_occur_in_no_answer() {
    let install = grown().await;
    let mut branches = branches(&install).await;
    busy(&install, &mut branches).await;
    // Nobody's customers yet, although they are called a little like one.
    let prospects = install.simulator.world().cw_companies().into_iter().map(|company| company.name);
    let prospects: Vec<String> = prospects.filter(|name| name.ends_with(" Holding")).collect();
    let asked = questions(&install, &branches).await;
    let (mut checked, mut found, mut told) = (0, Vec::new(), 0);
    for branch in &branches {
        let canaries = names_of_others(&install, &branches, branch).await;
        assert!(canaries.len() > 6, "{canaries:?}");
        for (path, reach) in &asked {
            for (who, (status, answer)) in [
                (&branch.person.name, branch.call(&install, "GET", path, NOTHING).await),
                (&branch.city.to_owned(), install.call_as(&branch.token, "GET", path, NOTHING).await),
            ] {
                assert!(!status.is_server_error(), "GET {path} by {who}: {answer}");
                let refused = answer["code"] == "whole_install" || answer["code"] == "not_allowed";
                assert!(*reach != RouteScope::Whole || refused, "GET {path} by {who}: {status} {answer}");
                // What was asked for is told back in no problem.
                let text = prospects.iter().fold(answer.to_string(), |text, name| text.replace(name, "a prospect"));
                let asked_for = canaries.iter().filter(|name| text.contains(name.as_str()));
                found.extend(asked_for.map(|name| format!("{name} in GET {path} by {who}")));
                checked += 1;
            }
        }
        for path in ["/api/tickets?limit=500", "/api/ticket-log?limit=500", "/api/share-links", "/api/drift", "/api/groups"] {
            let answer = branch.get(&install, path).await.to_string();
            let own = branch
                .companies
                .iter()
                .filter(|company| answer.contains(&text(&company["name"])) || answer.contains(&text(&company["mapping"]["company_name"])));
            assert!(own.count() > 0, "{path} tells {} of their own", branch.person.name);
            told += 1;
        }
    }
    println!("answers x names: {checked} checked, {} names of others found, {told} lists that tell of one's own", found.len());
    assert!(found.is_empty(), "{found:#?}");
}
