//! One install that lives through a script: alarms and crons as the platform delivers them, and what the script puts in between.

mod calls;
mod restore;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use chrono::TimeDelta;
use contract::month::LineView;
use domain::Timestamp;
use domain::ids::LicenceId;
use egress::ports::Clock;
use engine::Intent;
use harness::TestInstall;
use harness::stores::Memory;
use http::StatusCode;
use serde_json::{Value, json};
use simulator::{Lag, Options};

use crate::act::Diary;
use crate::oracle::{Broken, Violation, counted};
use crate::script::{Action, Script, What, When};
use crate::tickets::Desk;
use calls::Write;

/// Rings after which an install that is still busy is stuck.
pub const MOST_ALARMS: usize = 400;

/// How a world begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct World {
    /// The simulator's seed.
    pub seed: u64,
    /// Customers.
    pub companies: usize,
    /// Calls an alarm may make.
    pub budget: u32,
    /// Whether every mapped company commits by itself.
    pub automatic: bool,
    /// Whether what changes is billed by dated additions.
    pub dated: bool,
    /// By how much reads of additions lag behind writes.
    pub lag: Lag,
}

impl World {
    /// One customer with one line: 27 seats ordered, 25 billed.
    pub const SMALLEST: Self =
        Self { seed: 1, companies: 1, budget: 400, automatic: false, dated: false, lag: Lag { one: 0, list: 0, replicas: false } };

    /// The same, where an addition is shown eight minutes after it was written, and in lists after ten.
    pub const LAGGING: Self = Self { lag: Lag { one: 480, list: 600, replicas: false }, ..Self::SMALLEST };
}

type AlarmRun = Pin<Box<dyn Future<Output = ()>>>;

/// A run.
pub struct Run {
    /// The install and the vendors.
    pub install: TestInstall,
    /// What people decided, and were answered.
    pub diary: Diary,
    /// The rules of a run that is about tickets, and what people did to them.
    pub desk: Desk,
    /// The licences the account had in the beginning.
    pub licences: BTreeSet<LicenceId>,
    /// What was there to approve in the beginning.
    pub first: Vec<LineView>,
    /// Entries of the journal before this one belong to the beginning.
    pub from: u64,
    /// The calls each life of the install began with, in order.
    pub lives: Vec<usize>,
    /// Whether two lives made calls at once, so that nobody can tell whose a call was.
    pub mixed: bool,
    /// Rings that made more calls than they may.
    pub over_budget: Vec<String>,
    /// Troubles of the script that came to pass.
    pub struck: Rc<Cell<usize>>,
    /// By how much reads of additions lagged.
    pub lag: Lag,
    /// What was seen to be wrong on the way.
    pub seen: Vec<Violation>,
    /// Changes that the ledger knew of before it was taken back.
    pub forgotten: Vec<Intent>,
    /// Whether the ledger was taken back: what people decided after that point is not known any more, and what is not known is not kept to.
    pub restored: bool,
    /// The ledger as somebody kept it.
    pub(crate) kept: Option<Memory>,
    writes: Rc<RefCell<Vec<Write>>>,
    budget: u32,
    silent: usize,
    due: Rc<RefCell<Vec<Action>>>,
    second: Option<AlarmRun>,
    /// Whether the alarm under way was not alone, so that its calls are not all its own.
    doubled: bool,
}

/// Where a poll of an alarm ended.
enum Turn {
    Over,
    Died,
    Waits,
}

/// The moment every world begins: in the middle of a month and of a day.
pub fn beginning() -> Timestamp {
    "2026-11-11T10:00:00Z".parse().expect("a moment")
}

