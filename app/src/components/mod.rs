//! Pieces that pages are put together from.

pub(crate) mod badge;
pub(crate) mod button;
pub(crate) mod dialog;
pub(crate) mod filter;
pub(crate) mod form;
pub(crate) mod icon;
pub(crate) mod keyboard;
pub(crate) mod list;
pub(crate) mod page_head;
pub(crate) mod preview_panel;
pub(crate) mod problem;
pub(crate) mod progress;
pub(crate) mod query;
pub(crate) mod reason;
pub(crate) mod segments;
pub(crate) mod shell;
pub(crate) mod table_link;
pub(crate) mod time;
