//! How long what is stored is kept, what is stored now, and what goes when. `PUT /api/retention` takes a whole [`Retention`].

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::endpoint::endpoints;
use domain::Timestamp;
use domain::ids::ConnectionId;
use domain::retention::Retention;

endpoints! {
    "retention";

    /// How long what is stored is kept, and what is stored now.
    ShowRetention("retention") = Get "/api/retention" (SeeConnections, Whole) => 200 RetentionView;

    /// Set how long what is stored is kept. What is over age goes with the next nightly run.
    SetRetention("set_retention") = Put "/api/retention" (ManageData, Whole), body Retention => 200 RetentionView;
}

/// `GET /api/retention`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RetentionView {
    /// The ages in force, in days.
    pub ages: Retention,
    /// Who set them; none while they are the defaults.
    pub set_by: Option<String>,
    /// When.
    pub set_at: Option<Timestamp>,
    /// What is stored now.
    pub stored: Vec<StoredKind>,
    /// Snapshots of this day and later are kept whatever their age, because a month is not closed or may still be questioned.
    pub held_from: NaiveDate,
    /// Deleted connections of which something is left.
    pub deleted_connections: Vec<DeletedConnectionView>,
    /// When what was over age was last removed.
    pub removed_at: Option<Timestamp>,
}

/// How much is stored of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StoredKind {
    /// What it is.
    pub label: String,
    /// How many.
    pub count: u32,
    /// When the oldest was written.
    pub oldest: Option<Timestamp>,
}

/// A deleted connection of which something is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeletedConnectionView {
    /// Its id.
    pub id: ConnectionId,
    /// Its name.
    pub name: String,
    /// When it was deleted.
    pub deleted_at: Timestamp,
    /// The day after which what was read through it goes. Snapshots that a month holds go when it does not any more.
    pub goes_on: NaiveDate,
}
