//! Ways of signing in: passkeys, an OpenID Connect provider beside them, and Cloudflare Access in front of the install.
//!
//! [`passkey`], [`jwt`], [`keys`] and [`openid`] are pure: what was signed, keys, what is expected and the time in, yes or no out. [`keyring`] fetches keys,
//! [`provider`] exchanges codes. [`sealed`] makes what somebody is given and brings back.

pub mod jwt;
pub mod keyring;
pub mod keys;
pub mod openid;
pub mod passkey;
pub mod provider;
mod public_key;
pub mod sealed;
pub mod settings;

pub use jwt::{Expected, TokenError};
pub use keyring::{Keyring, NotVerified};
pub use keys::Keys;
pub use openid::{Asked, BrowserSecret, Outsider, SIGN_IN_LIFE};
pub use provider::{NotSignedIn, Provider};
pub use sealed::{Opened, Purpose, Seal};
pub use settings::{CloudflareAccess, Identity, OpenId};
