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

    /// Shut somebody out, at once, and end what they have made to come in by unless it is kept.
    RemovePerson("remove_person") = Delete "/api/people/{id}" (ManagePeople, Whole), path String, query RemovalQuery => 204, or [409];

    /// Make a one-time link for somebody invited, or who has lost their passkeys.
    LinkPerson("link_person") = Post "/api/people/{id}/link" (ManagePeople, Whole), path String => 201 InvitationLink, or [409, 503];

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
    /// API tokens they have made, which work.
    pub tokens: u32,
    /// Share links they have made, themselves or by those tokens, which work.
    pub share_links: u32,
    /// When they were last here, to the minute.
    pub seen_at: Option<Timestamp>,
    /// When the one-time link that is out for them stops working.
    pub invited_until: Option<Timestamp>,
    /// Whether they come in by the identity provider, which says their name and role; nobody does where none is set up.
    pub by_provider: bool,
}

impl PersonView {
    /// What removing them ends and what goes on, in words: "2 sessions, 1 passkey, 3 API tokens and 4 share links end now."
    /// `whose` name it goes on under: "your", "Ada’s".
    pub fn farewell(&self, made: WhatTheyMade, whose: &str) -> String {
        let ways_in = [(self.sessions, "session"), (self.passkeys, "passkey")];
        let theirs = [(self.tokens, "API token"), (self.share_links, "share link")];
        match made {
            WhatTheyMade::End => ends(&[ways_in, theirs].concat(), "end now", "ends now"),
            WhatTheyMade::Keep if self.tokens + self.share_links == 0 => ends(&ways_in, "end now", "ends now"),
            WhatTheyMade::Keep => {
                let kept = ends(&theirs, &format!("go on under {whose} name"), &format!("goes on under {whose} name"));
                format!("{} {kept}", ends(&ways_in, "end now", "ends now"))
            }
        }
    }
}

/// A sentence about some of several kinds.
fn ends(kinds: &[(u32, &str)], many: &str, one: &str) -> String {
    let counted = |(number, kind): &(u32, &str)| format!("{number} {kind}{}", if *number == 1 { "" } else { "s" });
    let there: Vec<String> = kinds.iter().filter(|(number, _)| *number > 0).map(counted).collect();
    let verb = if kinds.iter().map(|(number, _)| number).sum::<u32>() == 1 { one } else { many };
    match there.split_last() {
        None => "They have no session and no passkey.".to_owned(),
        Some((only, [])) => format!("{only} {verb}."),
        Some((last, rest)) => format!("{} and {last} {verb}.", rest.join(", ")),
    }
}

/// `DELETE /api/people/{id}`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RemovalQuery {
    /// What becomes of the API tokens and share links they have made; they end when left out.
    #[serde(default)]
    pub made: WhatTheyMade,
}

/// What becomes of the API tokens and share links of somebody who is removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WhatTheyMade {
    /// They end with them.
    #[default]
    End,
    /// They go on under the name of whoever removes them.
    Keep,
}

/// Whom an API token or a share link ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Maker {
    /// The person who made it.
    Person,
    /// Nobody: who made it was removed before it was known to be theirs.
    Removed,
    /// The API token it was made with.
    Token,
    /// Nobody: it is older than the knowledge of who made it, and its name alone does not tell.
    Unknown,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ada(sessions: u32, passkeys: u32, tokens: u32, share_links: u32) -> PersonView {
        PersonView {
            id: "ada".to_owned(),
            name: "Ada".to_owned(),
            role: Role::Admin,
            scope: Visibility::Everything,
            created_by: "Grace".to_owned(),
            created_at: Timestamp::UNIX_EPOCH,
            passkeys,
            sessions,
            tokens,
            share_links,
            seen_at: None,
            invited_until: None,
            by_provider: false,
        }
    }

    #[test]
    fn a_farewell_counts_what_ends_and_what_goes_on() {
        for (person, made, words) in [
            (ada(2, 1, 3, 4), WhatTheyMade::End, "2 sessions, 1 passkey, 3 API tokens and 4 share links end now."),
            (
                ada(2, 1, 3, 4),
                WhatTheyMade::Keep,
                "2 sessions and 1 passkey end now. 3 API tokens and 4 share links go on under your name.",
            ),
            (ada(0, 1, 0, 0), WhatTheyMade::End, "1 passkey ends now."),
            (ada(0, 0, 0, 1), WhatTheyMade::End, "1 share link ends now."),
            (ada(0, 0, 1, 0), WhatTheyMade::Keep, "They have no session and no passkey. 1 API token goes on under your name."),
            (ada(0, 0, 0, 0), WhatTheyMade::Keep, "They have no session and no passkey."),
        ] {
            assert_eq!(person.farewell(made, "your"), words);
        }
    }
}
