//! Vendors: typed clients over [`egress`]. Wire shapes end here; what comes out is [`domain`]'s.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod checks;
mod error;
pub mod json;
pub mod token;

pub use error::VendorError;
pub use token::TokenCache;
