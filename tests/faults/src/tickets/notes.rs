//! Notes and configurations: each once.

use std::collections::BTreeMap;

use simulator::{Actor, Effect};

use crate::oracle::{Broken, Violation};
use crate::run::Run;

/// No note is written twice and no device has two configurations of ours. A write that arrived later than anybody waits for is
/// nobody's fault.
pub(super) fn look(run: &Run, found: &mut Vec<Violation>) {
    if run.is_late() {
        return;
    }
    let mut noted: BTreeMap<(i32, String), usize> = BTreeMap::new();
    for note in run.install.simulator.world().notes() {
        if let Some((_, mark)) = note.text.rsplit_once("[seatbridge:") {
            *noted.entry((note.ticket_id, mark.to_owned())).or_default() += 1;
        }
    }
    for ((ticket, mark), _) in noted.into_iter().filter(|(_, times)| *times > 1) {
        found.push(Violation { broken: Broken::DoubleTicket, words: format!("ticket {ticket} has the note {mark} twice") });
    }
    let mut made: BTreeMap<String, usize> = BTreeMap::new();
    for entry in run.install.simulator.world().journal_since(run.from) {
        if let Some(Effect::ConfigurationCreated { device_identifier: Some(device), by: Actor::Api, .. }) = entry.effect {
            *made.entry(device).or_default() += 1;
        }
    }
    for (device, times) in made.into_iter().filter(|(_, times)| *times > 1) {
        found.push(Violation { broken: Broken::DoubleTicket, words: format!("{times} configurations were made of {device}") });
    }
}
