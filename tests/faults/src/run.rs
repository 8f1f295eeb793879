//! One install that lives through a script: rings and crons as the platform delivers them, and what the script puts in between.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use chrono::TimeDelta;
use house::House;
use house::wire::{Fate, Sent};
use http::StatusCode;
use seatbridge_worker::ports::Clock;
use serde_json::{Value, json};
use shared::Timestamp;
use shared::api::month::LineView;
use shared::ids::LicenceId;
use simulator::{Entry, Fault, Options, Vendor};

use crate::act::Diary;
use crate::oracle::{Broken, Violation, counted};
use crate::script::{Action, Script, What, When};

/// Rings after which an install that is still busy is stuck.
pub const MOST_RINGS: usize = 400;

/// How a world begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct World {
    /// The simulator's seed.
    pub seed: u64,
    /// Customers.
    pub companies: usize,
    /// Calls a ring may make.
    pub budget: u32,
    /// Whether every mapped company commits by itself.
    pub automatic: bool,
    /// Whether what changes is billed by dated additions.
    pub dated: bool,
}

impl World {
    /// One customer with one line: 27 seats ordered, 25 billed.
    pub const SMALLEST: Self = Self { seed: 1, companies: 1, budget: 400, automatic: false, dated: false };
}

/// A write to an addition as it was sent.
struct Write {
    path: String,
    /// Its place among all calls.
    place: usize,
    /// The journal's last entry.
    after: u64,
    /// Whether it may arrive long after.
    late: bool,
}

type Ring = Pin<Box<dyn Future<Output = ()>>>;

/// A run.
pub struct Run {
    /// The install and the vendors.
    pub house: House,
    /// What people decided, and were answered.
    pub diary: Diary,
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
    /// What was seen to be wrong on the way.
    pub seen: Vec<Violation>,
    writes: Rc<RefCell<Vec<Write>>>,
    budget: u32,
    silent: usize,
    due: Rc<RefCell<Vec<Action>>>,
    second: Option<Ring>,
    /// Whether the ring under way was not alone, so that its calls are not all its own.
    doubled: bool,
}

