//! How a company comes by its access group, what a change of a scope does, and what is refused about them.

use super::branches::{NOTHING, branches, grown, member, text};
use domain::access::Role;
use harness::TestInstall;
use harness::people::Visitor;
use http::StatusCode;
use serde_json::{Value, json};

/// The names of the companies somebody sees, sorted.
async fn seen(install: &TestInstall, visitor: &Visitor) -> Vec<String> {
    let (status, page) = install.call_by(visitor, "GET", "/api/companies?state=all&limit=500", NOTHING).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    let mut names: Vec<String> = page["items"].as_array().expect("companies").iter().map(|company| text(&company["name"])).collect();
    names.sort();
    names
}

/// A company by its name, as the administrator sees it.
async fn company(install: &TestInstall, name: &str) -> Value {
    let all: Value = install.get("/api/companies?state=all&limit=500").await;
    let found = all["items"].as_array().expect("companies").iter().find(|company| company["name"] == name);
    found.unwrap_or_else(|| panic!("no company {name}")).clone()
}

#[tokio::test(flavor = "local")]
async fn a_company_is_in_the_group_of_the_nearest_above_it_wherever_it_moves_and_when_it_is_new() {
    let install = TestInstall::with_tickets(12).await;
    let world = install.simulator.world();
    // The division has one customer below it, the other nested companies none.
    let (division, desk) = (company(&install, "Northwind Public Sector").await, company(&install, "Pike Street Computers").await);
    let north = install.access_group("North", &[member(&division)]).await;
    let south = install.access_group("South", &[member(&desk)]).await;
    let of = |group: &str| json!({ "sees": "groups", "groups": [group] });
    let (nora, sam) = (
        install.person_who_sees("Nora", Role::Technician, &of(&north)).await,
        install.person_who_sees("Sam", Role::Viewer, &of(&south)).await,
    );
    let below =
        world.eset_companies().into_iter().find(|known| known.parent.as_deref() == division["company"].as_str()).expect("a customer");
    let both = |names: &[&str]| {
        let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(seen(&install, &nora).await, both(&["Northwind Public Sector", &below.name]));
    assert_eq!(seen(&install, &sam).await, both(&["Pike Street Computers"]));
    let inherits = company(&install, &below.name).await;
    assert_eq!(inherits["access"], json!({ "group": north, "name": "North", "inherited": true }));

    // It moves below another one: the next sync takes it along.
    world.move_eset_company(&below.id, desk["company"].as_str().expect("an id")).expect("moved");
    let new = world.add_eset_company(&below.id, "Brand New Bakery", division["company"].as_str().expect("an id")).expect("made");
    assert_eq!(seen(&install, &sam).await, both(&["Pike Street Computers"]));
    install.sync().await;
    assert_eq!(seen(&install, &nora).await, both(&["Northwind Public Sector", "Brand New Bakery"]), "a new one is theirs at once: {new}");
    assert_eq!(seen(&install, &sam).await, both(&["Pike Street Computers", &below.name]));

    // An own group counts before that of the one above, until it is taken away.
    install.assign(&[member(&inherits)], Some(&north)).await;
    assert_eq!(seen(&install, &sam).await, both(&["Pike Street Computers"]));
    assert_eq!(company(&install, &below.name).await["access"]["inherited"], false);
    install.assign(&[member(&inherits)], None).await;
    assert_eq!(seen(&install, &sam).await, both(&["Pike Street Computers", &below.name]));
    install.assign(&[member(&desk)], None).await;
    assert!(seen(&install, &sam).await.is_empty(), "a company in no group is for those who see everything");
    assert!(company(&install, &below.name).await["access"].is_null());
}

#[tokio::test(flavor = "local")]
async fn a_line_that_companies_of_two_groups_are_billed_on_is_for_who_sees_both() {
    let install = grown().await;
    let branches = branches(&install).await;
    let [john, larry, _] = branches.as_slice() else { panic!("three branches") };
    let (own, other) = (&john.companies[0], &larry.companies[0]);
    let line = |lines: Vec<contract::month::LineView>| {
        lines.into_iter().find(|line| line.line.members.iter().any(|member| own["company"] == json!(member.company))).expect("a line")
    };
    let line = line(install.lines("all").await);
    let path = format!("/api/lines/{}", line.line.id);
    assert_eq!(john.call(&install, "GET", &path, NOTHING).await.0, StatusCode::OK);
    // An administrator bills a company of Larry's on John's agreement.
    let decision = json!({ "decision": "map", "psa": own["mapping"]["psa"], "agreement": own["mapping"]["agreement"], "automatic": false });
    let change = json!({ "changes": [{ "connection": other["connection"], "company": other["company"], "decision": decision }] });
    let (status, answer) = install.call("PUT", "/api/mappings/companies", Some(&change)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    install.settle().await;
    for branch in [john, larry] {
        assert_eq!(branch.call(&install, "GET", &path, NOTHING).await.0, StatusCode::NOT_FOUND, "{}", branch.city);
        let slice = branch.get(&install, &format!("/api/plan-slice?{}", branch.company())).await;
        let agreements = slice["agreements"].as_array().expect("agreements");
        assert!(!agreements.iter().any(|place| place[1] == own["mapping"]["agreement"]), "{}: {agreements:?}", branch.city);
    }
    let groups: Vec<&String> = branches.iter().map(|branch| &branch.group).collect();
    let both =
        install.token_that_sees(&install.admin_anew().await, Role::Viewer, &json!({ "sees": "groups", "groups": groups[..2] })).await;
    assert_eq!(install.call_as(&both, "GET", &path, NOTHING).await.0, StatusCode::OK);
}

#[tokio::test(flavor = "local")]
async fn a_device_group_called_much_like_a_company_is_in_nobodys_access_group() {
    let install = grown().await;
    let branches = branches(&install).await;
    let john = &branches[0];
    let own = &john.companies[0];
    let (id, name) = (text(&own["company"]), text(&own["name"]));
    let devices = async || {
        // Whoever assigns anything has all of it worked out anew.
        install.assign(&[member(own)], Some(&john.group)).await;
        let consoles = john.get(&install, "/api/groups").await;
        let groups = consoles.as_array().expect("consoles").iter().flat_map(|console| console["groups"].as_array().expect("groups"));
        groups.filter(|group| [json!(id), json!(format!("of-{id}"))].contains(&group["company"])).count()
    };
    let all = devices().await;
    assert!(all > 0);
    let (alike, same) = (format!("{name} AG"), format!(" {} ", name.to_uppercase()));
    for (name, others, seen) in [(&alike, &[][..], 0), (&same, &[], all), (&same, &[name.as_str()], 0)] {
        install.company_group_is(&id, name, others).await;
        assert_eq!(devices().await, seen, "{name} beside {others:?}");
    }
}

#[tokio::test(flavor = "local")]
async fn a_change_of_what_somebody_sees_counts_in_the_session_they_are_in() {
    let install = grown().await;
    let branches = branches(&install).await;
    let [john, larry, _] = branches.as_slice() else { panic!("three branches") };
    let admin = install.admin_anew().await;
    let (_, people) = install.call_by(&admin, "GET", "/api/people", NOTHING).await;
    let known = people.as_array().expect("people").iter().find(|person| person["name"] == "John").expect("John").clone();
    assert_eq!(known["scope"], json!({ "sees": "groups", "groups": [john.group] }));
    let path = format!("/api/people/{}", text(&known["id"]));
    let names = |branch: &super::branches::Branch| {
        let mut names: Vec<String> = branch.companies.iter().map(|own| text(&own["name"])).collect();
        names.sort();
        names
    };
    assert_eq!(seen(&install, &john.person).await, names(john));
    let change = async |body: Value| install.call_by(&admin, "PATCH", &path, Some(&body)).await;

    let (status, now) = change(json!({ "scope": { "sees": "groups", "groups": [larry.group, larry.group] } })).await;
    assert_eq!((status, &now["scope"]["groups"]), (StatusCode::OK, &json!([larry.group])), "{now}");
    assert_eq!(seen(&install, &john.person).await, names(larry), "the very next request, and no session ended");
    install.assign(&[member(&john.companies[0])], Some(&larry.group)).await;
    assert!(seen(&install, &john.person).await.contains(&text(&john.companies[0]["name"])));

    // What concerns the whole install is refused, until everything is seen.
    let (status, problem) = install.call_by(&john.person, "GET", "/api/history", NOTHING).await;
    assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("whole_install")), "{problem}");
    let (status, _) = change(json!({ "scope": { "sees": "everything" } })).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(install.call_by(&john.person, "GET", "/api/history", NOTHING).await.0, StatusCode::OK);
    let (_, history) = install.call("GET", "/api/history?event=person_changed", NOTHING).await;
    let row = &history["items"][0];
    assert_eq!((&row["before"], &row["after"]), (&json!("John, technician, of Oslo"), &json!("John, technician")), "{row}");
}

