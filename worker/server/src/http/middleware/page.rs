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

/// A page cut from a whole list; `after` is the number of items before it.
pub(in crate::http) fn cut<T>(items: Vec<T>, after: Option<&str>, limit: Option<u32>) -> Result<Page<T>, Failure> {
    let limit = size(limit)?;
    let start: u32 = match after {
        None => 0,
        Some(after) => after.parse().map_err(|_| bad_after())?,
    };
    let total = u32::try_from(items.len()).unwrap_or(u32::MAX);
    let end = start.saturating_add(limit);
    let items =
        items.into_iter().skip(usize::try_from(start).unwrap_or(usize::MAX)).take(usize::try_from(limit).unwrap_or(usize::MAX)).collect();
    Ok(Page { items, total, next: (end < total).then(|| end.to_string()) })
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
