//! What people, vendors and the platform do in a run, and what they were answered.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use contract::month::{LineState, LineView, Month};
use harness::TestInstall;
use http::StatusCode;
use serde_json::{Value, json};

use crate::oracle::Broken;
use crate::run::Run;
use crate::script::Action;

/// A mapped company.
#[derive(Debug, Clone)]
pub struct Company {
    /// Its ESET connection and id.
    pub key: (String, String),
    /// Its ConnectWise connection and agreement, as mapped in the beginning.
    pub target: (Value, i64),
}

/// What was decided about an agreement's companies, and when, by the journal's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MappingDecision {
    /// The journal's last entry when it was answered.
    pub after: u64,
    /// The agreement.
    pub agreement: i64,
    /// Whether something is still billed on it.
    pub mapped: bool,
}

/// A line that was held, or is not any more.
#[derive(Debug, Clone, PartialEq)]
pub struct HoldDecision {
    /// The journal's last entry when it was answered.
    pub after: u64,
    /// The addition.
    pub addition: i64,
    /// The quantity that was proposed.
    pub to: f64,
    /// Whether it is held from here on.
    pub held: bool,
}

/// What people decided in a run, as far as they were told that it was taken.
#[derive(Debug, Default)]
pub struct Diary {
    /// Companies that were mapped in the beginning.
    pub companies: Vec<Company>,
    /// Which of them are mapped now.
    pub mapped: Vec<bool>,
    /// Decisions about mappings, oldest first.
    pub mappings: Vec<MappingDecision>,
    /// Decisions about holds, oldest first.
    pub holds: Vec<HoldDecision>,
    /// Approvals and retries that were taken: the journal's last entry, and the addition.
    pub approved: Vec<(u64, i64)>,
    /// The catalog product of each ESET product.
    pub catalog: BTreeMap<String, i64>,
    /// The fewest and most seats each licence ever had.
    pub seats: BTreeMap<String, (i64, i64)>,
}

impl Diary {
    /// Notes how things stand in the beginning.
    pub async fn begin(&mut self, install: &TestInstall) {
        let page: Value = install.get("/api/companies?state=mapped&limit=500").await;
        for company in page["items"].as_array().expect("companies") {
            let text = |name: &str| company[name].as_str().expect("an id").to_owned();
            let agreement = company["mapping"]["agreement"].as_i64().expect("an agreement");
            let target = (company["mapping"]["psa"].clone(), agreement);
            self.companies.push(Company { key: (text("connection"), text("company")), target });
            self.mapped.push(true);
        }
        let products: Vec<Value> = install.get("/api/products").await;
        let mapped = |product: &Value| Some((product["code"].as_str()?.to_owned(), product["mapping"]["product"].as_i64()?));
        self.catalog = products.iter().filter_map(mapped).collect();
        for licence in install.simulator.world().licenses() {
            // A licence that was read before it changed may still be billed as it was read.
            self.seats.insert(licence.public_license_key, (licence.quantity, licence.quantity));
        }
    }

    fn decide(&mut self, company: usize, mapped: bool, after: u64) {
        self.mapped[company] = mapped;
        let agreement = self.companies[company].target.1;
        let any = self.companies.iter().zip(&self.mapped).any(|(company, mapped)| *mapped && company.target.1 == agreement);
        self.mappings.push(MappingDecision { after, agreement, mapped: any });
    }
}

impl Run {
    /// Has somebody do something.
    pub async fn act(&mut self, action: Action) {
        match action {
            Action::ApproveAll => {
                let lines = self.seen("to_approve").await;
                self.approve(&lines).await;
            }
            Action::ApproveTwice(which) => {
                let lines = self.seen("all").await;
                if let Some(line) = chosen(&lines, which, |line| line.state != LineState::Unchanged && line.line.addition.is_some()) {
                    let line = [line];
                    let (first, second) = tokio::join!(self.install.approve(&line), self.install.approve(&line));
                    self.note_approved(&line, &first);
                    self.note_approved(&line, &second);
                }
            }
            Action::ApproveHeld => {
                for line in self.seen("all").await.into_iter().filter(|line| line.state == LineState::Held && line.decision.is_none()) {
                    self.approve(&[line]).await;
                }
            }
            Action::ApproveOld => {
                let now = self.seen("all").await;
                let lines: Vec<LineView> = self.first.iter().filter(|line| line.state == LineState::ToApprove).cloned().collect();
                for old in lines {
                    let same = |line: &&LineView| line.line.id == old.line.id && line.line.preview == old.line.preview;
                    let known = now.iter().find(same).is_some();
                    if self.approve(std::slice::from_ref(&old)).await && !known && !now.is_empty() {
                        self.note(Broken::Unwanted, format!("{} was approved by a proposal that is no more", old.line.company));
                    }
                }
            }
            Action::Hold(which) => self.hold(which, true).await,
            Action::Release(which) => self.hold(which, false).await,
            Action::Exclude(company) => {
                self.map(company, false, &json!({ "decision": "exclude", "reason": "left us" })).await;
            }
            Action::Clear(company) => self.map(company, false, &json!({ "decision": "clear" })).await,
            Action::Map(company, automatic) => {
                if let Some(known) = self.company(company) {
                    let (psa, agreement) = self.diary.companies[known].target.clone();
                    let decision = json!({ "decision": "map", "psa": psa, "agreement": agreement, "automatic": automatic });
                    self.map(company, true, &decision).await;
                }
            }
            Action::Retry(which) => {
                let over: Vec<_> = self.install.intents().into_iter().filter(|intent| intent.state.is_over()).collect();
                if !over.is_empty() {
                    let intent = &over[which % over.len()];
                    let path = format!("/api/intents/{}/retry", intent.id);
                    let (status, _) = self.install.call("POST", &path, None::<&Value>).await;
                    if let (StatusCode::OK, Some(addition)) = (status, intent.addition) {
                        let now = self.now();
                        self.diary.approved.push((now, addition.0));
                    }
                }
            }
            Action::SyncNow => {
                self.install.post("/api/passes", &json!({ "kind": "sync" })).await;
            }
            Action::Order(which, more) => self.order(which, more),
            Action::HandEdit(which, fewer) => {
                let world = self.install.simulator.world();
                let additions = world.additions();
                if !additions.is_empty() {
                    let addition = &additions[which % additions.len()];
                    // Half a seat, so that nobody mistakes it for one of ours.
                    let typed = (addition.quantity.floor() - fewer as f64).max(1.0) + 0.5;
                    world.edit_addition(addition.id, typed).expect("an addition");
                }
            }
            Action::RevokeKeys => self.install.simulator.world().revoke_connectwise(),
            Action::RevokeLogin => self.install.simulator.world().revoke_ema2(),
            Action::Restore => {
                self.install.simulator.world().restore_connectwise();
                self.install.simulator.world().restore_ema2();
            }
            Action::Clock(seconds) => self.install.clock.advance(seconds),
            Action::Deploy => self.restart(),
            Action::KeepLedger => self.kept = Some(self.install.sql.copy()),
            Action::RestoreLedger => self.restore_ledger(),
            Action::AlarmAgain => self.alarm_again(),
            Action::SecondInstance => self.second_instance(),
            Action::Cron => self.install.tenant.on_cron().await.expect("a cron"),
            Action::CronSilent(ticks) => self.silence_cron(ticks),
            Action::Desk(action) => self.desk(action).await,
            Action::SlowKv(seconds) => self.install.texts.lag.set((seconds > 0).then(|| TimeDelta::seconds(seconds))),
        }
    }

