//! The plan: given snapshots, mappings and what ConnectWise holds, which lines change?
//!
//! Pure and total: the same input gives the same lines in the same order, whatever order its parts came in, and a line whose
//! quantity already matches asks for nothing. What is not known is never a zero: the line is held and says why.

mod claims;
pub(super) mod dated;
pub(super) mod effective;
mod input;
mod line_seats;
mod propose;
mod route;
mod seats_by_line;
mod split;
pub(super) mod strategy;
pub(super) mod subset;

pub use input::{LastWrite, PlanInput, Psa};

use self::propose::propose;
use self::seats_by_line::sums;
use crate::billing::Line;

/// The lines of the month, sorted by company, agreement and product.
pub fn plan(input: &PlanInput<'_>) -> Vec<Line> {
    lines(input).collect()
}

/// The same lines, each made when it is asked for: thirty thousand at once would take most of the memory a Worker has.
pub fn lines(input: &PlanInput<'_>) -> impl Iterator<Item = Line> {
    let mut sums: Vec<_> = sums(input).into_iter().collect();
    // They come sorted by agreement and product.
    sums.sort_by_key(|(_, sum)| sum.company);
    sums.into_iter().map(|(key, sum)| propose(key, sum, input))
}

#[cfg(test)]
mod tests;
