//! Ports: what the Worker needs of its surroundings, as traits.
//!
//! [`crate::platform`] implements them on Cloudflare; tests implement them natively, so that everything behind them runs
//! under `cargo test` against the simulator. No other module names a Cloudflare or JavaScript type.

mod network;
#[cfg(feature = "scripted")]
pub mod scripted;
mod storage;

pub use network::{Clock, Entropy, Limits, Transport, TransportError};
pub use storage::{Alarm, KeyValue, Sql, SqlValue, StoreError};
