//! The install's stores and alarm, in memory.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use async_trait::async_trait;
use rusqlite::types::Value as Column;
use seatbridge_worker::ports::{Alarm, KeyValue, Sql, SqlValue, StoreError};
use shared::Timestamp;

/// SQLite in memory.
pub struct Memory(pub(crate) rusqlite::Connection);

impl Sql for Memory {
    fn run(&self, statement: &str, parameters: &[SqlValue]) -> Result<Vec<Vec<SqlValue>>, StoreError> {
        let failed = |error: rusqlite::Error| StoreError(format!("{error} in {statement}"));
        let mut prepared = self.0.prepare_cached(statement).map_err(failed)?;
        let columns = prepared.column_count();
        let parameters = parameters.iter().map(|value| match value.clone() {
            SqlValue::Null => Column::Null,
            SqlValue::Integer(number) => Column::Integer(number),
            SqlValue::Real(number) => Column::Real(number),
            SqlValue::Text(text) => Column::Text(text),
            SqlValue::Blob(bytes) => Column::Blob(bytes),
        });
        let rows = prepared.query_map(rusqlite::params_from_iter(parameters), |row| {
            (0..columns).map(|index| row.get::<_, Column>(index)).collect::<Result<Vec<_>, _>>()
        });
        let rows = rows.map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let inward = |column| match column {
            Column::Null => SqlValue::Null,
            Column::Integer(number) => SqlValue::Integer(number),
            Column::Real(number) => SqlValue::Real(number),
            Column::Text(text) => SqlValue::Text(text),
            Column::Blob(bytes) => SqlValue::Blob(bytes),
        };
        Ok(rows.into_iter().map(|row| row.into_iter().map(inward).collect()).collect())
    }
}

/// KV in memory, which counts its writes, can hide what was written, and can keep a reader waiting.
#[derive(Default)]
pub struct Texts {
    /// What is stored.
    pub texts: RefCell<BTreeMap<String, String>>,
    /// Writes so far.
    pub writes: Cell<u32>,
    /// Whether nothing is found.
    pub blind: Cell<bool>,
    /// The first reader of a key that begins like this waits until it is taken away.
    pub hold: Cell<Option<&'static str>>,
    /// Whether a reader waits, or has waited.
    pub held: Cell<bool>,
}

#[async_trait(?Send)]
impl KeyValue for Texts {
    async fn get(&self, key: &str) -> Result<Option<String>, StoreError> {
        if !self.held.get() && self.hold.get().is_some_and(|start| key.starts_with(start)) {
            self.held.set(true);
            while self.hold.get().is_some() {
                tokio::task::yield_now().await;
            }
        }
        Ok(if self.blind.get() { None } else { self.texts.borrow().get(key).cloned() })
    }

    async fn put(&self, key: &str, text: String) -> Result<(), StoreError> {
        self.writes.set(self.writes.get() + 1);
        self.texts.borrow_mut().insert(key.to_owned(), text);
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.texts.borrow_mut().remove(key);
        Ok(())
    }
}

/// An alarm that only remembers what it was set to.
#[derive(Default)]
pub struct Remembered(pub(crate) Cell<Option<Timestamp>>);

#[async_trait(?Send)]
impl Alarm for Remembered {
    async fn set(&self, at: Timestamp) -> Result<(), StoreError> {
        self.0.set(Some(at));
        Ok(())
    }
}
