//! What a customer is shown by a share link: the company's own numbers, which are those of the month, and nothing else.

use crate::visits;

use contract::month::LineView;
use contract::share::SharedCompany;
use contract::{Page, companies::CompanyView};
use domain::billing::StatementLine;
use harness::TestInstall;
use http::StatusCode;
use serde_json::{Value, json};
use simulator::Options;
use store::ports::Sql;

use visits::{DAY, company, make, see, shown, statement, visit, wanted};

/// Every name of a field in an answer, and every text.
fn walk(value: &Value, names: &mut Vec<String>, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| walk(item, names, texts)),
        Value::Object(fields) => {
            names.extend(fields.keys().cloned());
            fields.values().for_each(|field| walk(field, names, texts));
        }
        _ => {}
    }
}

#[tokio::test(flavor = "local")]
async fn what_a_link_shows_is_its_companys_own_and_nothing_internal() {
    let now = "2026-11-10T12:00:00Z".parse().ok();
    let install = TestInstall::still(Options { companies: 12, now, ..Options::default() }, 400).await;
    install.connect().await;
    install.connect_groups(&install.eset_connect()).await;
    install.sync().await;
    install.map_everything_sure().await;
    install.settle().await;
    let acme = company(&install, 0).await;
    let mut body = wanted(&acme);
    body["devices"] = json!(true);
    let cookie = visit(&install, &make(&install, &body).await).await;
    let seen = shown(&install, &cookie).await;
    assert!(!seen.products.is_empty() && !seen.licences.is_empty() && !seen.groups.is_empty() && !seen.trend.is_empty(), "{seen:?}");
    let (mut names, mut texts) = (Vec::new(), Vec::new());
    for path in ["/api/share/company", "/api/share/statement"] {
        walk(&see(&install, &cookie, path).await.1, &mut names, &mut texts);
    }
    let text = texts.join("\n").to_lowercase();
    let all: Page<CompanyView> = install.get("/api/companies?state=all&limit=500").await;
    let others = all.items.iter().filter(|company| company.company != acme.company);
    let mut canaries: Vec<String> = others.flat_map(|company| [company.name.clone(), company.company.to_string()]).collect();
    assert!(canaries.len() >= 20, "there are others");
    let own: Vec<String> = seen.licences.iter().map(|licence| licence.licence.to_string()).collect();
    let licences = install.simulator.world().licenses();
    canaries.extend(licences.iter().map(|licence| licence.public_license_key.clone()).filter(|key| !own.contains(key)));
    canaries.extend([acme.company.to_string(), acme.connection.to_string()]);
    let lines: Vec<LineView> = install.lines("all").await;
    for line in &lines {
        canaries.extend([line.line.id.to_string(), line.line.preview.to_string()]);
        canaries.extend(line.line.agreement.iter().map(|agreement| agreement.name.clone()));
    }
    for canary in canaries {
        assert!(!text.contains(&canary.to_lowercase()), "{canary} is in {text}");
    }
    for name in names {
        let internal =
            ["id", "connection", "company", "agreement", "price", "cost", "margin", "amount", "reason", "guard", "note", "approved"];
        assert!(!internal.iter().any(|word| name == *word || (word.len() > 2 && name.contains(word))), "{name}");
    }
    body["devices"] = json!(false);
    let cookie = visit(&install, &make(&install, &body).await).await;
    let plain = shown(&install, &cookie).await;
    assert_eq!(plain, SharedCompany { groups: Vec::new(), ..seen }, "without devices there are no groups, and the rest is the same");
}

