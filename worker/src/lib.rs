//! Seatbridge's edge: HTTP, vendors, storage, and the driver of the rules in [`shared`].
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod config;
pub mod documents;
pub mod egress;
pub mod ledger;
pub mod ports;
pub mod vault;
pub mod vendors;
