//! Closing a month: nothing is written into it any more, its statement never changes, and what comes late is a correction.

use axum::body::Body;
use engine::IntentState;
use harness::TestInstall;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use simulator::Options;
use store::ports::{Sql, SqlValue};

const NOTHING: Option<&Value> = None;

/// An install on the evening of 29 November; its one customer has 27 seats ordered and 25 billed.
async fn november(companies: usize) -> TestInstall {
    since("2026-11-29T20:00:00Z", companies).await
}

/// An install that was set up at this moment.
async fn since(moment: &str, companies: usize) -> TestInstall {
    let now = Some(moment.parse().expect("a moment"));
    let install = TestInstall::still(Options { companies, now, ..Options::default() }, 400).await;
    install.connect().await;
    install.sync().await;
    install.map_everything_sure().await;
    install.settle().await;
    install
}

async fn approve_all(install: &TestInstall) {
    install.approve(&install.lines("to_approve").await).await;
    install.settle().await;
}

fn order(install: &TestInstall, seats: i64) {
    let world = install.simulator.world();
    let licence = world.licenses().into_iter().next().expect("a licence");
    world.set_seats(&licence.public_license_key, seats).expect("the licence");
}

async fn close(install: &TestInstall, period: &str) -> (StatusCode, Value) {
    install.post(&format!("/api/months/{period}/close"), &json!({})).await
}

async fn text(install: &TestInstall, path: &str) -> (http::HeaderMap, String) {
    let request = Request::get(path).header("authorization", format!("Bearer {}", install.token));
    let answer = install.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    let headers = answer.headers().clone();
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    (headers, String::from_utf8(bytes.to_vec()).expect("UTF-8"))
}

#[tokio::test(flavor = "current_thread")]
async fn a_month_is_not_closed_while_something_waits_and_says_what() {
    let install = november(1).await;
    let months: Value = install.get("/api/months").await;
    assert_eq!((&months[0]["period"], &months[0]["state"]), (&json!("2026-11"), &json!("open")));
    let (status, problem) = close(&install, "2026-11").await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("month_blocked")));
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("1 lines wait for approval")), "{problem}");
    let detail: Value = install.get("/api/months/2026-11").await;
    assert_eq!(detail["blockers"][0]["code"], "to_approve");

    install.approve(&install.lines("to_approve").await).await;
    let (status, problem) = close(&install, "2026-11").await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("on their way")), "{problem}");

    install.settle().await;
    let months: Value = install.get("/api/months").await;
    assert_eq!(months[0]["state"], "ready");
    let (status, closed) = close(&install, "2026-11").await;
    assert_eq!(status, StatusCode::OK, "{closed}");
    let (status, problem) = close(&install, "2026-11").await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("month_closed")));
    let history: Value = install.get("/api/history?event=month_closed").await;
    assert_eq!((&history["total"], &history["items"][0]["period"]), (&json!(1), &json!("2026-11")));
    let detail: Value = install.get("/api/months/2026-11").await;
    assert_eq!((&detail["state"], &detail["closed"]["hash"]), (&json!("closed"), &closed["hash"]));
    let change = &detail["items"][0]["changes"][0];
    assert_eq!((&change["from"], &change["to"], &change["approved_by"]), (&json!("25"), &json!("27"), &json!("tests")));
}

#[tokio::test(flavor = "current_thread")]
async fn unmapped_seats_keep_a_month_open() {
    let install = november(30).await;
    let (_, problem) = close(&install, "2026-11").await;
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("with seats are billed to nobody")), "{problem}");
    let detail: Value = install.get("/api/months/2026-11").await;
    let unmapped = detail["blockers"].as_array().expect("blockers").iter().find(|blocker| blocker["code"] == "unmapped").expect("unmapped");
    assert!(unmapped["companies"].as_array().is_some_and(|companies| !companies.is_empty()), "{unmapped}");
    let (status, _) = install.post("/api/months/2026-11/close", &json!({ "accept": ["unmapped"], "reason": "later" })).await;
    assert_eq!(status, StatusCode::CONFLICT, "what can be mended is not accepted");
}

