//! What people and API tokens see, as it is stored: `*` or the ids of access groups. What nobody wrote down sees nothing.

use std::rc::Rc;

use contract::month::Segment;
use domain::access::{Role, Visibility};
use domain::drift::DriftState;
use harness::TestInstall;
use harness::stores::Memory;
use http::StatusCode;
use serde_json::{Value, json};
use store::ledger::{AccessKind, Ledger, LineFilter};
use store::ports::Sql;

const NOTHING: Option<&Value> = None;

/// The tables of the last schema in which an empty scope stood for everything, one statement on each line.
const SCHEMA_19: &str = include_str!("../stores/schema_19.sql");

/// People and API tokens as they were stored then: an administrator, a technician who sees everything, a viewer of one group, one of
/// none, a token that sees everything, a token of one group and a session of the technician.
const ROWS_19: [&str; 2] = [
    "INSERT INTO people (id, name, role, created_by, created_at, scope) VALUES
        ('p1', 'Ann', 'admin', 'setup', '2026-11-01T08:00:00.000Z', ''), ('p2', 'Ben', 'technician', 'Ann', '2026-11-01T08:00:00.000Z', ''),
        ('p3', 'Cem', 'viewer', 'Ann', '2026-11-01T08:00:00.000Z', ',london,'), ('p4', 'Dee', 'viewer', 'Ann', '2026-11-01T08:00:00.000Z', ',')",
    "INSERT INTO access (id, kind, name, role, hash, created_by, created_at, expires_at, used_at, person, scope) VALUES
        ('a1', 'token', 'reports', 'viewer', 'h1', 'Ann', '2026-11-01T08:00:00.000Z', NULL, NULL, NULL, ''),
        ('a2', 'token', 'london', 'viewer', 'h2', 'Ann', '2026-11-02T08:00:00.000Z', NULL, NULL, NULL, ',london,oslo,'),
        ('a3', 'session', 'Ben', 'technician', 'h3', 'Ben', '2026-11-03T08:00:00.000Z', '2026-11-03T20:00:00.000Z',
            '2026-11-03T08:00:00.000Z', 'p2', '')",
];

fn groups(ids: &[&str]) -> Visibility {
    Visibility::Groups { groups: ids.iter().map(|id| (*id).into()).collect() }
}

#[test]
fn what_was_stored_as_nothing_for_everything_is_everything_still() {
    let sql = Rc::new(Memory::new());
    for statement in SCHEMA_19.lines().chain(ROWS_19) {
        sql.run(statement, &[]).expect("SQL of schema 19");
    }
    let now = "2026-11-03T08:10:00Z".parse().expect("a moment");
    let open = || Ledger::open(Rc::<Memory>::clone(&sql)).expect("the ledger, brought up to date");
    for ledger in [open(), open()] {
        let people: Vec<Visibility> = ledger.people().all(now).expect("people").into_iter().map(|person| person.scope).collect();
        assert_eq!(people, [Visibility::Everything, Visibility::Everything, groups(&["london"]), Visibility::nothing()]);
        let tokens: Vec<Visibility> = ledger.access().tokens().expect("tokens").into_iter().map(|token| token.scope).collect();
        assert_eq!(tokens, [groups(&["london", "oslo"]), Visibility::Everything], "latest first");
        for (kind, hash, scope) in [
            (AccessKind::Token, "h1", Visibility::Everything),
            (AccessKind::Token, "h2", groups(&["london", "oslo"])),
            (AccessKind::Session, "h3", Visibility::Everything),
        ] {
            assert_eq!(ledger.access().find(kind, hash, now).expect("access").expect("an open one").scope, scope, "{hash}");
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn an_empty_scope_sees_nothing() {
    let install = TestInstall::ready(4).await;
    let person = install.person_who_sees("Larry", Role::Billing, &json!({ "sees": "everything" })).await;
    let admin = install.admin_anew().await;
    let token = install.token_that_sees(&admin, Role::Billing, &json!({ "sees": "everything" })).await;
    let (_, seen) = install.call_by(&person, "GET", "/api/month?segment=all", NOTHING).await;
    assert!(seen["total"].as_u64().is_some_and(|lines| lines > 0), "{seen}");

    for statement in
        ["UPDATE people SET scope = '' WHERE name = 'Larry'", "UPDATE access SET scope = '' WHERE kind = 'token' AND name != 'tests'"]
    {
        install.sql.run(statement, &[]).expect("an update");
    }
    for path in ["/api/month?segment=all", "/api/companies?state=all", "/api/intents", "/api/drift"] {
        for (status, page) in [install.call_by(&person, "GET", path, NOTHING).await, install.call_as(&token, "GET", path, NOTHING).await] {
            assert_eq!((status, &page["total"]), (StatusCode::OK, &json!(0)), "{path}: {page}");
        }
    }
    assert_eq!(install.call_by(&person, "GET", "/api/history", NOTHING).await.0, StatusCode::FORBIDDEN, "the whole install is not seen");

    let (ledger, scope) = (&install.tenant.ledger, Visibility::nothing());
    let filter = LineFilter { scope: &scope, segment: Segment::All, text: "", after: None, skip: 0, limit: 10 };
    assert_eq!(ledger.lines().list(&filter).expect("lines").1, 0);
    assert_eq!(ledger.drift().count(DriftState::Open, &scope).expect("drift"), 0);
    assert_eq!(ledger.access_groups().companies_in(&scope).expect("companies"), Some([].into()));
}
