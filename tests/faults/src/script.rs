//! What happens in a run, as a list from which anything can be taken away.

use harness::wire::Fate;
use simulator::FaultKind;

use crate::tickets::DeskAction;

/// When something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// At the so many-th call of the run, from 0.
    Call(usize),
    /// Before the so many-th tick of the cron, from 0.
    Tick(usize),
}

/// What happens.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// The wire does this to the call.
    Wire(Fate),
    /// The vendor does this to the call.
    Vendor(FaultKind),
    /// Somebody does something; at a call, before it arrives.
    Does(Action),
    /// The same after the call has taken effect and before its answer comes.
    DoesAfter(Action),
}

/// What people, vendors and the platform do. Numbers choose among what there is, around the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Somebody approves everything that may be.
    ApproveAll,
    /// Somebody approves one line twice at once, held or not, as they saw it.
    ApproveTwice(usize),
    /// Somebody approves each line that a guard holds, having seen why.
    ApproveHeld,
    /// Somebody approves what they saw at the beginning.
    ApproveOld,
    /// Somebody holds a line.
    Hold(usize),
    /// Somebody takes a hold back.
    Release(usize),
    /// Somebody excludes a company.
    Exclude(usize),
    /// Somebody takes the mapping of a company away.
    Clear(usize),
    /// Somebody maps a company again as it was, with or without committing by itself.
    Map(usize, bool),
    /// Somebody tries a change again that failed or was parked.
    Retry(usize),
    /// Somebody presses "sync now".
    SyncNow,
    /// ESET's customer orders so many seats more than ever before.
    Order(usize, i64),
    /// Somebody types a quantity into an addition in ConnectWise, so many below what is there.
    HandEdit(usize, i64),
    /// ConnectWise's keys are refused from now on.
    RevokeKeys,
    /// ESET's login is refused from now on.
    RevokeLogin,
    /// Both are taken again.
    Restore,
    /// Time passes, in seconds.
    Clock(i64),
    /// A new version is deployed: the run that is under way is gone.
    Deploy,
    /// The ledger is kept as it is now.
    KeepLedger,
    /// The ledger is taken back to what was kept; nothing else goes back, and the run that is under way is gone.
    RestoreLedger,
    /// The alarm is delivered once more while it is at work.
    AlarmAgain,
    /// A second instance fires over the same stores while the first goes on.
    SecondInstance,
    /// The cron calls out of turn.
    Cron,
    /// The cron does not call for so many ticks.
    CronSilent(usize),
    /// From now on KV shows what was there so many seconds ago, and remembers what it did not find.
    SlowKv(i64),
    /// A device comes or goes, or somebody does something about tickets.
    Desk(DeskAction),
}

/// Everything that happens in a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Script(pub Vec<(When, What)>);

impl Script {
    /// What happens at this moment, in order.
    pub fn at(&self, when: When) -> Vec<What> {
        self.0.iter().filter(|(at, _)| *at == when).map(|(_, what)| what.clone()).collect()
    }

    /// The same without `count` parts from its `place`-th one on.
    #[must_use]
    pub fn without(&self, place: usize, count: usize) -> Self {
        let mut parts = self.0.clone();
        parts.drain(place..(place + count).min(parts.len()));
        Self(parts)
    }
}

impl std::fmt::Display for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (when, what) in &self.0 {
            writeln!(f, "    (When::{when:?}, What::{what:?}),")?;
        }
        Ok(())
    }
}
