//! The month: what is billed, what people decided about it, the changes that were approved, and months that are over.

pub(super) mod additions;
pub(super) mod basis;
pub(super) mod decisions;
pub(super) mod evidence;
pub(super) mod intents;
pub(super) mod lines;
pub(super) mod month_sheets;
pub(super) mod months;
pub(super) mod records;
pub(super) mod replan;