#[tokio::test(flavor = "current_thread")]
async fn nothing_is_written_into_a_closed_month_and_what_changes_is_a_correction_until_the_first_of_the_next() {
    let install = november(1).await;
    approve_all(&install).await;
    let (status, closed) = close(&install, "2026-11").await;
    assert_eq!(status, StatusCode::OK, "{closed}");
    let (_, sealed) = text(&install, "/api/months/2026-11/statement.csv").await;
    let written = install.written().len();

    order(&install, 31);
    install.pass_to("2026-11-30T10:00:00Z");
    install.sync().await;
    let line = install.lines("to_approve").await.remove(0);
    assert_eq!(
        line.corrections.iter().map(|found| (found.was.clone(), found.is.clone())).collect::<Vec<_>>(),
        [(Some("27".to_owned()), Some("31".to_owned()))]
    );
    let answer = install.approve(std::slice::from_ref(&line)).await;
    assert_eq!(answer["results"][0]["code"], "month_closed", "{answer}");
    assert!(answer["results"][0]["words"].as_str().is_some_and(|words| words.contains("2026-12-01")), "{answer}");
    install.sync().await;
    let detail: Value = install.get("/api/months/2026-11").await;
    assert_eq!(detail["corrections"].as_array().map(Vec::len), Some(1), "found once: {}", detail["corrections"]);
    assert_eq!(detail["items"][0]["numbers"]["ordered"], 27, "the statement never changes");
    let (_, later) = text(&install, "/api/months/2026-11/statement.csv").await;
    assert!(later.contains("ordered seats 27, now 31") && !sealed.contains("now 31"), "{later}");
    assert!(later.contains(closed["hash"].as_str().expect("a hash")));
    let (_, page) = text(&install, "/api/months/2026-11/statement").await;
    assert!(page.contains("ordered seats 27, now 31"), "{page}");

    install.pass_to("2026-12-01T06:00:00Z");
    install.cron().await;
    assert_eq!(install.written().len(), written, "nothing was written into the closed month");
    let line = install.lines("to_approve").await.remove(0);
    assert_eq!(line.line.period.to_string(), "2026-12");
    assert_eq!(line.corrections.len(), 1, "the next month's line carries it");
    approve_all(&install).await;
    assert_eq!(install.written().len(), written + 1);
    let december: Value = install.get("/api/months/2026-12").await;
    assert_eq!(december["items"][0]["corrections"].as_array().map(Vec::len), Some(1), "{}", december["items"][0]);
    let detail: Value = install.get("/api/months/2026-11").await;
    assert_eq!(detail["corrections"].as_array().map(Vec::len), Some(1), "December's changes are December's");
}

#[tokio::test(flavor = "current_thread")]
async fn a_mapping_that_commits_by_itself_writes_nothing_into_a_closed_month() {
    let install = november(1).await;
    let page: Value = install.get("/api/companies?state=mapped").await;
    let company = &page["items"][0];
    let mapping = &company["mapping"];
    let decision = json!({ "decision": "map", "psa": mapping["psa"], "agreement": mapping["agreement"], "automatic": true });
    let change = json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": decision }] });
    install.call("PUT", "/api/mappings/companies", Some(&change)).await;
    install.settle().await;
    approve_all(&install).await;
    assert_eq!(close(&install, "2026-11").await.0, StatusCode::OK);
    let written = install.written().len();
    order(&install, 29);
    install.sync().await;
    install.clock.advance(600);
    install.cron().await;
    assert_eq!(install.written().len(), written);
    install.pass_to("2026-12-01T06:00:00Z");
    install.cron().await;
    assert_eq!(install.written().len(), written + 1, "it waits for the first of the next month");
}

#[tokio::test(flavor = "current_thread")]
async fn what_was_approved_and_not_begun_is_withdrawn_when_its_month_is_closed() {
    let install = november(1).await;
    install.approve(&install.lines("to_approve").await).await;
    // By another way than the API, which would have refused.
    let closed = store::ledger::Closed { at: install.tenant.now(), by: "Ann".to_owned(), hash: String::new() };
    assert!(install.tenant.ledger.months().close("2026-11".parse().expect("a month"), &closed).expect("closed"));
    install.settle().await;
    assert!(install.written().is_empty());
    let intents = install.intents();
    assert_eq!(intents[0].state, IntentState::Failed);
    let words = intents[0].outcome.as_ref().expect("an outcome").words.clone();
    assert!(words.contains("closed") && words.contains("Nothing was written"), "{words}");
    let (status, problem) = install.call("POST", &format!("/api/intents/{}/retry", intents[0].id), NOTHING).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("month_closed")));
}

