//! Where companies and products are billed, and what changed under that.

pub(crate) mod decisions;
pub(crate) mod drift;
