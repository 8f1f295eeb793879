//! Coming in: passkeys, sessions and one-time links.
//!
//! The options and answers of passkeys are those of [Web Authentication Level 3](https://www.w3.org/TR/webauthn-3/), section 5.1,
//! in their JSON forms: bytes are base64url without padding, durations milliseconds. Of an answer only what is checked is taken.

use serde::{Deserialize, Serialize};

use crate::VisitorEndpoint;
use crate::endpoint::endpoints;
use domain::Timestamp;
use domain::access::Role;

endpoints! {
    "session";

    /// A challenge for a passkey, to sign in or to prove who is there.
    ChallengePasskey("challenge") = Post "/api/session/challenge" (SignIn, Free) => 200 PasskeyRequest, or [403, 429];

    /// Sign in by a passkey.
    SignIn("sign_in") = Post "/api/session" (SignIn, Free), body Assertion => 200 Session, or [401, 403, 429, 503];

    /// The ways of signing in.
    ListSignInWays("sign_in_ways") = Get "/api/session/ways" (SignIn, Free) => 200 SignInWays;

    /// Begin to sign in with the identity provider, or to prove by it who is there.
    StartOpenId("begin_openid") = Post "/api/session/openid" (SignIn, Free), body BeginOpenId => 200 OpenIdBegun, or [403, 404, 429, 503];

    /// Sign in by what the identity provider answered.
    CompleteOpenId("finish_openid") = Post "/api/session/openid/finish" (SignIn, Free),
        body FinishOpenId => 200 OpenIdFinished, or [401, 403, 404, 429, 503];

    /// Who is signed in.
    ShowSession("session") = Get "/api/session" (OwnSession, Free) => 200 Session;

    /// Sign out.
    SignOut("sign_out") = Delete "/api/session" (OwnSession, Free) => 204;

    /// Show the passkey again, for what wants it.
    StepUp("prove") = Post "/api/session/proof" (OwnSession, Free), body Assertion => 204;

    /// One's own sessions.
    ListSessions("list_sessions") = Get "/api/sessions" (OwnSession, Free) => 200 Vec<SessionView>;

    /// End one of one's own sessions.
    EndSession("end_session") = Delete "/api/sessions/{id}" (OwnSession, Free), path String => 204;

    /// One's own passkeys.
    ListPasskeys("list_passkeys") = Get "/api/passkeys" (OwnSession, Free) => 200 Vec<PasskeyView>;

    /// A challenge to make another passkey with.
    ChallengeNewPasskey("challenge_new_passkey") = Post "/api/passkeys/challenge" (OwnPasskeys, Free) => 200 PasskeyCreation;

    /// Keep another passkey.
    AddPasskey("add_passkey") = Post "/api/passkeys" (OwnPasskeys, Free), body NewPasskey => 201 PasskeyView;

    /// Give a passkey up, unless it is the last.
    RemovePasskey("remove_passkey") = Delete "/api/passkeys/{id}" (OwnPasskeys, Free), path String => 204, or [409];

    /// What a one-time link invites to.
    ShowInvitation("open_invitation") = Post "/api/invitations/open" (SignIn, Free),
        body OpenInvitation => 200 Invitation, or [401, 403, 429, 503];

    /// Come in by a one-time link, with a new passkey.
    JoinByInvitation("accept_invitation") = Post "/api/invitations/accept" (SignIn, Free),
        body AcceptInvitation => 200 Session, or [401, 403, 409, 429, 503];
}

// Whoever does not know yet whether they are signed in asks this.
impl VisitorEndpoint for ShowSession {}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Session {
    /// The name shown and written into the history.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The access groups whose companies they see, by name; none when they see everything.
    pub groups: Option<Vec<String>>,
    /// When the session ends even if it is used; none for an API token without an end.
    pub expires_at: Option<Timestamp>,
    /// `production` or `local`.
    pub environment: String,
    /// Seatbridge's version.
    pub version: String,
    /// Whether they have a passkey to show again for what wants it.
    pub has_passkey: bool,
    /// The identity provider's name, when it knows them and they can sign in there again for that.
    pub provider: Option<String>,
}

/// The ways of signing in. There are always passkeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignInWays {
    /// The name of the identity provider that can be signed in with too.
    pub provider: Option<String>,
}

/// `POST /api/session/openid`: where to send the browser to sign in with the identity provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BeginOpenId {
    /// Whether somebody who is signed in proves that they are still there. The provider then asks them anew.
    #[serde(default)]
    pub again: bool,
}

/// Where to send the browser. It comes back to `/signed-in`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenIdBegun {
    /// The provider's page, for this browser and ten minutes.
    pub url: String,
}