#[tokio::test(flavor = "current_thread")]
async fn november_is_closed_in_december_from_its_own_numbers() {
    let install = november(1).await;
    approve_all(&install).await;
    install.pass_to("2026-11-30T23:00:00Z");
    install.cron().await;
    install.pass_to("2026-12-02T09:00:00Z");
    order(&install, 40);
    install.sync().await;
    let months: Value = install.get("/api/months").await;
    let states: Vec<(&str, &str)> = months
        .as_array()
        .expect("months")
        .iter()
        .map(|month| (month["period"].as_str().expect("text"), month["state"].as_str().expect("text")))
        .collect();
    assert_eq!(states, [("2026-12", "open"), ("2026-11", "ready")]);
    let detail: Value = install.get("/api/months/2026-11").await;
    assert_eq!(detail["items"][0]["numbers"]["ordered"], 27, "{}", detail["items"][0]);
    assert_eq!(close(&install, "2026-11").await.0, StatusCode::OK);
    let detail: Value = install.get("/api/months/2026-11").await;
    assert_eq!((&detail["items"][0]["numbers"]["ordered"], &detail["corrections"]), (&json!(27), &json!([])));
    let december: Value = install.get("/api/months/2026-12").await;
    assert_eq!(december["items"][0]["numbers"]["ordered"], 40);
}

/// The month has this many lines: copies of the one there is, under other names.
fn multiply(install: &TestInstall, lines: u32) {
    let copy = "WITH RECURSIVE copies (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM copies WHERE number < ?)
        INSERT INTO lines (id, position, preview, state, search, body, hash)
        SELECT printf('%s-%d', id, number), position + number, preview, 'done', search,
            json_set(body, '$.id', printf('%s-%d', id, number), '$.company', printf('Customer %05d', number)), hash
        FROM lines, copies WHERE position = (SELECT max(position) FROM lines)";
    install.sql.run(copy, &[SqlValue::Integer((lines - 1).into())]).expect("copied");
}

