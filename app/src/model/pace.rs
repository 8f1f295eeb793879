//! How often the screen asks what is new.

use chrono::TimeDelta;
use domain::Timestamp;

/// While something is being read or written.
const BUSY: TimeDelta = TimeDelta::seconds(2);
/// While nothing happens.
const CALM: TimeDelta = TimeDelta::seconds(30);
/// A tick may come a little early and is still the tick that was meant.
const SLACK: TimeDelta = TimeDelta::milliseconds(150);

/// Whether it is time to ask again: often while the Worker works, seldom otherwise, never while nobody looks.
pub(crate) fn is_due(now: Timestamp, asked: Option<Timestamp>, working: bool, visible: bool) -> bool {
    let every = if working { BUSY } else { CALM };
    visible && asked.is_none_or(|asked| now - asked + SLACK >= every)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_under_way_is_asked_for_every_two_seconds_and_calm_every_thirty() {
        let now: Timestamp = "2026-11-22T12:00:30Z".parse().expect("a moment");
        let ago = |seconds| Some(now - TimeDelta::seconds(seconds));
        let table = [
            (None, false, true, true),
            (ago(1), true, true, false),
            (ago(2), true, true, true),
            (ago(2), false, true, false),
            (ago(30), false, true, true),
            (ago(300), true, false, false),
        ];
        for (asked, working, visible, due) in table {
            assert_eq!(is_due(now, asked, working, visible), due, "{asked:?} {working} {visible}");
        }
    }
}
