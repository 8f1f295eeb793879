//! Pages of lists.

use contract::{DEFAULT_PAGE, MAX_PAGE, Page};
use domain::Timestamp;

use crate::http::middleware::error::{Failure, invalid};

/// The size of a page, checked.
pub(in crate::http) fn size(limit: Option<u32>) -> Result<u32, Failure> {
    match limit {
        None => Ok(DEFAULT_PAGE),
        Some(limit @ 1..=MAX_PAGE) => Ok(limit),
        Some(_) => Err(invalid("limit", "A page holds 1 to 500 items.", "Leave limit out, or choose a number between them.")),
    }
}

/// A page of a list whose items come by one after the other; `after` is the number of items before it.
pub(in crate::http) struct Window<T> {
    start: u32,
    end: u32,
    seen: u32,
    items: Vec<T>,
}

impl<T> Window<T> {
    /// A page of `limit` items after `after`.
    pub(in crate::http) fn new(after: Option<&str>, limit: Option<u32>) -> Result<Self, Failure> {
        let limit = size(limit)?;
        let start: u32 = match after {
            None => 0,
            Some(after) => after.parse().map_err(|_| bad_after())?,
        };
        Ok(Self { start, end: start.saturating_add(limit), seen: 0, items: Vec::new() })
    }

    /// Takes the next item of the list, and keeps it if it is on the page.
    pub(in crate::http) fn offer(&mut self, item: T) {
        if (self.start..self.end).contains(&self.seen) {
            self.items.push(item);
        }
        self.seen = self.seen.saturating_add(1);
    }

    /// The page, once the list is over.
    pub(in crate::http) fn page(self) -> Page<T> {
        Page { items: self.items, total: self.seen, next: (self.end < self.seen).then(|| self.end.to_string()) }
    }
}

/// A page cut from a whole list; `after` is the number of items before it.
pub(in crate::http) fn cut<T>(items: Vec<T>, after: Option<&str>, limit: Option<u32>) -> Result<Page<T>, Failure> {
    let mut window = Window::new(after, limit)?;
    items.into_iter().for_each(|item| window.offer(item));
    Ok(window.page())
}

/// The place in a list that is sorted by a moment and an id, as text.
pub(in crate::http) fn place(moment: Timestamp, id: &str) -> String {
    format!("{}_{id}", moment.timestamp_millis())
}

/// Reads [`place`] back.
pub(in crate::http) fn read_place(after: Option<&str>) -> Result<Option<(Timestamp, &str)>, Failure> {
    let Some(after) = after else { return Ok(None) };
    let (moment, id) = after.split_once('_').ok_or_else(bad_after)?;
    let moment = moment.parse().ok().and_then(Timestamp::from_timestamp_millis).ok_or_else(bad_after)?;
    Ok(Some((moment, id)))
}

pub(in crate::http) fn bad_after() -> Failure {
    invalid("after", "This is not a place in the list.", "Use the next of the page before, or leave after out.")
}
