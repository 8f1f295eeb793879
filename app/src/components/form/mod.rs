//! What forms are put together from: fields, choices, and groups of both.

pub(crate) mod catalog_search;
pub(crate) mod choice;
pub(crate) mod field;
pub(crate) mod role_choice;
pub(crate) mod rule_fields;
pub(crate) mod secret;
pub(crate) mod visibility_choice;
