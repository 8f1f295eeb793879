//! The HTTP contract between the Worker and everyone who calls it: the app, scripts, other tools.
//!
//! One file a resource: its types, and its endpoints above them. Files stand in rooms by part of the product; callers name the
//! resource alone (`contract::month`). [`ROUTES`] is the table of contents.

// A panic takes every request of its isolate with it.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod access;
mod billing;
mod endpoint;
mod install;
mod mapping;
#[cfg(feature = "schema")]
pub mod openapi;
pub mod problem;
pub mod routes;
pub mod share;
pub mod tickets;

pub use access::{access_groups, people, session, tokens};
pub use billing::{drift, month, months, plan_slice, reconciliation};
pub use endpoint::{Endpoint, File, PathParts, Takes, VisitorEndpoint};
pub use install::{backup, connections, forgetting, history, look_only, overview, passes, policy, retention, service, snapshots, vault};
pub use mapping::{companies, groups, mapping_table, products, psa};
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
