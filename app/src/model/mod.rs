//! What the screen knows and decides, without the screen: plain types, tested natively.

pub(crate) mod address;
pub(crate) mod billing;
pub(crate) mod freshness;
pub(crate) mod keys;
pub(crate) mod mapping;
pub(crate) mod pace;
pub(crate) mod place;
pub(crate) mod settings;
pub(crate) mod tickets;
pub(crate) mod typed;
