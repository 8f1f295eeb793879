//! The people who may come in.

use serde::{Deserialize, Serialize};

use crate::endpoint::endpoints;
use domain::Timestamp;
use domain::access::{Role, Visibility};

endpoints! {
    "people";

    /// People who may come in.
    ListPeople("list_people") = Get "/api/people" (SeePeople, Whole) => 200 Vec<PersonView>;

    /// Invite somebody.
    InvitePerson("invite_person") = Post "/api/people" (ManagePeople, Whole), body Invite => 201 InvitationLink, or [409];

    /// Change somebody's name or role.
    ChangePerson("change_person") = Patch "/api/people/{id}" (ManagePeople, Whole),
        path String, body PersonChange => 200 PersonView, or [409];

    /// Shut somebody out, at once.
    RemovePerson("remove_person") = Delete "/api/people/{id}" (ManagePeople, Whole), path String => 204, or [409];

    /// Make a one-time link for somebody invited, or who has lost their passkeys.
    LinkPerson("link_person") = Post "/api/people/{id}/link" (ManagePeople, Whole), path String => 201 InvitationLink;

    /// End all sessions of somebody.
    EndSessionsOf("end_sessions") = Delete "/api/people/{id}/sessions" (ManagePeople, Whole), path String => 204;
}

/// Somebody who may come in, or is invited to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonView {
    /// Their id.
    pub id: String,
    /// The name shown and written into the history.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What they see.
    pub scope: Visibility,
    /// Who invited them.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Passkeys they have; none until they have come in for the first time.
    pub passkeys: u32,
    /// Sessions that are open.
    pub sessions: u32,
    /// When they were last here, to the minute.
    pub seen_at: Option<Timestamp>,
    /// When the one-time link that is out for them stops working.
    pub invited_until: Option<Timestamp>,
    /// Whether they come in by the identity provider, which says their name and role; nobody does where none is set up.
    pub by_provider: bool,
}

/// `POST /api/people`: makes a person and a one-time link for them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// Their name, 1 to 60 characters; nobody else may have it.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What they see; an administrator always sees everything.
    #[serde(default)]
    pub scope: Visibility,
}

/// A one-time link, answered once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InvitationLink {
    /// Whose it is.
    pub person: String,
    /// The token; the link is `/welcome#<token>`.
    pub token: String,
    /// When it stops working, used or not.
    pub expires_at: Timestamp,
}

/// `PATCH /api/people/{id}`. A change of role ends their sessions; what they see changes with their next request.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PersonChange {
    /// Another name.
    pub name: Option<String>,
    /// Another role. Who becomes an administrator sees everything.
    pub role: Option<Role>,
    /// Something else to see.
    pub scope: Option<Visibility>,
}
