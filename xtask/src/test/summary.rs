//! How many tests ran, read from what the test programs print.

use serde::{Deserialize, Serialize};

/// Result of one layer.
#[derive(Default, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    /// Proved.
    pub(crate) passed: usize,
    /// Refuted, or not even built.
    pub(crate) failed: usize,
    /// Not run, each with its reason.
    pub(crate) skipped: Vec<String>,
}

impl Counts {
    /// One check that passed or failed as a whole.
    pub(crate) fn single(passed: bool) -> Self {
        Self { passed: usize::from(passed), failed: usize::from(!passed), skipped: Vec::new() }
    }

    /// Adds another result to this one.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped.extend(other.skipped);
    }
}

/// The sum over all `test result:` lines of `cargo test`.
/// A program that fails without any of them did not compile or crashed: that is one failure.
pub(crate) fn of_cargo_test(output: &str, succeeded: bool) -> Counts {
    let mut counts = Counts::default();
    for line in output.lines() {
        if let Some(result) = line.strip_prefix("test result: ") {
            counts.passed += number_before(result, " passed");
            counts.failed += number_before(result, " failed");
        } else if let Some((name, reason)) = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... ignored")) {
            let reason = reason.trim_start_matches(", ");
            counts.skipped.push(format!("{name}: {}", if reason.is_empty() { "no reason given" } else { reason }));
        }
    }
    failed_at_least_once(counts, succeeded)
}

/// The closing lines of `node --test --test-reporter=tap`.
pub(crate) fn of_node_test(output: &str, succeeded: bool) -> Counts {
    let mut counts = Counts::default();
    for line in output.lines() {
        if let Some(passed) = line.strip_prefix("# pass ") {
            counts.passed = passed.trim().parse().unwrap_or(0);
        } else if let Some(failed) = line.strip_prefix("# fail ").or_else(|| line.strip_prefix("# cancelled ")) {
            counts.failed += failed.trim().parse::<usize>().unwrap_or(0);
        } else if let Some((test, reason)) = line.split_once(" # SKIP") {
            let name = test.split_once(" - ").map_or(test, |(_, name)| name);
            counts.skipped.push(format!("{name}:{reason}"));
        }
    }
    failed_at_least_once(counts, succeeded)
}

fn failed_at_least_once(mut counts: Counts, succeeded: bool) -> Counts {
    if !succeeded && counts.failed == 0 {
        counts.failed = 1;
    }
    counts
}

fn number_before(text: &str, word: &str) -> usize {
    text.split_once(word).and_then(|(before, _)| before.rsplit([' ', '.']).next()).and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: usize, failed: usize, skipped: &[&str]) -> Counts {
        Counts { passed, failed, skipped: skipped.iter().map(ToString::to_string).collect() }
    }

    #[test]
    fn cargo_test_output_is_summed_over_its_programs() {
        let two_programs = "running 3 tests\ntest a ... ok\ntest slow ... ignored, needs an hour\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n\
            test result: FAILED. 10 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.23s\n";
        assert_eq!(of_cargo_test(two_programs, false), counts(12, 4, &["slow: needs an hour"]));
    }

    #[test]
    fn a_crate_that_does_not_compile_is_one_failure() {
        assert_eq!(of_cargo_test("", false), counts(0, 1, &[]));
        assert_eq!(of_cargo_test("test result: ok. 2 passed; 0 failed; 0 ignored", false), counts(2, 1, &[]));
    }

    #[test]
    fn node_test_output_is_read_from_its_closing_lines() {
        let tap = "TAP version 13\nok 1 - opens\nok 2 - prints # SKIP no printer\nnot ok 3 - closes\n\
            1..3\n# tests 3\n# pass 1\n# fail 1\n# cancelled 0\n# skipped 1\n";
        assert_eq!(of_node_test(tap, false), counts(1, 1, &["prints: no printer"]));
    }
}
