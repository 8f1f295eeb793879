//! The tickets pass of one console with many rules and devices: with nothing to do, and with a thousand devices that enter at once.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use simulator::{EntityType, Ticket};
use worker_tests::Install;

use crate::pass::{PATIENCE, Pass};
use crate::{pass, print};

/// Customers, of which each but some has a group that is watched.
const COMPANIES: usize = 300;
/// Groups that are watched; the first ones by two rules each.
const GROUPS: usize = 250;
const RULES: usize = 300;
/// Devices in all groups together, and those of the first group, which takes several pages.
const DEVICES: usize = 20_000;
const LARGEST: usize = 2_500;
/// What a rule of that many opens at first: one ticket, and the rest in a summary.
const CAP: usize = 1;
/// Devices that enter at once.
const STORM: usize = 1_000;
/// The cap of a rule that names none, and the largest there may be.
const USUAL_CAP: usize = 10;
const LARGEST_CAP: usize = 100;
/// Rows of a full page of members, and tickets that one list can be asked for, as the Worker's clients do.
const PAGE: usize = 1000;
const LIST: usize = 100;
/// Passes without a change that are measured.
const UNCHANGED: usize = 2;
/// Tables whose rows are bookkeeping: passes with their cursors and staged pages, single moments, when a connection was last asked
/// or a token used, and when a rule's group was last read.
const BOOKKEEPING: [&str; 6] = ["connections", "meta", "passes", "staging", "access", "ticket_rules"];

/// Measures all of it in one world.
pub(crate) async fn measure() -> Result<()> {
    let install = Install::empty(COMPANIES).await?.patient(PATIENCE);
    let groups = fill(&install)?;
    let storms = [Storm::ready(&install, "capped", USUAL_CAP, STORM)?, Storm::ready(&install, "opened", LARGEST_CAP, LARGEST_CAP)?];
    connect(&install).await?;
    let model = make_rule(&install, "Rule", groups.first().context("a group")?, CAP).await?;
    install.at_rest().await?;
    install.served.kill().await?;
    let ledger = open_ledger(&install)?;
    for (number, group) in groups.iter().chain(&groups).take(RULES).enumerate().skip(1) {
        copy_rule(&ledger, &model, number, group)?;
    }
    drop(ledger);
    let first = one(&install).await?;
    eprintln!("{DEVICES} devices seen for the first time: {first}; {} tickets", ours(&install).len());
    ensure!(ours(&install).len() == RULES * 2, "each rule opens one and sums up the rest");

    let mut unchanged = Pass::default();
    for _ in 0..UNCHANGED {
        let pass = one(&install).await?;
        eprintln!("unchanged: {pass}");
        unchanged = unchanged.or_worse(&pass);
    }
    print("ticket_pass_calls", unchanged.calls as f64, "calls");
    print("ticket_pass_calls_lower_bound", lower_bound(&install, &groups) as f64, "calls");
    print("ticket_pass_cpu_ms", unchanged.cpu_ms, "ms");
    print("ticket_pass_memory_mb", unchanged.memory_mb, "MB");
    print("ticket_pass_wasm_memory_mb", unchanged.wasm_mb, "MB");
    let (written, bookkeeping) = rows_written(&install).await?;
    print("ticket_pass_rows_written", written as f64, "rows");
    print("ticket_pass_rows_bookkeeping", bookkeeping as f64, "rows");
    for storm in storms {
        storm.measure(&install).await?;
    }
    Ok(())
}

/// A thousand devices that enter in one pass, so many in the group of each of some rules.
struct Storm {
    name: &'static str,
    cap: usize,
    each: usize,
    company: String,
    groups: Vec<String>,
}

impl Storm {
    /// Makes its groups.
    fn ready(install: &Install, name: &'static str, cap: usize, each: usize) -> Result<Self> {
        let (world, company) = (install.simulator.world(), customers(install).pop().context("a company")?);
        let group = |number| world.create_group(&format!("{name} {number}"), &company, true);
        let groups = (0..STORM / each).map(group).collect::<Result<_, _>>()?;
        Ok(Self { name, cap, each, company, groups })
    }

