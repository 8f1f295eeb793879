//! The sweep: every kind of trouble at every call of a commit, alone and in pairs.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use harness::wire::Fate;
use simulator::FaultKind;

use crate::oracle::{Broken, Violation, judge};
use crate::random::words_of;
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
        What::Does(Action::AlarmAgain),
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
    let before = run.install.wire.sent.borrow().len();
    run.live(script, 2).await;
    let calls = run.install.wire.sent.borrow().len() - before;
    if scene == Scene::Month {
        // What a bad read proposes, somebody may believe.
        run.act(Action::ApproveAll).await;
        run.act(Action::ApproveHeld).await;
        run.rest().await;
    }
    let violations = judge(&mut run).await;
    (calls, run.struck.get(), run.install.written().len(), violations)
}

/// Calls of a commit that nothing troubles, up to the first cron's end.
pub async fn calls(world: World, scene: Scene) -> usize {
    commit(world, scene, &Script::default()).await.0
}

/// How far a sweep goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Every case.
    TheEnd,
    /// The first case with something wrong.
    Broken,
}

/// Every mode at every call: the part of them with this number, of so many.
pub async fn one_at_a_time(world: World, scene: Scene, until: Until, (part, of): (usize, usize)) -> Swept {
    let scripts = singles(world, scene).await.into_iter();
    Swept::of(world, scene, scripts.skip(part).step_by(of), until).await
}

/// Every pair of modes at every pair of the first `calls` calls of a commit.
pub async fn pairs(world: World, calls: usize, until: Until, (part, of): (usize, usize)) -> Swept {
    Swept::of(world, Scene::Commit, all_pairs(calls).skip(part).step_by(of), until).await
}

async fn singles(world: World, scene: Scene) -> Vec<Script> {
    let calls = calls(world, scene).await;
    let one = |call| modes().into_iter().map(move |mode| Script(vec![(When::Call(call), mode)]));
    (0..calls).flat_map(one).collect()
}

/// A month that bills itself, while KV shows what was there before: from each call on, with what people and the platform do at
/// each later one.
pub async fn under_slow_kv(world: World, until: Until, (part, of): (usize, usize)) -> Swept {
    let calls = calls(world, Scene::Month).await;
    let actions = [Action::Exclude(0), Action::HandEdit(0, 3), Action::Deploy, Action::SecondInstance];
    let places = (0..calls).flat_map(|first| (first + 1..calls).map(move |second| (first, second)));
    let scripts = places.flat_map(|(first, second)| {
        let slow = (When::Call(first), What::DoesAfter(Action::SlowKv(90)));
        actions.map(|action| Script(vec![slow.clone(), (When::Call(second), What::Does(action))]))
    });
    Swept::of(world, Scene::Month, scripts.skip(part).step_by(of), until).await
}

fn all_pairs(calls: usize) -> impl Iterator<Item = Script> {
    let places = (0..calls).flat_map(move |first| (first + 1..calls).map(move |second| (first, second)));
    let modes = || modes().into_iter().flat_map(|one| modes().into_iter().map(move |two| (one.clone(), two)));
    let script = |(first, second), (one, two)| Script(vec![(When::Call(first), one), (When::Call(second), two)]);
    places.flat_map(move |at| modes().map(move |both| script(at, both)))
}

impl Swept {
    async fn of(world: World, scene: Scene, scripts: impl Iterator<Item = Script>, until: Until) -> Self {
        Self::through(scripts, until, async |script| {
            let (_, struck, changes, violations) = commit(world, scene, script).await;
            (struck, changes, violations)
        })
        .await
    }

    /// Lives through scripts. A life answers how many troubles struck, how many changes the vendor saw, and what was broken.
    pub(crate) async fn through(
        scripts: impl Iterator<Item = Script>,
        until: Until,
        life: impl AsyncFn(&Script) -> (usize, usize, Vec<Violation>),
    ) -> Self {
        let mut swept = Self::default();
        for script in scripts {
            swept.runs += 1;
            let lived = AssertUnwindSafe(life(&script)).catch_unwind().await;
            let (struck, changes, violations) = lived.unwrap_or_else(|panic| {
                let words = format!("panicked: {}", words_of(&panic));
                (1, 0, vec![Violation { broken: Broken::Stuck, words }])
            });
            swept.struck += struck;
            swept.changes += changes;
            if !violations.is_empty() {
                swept.found.push(Found { script, violations });
                if until == Until::Broken {
                    break;
                }
            }
        }
        swept
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
pub fn divided(threads: usize, sweep: impl AsyncFn((usize, usize)) -> Swept + Sync) -> Swept {
    std::thread::scope(|scope| {
        let sweep = &sweep;
        let parts: Vec<_> = (0..threads).map(|part| scope.spawn(move || still().block_on(sweep((part, threads))))).collect();
        parts.into_iter().fold(Swept::default(), |mut all, part| {
            all.add(part.join().expect("a sweep"));
            all
        })
    })
}
