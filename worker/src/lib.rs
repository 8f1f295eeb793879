//! Seatbridge's edge: HTTP, vendors, storage, and the driver of the rules in [`shared`].

pub mod egress;
pub mod ports;
pub mod vendors;
