//! Drift: what changed under mappings, and what can be done about it.

use serde::{Deserialize, Serialize};

use crate::Page;
use crate::endpoint::endpoints;
use domain::Timestamp;
use domain::drift::{Drift, DriftKind, DriftState, Repair};
use domain::ids::DriftId;

endpoints! {
    "drift";

    /// What changed under mappings.
    ListDrift("list_drift") = Get "/api/drift" (SeeBilling, Scoped), query DriftQuery => 200 Page<DriftView>;

    /// Repair what changed under a mapping.
    ResolveDrift("resolve_drift") = Post "/api/drift/{id}/resolve" (ManageMappings, Scoped),
        path DriftId, body Resolve => 200 DriftView, or [409];

    /// Leave what changed under a mapping as it is.
    IgnoreDrift("ignore_drift") = Post "/api/drift/{id}/ignore" (ManageMappings, Scoped),
        path DriftId, body Ignore => 200 DriftView, or [409];
}

/// `GET /api/drift`: latest first; understands `q`, `after` and `limit` besides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DriftQuery {
    /// Which events; open ones when left out.
    pub state: Option<DriftState>,
    /// Which kind; all when left out.
    pub kind: Option<DriftKind>,
    /// Text to find in the subject.
    pub q: Option<String>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Items to a page.
    pub limit: Option<u32>,
}

/// An event as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DriftView {
    /// What was found.
    pub drift: Drift,
    /// Where it stands.
    pub state: DriftState,
    /// Whether billing pauses for its lines now.
    pub pauses: bool,
    /// When it was found first, since it was last resolved.
    pub first_seen: Timestamp,
    /// When it was last found; none while nothing has been looked at.
    pub last_seen: Option<Timestamp>,
    /// Who ignored or resolved it; `schedule` when its cause went by itself.
    pub by: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
    /// Why it is ignored, or how it was resolved.
    pub reason: Option<String>,
}

/// `POST /api/drift/{id}/resolve`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    /// One of the event's repairs.
    pub repair: Repair,
}

/// `POST /api/drift/{id}/ignore`: pauses nothing from now on, until it comes back different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Ignore {
    /// Why, 1 to 200 characters.
    pub reason: String,
}