    /// Breaks, and looks at what is opened.
    async fn measure(self, install: &Install) -> Result<()> {
        let Self { name, cap, each, company, groups } = self;
        for (number, group) in groups.iter().enumerate() {
            make_rule(install, &format!("{name} {number}"), group, cap).await?;
        }
        for group in &groups {
            install.simulator.world().add_devices(&company, Some(group), each)?;
        }
        let (before, told) = (ours(install).len(), told(install).await?);
        let pass = one(install).await?;
        let made = ours(install).split_off(before);
        let summaries = made.iter().filter(|ticket| ticket.summary.contains(" devices")).count();
        let told = self::told(install).await? - told;
        eprintln!("{STORM} devices enter, {name}: {pass}; {} tickets, {summaries} of them summaries of {told}", made.len());
        let expected = groups.len() * (each.min(cap) + usize::from(each > cap));
        ensure!(made.len() == expected && told == STORM.saturating_sub(groups.len() * cap), "{} tickets, {told} told", made.len());
        print(&format!("ticket_storm_{name}_tickets"), made.len() as f64, "tickets");
        print(&format!("ticket_storm_{name}_told"), told as f64, "devices");
        print(&format!("ticket_storm_{name}_calls"), pass.calls as f64, "calls");
        print(&format!("ticket_storm_{name}_cpu_ms"), pass.cpu_ms, "ms");
        print(&format!("ticket_storm_{name}_wasm_memory_mb"), pass.wasm_mb, "MB");
        Ok(())
    }
}

/// Devices that were told in a summary so far.
async fn told(install: &Install) -> Result<usize> {
    let log = install.get("/api/ticket-log?event=told&limit=1").await?;
    Ok(usize::try_from(log["total"].as_u64().context("a total")?)?)
}

/// Connects the vendors, a console of ESET Connect among them, reads them, and maps every company.
async fn connect(install: &Install) -> Result<()> {
    install.connect().await?;
    install.connect_console().await?;
    install.sync().await?;
    install.map_everything_sure(false).await?;
    install.at_rest().await
}

/// Ids of the customers in ESET.
fn customers(install: &Install) -> Vec<String> {
    let companies = install.simulator.world().eset_companies().into_iter();
    companies.filter(|company| company.entity_type == EntityType::MspCustomer).map(|company| company.id).collect()
}

/// Makes the groups, each below a customer's own, and puts the devices into them.
fn fill(install: &Install) -> Result<Vec<String>> {
    let (world, customers) = (install.simulator.world(), customers(install));
    let mut groups = Vec::new();
    for (number, company) in customers.iter().cycle().take(GROUPS).enumerate() {
        let group = world.create_group(&format!("Watched {number}"), company, true)?;
        let rest = DEVICES - LARGEST;
        let devices = if number == 0 { LARGEST } else { rest / (GROUPS - 1) + usize::from(number <= rest % (GROUPS - 1)) };
        world.add_devices(company, Some(&group), devices)?;
        groups.push(group);
    }
    Ok(groups)
}

/// Puts a rule like another into the ledger: the API asks the desk about each, which is the same for all.
fn copy_rule(ledger: &rusqlite::Connection, model: &str, number: usize, group: &str) -> Result<()> {
    ledger.execute("CREATE TEMP TABLE copy AS SELECT * FROM ticket_rules WHERE id = ?", [model])?;
    let body = "json_set(body, '$.id', ?1, '$.name', ?2, '$.source.group.group', ?3)";
    let (id, name) = (format!("{model}-{number}"), format!("Rule {number}"));
    ledger.execute(&format!("UPDATE copy SET id = ?1, position = position + ?4, body = {body}"), (id, name, group, number))?;
    ledger.execute_batch("INSERT INTO ticket_rules SELECT * FROM copy; DROP TABLE copy")?;
    Ok(())
}

/// Makes a rule that is switched on, and answers its id.
async fn make_rule(install: &Install, name: &str, group: &str, cap: usize) -> Result<String> {
    let world = install.simulator.world();
    let connections = install.get("/api/connections").await?;
    let connection = |kind: &str| connections.as_array().into_iter().flatten().find(|row| row["kind"] == kind).map(|row| row["id"].clone());
    let board = world.boards().into_iter().find(|board| !board.inactive_flag).context("a board")?;
    let statuses = world.statuses().into_iter().filter(|status| status.board.id == board.id && !status.inactive);
    let (closed, open): (Vec<_>, Vec<_>) = statuses.partition(|status| status.closed_status);
    let catch_all = world.cw_companies().into_iter().rfind(|company| !company.deleted_flag).context("a company")?;
    let rule = json!({
        "name": name,
        "enabled": true,
        "source": { "group": { "connection": connection("connect"), "group": group } },
        "target": {
            "psa": connection("connectwise"), "board": board.id, "catch_all": catch_all.id,
            "open_status": open.first().context("a status")?.id, "closed_status": closed.first().context("a status")?.id,
        },
        "lifecycle": { "delay_minutes": 0, "close_after_minutes": null, "return_days": 7, "on_return": "reopen" },
        "cap": cap,
        "summary": "{device} is in {group}",
        "text": "{device} of {company} needs a look since {entered}. It runs {system} at {address}.",
    });
    let made = install.post("/api/ticket-rules", &rule).await?;
    Ok(made["rule"]["id"].as_str().context("an id")?.to_owned())
}

