//! Additions that are made and ended: once each, and really.

use engine::{Change, IntentState};
use simulator::Addition;

use super::{Broken, Violation, typed};
use crate::run::Run;

/// Nothing is made twice, and what is said to be made or ended is there.
pub(super) fn look(run: &Run, found: &mut Vec<Violation>) {
    let mut say = |broken, words: String| found.push(Violation { broken, words });
    let journal = run.install.simulator.world().journal_since(run.from);
    let additions = run.install.simulator.world().additions();
    for intent in run.intents() {
        let mark = intent.marker();
        let marked = || additions.iter().filter(|row| row.serial_number.as_deref() == Some(mark.as_str()));
        let done = intent.state == IntentState::Done;
        let as_made = |row: &Addition| row.quantity == intent.to.to_vendor() || typed(&journal, i64::from(row.id)) > 0;
        match &intent.effect {
            Change::Create { .. } if marked().count() > 1 => {
                say(Broken::Double, format!("made {} times: {:?}", marked().count(), intent.to));
            }
            Change::Create { .. } if done && !marked().any(as_made) => {
                say(Broken::Lost, format!("done, but there is no addition of {} that was made for it", intent.to));
            }
            Change::End { cancelled } if done && intent.reversed_by.is_none() => {
                let ended = |row: &&Addition| row.cancelled_date.map(|end| end.date_naive()) == Some(*cancelled);
                let row = additions.iter().find(|row| intent.addition.is_some_and(|id| id.0 == i64::from(row.id)));
                if !row.is_some_and(|row| ended(&row)) {
                    say(Broken::Lost, format!("done, but addition {:?} was not ended on {cancelled}", intent.addition));
                }
            }
            _ => {}
        }
    }
}
