//! The engine: what happens to a planned effect, from approval to proof. Sans-IO: [`step`] answers what to do next, and the
//! Worker's ledger does it, having stored the new state first.
//!
//! ConnectWise knows no idempotency key, so exactly-once comes from four habits: an intent's id is made from what it would
//! do; it is claimed with an epoch; quantities and dates are absolute, and an addition that is made carries the intent's mark;
//! and when an answer is lost, ConnectWise is read back before anything is sent again.

mod effect;
mod intent;
mod note;
mod schedule;
mod step;

pub use crate::psa::MARKER;
pub use effect::Effect;
pub use intent::{Intent, IntentState, Outcome, Stage};
pub use schedule::{BILLING_EVERY, Due, SYNC_SLOT_UTC, due};
pub use step::{Command, Event, Observed, Settings, Write, WriteAnswer, step};

#[cfg(test)]
mod effect_tests;
