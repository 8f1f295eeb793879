//! The service itself: whether it is up, and its description.

use serde::{Deserialize, Serialize};

use crate::endpoint::endpoints;

endpoints! {
    "service";

    /// Whether the service is up.
    ShowHealth("health") = Get "/api/health" (SeeStatus, Free) => 200 Health;

    /// This document.
    ShowDescription("openapi") = Get "/api/openapi.json" (SeeStatus, Free) => 200 "application/json";
}

/// `GET /api/health`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Health {
    /// `ok` while the service answers.
    pub status: String,
    /// Seatbridge's version.
    pub version: String,
    /// Whether nothing is written to ConnectWise before a person has looked: see `/api/look-only`.
    #[serde(default)]
    pub look_only: bool,
}
