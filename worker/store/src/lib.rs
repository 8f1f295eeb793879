//! What an install keeps: the ledger in SQLite, which is right at once, and immutable documents in Workers KV.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod documents;
pub mod ledger;
pub mod ports;
