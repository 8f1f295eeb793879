//! Ports: what the Worker needs of its surroundings, as traits.
//!
//! [`crate::platform`] implements them on Cloudflare; tests implement them natively, so that everything behind them runs
//! under `cargo test` against the simulator. No other module names a Cloudflare or JavaScript type.

#[cfg(feature = "scripted")]
pub mod scripted;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{FixedOffset, TimeDelta};
use shared::Timestamp;

/// The time, and waiting.
#[async_trait(?Send)]
pub trait Clock {
    /// Now. In a Worker the clock stands still during computation and moves with I/O.
    fn now(&self) -> Timestamp;

    /// Waits; not at all for a wait that is not positive.
    async fn sleep(&self, wait: TimeDelta);

    /// How far the clocks of a time zone of the IANA database are ahead of UTC at a moment; none when there is no such zone.
    fn offset(&self, zone: &str, at: Timestamp) -> Option<FixedOffset>;
}

/// Randomness fit for keys.
pub trait Entropy {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// Sends one HTTP request. Used by [`crate::egress`] alone.
#[async_trait(?Send)]
pub trait Transport {
    /// Sends `request` and reads the whole answer. Redirects are not followed: a 3xx is an answer.
    ///
    /// # Errors
    /// When no complete answer came; the request may have taken effect all the same.
    async fn send(&self, request: http::Request<Vec<u8>>, limits: Limits) -> Result<http::Response<Vec<u8>>, TransportError>;
}

/// Limits of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From sending to the last byte of the answer.
    pub timeout: Duration,
    /// Bytes of the answer's body.
    pub max_body: usize,
}

/// Why no complete answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Nothing, or not everything, within the timeout.
    #[error("no answer within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// No connection, or it was lost.
    #[error("the connection failed: {0}")]
    Failed(String),
    /// The body is larger than allowed.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

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
