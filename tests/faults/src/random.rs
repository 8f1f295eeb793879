//! Worlds, troubles and people drawn from a seed. Each run takes a few kinds of trouble only, and those often: a swarm of
//! them finds what an even mixture never meets.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use harness::wire::Fate;
use simulator::{FaultKind, Lag};

use crate::oracle::{Broken, Violation, judge};
use crate::rng::Rng;
use crate::run::{Run, World};
use crate::script::{Action, Script, What, When};
use crate::{sweep, tickets};

/// Ticks a script lasts.
const TICKS: usize = 5;

/// A world to live in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Setting {
    /// One in which seats are billed.
    Billing(World),
    /// One in which tickets are opened.
    Tickets(tickets::World),
}

/// What a seed stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The world.
    pub world: Setting,
    /// What happens in it.
    pub script: Script,
}

/// What became of a case.
#[derive(Debug, Default)]
pub struct Lived {
    /// Troubles and actions that came to pass.
    pub struck: usize,
    /// Changes of quantities the vendor saw.
    pub changes: usize,
    /// Tickets the vendor saw.
    pub tickets: usize,
    /// What was broken.
    pub violations: Vec<Violation>,
}

impl Lived {
    /// How many promises of these kinds were broken.
    pub fn count(&self, kinds: &[Broken]) -> usize {
        self.violations.iter().filter(|violation| kinds.contains(&violation.broken)).count()
    }
}

/// Every so many-th seed stands for a world of tickets too.
const TICKETS_EVERY: u64 = 10;

/// What a seed stands for.
pub fn cases(seed: u64) -> Vec<Case> {
    let tickets = seed.is_multiple_of(TICKETS_EVERY).then(|| tickets::case(seed));
    std::iter::once(case(seed)).chain(tickets).collect()
}

/// The world and the script of a seed in which seats are billed.
pub fn case(seed: u64) -> Case {
    let mut rng = Rng::new(seed);
    let companies = rng.one(&[1, 1, 2, 3, 4]);
    let world = World {
        seed: if companies == 1 { 1 } else { 1 + rng.draw() % 40 },
        companies,
        budget: rng.one(&[8, 40, 400]),
        automatic: rng.once_in(3),
        dated: seed.is_multiple_of(7),
        lag: lag(seed),
    };
    let kinds = 1 + rng.below(4);
    let swarm: Vec<usize> = (0..kinds).map(|_| rng.below(KINDS)).collect();
    let calls = 20 + rng.below(80);
    let gap = 2 + rng.below(12);
    let mut parts = Vec::new();
    for call in 0..calls {
        if rng.once_in(gap) {
            let kind = rng.one(&swarm);
            parts.push((When::Call(call), trouble(kind, &mut rng)));
        }
    }
    for tick in 0..TICKS {
        for _ in 0..rng.below(3) {
            parts.push((When::Tick(tick), What::Does(action(&mut rng))));
        }
    }
    if seed % RESTORED_EVERY == RESTORED_AT {
        restore(&mut parts, calls, &mut rng);
    }
    Case { world: Setting::Billing(world), script: Script(parts) }
}

/// In these worlds the ledger is taken back once.
const RESTORED_EVERY: u64 = 11;
const RESTORED_AT: u64 = 6;

/// The ledger is kept at a call or between two passes, and taken back to that later.
fn restore(parts: &mut Vec<(When, What)>, calls: usize, rng: &mut Rng) {
    let (first, more) = (rng.below(calls / 2), 1 + rng.below(calls / 2));
    let (kept, back) = match rng.once_in(2) {
        true => (When::Call(first), When::Call(first + more)),
        false => (When::Tick(0), When::Tick(1 + rng.below(TICKS - 1))),
    };
    parts.push((kept, half(Action::KeepLedger, rng)));
    parts.push((back, half(Action::RestoreLedger, rng)));
}

/// In every third world reads lag: a list alone, everything, or one replica of two, by up to a quarter of an hour.
fn lag(seed: u64) -> Lag {
    if !seed.is_multiple_of(3) {
        return Lag::default();
    }
    match seed / 3 % 4 {
        0 => Lag { one: 0, list: 100, replicas: false },
        1 => Lag { one: 0, list: 600, replicas: false },
        2 => Lag { one: 480, list: 900, replicas: false },
        _ => Lag { one: 900, list: 900, replicas: true },
    }
}

/// Kinds of trouble a swarm is drawn from.
pub(crate) const KINDS: usize = 10;

