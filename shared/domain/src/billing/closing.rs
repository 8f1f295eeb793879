//! Closing a month: what must be settled first, the statement, and what is found out afterwards.
//!
//! A statement never changes. What comes later is a correction, dated, shown with the statement and carried by the next month's
//! line.

mod blocker;
mod late;
mod statement;

pub use blocker::{Blocker, BlockerKind, ClosingCheck, ClosingInput};
pub use late::{Corrected, Correction, Late};
pub use statement::{Closure, MONTH_SCHEMA, MonthChange, MonthEnd, MonthHead, Statement, StatementLine};

#[cfg(test)]
#[path = "closing_tests.rs"]
mod tests;
