//! The key that stored credentials are sealed with, while it is changed.

use serde::{Deserialize, Serialize};

use crate::endpoint::endpoints;

endpoints! {
    "connections";

    /// Which master key stored credentials are sealed with.
    ShowVault("vault") = Get "/api/vault" (SeeConnections, Whole) => 200 VaultView;

    /// Seal stored credentials anew with the present master key.
    RotateVault("rotate_vault") = Post "/api/vault/rotate" (ManageConnections, Whole) => 200 VaultView;
}

/// How stored credentials are sealed. No part of a key or credential is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VaultView {
    /// What the present master key is called: sixteen hexadecimal digits of a hash of it.
    pub key: String,
    /// What the previous one is called, while it is known.
    pub previous: Option<String>,
    /// Credentials that are sealed with the present key.
    pub present: u32,
    /// Credentials that are still to be sealed anew.
    pub waiting: u32,
    /// Names of the connections whose credentials open with neither key; they have to be entered again.
    pub unreadable: Vec<String>,
}
