//! Device groups as each console shows them, and whose they are.

use serde::{Deserialize, Serialize};

use crate::Page;
use crate::endpoint::endpoints;
use domain::Timestamp;
use domain::groups::StandsFor;
use domain::ids::{ConnectionId, DeviceGroupId, DeviceId, EsetCompanyId, PsaCompanyId};

endpoints! {
    "groups";

    /// Device groups of each console, and whose they are.
    ListGroups("list_groups") = Get "/api/groups" (SeeTickets, Scoped) => 200 Vec<ConsoleGroups>;

    /// Devices in a group now, asked of its console.
    ListMembers("list_members") = Get "/api/groups/{id}/{group}/devices" (SeeTickets, Scoped),
        path (ConnectionId, DeviceGroupId), query MembersQuery => 200 Page<MemberView>, or [409, 502, 503];

    /// Say whose a company's device group is.
    SetGroupOwner("name_owner") = Put "/api/groups/{id}/{group}/owner" (ManageMappings, Whole),
        path (ConnectionId, DeviceGroupId), body NameOwner => 204;
}

/// The groups of one console, as they were last read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConsoleGroups {
    /// The connection to the console.
    pub connection: ConnectionId,
    /// Its name.
    pub name: String,
    /// When they were read; none when they never were.
    pub read_at: Option<Timestamp>,
    /// The groups; each above it is among them.
    pub groups: Vec<GroupView>,
}

/// A device group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GroupView {
    /// Its id.
    pub group: DeviceGroupId,
    /// Its name.
    pub name: String,
    /// The group above it.
    pub parent: Option<DeviceGroupId>,
    /// Whether devices belong to it as long as they meet a condition.
    pub dynamic: bool,
    /// What it stands for in the MSP tree.
    pub stands_for: Option<StandsFor>,
    /// Devices that were put into this very group. How many are in a dynamic one is not read with the tree.
    pub devices: Option<u32>,
    /// The group of the company it belongs to: itself, or the nearest above it that stands for one.
    pub company: Option<DeviceGroupId>,
    /// Of a group that stands for a company: the company in ESET MSP Administrator that is meant, when that is sure.
    pub owner: Option<GroupOwner>,
    /// Who has said whose it is, and when; none while its id and its name tell.
    pub said: Option<SaidOwnerView>,
    /// The company that may be meant where none is sure: its name is much alike, and no other's is.
    pub suggested: Option<GroupOwner>,
}

/// What somebody has said about whose a company's group is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SaidOwnerView {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// `PUT /api/groups/{id}/{group}/owner`: says whose a company's device group is. What is shown to whom and where tickets go follows at
/// once; tickets there are stay where they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NameOwner {
    /// Whose it is.
    pub owner: OwnerChoice,
}

/// Whose a company's device group is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum OwnerChoice {
    /// This company's.
    Company {
        /// The connection to ESET MSP Administrator.
        connection: ConnectionId,
        /// The company.
        company: EsetCompanyId,
    },
    /// No company's, whatever its name: its tickets go to the rule's own company.
    Nobody,
    /// The company's with its id, else the only one's with its very name.
    Automatic,
}

/// The company a group stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GroupOwner {
    /// The connection it is read through.
    pub connection: ConnectionId,
    /// Its id.
    pub company: EsetCompanyId,
    /// Its name.
    pub name: String,
    /// The ConnectWise company it is mapped to, which its tickets go to.
    pub mapped: Option<MappedOwner>,
}

/// The ConnectWise company behind a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MappedOwner {
    /// The ConnectWise connection.
    pub psa: ConnectionId,
    /// The company.
    pub company: PsaCompanyId,
    /// Its name; none when ConnectWise does not show it any more.
    pub name: Option<String>,
}

/// `GET /api/groups/{id}/{group}/devices`: the devices that are in this very group now, as the console answers them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MembersQuery {
    /// Devices of a page, 1 to 500; 100 when left out.
    pub limit: Option<u32>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// A device in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberView {
    /// Its id.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
}
