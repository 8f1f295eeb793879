//! Days: what bills today, what is billed from a day on, and what was there on a day that has gone.

mod dated;
mod days;
mod past_days;
