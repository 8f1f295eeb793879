//! Billing: the plan, its lines and the guards that hold them back for a person.

mod approval;
mod claims;
mod closing;
mod dated;
mod decision;
mod difference;
mod effective;
#[cfg(any(test, feature = "examples"))]
pub mod example;
mod guard;
mod line;
mod period;
mod plan;
mod policy;
mod propose;
mod reconcile;
mod record;
mod route;
mod share;
mod strategy;
mod subset;
mod sum;
mod sums;

pub use approval::{Approval, Asked, Considered, LineDecision, Refusal};
pub use closing::{
    Blocker, BlockerKind, ClosingInput, Corrected, Correction, Late, MONTH_SCHEMA, MonthChange, MonthEnd, Statement, StatementLine,
    blockers,
};
pub use dated::{Beside, EndedAddition, units_on};
pub use decision::{Decision, DecisionKind, LineState};
pub use difference::{Difference, LineDifference, Side, difference};
pub use effective::effective;
pub use guard::{Guard, Standing};
pub use line::{AgreementRef, CompanyCount, Evidence, EvidenceItem, GroupEvidence, Line, LineKey, LineNote, ProductRef, Risk};
pub use period::Period;
pub use plan::{LastWrite, PlanInput, Psa, lines, plan};
pub use policy::{MOST_AT_ONCE, Policy, RunSize};
pub use reconcile::{AdditionCosts, Books, CurrencyTotals, Finding, FindingCount, FindingKind, Reconciled, Totals};
pub use record::{MappingKey, Member, TrackRecord, TrackRecords};
pub use strategy::NewAddition;
pub use subset::{MOST_AGREEMENTS, PlanSlice, PsaSlice, Wanted, subset};