/// `POST /api/session/openid/finish`: what the provider sent the browser back with, once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FinishOpenId {
    /// `state`
    pub state: String,
    /// `code`, when the provider let them in.
    #[serde(default)]
    pub code: Option<String>,
    /// `error`, when it did not.
    #[serde(default)]
    pub error: Option<String>,
    /// `iss`, when it says who it is (RFC 9207).
    #[serde(default)]
    pub iss: Option<String>,
}

/// Who is signed in now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenIdFinished {
    /// The session.
    pub session: Session,
    /// Whether it is the one of before, in which they have proved that they are still there.
    pub again: bool,
}

/// A challenge for a passkey this browser already has (`PublicKeyCredentialRequestOptionsJSON`). It is answered once, within its
/// timeout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PasskeyRequest {
    /// 32 random bytes.
    pub challenge: String,
    /// The host passkeys of this install are for.
    pub rp_id: String,
    /// Milliseconds.
    pub timeout: u32,
    /// `required`.
    pub user_verification: String,
}

/// A passkey's answer to a [`PasskeyRequest`]: `POST /api/session` signs in by it, `POST /api/session/proof` proves that the
/// person is still there.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Assertion {
    /// The passkey's id.
    pub id: String,
    /// What the browser has signed for: type, challenge and origin, as JSON.
    #[serde(rename = "clientDataJSON")]
    pub client_data: String,
    /// What the authenticator says about itself.
    pub authenticator_data: String,
    /// Over both.
    pub signature: String,
}

/// `POST /api/invitations/open`: what a one-time link invites to. The link still works afterwards.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenInvitation {
    /// What stands behind `#` in `/welcome#…`.
    pub token: String,
}

/// What a one-time link invites to, and a challenge to make a passkey with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Invitation {
    /// Whose it is; none when it is the install's set-up token, whose bearer says so.
    pub name: Option<String>,
    /// What they will be able to do.
    pub role: Role,
    /// Whether they were here before and have lost their passkeys.
    pub recovers: bool,
    /// What to make the passkey with.
    pub passkey: PasskeyCreation,
}

/// A challenge to make a passkey with (`PublicKeyCredentialCreationOptionsJSON`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PasskeyCreation {
    /// 32 random bytes.
    pub challenge: String,
    /// The install.
    pub rp: RelyingParty,
    /// Who it will be for.
    pub user: PasskeyUser,
    /// Kinds of keys that are understood, the preferred one first.
    pub pub_key_cred_params: Vec<KeyKind>,
    /// Milliseconds.
    pub timeout: u32,
    /// Passkeys of this person that are there already.
    pub exclude_credentials: Vec<KnownPasskey>,
    /// What the passkey has to be.
    pub authenticator_selection: PasskeyWish,
    /// `none`: nobody is asked which make of authenticator it is.
    pub attestation: String,
}

/// The install a passkey is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RelyingParty {
    /// Its host.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The person a passkey is for, as the browser shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PasskeyUser {
    /// Random bytes that say nothing about them.
    pub id: String,
    /// Their name.
    pub name: String,
    /// The same.
    pub display_name: String,
}

/// A kind of key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyKind {
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A COSE algorithm (IANA): -7 is ES256, -257 RS256.
    pub alg: i32,
}

/// A passkey that is there already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KnownPasskey {
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// What a passkey has to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PasskeyWish {
    /// `required`: it is found without a name being typed.
    pub resident_key: String,
    /// `required`: a finger, a face or a PIN.
    pub user_verification: String,
}

/// A passkey that was made in answer to a [`PasskeyCreation`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewPasskey {
    /// Its id.
    pub id: String,
    /// What the browser has answered to: type, challenge and origin, as JSON.
    #[serde(rename = "clientDataJSON")]
    pub client_data: String,
    /// What the authenticator says about itself, with the key.
    pub authenticator_data: String,
    /// What the person calls it, 1 to 60 characters.
    pub label: String,
}

/// `POST /api/invitations/accept`: makes the person, keeps the passkey and signs in. The link is used up.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitation {
    /// What stands behind `#` in `/welcome#…`.
    pub token: String,
    /// The name, 1 to 60 characters, when the invitation leaves it open.
    pub name: Option<String>,
    /// The passkey.
    pub passkey: NewPasskey,
}

/// One of one's own passkeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PasskeyView {
    /// Its id.
    pub id: String,
    /// What the person calls it.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
}

/// One of one's own sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionView {
    /// Its id.
    pub id: String,
    /// Where: the browser and system, as far as the browser says.
    pub place: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub used_at: Option<Timestamp>,
    /// Whether it is the one this answer was asked by.
    pub this: bool,
}
