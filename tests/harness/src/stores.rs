//! The install's stores and alarm, in memory.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::Timestamp;
use egress::ports::Clock;
use rusqlite::StatementStatus;
use rusqlite::types::Value as Column;
use store::ports::{Alarm, Bucket, KeyValue, Keys, Sql, SqlValue, StoreError};

use crate::support::Stepped;

/// SQLite in memory.
pub struct Memory {
    connection: rusqlite::Connection,
    /// What is asked, while somebody listens: each statement with the rows it stepped over without an index.
    pub(crate) heard: RefCell<Option<Vec<(String, i32)>>>,
    /// Rows that were taken out so far, and the bytes of their texts.
    pub(crate) taken: Cell<(usize, usize)>,
}

impl Memory {
    /// An empty database.
    pub fn new() -> Self {
        let connection = rusqlite::Connection::open_in_memory().expect("a database");
        // The Worker knows some three hundred statements; those that do not fit are read and planned anew each time.
        connection.set_prepared_statement_cache_capacity(1_000);
        Self { connection, heard: RefCell::default(), taken: Cell::default() }
    }

    /// A copy in memory of the database in a file, which stays as it is.
    pub(crate) fn read(file: &Path) -> Self {
        let mut memory = Self::new();
        memory.connection.restore("main", file, None::<fn(_)>).expect("a database");
        memory
    }

    /// A copy of it as it is now, as a point that can be gone back to.
    pub fn copy(&self) -> Self {
        let mut copy = Self::new();
        let backup = rusqlite::backup::Backup::new(&self.connection, &mut copy.connection).expect("a copy");
        backup.run_to_completion(1_000, std::time::Duration::ZERO, None).expect("a whole copy");
        drop(backup);
        copy
    }

