//! Maps, sets and sorting that weigh little in a module.
//!
//! `BTreeMap`, `BTreeSet` and the sorts of slices are compiled anew for every type they hold, some kilobytes each: they were a fifth
//! of the Worker. Here what depends on the type is a few comparisons and moves, and the rest is compiled once. The order is the
//! same, the names of the methods too.

mod map;
mod map_traits;
mod set;
mod sort;

pub use map::{Entry, SortedMap};
pub use set::SortedSet;
pub use sort::{sort, sort_by, sort_by_key};

#[cfg(test)]
mod tests;
