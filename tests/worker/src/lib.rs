//! The built Worker in workerd, beside a simulator of the vendors: what the tests here drive.
//!
//! `tools/serve.mjs` starts workerd with a store of its own in a temporary folder. Everything is done over HTTP, as a browser
//! or a script would do it; only the simulator is looked into from inside, because its journal is the judge.

mod served;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use authenticator::Authenticator;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use simulator::{Actor, Effect, Options, Simulator};

pub use served::Served;

/// The setup secret of the Worker under test.
pub const SETUP_TOKEN: &str = "setup-token-of-the-worker-under-test";
/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(90);

/// The vendors, the Worker, and a token for its API.
pub struct Install {
    /// The vendors.
    pub simulator: Simulator,
    /// The Worker.
    pub served: Served,
    http: reqwest::Client,
    token: String,
    patience: Duration,
}

impl Install {
    /// A Worker that nothing is connected to, beside a world of `companies` customers.
    ///
    /// # Errors
    /// When the Worker has not been built, or does not start.
    pub async fn empty(companies: usize) -> Result<Self> {
        let simulator = Simulator::start(Options { companies, ..Options::default() }).await?;
        let served = Served::start().await?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        let mut install = Self { simulator, served, http, token: String::new(), patience: PATIENCE };
        install.token = install.come_in().await?;
        Ok(install)
    }

    /// Comes in as the first administrator, with a passkey in software, and makes an API token.
    async fn come_in(&self) -> Result<String> {
        let origin = self.served.url();
        let post = |path: &str, body: Value| self.http.post(format!("{origin}{path}")).json(&body);
        let opened: Value = post("/api/invitations/open", json!({ "token": SETUP_TOKEN })).send().await?.error_for_status()?.json().await?;
        let passkey = Authenticator::new(origin, "tests").make(&opened["passkey"], "this test");
        let accepted = json!({ "token": SETUP_TOKEN, "name": "Tests", "passkey": passkey });
        let accepted = post("/api/invitations/accept", accepted).send().await?.error_for_status()?;
        let cookie = accepted.headers().get("set-cookie").context("a cookie")?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let wanted = post("/api/tokens", json!({ "name": "tests", "role": "admin" })).header("cookie", cookie);
        let made: Value = wanted.send().await?.error_for_status()?.json().await?;
        Ok(made["token"].as_str().context("a token")?.to_owned())
    }

