//! Whose a company's device group is, where a person says it: what is shown to whom follows.

use crate::visits;

use contract::Page;
use contract::companies::CompanyView;
use contract::groups::{ConsoleGroups, GroupView, MemberView};
use domain::access::Role;
use harness::TestInstall;
use http::StatusCode;
use serde_json::{Value, json};

use visits::{NOTHING, company, make, shown, visit, wanted};

/// The group of a company, which the console shows under an id and a name of its own, and its console.
async fn group_of(install: &TestInstall, company: &CompanyView) -> (String, GroupView) {
    let own = format!("of-{}", company.company);
    let consoles: Vec<ConsoleGroups> = install.get("/api/groups").await;
    let found = consoles.into_iter().find_map(|console| {
        let group = console.groups.into_iter().find(|group| group.group.as_str() == own)?;
        Some((console.connection.to_string(), group))
    });
    found.expect("the company's group")
}

async fn say(install: &TestInstall, owner: Value, company: &CompanyView) {
    let (console, group) = group_of(install, company).await;
    let path = format!("/api/groups/{console}/{}/owner", group.group);
    let (status, answer) = install.call("PUT", &path, Some(&json!({ "owner": owner }))).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
}

fn named(company: &CompanyView) -> Value {
    json!({ "is": "company", "connection": company.connection, "company": company.company })
}

#[tokio::test(flavor = "local")]
async fn what_a_person_says_counts_before_ids_and_names_until_they_take_it_back() {
    let install = TestInstall::ready(12).await;
    install.connect_groups(&install.eset_connect()).await;
    install.sync().await;
    let (acme, other) = (company(&install, 0).await, company(&install, 1).await);
    install.company_group_is(acme.company.as_str(), "Warehouse, old", &[]).await;
    let link = json!({ "connection": acme.connection, "company": acme.company, "devices": true });
    let cookie = visit(&install, &make(&install, &link).await).await;
    let admin = install.admin_anew().await;
    let branch = install.access_group("North", &[serde_json::to_value(wanted(&acme)).expect("json")]).await;
    let nora = install.person_who_sees("Nora", Role::Viewer, &json!({ "sees": "groups", "groups": [branch] })).await;
    let sees = async || {
        let (_, consoles) = install.call_by(&nora, "GET", "/api/groups", NOTHING).await;
        consoles[0]["groups"].as_array().expect("groups").len()
    };
    let (_, group) = group_of(&install, &acme).await;
    assert_eq!((group.owner, group.said, group.suggested), (None, None, None));
    assert!(shown(&install, &cookie).await.groups.is_empty());
    assert_eq!(sees().await, 0);

    say(&install, named(&acme), &acme).await;
    let (_, group) = group_of(&install, &acme).await;
    let owner = group.owner.expect("an owner");
    assert_eq!((owner.company, owner.mapped.is_some()), (acme.company.clone(), true));
    assert_eq!(group.said.expect("who said it").by, "tests");
    assert!(!shown(&install, &cookie).await.groups.is_empty(), "its link shows its devices");
    assert!(sees().await > 0, "and its branch sees its groups");

    say(&install, named(&other), &acme).await;
    assert!(shown(&install, &cookie).await.groups.is_empty(), "they are another company's");
    install.company_group_is(acme.company.as_str(), &acme.name, &[]).await;
    say(&install, json!({ "is": "nobody" }), &acme).await;
    assert_eq!(group_of(&install, &acme).await.1.owner, None, "whatever its name");
    say(&install, json!({ "is": "automatic" }), &acme).await;
    let (_, group) = group_of(&install, &acme).await;
    assert_eq!((group.owner.map(|owner| owner.company), group.said), (Some(acme.company.clone()), None));

    let (_, history) = install.call_by(&admin, "GET", "/api/history?event=group_owner_named", NOTHING).await;
    let rows: Vec<(&Value, &Value)> =
        history["items"].as_array().expect("rows").iter().map(|row| (&row["before"], &row["after"])).collect();
    let (acme, other) = (json!(acme.name), json!(other.name));
    let none = json!("no company");
    assert_eq!(rows, [(&none, &Value::Null), (&other, &none), (&acme, &other), (&Value::Null, &acme)]);
}

#[tokio::test(flavor = "local")]
async fn a_name_that_is_only_alike_is_suggested_and_decides_nothing() {
    let install = TestInstall::ready(12).await;
    install.connect_groups(&install.eset_connect()).await;
    install.sync().await;
    let (acme, other) = (company(&install, 0).await, company(&install, 1).await);
    install.company_group_is(acme.company.as_str(), &format!("{} AG", acme.name), &[]).await;
    let (_, group) = group_of(&install, &acme).await;
    assert_eq!(group.owner, None);
    assert_eq!(group.suggested.map(|owner| owner.company), Some(acme.company.clone()));
    install.company_group_is(acme.company.as_str(), &format!("{} AG", other.name), &[]).await;
    assert_eq!(group_of(&install, &acme).await.1.suggested, None, "that one has a group of its own");
}

