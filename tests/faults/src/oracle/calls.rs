//! Calls within budget and rate.

use super::{Broken, Violation};
use crate::run::Run;

/// Calls that may be under way at once: they share a moment when the clock jumps over their waits.
const CONCURRENCY: usize = 4;

/// Calls a second that one life of the install makes to one host, at most: as many as the pacer gives out.
const RATES: [(&str, usize); 2] = [(ESET, 10), (CONNECTWISE, 15)];
pub(super) const ESET: &str = "127.0.0.1:2";
const CONNECTWISE: &str = "127.0.0.1:3";

pub(crate) fn look(run: &Run, found: &mut Vec<Violation>) {
    let mut say = |words: String| found.push(Violation { broken: Broken::Calls, words });
    run.over_budget.iter().for_each(|words| say(words.clone()));
    if run.mixed {
        return;
    }
    let sent = run.install.wire.sent.borrow();
    let ends = run.lives.iter().skip(1).copied().chain([sent.len()]);
    for (begin, end) in run.lives.iter().copied().zip(ends) {
        for (host, rate) in RATES {
            let times: Vec<_> = sent[begin..end].iter().filter(|call| call.url.authority() == host).map(|call| call.at).collect();
            for (first, last) in times.iter().zip(times.iter().skip(rate + CONCURRENCY)) {
                if (*last - *first).num_milliseconds() < 990 {
                    say(format!("more than {rate} calls to {host} within a second from {first}"));
                    return;
                }
            }
        }
    }
}
