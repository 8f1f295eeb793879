//! A whole install, natively: the tenant and its API over SQLite in memory, against the simulator. A restart keeps the
//! stores and loses everything else, as the runtime does it.

pub mod groups;
pub mod log;
mod mapping;
pub mod people;
pub mod provider;
pub mod reads;
pub mod releases;
pub mod stores;
pub mod support;
pub mod tickets;
mod watch;
pub mod wire;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use axum::body::Body;
use chrono::TimeDelta;
use contract::month::{LineView, Month};
use domain::Timestamp;
use domain::access::Role;
use egress::ports::Transport;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use server::config::Config;
use server::tenant::{Ports, Tenant};
use simulator::{Options, Simulator};
use store::ports::Bucket;

use crate::support::{Direct, Native, Seeded, Stepped};
use people::Visitor;
use stores::{Memory, Remembered, Texts};
use wire::Wire;

/// The host the install is called by.
pub const HOST: &str = "seatbridge.test";
/// The master key that every install begins with, in base64.
pub const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// The set-up secret, by which the first administrator comes in.
pub const SETUP_TOKEN: &str = "setup-token-that-is-long-enough-for-a-secret";

/// Who comes in by it.
pub const ADMIN: &str = "Ada";

/// When every install begins, so that no test meets a midnight or the end of a month it did not ask for.
fn beginning() -> Timestamp {
    "2026-03-10T09:00:00Z".parse().expect("a moment")
}

/// The install and the vendors it works with.
pub struct TestInstall {
    /// The vendors.
    pub simulator: Rc<Simulator>,
    /// The time, for the install.
    pub clock: Rc<Stepped>,
    /// Workers KV.
    pub texts: Rc<Texts>,
    /// The ledger's SQLite.
    pub sql: Rc<Memory>,
    /// The install as it runs now.
    pub tenant: Rc<Tenant>,
    /// What lies between the install and the vendors.
    pub wire: Rc<Wire>,
    /// An administrator.
    pub admin: Visitor,
    /// An administrator's token for the API.
    pub token: String,
    /// Whether a secret that is found somewhere when the install ends fails the test.
    pub guarded: Cell<bool>,
    /// Secrets the install has given out, each of them once.
    told: RefCell<Vec<String>>,
    alarm: Rc<Remembered>,
    settings: Settings,
}

/// What the install is told at each start.
struct Settings {
    budget: u32,
    rate: Option<u32>,
    starts: Cell<u64>,
    /// The master key, and the one before it while that is known, in base64.
    keys: RefCell<(String, Option<String>)>,
    /// Where nightly backups go.
    bucket: RefCell<Option<Rc<dyn Bucket>>>,
    /// Other variables.
    others: RefCell<Vec<(String, String)>>,
}

impl TestInstall {
    /// An install that nothing is connected to, beside a world of `companies` customers.
    pub async fn empty(companies: usize) -> Self {
        Self::with(Options { companies, ..Options::default() }, 400).await
    }

    /// The same, with a fetch budget.
    pub async fn with(options: Options, budget: u32) -> Self {
        let begins = beginning();
        let simulator = Rc::new(Simulator::start(Options { begins: Some(begins), ..options }).await.expect("the simulator"));
        Self::over(simulator, Stepped::from(begins), Rc::new(Native::new()), budget, Some(100_000)).await
    }

    /// The same without sockets, at the vendors' own pace, under a clock that stands until something moves it: what happens
    /// depends on the options alone.
    pub async fn still(options: Options, budget: u32) -> Self {
        let now = options.now.expect("a moment at which the clock stands");
        let simulator = Rc::new(Simulator::offline(&options).expect("the simulator"));
        let clock = Stepped::at(now);
        let way = Rc::new(Direct::new(Rc::clone(&simulator), Rc::clone(&clock)));
        Self::over(simulator, clock, way, budget, None).await
    }

    /// Another install beside this one: the same vendors and the same time, and a ledger of its own that nothing is connected to.
    pub async fn beside(&self) -> Self {
        let way = Rc::new(Direct::new(Rc::clone(&self.simulator), Rc::clone(&self.clock)));
        Self::over(Rc::clone(&self.simulator), Rc::clone(&self.clock), way, self.settings.budget, self.settings.rate).await
    }

    async fn over(simulator: Rc<Simulator>, clock: Rc<Stepped>, way: Rc<dyn Transport>, budget: u32, rate: Option<u32>) -> Self {
        let keys = RefCell::new((MASTER_KEY.to_owned(), None));
        let settings = Settings { budget, rate, starts: Cell::new(0), keys, bucket: RefCell::default(), others: RefCell::default() };
        let mut install = Self::of(simulator, clock, way, Memory::new(), settings);
        let mut admin = install.admin.clone();
        install.come_in(&mut admin, SETUP_TOKEN).await;
        install.token = install.token_for(&admin, Role::Admin).await;
        install.admin = admin;
        install
    }