    /// The journal's last entry.
    pub fn now(&self) -> u64 {
        self.install.simulator.world().journal_length() as u64
    }

    /// The lines of a segment as somebody sees them; none while the page cannot be shown.
    pub async fn seen(&self, segment: &str) -> Vec<LineView> {
        let (status, answer) = self.install.call("GET", &format!("/api/month?segment={segment}&limit=500"), None::<&Value>).await;
        let month = (status == StatusCode::OK).then(|| serde_json::from_value::<Month>(answer).expect("a month"));
        month.map_or_else(Vec::new, |month| month.items)
    }

    /// Approves lines as they were seen. Answers whether any was taken.
    pub async fn approve(&mut self, lines: &[LineView]) -> bool {
        if lines.is_empty() {
            return false;
        }
        let answer = self.install.approve(lines).await;
        self.note_approved(lines, &answer)
    }

    fn note_approved(&mut self, lines: &[LineView], answer: &Value) -> bool {
        let mut any = false;
        for (line, result) in lines.iter().zip(answer["results"].as_array().expect("results")) {
            if result["accepted"] == true {
                any = true;
                self.note_hold(line, false);
                let now = self.now();
                self.diary.approved.extend(line.line.addition.map(|addition| (now, addition.0)));
            }
        }
        any
    }

    fn note_hold(&mut self, line: &LineView, held: bool) {
        if let (Some(addition), Some(target)) = (line.line.addition, line.line.target) {
            let decision = HoldDecision { after: self.now(), addition: addition.0, to: target.to_vendor(), held };
            self.diary.holds.push(decision);
        }
    }

    async fn hold(&mut self, which: usize, held: bool) {
        let lines = self.seen("all").await;
        let Some(line) = chosen(&lines, which, |line| line.state != LineState::Unchanged) else { return };
        let path = if held { "/api/lines/hold" } else { "/api/lines/release" };
        let body = if held { json!({ "lines": [line.line.id], "reason": "asked to wait" }) } else { json!({ "lines": [line.line.id] }) };
        let (status, answer) = self.install.post(path, &body).await;
        if status == StatusCode::OK && answer["results"][0]["accepted"] == true {
            self.note_hold(&line, held);
        }
    }

    fn company(&self, which: usize) -> Option<usize> {
        (!self.diary.companies.is_empty()).then(|| which % self.diary.companies.len())
    }

    async fn map(&mut self, which: usize, mapped: bool, decision: &Value) {
        let Some(company) = self.company(which) else { return };
        let (connection, id) = &self.diary.companies[company].key;
        let change = json!({ "changes": [{ "connection": connection, "company": id, "decision": decision }] });
        let (status, _) = self.install.call("PUT", "/api/mappings/companies", Some(&change)).await;
        if status == StatusCode::OK {
            let now = self.now();
            self.diary.decide(company, mapped, now);
        }
    }

    /// More seats than this licence ever had, so that no quantity is wanted twice.
    fn order(&mut self, which: usize, more: i64) {
        let world = self.install.simulator.world();
        let licences = world.licenses();
        if licences.is_empty() {
            return;
        }
        let licence = &licences[which % licences.len()];
        let (_, high) = self.diary.seats.get_mut(&licence.public_license_key).expect("a known licence");
        *high += more.max(1);
        world.set_seats(&licence.public_license_key, *high).expect("a licence");
    }
}

fn chosen(lines: &[LineView], which: usize, fits: impl Fn(&LineView) -> bool) -> Option<LineView> {
    let fitting: Vec<&LineView> = lines.iter().filter(|line| fits(line)).collect();
    (!fitting.is_empty()).then(|| fitting[which % fitting.len()].clone())
}
