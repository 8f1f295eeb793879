//! What is billed: from the seats to the quantity that is written once, and the month it is written in.

mod calls;
mod closing;
mod counting;
mod dates;
mod decisions;
mod failures;
mod failures_held;
mod lagging;
mod main_job;
mod once;
mod once_made;
mod outages;
mod partial;
mod policy;
mod races;
mod second_writers;
mod unchanged;
mod writing;