#[tokio::test(flavor = "local")]
async fn devices_of_a_group_called_much_like_the_company_are_not_shown() {
    let now = "2026-11-10T12:00:00Z".parse().ok();
    let install = TestInstall::still(Options { companies: 12, now, ..Options::default() }, 400).await;
    install.connect().await;
    install.connect_groups(&install.onprem()).await;
    install.sync().await;
    install.map_everything_sure().await;
    let acme = company(&install, 0).await;
    let mut body = wanted(&acme);
    body["devices"] = json!(true);
    let cookie = visit(&install, &make(&install, &body).await).await;
    let groups = shown(&install, &cookie).await.groups;
    assert!(!groups.is_empty());
    let alike = format!("{} AG", acme.name);
    let (same, other) = (format!(" {} ", acme.name.to_uppercase()), acme.name.as_str());
    for (name, others, own) in [(alike.as_str(), &[][..], false), (&same, &[], true), (&same, &[other], false)] {
        install.company_group_is(acme.company.as_str(), name, others).await;
        let seen = shown(&install, &cookie).await.groups;
        assert_eq!(seen.len(), if own { groups.len() } else { 0 }, "{name} beside {others:?}: {seen:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn the_numbers_are_those_of_the_month() {
    let install = TestInstall::ready(12).await;
    let lines: Vec<LineView> = install.lines("all").await;
    let mut compared = 0;
    for at in 0..3 {
        let acme = company(&install, at).await;
        let cookie = visit(&install, &make(&install, &wanted(&acme)).await).await;
        let (seen, month) = (shown(&install, &cookie).await, statement(&install, &cookie, "").await);
        let own = |line: &&LineView| line.line.members.iter().any(|member| member.company == acme.company);
        for view in lines.iter().filter(own).filter(|view| view.line.agreement.is_some() && view.line.product.eset.len() == 1) {
            let line = &view.line;
            let product = seen.products.iter().find(|product| product.product == line.product.eset[0]).expect("the product");
            assert_eq!((product.ordered, product.in_use), (line.ordered, line.activated), "{}", acme.name);
            assert_eq!(product.billed, line.billed.map(|billed| billed.billed_after(line.included)), "{}", acme.name);
            let stated = month.lines.iter().find(|stated| stated.product == line.product.name).expect("a line");
            assert_eq!((stated.counted, stated.billed), (line.target, product.billed), "{}", acme.name);
            assert!(stated.how.as_deref().is_some_and(|how| how.ends_with("ordered")), "{stated:?}");
            let now = seen.trend.iter().find(|month| month.product == product.product).expect("a month");
            assert_eq!((now.ordered, now.in_use), (product.ordered, product.in_use));
            compared += 1;
        }
    }
    assert!(compared >= 3, "{compared} lines were compared");
}

#[tokio::test(flavor = "current_thread")]
async fn of_a_line_with_other_companies_only_the_own_part_is_shown() {
    let install = TestInstall::ready(12).await;
    let acme = company(&install, 0).await;
    let target = serde_json::to_value(&acme.mapping).expect("json");
    let page: Page<CompanyView> = install.get("/api/companies?state=all").await;
    let others: Vec<CompanyView> = page.items.into_iter().filter(|other| other.ordered > 0 && other.company != acme.company).collect();
    let changes = others.iter().map(|other| {
        let decision = json!({ "decision": "map", "psa": target["psa"], "agreement": target["agreement"] });
        json!({ "connection": other.connection, "company": other.company, "decision": decision })
    });
    let (status, answer) = install.call("PUT", "/api/mappings/companies", Some(&json!({ "changes": changes.collect::<Vec<_>>() }))).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    install.settle().await;
    let lines: Vec<LineView> = install.lines("all").await;
    let shared = |view: &&LineView| view.line.counts.len() > 1 && view.line.counts.iter().any(|count| count.company == acme.company);
    let both = lines.iter().find(shared).expect("a line of several").line.clone();
    let cookie = visit(&install, &make(&install, &wanted(&acme)).await).await;
    let month = statement(&install, &cookie, "").await;
    let stated = month.lines.iter().find(|stated| stated.product == both.product.name).expect("a line");
    let own = both.counts.iter().find(|count| count.company == acme.company).expect("its count");
    assert_eq!((stated.together, stated.billed, stated.counted), (true, None, Some(own.quantity)));
    assert_eq!(stated.how.as_ref(), Some(&own.sentence));
    let (_, answer) = see(&install, &cookie, "/api/share/company").await;
    for other in &others {
        assert!(!format!("{month:?}{answer}").contains(&other.name), "{}", other.name);
    }
    let seen = shown(&install, &cookie).await;
    assert!(seen.products.iter().any(|product| product.ordered.is_some() && product.billed.is_none()), "{seen:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn months_that_are_over_are_in_the_trend_and_a_closed_one_has_its_statement() {
    let now = Some("2026-11-29T20:00:00Z".parse().expect("a moment"));
    let install = TestInstall::still(Options { companies: 1, now, ..Options::default() }, 400).await;
    install.connect().await;
    install.sync().await;
    install.map_everything_sure().await;
    install.settle().await;
    install.approve(&install.lines("to_approve").await).await;
    install.settle().await;
    let acme = company(&install, 0).await;
    install.clock.advance(3 * DAY);
    let world = install.simulator.world();
    world.set_now(install.tenant.now());
    let licence = world.licenses().into_iter().next().expect("a licence");
    world.set_seats(&licence.public_license_key, 31).expect("the licence");
    install.sync().await;
    let cookie = visit(&install, &make(&install, &wanted(&acme)).await).await;
    let seen = shown(&install, &cookie).await;
    let trend: Vec<_> = seen.trend.iter().map(|month| (month.month.to_string(), month.ordered)).collect();
    assert_eq!(trend, [("2026-11".to_owned(), Some(27)), ("2026-12".to_owned(), Some(31))]);
    assert_eq!(see(&install, &cookie, "/api/share/statement?month=2026-11").await.0, StatusCode::NOT_FOUND, "not closed yet");
    let (status, answer) = install.post("/api/months/2026-11/close", &json!({})).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let months: Vec<_> = shown(&install, &cookie).await.months.iter().map(ToString::to_string).collect();
    assert_eq!(months, ["2026-12", "2026-11"]);
    let closed = statement(&install, &cookie, "?month=2026-11").await;
    assert!(closed.closed_at.is_some() && closed.lines.len() == 1, "{closed:?}");
    assert_eq!(closed.lines[0].billed.map(|billed| billed.to_string()).as_deref(), Some("27"));
    assert_eq!(statement(&install, &cookie, "").await.closed_at, None);
    assert_eq!(see(&install, &cookie, "/api/share/statement?month=2026-10").await.0, StatusCode::NOT_FOUND);
}

/// Two companies that are billed on one agreement in January, the month closed, and the second billed elsewhere in February.
async fn parted() -> (TestInstall, CompanyView, CompanyView) {
    let now = Some("2026-01-29T20:00:00Z".parse().expect("a moment"));
    let install = TestInstall::still(Options { companies: 12, now, ..Options::default() }, 400).await;
    install.connect().await;
    install.sync().await;
    install.map_everything_sure().await;
    let (oslo, london) = (company(&install, 0).await, company(&install, 1).await);
    let json = |company: &CompanyView| serde_json::to_value(company).expect("json");
    install.bill_on(&json(&london), &json(&oslo)["mapping"]).await;
    install.close_month().await;
    install.pass_to("2026-02-03T09:00:00Z");
    install.sync().await;
    install.bill_on(&json(&london), &json(&london)["mapping"]).await;
    (install, oslo, london)
}

/// The lines of January's statement.
async fn stated(install: &TestInstall) -> Vec<StatementLine> {
    let month: Value = install.get("/api/months/2026-01?limit=500").await;
    assert_eq!((&month["state"], &month["next"]), (&json!("closed"), &Value::Null));
    serde_json::from_value(month["items"].clone()).expect("lines")
}

#[tokio::test(flavor = "local")]
async fn a_closed_month_is_told_by_who_was_on_its_lines_then() {
    let (install, oslo, london) = parted().await;
    let kept = stated(&install).await;
    let on = |company: &CompanyView| {
        let is_on = |line: &&StatementLine| line.members.iter().any(|member| member.company == company.company);
        kept.iter().filter(is_on).filter(|line| line.members.len() == 2).cloned().collect::<Vec<_>>()
    };
    let both: Vec<StatementLine> = on(&oslo);
    assert!(both.iter().any(|line| line.numbers.billed.is_some() && line.numbers.ordered.is_some_and(|seats| seats > 0)), "{both:?}");
    for (who, of) in [("who stayed", &oslo), ("who left", &london)] {
        let cookie = visit(&install, &make(&install, &wanted(of)).await).await;
        let running = statement(&install, &cookie, "").await;
        assert!(running.lines.iter().all(|line| !line.together), "{who} is alone now: {running:?}");
        let closed = statement(&install, &cookie, "?month=2026-01").await;
        assert!(!closed.lines.is_empty(), "{who} was billed in January");
        for line in &closed.lines {
            assert_eq!((line.together, line.billed, line.counted, &line.how), (true, None, None, &None), "{who}: {line:?}");
        }
    }
}

#[tokio::test(flavor = "local")]
async fn a_closed_month_follows_the_company_and_not_the_agreement() {
    let now = Some("2026-01-29T20:00:00Z".parse().expect("a moment"));
    let install = TestInstall::still(Options { companies: 12, now, ..Options::default() }, 400).await;
    install.connect().await;
    install.sync().await;
    install.map_everything_sure().await;
    install.close_month().await;
    let (oslo, london) = (company(&install, 0).await, company(&install, 1).await);
    let cookies =
        [visit(&install, &make(&install, &wanted(&oslo)).await).await, visit(&install, &make(&install, &wanted(&london)).await).await];
    let then = [statement(&install, &cookies[0], "?month=2026-01").await, statement(&install, &cookies[1], "?month=2026-01").await];
    assert!(then.iter().all(|month| month.lines.iter().any(|line| line.billed.is_some() && !line.together)), "{then:?}");
    assert_ne!(then[0].lines, then[1].lines, "they can be told apart");
    // They change places.
    let json = |company: &CompanyView| serde_json::to_value(company).expect("json");
    install.bill_on(&json(&oslo), &json(&london)["mapping"]).await;
    install.bill_on(&json(&london), &json(&oslo)["mapping"]).await;
    for (cookie, then) in cookies.iter().zip(then) {
        assert_eq!(statement(&install, cookie, "?month=2026-01").await, then, "what is closed is theirs as it was");
    }
}

#[tokio::test(flavor = "local")]
async fn a_statement_that_does_not_say_whose_its_lines_were_tells_no_number() {
    let (install, oslo, london) = parted().await;
    // As it was written before a line's companies were kept.
    install.sql.run("DROP TRIGGER statements_are_not_changed", &[]).expect("dropped");
    let without = "UPDATE month_parts SET body = (
        SELECT json_group_array(json_remove(json(value), '$.members')) FROM json_each(month_parts.body))";
    install.sql.run(without, &[]).expect("changed");
    assert!(stated(&install).await.iter().all(|line| line.members.is_empty()));
    let mut told = 0;
    for of in [&oslo, &london] {
        let cookie = visit(&install, &make(&install, &wanted(of)).await).await;
        let closed = statement(&install, &cookie, "?month=2026-01").await;
        told += closed.lines.len();
        assert!(closed.lines.iter().all(|line| line.together && line.billed.is_none() && line.counted.is_none() && line.how.is_none()));
    }
    assert!(told > 0, "that there was a line is told all the same");
}
