//! The sweep: every kind of trouble at every call of a commit, alone and in pairs.

use house::wire::Fate;
use simulator::FaultKind;

use crate::oracle::{Violation, judge};
use crate::run::{Run, World};
use crate::script::{Action, Script, What, When};

/// Every way in which one call can be troubled.
pub fn modes() -> Vec<What> {
    vec![
        What::Wire(Fate::LostOnTheWay),
        What::Wire(Fate::AnswerLost),
        What::Wire(Fate::TimedOutBefore),
        What::Wire(Fate::TimedOutAfter),
        What::Wire(Fate::FailedAfter),
        What::Wire(Fate::DiesBefore),
        What::Wire(Fate::DiesAfter),
        What::Wire(Fate::ArrivesLater(45)),
        What::Wire(Fate::Pretended),
        What::Wire(Fate::Refused(429, Some(7))),
        What::Wire(Fate::Refused(429, Some(600))),
        What::Vendor(FaultKind::Status { code: 503, body: None, retry_after: None }),
        What::Vendor(FaultKind::HtmlBody { status: 200 }),
        What::Vendor(FaultKind::TruncatedBody),
        What::Vendor(FaultKind::MalformedJson),
        What::Vendor(FaultKind::EmptyList),
        What::Does(Action::Deploy),
        What::DoesAfter(Action::Deploy),
        What::Does(Action::RingAgain),
        What::DoesAfter(Action::SecondInstance),
        What::Does(Action::SecondInstance),
        What::Does(Action::ApproveTwice(0)),
        What::DoesAfter(Action::ApproveOld),
        What::DoesAfter(Action::SlowKv(90)),
        What::Does(Action::CronSilent(4)),
        What::Does(Action::Cron),
        What::Does(Action::HandEdit(0, 3)),
        What::DoesAfter(Action::HandEdit(0, 3)),
        What::Does(Action::Exclude(0)),
        What::DoesAfter(Action::Exclude(0)),
        What::DoesAfter(Action::RevokeKeys),
        What::Does(Action::Clock(3_600)),
    ]
}

/// One case: a script, and what is wrong with it.
#[derive(Debug)]
pub struct Found {
    /// What happened.
    pub script: Script,
    /// What was broken.
    pub violations: Vec<Violation>,
}

/// What a sweep saw.
#[derive(Debug, Default)]
pub struct Swept {
    /// Runs made.
    pub runs: usize,
    /// Troubles that came to pass.
    pub struck: usize,
    /// Changes the vendor saw.
    pub changes: usize,
    /// Runs with something wrong.
    pub found: Vec<Found>,
}

impl Swept {
    /// Adds another sweep to this one.
    pub fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.struck += other.struck;
        self.changes += other.changes;
        self.found.extend(other.found);
    }
}

/// What a sweep troubles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// Lines that were approved are committed.
    Commit,
    /// Somebody orders more, everything is read anew, and what commits by itself does so.
    Month,
}

/// One run: what can be is approved, trouble comes while it is committed, and all is well afterwards. Answers how many calls
/// there were and how many troubles struck.
pub async fn commit(world: World, scene: Scene, script: &Script) -> (usize, usize, usize, Vec<Violation>) {
    let mut run = Run::begin(World { automatic: scene == Scene::Month, ..world }).await;
    run.act(Action::ApproveAll).await;
    if scene == Scene::Month {
        // A mapping commits by itself only after a change a person approved went well.
        run.rest().await;
        run.act(Action::Order(0, 2)).await;
        run.act(Action::SyncNow).await;
    }
    let before = run.house.wire.sent.borrow().len();
    run.live(script, 2).await;
    let calls = run.house.wire.sent.borrow().len() - before;
    if scene == Scene::Month {
        // What a bad read proposes, somebody may believe.
        run.act(Action::ApproveAll).await;
        run.act(Action::ApproveHeld).await;
        run.rest().await;
    }
    let violations = judge(&mut run).await;
    (calls, run.struck.get(), run.house.written().len(), violations)
}

/// Calls of a commit that nothing troubles, up to the first cron's end.
pub async fn calls(world: World, scene: Scene) -> usize {
    commit(world, scene, &Script::default()).await.0
}

/// Every mode at every call.
pub async fn one_at_a_time(world: World, scene: Scene, part: usize, of: usize) -> Swept {
    let mut swept = Swept::default();
    for script in singles(world, scene).await.into_iter().skip(part).step_by(of) {
        swept.run(world, scene, script).await;
    }
    swept
}

/// The same up to the first run with something wrong.
pub async fn first_broken(world: World, scene: Scene, part: usize, of: usize) -> Swept {
    let mut swept = Swept::default();
    for script in singles(world, scene).await.into_iter().skip(part).step_by(of) {
        swept.run(world, scene, script).await;
        if !swept.found.is_empty() {
            break;
        }
    }
    swept
}

async fn singles(world: World, scene: Scene) -> Vec<Script> {
    let calls = calls(world, scene).await;
    let one = |call| modes().into_iter().map(move |mode| Script(vec![(When::Call(call), mode)]));
    (0..calls).flat_map(one).collect()
}

/// Every pair of modes at every pair of the first `calls` calls.
pub async fn pairs(world: World, calls: usize, part: usize, of: usize) -> Swept {
    let mut swept = Swept::default();
    let modes = modes();
    let mut place = 0;
    for first in 0..calls {
        for second in first + 1..calls {
            for one in &modes {
                for two in &modes {
                    place += 1;
                    if place % of == part {
                        let script = Script(vec![(When::Call(first), one.clone()), (When::Call(second), two.clone())]);
                        swept.run(world, Scene::Commit, script).await;
                    }
                }
            }
        }
    }
    swept
}

impl Swept {
    async fn run(&mut self, world: World, scene: Scene, script: Script) {
        let (_, struck, changes, violations) = commit(world, scene, &script).await;
        self.runs += 1;
        self.struck += struck;
        self.changes += changes;
        if !violations.is_empty() {
            self.found.push(Found { script, violations });
        }
    }
}

/// A runtime whose clock stands: nothing is ever really waited for.
///
/// # Panics
/// When the machine has no thread to spare.
pub fn still() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime")
}

/// Divides work among `threads` threads, each with a runtime whose clock stands.
///
/// # Panics
/// When one of them does.
pub fn divided(threads: usize, sweep: impl AsyncFn(usize, usize) -> Swept + Sync) -> Swept {
    std::thread::scope(|scope| {
        let sweep = &sweep;
        let parts: Vec<_> = (0..threads).map(|part| scope.spawn(move || still().block_on(sweep(part, threads)))).collect();
        parts.into_iter().fold(Swept::default(), |mut all, part| {
            all.add(part.join().expect("a sweep"));
            all
        })
    })
}