    /// The administrator's token that everything is done with.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The same, but it may take so long to come to rest.
    #[must_use]
    pub fn patient(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// A Worker with both vendors connected and read, everything sure mapped, and the lines planned.
    ///
    /// # Errors
    /// When any step of it does not work.
    pub async fn ready(companies: usize) -> Result<Self> {
        let install = Self::empty(companies).await?;
        install.connect().await?;
        install.sync().await?;
        install.map_everything_sure(false).await?;
        install.at_rest().await?;
        Ok(install)
    }

    /// The same, after every licence has got one more seat: nearly every line changes.
    ///
    /// # Errors
    /// When any step of it does not work.
    pub async fn busy(companies: usize) -> Result<Self> {
        let install = Self::empty(companies).await?;
        let world = install.simulator.world();
        for license in world.licenses() {
            world.set_seats(&license.public_license_key, license.quantity + 1)?;
        }
        install.connect().await?;
        install.sync().await?;
        install.map_everything_sure(false).await?;
        install.at_rest().await?;
        Ok(install)
    }

    /// Connects both vendors.
    ///
    /// # Errors
    /// When a connection or its test fails.
    pub async fn connect(&self) -> Result<()> {
        let addresses = self.simulator.addresses();
        self.connect_one("ema2", "ESET", &addresses.ema2).await?;
        self.connect_one("connectwise", "ConnectWise", &addresses.connectwise).await
    }

    /// Connects ESET Connect, the console that shows device groups and devices.
    ///
    /// # Errors
    /// When the connection or its test fails.
    pub async fn connect_console(&self) -> Result<()> {
        self.connect_one("connect", "ESET Connect", &self.simulator.addresses().connect).await
    }

    async fn connect_one(&self, kind: &str, name: &str, address: &str) -> Result<()> {
        let mut secret = serde_json::to_value(self.simulator.credentials())?[kind].clone();
        secret["kind"] = json!(kind);
        let made = self.post("/api/connections", &json!({ "name": name, "address": address, "credentials": secret })).await?;
        ensure!(made["last_test"]["ok"] == true, "{made}");
        Ok(())
    }

    /// Reads everything, as "sync now" does, and waits for it.
    ///
    /// # Errors
    /// When a pass fails.
    pub async fn sync(&self) -> Result<()> {
        let started = self.post("/api/passes", &json!({ "kind": "sync" })).await?;
        self.at_rest().await?;
        for pass in started["passes"].as_array().context("passes")? {
            let pass = self.get(&format!("/api/passes/{}", pass["id"].as_str().unwrap_or_default())).await?;
            ensure!(pass["state"] == "done", "{pass}");
        }
        Ok(())
    }

    /// Accepts every suggestion that is sure.
    ///
    /// # Errors
    /// When the Worker refuses one.
    pub async fn map_everything_sure(&self, automatic: bool) -> Result<()> {
        let products = self.get("/api/products").await?;
        let changes: Vec<Value> = list(&products)
            .iter()
            .filter_map(|product| {
                let sure = product["suggestions"].get(0).filter(|found| found["ambiguous"] == false)?;
                let decision = json!({ "decision": "map", "product": sure["product"] });
                Some(json!({ "psa": product["psa"], "code": product["code"], "decision": decision }))
            })
            .collect();
        self.call(Method::PUT, "/api/mappings/products", Some(&json!({ "changes": changes }))).await?;
        let companies = self.all("/api/companies?state=unmapped&limit=500").await?;
        let changes: Vec<Value> = companies
            .iter()
            .filter_map(|company| {
                let best = company["suggestions"].get(0)?;
                let found = &best["suggestion"];
                let sure = found["ambiguous"] == false && !found["agreement"].is_null();
                let decision = json!({ "decision": "map", "psa": best["psa"], "agreement": found["agreement"], "automatic": automatic });
                sure.then(|| json!({ "connection": company["connection"], "company": company["company"], "decision": decision }))
            })
            .collect();
        for part in changes.chunks(500) {
            self.call(Method::PUT, "/api/mappings/companies", Some(&json!({ "changes": part }))).await?;
        }
        Ok(())
    }

    /// Has ConnectWise read as the schedule reads it, by a change of one mapping that changes no line. The schedule itself
    /// would do so only ten minutes after the last time.
    ///
    /// # Errors
    /// When nothing is mapped, or the Worker refuses.
    pub async fn read_on_schedule(&self) -> Result<()> {
        let page = self.get("/api/companies?state=mapped&limit=1").await?;
        let company = list(&page["items"]).first().context("a mapped company")?;
        for automatic in [true, false] {
            let decision = json!({
                "decision": "map", "psa": company["mapping"]["psa"], "agreement": company["mapping"]["agreement"], "automatic": automatic,
            });
            let change = json!({ "connection": company["connection"], "company": company["company"], "decision": decision });
            self.call(Method::PUT, "/api/mappings/companies", Some(&json!({ "changes": [change] }))).await?;
            if automatic {
                self.at_rest().await?;
            }
        }
        self.at_rest().await
    }

    /// Every item of a list, page after page.
    ///
    /// # Errors
    /// When the Worker does not answer.
    pub async fn all(&self, path: &str) -> Result<Vec<Value>> {
        let (mut items, mut place) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("{path}{place}")).await?;
            items.extend_from_slice(list(&page["items"]));
            let Some(next) = page["next"].as_str() else { return Ok(items) };
            place = format!("&after={next}");
        }
    }

    /// Every line of a segment.
    ///
    /// # Errors
    /// When the Worker does not answer.
    pub async fn lines(&self, segment: &str) -> Result<Vec<Value>> {
        self.all(&format!("/api/month?segment={segment}&limit=500")).await
    }

    /// Approves lines as they are now. Answers how many were taken.
    ///
    /// # Errors
    /// When the Worker does not answer.
    pub async fn approve(&self, lines: &[Value]) -> Result<usize> {
        let lines: Vec<Value> = lines.iter().map(|line| json!({ "id": line["line"]["id"], "preview": line["line"]["preview"] })).collect();
        let answer = self.post("/api/lines/approve", &json!({ "lines": lines })).await?;
        Ok(list(&answer["results"]).iter().filter(|result| result["accepted"] == true).count())
    }

    /// Waits until no pass is open and no change under way.
    ///
    /// # Errors
    /// When it never comes to that.
    pub async fn at_rest(&self) -> Result<()> {
        let limit = Instant::now() + self.patience;
        loop {
            // The Worker may be restarting: a call that is cut off says nothing.
            if let Ok(overview) = self.get("/api/overview").await {
                let running = list(&overview["running"]).len();
                if running == 0 && overview["month"]["committing"] == 0 {
                    return Ok(());
                }
                ensure!(Instant::now() < limit, "the Worker does not come to rest: {overview}");
            }
            ensure!(Instant::now() < limit, "the Worker does not answer");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Lets the cron call.
    ///
    /// # Errors
    /// When the control server does not answer.
    pub async fn cron(&self) -> Result<()> {
        let outcome = self.served.control(Method::POST, "/cron").await?;
        ensure!(outcome["outcome"] == "ok", "{outcome}");
        Ok(())
    }

    /// Reads a path of the API.
    ///
    /// # Errors
    /// When the answer is not a success.
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.call(Method::GET, path, None).await
    }

    /// Posts to a path of the API.
    ///
    /// # Errors
    /// When the answer is not a success.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let (status, answer) = self.answer(method, path, body).await?;
        if !status.is_success() {
            bail!("{path} answered {status}: {answer}");
        }
        Ok(answer)
    }

    /// Calls a path of the API, whatever it answers.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn answer(&self, method: Method, path: &str, body: Option<&Value>) -> Result<(StatusCode, Value)> {
        let mut request = self.http.request(method, format!("{}{path}", self.served.url())).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        Ok((status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).with_context(|| text)? }))
    }

    /// How often the API changed each addition's quantity, as the vendor saw it.
    pub fn changes(&self) -> BTreeMap<i64, usize> {
        let mut changes = BTreeMap::new();
        for entry in self.simulator.world().journal() {
            if let Some(Effect::QuantityChanged { addition, by: Actor::Api, .. }) = entry.effect {
                *changes.entry(i64::from(addition)).or_default() += 1;
            }
        }
        changes
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