/// Where a poll of a ring ended.
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
        house::log::clear();
        let options = Options { seed: world.seed, companies: world.companies, now: Some(beginning()), ..Options::default() };
        let house = House::still(options, world.budget).await;
        let mut diary = Diary::default();
        if world.companies > 1 {
            for licence in house.simulator.world().licenses() {
                house.simulator.world().set_seats(&licence.public_license_key, licence.quantity + 1).expect("a licence");
            }
        }
        house.connect().await;
        house.sync().await;
        house.map_everything_sure().await;
        house.settle().await;
        if world.dated {
            bill_by_date(&house).await;
        }
        diary.begin(&house).await;
        let first = house.lines("all").await;
        let licences = counted::licences(&house).await;
        house.wire.clear();
        let from = house.simulator.world().journal().last().map_or(0, |entry| entry.sequence);
        let mut run = Self {
            house,
            diary,
            licences,
            first,
            from,
            lives: vec![0],
            mixed: false,
            over_budget: Vec::new(),
            struck: Rc::default(),
            seen: Vec::new(),
            writes: Rc::default(),
            budget: world.budget,
            silent: 0,
            due: Rc::default(),
            second: None,
            doubled: false,
        };
        run.follow(&Script::default());
        if world.automatic {
            for company in 0..run.diary.companies.len() {
                run.act(Action::Map(company, true)).await;
            }
        }
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
        self.house.simulator.world().clear_faults();
        self.house.simulator.world().restore_connectwise();
        self.house.simulator.world().restore_ema2();
        self.due.borrow_mut().clear();
        self.silent = 0;
    }

    /// Ten minutes, and the cron if it calls.
    pub async fn tick(&mut self) {
        self.house.clock.advance(600);
        if self.silent > 0 {
            self.silent -= 1;
        } else {
            self.house.tenant.nudge().await.expect("a nudge");
        }
        self.rest().await;
    }

    /// Rings the alarm as long as it comes due before the cron would call.
    pub async fn rest(&mut self) {
        let until = self.house.clock.now() + TimeDelta::minutes(9);
        for _ in 0..MOST_RINGS {
            let now = self.house.clock.now();
            match self.house.rings_at() {
                Some(at) if at <= now.max(until) => {
                    if at > now {
                        self.house.clock.advance((at - now).num_seconds() + 1);
                    }
                    self.ring().await;
                }
                _ => return,
            }
        }
        self.note(Broken::Stuck, format!("{MOST_RINGS} rings, and still at work"));
    }

    /// Delivers the alarm once.
    pub async fn ring(&mut self) {
        self.house.take_alarm();
        self.house.wire.deliver().await;
        self.doubled = self.second.is_some();
        let before = self.house.wire.sent.borrow().len();
        let tenant = Rc::clone(&self.house.tenant);
        let mut ring: Ring = Box::pin(async move { tenant.ring().await });
        let mut over = false;
        loop {
            match self.turn(&mut ring, &mut over).await {
                Turn::Over => break,
                Turn::Died => {
                    if self.house.rings_at().is_none() {
                        self.note(Broken::Stuck, "a ring died, and no other will come".to_owned());
                    }
                    self.restart();
                    break;
                }
                Turn::Waits => {
                    let due: Vec<Action> = self.due.borrow_mut().drain(..).collect();
                    let mut gone = false;
                    for action in due {
                        gone |= action == Action::Deploy;
                        self.act(action).await;
                    }
                    self.house.wire.go_on();
                    if gone {
                        break;
                    }
                }
            }
        }
        drop(ring);
        let made = self.house.wire.sent.borrow().len() - before;
        self.second = None;
        if !self.doubled && made > self.budget as usize {
            self.over_budget.push(format!("a ring made {made} calls of {}", self.budget));
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
        self.house.wire.go_on();
        self.house.wire.died.set(false);
        self.house.restart();
        self.lives.push(self.house.wire.sent.borrow().len());
    }

    /// A second instance begins to ring while the first goes on.
    pub(crate) fn second_instance(&mut self) {
        self.mixed = true;
        self.house.restart();
        self.lives.push(self.house.wire.sent.borrow().len());
        self.ring_again();
    }

    /// The alarm is delivered once more; it is driven together with the ring under way, or with the next one.
    pub(crate) fn ring_again(&mut self) {
        self.doubled = true;
        let tenant = Rc::clone(&self.house.tenant);
        self.second = Some(Box::pin(async move { tenant.ring().await }));
    }

    /// Silences the cron.
    pub(crate) fn silence(&mut self, ticks: usize) {
        self.silent = ticks;
    }

    /// Polls the ring, and the second instance beside it, until something has to be done.
    async fn turn(&mut self, ring: &mut Ring, over: &mut bool) -> Turn {
        let wire = Rc::clone(&self.house.wire);
        poll_fn(|context| {
            if let Some(second) = &mut self.second
                && second.as_mut().poll(context).is_ready()
            {
                self.second = None;
            }
            *over = *over || ring.as_mut().poll(context).is_ready();
            match () {
                () if wire.died.get() => Poll::Ready(Turn::Died),
                () if wire.waiting.get() => Poll::Ready(Turn::Waits),
                () if *over && self.second.is_none() => Poll::Ready(Turn::Over),
                () => Poll::Pending,
            }
        })
        .await
    }

    /// Lets the calls of the script strike.
    fn follow(&self, script: &Script) {
        let mut troubles: BTreeMap<usize, Vec<What>> = BTreeMap::new();
        for (when, what) in &script.0 {
            if let When::Call(call) = when {
                troubles.entry(*call).or_default().push(what.clone());
            }
        }
        let calls = Cell::new(0);
        let wire = Rc::downgrade(&self.house.wire);
        let (simulator, due, struck) = (Rc::clone(&self.house.simulator), Rc::clone(&self.due), Rc::clone(&self.struck));
        let writes = Rc::clone(&self.writes);
        self.house.wire.plan(move |sent| {
            let call = calls.replace(calls.get() + 1);
            let mut fate = Fate::Answered;
            for what in troubles.remove(&call).unwrap_or_default() {
                struck.set(struck.get() + 1);
                match what {
                    What::Wire(other) => fate = other,
                    What::Vendor(kind) => {
                        simulator.world().inject(Fault::new(vendor(sent, &simulator.addresses().ema2), kind).times(1));
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
            if sent.method == "PATCH" || (sent.method == "POST" && sent.url.path().ends_with("/additions")) {
                let after = simulator.world().journal_length() as u64;
                let late = matches!(fate, Fate::ArrivesLater(_));
                let place = wire.upgrade().map_or(0, |wire| wire.sent.borrow().len());
                writes.borrow_mut().push(Write { path: sent.url.path().to_owned(), place, after, late });
            }
            fate
        });
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
        let late = candidates().filter(|write| write.late).map(|write| write.after).min();
        late.or_else(|| candidates().map(|write| write.after).max()).unwrap_or(sequence)
    }
}

/// Every agreement prorates, and every product's changes are additions of their own.
async fn bill_by_date(house: &House) {
    for agreement in house.simulator.world().agreements() {
        house.simulator.world().edit_agreement(agreement.id, |row| row.prorate_flag = true).expect("an agreement");
    }
    let products: Vec<Value> = house.get("/api/products").await;
    let mapped = products.iter().filter(|product| !product["mapping"]["product"].is_null());
    let dated = |product: &Value| {
        let decision = json!({ "decision": "map", "product": product["mapping"]["product"], "rule": { "write": { "strategy": "dated" } } });
        json!({ "psa": product["psa"], "code": product["code"], "decision": decision })
    };
    let changes = json!({ "changes": mapped.map(dated).collect::<Vec<_>>() });
    let (status, answer) = house.call("PUT", "/api/mappings/products", Some(&changes)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    // What prorates is seen when ConnectWise is read again.
    house.clock.advance(3_700);
    house.sync().await;
    house.settle().await;
}

fn vendor(sent: &Sent, ema2: &str) -> Vendor {
    if sent.url.as_str().starts_with(ema2) { Vendor::Ema2 } else { Vendor::ConnectWise }
}
