//! Who comes in, by what, and what they see.

pub(in crate::http) mod access_groups;
pub(in crate::http) mod invitations;
pub(in crate::http) mod openid;
pub(in crate::http) mod passkeys;
pub(in crate::http) mod persons;
pub(in crate::http) mod session;
pub(in crate::http) mod tokens;
