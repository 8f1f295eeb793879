//! What the store needs of its surroundings: Workers KV, the ledger's SQLite, and its alarm.

use async_trait::async_trait;
use domain::Timestamp;

/// Workers KV: text under a key. Not consistent at once; see [`crate::documents`] for how that is lived with.
#[async_trait(?Send)]
pub trait KeyValue {
    /// The text under `key`, if it is there (yet).
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn get(&self, key: &str) -> Result<Option<String>, StoreError>;

    /// Stores `text` under `key`.
    ///
    /// # Errors
    /// When the store cannot be reached or refuses.
    async fn put(&self, key: &str, text: String) -> Result<(), StoreError>;

    /// Forgets `key`.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn delete(&self, key: &str) -> Result<(), StoreError>;

    /// Up to a thousand of its keys, and the place they go on at; `from` is such a place, none the beginning. What was written within a
    /// minute may be missing.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn keys(&self, from: Option<String>) -> Result<Keys, StoreError>;
}

/// Some of the keys of a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// The keys.
    pub keys: Vec<String>,
    /// Where they go on; none at the end.
    pub next: Option<String>,
}

/// A place for files outside of the install, such as an R2 bucket.
#[async_trait(?Send)]
pub trait Bucket {
    /// Stores a file under `name`, over one that is there.
    ///
    /// # Errors
    /// When the bucket cannot be reached or refuses.
    async fn put(&self, name: &str, kind: &str, bytes: Vec<u8>) -> Result<(), StoreError>;
}

/// SQLite of the ledger. Statements between two awaits are committed together, and before anything is sent.
pub trait Sql {
    /// Runs one statement and hands its rows over, one at a time and each column as a [`SqlValue`]. No other statement may be run
    /// before the last one is handed over.
    ///
    /// # Errors
    /// When SQLite refuses the statement, or `take` a row.
    fn each(
        &self,
        statement: &str,
        parameters: &[SqlValue],
        take: &mut dyn FnMut(Vec<SqlValue>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;

    /// Runs one statement and answers all its rows.
    ///
    /// # Errors
    /// When SQLite refuses the statement.
    fn run(&self, statement: &str, parameters: &[SqlValue]) -> Result<Vec<Vec<SqlValue>>, StoreError> {
        let mut rows = Vec::new();
        self.each(statement, parameters, &mut |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }
}

/// A value of SQLite. Integers stay below 2^53, because JavaScript carries them as numbers.
#[derive(Debug, Clone, PartialEq)]
pub enum SqlValue {
    /// NULL
    Null,
    /// INTEGER
    Integer(i64),
    /// REAL
    Real(f64),
    /// TEXT
    Text(String),
    /// BLOB
    Blob(Vec<u8>),
}

/// The ledger's one alarm.
#[async_trait(?Send)]
pub trait Alarm {
    /// Rings at `at`, in place of any earlier setting.
    ///
    /// # Errors
    /// When the platform refuses.
    async fn set(&self, at: Timestamp) -> Result<(), StoreError>;
}

/// A store refused or could not be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct StoreError(pub String);
