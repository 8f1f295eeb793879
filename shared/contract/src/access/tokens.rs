//! API tokens: what programs call by.

use serde::{Deserialize, Serialize};

use crate::endpoint::endpoints;
use crate::people::Maker;
use domain::Timestamp;
use domain::access::{Role, Visibility};

endpoints! {
    "tokens";

    /// List API tokens.
    ListTokens("list_tokens") = Get "/api/tokens" (ManageTokens, Whole) => 200 Vec<TokenView>;

    /// Make an API token.
    CreateToken("create_token") = Post "/api/tokens" (ManageTokens, Whole), body NewToken => 201 CreatedToken;

    /// Revoke an API token.
    RevokeToken("revoke_token") = Delete "/api/tokens/{id}" (ManageTokens, Whole), path String => 204;
}

/// `POST /api/tokens`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for, 1 to 60 characters.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// What it sees; one of an administrator's role always sees everything.
    #[serde(default)]
    pub scope: Visibility,
    /// Days until it ends, 1 to 365; 365 when left out.
    pub days: Option<u32>,
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
    /// What it may do.
    pub role: Role,
    /// What it sees.
    pub scope: Visibility,
    /// Who made it.
    pub created_by: String,
    /// Whom it ends with.
    pub maker: Maker,
    /// When.
    pub created_at: Timestamp,
    /// When it ends by itself; none for one from before all had an end.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the hour.
    pub last_used_at: Option<Timestamp>,
}
