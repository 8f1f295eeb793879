//! The install as a whole: its API, its history and its secrets.

mod audit;
mod bad_input;
mod ledger_reads;
mod names;
mod refusals;
mod rotation;
mod routes;
mod secrets;
mod unknown_fields;
mod walk;
