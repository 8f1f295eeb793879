//! A ledger that is taken back in the middle of a commit: kept at every call, and taken back after every later one.

use crate::oracle::{Broken, Violation, judge};
use crate::run::{Run, World};
use crate::script::{Action, Script, What, When};
use crate::sweep::{Swept, Until};

/// Worlds in which it is tried: what is written shows at once, or late, and is a quantity or an addition.
pub const WORLDS: [World; 3] = [World::SMALLEST, World::LAGGING, World { dated: true, ..World::LAGGING }];

/// What is promised of a ledger that was taken back, too. It does not know what people decided after that.
const KEPT: [Broken; 5] = [Broken::Double, Broken::DoubleTicket, Broken::Stuck, Broken::Secret, Broken::Calls];

/// Leaves out what is not promised of a run whose ledger was taken back.
pub(crate) fn forgive(run: &Run, found: &mut Vec<Violation>) {
    if run.restored {
        found.retain(|violation| KEPT.contains(&violation.broken));
    }
}

/// One run: what may be is approved and committed, and approved again after the ledger was taken back.
async fn life(world: World, script: &Script) -> (usize, usize, usize, Vec<Violation>) {
    let mut run = Run::begin(world).await;
    run.act(Action::ApproveAll).await;
    let before = run.install.wire.sent.borrow().len();
    run.live(script, 2).await;
    let calls = run.install.wire.sent.borrow().len() - before;
    let violations = judge(&mut run).await;
    (calls, run.struck.get(), run.install.wire.sent.borrow().iter().filter(|sent| sent.method != "GET").count(), violations)
}

/// Every pair of calls of a commit: the part of them with this number, of so many.
pub async fn every_pair(world: World, until: Until, (part, of): (usize, usize)) -> Swept {
    let (calls, ..) = life(world, &Script::default()).await;
    let pairs = (0..calls).flat_map(move |kept| (kept..calls).map(move |back| (kept, back)));
    let scripts = pairs.map(|(kept, back)| {
        let keep = (When::Call(kept), What::Does(Action::KeepLedger));
        Script(vec![keep, (When::Call(back), What::DoesAfter(Action::RestoreLedger))])
    });
    Swept::through(scripts.skip(part).step_by(of), until, async |script| {
        let (_, struck, changes, violations) = life(world, script).await;
        (struck, changes, violations)
    })
    .await
}
