//! The calls of a run: what strikes each of them, and when writes were sent.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use harness::wire::{Fate, Sent};
use simulator::{Entry, Fault, Simulator, Vendor};

use super::Run;
use crate::script::{Script, What, When};

/// How long a write to a ticket that was lost is waited for, in seconds.
const WAITED_FOR: i64 = 30;

/// A write as it was sent.
pub(super) struct Write {
    path: String,
    /// Its place among all calls.
    place: usize,
    /// The journal's last entry.
    after: u64,
    /// How long after it was sent it arrives, in seconds, when that is late.
    late: Option<i64>,
}

impl Run {
    /// Lets the calls of the script strike.
    pub(super) fn follow(&self, script: &Script) {
        let mut troubles: BTreeMap<usize, Vec<What>> = BTreeMap::new();
        for (when, what) in &script.0 {
            if let When::Call(call) = when {
                troubles.entry(*call).or_default().push(what.clone());
            }
        }
        let calls = Cell::new(0);
        let wire = Rc::downgrade(&self.install.wire);
        let (simulator, due, struck) = (Rc::clone(&self.install.simulator), Rc::clone(&self.due), Rc::clone(&self.struck));
        let writes = Rc::clone(&self.writes);
        self.install.wire.plan(move |sent| {
            let call = calls.replace(calls.get() + 1);
            let mut fate = Fate::Answered;
            for what in troubles.remove(&call).unwrap_or_default() {
                struck.set(struck.get() + 1);
                match what {
                    What::Wire(other) => fate = other,
                    What::Vendor(kind) => {
                        simulator.world().inject(Fault::new(vendor(sent, &simulator), kind).times(1));
                    }
                    What::Does(action) => {
                        due.borrow_mut().push(action);
                        fate = Fate::Waits;
                    }
                    What::DoesAfter(action) => {
                        due.borrow_mut().push(action);
                        fate = Fate::AnswerWaits;
                    }
                }
            }
            if sent.method != "GET" {
                let after = simulator.world().journal_length() as u64;
                let late = if let Fate::ArrivesLater(seconds) = fate { Some(seconds) } else { None };
                let place = wire.upgrade().map_or(0, |wire| wire.sent.borrow().len());
                writes.borrow_mut().push(Write { path: sent.url.path().to_owned(), place, after, late });
            }
            fate
        });
    }

    /// Whether a write arrived later than anybody waits for.
    pub(crate) fn is_late(&self) -> bool {
        self.writes.borrow().iter().any(|write| write.late.is_some_and(|seconds| seconds >= WAITED_FOR))
    }

    /// The journal's last entry when the call at this place was sent.
    pub fn sent_after(&self, place: usize) -> u64 {
        self.writes.borrow().iter().find(|write| write.place == place).map_or(0, |write| write.after)
    }

    /// The journal's last entry when the write that became entry `sequence` was sent. Of several that may be meant, the
    /// earliest: nobody is blamed for what they could not know.
    pub fn sent(&self, journal: &[Entry], sequence: u64) -> u64 {
        let path = journal.iter().find(|entry| entry.sequence == sequence).map_or("", |entry| entry.path.as_str());
        let writes = self.writes.borrow();
        let candidates = || writes.iter().filter(|write| write.path == path && write.after < sequence);
        let late = candidates().filter(|write| write.late.is_some()).map(|write| write.after).min();
        late.or_else(|| candidates().map(|write| write.after).max()).unwrap_or(sequence)
    }
}

fn vendor(sent: &Sent, simulator: &Simulator) -> Vendor {
    let to = |address: &str| sent.url.as_str().starts_with(address);
    match simulator.addresses() {
        addresses if to(&addresses.ema2) => Vendor::Ema2,
        addresses if to(&addresses.connect) => Vendor::Connect,
        _ => Vendor::ConnectWise,
    }
}
