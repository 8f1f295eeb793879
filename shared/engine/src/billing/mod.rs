//! Bills as an effect: an approved line becomes an [`Intent`], which changes one addition once.

mod change;
mod intent;
mod note;
mod write;

pub use change::Change;
pub use intent::{Intent, Outcome};
pub use write::{Observed, Write, WriteAnswer};

#[cfg(test)]
mod change_tests;
