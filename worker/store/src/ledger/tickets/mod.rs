//! Tickets: rules, what they know of each device, what is being done about it, and what was decided.

mod cases;
mod findings;
mod intents;
mod log;
mod rules;
mod silences;
mod switches;

pub use cases::{CaseRow, Told, Traits};
pub use findings::{Feed, Finding, Findings};
pub use intents::{TicketIntentRow, TicketLabels};
pub use log::{NewTicketLog, TicketLogFilter};
pub use rules::RuleRow;
pub use silences::SilenceRow;
