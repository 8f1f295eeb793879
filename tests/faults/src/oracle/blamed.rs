//! What we did ourselves is nobody else's doing: drift and the tickets' log blame people for what people did, and for nothing else.

use domain::drift::DriftKind;
use simulator::{Actor, Effect};

use super::{Broken, Violation};
use crate::run::Run;

/// Kinds of drift that say somebody did something to an addition. That one is gone is said of an empty list too, which vendors lie with.
const DONE_TO_ADDITIONS: [DriftKind; 2] = [DriftKind::AdditionCancelled, DriftKind::AdditionEdited];

pub(crate) fn look(run: &Run, found: &mut Vec<Violation>) {
    let by_hand = |effect: &Effect| {
        let additions = matches!(
            effect,
            Effect::QuantityChanged { .. }
                | Effect::AdditionCreated { .. }
                | Effect::AdditionChanged { .. }
                | Effect::AdditionDeleted { .. }
        );
        additions && effect.by() == Actor::Hand
    };
    let journal = run.install.simulator.world().journal();
    if journal.iter().filter_map(|entry| entry.effect.as_ref()).any(by_hand) {
        return;
    }
    let drift = run.install.tenant.ledger.drift().all().expect("drift");
    for drift in drift.values().map(|stored| &stored.drift).filter(|drift| DONE_TO_ADDITIONS.contains(&drift.kind)) {
        found.push(Violation { broken: Broken::Blamed, words: format!("nobody touched an addition, and yet: {}", drift.words) });
    }
}