#[tokio::test(flavor = "local")]
async fn only_a_company_s_group_is_given_to_a_company_there_is_by_who_sees_everything() {
    let install = TestInstall::ready(12).await;
    install.connect_groups(&install.eset_connect()).await;
    install.sync().await;
    let acme = company(&install, 0).await;
    install.company_group_is(acme.company.as_str(), "Warehouse, old", &[]).await;
    let (console, group) = group_of(&install, &acme).await;
    let path = |group: &str| format!("/api/groups/{console}/{group}/owner");
    let consoles: Vec<ConsoleGroups> = install.get("/api/groups").await;
    let plain = consoles[0].groups.iter().find(|group| group.stands_for.is_none()).expect("a plain group");
    let right = json!({ "owner": named(&acme) });
    let nobodys = json!({ "owner": { "is": "company", "connection": acme.connection, "company": "nobodys" } });
    for (path, body, expected) in [
        (path(plain.group.as_str()), &right, StatusCode::UNPROCESSABLE_ENTITY),
        (path(group.group.as_str()), &nobodys, StatusCode::UNPROCESSABLE_ENTITY),
        (path(group.group.as_str()), &json!({ "owner": { "is": "mine" } }), StatusCode::UNPROCESSABLE_ENTITY),
        (path("nobodys"), &right, StatusCode::NOT_FOUND),
        (format!("/api/groups/nobodys/{}/owner", group.group), &right, StatusCode::NOT_FOUND),
    ] {
        assert_eq!(install.call("PUT", &path, Some(body)).await.0, expected, "{path} {body}");
    }
    assert_eq!(group_of(&install, &acme).await.1.said, None, "nothing was kept");
    say(&install, named(&acme), &acme).await;
    let connections: Vec<Value> = install.get("/api/connections").await;
    let id = connections.iter().find(|connection| connection["name"] == "ESET Connect").expect("the console")["id"].clone();
    let path = format!("/api/connections/{}", id.as_str().expect("an id"));
    assert_eq!(install.call_by(&install.admin_anew().await, "DELETE", &path, NOTHING).await.0, StatusCode::NO_CONTENT);
    assert!(install.tenant.ledger.group_owners().all().expect("read").is_empty(), "what was said goes with the console");
}

#[tokio::test(flavor = "local")]
async fn a_ticket_goes_where_the_owner_of_the_device_s_company_group_is_mapped() {
    let install = TestInstall::with_tickets(12).await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    let consoles: Vec<ConsoleGroups> = install.get("/api/groups").await;
    let console = &consoles[0];
    let mapped = |group: &GroupView| group.owner.as_ref().and_then(|owner| owner.mapped.as_ref()).map(|mapped| mapped.company);
    let of_company = |company: &GroupView| {
        console.groups.iter().find(|group| group.company.as_ref() == Some(&company.group) && group.devices > Some(2)).cloned()
    };
    let companies: Vec<&GroupView> = console.groups.iter().filter(|group| mapped(group).is_some()).collect();
    let (company, full) = companies.iter().find_map(|company| Some((*company, of_company(company)?))).expect("a company with devices");
    let other = companies.iter().find(|other| mapped(other) != mapped(company)).expect("another company");
    let path = format!("/api/groups/{}/{}/devices", console.connection, full.group);
    let devices: Page<MemberView> = install.get(&path).await;
    let owner = other.owner.as_ref().expect("an owner");
    let theirs = json!({ "is": "company", "connection": owner.connection, "company": owner.company });
    let said = [(json!({ "is": "automatic" }), mapped(company)), (theirs, mapped(other)), (json!({ "is": "nobody" }), None)];
    for ((owner, expected), device) in said.into_iter().zip(&devices.items) {
        let path = format!("/api/groups/{}/{}/owner", console.connection, company.group);
        assert_eq!(install.call("PUT", &path, Some(&json!({ "owner": owner }))).await.0, StatusCode::NO_CONTENT);
        let before: Vec<_> = install.our_tickets().iter().map(|ticket| ticket.id).collect();
        install.enter(&rule, &[device.device.to_string()]);
        install.passes(2).await;
        let new = install.our_tickets().into_iter().find(|ticket| !before.contains(&ticket.id)).expect("a ticket");
        let expected = expected.unwrap_or(rule.target.catch_all);
        assert_eq!(i64::from(new.company.id), expected.0, "{owner}");
    }
}