    /// Starts an install on this ledger, which nobody has come into yet.
    fn of(simulator: Rc<Simulator>, clock: Rc<Stepped>, way: Rc<dyn Transport>, ledger: Memory, settings: Settings) -> Self {
        let texts = Rc::new(Texts::under(Rc::clone(&clock)));
        let alarm = Rc::<Remembered>::default();
        let sql = Rc::new(ledger);
        let wire = Rc::new(Wire::over(way, Rc::<Stepped>::clone(&clock)));
        log::keep();
        let tenant = open(&clock, &texts, &sql, &alarm, &wire, &settings);
        let (guarded, told, admin) = (Cell::new(true), RefCell::default(), Visitor::everywhere(ADMIN));
        Self { simulator, clock, texts, sql, tenant, wire, admin, token: String::new(), guarded, told, alarm, settings }
    }

    /// An install with both vendors connected and read, everything sure mapped, and the lines planned.
    pub async fn ready(companies: usize) -> Self {
        Self::ready_with(companies, 400).await
    }

    /// The same, with a fetch budget.
    pub async fn ready_with(companies: usize, budget: u32) -> Self {
        Self::with(Options { companies, ..Options::default() }, budget).await.made_ready().await
    }

    /// The same under a clock that only we move, for us and for the vendors.
    pub async fn ready_and_still(companies: usize) -> Self {
        let options = Options { companies, now: Some(beginning()), ..Options::default() };
        Self::still(options, 400).await.made_ready().await
    }

    async fn made_ready(self) -> Self {
        self.connect().await;
        self.sync().await;
        self.map_everything_sure().await;
        self.settle().await;
        self
    }

    /// Starts it anew with these master keys in base64, the present one and the previous one, as new secrets of a deployment do.
    pub fn change_master_key(&mut self, key: &str, previous: Option<&str>) {
        self.settings.keys.replace((key.to_owned(), previous.map(str::to_owned)));
        self.restart();
    }

    /// Loses everything but the stores.
    pub fn restart(&mut self) {
        self.tenant = open(&self.clock, &self.texts, &self.sql, &self.alarm, &self.wire, &self.settings);
    }

    /// Takes the ledger back to what it was, as the platform does it: nothing else goes back, and the process begins anew.
    pub fn restore_ledger(&mut self, point: &Memory) {
        self.sql = Rc::new(point.copy());
        self.restart();
    }

    /// Connects both vendors.
    pub async fn connect(&self) {
        for connection in [self.ema2(), self.connectwise()] {
            let (status, answer) = self.post("/api/connections", &connection).await;
            assert_eq!(status, StatusCode::CREATED, "{answer}");
            assert_eq!(answer["last_test"]["ok"], true, "{answer}");
        }
    }

    /// The ESET connection, as the API takes it.
    pub fn ema2(&self) -> Value {
        let login = &self.simulator.credentials().ema2;
        json!({ "name": "ESET", "address": self.simulator.addresses().ema2,
                "credentials": { "kind": "ema2", "username": login.username, "password": login.password } })
    }

    /// The ConnectWise connection, as the API takes it.
    pub fn connectwise(&self) -> Value {
        let keys = &self.simulator.credentials().connectwise;
        json!({ "name": "ConnectWise", "address": self.simulator.addresses().connectwise,
                "credentials": { "kind": "connectwise", "company_id": keys.company_id, "public_key": keys.public_key,
                                 "private_key": keys.private_key, "client_id": keys.client_id } })
    }

    /// Reads everything, as "sync now" does, and waits for it.
    pub async fn sync(&self) {
        let (status, answer) = self.post("/api/passes", &json!({ "kind": "sync" })).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
        self.settle().await;
    }

    /// Lets the cron call and waits for what it starts.
    pub async fn cron(&self) {
        self.tenant.on_cron().await.expect("a cron");
        self.settle().await;
    }

    /// Rings the alarm until nothing is left that would be done before the cron calls again.
    pub async fn settle(&self) {
        for _ in 0..2_000 {
            if !self.comes_due() {
                return;
            }
            self.tenant.on_alarm().await;
        }
        panic!("the install does not come to rest");
    }

    /// Lets time pass until the alarm is to work; not when that is only to watch the cron.
    pub fn comes_due(&self) -> bool {
        let Some(at) = self.alarm.0.get() else { return false };
        let wait = at - self.tenant.now();
        if wait > TimeDelta::minutes(20) {
            return false;
        }
        if wait > TimeDelta::zero() {
            self.clock.advance(wait.num_seconds() + 1);
        }
        // The platform forgets a setting when it fires.
        self.alarm.0.set(None);
        true
    }

    /// All lines of a segment.
    pub async fn lines(&self, segment: &str) -> Vec<LineView> {
        let mut lines = Vec::new();
        let mut after = None;
        loop {
            let place = after.map_or(String::new(), |after: String| format!("&after={after}"));
            let month: Month = self.get(&format!("/api/month?segment={segment}&limit=500{place}")).await;
            lines.extend(month.items);
            match month.next {
                Some(next) => after = Some(next),
                None => return lines,
            }
        }
    }

