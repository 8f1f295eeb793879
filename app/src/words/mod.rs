//! Everything the screen says in numbers and sentences, as plain functions with plain tests.

mod ages;
mod numbers;
mod sentences;

pub(crate) use ages::{brief_age, date, long_moment, machine_moment, period, spoken_age, utc_moment};
pub(crate) use numbers::{amount, count, grouped, quantity, signed, signed_amount};
pub(crate) use sentences::{approval, difference, month, outcome_of_approval, pass_step, vendors};
