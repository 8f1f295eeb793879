//! The Worker as the module that is uploaded: everything stands in `seatbridge-worker`.
//!
//! A crate of its own, because cargo optimises across crates (`lto`) only what is nothing but a `cdylib`, and the Worker's own
//! crate is also a library to the native tests. Its events and its Durable Object are exported from there.

pub use seatbridge_worker::*;
