//! Who comes in, by what, and what they see.

mod access_groups;
mod doors;
mod identity;
mod provider_people;
mod scopes;
mod shut_out;
mod wall;
