//! The sweep of tickets: every kind of trouble at every call of a ticket's life.

use harness::wire::{Fate, Sent};
use simulator::FaultKind;

use super::{DeskAction, World, judge};
use crate::oracle::Violation;
use crate::run::Run;
use crate::script::{Action, Script, What, When};
use crate::sweep::{Swept, Until, modes};

/// What happens to one device, by ticks: it enters and its ticket is opened, leaves and it is closed, comes back and it is opened
/// again, leaves for two polls, of which the first is not believed, and that is noted, and leaves for good.
const LIFE: [(usize, bool); 6] = [(0, true), (2, false), (5, true), (7, false), (9, true), (11, false)];

/// Ticks a life takes.
const TICKS: usize = 14;

/// Kinds of trouble that only calls about tickets meet, beside those of a commit.
fn more_modes() -> Vec<What> {
    let status = |code| What::Vendor(FaultKind::Status { code, body: None, retry_after: None });
    vec![
        What::Wire(Fate::Refused(400, None)),
        What::Wire(Fate::Refused(403, None)),
        What::Wire(Fate::ArrivesLater(25)),
        status(500),
        What::Vendor(FaultKind::ResetAfter),
        What::Vendor(FaultKind::Unauthorized),
        What::Vendor(FaultKind::Pending { polls: 1 }),
        What::Does(Action::Desk(DeskAction::Close(0))),
        What::DoesAfter(Action::Desk(DeskAction::Close(0))),
        What::DoesAfter(Action::Desk(DeskAction::Reopen(0))),
        What::Does(Action::Desk(DeskAction::Delete(0))),
        What::DoesAfter(Action::Desk(DeskAction::Delete(0))),
        What::Does(Action::Desk(DeskAction::Switch(0, false))),
        What::Does(Action::Desk(DeskAction::Mute(0, 1))),
        What::DoesAfter(Action::Desk(DeskAction::Rename(0))),
    ]
}

/// Whether a mode is about billing alone.
fn is_of_billing(what: &What) -> bool {
    let (What::Does(action) | What::DoesAfter(action)) = what else { return false };
    matches!(action, Action::ApproveTwice(_) | Action::ApproveOld | Action::HandEdit(..) | Action::Exclude(_))
}

/// Whether a call is about a device or its ticket.
fn is_about_tickets(sent: &Sent) -> bool {
    let path = sent.url.path();
    let console = path.contains("/device_groups/") || path.contains("devices:batchGet");
    console || path.contains("/service/") || path.contains("/company/configurations")
}

fn life(trouble: &Script) -> Script {
    let steps = LIFE.into_iter().map(|(tick, enters)| {
        let (rule, from, count) = (0, 0, 1);
        let action = if enters { DeskAction::Enter { rule, from, count } } else { DeskAction::Leave { rule, from, count } };
        (When::Tick(tick), What::Does(Action::Desk(action)))
    });
    Script(steps.chain(trouble.0.iter().cloned()).collect())
}

/// Lives one device's life with trouble in it. Answers the places of the calls about tickets, and what became of it.
pub(super) async fn lived(world: World, trouble: &Script) -> (Vec<usize>, usize, usize, Vec<Violation>) {
    let mut run = Run::begin_tickets(world).await;
    run.live(&life(trouble), TICKS).await;
    let sent = run.install.wire.sent.borrow().clone();
    let calls = sent.iter().enumerate().filter(|(_, call)| is_about_tickets(call)).map(|(place, _)| place).collect();
    let violations = judge(&mut run).await;
    (calls, run.struck.get() - LIFE.len(), run.install.tickets_made(), violations)
}

/// A device whose ticket the ledger has forgotten: what is wrong with it.
pub async fn forgotten() -> Vec<Violation> {
    let mut run = Run::begin_tickets(World::SMALLEST).await;
    let enters = DeskAction::Enter { rule: 0, from: 0, count: 1 };
    let actions = [(0, enters), (3, DeskAction::Forget)].map(|(tick, action)| (When::Tick(tick), What::Does(Action::Desk(action))));
    run.live(&Script(actions.to_vec()), 5).await;
    judge(&mut run).await
}

/// Every mode at every call about tickets: the part of them with this number, of so many.
pub async fn one_at_a_time(world: World, until: Until, (part, of): (usize, usize)) -> Swept {
    let (calls, ..) = lived(world, &Script::default()).await;
    let modes: Vec<What> = modes().into_iter().filter(|mode| !is_of_billing(mode)).chain(more_modes()).collect();
    let one = |call: usize| modes.iter().map(move |mode| Script(vec![(When::Call(call), mode.clone())]));
    let scripts = calls.into_iter().flat_map(one).skip(part).step_by(of);
    Swept::through(scripts, until, async |script| {
        let (_, struck, changes, violations) = lived(world, script).await;
        (struck, changes, violations)
    })
    .await
}
