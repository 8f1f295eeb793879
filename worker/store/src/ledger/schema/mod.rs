//! The tables, and how they came to be.

mod later;
mod migrations;

use super::Database;
use super::row::params;
use crate::ports::StoreError;
use migrations::MIGRATIONS;

/// How many migrations this release knows: the schema's version once they have run.
pub(super) fn version() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// Runs what later migrations did to rows that were there, once more, over rows as they were at `schema`.
pub(super) fn move_data(database: &Database, schema: u32) -> Result<(), StoreError> {
    let later = MIGRATIONS.iter().skip(usize::try_from(schema).unwrap_or(usize::MAX)).copied().flatten();
    let mut moving = later.filter(|statement| !["CREATE", "ALTER", "DROP"].iter().any(|form| statement.starts_with(form)));
    moving.try_for_each(|statement| database.run(statement, &[]))
}

/// Does something that a trigger refuses otherwise.
pub(super) fn without_trigger(database: &Database, name: &str, act: impl FnOnce() -> Result<(), StoreError>) -> Result<(), StoreError> {
    let begins = format!("CREATE TRIGGER {name} ");
    // A later migration may have made it anew.
    let latest = MIGRATIONS.iter().copied().flatten().rfind(|statement| statement.starts_with(&begins));
    let Some(create) = latest else {
        return Err(StoreError(format!("there is no trigger {name}")));
    };
    database.run(&format!("DROP TRIGGER {name}"), &[])?;
    let acted = act();
    database.run(create, &[])?;
    acted
}

/// Every table of the schema as it is now.
#[cfg(test)]
pub(super) fn tables() -> std::collections::BTreeSet<&'static str> {
    let words = |statement: &'static str| statement.split([' ', '(']).collect::<Vec<_>>();
    let mut tables = std::collections::BTreeSet::new();
    for statement in MIGRATIONS.iter().copied().flatten() {
        match words(statement)[..] {
            ["CREATE", "TABLE", name, ..] => drop(tables.insert(name)),
            ["DROP", "TABLE", name, ..] => drop(tables.remove(name)),
            _ => {}
        }
    }
    tables
}

pub(super) fn migrate(database: &Database) -> Result<(), StoreError> {
    database.run("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)", &[])?;
    let version = database.number("SELECT max(version) FROM schema_version", &[])?;
    let done = usize::try_from(version).unwrap_or_default();
    if done > MIGRATIONS.len() {
        return Err(StoreError(format!("the ledger has schema {done}, newer than this version's {}", MIGRATIONS.len())));
    }
    if done == MIGRATIONS.len() {
        return Ok(());
    }
    // SQLite's own transactions are not for a Durable Object to begin. A migration that fails is gone on with where it failed.
    database.run("CREATE TABLE IF NOT EXISTS schema_progress (version INTEGER PRIMARY KEY, statements INTEGER NOT NULL)", &[])?;
    for (index, statements) in MIGRATIONS.iter().enumerate().skip(done) {
        let version = i64::try_from(index + 1).unwrap_or_default();
        let ran = database.number("SELECT statements FROM schema_progress WHERE version = ?", params![version])?;
        for (number, statement) in (1_i64..).zip(*statements).skip(usize::try_from(ran).unwrap_or_default()) {
            database.run(statement, &[])?;
            database.run("INSERT OR REPLACE INTO schema_progress (version, statements) VALUES (?, ?)", params![version, number])?;
        }
        database.run("INSERT INTO schema_version (version) VALUES (?)", params![version])?;
        database.run("DELETE FROM schema_progress", &[])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;

    use super::*;
    use crate::ports::{Sql, SqlValue};

    /// SQLite by name only: it refuses one statement, and does not take twice what can be done once.
    #[derive(Default)]
    struct Once {
        ran: RefCell<Vec<String>>,
        version: Cell<i64>,
        progress: RefCell<Option<(i64, i64)>>,
        refuses: Cell<Option<usize>>,
    }

    impl Sql for Once {
        fn each(
            &self,
            statement: &str,
            parameters: &[SqlValue],
            take: &mut dyn FnMut(Vec<SqlValue>) -> Result<(), StoreError>,
        ) -> Result<(), StoreError> {
            let number = |index: usize| match parameters.get(index) {
                Some(SqlValue::Integer(number)) => *number,
                other => panic!("{other:?} in {statement}"),
            };
            match statement {
                "SELECT max(version) FROM schema_version" => take(vec![SqlValue::Integer(self.version.get())]),
                "SELECT statements FROM schema_progress WHERE version = ?" => match *self.progress.borrow() {
                    Some((version, done)) if version == number(0) => take(vec![SqlValue::Integer(done)]),
                    _ => Ok(()),
                },
                _ if statement.starts_with("INSERT OR REPLACE INTO schema_progress") => {
                    *self.progress.borrow_mut() = Some((number(0), number(1)));
                    Ok(())
                }
                _ if statement.starts_with("INSERT INTO schema_version") => {
                    self.version.set(number(0));
                    Ok(())
                }
                "DELETE FROM schema_progress" => {
                    *self.progress.borrow_mut() = None;
                    Ok(())
                }
                _ if statement.starts_with("CREATE TABLE IF NOT EXISTS") => Ok(()),
                _ => {
                    if self.refuses.get() == Some(self.ran.borrow().len()) {
                        self.refuses.set(None);
                        return Err(StoreError("disk is full".to_owned()));
                    }
                    self.ran.borrow_mut().push(statement.to_owned());
                    Ok(())
                }
            }
        }
    }

    #[test]
    fn a_migration_that_fails_anywhere_is_gone_on_with_there_and_repeats_nothing() {
        let all: Vec<String> = MIGRATIONS.iter().copied().flatten().map(|statement| (*statement).to_owned()).collect();
        for refused in 0..all.len() {
            let sql = Rc::new(Once::default());
            sql.refuses.set(Some(refused));
            let database = Database::new(Rc::<Once>::clone(&sql));
            assert!(migrate(&database).is_err());
            migrate(&database).expect("the second time");
            assert_eq!(*sql.ran.borrow(), all);
            assert_eq!(sql.version.get(), MIGRATIONS.len() as i64);
        }
    }
}