/// Tickets that bear our mark, the oldest first.
fn ours(install: &Install) -> Vec<Ticket> {
    let mut tickets = install.simulator.world().tickets();
    tickets.retain(|ticket| ticket.external_x_ref.as_deref().is_some_and(|mark| mark.starts_with("seatbridge:")));
    tickets
}

async fn one(install: &Install) -> Result<Pass> {
    pass::one(install, &["tickets"], set_back).await
}

/// Sets the moments back that the tickets pass goes by, so that ten minutes have gone for it alone.
fn set_back(install: &Install) -> Result<()> {
    let ledger = open_ledger(install)?;
    let moment = |offset: &str| format!("strftime('%Y-%m-%dT%H:%M:%fZ', 'now'{offset})");
    ledger.execute(&format!("UPDATE passes SET started_at = {} WHERE kind = 'tickets'", moment(", '-10 minutes'")), [])?;
    ledger.execute(&format!("UPDATE passes SET started_at = {} WHERE kind <> 'tickets'", moment("")), [])?;
    Ok(())
}

/// How many rows of the ledger one more pass without a change writes: all that say something, and those that only say that work was
/// done and when. SQLite itself counts them, which costs time, so that no other pass is counted.
async fn rows_written(install: &Install) -> Result<(i64, i64)> {
    install.served.kill().await?;
    let ledger = open_ledger(install)?;
    let names =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'";
    let tables: Vec<String> = ledger.prepare(names)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    ledger.execute_batch("CREATE TABLE counted (name TEXT PRIMARY KEY, rows INTEGER NOT NULL)")?;
    for (table, event) in tables.iter().flat_map(|table| ["INSERT", "UPDATE", "DELETE"].map(|event| (table, event))) {
        ledger.execute_batch(&format!(
            "CREATE TRIGGER count_{table}_{event} AFTER {event} ON {table} BEGIN
                 INSERT INTO counted VALUES ('{table}', 1) ON CONFLICT (name) DO UPDATE SET rows = rows + 1; END"
        ))?;
    }
    drop(ledger);
    one(install).await?;
    install.served.kill().await?;
    let ledger = open_ledger(install)?;
    let counted: Vec<(String, i64)> =
        ledger.prepare("SELECT name, rows FROM counted")?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    eprintln!("rows written: {counted:?}");
    for (table, event) in tables.iter().flat_map(|table| ["INSERT", "UPDATE", "DELETE"].map(|event| (table, event))) {
        ledger.execute_batch(&format!("DROP TRIGGER count_{table}_{event}"))?;
    }
    ledger.execute_batch("DROP TABLE counted")?;
    let sum = |kept: bool| counted.iter().filter(|(table, _)| BOOKKEEPING.contains(&table.as_str()) == kept).map(|(_, rows)| rows).sum();
    Ok((sum(false), sum(true)))
}

fn open_ledger(install: &Install) -> Result<rusqlite::Connection> {
    let ledger = rusqlite::Connection::open(install.served.ledger_file()?)?;
    ledger.busy_timeout(Duration::from_secs(10))?;
    Ok(ledger)
}

/// The fewest calls a pass can make and know who is in which group and what people have made of the open tickets: the pages of each
/// group, once however many rules watch it, and the open tickets by lists, whose address holds so many numbers. A login at the
/// console and the hourly look at the service board are above the bound.
fn lower_bound(install: &Install, groups: &[String]) -> usize {
    let world = install.simulator.world();
    let watched: BTreeSet<&String> = groups.iter().collect();
    let pages: usize = watched.into_iter().map(|group| world.group_members(group).len().div_ceil(PAGE).max(1)).sum();
    let open = ours(install).into_iter().filter(|ticket| !ticket.closed_flag).count();
    pages + open.div_ceil(LIST)
}
