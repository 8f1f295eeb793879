//! Who comes in, by what, and what they see.

mod access_groups;
mod challenges;
mod cloudflare_access;
mod farewell;
mod identity;
mod limits;
mod provider_people;
mod scopes;
mod shut_out;
mod sign_in;
