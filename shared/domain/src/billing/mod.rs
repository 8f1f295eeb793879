//! Billing: the plan, its lines and the guards that hold them back for a person.

mod approval;
mod closing;
mod decision;
mod difference;
#[cfg(any(test, feature = "examples"))]
pub mod example;
mod guard;
mod line;
mod period;
mod plan;
mod policy;
mod reconcile;
mod record;

pub use approval::{Approval, Asked, Considered, LineDecision, Refusal};
pub use closing::{
    Blocker, BlockerKind, ClosingCheck, ClosingInput, Closure, Corrected, Correction, Late, MONTH_SCHEMA, MonthChange, MonthEnd, MonthHead,
    Statement, StatementLine,
};
pub use decision::{Decision, DecisionKind, LineState};
pub use difference::{Difference, LineDifference, Side, difference};
pub use guard::{Guard, Standing};
pub use line::{AgreementRef, CompanyCount, Evidence, EvidenceItem, GroupEvidence, Line, LineKey, LineNote, ProductRef, Risk};
pub use period::Period;
pub use plan::dated::{Beside, EndedAddition, units_on};
pub use plan::effective::effective;
pub use plan::strategy::NewAddition;
pub use plan::subset::{MOST_AGREEMENTS, PlanSlice, PsaSlice, Wanted, subset};
pub use plan::{LastWrite, PlanInput, Psa, lines, plan};
pub use policy::{MOST_AT_ONCE, Policy, RunSize};
pub use reconcile::{AdditionCosts, CurrencyTotals, Finding, FindingCount, FindingKind, Reconciled, Reconciler, Totals};
pub use record::{MappingKey, Member, TrackRecord, TrackRecords};
