//! Seats: what ESET bills the MSP for (ordered) and what the customer uses (activated), each with the licences it came from.

mod count;
mod licence;
mod snapshot;
mod tally;

pub use count::{Calendar, Count, CountNote, Holding};
pub use licence::{Licence, LicenceState, NotCounted, Part};
pub use snapshot::{CompanySeats, EntityKind, ProductSeats, SNAPSHOT_SCHEMA, Snapshot};
pub use tally::{MonthCount, Tally, TallyRow, tallies};
