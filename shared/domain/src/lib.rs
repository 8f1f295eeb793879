//! Seatbridge's rules.
//!
//! Everything here is decided from values passed in: no I/O, no clock, no randomness, no JavaScript. The Worker drives these
//! rules and the app shows their results; both compile this crate, so a preview in the browser and a commit at the edge are
//! the same arithmetic.

// A panic takes every request of its isolate with it.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod access;
pub mod billing;
pub mod connections;
pub mod csv;
pub mod drift;
pub mod groups;
pub mod hash;
pub mod history;
pub mod ids;
pub mod json;
pub mod mapping;
pub mod money;
pub mod pace;
pub mod preview;
pub mod psa;
pub mod retention;
pub mod retry;
pub mod seats;
pub mod tickets;

/// A moment in UTC. Vendors' local times are converted at the edge.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
