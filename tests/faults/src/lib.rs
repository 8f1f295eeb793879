//! Proof that no line is billed twice, lost or stuck, and that no ticket is, whatever breaks and whoever comes in between.
//!
//! A [`Script`] says what happens: a call that breaks in some way, a person or the vendor who does something while a call is
//! under way, a new version deployed in the middle. A [`Run`] is one install that lives through a script. The [`oracle`] then
//! compares what the vendors' journal says was really changed with what was wanted.
//!
//! - [`sweep`]: every kind of trouble at every call of a commit, one at a time and in pairs.
//! - [`random`]: worlds, troubles and people drawn from a seed; a seed that fails is shrunk to what it needs.
//! - [`tickets`]: the same for tickets, in worlds in which devices come and go.

pub mod act;
pub mod oracle;
pub mod planted;
pub mod random;
pub mod restored;
pub mod rng;
pub mod run;
pub mod script;
pub mod sweep;
pub mod tickets;

pub use run::Run;
pub use script::{Script, What, When};
