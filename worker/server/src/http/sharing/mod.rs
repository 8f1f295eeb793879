//! Share links, and what a visitor is shown.

pub(in crate::http) mod share_links;
pub(in crate::http) mod visit;
