//! Who may do what: people, their groups, sessions and tokens.

pub mod access_groups;
pub mod people;
pub mod session;
pub mod tokens;
