//! Tickets: rules, what they know of each device, what is being done about it, and what was decided.

mod cases;
mod doubts;
mod findings;
mod intents;
mod log;
mod mutes;
mod others;
mod rules;
mod switches;

pub use cases::{CaseRow, Cases, Told, Traits};
pub use doubts::{DoubtedLeaves, DoubtsByRule};
pub use findings::{Detections, Feed, Finding, Findings};
pub use intents::{TicketIntentRow, TicketIntents, TicketLabels};
pub use log::{NewTicketLog, TicketLog, TicketLogFilter};
pub use mutes::{MuteRow, Mutes};
pub use others::OtherTickets;
pub use rules::{RuleRow, TicketRules};
pub use switches::TicketSwitches;
