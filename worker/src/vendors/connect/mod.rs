//! ESET Connect, and ESET PROTECT On-Prem 13 with the same API: device groups and devices. Only read.

mod check;
mod client;
mod wire;

pub use check::check;
pub use client::{BATCH, Connect, Device, Group, Listed, Member};

/// Which of the two it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// ESET Connect: the cloud, with a host for each domain and region.
    Cloud,
    /// ESET PROTECT On-Prem 13 and later: one's own server.
    OnPrem,
}
