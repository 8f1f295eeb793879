//! Reading a backup: once to see that all of it can be used, then into the ledger. One row of it is held at once.

use std::fmt;
use std::io::Read;

use domain::Timestamp;
use domain::json::strict;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::tables::table;
use super::{BackupError, BackupHead, Backups, FORMAT, VERSION, inward, unreadable};
use crate::ledger::row::Row;
use crate::ledger::schema;
use crate::ports::{SqlValue, StoreError};

impl Backups<'_> {
    /// Looks whether a backup can be read to its end by this release. Changes nothing. `open` opens it anew each time.
    ///
    /// # Errors
    /// When it cannot.
    pub fn check<R: Read>(&self, open: impl Fn() -> R) -> Result<BackupHead, BackupError> {
        let said: Said = strict::read_from(open())?;
        let head = said.head()?;
        let mut known: Option<(String, Vec<String>)> = None;
        let rows = read(open(), &mut |name, columns, _| {
            if known.as_ref().is_some_and(|(known, _)| known == name) {
                return Ok(());
            }
            let table = table(name).ok_or_else(|| unreadable(format!("it has a table {name}, which this release does not know")))?;
            let own = self.columns(table)?;
            if let Some(column) = columns.iter().find(|column| !own.names.contains(column)) {
                return Err(unreadable(format!("its table {name} has a column {column}, which this release does not know")));
            }
            known = Some((name.to_owned(), own.names));
            Ok(())
        })?;
        if said.rows == Some(rows) { Ok(head) } else { Err(unreadable("rows of it are missing")) }
    }

    /// Reads a backup that was [checked](Self::check) into a ledger that [takes one](Self::takes_one). The history that was written here
    /// so far follows the backup's. Returns how many rows it has.
    ///
    /// # Errors
    /// When SQLite refuses, or the backup cannot be read.
    pub fn restore(&self, head: &BackupHead, backup: impl Read) -> Result<u64, BackupError> {
        let (history, before) = self.take_history()?;
        let rows = read(backup, &mut |name, columns, values| {
            // Whoever imports it is a person already and stays who they are; of settings the backup's stand.
            let how = if name == "meta" { "REPLACE" } else { "IGNORE" };
            Ok(self.insert(how, name, columns, values)?)
        })?;
        for values in before {
            self.insert("ABORT", "audit", &history, &values)?;
        }
        schema::move_data(self.0, head.schema)?;
        Ok(rows)
    }

    fn insert(&self, how: &str, table: &str, columns: &[String], values: &[SqlValue]) -> Result<(), StoreError> {
        let places = vec!["?"; columns.len()].join(", ");
        self.0.run(&format!("INSERT OR {how} INTO {table} ({}) VALUES ({places})", columns.join(", ")), values)
    }

    /// Takes the rows of the history out, without their numbers; and the columns they have.
    fn take_history(&self) -> Result<(Vec<String>, Vec<Vec<SqlValue>>), StoreError> {
        let Some(audit) = table("audit") else { return Ok(Default::default()) };
        let mut columns = self.columns(audit)?.names;
        columns.retain(|column| column != "number");
        let sql = format!("SELECT {} FROM audit ORDER BY number", columns.join(", "));
        let rows = self.0.rows(&sql, &[])?.map(Row::into_values).collect();
        schema::without_trigger(self.0, "audit_is_not_deleted", || self.0.run("DELETE FROM audit", &[]))?;
        Ok((columns, rows))
    }
}

/// Takes a row of a table: its name, its columns, the row's values.
type Take<'a> = dyn FnMut(&str, &[String], &[SqlValue]) -> Result<(), BackupError> + 'a;

/// What a backup says of itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    format: Option<String>,
    version: Option<u32>,
    schema: Option<u32>,
    taken_at: Option<Timestamp>,
    /// Read by [`Document`].
    #[serde(rename = "tables")]
    _tables: Option<IgnoredAny>,
    rows: Option<u64>,
}

impl Said {
    fn head(&self) -> Result<BackupHead, BackupError> {
        let (Some(FORMAT), Some(version), Some(schema), Some(taken_at)) =
            (self.format.as_deref(), self.version, self.schema, self.taken_at)
        else {
            return Err(unreadable("it does not call itself a backup of Seatbridge"));
        };
        if version > VERSION || schema > schema::version() {
            return Err(unreadable("it was taken by a newer release of Seatbridge: update this one first"));
        }
        Ok(BackupHead { format: FORMAT.to_owned(), version, schema, taken_at })
    }
}

/// Reads a backup's tables to their end. Returns how many rows they have.
fn read(backup: impl Read, take: &mut Take<'_>) -> Result<u64, BackupError> {
    let (mut failed, mut rows) = (None, 0);
    let mut parser = serde_json::Deserializer::from_reader(backup);
    let document = Document { take, failed: &mut failed, rows: &mut rows };
    let read = document.deserialize(&mut parser).and_then(|()| parser.end());
    match failed {
        Some(error) => Err(error),
        None => read.map(|()| rows).map_err(|error| unreadable(format!("it cannot be read: {error}"))),
    }
}

/// The whole document: what it says of itself is not looked at.
struct Document<'a, 't> {
    take: &'a mut Take<'t>,
    /// Why a row was not taken.
    failed: &'a mut Option<BackupError>,
    rows: &'a mut u64,
}

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a backup of Seatbridge")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "tables" {
                map.next_value_seed(Tables { take: &mut *self.take, failed: &mut *self.failed, rows: &mut *self.rows })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// The tables, each under its name.
struct Tables<'a, 't> {
    take: &'a mut Take<'t>,
    failed: &'a mut Option<BackupError>,
    rows: &'a mut u64,
}

impl<'de> DeserializeSeed<'de> for Tables<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Tables<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("tables by their names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if table(&name).is_none() {
                return Err(A::Error::custom(format!("it has a table {name}, which this release does not know")));
            }
            let (take, failed, rows) = (&mut *self.take, &mut *self.failed, &mut *self.rows);
            map.next_value_seed(Rows { name: &name, columns: Vec::new(), take, failed, rows })?;
        }
        Ok(())
    }
}

/// A table: its columns, then its rows.
struct Rows<'a, 't> {
    name: &'a str,
    columns: Vec<String>,
    take: &'a mut Take<'t>,
    failed: &'a mut Option<BackupError>,
    rows: &'a mut u64,
}

impl<'de> DeserializeSeed<'de> for Rows<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_map(self)
    }
}

/// The rows themselves, below their key.
struct Each<'r, 'a, 't>(&'r mut Rows<'a, 't>);

impl<'de> Visitor<'de> for Rows<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("columns and rows")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "columns" => self.columns = map.next_value()?,
                "rows" => map.next_value_seed(Each(&mut self))?,
                other => return Err(A::Error::unknown_field(other, &["columns", "rows"])),
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Each<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Each<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        let Rows { name, columns, take, failed, rows: count } = self.0;
        while let Some(row) = rows.next_element::<Vec<serde_json::Value>>()? {
            let taken = row.into_iter().map(inward).collect::<Result<Vec<_>, _>>().and_then(|values| {
                if values.len() != columns.len() {
                    return Err(unreadable(format!("a row of {name} has {} values for {} columns", values.len(), columns.len())));
                }
                take(name, columns, &values)
            });
            if let Err(error) = taken {
                **failed = Some(error);
                return Err(A::Error::custom("a row of it cannot be used"));
            }
            **count += 1;
        }
        Ok(())
    }
}
