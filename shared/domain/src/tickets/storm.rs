//! All cases of a rule in one pass: oldest first, and never more tickets at once than a person can read.

use crate::Timestamp;

use super::case::Case;
use super::lifecycle::{Lifecycle, Next, Skip, TicketAction, next};

/// What a pass does about the cases of a rule, each named by its place among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Planned {
    /// Actions, oldest entry first.
    pub actions: Vec<(usize, TicketAction)>,
    /// Cases that are told in one summary, because there are more than the cap; empty when there is none.
    pub summary: Vec<usize>,
    /// Entries about which nothing is done.
    pub skips: Vec<(usize, Skip)>,
    /// When time alone makes something due.
    pub wakes: Option<Timestamp>,
}

/// Plans a pass. `silent` says until when a case is muted. Tickets that are opened or opened again count towards `most`;
/// when there are more, the oldest are opened and the rest is one summary. Closing and noting is never put off.
pub fn plan<'c>(
    cases: impl IntoIterator<Item = &'c Case>,
    rule: &Lifecycle,
    most: usize,
    silent: impl Fn(usize) -> Option<Timestamp>,
    now: Timestamp,
) -> Planned {
    let mut planned = Planned::default();
    let mut openings: Vec<(Timestamp, usize, TicketAction)> = Vec::new();
    for (place, case) in cases.into_iter().enumerate() {
        match next(case, rule, silent(place), now) {
            Next::Rest => {}
            Next::Wait(moment) => planned.wakes = Some(planned.wakes.map_or(moment, |first| first.min(moment))),
            Next::Skip(why) => planned.skips.push((place, why)),
            Next::Do(action @ (TicketAction::Open | TicketAction::Reopen(_))) => {
                openings.push((case.presence.since(), place, action));
            }
            Next::Do(action) => planned.actions.push((place, action)),
        }
    }
    openings.sort_by_key(|(since, place, _)| (*since, *place));
    let rest = openings.split_off(openings.len().min(most));
    planned.actions.extend(openings.into_iter().map(|(_, place, action)| (place, action)));
    planned.summary = rest.into_iter().map(|(_, place, _)| place).collect();
    planned
}
