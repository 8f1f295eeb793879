//! How many rows of the ledger a day without any change writes: every cron of it and its sync, in a world of 300 companies
//! whose lines have all been approved. `cargo run -p house --example ledger_bench` prints one JSON object a line.
//!
//! Bookkeeping is what says that work was done and when: passes with their cursors and staged pages, single moments, when a
//! connection was last read or a token used, what the lines were planned from, that an agreement's additions were read again
//! and are as they were, and where the day's snapshot is.

use harness::TestInstall;
use store::ports::{Sql, SqlValue};

const COMPANIES: usize = 300;
/// Crons of a day.
const CRONS: u32 = 144;
/// Seconds between two crons.
const GAP: i64 = 600;
/// Tables whose rows are bookkeeping.
const BOOKKEEPING: [&str; 10] =
    ["connections", "meta", "plan_basis", "passes", "staging", "access", "documents", "snapshots", "line_snapshots", MOMENTS];
/// What is counted in place of the table where an agreement's additions were read again and only the moment is new.
const MOMENTS: &str = "moments of additions";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let install = TestInstall::ready(COMPANIES).await;
    for batch in install.lines("to_approve").await.chunks(100) {
        install.approve(batch).await;
    }
    install.settle().await;
    // The day's first passes see what approving changed.
    for _ in 0..36 {
        cron(&install).await;
    }
    count_from_now(&install);
    for _ in 0..CRONS {
        cron(&install).await;
    }
    let (mut written, mut bookkeeping) = (0, 0);
    for (table, rows) in counted(&install) {
        eprintln!("{rows} rows of {table}");
        *(if BOOKKEEPING.contains(&table.as_str()) { &mut bookkeeping } else { &mut written }) += rows;
    }
    println!(r#"{{"name":"ledger_rows_written_noop","value":{written},"unit":"rows/day"}}"#);
    println!(r#"{{"name":"ledger_rows_bookkeeping_noop","value":{bookkeeping},"unit":"rows/day"}}"#);
}

async fn cron(install: &TestInstall) {
    install.clock.advance(GAP);
    install.simulator.world().advance(GAP);
    install.cron().await;
}

/// Has SQLite itself note the table of every row that is written from now on.
fn count_from_now(install: &TestInstall) {
    let run = |statement: &str| install.sql.run(statement, &[]).expect("SQL");
    run("CREATE TEMP TABLE counted (name TEXT PRIMARY KEY, rows INTEGER NOT NULL)");
    for row in run("SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'") {
        let [SqlValue::Text(table)] = row.as_slice() else { continue };
        for event in ["INSERT", "UPDATE", "DELETE"] {
            let what = match (table.as_str(), event) {
                ("additions", "UPDATE") => format!("iif(OLD.body = NEW.body, '{MOMENTS}', 'additions')"),
                _ => format!("'{table}'"),
            };
            run(&format!(
                "CREATE TEMP TRIGGER count_{table}_{event} AFTER {event} ON main.{table} BEGIN
                     INSERT INTO counted VALUES ({what}, 1) ON CONFLICT (name) DO UPDATE SET rows = rows + 1; END"
            ));
        }
    }
}

/// How many rows were written since, by table.
fn counted(install: &TestInstall) -> Vec<(String, i64)> {
    let rows = install.sql.run("SELECT name, rows FROM counted ORDER BY name", &[]).expect("SQL");
    let count = |row: Vec<SqlValue>| match row.as_slice() {
        [SqlValue::Text(table), SqlValue::Integer(rows)] => Some((table.clone(), *rows)),
        _ => None,
    };
    rows.into_iter().filter_map(count).collect()
}
