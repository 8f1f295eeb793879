//! *Forget this customer*: what would go and what stays, and doing it.

use serde::{Deserialize, Serialize};

use crate::endpoint::endpoints;

endpoints! {
    "forgetting";

    /// What goes and what stays when a customer is forgotten, and what has to end first. Changes nothing.
    PreviewForgetting("forgetting") = Get "/api/forget" (ManageData, Whole), query ForgetQuery => 200 ForgetPreview;

    /// Forget a customer: its names and devices go out of the history, logs, snapshots and closed months; their numbers stay.
    ForgetCustomer("forget_customer") = Post "/api/forget" (ManageData, Whole), body Forget => 202 Forgetting, or [409];
}

/// `?name=…` of `GET /api/forget`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ForgetQuery {
    /// The customer's name, as ESET showed it. None asks only whether one is being forgotten.
    pub name: Option<String>,
}

/// `GET /api/forget`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ForgetPreview {
    /// What has to end before it can be forgotten, in sentences. Empty when nothing stands in the way.
    pub first: Vec<String>,
    /// What loses its names, with how many rows of it.
    pub goes: Vec<ForgetCount>,
    /// Devices known by name in the tickets' log.
    pub devices: u32,
    /// Snapshots that are looked through.
    pub snapshots: u32,
    /// Closed months, whose numbers stay.
    pub closed_months: u32,
    /// Who is being forgotten now, by the name it is given.
    pub running: Option<Forgetting>,
}

/// How many rows name a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ForgetCount {
    /// What they are.
    pub label: String,
    /// How many.
    pub count: u32,
}

/// The body of `POST /api/forget`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Forget {
    /// The customer's name, as ESET showed it.
    pub name: String,
    /// The name once more: whoever types it means this customer.
    pub confirm: String,
    /// Other names that go: another spelling, its name in ConnectWise, a contact; twenty at most.
    #[serde(default)]
    pub others: Vec<String>,
}

/// A customer that is being forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Forgetting {
    /// What it is called from now on.
    pub alias: String,
}
