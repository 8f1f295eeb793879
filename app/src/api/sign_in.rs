//! Coming in, and proving who is there: what takes more than one call.

use contract::Endpoint;
use contract::Problem;
use contract::session::{
    AcceptInvitation, AddPasskey, Assertion, ChallengeNewPasskey, ChallengePasskey, JoinByInvitation, NewPasskey, OpenInvitation,
    PasskeyView, Session, ShowInvitation, SignIn, StepUp,
};

use super::{Answer, Client, Visitor, called, decoded};
use crate::passkeys;
use crate::state::connectivity::Connectivity;
use crate::state::step_up::Proven;

/// The code of the problem that a passkey has to be shown again.
pub(crate) const STEP_UP_WANTED: &str = "proof_wanted";

impl Visitor {
    /// Has the person show a passkey, and signs in by it.
    pub(crate) async fn sign_in(self) -> Answer<Session> {
        decoded(&shown::<SignIn>(self.reach).await?)
    }

    /// Has the person make a passkey called `label`, and comes in by a one-time link with it. `name` is for a link that leaves
    /// open whose it is. Until the passkey is made nothing is used up, so it can be tried again.
    pub(crate) async fn accept(self, token: String, name: Option<String>, label: String) -> Answer<Session> {
        // A challenge is only good for minutes, so each try gets its own.
        let mut wanted = self.call(ShowInvitation, &OpenInvitation { token: token.clone() }).await?.passkey;
        if let Some(name) = &name {
            wanted.user.name.clone_from(name);
            wanted.user.display_name.clone_from(name);
        }
        let passkey = passkeys::make(&wanted, &label).await?;
        self.call(JoinByInvitation, &AcceptInvitation { token, name, passkey }).await
    }
}

/// Has the person show a passkey, and sends it to an endpoint.
async fn shown<E: Endpoint<Path = (), Query = (), Body = Assertion>>(reach: Connectivity) -> Answer<String> {
    let wanted = decoded(&called::<ChallengePasskey>(reach, &()).await?)?;
    called::<E>(reach, &passkeys::show(&wanted).await?).await
}

impl Client {
    /// Has the person prove that it is them, until they did or do not want to: by their passkey, or where they have none, by signing in
    /// with the identity provider again.
    pub(super) async fn prove(self, wanted: &Problem) -> Result<(), ()> {
        let mut by_passkey = self.step_up.has_passkey();
        loop {
            let hindered = if by_passkey { shown::<StepUp>(self.reach).await.err() } else { Some(wanted.clone()) };
            let Some(why) = hindered else { return Ok(()) };
            match self.step_up.again(why).await? {
                Proven::Already => return Ok(()),
                Proven::ByPasskey => by_passkey = true,
            }
        }
    }

    /// Makes another passkey of one's own, called `label`.
    pub(crate) async fn add_passkey(self, label: &str) -> Answer<PasskeyView> {
        let wanted = self.call(ChallengeNewPasskey, &(), &()).await?;
        let passkey: NewPasskey = passkeys::make(&wanted, label).await?;
        self.call(AddPasskey, &(), &passkey).await
    }
}

/// The refusal that is left when the person did not show their passkey.
pub(super) fn not_proven(mut refused: Problem) -> Problem {
    "You did not show that it is you, so nothing was done.".clone_into(&mut refused.detail);
    "Do it again when you have your passkey at hand, or can sign in again.".clone_into(&mut refused.remedy);
    refused
}
