//! Seats: what ESET bills the MSP for (ordered) and what the customer uses (activated), each with the licences it came from.

mod licence;
mod snapshot;

pub use licence::{Licence, LicenceState, NotCounted};
pub use snapshot::{CompanySeats, EntityKind, ProductSeats, SNAPSHOT_SCHEMA, Snapshot};
