//! What every request passes and every handler stands on: who calls, what is allowed, how bodies are read and answered.

pub(in crate::http) mod answer;
pub(in crate::http) mod authorize;
pub(in crate::http) mod caller;
pub(in crate::http) mod cloudflare_access;
pub(in crate::http) mod download;
pub(in crate::http) mod error;
pub(in crate::http) mod extract;
pub(in crate::http) mod names;
pub(in crate::http) mod page;
pub(in crate::http) mod refusals;
pub(in crate::http) mod site;
