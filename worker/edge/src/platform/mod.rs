//! Cloudflare: the ports as Workers have them. With `lib.rs`, the only place that names a Cloudflare or JavaScript type.

mod bucket;
mod clock;
mod entropy;
mod key_value;
mod log;
mod memory;
mod object;
mod rate_limit;
mod refusal;
mod sql;
mod transport;

pub use object::Ledger;

pub(crate) use self::log::start as start_log;
pub(crate) use self::rate_limit::calls_too_often;
pub(crate) use self::refusal::refusal;