#[tokio::test(flavor = "local")]
async fn an_administrator_sees_everything_and_only_groups_there_are_can_be_given() {
    let install = TestInstall::with_tickets(12).await;
    let north = install.access_group("North", &[]).await;
    let of = |groups: &[&str]| json!({ "sees": "groups", "groups": groups });
    let admin = install.admin_anew().await;
    let refused = async |method: &str, path: &str, body: Value| {
        let (status, problem) = install.call_by(&admin, method, path, Some(&body)).await;
        assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("scope")), "{path}: {problem}");
        text(&problem["title"])
    };
    for path in ["/api/people", "/api/tokens"] {
        let title = refused("POST", path, json!({ "name": "Ann", "role": "admin", "scope": of(&[&north]) })).await;
        assert_eq!(title, "An administrator sees everything.");
        refused("POST", path, json!({ "name": "Ann", "role": "viewer", "scope": of(&[]) })).await;
        refused("POST", path, json!({ "name": "Ann", "role": "viewer", "scope": of(&[&north, "nobodys"]) })).await;
    }
    let ann = install.person_who_sees("Ann", Role::Viewer, &of(&[&north])).await;
    assert!(seen(&install, &ann).await.is_empty());
    let (_, people) = install.call_by(&admin, "GET", "/api/people", NOTHING).await;
    let id =
        people.as_array().expect("people").iter().find(|person| person["name"] == "Ann").map(|person| text(&person["id"])).expect("Ann");
    refused("PATCH", &format!("/api/people/{id}"), json!({ "role": "admin", "scope": of(&[&north]) })).await;

    // A group that somebody is given is not deleted: they would see nothing, or everything.
    let path = format!("/api/access-groups/{north}");
    let (status, problem) = install.call_by(&admin, "DELETE", &path, NOTHING).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("group_in_use")), "{problem}");
    let (status, now) = install.call_by(&admin, "PATCH", &format!("/api/people/{id}"), Some(&json!({ "role": "admin" }))).await;
    assert_eq!((status, &now["scope"]), (StatusCode::OK, &json!({ "sees": "everything" })), "{now}");
    let (status, problem) = install.call_by(&admin, "DELETE", &path, NOTHING).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{problem}");

    for (name, code) in [("South", "201"), ("south", "name_taken"), (" ", "invalid")] {
        let (status, answer) = install.call_by(&admin, "POST", "/api/access-groups", Some(&json!({ "name": name }))).await;
        assert!(answer["code"] == code || status.as_str() == code, "{name}: {status} {answer}");
    }
    let nobodys = json!({ "companies": [{ "connection": "nobodys", "company": "nobodys" }], "group": null });
    let (status, problem) = install.call_by(&admin, "PUT", "/api/access-groups/companies", Some(&nobodys)).await;
    assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("companies[0]")));
    let company = company(&install, "Northwind Public Sector").await;
    let gone = json!({ "companies": [member(&company)], "group": north });
    let (status, problem) = install.call_by(&admin, "PUT", "/api/access-groups/companies", Some(&gone)).await;
    assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("group")));
}

