//! Tickets: which device needs someone, and what becomes of its ticket, from open to closed.
//!
//! Pure, like everything here. A [`TicketRule`] watches a group of devices; what it knows of one device is a [`Case`]. Each poll
//! tells the case whether the device is in the group, each look at ConnectWise how its ticket stands, and [`next`] answers what is
//! to be done. A deed is named by the entry it is about, so that the same deed is never done twice however often it is asked for.
//!
//! What is to be done becomes an intent of the engine, which carries it on, from the first look to the proof.

mod case;
mod desk;
mod edit;
#[cfg(any(test, feature = "examples"))]
pub mod example;
mod lifecycle;
mod rule;
mod rule_check;
mod silence;
mod storm;
mod target;
mod text;

pub use case::{Case, Closer, OurTicket, Presence, TicketState};
pub use desk::{
    Association, Board, BoardSetup, BoardStatus, Choice, Configuration, Desk, DeskFault, DeskField, DeskWhy, Device, DeviceFit,
    DeviceMatch, MatchedBy, Named, NewConfiguration, NewTicket, SeenTicket,
};
pub use edit::EditError;
pub use lifecycle::{Deed, Lifecycle, Next, Return, Skip, next};
pub use rule::{Attach, DetectionCategory, Per, RuleSource, Severity, TicketRule};
pub use silence::{MOST_MUTED_DAYS, Silence, SilenceScope, Times, Whereabouts, silent_until};
pub use storm::{Planned, plan};
pub use target::{Paused, Standing, TicketTarget, paused};
pub use text::{Fields, Template, UnknownField, marker, plain};

#[cfg(test)]
#[path = "ticket_laws.rs"]
mod laws;
