//! A tickets pass without a change: it asks for what it must, writes next to nothing, and overlooks no change that follows.

use std::collections::BTreeMap;

use contract::passes::{PassKind, PassState};
use domain::tickets::TicketRule;
use harness::TestInstall;
use http::StatusCode;
use serde_json::{Value, json};
use simulator::{FaultKind, Options, Vendor};
use store::ports::{Sql, SqlValue};

const REFUSED: FaultKind = FaultKind::Status { code: 500, body: None, retry_after: None };

async fn ready() -> (TestInstall, TicketRule) {
    let install = TestInstall::with_tickets(12).await;
    let rule = install.rule("Watched").await;
    install.store_rule(&rule);
    (install, rule)
}

/// Another rule for the same group.
fn second(install: &TestInstall, rule: &TicketRule) -> TicketRule {
    let second = TicketRule { id: "rule-second".into(), name: "Second".to_owned(), ..rule.clone() };
    install.store_rule(&second);
    second
}

/// Has SQLite count the rows that are written from now on, by table.
fn count_from_now(install: &TestInstall) {
    let run = |statement: &str| install.sql.run(statement, &[]).expect("SQL");
    run("CREATE TEMP TABLE counted (name TEXT PRIMARY KEY, rows INTEGER NOT NULL)");
    for row in run("SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'") {
        let [SqlValue::Text(table)] = row.as_slice() else { continue };
        for event in ["INSERT", "UPDATE", "DELETE"] {
            run(&format!(
                "CREATE TEMP TRIGGER count_{table}_{event} AFTER {event} ON main.{table} BEGIN
                     INSERT INTO counted VALUES ('{table}', 1) ON CONFLICT (name) DO UPDATE SET rows = rows + 1; END"
            ));
        }
    }
}

fn counted(install: &TestInstall) -> BTreeMap<String, i64> {
    let rows = install.sql.run("SELECT name, rows FROM counted", &[]).expect("SQL");
    let count = |row: Vec<SqlValue>| match row.as_slice() {
        [SqlValue::Text(table), SqlValue::Integer(rows)] => (table.clone(), *rows),
        other => panic!("{other:?}"),
    };
    rows.into_iter().map(count).collect()
}

async fn looked_at(install: &TestInstall, rule: &TicketRule) -> Value {
    install.get::<Value>(&format!("/api/ticket-rules/{}", rule.id)).await["polled_at"].clone()
}

#[tokio::test(flavor = "local")]
async fn a_group_that_two_rules_watch_is_read_once_and_a_pass_without_a_change_writes_no_rule_and_no_case() {
    let (install, rule) = ready().await;
    second(&install, &rule);
    install.enter(&rule, &install.devices(3));
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), 6);
    install.wire.clear();
    count_from_now(&install);
    install.passes(1).await;
    let mut kinds = install.wire.kinds();
    kinds.retain(|kind| kind.contains("device_groups/") || kind.contains("service/"));
    assert_eq!(kinds.len(), 2, "the members, and the list of open tickets: {kinds:?}");
    let counted = counted(&install);
    for table in ["ticket_rules", "cases", "staging", "ticket_intents", "ticket_log"] {
        assert_eq!(counted.get(table), None, "{table}: {counted:?}");
    }
    assert!(counted.contains_key("passes"), "{counted:?}");

    // Whatever changes then is seen.
    let devices = install.devices(4);
    install.leave(&rule, &devices[..1]);
    install.enter(&rule, &devices[3..]);
    install.passes(3).await;
    assert_eq!((install.our_tickets().len(), install.open_tickets().len()), (8, 6), "{:?}", install.ticket_events());
    install.simulator.world().rename_device(&devices[3], "RENAMED").expect("a device");
    install.passes(1).await;
    assert_eq!(install.tenant.ledger.cases().find(&rule.id, &devices[3]).expect("a row").expect("a case").name, "RENAMED");
}

#[tokio::test(flavor = "local")]
async fn when_a_group_was_looked_at_is_told_although_nothing_changed_in_it() {
    let (install, rule) = ready().await;
    let other = install.rule("Other").await;
    install.store_rule(&other);
    assert_eq!(looked_at(&install, &other).await, Value::Null, "nobody has looked yet");
    install.enter(&rule, &install.devices(1));
    install.passes(2).await;
    for _ in 0..2 {
        let before = install.tenant.now();
        install.passes(1).await;
        for rule in [&rule, &other] {
            let at: domain::Timestamp = looked_at(&install, rule).await.as_str().expect("a moment").parse().expect("a moment");
            assert!(at > before, "{at} {before}");
        }
    }

    // A pass that leaves one group out tells so of that one, and of the others when they were read.
    let before = looked_at(&install, &rule).await;
    install.fault(Vendor::Connect, "GET", &install.watched(&rule), None, REFUSED);
    install.passes(1).await;
    assert_eq!(install.last_pass(PassKind::Tickets).state, PassState::Partial);
    assert_eq!(looked_at(&install, &rule).await, before);
    assert_ne!(looked_at(&install, &other).await, before);
    install.simulator.world().clear_faults();
    install.passes(1).await;
    let later = looked_at(&install, &other).await;

    // A rule that is switched off is not looked at, whatever others are; changing it forgets nothing.
    let off = json!({ "rules": [other.id], "enabled": false });
    assert_eq!(install.post("/api/ticket-rules/switch", &off).await.0, StatusCode::OK);
    assert_eq!(looked_at(&install, &other).await, later);
    install.passes(2).await;
    assert_eq!(looked_at(&install, &other).await, later);
    assert_ne!(looked_at(&install, &rule).await, before);
}

#[tokio::test(flavor = "local")]
async fn a_rule_that_is_changed_is_looked_at_anew_although_its_group_did_not_change() {
    let (install, rule) = ready().await;
    install.store_rule(&TicketRule { enabled: false, ..rule.clone() });
    install.enter(&rule, &install.devices(2));
    install.store_rule(&rule);
    install.passes(2).await;
    assert_eq!(install.open_tickets().len(), 2);
    // The group as a whole is another case of the same members.
    install.store_rule(&TicketRule { per: domain::tickets::Per::Group, ..rule.clone() });
    install.passes(2).await;
    assert_eq!(install.our_tickets().len(), 3, "{:?}", install.ticket_events());
}

#[tokio::test(flavor = "local")]
async fn many_groups_are_read_under_a_small_budget_by_many_rings() {
    let now = "2026-11-10T12:00:00Z".parse().ok();
    let install = TestInstall::still(Options { companies: 12, now, ..Options::default() }, 12).await;
    install.connect().await;
    install.connect_groups(&install.eset_connect()).await;
    install.sync().await;
    let first = install.rule("Rule").await;
    let world = install.simulator.world();
    let devices = install.devices(50);
    let mut rules = vec![first.clone()];
    for number in 0..50 {
        let group = world.create_group(&format!("Group {number}"), harness::tickets::ALL, true).expect("a group");
        let source = domain::tickets::RuleSource::Group { connection: first.source.connection().clone(), group: group.as_str().into() };
        rules.push(TicketRule { id: format!("rule-{number}").as_str().into(), name: format!("Rule {number}"), source, ..first.clone() });
    }
    for (rule, device) in rules.iter().zip(&devices) {
        install.store_rule(rule);
        install.enter(rule, std::slice::from_ref(device));
    }
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), 50, "{:?}", install.last_pass(PassKind::Tickets));
    install.wire.clear();
    install.passes(1).await;
    let read = install.wire.kinds().into_iter().filter(|kind| kind.contains("device_groups/")).count();
    assert_eq!(read, 50, "each group once, wherever an alarm ends");
}