    /// Writes it into a file that is not there yet, without what is free in it.
    pub(crate) fn write(&self, file: &Path) {
        self.connection.execute("VACUUM INTO ?", [file.to_str().expect("a path in UTF-8")]).expect("written");
        // Most tables are a few rows: small pages make the file a third as large.
        let written = rusqlite::Connection::open(file).expect("a database");
        written.execute_batch("PRAGMA page_size = 512; VACUUM").expect("smaller pages");
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Sql for Memory {
    fn each(
        &self,
        statement: &str,
        parameters: &[SqlValue],
        take: &mut dyn FnMut(Vec<SqlValue>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let failed = |error: rusqlite::Error| StoreError(format!("{error} in {statement}"));
        let mut prepared = self.connection.prepare_cached(statement).map_err(failed)?;
        prepared.reset_status(StatementStatus::FullscanStep);
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
        let inward = |column| match column {
            Column::Null => SqlValue::Null,
            Column::Integer(number) => SqlValue::Integer(number),
            Column::Real(number) => SqlValue::Real(number),
            Column::Text(text) => SqlValue::Text(text),
            Column::Blob(bytes) => SqlValue::Blob(bytes),
        };
        rows.map_err(failed)?.try_for_each(|row| {
            let row: Vec<SqlValue> = row.map_err(failed)?.into_iter().map(inward).collect();
            let (rows, bytes) = self.taken.get();
            let texts = row.iter().map(|value| if let SqlValue::Text(text) = value { text.len() } else { 0 });
            self.taken.set((rows + 1, bytes + texts.sum::<usize>()));
            take(row)
        })?;
        if let Some(heard) = self.heard.borrow_mut().as_mut() {
            heard.push((statement.to_owned(), prepared.get_status(StatementStatus::FullscanStep)));
        }
        Ok(())
    }
}

/// Reads without the clock having moved after which nobody gets any further: most of a month's page takes a few.
const MOST_READS: u32 = 20_000;

/// KV in memory, which counts its writes, can hide what was written, and can keep a reader waiting.
pub struct Texts {
    clock: Rc<Stepped>,
    /// How long the other end of the world sees what was there before, and how long a look-up of nothing is remembered.
    pub lag: Cell<Option<TimeDelta>>,
    /// Until when a key shows what was there before.
    unseen: RefCell<BTreeMap<String, (Timestamp, Option<String>)>>,
    /// Until when a key is remembered to be missing.
    missing: RefCell<BTreeMap<String, Timestamp>>,
    /// What is stored.
    pub texts: RefCell<BTreeMap<String, String>>,
    /// Writes so far.
    pub writes: Cell<u32>,
    /// Values that were found so far, and their bytes.
    pub(crate) taken: Cell<(usize, usize)>,
    /// Reads since the clock stood where it stands.
    reads: Cell<(Timestamp, u32)>,
    /// Whether nothing is found.
    pub blind: Cell<bool>,
    /// The first reader of a key that begins like this waits until it is taken away.
    pub hold: Cell<Option<&'static str>>,
    /// Whether a reader waits, or has waited.
    pub held: Cell<bool>,
}

impl Texts {
    /// An empty store under this clock.
    pub fn under(clock: Rc<Stepped>) -> Self {
        Self {
            clock,
            lag: Cell::default(),
            unseen: RefCell::default(),
            missing: RefCell::default(),
            texts: RefCell::default(),
            writes: Cell::default(),
            taken: Cell::default(),
            reads: Cell::default(),
            blind: Cell::default(),
            hold: Cell::default(),
            held: Cell::default(),
        }
    }

    fn seen(&self, key: &str) -> Option<String> {
        let now = self.clock.now();
        let known = self.texts.borrow().get(key).cloned();
        let Some(lag) = self.lag.get() else { return known };
        if let Some((until, before)) = self.unseen.borrow().get(key)
            && *until > now
        {
            return before.clone();
        }
        if known.is_none() {
            self.missing.borrow_mut().entry(key.to_owned()).or_insert(now + lag);
        }
        known
    }

    /// Ends a run that reads the same for ever: no clock of the harness would.
    fn count_read(&self) {
        let now = self.clock.now();
        let (since, reads) = self.reads.get();
        self.reads.set(if since == now { (now, reads + 1) } else { (now, 0) });
        assert!(reads < MOST_READS, "KV was read {MOST_READS} times while the clock stood");
    }

    fn hide(&self, key: &str) {
        if let Some(lag) = self.lag.get() {
            let now = self.clock.now();
            let missing = self.missing.borrow_mut().remove(key).unwrap_or(now);
            let before = self.seen(key);
            self.unseen.borrow_mut().insert(key.to_owned(), (missing.max(now + lag), before));
        }
    }
}

#[async_trait(?Send)]
impl KeyValue for Texts {
    async fn get(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.count_read();
        if !self.held.get() && self.hold.get().is_some_and(|start| key.starts_with(start)) {
            self.held.set(true);
            while self.hold.get().is_some() {
                tokio::task::yield_now().await;
            }
        }
        let found = if self.blind.get() { None } else { self.seen(key) };
        if let Some(text) = &found {
            let (values, bytes) = self.taken.get();
            self.taken.set((values + 1, bytes + text.len()));
        }
        Ok(found)
    }

    async fn put(&self, key: &str, text: String) -> Result<(), StoreError> {
        self.writes.set(self.writes.get() + 1);
        self.hide(key);
        self.texts.borrow_mut().insert(key.to_owned(), text);
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.texts.borrow_mut().remove(key);
        Ok(())
    }

    /// Ten at once, so that a list has more than one page.
    async fn keys(&self, from: Option<String>) -> Result<Keys, StoreError> {
        let texts = self.texts.borrow();
        let mut keys: Vec<String> = texts.keys().filter(|key| from.as_ref().is_none_or(|from| *key > from)).take(11).cloned().collect();
        let next = if keys.len() > 10 { keys.pop().and(keys.last().cloned()) } else { None };
        Ok(Keys { keys, next })
    }
}

/// A bucket in memory.
#[derive(Default)]
pub struct Files {
    /// What was put into it, in its order.
    pub files: RefCell<Vec<(String, Vec<u8>)>>,
    /// Whether it refuses.
    pub refuses: Cell<bool>,
}

#[async_trait(?Send)]
impl Bucket for Files {
    async fn put(&self, name: &str, _: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        if self.refuses.get() {
            return Err(StoreError("the bucket is full".to_owned()));
        }
        self.files.borrow_mut().push((name.to_owned(), bytes));
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
