//! Tickets: which device needs someone, and what becomes of its ticket, from open to closed.
//!
//! Pure, like everything here. A [`TicketRule`] watches a group of devices; what it knows of one device is a [`Case`]. Each poll
//! tells the case whether the device is in the group, each look at ConnectWise how its ticket stands, and [`next`] answers what is
//! to be done. A action is named by the entry it is about, so that the same action is never done twice however often it is asked for.
//!
//! What is to be done becomes an intent of the engine, which carries it on, from the first look to the proof.

mod case;
mod desk;
mod edit;
#[cfg(any(test, feature = "examples"))]
pub mod example;
mod leaves;
mod lifecycle;
mod mute;
mod rule;
mod rule_check;
mod storm;
mod target;
mod text;

pub use case::{Case, Closer, OurTicket, Presence, TicketState};
pub use desk::{
    Association, Board, BoardFault, BoardFaultReason, BoardField, BoardSetup, BoardStatus, Choice, Configuration, Device, DeviceFit,
    DeviceMatch, MatchedBy, Named, NewConfiguration, NewTicket, SeenTicket, ServiceBoardOptions,
};
pub use edit::EditError;
pub use leaves::{Doubt, FEW, GroupReading, LeaveLimits, Leaves, PATIENCE};
pub use lifecycle::{Lifecycle, Next, Return, Skip, TicketAction, next};
pub use mute::{MOST_MUTED_DAYS, Mute, MuteScope, Times, Whereabouts, muted_until};
pub use rule::{Attach, DetectionCategory, Per, RuleSource, Severity, TicketRule};
pub use storm::{Planned, plan};
pub use target::{Paused, Standing, TicketTarget, paused};
pub use text::{Fields, Template, UnknownField, marker, plain};

#[cfg(test)]
#[path = "ticket_laws.rs"]
mod laws;
