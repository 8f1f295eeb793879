//! ConnectWise PSA: companies, agreements, the catalog, additions, and the one write there is: an addition's quantity.

mod advice;
mod caller;
mod check;
mod client;
mod conditions;
mod discovery;
mod patch;
mod refusal;
mod security;
mod wire;

pub use check::check;
pub use client::{Batch, Connectwise, Keys, PAGE_SIZE};
pub use conditions::{Condition, Is};
pub use discovery::SiteCache;
pub use security::{Level, Permission};
