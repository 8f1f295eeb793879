//! A whole install, natively: the tenant and its API over SQLite in memory, against the simulator. A restart keeps the
//! stores and loses everything else, as the runtime does it.

pub mod groups;
pub mod log;
pub mod stores;
pub mod support;
pub mod wire;

use std::cell::Cell;
use std::rc::Rc;

use axum::body::Body;
use chrono::TimeDelta;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use seatbridge_worker::config::Config;
use seatbridge_worker::http::{App, router};
use seatbridge_worker::ports::Transport;
use seatbridge_worker::tenant::{Ports, Tenant};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shared::Timestamp;
use shared::api::month::{LineView, Month};
use simulator::{Options, Simulator};
use tower::ServiceExt;

use crate::support::{Direct, Native, Seeded, Stepped};
use stores::{Memory, Remembered, Texts};
use wire::Wire;

const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// The setup secret: what the first token is made with.
pub const SETUP_TOKEN: &str = "setup-token-that-is-long-enough-for-a-secret";

/// The install and the vendors it works with.
pub struct House {
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
    /// A token for the API.
    pub token: String,
    alarm: Rc<Remembered>,
    settings: Settings,
}

/// What the install is told at each start.
struct Settings {
    budget: u32,
    rate: Option<u32>,
    starts: Cell<u64>,
}

impl House {
    /// An install that nothing is connected to, beside a world of `companies` customers.
    pub async fn empty(companies: usize) -> Self {
        Self::with(Options { companies, ..Options::default() }, 400).await
    }

