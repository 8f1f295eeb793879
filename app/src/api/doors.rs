//! Coming in, and who may.

use gloo_net::http::Method;
use shared::api::Problem;
use shared::api::access_groups::{AccessGroupView, AssignCompanies, NameAccessGroup};
use shared::api::people::{InvitationLink, Invite, PersonChange, PersonView};
use shared::api::session::{
    AcceptInvitation, BeginOpenId, CreatedToken, FinishOpenId, Invitation, NewToken, OpenIdBegun, OpenIdFinished, OpenInvitation,
    PasskeyCreation, PasskeyRequest, PasskeyView, Session, SignInWays,
};

use super::{Answer, Client, Visitor, decoded, exchange, written};
use crate::model::address::encoded;
use crate::passkeys;
use crate::state::proof::Proven;
use crate::state::reach::Reach;

/// The code of the problem that a passkey has to be shown again.
pub(crate) const PROOF_WANTED: &str = "proof_wanted";

impl Visitor {
    /// Who is signed in.
    pub(crate) async fn session(self) -> Answer<Session> {
        decoded(&exchange(self.reach, Method::GET, "/api/session", None).await?)
    }

    /// Has the person show a passkey, and signs in by it.
    pub(crate) async fn sign_in(self) -> Answer<Session> {
        decoded(&shown(self.reach, "/api/session").await?)
    }

    /// The ways of signing in.
    pub(crate) async fn ways(self) -> Answer<SignInWays> {
        decoded(&exchange(self.reach, Method::GET, "/api/session/ways", None).await?)
    }

    /// Where to sign in with the identity provider: to come in, or to show `again` who is there.
    pub(crate) async fn begin_openid(self, again: bool) -> Answer<OpenIdBegun> {
        decoded(&exchange(self.reach, Method::POST, "/api/session/openid", written(&BeginOpenId { again })).await?)
    }

    /// Comes back from there.
    pub(crate) async fn finish_openid(self, returned: &FinishOpenId) -> Answer<OpenIdFinished> {
        decoded(&exchange(self.reach, Method::POST, "/api/session/openid/finish", written(returned)).await?)
    }

    /// What a one-time link invites to. The link still works afterwards.
    pub(crate) async fn open(self, token: String) -> Answer<Invitation> {
        let opened = exchange(self.reach, Method::POST, "/api/invitations/open", written(&OpenInvitation { token })).await?;
        decoded(&opened)
    }

    /// Has the person make a passkey called `label`, and comes in by a one-time link with it. `name` is for a link that leaves
    /// open whose it is. Until the passkey is made nothing is used up, so it can be tried again.
    pub(crate) async fn accept(self, token: String, name: Option<String>, label: String) -> Answer<Session> {
        // A challenge is only good for minutes, so each try gets its own.
        let mut wanted = self.open(token.clone()).await?.passkey;
        if let Some(name) = &name {
            wanted.user.name.clone_from(name);
            wanted.user.display_name.clone_from(name);
        }
        let passkey = passkeys::make(&wanted, &label).await?;
        let accepted = written(&AcceptInvitation { token, name, passkey });
        decoded(&exchange(self.reach, Method::POST, "/api/invitations/accept", accepted).await?)
    }
}

/// Has the person show a passkey, and sends it to `path`.
async fn shown(reach: Reach, path: &str) -> Answer<String> {
    let wanted: PasskeyRequest = decoded(&exchange(reach, Method::POST, "/api/session/challenge", None).await?)?;
    exchange(reach, Method::POST, path, written(&passkeys::show(&wanted).await?)).await
}

impl Client {
    /// Has the person prove that it is them, until they did or do not want to: by their passkey, or where they have none, by signing in
    /// with the identity provider again.
    pub(super) async fn prove(self, wanted: &Problem) -> Result<(), ()> {
        let mut by_passkey = self.proof.has_passkey();
        loop {
            let hindered = if by_passkey { shown(self.reach, "/api/session/proof").await.err() } else { Some(wanted.clone()) };
            let Some(why) = hindered else { return Ok(()) };
            match self.proof.again(why).await? {
                Proven::Already => return Ok(()),
                Proven::ByPasskey => by_passkey = true,
            }
        }
    }

