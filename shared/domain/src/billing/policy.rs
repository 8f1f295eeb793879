//! The caps a person sets: for one line, for everything that is approved at once, and for devices that leave a group at once.

use serde::{Deserialize, Serialize};

use super::Line;
use crate::money::Quantity;
use crate::tickets::LeaveLimits;

/// Lines a person can decide about at once, whatever the policy allows.
pub const MOST_AT_ONCE: u32 = 5_000;

/// Limits lines must keep to be offered without a warning, approvals to be taken at once, and leaves to be believed at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The largest change of a line in units.
    pub max_units: u32,
    /// The largest change of a line in percent of what is billed.
    pub max_percent: u32,
    /// Changes up to this many units are small whatever their percentage.
    pub small_units: u32,
    /// Lines one approval may hold, or one automatic run.
    pub run_lines: u32,
    /// Units the lines of one approval or automatic run may add and take together.
    pub run_units: u32,
    /// The same in percent of all that is billed on the month's lines; asked only of runs beyond `max_units`.
    pub run_percent: u32,
    /// Hours after which a snapshot is too old to bill from.
    pub snapshot_hours: u32,
    /// Hours after which what was read of ConnectWise is too old to propose from.
    pub psa_hours: u32,
    /// Devices that may leave a group at once, whatever share of it they are: fewer than this are believed to have left it.
    pub leave_devices: u32,
    /// The share of a group in percent that may leave it at once. Of more no ticket is closed before later readings or a person say so.
    pub leave_percent: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            max_units: 50,
            max_percent: 50,
            small_units: 5,
            run_lines: 500,
            run_units: 2_000,
            run_percent: 25,
            snapshot_hours: 48,
            psa_hours: 24,
            // An outage that is over lets about so many devices recover between two readings; a list that was cut short loses more.
            leave_devices: 10,
            leave_percent: 50,
        }
    }
}

impl Policy {
    /// The first field that no policy can have, and the range it must keep.
    pub fn invalid(&self) -> Option<(&'static str, &'static str)> {
        let fields = [
            ("max_units", self.max_units, 1..=100_000),
            ("max_percent", self.max_percent, 1..=1_000),
            ("small_units", self.small_units, 0..=1_000),
            ("run_lines", self.run_lines, 1..=MOST_AT_ONCE),
            ("run_units", self.run_units, 1..=1_000_000),
            ("run_percent", self.run_percent, 1..=1_000),
            ("snapshot_hours", self.snapshot_hours, 25..=168),
            ("psa_hours", self.psa_hours, 7..=168),
            ("leave_devices", self.leave_devices, 3..=100_000),
            ("leave_percent", self.leave_percent, 1..=100),
        ];
        let ranges = [
            "1 to 100,000",
            "1 to 1,000",
            "0 to 1,000",
            "1 to 5,000",
            "1 to 1,000,000",
            "1 to 1,000",
            "25 to 168",
            "7 to 168",
            "3 to 100,000",
            "1 to 100",
        ];
        let named = fields.into_iter().zip(ranges);
        named.filter(|((_, value, range), _)| !range.contains(value)).map(|((name, ..), range)| (name, range)).next()
    }

    /// What may leave a group at once.
    pub fn leave_limits(&self) -> LeaveLimits {
        LeaveLimits { devices: self.leave_devices, percent: self.leave_percent }
    }

    /// What breaks the caps of a run, in words; `billed` is what all lines of the month bill now.
    pub fn over_run_cap(&self, run: &RunSize, billed: Quantity) -> Option<String> {
        if run.lines < 2 {
            return None;
        }
        if run.lines > self.run_lines {
            return Some(format!("{} lines at once, and at most {} are allowed", run.lines, self.run_lines));
        }
        if run.units > Quantity::from(self.run_units) {
            return Some(format!("{} units at once, and at most {} are allowed", run.units, self.run_units));
        }
        let allowed = billed.decimal().checked_mul(self.run_percent.into());
        let over = run.units.decimal().checked_mul(rust_decimal::Decimal::ONE_HUNDRED) > allowed;
        (over && run.units > Quantity::from(self.max_units))
            .then(|| format!("{} units at once, and at most {} % of the {billed} that are billed are allowed", run.units, self.run_percent))
    }
}

/// How much is approved at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunSize {
    /// Lines.
    pub lines: u32,
    /// Units they add and take: a decrease does not make up for an increase.
    pub units: Quantity,
}

impl RunSize {
    /// Takes in one more line.
    pub fn add(&mut self, line: &Line) {
        self.lines = self.lines.saturating_add(1);
        self.units = self.units + line.change().unwrap_or_default().abs();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(lines: u32, units: u32) -> RunSize {
        RunSize { lines, units: Quantity::from(units) }
    }

    #[test]
    fn a_run_keeps_every_cap_and_says_which_it_breaks() {
        let policy = Policy { run_lines: 10, run_units: 500, run_percent: 25, ..Policy::default() };
        let table = [
            (10, 500, 2_000, None),
            (11, 10, 2_000, Some("11 lines at once, and at most 10 are allowed")),
            (2, 501, 4_000, Some("501 units at once, and at most 500 are allowed")),
            (2, 51, 200, Some("51 units at once, and at most 25 % of the 200 that are billed are allowed")),
            (2, 50, 100, None),
            (1, 5_000, 100, None),
            (0, 0, 0, None),
        ];
        for (lines, units, billed, expected) in table {
            assert_eq!(policy.over_run_cap(&run(lines, units), Quantity::from(billed)).as_deref(), expected, "{lines} {units}");
        }
    }

    #[test]
    fn the_default_can_be_set_and_what_cannot_be_kept_is_named() {
        assert_eq!(Policy::default().invalid(), None);
        assert_eq!(Policy { run_lines: 0, ..Policy::default() }.invalid(), Some(("run_lines", "1 to 5,000")));
        // A daily snapshot is never younger than a day when the next is due.
        assert_eq!(Policy { snapshot_hours: 24, ..Policy::default() }.invalid(), Some(("snapshot_hours", "25 to 168")));
    }

    proptest! {
        #[test]
        fn a_part_of_a_run_within_the_caps_is_within_them(lines in 2..900_u32, units in 0..5_000_u32, billed in 0..9_000_u32, part in 0..100_u32) {
            let policy = Policy::default();
            if policy.over_run_cap(&run(lines, units), Quantity::from(billed)).is_none() {
                let part = run(lines * part / 100, units * part / 100);
                prop_assert_eq!(policy.over_run_cap(&part, Quantity::from(billed)), None);
            }
        }
    }
}
