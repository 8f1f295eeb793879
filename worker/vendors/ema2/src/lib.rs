//! ESET MSP Administrator 2 (EMA 2): companies, licences and usage. Only read; every POST here is a question.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod bundle;
mod check;
mod client;
mod loose;
mod page;
mod wire;

pub use check::check;
pub use client::{Account, Company, CompanyDetails, CompanyUsage, Ema2, ProductUsage, TAKE};
pub use page::Page;