    /// The same, with a fetch budget.
    pub async fn with(options: Options, budget: u32) -> Self {
        let simulator = Rc::new(Simulator::start(options).await.expect("the simulator"));
        Self::over(simulator, Stepped::new(), Rc::new(Native::new()), budget, Some(100_000)).await
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

    async fn over(simulator: Rc<Simulator>, clock: Rc<Stepped>, way: Rc<dyn Transport>, budget: u32, rate: Option<u32>) -> Self {
        let texts = Rc::new(Texts::under(Rc::clone(&clock)));
        let alarm = Rc::<Remembered>::default();
        let sql = Rc::new(Memory(rusqlite::Connection::open_in_memory().expect("a database")));
        let wire = Rc::new(Wire::over(way, Rc::<Stepped>::clone(&clock)));
        log::keep();
        let settings = Settings { budget, rate, starts: Cell::new(0) };
        let tenant = open(&clock, &texts, &sql, &alarm, &wire, &settings);
        let mut house = Self { simulator, clock, texts, sql, tenant, wire, token: String::new(), alarm, settings };
        let made = house.call_as(SETUP_TOKEN, "POST", "/api/tokens", Some(&json!({ "name": "tests" }))).await;
        house.token = made.1["token"].as_str().expect("a token").to_owned();
        house
    }

    /// An install with both vendors connected and read, everything sure mapped, and the lines planned.
    pub async fn ready(companies: usize) -> Self {
        Self::ready_with(companies, 400).await
    }

    /// The same, with a fetch budget.
    pub async fn ready_with(companies: usize, budget: u32) -> Self {
        let house = Self::with(Options { companies, ..Options::default() }, budget).await;
        house.connect().await;
        house.sync().await;
        house.map_everything_sure().await;
        house.settle().await;
        house
    }

    /// Loses everything but the stores.
    pub fn restart(&mut self) {
        self.tenant = open(&self.clock, &self.texts, &self.sql, &self.alarm, &self.wire, &self.settings);
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
        self.tenant.nudge().await.expect("a nudge");
        self.settle().await;
    }

    /// Rings the alarm until nothing is left that would be done before the cron calls again.
    pub async fn settle(&self) {
        for _ in 0..2_000 {
            if !self.comes_due() {
                return;
            }
            self.tenant.ring().await;
        }
        panic!("the install does not come to rest");
    }

    /// Lets time pass until the alarm is to ring; not when that is only to watch the cron.
    pub fn comes_due(&self) -> bool {
        let Some(at) = self.alarm.0.get() else { return false };
        let wait = at - self.tenant.now();
        if wait > TimeDelta::minutes(20) {
            return false;
        }
        if wait > TimeDelta::zero() {
            self.clock.advance(wait.num_seconds() + 1);
        }
        // The platform forgets a setting when it rings.
        self.alarm.0.set(None);
        true
    }

    /// Accepts every suggestion that is sure.
    pub async fn map_everything_sure(&self) {
        let products: Vec<Value> = self.get("/api/products").await;
        let changes: Vec<Value> = products
            .iter()
            .filter(|product| product["mapping"]["state"] == "unmapped")
            .filter_map(|product| {
                let sure = product["suggestions"].get(0).filter(|found| found["ambiguous"] == false)?;
                Some(json!({ "psa": product["psa"], "code": product["code"], "decision": { "decision": "map", "product": sure["product"] } }))
            })
            .collect();
        if !changes.is_empty() {
            let (status, answer) = self.call("PUT", "/api/mappings/products", Some(&json!({ "changes": changes }))).await;
            assert_eq!(status, StatusCode::OK, "{answer}");
        }
        let page: Value = self.get("/api/companies?state=unmapped&limit=500").await;
        let changes: Vec<Value> = page["items"]
            .as_array()
            .expect("companies")
            .iter()
            .filter_map(|company| {
                let sure = company["suggestions"].get(0)?;
                let found = &sure["suggestion"];
                let decided = found["ambiguous"] == false && !found["agreement"].is_null();
                decided.then(|| {
                    json!({ "connection": company["connection"], "company": company["company"],
                            "decision": { "decision": "map", "psa": sure["psa"], "agreement": found["agreement"] } })
                })
            })
            .collect();
        if !changes.is_empty() {
            let (status, answer) = self.call("PUT", "/api/mappings/companies", Some(&json!({ "changes": changes }))).await;
            assert_eq!(status, StatusCode::OK, "{answer}");
        }
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
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(serde_json::to_vec(body).expect("json"))
            }
            None => Body::empty(),
        };
        let answer = self.send(request.body(body).expect("a request")).await;
        let status = answer.status();
        let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
        // What is no JSON is a file: a table, a page for print.
        let is_file = kind.starts_with("text/");
        let value = match bytes.is_empty() {
            true => Value::Null,
            false if is_file => Value::String(String::from_utf8(bytes.to_vec()).expect("text")),
            false => serde_json::from_slice(&bytes).expect("json"),
        };
        (status, value)
    }

    /// Every answer of every test passes here, so what must hold for each of them is looked at here.
    pub async fn send(&self, request: Request<Body>) -> http::Response<Body> {
        let asked = format!("{} {}", request.method(), request.uri());
        let answer = router(App::new(Rc::clone(&self.tenant))).oneshot(request).await.expect("an answer");
        let (head, body) = answer.into_parts();
        for (name, value) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")] {
            assert_eq!(head.headers.get(name).and_then(|found| found.to_str().ok()), Some(value), "{asked}: {name}");
        }
        let body = body.collect().await.expect("a body").to_bytes();
        let text = format!("{:?} {}", head.headers, String::from_utf8_lossy(&body));
        for secret in self.secrets() {
            assert!(!text.contains(&secret), "{asked} lets a credential out: {text}");
        }
        http::Response::from_parts(head, Body::from(body))
    }

    /// What no answer, document or line of the log may hold.
    pub fn secrets(&self) -> Vec<String> {
        let known = self.simulator.credentials();
        let keys = &known.connectwise;
        let mut secrets = vec![known.ema2.password.clone(), keys.private_key.clone(), keys.public_key.clone(), keys.client_id.clone()];
        secrets.extend([MASTER_KEY, SETUP_TOKEN, "canary"].map(str::to_owned));
        secrets
    }

    /// What is waiting to be written, or is being written.
    pub fn open_intents(&self) -> Vec<shared::engine::Intent> {
        use shared::engine::IntentState::{Inflight, Planned, Unknown};
        let rows = [Planned, Inflight, Unknown].map(|state| self.tenant.ledger.intents_in(state).expect("intents"));
        rows.into_iter().flatten().map(|row| row.intent).collect()
    }

    /// Every intent there ever was.
    pub fn intents(&self) -> Vec<shared::engine::Intent> {
        let (rows, _) = self.tenant.ledger.intents("", None, u32::MAX).expect("intents");
        rows.into_iter().map(|row| row.intent).collect()
    }

    /// The latest pass of a kind.
    pub fn last_pass(&self, kind: shared::api::passes::PassKind) -> seatbridge_worker::ledger::PassRow {
        let passes = self.tenant.ledger.passes(None, 100).expect("passes");
        passes.into_iter().find(|pass| pass.kind == kind).expect("a pass of this kind")
    }

    /// The id of the connection with this name.
    pub async fn connection(&self, name: &str) -> String {
        let connections: Vec<Value> = self.get("/api/connections").await;
        let found = connections.iter().find(|connection| connection["name"] == name).expect("a connection");
        found["id"].as_str().expect("an id").to_owned()
    }

    /// Takes the alarm's setting away, as the platform does when it rings.
    pub fn take_alarm(&self) -> Option<Timestamp> {
        self.alarm.0.take()
    }

    /// When the alarm rings next.
    pub fn rings_at(&self) -> Option<Timestamp> {
        self.alarm.0.get()
    }

    /// Changes of quantities that came by the API, as the simulator saw them.
    pub fn written(&self) -> Vec<(i64, f64, f64)> {
        use simulator::{Actor, Effect};
        let entries = self.simulator.world().journal();
        let effects = entries.into_iter().filter_map(|entry| entry.effect);
        effects
            .filter_map(|effect| match effect {
                Effect::QuantityChanged { addition, from, to, by: Actor::Api, .. } => Some((i64::from(addition), from, to)),
                _ => None,
            })
            .collect()
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
        "MASTER_KEY" => Some(MASTER_KEY.to_owned()),
        "SETUP_TOKEN" => Some(SETUP_TOKEN.to_owned()),
        "FETCH_BUDGET" => Some(settings.budget.to_string()),
        "VENDOR_RATE" => settings.rate.map(|rate| rate.to_string()),
        _ => None,
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
    };
    Rc::new(Tenant::open(Config::read(variable).expect("a configuration"), ports).expect("a tenant"))
}