pub(crate) fn trouble(kind: usize, rng: &mut Rng) -> What {
    let fates = match kind {
        0 => vec![Fate::LostOnTheWay, Fate::TimedOutBefore],
        1 => vec![Fate::AnswerLost, Fate::TimedOutAfter, Fate::FailedAfter],
        2 => vec![Fate::DiesBefore, Fate::DiesAfter],
        3 => vec![Fate::ArrivesLater(5), Fate::ArrivesLater(28), Fate::ArrivesLater(45)],
        4 => vec![Fate::Refused(429, Some(3)), Fate::Refused(429, Some(600)), Fate::Refused(429, None), Fate::Refused(503, None)],
        5 => {
            let kinds = [FaultKind::TruncatedBody, FaultKind::MalformedJson, FaultKind::HtmlBody { status: 200 }, FaultKind::EmptyList];
            return What::Vendor(rng.one(&kinds));
        }
        6 => {
            let kinds = [FaultKind::Status { code: 500, body: None, retry_after: None }, FaultKind::Unauthorized, FaultKind::ResetAfter];
            return What::Vendor(rng.one(&kinds));
        }
        7 => return half(Action::Deploy, rng),
        8 => return half(rng.one(&[Action::AlarmAgain, Action::SecondInstance, Action::Cron, Action::Clock(3_600)]), rng),
        _ => {
            let action = action(rng);
            return half(action, rng);
        }
    };
    What::Wire(rng.one(&fates))
}

pub(crate) fn half(action: Action, rng: &mut Rng) -> What {
    if rng.once_in(2) { What::Does(action) } else { What::DoesAfter(action) }
}

fn action(rng: &mut Rng) -> Action {
    let which = rng.below(8);
    match rng.below(20) {
        0..=3 => Action::ApproveAll,
        4 => Action::ApproveTwice(which),
        5 => Action::ApproveOld,
        6 => Action::Hold(which),
        7 => Action::Release(which),
        8 => Action::Exclude(which),
        9 => Action::Clear(which),
        10 => Action::Map(which, rng.once_in(2)),
        11 => Action::Retry(which),
        12 => Action::SyncNow,
        13 | 14 => Action::Order(which, 1 + rng.below(9) as i64),
        15 => Action::HandEdit(which, rng.below(5) as i64),
        16 => rng.one(&[Action::RevokeKeys, Action::RevokeLogin, Action::Restore, Action::Restore]),
        17 => rng.one(&[Action::Clock(40), Action::Clock(3_600), Action::Clock(90_000)]),
        18 => Action::CronSilent(1 + rng.below(4)),
        _ => Action::SlowKv(rng.one(&[0, 60, 120])),
    }
}

/// Lives through a case and has it judged.
pub async fn live(case: &Case) -> Lived {
    let (run, violations) = match case.world {
        Setting::Billing(world) => {
            let mut run = Run::begin(world).await;
            if !world.automatic {
                run.act(Action::ApproveAll).await;
            }
            run.live(&case.script, TICKS).await;
            let violations = judge(&mut run).await;
            (run, violations)
        }
        Setting::Tickets(world) => {
            let mut run = Run::begin_tickets(world).await;
            run.live(&case.script, tickets::TICKS).await;
            let violations = tickets::judge(&mut run).await;
            (run, violations)
        }
    };
    let (changes, tickets) = (run.install.written().len(), run.install.tickets_made());
    Lived { struck: run.struck.get(), changes, tickets, violations }
}

/// The same in a runtime of its own whose clock stands; a panic is a violation.
pub fn lived(case: &Case) -> Lived {
    apart(|| sweep::still().block_on(live(case))).unwrap_or_else(|words| Lived {
        violations: vec![Violation { broken: Broken::Stuck, words: format!("panicked: {words}") }],
        ..Lived::default()
    })
}

/// Runs something that may panic, and answers what it said.
fn apart<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::catch_unwind(AssertUnwindSafe(run)).map_err(|panic| words_of(&panic))
}

/// What a panic said.
pub(crate) fn words_of(panic: &Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
    text.unwrap_or_else(|| "without a word".to_owned())
}

/// Takes parts away as long as the same promise is broken without them, many at a time first.
pub fn shrink(case: &Case, broken: Broken) -> Case {
    let mut small = case.clone();
    let mut size = small.script.0.len().div_ceil(2);
    while size > 0 {
        let before = small.script.0.len();
        let mut place = 0;
        while place < small.script.0.len() {
            let fewer = Case { script: small.script.without(place, size), ..small.clone() };
            if lived(&fewer).count(&[broken]) > 0 {
                small = fewer;
            } else {
                place += size;
            }
        }
        // One by one until none can be spared.
        if size > 1 || small.script.0.len() == before {
            size /= 2;
        }
    }
    small
}