    /// Approves lines as they are now, each with what holds it seen.
    pub async fn approve(&self, lines: &[LineView]) -> Value {
        let lines: Vec<Value> = lines
            .iter()
            .map(|line| {
                let seen: Vec<&str> = line.guards.iter().map(|guard| guard.code.as_str()).collect();
                json!({ "id": line.line.id, "preview": line.line.preview, "seen": seen })
            })
            .collect();
        let (status, answer) = self.post("/api/lines/approve", &json!({ "lines": lines })).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// Reads a path of the API.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> T {
        let (status, answer) = self.call("GET", path, None::<&Value>).await;
        assert_eq!(status, StatusCode::OK, "GET {path}: {answer}");
        serde_json::from_value(answer).unwrap_or_else(|error| panic!("GET {path}: {error}"))
    }

    /// Posts to a path of the API.
    pub async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.call("POST", path, Some(body)).await
    }

    /// Calls the API, whatever it answers.
    pub async fn call<B: Serialize>(&self, method: &str, path: &str, body: Option<&B>) -> (StatusCode, Value) {
        self.call_as(&self.token, method, path, body).await
    }

    /// The same with another token; with none when it is empty.
    pub async fn call_as<B: Serialize>(&self, token: &str, method: &str, path: &str, body: Option<&B>) -> (StatusCode, Value) {
        let bearer = format!("Bearer {token}");
        let headers: &[(&str, &str)] = if token.is_empty() { &[] } else { &[("authorization", &bearer)] };
        self.call_with(headers, method, path, body).await
    }

    /// The same with any headers.
    pub async fn call_with<B: Serialize>(
        &self,
        headers: &[(&str, &str)],
        method: &str,
        path: &str,
        body: Option<&B>,
    ) -> (StatusCode, Value) {
        let (status, _, value) = self.answer_with(headers, method, path, body).await;
        (status, value)
    }

    /// The same with the headers of the answer.
    pub async fn answer_with<B: Serialize>(
        &self,
        headers: &[(&str, &str)],
        method: &str,
        path: &str,
        body: Option<&B>,
    ) -> (StatusCode, http::HeaderMap, Value) {
        let mut request = Request::builder().method(method).uri(path).header("host", HOST);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(serde_json::to_vec(body).expect("json"))
            }
            None => Body::empty(),
        };
        let answer = self.send(request.body(body).expect("a request")).await;
        let (head, body) = answer.into_parts();
        let kind = head.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let bytes = body.collect().await.expect("a body").to_bytes();
        // What is no JSON is a file: a table, a page for print.
        let is_file = kind.starts_with("text/");
        let value = match bytes.is_empty() {
            true => Value::Null,
            false if is_file => Value::String(String::from_utf8(bytes.to_vec()).expect("text")),
            false => serde_json::from_slice(&bytes).expect("json"),
        };
        (head.status, head.headers, value)
    }

    /// The id of the connection with this name.
    pub async fn connection(&self, name: &str) -> String {
        let connections: Vec<Value> = self.get("/api/connections").await;
        let found = connections.iter().find(|connection| connection["name"] == name).expect("a connection");
        found["id"].as_str().expect("an id").to_owned()
    }

    /// Takes the alarm's setting away, as the platform does when it fires.
    pub fn take_alarm(&self) -> Option<Timestamp> {
        self.alarm.0.take()
    }

    /// When the alarm fires next.
    pub fn rings_at(&self) -> Option<Timestamp> {
        self.alarm.0.get()
    }
}

fn open(
    clock: &Rc<Stepped>,
    texts: &Rc<Texts>,
    sql: &Rc<Memory>,
    alarm: &Rc<Remembered>,
    wire: &Rc<Wire>,
    settings: &Settings,
) -> Rc<Tenant> {
    let variable = |name: &str| match name {
        "ENVIRONMENT" => Some("local".to_owned()),
        "MASTER_KEY" => Some(settings.keys.borrow().0.clone()),
        "MASTER_KEY_PREV" => settings.keys.borrow().1.clone(),
        "SETUP_TOKEN" => Some(SETUP_TOKEN.to_owned()),
        "FETCH_BUDGET" => Some(settings.budget.to_string()),
        "VENDOR_RATE" => settings.rate.map(|rate| rate.to_string()),
        other => settings.others.borrow().iter().find(|(known, _)| known == other).map(|(_, value)| value.clone()),
    };
    settings.starts.set(settings.starts.get() + 1);
    let ports = Ports {
        clock: Rc::<Stepped>::clone(clock),
        // No start draws what another has drawn.
        entropy: Seeded::new(settings.starts.get().wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        transport: Rc::<Wire>::clone(wire),
        key_value: Rc::<Texts>::clone(texts),
        sql: Rc::<Memory>::clone(sql),
        alarm: Rc::<Remembered>::clone(alarm),
        bucket: settings.bucket.borrow().clone(),
    };
    Rc::new(Tenant::open(Config::read(variable).expect("a configuration"), ports).expect("a tenant"))
}
