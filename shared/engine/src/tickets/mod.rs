//! Tickets as an effect: what is to be done to one becomes a [`TicketIntent`], and [`settle`] takes what came of it back into its
//! case. A case has one intent at a time ([`TicketIntent::holds_case`]).

mod compose;
mod intent;
mod parts;
mod settle;
mod step;

pub use compose::{About, summary_subject};
pub use intent::{DeviceTraits, Parts, Progress, TicketActionKind, TicketEnd, TicketIntent, TicketOutcome};
pub use settle::{settle, still_wanted};
pub use step::{Attachment, Look, Receipt, Sighting, TicketAnswer, TicketCommand, TicketEvent, TicketWrite};