    /// Makes another passkey of one's own, called `label`.
    pub(crate) async fn add_passkey(self, label: &str) -> Answer<PasskeyView> {
        let wanted: PasskeyCreation = self.send(Method::POST, "/api/passkeys/challenge", None).await?;
        self.send(Method::POST, "/api/passkeys", written(&passkeys::make(&wanted, label).await?)).await
    }

    /// Gives one of one's own passkeys up.
    pub(crate) async fn remove_passkey(self, id: &str) -> Answer<()> {
        self.send(Method::DELETE, &format!("/api/passkeys/{}", encoded(id)), None).await
    }

    /// Ends one of one's own sessions.
    pub(crate) async fn end_session(self, id: &str) -> Answer<()> {
        self.send(Method::DELETE, &format!("/api/sessions/{}", encoded(id)), None).await
    }

    /// Ends the session.
    pub(crate) async fn sign_out(self) -> Answer<()> {
        self.send(Method::DELETE, "/api/session", None).await
    }

    /// Invites somebody.
    pub(crate) async fn invite(self, who: &Invite) -> Answer<InvitationLink> {
        self.send(Method::POST, "/api/people", written(who)).await
    }

    /// Changes somebody's name or role.
    pub(crate) async fn change_person(self, id: &str, change: &PersonChange) -> Answer<PersonView> {
        self.send(Method::PATCH, &person_path(id, ""), written(change)).await
    }

    /// Makes a new one-time link for somebody.
    pub(crate) async fn new_link(self, id: &str) -> Answer<InvitationLink> {
        self.send(Method::POST, &person_path(id, "/link"), None).await
    }

    /// Ends all sessions of somebody.
    pub(crate) async fn end_sessions(self, id: &str) -> Answer<()> {
        self.send(Method::DELETE, &person_path(id, "/sessions"), None).await
    }

    /// Shuts somebody out.
    pub(crate) async fn remove_person(self, id: &str) -> Answer<()> {
        self.send(Method::DELETE, &person_path(id, ""), None).await
    }

    /// Every access group.
    pub(crate) async fn access_groups(self) -> Answer<Vec<AccessGroupView>> {
        self.get("/api/access-groups").await
    }

    /// Makes an access group, or gives the one with this id another name.
    pub(crate) async fn name_access_group(self, id: Option<&str>, named: &NameAccessGroup) -> Answer<AccessGroupView> {
        match id {
            None => self.send(Method::POST, "/api/access-groups", written(named)).await,
            Some(id) => self.send(Method::PATCH, &format!("/api/access-groups/{}", encoded(id)), written(named)).await,
        }
    }

    /// Deletes an access group.
    pub(crate) async fn delete_access_group(self, id: &str) -> Answer<()> {
        self.send(Method::DELETE, &format!("/api/access-groups/{}", encoded(id)), None).await
    }

    /// Puts companies into an access group, or takes them out.
    pub(crate) async fn assign_companies(self, assigned: &AssignCompanies) -> Answer<()> {
        self.send(Method::PUT, "/api/access-groups/companies", written(assigned)).await
    }

    /// Makes an API token.
    pub(crate) async fn create_token(self, token: &NewToken) -> Answer<CreatedToken> {
        self.send(Method::POST, "/api/tokens", written(token)).await
    }

    /// Revokes an API token.
    pub(crate) async fn revoke_token(self, id: &str) -> Answer<()> {
        self.send(Method::DELETE, &format!("/api/tokens/{}", encoded(id)), None).await
    }
}

fn person_path(id: &str, rest: &str) -> String {
    format!("/api/people/{}{rest}", encoded(id))
}

/// The refusal that is left when the person did not show their passkey.
pub(super) fn not_proven(mut refused: Problem) -> Problem {
    "You did not show that it is you, so nothing was done.".clone_into(&mut refused.detail);
    "Do it again when you have your passkey at hand, or can sign in again.".clone_into(&mut refused.remedy);
    refused
}
