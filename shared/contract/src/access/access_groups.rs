//! Access groups: named sets of ESET companies, which people and API tokens are given to see.

use serde::{Deserialize, Serialize};

use crate::endpoint::endpoints;
use domain::Timestamp;
use domain::billing::Member;
use domain::ids::AccessGroupId;

endpoints! {
    "access groups";

    /// Access groups, by name.
    ListAccessGroups("list_access_groups") = Get "/api/access-groups" (SeePeople, Whole) => 200 Vec<AccessGroupView>;

    /// Make an access group.
    CreateAccessGroup("create_access_group") = Post "/api/access-groups" (ManagePeople, Whole),
        body NameAccessGroup => 201 AccessGroupView, or [409];

    /// Rename an access group.
    RenameAccessGroup("rename_access_group") = Patch "/api/access-groups/{id}" (ManagePeople, Whole),
        path AccessGroupId, body NameAccessGroup => 200 AccessGroupView, or [409];

    /// Delete an access group that nobody is given.
    DeleteAccessGroup("delete_access_group") = Delete "/api/access-groups/{id}" (ManagePeople, Whole), path AccessGroupId => 204, or [409];

    /// Put companies into an access group, or take them out.
    GroupCompanies("assign_companies") = Put "/api/access-groups/companies" (ManagePeople, Whole), body AssignCompanies => 204;
}

/// An access group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccessGroupView {
    /// Its id.
    pub id: AccessGroupId,
    /// Its name; no other group has it.
    pub name: String,
    /// Companies that were put into it.
    pub own: u32,
    /// Companies in it, with those below the ones that were put into it.
    pub companies: u32,
    /// People who see it.
    pub people: u32,
    /// API tokens that see it.
    pub tokens: u32,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
}

/// `POST /api/access-groups` and `PATCH /api/access-groups/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NameAccessGroup {
    /// Its name, 1 to 60 characters; no other group may have it.
    pub name: String,
}

/// `PUT /api/access-groups/companies`: puts companies into a group, or takes them out of the one they were put into; all of them
/// or none. A company that was put into no group is in that of the nearest above it that was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AssignCompanies {
    /// Which, 1 to 500.
    pub companies: Vec<Member>,
    /// The group; none takes them out.
    pub group: Option<AccessGroupId>,
}
