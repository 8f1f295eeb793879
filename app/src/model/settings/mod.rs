//! Connections, limits, and coming in.

pub(crate) mod connection_form;
pub(crate) mod door;
pub(crate) mod limits;
