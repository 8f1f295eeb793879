//! The month's lines and the books.

pub(crate) mod changes;
pub(crate) mod lines;
pub(crate) mod months;
pub(crate) mod selection;
