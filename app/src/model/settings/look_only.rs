//! How far look-only mode has come, in words.

use contract::look_only::LookOnly;

use crate::words::{count, utc_moment};

/// How much of ConnectWise was read anew.
pub(crate) fn progress(mode: &LookOnly) -> String {
    let Some(reread) = mode.reread else { return "ConnectWise is being read anew.".to_owned() };
    if reread.is_complete() {
        return format!("All of ConnectWise was read anew: {}.", count(reread.agreements, "agreement", "agreements"));
    }
    let agreements = format!("{} of {}", reread.agreements_read, count(reread.agreements, "agreement", "agreements"));
    let desks = if reread.desks_read >= reread.desks { "open tickets read" } else { "open tickets still to be read" };
    format!(
        "ConnectWise is being read anew: {agreements}, {desks}. What it was told last may show late, so reads count from {} on.",
        utc_moment(mode.reads_count_from)
    )
}

#[cfg(test)]
mod tests {
    use contract::look_only::{LookOnlyCause, Reread};
    use domain::Timestamp;

    use super::*;

    #[test]
    fn the_banner_says_how_much_is_left() {
        let at: Timestamp = "2026-11-30T10:00:00Z".parse().expect("a moment");
        let mode = |reread| LookOnly { cause: LookOnlyCause::Restored, since: at, point: at, reads_count_from: at, reread };
        let half = Reread { agreements: 4, agreements_read: 2, desks: 1, desks_read: 0 };
        let words = progress(&mode(Some(half)));
        assert!(words.contains("2 of 4 agreements") && words.contains("tickets still"), "{words}");
        let all = Reread { agreements_read: 4, desks_read: 1, ..half };
        assert_eq!(progress(&mode(Some(all))), "All of ConnectWise was read anew: 4 agreements.");
        assert_eq!(progress(&mode(None)), "ConnectWise is being read anew.");
    }
}
