//! The month: its lines, what is written, drift, the books.

pub mod drift;
pub mod month;
pub mod months;
pub mod plan_slice;
pub mod reconciliation;
