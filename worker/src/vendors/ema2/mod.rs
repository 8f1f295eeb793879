//! ESET MSP Administrator 2 (EMA 2): companies, licences and usage. Only read; every POST here is a question.

mod bundle;
mod check;
mod client;
mod loose;
mod page;
mod wire;

pub use check::check;
pub use client::{Account, Company, CompanyDetails, Ema2, TAKE, UsageRow};
pub use page::Page;
