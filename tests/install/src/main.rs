//! The whole install natively against the simulated vendors: one program, because each would be linked with all of it.

mod crash;
mod rules;
mod visits;

mod billing;
mod install;
mod mapping;
mod people;
mod sharing;
mod tickets;
mod vendors;
