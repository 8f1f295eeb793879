//! The policy: the caps lines and runs are held by. `PUT /api/policy` takes a whole [`Policy`].

use serde::{Deserialize, Serialize};

use crate::endpoint::endpoints;
use domain::Timestamp;
use domain::billing::Policy;

endpoints! {
    "policy";

    /// The caps lines and approvals must keep.
    ShowPolicy("policy") = Get "/api/policy" (SeeBilling, Free) => 200 PolicyView;

    /// Set the caps lines and approvals must keep.
    SetPolicy("set_policy") = Put "/api/policy" (SetPolicy, Whole), body Policy => 200 PolicyView;
}

/// `GET /api/policy`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PolicyView {
    /// The policy in force.
    pub policy: Policy,
    /// Who set it; none while it is the one of the deployment.
    pub set_by: Option<String>,
    /// When.
    pub set_at: Option<Timestamp>,
}
