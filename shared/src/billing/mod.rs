//! Billing: the plan, its lines and the guards that hold them back for a person.

mod closing;
mod effective;
mod guard;
mod line;
mod period;
mod plan;
mod propose;
mod reconcile;
mod strategy;
mod sums;

pub use closing::{
    Blocker, BlockerKind, ClosingInput, Corrected, Correction, MONTH_SCHEMA, MonthChange, MonthEnd, Statement, StatementLine, blockers,
    late,
};
pub use guard::{Guard, Policy, Standing};
pub use line::{AgreementRef, Evidence, EvidenceItem, Line, LineKey, ProductRef, Risk};
pub use period::Period;
pub use plan::{LastWrite, PlanInput, Psa, plan};
pub use reconcile::{AdditionCosts, Books, CurrencyTotals, Finding, FindingCount, FindingKind, Reconciled, Totals};
pub use strategy::NewAddition;