impl Run {
    /// An install with everything connected, read, mapped and planned, and every licence with one more seat than is billed.
    pub async fn begin(world: World) -> Self {
        harness::log::clear();
        let options = Options { seed: world.seed, companies: world.companies, now: Some(beginning()), ..Options::default() };
        let install = TestInstall::still(options, world.budget).await;
        let mut diary = Diary::default();
        if world.companies > 1 {
            for licence in install.simulator.world().licenses() {
                install.simulator.world().set_seats(&licence.public_license_key, licence.quantity + 1).expect("a licence");
            }
        }
        install.connect().await;
        install.sync().await;
        install.map_everything_sure().await;
        install.settle().await;
        if world.dated {
            bill_by_date(&install).await;
        }
        diary.begin(&install).await;
        let first = install.lines("all").await;
        let licences = counted::licences(&install).await;
        install.simulator.world().set_additions_lag(world.lag);
        let mut run = Self { diary, licences, first, lag: world.lag, ..Self::over(install, world.budget) };
        if world.automatic {
            for company in 0..run.diary.companies.len() {
                run.act(Action::Map(company, true)).await;
            }
        }
        run
    }

    /// A run of an install as it is, in which nothing is mapped.
    pub(crate) fn over(install: TestInstall, budget: u32) -> Self {
        install.wire.clear();
        // The oracle looks for secrets, and says of what it finds how it came about.
        install.guarded.set(false);
        let from = install.simulator.world().journal().last().map_or(0, |entry| entry.sequence);
        let run = Self {
            install,
            diary: Diary::default(),
            desk: Desk::default(),
            licences: BTreeSet::new(),
            first: Vec::new(),
            from,
            lives: vec![0],
            mixed: false,
            over_budget: Vec::new(),
            struck: Rc::default(),
            lag: Lag::default(),
            seen: Vec::new(),
            forgotten: Vec::new(),
            restored: false,
            kept: None,
            writes: Rc::default(),
            budget,
            silent: 0,
            due: Rc::default(),
            second: None,
            doubled: false,
        };
        run.follow(&Script::default());
        run
    }

    /// Lets the script happen over so many ticks of the cron.
    pub async fn live(&mut self, script: &Script, ticks: usize) {
        self.follow(script);
        for tick in 0..ticks {
            for what in script.at(When::Tick(tick)) {
                if let What::Does(action) | What::DoesAfter(action) = what {
                    self.struck.set(self.struck.get() + 1);
                    self.act(action).await;
                }
            }
            self.tick().await;
        }
        self.heal();
    }

    /// Nothing goes wrong any more from here on.
    pub fn heal(&mut self) {
        self.follow(&Script::default());
        self.install.simulator.world().clear_faults();
        self.install.simulator.world().restore_connectwise();
        self.install.simulator.world().restore_ema2();
        self.due.borrow_mut().clear();
        self.silent = 0;
    }

    /// Ten minutes, and the cron if it calls.
    pub async fn tick(&mut self) {
        self.pass(TimeDelta::minutes(10)).await;
        if self.silent > 0 {
            self.silent -= 1;
        } else {
            self.install.tenant.on_cron().await.expect("a cron");
        }
        self.rest().await;
    }

    /// Lets time go by, in which what is late arrives when it does.
    async fn pass(&mut self, time: TimeDelta) {
        let clock = Rc::clone(&self.install.clock);
        let until = clock.now() + time;
        while let Some(at) = self.install.wire.next_late().filter(|at| *at <= until) {
            clock.advance((at - clock.now()).num_seconds().max(0) + 1);
            self.install.wire.deliver().await;
        }
        clock.advance((until - clock.now()).num_seconds().max(0));
    }

    /// Rings the alarm as long as it comes due before the cron would call.
    pub async fn rest(&mut self) {
        let until = self.install.clock.now() + TimeDelta::minutes(9);
        for _ in 0..MOST_ALARMS {
            let now = self.install.clock.now();
            match self.install.rings_at() {
                Some(at) if at <= now.max(until) => {
                    if at > now {
                        self.pass(at - now + TimeDelta::seconds(1)).await;
                    }
                    self.alarm().await;
                }
                _ => return,
            }
        }
        self.note(Broken::Stuck, format!("{MOST_ALARMS} alarms, and still at work"));
    }

