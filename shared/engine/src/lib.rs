//! The engine: what happens to a planned effect, from approval to proof. Sans-IO: [`step`] says what to do next, and the
//! Worker's ledger does it, having stored the new state first.
//!
//! Vendors know no idempotency key, so exactly-once comes from four habits: an intent's id is made from what it would do; it is
//! claimed with an epoch; quantities and dates are absolute, and what is made carries the intent's mark; and what was sent is looked
//! for, longer than reads lag behind, before anything is sent again. The machine keeps them for every [`Effect`].

// A panic takes every request of its isolate with it.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod billing;
mod course;
mod effect;
mod machine;
mod schedule;
pub mod tickets;

pub use billing::{Change, Intent, Observed, Outcome, Write, WriteAnswer};
pub use course::{Course, Ending, IntentState, Settings, Stage, Trouble, UnderWay};
pub use domain::psa::MARKER;
pub use effect::{Answer, Command, Effect, Event, Stop, Then, Verdict};
pub use machine::{abandon, doubt, step, take_notice};
pub use schedule::{BILLING_EVERY, Due, SYNC_SLOT_UTC, due, due_again};
