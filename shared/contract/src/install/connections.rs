//! Connections: one set of credentials for one vendor. Credentials go in and never come out.

use serde::{Deserialize, Serialize};

pub use domain::connections::{
    CONNECT_REGIONS, Check, CheckResult, ConnectionKind, Credentials, EMA2_ADDRESS, TestReport, connect_address,
};

use crate::endpoint::endpoints;
use domain::Timestamp;
use domain::ids::ConnectionId;

endpoints! {
    "connections";

    /// List connections.
    ListConnections("list_connections") = Get "/api/connections" (SeeConnections, Free) => 200 Vec<ConnectionView>;

    /// Create a connection and test it.
    CreateConnection("create_connection") = Post "/api/connections" (ManageConnections, Whole),
        body NewConnection => 201 ConnectionView, or [409, 502, 503];

    /// Test credentials without storing them.
    TestCredentials("test_credentials") = Post "/api/connections/test" (ManageConnections, Whole),
        body NewConnection => 200 TestReport, or [502, 503];

    /// One connection.
    ShowConnection("connection") = Get "/api/connections/{id}" (SeeConnections, Free), path ConnectionId => 200 ConnectionView;

    /// Change a connection.
    ChangeConnection("change_connection") = Patch "/api/connections/{id}" (ManageConnections, Whole),
        path ConnectionId, body ConnectionChange => 200 ConnectionView, or [409, 502, 503];

    /// Delete a connection; history is kept.
    DeleteConnection("delete_connection") = Delete "/api/connections/{id}" (ManageConnections, Whole), path ConnectionId => 204, or [409];

    /// Test a stored connection.
    TestConnection("test_connection") = Post "/api/connections/{id}/test" (ManageConnections, Whole),
        path ConnectionId => 200 TestReport, or [409, 502, 503];

    /// What deleting it takes along.
    ShowConsequences("consequences_of_deleting") = Get "/api/connections/{id}/consequences" (SeeConnections, Whole),
        path ConnectionId => 200 Consequences;
}

/// A connection as it is created. Its kind says which credentials it wants.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewConnection {
    /// The name shown; unique, 1 to 60 characters.
    pub name: String,
    /// The address: EMA 2's API (the vendor's own when left out), the region of ESET Connect (`eu`), the public address of an
    /// ESET PROTECT server, or the ConnectWise site as typed (`na.myconnectwise.net`).
    #[serde(default)]
    pub address: Option<String>,
    /// The vendor and its credentials.
    pub credentials: Credentials,
}

/// A change of a connection. What is left out stays; credentials are replaced as a whole.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConnectionChange {
    /// A new name.
    #[serde(default)]
    pub name: Option<String>,
    /// A new address.
    #[serde(default)]
    pub address: Option<String>,
    /// New credentials, of the same vendor.
    #[serde(default)]
    pub credentials: Option<Credentials>,
}

/// A connection as listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConnectionView {
    /// Its id.
    pub id: ConnectionId,
    /// Its name.
    pub name: String,
    /// The vendor.
    pub kind: ConnectionKind,
    /// The address.
    pub address: String,
    /// Who it signs in as: the EMA 2 login, or the ConnectWise company and the first letters of the public key.
    pub identity: String,
    /// When the credentials were last set.
    pub credentials_set_at: Timestamp,
    /// The latest test, if any.
    pub last_test: Option<TestReport>,
    /// How fresh what was read through it is.
    pub freshness: Freshness,
}

/// How fresh what was read through a connection is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Freshness {
    /// When it was last read to the end.
    pub read_at: Option<Timestamp>,
    /// When it was last tried.
    pub tried_at: Option<Timestamp>,
    /// What the last try failed with, while it fails.
    pub failure: Option<String>,
    /// Whether it is older than billing allows.
    pub stale: bool,
    /// Whether it is being read now.
    pub reading: bool,
}

/// What deleting a connection takes along, to be shown before the click. History is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Consequences {
    /// Company mappings that go.
    pub company_mappings: u32,
    /// Product mappings that go.
    pub product_mappings: u32,
    /// Lines of this month that go.
    pub lines: u32,
    /// Approved changes that will not be written any more.
    pub open_intents: u32,
    /// Ticket rules that are on and stop: for good without their console, until they have another one without their ConnectWise.
    pub ticket_rules: u32,
    /// The same in a sentence.
    pub words: String,
}
