//! Reconciliation: what ESET bills the MSP, what the customer uses and what ConnectWise bills the customer, side by side.
//!
//! What is not known is in no sum; the sums say how many rows they leave out.

mod finding;
mod row;
mod totals;

pub use finding::{Finding, FindingKind};
pub use row::{AdditionCosts, Reconciled, Reconciler};
pub use totals::{CurrencyTotals, FindingCount, Totals};
