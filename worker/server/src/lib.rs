//! An install: its HTTP API and its passes, over the ports of [`egress`] and [`store`]. No type of Cloudflare or JavaScript is
//! named here, so that all of it runs under `cargo test` against the simulator.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod backup;
mod clients;
pub mod config;
pub mod headers;
mod history;
pub mod http;
pub mod identity;
mod owners;
pub mod passes;
mod policy;
mod retention;
mod rotation;
pub mod tenant;
pub mod throttle;
pub mod vault;
pub mod vendor_problem;
mod visible;