fn number(install: &TestInstall, sql: &str) -> i64 {
    match install.sql.run(sql, &[]).expect("a number").first().and_then(|row| row.first()) {
        Some(SqlValue::Integer(number)) => *number,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_month_of_thirty_thousand_lines_is_closed_in_parts_that_fit_and_shown_page_by_page() {
    let install = november(1).await;
    approve_all(&install).await;
    multiply(&install, 30_000);
    let (status, closed) = close(&install, "2026-11").await;
    assert_eq!(status, StatusCode::OK, "{closed}");
    assert_eq!(number(&install, "SELECT count(*) FROM month_parts WHERE kind = 'closed'"), 300);
    assert!(number(&install, "SELECT max(length(body)) FROM month_parts") < 1_000_000, "a row of SQLite holds 2 MB");
    assert_eq!(number(&install, "SELECT count(*) FROM month_parts WHERE kind != 'closed'"), 0);
    let detail: Value = install.get("/api/months/2026-11?limit=500&after=29500").await;
    assert_eq!((&detail["total"], detail["items"].as_array().map(Vec::len), &detail["next"]), (&json!(30_000), Some(500), &Value::Null));
    assert_eq!((&detail["totals"]["rows"], &detail["totals"]["ordered"]), (&json!(30_000), &json!(27 * 30_000)));
    let found: Value = install.get("/api/months/2026-11?q=customer+17777").await;
    assert_eq!(found["total"], 1, "{found}");
    let (_, table) = text(&install, "/api/months/2026-11/statement.csv").await;
    assert_eq!(table.lines().count(), 30_001);
    let (_, page) = text(&install, "/api/months/2026-11/statement").await;
    assert_eq!(page.matches("<section>").count(), 30_001, "a section for each company, and one for all");
}

#[tokio::test(flavor = "current_thread")]
async fn a_statement_cannot_be_changed_or_deleted_where_it_is_stored() {
    let install = november(1).await;
    approve_all(&install).await;
    assert_eq!(close(&install, "2026-11").await.0, StatusCode::OK);
    for statement in
        ["UPDATE month_parts SET body = '[]'", "DELETE FROM month_parts", "UPDATE month_sheets SET head = '{}'", "DELETE FROM month_sheets"]
    {
        let refused = install.sql.run(statement, &[]).expect_err("the triggers refuse");
        assert!(refused.to_string().contains("a statement is not"), "{statement}: {refused}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_count_of_november_that_arrives_in_december_is_taken_into_the_month_until_it_is_closed() {
    let install = november(1).await;
    approve_all(&install).await;
    order(&install, 33);
    install.pass_to("2026-11-30T23:59:50Z");
    let (status, _) = install.post("/api/passes", &json!({ "kind": "sync" })).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    // The pass reads its account in November and everything else in December.
    let clock = std::rc::Rc::clone(&install.clock);
    install.wire.plan(move |sent| {
        if sent.kind().contains("License/Detail") {
            clock.advance(30);
        }
        harness::wire::Fate::Answered
    });
    install.settle().await;
    install.wire.mend();
    assert_eq!(domain::billing::Period::of(install.tenant.now()).to_string(), "2026-12");
    let detail: Value = install.get("/api/months/2026-11").await;
    assert_eq!(detail["items"][0]["numbers"]["ordered"], 33, "{}", detail["items"][0]);
}

#[tokio::test(flavor = "current_thread")]
async fn a_month_whose_numbers_nothing_can_mend_is_closed_with_a_reason() {
    // Nothing runs for the last days of the month.
    let install = since("2026-11-20T20:00:00Z", 1).await;
    approve_all(&install).await;
    install.pass_to("2026-12-04T09:00:00Z");
    install.sync().await;
    let detail: Value = install.get("/api/months/2026-11").await;
    let blockers = detail["blockers"].as_array().expect("blockers");
    assert_eq!((blockers.len(), &blockers[0]["code"], &blockers[0]["acceptable"]), (1, &json!("data_old"), &json!(true)));
    assert_eq!(close(&install, "2026-11").await.0, StatusCode::CONFLICT);
    for body in [json!({ "accept": ["data_old"] }), json!({ "accept": ["data_old"], "reason": " " })] {
        let (status, problem) = install.post("/api/months/2026-11/close", &body).await;
        assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("reason")));
    }
    let body = json!({ "accept": ["data_old"], "reason": "The server was down & out." });
    let (status, closed) = install.post("/api/months/2026-11/close", &body).await;
    assert_eq!(status, StatusCode::OK, "{closed}");
    let detail: Value = install.get("/api/months/2026-11").await;
    assert_eq!((&detail["accepted"], &detail["reason"]), (&json!(["data_old"]), &body["reason"]));
    let (_, page) = text(&install, "/api/months/2026-11/statement").await;
    assert!(page.contains("The server was down &amp; out."), "{page}");
}

#[tokio::test(flavor = "current_thread")]
async fn the_statement_is_one_page_in_which_nothing_runs_and_no_name_is_markup() {
    let install = november(1).await;
    let world = install.simulator.world();
    let company = world.cw_companies().into_iter().next().expect("a company");
    world.rename_cw_company(company.id, "<script>alert(1)</script> & \"Sons\"").expect("the company");
    install.clock.advance(2 * 3600);
    install.sync().await;
    approve_all(&install).await;
    let (headers, open) = text(&install, "/api/months/2026-11/statement").await;
    assert!(open.contains("This month is not closed"), "{open}");
    let policy = headers["content-security-policy"].to_str().expect("text");
    assert!(policy.contains("default-src 'none'") && policy.contains("style-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert!(headers["content-type"].to_str().expect("text").starts_with("text/html"));
    let (status, closed) = close(&install, "2026-11").await;
    assert_eq!(status, StatusCode::OK, "{closed}");
    let (_, page) = text(&install, "/api/months/2026-11/statement").await;
    assert!(page.contains("Closed by tests on 2026-11-") && page.contains(closed["hash"].as_str().expect("a hash")), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;Sons&quot;"), "{page}");
    for never in ["<script", " style=", "<style", "javascript:", "http://", "https://"] {
        assert!(!page.contains(never), "{never}: {page}");
    }
    assert!(page.contains("25 to 27, approved by tests"), "{page}");
    let name = "%3Cscript%3Ealert%281%29%3C%2Fscript%3E%20%26%20%22Sons%22";
    let (_, own) = text(&install, &format!("/api/months/2026-11/statement?company={name}")).await;
    assert!(own.contains("&lt;script&gt;"));
    let (status, _) = install.call("GET", "/api/months/2026-11/statement?company=Nobody", NOTHING).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    for path in ["/api/months/2026-10", "/api/months/2027-01", "/api/months/nonsense"] {
        let (status, _) = install.call("GET", path, NOTHING).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
}
