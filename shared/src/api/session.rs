//! Signing in: one-time links, sessions and API tokens.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::access::Role;

/// `POST /api/session`: exchanges a one-time token for a session cookie.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The token of a one-time link (what stands behind `#` in `/sign-in#…`).
    pub token: String,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Session {
    /// The name shown and written into the history.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// When the session ends; none for an API token without an end.
    pub expires_at: Option<Timestamp>,
    /// `production` or `local`.
    pub environment: String,
    /// Seatbridge's version.
    pub version: String,
}

/// A one-time link, answered once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignInLink {
    /// The token; the link is `/sign-in#<token>`.
    pub token: String,
    /// When it stops working, used or not.
    pub expires_at: Timestamp,
}

/// `POST /api/tokens`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for, 1 to 60 characters.
    pub name: String,
}

/// A new API token. Its text is answered once and kept only as a hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CreatedToken {
    /// Its id, for revoking it.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// `Authorization: Bearer <token>`.
    pub token: String,
}

/// An API token as listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenView {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it was last used, to the hour.
    pub last_used_at: Option<Timestamp>,
}
