//! The HTTP contract between the Worker and everyone who calls it: the app, scripts, other tools.
//!
//! One file a resource: its types, and its endpoints above them. [`ROUTES`] is the table of contents.

// A panic takes every request of its isolate with it.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod access_groups;
pub mod backup;
pub mod companies;
pub mod connections;
pub mod drift;
mod endpoint;
pub mod groups;
pub mod history;
pub mod look_only;
pub mod mapping_table;
pub mod month;
pub mod months;
#[cfg(feature = "schema")]
pub mod openapi;
pub mod overview;
pub mod passes;
pub mod people;
pub mod plan_slice;
pub mod policy;
pub mod problem;
pub mod products;
pub mod psa;
pub mod reconciliation;
pub mod routes;
pub mod service;
pub mod session;
pub mod share;
pub mod snapshots;
pub mod tickets;
pub mod tokens;
pub mod vault;

pub use endpoint::{Endpoint, File, PathParts, Takes, VisitorEndpoint};
pub use problem::Problem;
pub use routes::{DESCRIPTION, Method, ROUTES, Route, RouteScope, needs_everything};

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "PageOf{T}"))]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// Items of the whole list, with the same filter.
    pub total: u32,
    /// Pass as `after` to read on; none on the last page.
    pub next: Option<String>,
}

/// Which part of a list is wanted. Every list understands these three.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// Text to find, in any column that has text.
    pub q: Option<String>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Items to a page, 1 to 500; 100 when left out.
    pub limit: Option<u32>,
}

/// The largest page.
pub const MAX_PAGE: u32 = 500;
/// The page size when none is asked for.
pub const DEFAULT_PAGE: u32 = 100;

#[cfg(test)]
mod json_tests;
