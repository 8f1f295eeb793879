//! The policy: the caps lines and runs are held by. `PUT /api/policy` takes a whole [`Policy`].

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::billing::Policy;

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
