//! ESET Connect, and ESET PROTECT On-Prem 13 with the same API: device groups and devices; detections in the cloud alone. Only
//! read.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod check;
mod client;
mod detections;
mod wire;

pub use check::check;
pub use client::{BATCH, Connect, Device, Group, Listed, Member};
pub use detections::{Delta, Detection, is_refused};

/// Which of the two it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// ESET Connect: the cloud, with a host for each domain and region.
    Cloud,
    /// ESET PROTECT On-Prem 13 and later: one's own server.
    OnPrem,
}
