//! Access groups: three people in three cities, of whom each sees one pool of customers, and an administrator who sees all.

mod branches;
mod canary;
mod changes;
mod months;

use branches::{Branch, branches, grown, member, text};
use contract::month::LineView;
use domain::access::Role;
use engine::IntentState;
use harness::TestInstall;
use http::StatusCode;
use serde_json::{Value, json};

fn items(page: &Value) -> &Vec<Value> {
    page["items"].as_array().expect("items")
}

/// Ids of a list, sorted.
fn ids<'a>(items: impl IntoIterator<Item = &'a Value>, pointer: &str) -> Vec<String> {
    let mut ids: Vec<String> = items.into_iter().map(|item| text(item.pointer(pointer).expect("an id"))).collect();
    ids.sort();
    ids
}

/// The rows of a table, without its header.
fn rows(table: &Value) -> usize {
    table.as_str().expect("a table").lines().count() - 1
}

/// All lines, as the administrator sees them, and those of a branch among them.
async fn lines_of(install: &TestInstall, branch: &Branch) -> (Vec<LineView>, Vec<LineView>) {
    let all = install.lines("all").await;
    let own = all.iter().filter(|line| branch.has(&json!(line.line.companies()))).cloned().collect();
    (all, own)
}

#[tokio::test(flavor = "local")]
async fn three_people_in_three_cities_each_see_their_pool_and_the_administrator_all() {
    let install = grown().await;
    let branches = branches(&install).await;
    let mut seen = 0;
    for branch in &branches {
        let companies = branch.get(&install, "/api/companies?state=all&limit=500").await;
        assert_eq!(ids(items(&companies), "/company"), ids(&branch.companies, "/company"), "{}", branch.city);
        assert_eq!(companies["total"], json!(branch.companies.len()));
        assert!(items(&companies).iter().all(|company| company["access"].is_null()), "groups are told to administrators alone");
        let table = branch.get(&install, "/api/mappings/companies.csv").await;
        assert_eq!(rows(&table), branch.companies.len());

        let (all, own) = lines_of(&install, branch).await;
        seen += own.len();
        assert!(!own.is_empty() && own.len() < all.len(), "{}: {} of {}", branch.city, own.len(), all.len());
        let wanted: Vec<String> = {
            let mut ids: Vec<String> = own.iter().map(|line| line.line.id.to_string()).collect();
            ids.sort();
            ids
        };
        let mut found = Vec::new();
        let mut next = String::new();
        loop {
            let month = branch.read(&install, &format!("/api/month?segment=all&limit=1{next}")).await;
            assert_eq!(month["total"], json!(own.len()));
            assert_eq!(month["summary"]["lines"], json!(own.len()));
            found.extend(ids(items(&month), "/line/id"));
            match month["next"].as_str() {
                // The place in the list counts what is theirs, and nothing else.
                Some(place) => {
                    assert_eq!(place, found.len().to_string());
                    next = format!("&after={place}");
                }
                None => break,
            }
        }
        found.sort();
        assert_eq!(found, wanted, "{}", branch.city);
        assert_eq!(rows(&branch.read(&install, "/api/month.csv?segment=all").await), own.len());

        let reconciled = branch.get(&install, "/api/reconciliation?limit=500").await;
        assert_eq!(ids(items(&reconciled), "/line"), wanted);
        let everybody: Value = install.get("/api/reconciliation?limit=500").await;
        let ours = items(&everybody).iter().filter(|row| wanted.contains(&text(&row["line"])) && !row["ordered"].is_null());
        let known = ours.filter(|row| !row["activated"].is_null() && !row["billed"].is_null());
        let ordered: u64 = known.filter_map(|row| row["ordered"].as_u64()).sum();
        assert_eq!(reconciled["totals"]["ordered"], json!(ordered), "{}", branch.city);
        assert_eq!(rows(&branch.get(&install, "/api/reconciliation.csv").await), own.len());

        let overview = branch.get(&install, "/api/overview").await;
        assert_eq!(overview["month"]["lines"], json!(own.len()));
        assert_eq!(overview["unmapped"]["companies"], 0, "every company of a branch is mapped");
        let unbilled = own.iter().filter(|line| line.line.billed.is_none() && line.line.ordered.unwrap_or(0) > 0).count();
        assert_eq!(overview["unbilled"], json!(unbilled));
        let products = branch.get(&install, "/api/products").await;
        let most = products.as_array().expect("products").iter().filter_map(|product| product["companies"].as_u64()).max();
        assert!(most.is_some_and(|most| most <= branch.companies.len() as u64), "{products}");

        let slice = branch.get(&install, &format!("/api/plan-slice?{}", branch.company())).await;
        let in_slice: Vec<&Value> = slice["snapshots"].as_array().expect("snapshots").iter().collect();
        let known: Vec<&String> =
            in_slice.iter().flat_map(|snapshot| snapshot["companies"].as_object().expect("companies").keys()).collect();
        assert!(
            !known.is_empty() && known.iter().all(|known| branch.companies.iter().any(|own| own["company"] == json!(known))),
            "{known:?}"
        );
        assert!(!slice["agreements"].as_array().expect("agreements").is_empty());

        let period = own[0].line.period;
        let month = branch.get(&install, &format!("/api/months/{period}?limit=500")).await;
        assert_eq!((ids(items(&month), "/numbers/line"), &month["total"]), (wanted, &json!(own.len())));
        assert_eq!(rows(&branch.get(&install, &format!("/api/months/{period}/statement.csv")).await), own.len());
        let session = branch.get(&install, "/api/session").await;
        assert_eq!(session["groups"], json!([branch.city]));
    }
    let (all, _) = lines_of(&install, &branches[0]).await;
    let shared = all.iter().filter(|line| branches.iter().any(|branch| branch.has(&json!(line.line.companies())))).count();
    assert_eq!(seen, shared, "no line is seen by two branches");
    let session: Value = install.get("/api/session").await;
    assert!(session["groups"].is_null());
    let everything: Value = install.get("/api/companies?state=mapped&limit=500").await;
    assert!(items(&everything).iter().all(|company| company["access"]["inherited"] == false), "{everything}");
}

