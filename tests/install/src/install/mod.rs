//! The install as a whole: its API, its history, its secrets, and its stores.

mod audit;
mod backup;
mod bad_input;
mod forgetting;
mod ledger_reads;
mod look_only;
mod names;
mod refusals;
mod retention;
mod rotation;
mod routes;
mod secrets;
mod stores;
mod strangers;
mod unknown_fields;
mod walk;
