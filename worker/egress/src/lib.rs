//! Egress: the only way out. Every call to a vendor goes through [`Outbound::send`], which checks the address, spreads calls
//! over time, bounds them in time and size, decides about repeating, and writes one log line without secrets. What is asked of those
//! who vouch for people goes through [`Egress::ask`]: guarded and logged alike, but short, small and tried once.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod body;
pub mod breaker;
mod call;
mod delivery;
pub mod guard;
mod inquiry;
mod outbound;
pub mod ports;

pub use body::read_body;
pub use breaker::Because;
pub use call::{Answer, Call, EgressError, Fingerprint};
pub use delivery::Delivery;
pub use guard::{Blocked, Environment};
pub use inquiry::{Inquiry, Of};
pub use outbound::{Config, Egress, MAX_BODY, Outbound, TIMEOUT};
