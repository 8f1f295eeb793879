//! Vendors: typed clients over [`crate::egress`]. Wire shapes end here; what comes out is [`shared`]'s.

mod checks;
pub mod connect;
pub mod connectwise;
pub mod ema2;
mod error;
mod json;
mod token;

pub use error::VendorError;
pub use token::TokenCache;