    /// Delivers the alarm once.
    pub async fn alarm(&mut self) {
        self.install.take_alarm();
        self.install.wire.deliver().await;
        self.doubled = self.second.is_some();
        let before = self.install.wire.sent.borrow().len();
        let tenant = Rc::clone(&self.install.tenant);
        let mut alarm: AlarmRun = Box::pin(async move { tenant.on_alarm().await });
        let mut over = false;
        loop {
            match self.turn(&mut alarm, &mut over).await {
                Turn::Over => break,
                Turn::Died => {
                    if self.install.rings_at().is_none() {
                        self.note(Broken::Stuck, "an alarm died, and no other will come".to_owned());
                    }
                    self.restart();
                    break;
                }
                Turn::Waits => {
                    let due: Vec<Action> = self.due.borrow_mut().drain(..).collect();
                    let mut gone = false;
                    for action in due {
                        gone |= matches!(action, Action::Deploy | Action::RestoreLedger);
                        self.act(action).await;
                    }
                    self.install.wire.go_on();
                    if gone {
                        break;
                    }
                }
            }
        }
        drop(alarm);
        let made = self.install.wire.sent.borrow().len() - before;
        self.second = None;
        if !self.doubled && made > self.budget as usize {
            self.over_budget.push(format!("an alarm made {made} calls of {}", self.budget));
        }
    }

    /// Notes what was seen to be wrong, once.
    pub(crate) fn note(&mut self, broken: Broken, words: String) {
        if !self.seen.iter().any(|seen| seen.words == words) {
            self.seen.push(Violation { broken, words });
        }
    }

    /// The process ends and another begins.
    pub fn restart(&mut self) {
        self.install.wire.go_on();
        self.install.wire.died.set(false);
        self.install.restart();
        self.lives.push(self.install.wire.sent.borrow().len());
    }

    /// A second instance begins to work while the first goes on.
    pub(crate) fn second_instance(&mut self) {
        self.mixed = true;
        self.install.restart();
        self.lives.push(self.install.wire.sent.borrow().len());
        self.alarm_again();
    }

    /// The alarm is delivered once more; it is driven together with the alarm under way, or with the next one.
    pub(crate) fn alarm_again(&mut self) {
        self.doubled = true;
        let tenant = Rc::clone(&self.install.tenant);
        self.second = Some(Box::pin(async move { tenant.on_alarm().await }));
    }

    /// Keeps the cron from calling.
    pub(crate) fn silence_cron(&mut self, ticks: usize) {
        self.silent = ticks;
    }

    /// Polls the alarm, and the second instance beside it, until something has to be done.
    async fn turn(&mut self, alarm: &mut AlarmRun, over: &mut bool) -> Turn {
        let wire = Rc::clone(&self.install.wire);
        poll_fn(|context| {
            if let Some(second) = &mut self.second
                && second.as_mut().poll(context).is_ready()
            {
                self.second = None;
            }
            *over = *over || alarm.as_mut().poll(context).is_ready();
            match () {
                () if wire.died.get() => Poll::Ready(Turn::Died),
                () if wire.waiting.get() => Poll::Ready(Turn::Waits),
                () if *over && self.second.is_none() => Poll::Ready(Turn::Over),
                () => Poll::Pending,
            }
        })
        .await
    }
}

/// Every agreement prorates, and every product's changes are additions of their own.
async fn bill_by_date(install: &TestInstall) {
    for agreement in install.simulator.world().agreements() {
        install.simulator.world().edit_agreement(agreement.id, |row| row.prorate_flag = true).expect("an agreement");
    }
    let products: Vec<Value> = install.get("/api/products").await;
    let mapped = products.iter().filter(|product| !product["mapping"]["product"].is_null());
    let dated = |product: &Value| {
        let decision = json!({ "decision": "map", "product": product["mapping"]["product"], "rule": { "write": { "strategy": "dated" } } });
        json!({ "psa": product["psa"], "code": product["code"], "decision": decision })
    };
    let changes = json!({ "changes": mapped.map(dated).collect::<Vec<_>>() });
    let (status, answer) = install.call("PUT", "/api/mappings/products", Some(&changes)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    // What prorates is seen when ConnectWise is read again.
    install.clock.advance(3_700);
    install.sync().await;
    install.settle().await;
}
