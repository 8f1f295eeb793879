//! Vendors: typed clients over [`crate::egress`]. Wire shapes end here; what comes out is [`shared`]'s.

mod checks;
pub mod connectwise;
pub mod ema2;
mod error;
mod json;
mod problem;

pub use error::VendorError;
