//! ConnectWise PSA: companies, agreements, the catalog and additions, which are billed by; and the service desk with its boards,
//! tickets and configurations.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod advice;
mod caller;
mod check;
mod client;
mod conditions;
mod desk;
mod discovery;
mod patch;
mod refusal;
#[cfg(test)]
mod scripted_tests;
mod security;
mod wire;

pub use check::check;
pub use client::{Batch, Connectwise, Keys, Odd, PAGE_SIZE, marked};
pub use conditions::{Condition, Is};
pub use desk::Page;
pub use discovery::SiteCache;
pub use security::{Level, Permission};
