//! Connections, limits, and coming in.

pub(crate) mod ages;
pub(crate) mod connection_form;
pub(crate) mod limits;
pub(crate) mod look_only;
pub(crate) mod sign_in;
