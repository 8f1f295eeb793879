//! Ways of signing in that others vouch for: Cloudflare Access in front of the install, and an OpenID Connect provider beside passkeys.
//!
//! [`jwt`] and [`keys`] are pure: a token, keys, what is expected and the time in, yes or no out. [`keyring`] fetches keys.

pub mod jwt;
pub mod keyring;
pub mod keys;
pub mod settings;

pub use jwt::{Expected, Refused};
pub use keyring::{Keyring, NotVerified};
pub use keys::Keys;
pub use settings::{Identity, Wall};
