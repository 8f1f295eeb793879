//! What a layer of tests found and took, and the table that closes a test run.

use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};
use serde::{Deserialize, Serialize};

use super::summary::Counts;

/// One line of the table.
#[derive(Serialize, Deserialize, Debug)]
pub(super) struct Report {
    pub(super) name: String,
    pub(super) counts: Counts,
    /// Seconds on the clock.
    wall: f64,
    /// Seconds of all processors together, with those of every program that was started and has ended.
    cpu: f64,
}

/// A clock for one layer.
pub(super) struct Stopwatch {
    started: Instant,
    cpu: f64,
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self { started: Instant::now(), cpu: cpu_seconds() }
    }

    /// The report of what ran since the start.
    pub(super) fn report(&self, name: &str, counts: Counts) -> Report {
        Report { name: name.to_owned(), counts, wall: self.started.elapsed().as_secs_f64(), cpu: cpu_seconds() - self.cpu }
    }
}

impl Report {
    /// Its times, for a heading.
    pub(super) fn times(&self) -> String {
        format!("{:.0} s, {:.0} s of processor", self.wall, self.cpu)
    }
}

/// The closing lines: a row for each layer, what was skipped, and `total`, which also has what no layer took.
pub(super) fn table(layers: &[Report], total: &Report) -> String {
    let head = format!("{:<10} {:>7} {:>7} {:>8} {:>8} {:>8}", "", "passed", "failed", "skipped", "wall s", "cpu s");
    let row = |report: &Report| {
        let Counts { passed, failed, skipped } = &report.counts;
        format!("{:<10} {passed:>7} {failed:>7} {:>8} {:>8.1} {:>8.1}", report.name, skipped.len(), report.wall, report.cpu)
    };
    let skipped = total.counts.skipped.iter().map(|skipped| format!("skipped: {skipped}"));
    let rows = layers.iter().map(row);
    [head].into_iter().chain(rows).chain([row(total)]).chain(skipped).collect::<Vec<_>>().join("\n")
}

/// Seconds of processor this program and everything it has started and seen end took so far.
fn cpu_seconds() -> f64 {
    let seconds = |time: TimeVal| time.num_milliseconds() as f64 / 1_000.0;
    let of = |who| getrusage(who).map_or(0.0, |usage| seconds(usage.user_time()) + seconds(usage.system_time()));
    of(UsageWho::RUSAGE_SELF) + of(UsageWho::RUSAGE_CHILDREN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_row_for_each_layer_and_one_for_all() {
        let report =
            |name: &str, passed, cpu| Report { name: name.to_owned(), counts: Counts { passed, ..Counts::default() }, wall: 2.0, cpu };
        let mut total = report("total", 3, 5.25);
        total.counts.skipped.push("advisories: unreachable".to_owned());
        let expected = "            passed  failed  skipped   wall s    cpu s\n\
            rules            3       0        0      2.0      1.5\n\
            total            3       0        1      2.0      5.2\n\
            skipped: advisories: unreachable";
        assert_eq!(table(&[report("rules", 3, 1.5)], &total), expected);
    }

    #[test]
    fn the_time_of_programs_that_have_ended_is_counted() {
        let watch = Stopwatch::start();
        assert!(
            std::process::Command::new("sh").args(["-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"]).status().unwrap().success()
        );
        let report = watch.report("busy", Counts::default());
        assert!(report.cpu > 0.02 && report.wall > 0.02, "{report:?}");
    }
}