#[tokio::test(flavor = "local")]
async fn a_group_goes_with_the_companies_that_were_put_into_it_and_tells_how_many_it_has() {
    let install = TestInstall::with_tickets(12).await;
    let division = company(&install, "Northwind Public Sector").await;
    let north = install.access_group("North", &[member(&division)]).await;
    let admin = install.admin_anew().await;
    let token = install.token_that_sees(&admin, Role::Viewer, &json!({ "sees": "groups", "groups": [north] })).await;
    let (_, groups) = install.call_by(&admin, "GET", "/api/access-groups", NOTHING).await;
    let group = &groups[0];
    assert_eq!(
        (&group["own"], &group["companies"], &group["people"], &group["tokens"]),
        (&json!(1), &json!(2), &json!(0), &json!(1)),
        "{groups}"
    );
    let (_, tokens) = install.call_by(&admin, "GET", "/api/tokens", NOTHING).await;
    let id = tokens.as_array().expect("tokens").iter().find(|token| token["scope"]["groups"][0] == north).map(|token| text(&token["id"]));
    let (_, page) = install.call_as(&token, "GET", "/api/companies?state=all", NOTHING).await;
    assert_eq!(page["total"], 2);
    let (status, _) = install.call_by(&admin, "DELETE", &format!("/api/tokens/{}", id.expect("the token")), NOTHING).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (status, _) = install.call_by(&admin, "DELETE", &format!("/api/access-groups/{north}"), NOTHING).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert!(company(&install, "Northwind Public Sector").await["access"].is_null());
    assert_eq!(install.sql_text("SELECT count(*) || '' FROM access_companies"), "[[Text(\"0\")]]");
}

#[tokio::test(flavor = "local")]
async fn a_hierarchy_that_is_lost_keeps_nobody_from_reading_it_again() {
    let mut install = TestInstall::with_tickets(12).await;
    let branch = company(&install, "Pike Street Computers").await;
    let group = install.access_group("South", &[member(&branch)]).await;
    let sam = install.person_who_sees("Sam", Role::Viewer, &json!({ "sees": "groups", "groups": [group] })).await;
    install.texts.texts.borrow_mut().retain(|key, _| !key.contains("snapshots/"));
    install.restart();
    install.sync().await;
    let passes: Value = install.get("/api/passes?limit=500").await;
    let open = passes["items"].as_array().expect("passes").iter().find(|pass| matches!(pass["state"].as_str(), Some("queued" | "running")));
    assert_eq!(open, None, "no pass is stuck");
    assert_eq!(seen(&install, &sam).await, ["Pike Street Computers"], "it is read anew, and Sam sees what he saw");
}
