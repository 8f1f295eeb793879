//! The engine, explored: every state that an intent can come to, with a vendor that loses answers and whose reads lag, a Worker that dies
//! at any call, and people who come in between. `docs/reliability.md` says what is promised; each promise is asked of each state.

// The types are the tests' own, and their names say what they are.
#![allow(missing_docs)]

pub mod billing;
pub mod clock;
pub mod moves;
pub mod report;
pub mod tickets;
pub mod watch;
pub mod world;