#[tokio::test(flavor = "local")]
async fn what_another_branch_has_is_answered_as_if_it_were_not_there_and_stays_as_it_is() {
    let install = grown().await;
    let branches = branches(&install).await;
    let [john, larry, _] = branches.as_slice() else { panic!("three branches") };
    let (_, others) = lines_of(&install, larry).await;
    let line = others.iter().find(|line| line.state == contract::month::LineState::ToApprove).expect("a line to approve");
    let before =
        install.tenant.ledger.lines().find(&line.line.id, &domain::access::Visibility::Everything).expect("rows").expect("the line");
    let id = json!(line.line.id);

    let told = |status: StatusCode, answer: &Value, id: &Value| (status, answer.to_string().replace(&text(id), "it"));
    for (path, extra) in
        [("approve", json!(null)), ("hold", json!("ask")), ("dismiss", json!("ask")), ("release", json!(null)), ("retry", json!(null))]
    {
        let ask = |id: &Value| match path {
            "approve" => json!({ "lines": [{ "id": id, "preview": line.line.preview, "seen": [] }] }),
            "hold" | "dismiss" => json!({ "lines": [id], "reason": extra }),
            _ => json!({ "lines": [id] }),
        };
        let path = format!("/api/lines/{path}");
        let nobodys = json!("nobodys");
        let (status, theirs) = install.call_as(&john.token, "POST", &path, Some(&ask(&id))).await;
        assert_eq!(theirs["results"][0]["code"], "not_found", "{path}: {theirs}");
        let (nothing, none) = install.call_as(&john.token, "POST", &path, Some(&ask(&nobodys))).await;
        assert_eq!(told(status, &theirs, &id), told(nothing, &none, &nobodys), "{path}");
    }
    assert_eq!(install.tenant.ledger.lines().find(&line.line.id, &domain::access::Visibility::Everything).expect("rows"), Some(before));
    assert!(install.intents().is_empty());

    // Mappings, tickets and share links of a company of another branch.
    let foreign = member(&larry.companies[0]);
    let unknown = json!({ "connection": foreign["connection"], "company": "nobodys" });
    for (method, path, body) in [
        ("PUT", "/api/mappings/companies", |of: &Value| {
            let decision = json!({ "decision": "exclude", "reason": "mine" });
            json!({ "changes": [{ "connection": of["connection"], "company": of["company"], "decision": decision }] })
        }),
        ("PUT", "/api/companies/tickets", |of: &Value| json!({ "companies": [of], "tickets": false })),
    ] as [(&str, &str, fn(&Value) -> Value); 2]
    {
        let theirs = john.call(&install, method, path, Some(&body(&foreign))).await;
        assert_eq!(theirs.0, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {theirs:?}");
        assert_eq!(theirs, john.call(&install, method, path, Some(&body(&unknown))).await, "{path}");
    }
    let share = |of: &Value| json!({ "connection": of["connection"], "company": of["company"] });
    let theirs = install.call_as(&john.token, "POST", "/api/share-links", Some(&share(&foreign))).await;
    assert_eq!(theirs.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(theirs, install.call_as(&john.token, "POST", "/api/share-links", Some(&share(&unknown))).await);
    let table =
        |of: &Value| format!("connection,company,decision,reason\r\n{},{},exclude,mine\r\n", text(&of["connection"]), text(&of["company"]));
    let (_, imported) = john.call(&install, "POST", "/api/mappings/companies/import", Some(&json!({ "csv": table(&foreign) }))).await;
    let (_, none) = john.call(&install, "POST", "/api/mappings/companies/import", Some(&json!({ "csv": table(&unknown) }))).await;
    assert_eq!((imported["stored"].clone(), imported["changed"].clone()), (json!(false), json!(0)), "{imported}");
    assert_eq!(imported.to_string().replace(&text(&foreign["company"]), "it"), none.to_string().replace("nobodys", "it"));
    let slice = john.get(&install, &format!("/api/plan-slice?{}", larry.company())).await;
    let none = john.get(&install, &format!("/api/plan-slice?connection={}&company=nobodys", text(&foreign["connection"]))).await;
    assert_eq!(slice, none, "a slice of another's company is that of one nobody has");
    let mapped: Value = install.get("/api/companies?state=mapped&limit=500").await;
    assert!(
        larry
            .companies
            .iter()
            .all(|own| items(&mapped).iter().any(|company| company["company"] == own["company"] && company["tickets_off"].is_null()))
    );
}

#[tokio::test(flavor = "local")]
async fn every_route_with_an_id_knows_nothing_of_another_branchs_things() {
    let install = grown().await;
    let mut branches = branches(&install).await;
    let foreign = foreign_things(&install, &branches[1]).await;
    for branch in &mut branches {
        // Days have gone by.
        assert_eq!(install.sign_in(&mut branch.person).await.0, StatusCode::OK);
    }
    let [john, larry, _] = branches.as_slice() else { panic!("three branches") };
    for route in contract::ROUTES.iter().filter(|route| route.reach == contract::RouteScope::Scoped && route.path.contains("{id}")) {
        let id = foreign.iter().find(|(path, _)| *path == route.path).map(|(_, id)| id.clone());
        let id = id.unwrap_or_else(|| panic!("{} is not tried with another's id here", route.path));
        let method = format!("{:?}", route.method).to_uppercase();
        let body = match route.path.rsplit('/').next() {
            Some("resolve") => Some(json!({ "repair": "acknowledge" })),
            Some("ignore" | "reverse") => Some(json!({ "reason": "mine" })),
            _ => None,
        };
        // Each may only do what their role may.
        let by_program = route.action.roles().contains(&Role::Billing);
        for who in [john, larry] {
            let token = if by_program { Some(who.token.clone()) } else { None };
            let ask = async |id: &str| {
                let path = route.path.replace("{id}/{group}", id).replace("{id}", id);
                match &token {
                    Some(token) => install.call_as(token, &method, &path, body.as_ref()).await,
                    None => who.call(&install, &method, &path, body.as_ref()).await,
                }
            };
            let (status, answer) = ask(&id).await;
            if who.city == john.city {
                assert_eq!(status, StatusCode::NOT_FOUND, "{method} {}: {answer}", route.path);
                let nobodys = id.split_once('/').map_or_else(|| "nobodys".to_owned(), |(console, _)| format!("{console}/nobodys"));
                assert_eq!((status, answer), ask(&nobodys).await, "{method} {}", route.path);
            } else {
                assert_ne!(status, StatusCode::NOT_FOUND, "{method} {}: the one it belongs to finds it: {answer}", route.path);
            }
        }
    }
}

/// One thing of a branch for each route that takes an id.
async fn foreign_things(install: &TestInstall, branch: &Branch) -> Vec<(&'static str, String)> {
    let link = install.call_as(&branch.token, "POST", "/api/share-links", Some(&member(&branch.companies[0]))).await;
    assert_eq!(link.0, StatusCode::CREATED, "{link:?}");
    let (_, lines) = lines_of(install, branch).await;
    let line = lines.iter().find(|line| line.state == contract::month::LineState::ToApprove).expect("a line to approve").clone();
    install.approve(std::slice::from_ref(&line)).await;
    install.settle().await;
    let intent = install.intents().remove(0);
    assert_eq!(intent.state, IntentState::Done);
    let agreement = line.line.agreement.as_ref().expect("an agreement");
    let id = i32::try_from(agreement.id.0).expect("a small id");
    install.simulator.world().edit_agreement(id, |row| row.name = "Safety".to_owned()).expect("renamed");
    install.sync().await;
    let drift: Value = install.get("/api/drift?kind=agreement_renamed").await;
    let drift = text(&items(&drift)[0]["drift"]["id"]);
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    let company = text(&branch.companies[0]["company"]);
    let device = install.simulator.world().devices().into_iter().find(|device| device.company == company).expect("a device").uuid;
    install.enter(&rule, &[device]);
    install.passes(3).await;
    let ticket = install.ticket_intents(&[IntentState::Done]).remove(0).intent.id;
    let consoles = branch.read(install, "/api/groups").await;
    let console =
        consoles.as_array().expect("consoles").iter().find(|console| console["groups"].as_array().is_some_and(|all| !all.is_empty()));
    let console = console.expect("a console with the branch's groups");
    let group = format!("{}/{}", text(&console["connection"]), text(&console["groups"][0]["group"]));
    vec![
        ("/api/groups/{id}/{group}/devices", group),
        ("/api/share-links/{id}", text(&link.1["id"])),
        ("/api/lines/{id}", line.line.id.to_string()),
        ("/api/intents/{id}/retry", intent.id.to_string()),
        ("/api/intents/{id}/reverse", intent.id.to_string()),
        ("/api/drift/{id}/resolve", drift.clone()),
        ("/api/drift/{id}/ignore", drift),
        ("/api/ticket-intents/{id}/retry", ticket.to_string()),
    ]
}

#[tokio::test(flavor = "local")]
async fn the_passes_bill_everything_whoever_sees_it() {
    let install = grown().await;
    let before = install.lines("to_approve").await;
    let branches = branches(&install).await;
    let ids = |lines: &[LineView]| lines.iter().map(|line| (line.line.id.clone(), line.line.target)).collect::<Vec<_>>();
    install.sync().await;
    assert_eq!(ids(&install.lines("to_approve").await), ids(&before), "groups change nothing of what is billed");
    for branch in &branches {
        let (_, own) = lines_of(&install, branch).await;
        let ready: Vec<Value> = own
            .iter()
            .filter(|line| line.state == contract::month::LineState::ToApprove)
            .map(|line| json!({ "id": line.line.id, "preview": line.line.preview, "seen": [] }))
            .collect();
        let (status, answer) = install.call_as(&branch.token, "POST", "/api/lines/approve", Some(&json!({ "lines": ready }))).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert!(answer["results"].as_array().expect("results").iter().all(|result| result["accepted"] == true), "{answer}");
        install.settle().await;
        let changes = branch.read(&install, "/api/intents?limit=500").await;
        assert_eq!(changes["total"], json!(ready.len()), "{}", branch.city);
    }
    assert_eq!(install.written().len(), before.len(), "together they have approved all there was");
}
