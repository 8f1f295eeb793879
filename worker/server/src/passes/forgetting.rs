//! Forgetting a customer, a part at each alarm after all else. First the snapshots, from which its other names are learned, then the other
//! copies in KV, then the rows of the ledger. What is interrupted is done again, and the same again does nothing.

use std::collections::{BTreeMap, BTreeSet};

use domain::history::HistoryEvent;
use domain::ids::EsetCompanyId;
use domain::json::strict::read;
use domain::mapping::{MAPPINGS_SCHEMA, Mappings};
use domain::retention::Redaction;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use crate::tenant::{MAPPINGS, Tenant, TenantError};
use store::documents::DocumentError;
use store::ledger::{ForgetPlace, NewAudit};
use store::ports::StoreError;

/// The fields of an object, each as its text stands: a snapshot of thousands of companies is never there as a tree.
type Parts<'a> = BTreeMap<String, &'a RawValue>;

/// The run under way.
const RUN: &str = "forgetting";
/// How many customers were forgotten so far.
const COUNT: &str = "forgotten_customers";
/// Documents that one alarm reads.
const DOCUMENTS_AT_ONCE: u32 = 5;
/// Steps over rows that one alarm does.
const STEPS_AT_ONCE: u32 = 20;

/// A customer that is being forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// What it is called from now on.
    pub(crate) alias: String,
    by: String,
    names: Vec<String>,
    devices: Vec<String>,
    /// Its ids in ESET, as they are learned.
    companies: BTreeSet<EsetCompanyId>,
    stage: Stage,
    snapshots: u32,
    copies: u32,
    rows: u32,
}

/// What a run does next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// Learns its ids and names from the snapshots after this number.
    Learn(i64),
    /// Takes the names out of the snapshots after this number.
    Snapshots(i64),
    /// Removes what names it of the copies in KV after this key.
    Copies(String),
    /// Takes out what is said of its devices, and what was decided for it.
    Devices,
    /// Takes the names out of the ledger's rows from here on.
    Rows(ForgetPlace),
}

impl Tenant {
    /// Who is being forgotten.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub(crate) fn forgetting(&self) -> Result<Option<Run>, StoreError> {
        Ok(self.ledger.meta().text(RUN)?.and_then(|text| read(text.as_bytes()).ok()))
    }

    /// Begins to forget a customer of these names. Returns what it is called from now on.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub(crate) fn begin_forgetting(&self, names: Vec<String>, by: &str) -> Result<String, StoreError> {
        let number = self.ledger.meta().number(COUNT)?.unwrap_or_default() + 1;
        self.ledger.meta().keep_number(COUNT, number)?;
        let alias = format!("Forgotten customer {number}");
        self.keep_run(&Run {
            alias: alias.clone(),
            by: by.to_owned(),
            names,
            devices: Vec::new(),
            companies: BTreeSet::new(),
            stage: Stage::Learn(0),
            snapshots: 0,
            copies: 0,
            rows: 0,
        })?;
        Ok(alias)
    }

    fn keep_run(&self, run: &Run) -> Result<(), StoreError> {
        let text = serde_json::to_string(run).map_err(|error| StoreError(format!("a run has no JSON: {error}")))?;
        self.ledger.meta().keep_text(RUN, &text)
    }

    /// Names of companies that ESET and ConnectWise list and that are not among these: they stay, also where one of these is a part of them.
    ///
    /// # Errors
    /// When a document cannot be read.
    pub(crate) async fn others_than(&self, names: &[String]) -> Result<Vec<String>, TenantError> {
        let mut others = BTreeSet::new();
        for snapshot in self.snapshots().await? {
            others.extend(snapshot.companies.values().map(|company| company.name.clone()));
        }
        for catalogue in self.catalogues().await?.values() {
            others.extend(catalogue.companies.values().map(|company| company.name.clone()));
        }
        Ok(others.into_iter().filter(|other| !names.contains(other)).collect())
    }

    /// What has to end before a customer of these names can be forgotten, in sentences.
    ///
    /// # Errors
    /// When something cannot be read.
    pub(crate) async fn what_ends_first(&self, names: &[String], redaction: &Redaction) -> Result<Vec<String>, TenantError> {
        let mut first = Vec::new();
        let listed =
            self.snapshots().await?.iter().any(|snapshot| snapshot.companies.values().any(|company| names.contains(&company.name)));
        let grouped = self.groups().await?.iter().any(|groups| groups.groups.values().any(|group| names.contains(&group.name)));
        if listed || grouped {
            first.push("ESET still lists it, and the next sync would read its name again: delete it in ESET, then sync.".to_owned());
        }
        let store = self.ledger.forgetting();
        if store.is_billed(redaction)? {
            first.push("A mapping or a line of this month still has it: end its additions and take its mapping away.".to_owned());
        }
        let (tickets, intents) = store.open(names)?;
        if tickets > 0 {
            first.push(format!("{tickets} of its tickets are open: close them."));
        }
        if intents > 0 {
            first.push(format!("{intents} of its changes or tickets are not over or are parked: settle them."));
        }
        Ok(first)
    }

    /// Goes on forgetting, if somebody is to be forgotten. What fails is tried again by the next alarm.
    pub(super) async fn go_on_forgetting(&self) {
        if let Err(error) = self.forget_some().await {
            log::warn!("a customer is not forgotten yet: {error}");
        }
    }

    async fn forget_some(&self) -> Result<(), TenantError> {
        let Some(mut run) = self.forgetting()? else { return Ok(()) };
        let others = self.others_than(&run.names).await?;
        let redaction = Redaction::new(&run.alias, &run.names, &run.devices, &others);
        let next = match run.stage.clone() {
            Stage::Learn(after) => self.learn(&mut run, after).await?,
            Stage::Snapshots(after) => self.redact_snapshots(&mut run, after).await?,
            Stage::Copies(after) => self.remove_copies(&mut run, &redaction, &after).await?,
            Stage::Devices => self.forget_devices(&mut run).await?,
            Stage::Rows(place) => {
                let mut place = Some(place);
                for _ in 0..STEPS_AT_ONCE {
                    let Some(from) = place else { break };
                    let (changed, next) = self.ledger.forgetting().redact(&redaction, &from)?;
                    run.rows += changed;
                    place = next;
                }
                place.map(Stage::Rows)
            }
        };
        match next {
            Some(stage) => {
                run.stage = stage;
                Ok(self.keep_run(&run)?)
            }
            None => Ok(self.end_forgetting(&run)?),
        }
    }

    fn end_forgetting(&self, run: &Run) -> Result<(), StoreError> {
        self.ledger.meta().keep_text(RUN, "")?;
        let detail = format!(
            "{} snapshots, {} old versions of documents and {} rows do not name it any more; {} devices are forgotten with it. Numbers of \
             closed months stay, and so do the hashes they were closed with.",
            run.snapshots,
            run.copies,
            run.rows,
            run.devices.len()
        );
        let audit =
            NewAudit { by: &run.by, subject: run.alias.clone(), detail: Some(detail), ..NewAudit::of(HistoryEvent::CustomerForgotten) };
        self.ledger.history().add(audit, self.now())
    }

    /// Learns ids by names and names by ids. A copy that KV lost names nobody.
    async fn learn(&self, run: &mut Run, after: i64) -> Result<Option<Stage>, TenantError> {
        let rows = self.ledger.snapshots().after(after, DOCUMENTS_AT_ONCE)?;
        let before = (run.companies.len(), run.names.len());
        if after == 0 {
            let spelled = self.ledger.forgetting().spellings(&run.names)?;
            let new: Vec<String> = spelled.into_iter().filter(|name| !run.names.contains(name)).collect();
            run.names.extend(new);
        }
        // Who is listed now is somebody else, whatever its name was once.
        let (mut listed, mut taken) = (BTreeSet::new(), BTreeSet::new());
        for snapshot in self.snapshots().await? {
            listed.extend(snapshot.companies.keys().cloned());
            taken.extend(snapshot.companies.values().map(|company| company.name.clone()));
        }
        for (_, row) in &rows {
            let Some(body) = self.past(&row.key, &row.hash).await? else { continue };
            for (id, company) in companies_of(&parts(&body)?)? {
                let id = EsetCompanyId(id);
                let name = parts(company.get())?.get("name").and_then(|name| serde_json::from_str::<String>(name.get()).ok());
                let Some(name) = name.filter(|name| *name != run.alias) else { continue };
                if listed.contains(&id) {
                    continue;
                }
                if run.names.contains(&name) || run.companies.contains(&id) {
                    run.companies.insert(id);
                    if !taken.contains(&name) && !run.names.contains(&name) {
                        run.names.push(name);
                    }
                }
            }
        }
        // What was learned here may be in what was read before: once more from the beginning.
        Ok(Some(match rows.last() {
            _ if before != (run.companies.len(), run.names.len()) => Stage::Learn(0),
            Some((number, _)) => Stage::Learn(*number),
            None => Stage::Snapshots(0),
        }))
    }

    async fn past(&self, key: &str, hash: &str) -> Result<Option<String>, TenantError> {
        match self.documents.body("snapshot", key, hash).await {
            Ok(body) => Ok(Some(body)),
            Err(DocumentError::NotVisibleYet { .. } | DocumentError::Damaged { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes snapshots anew in which the customer has its alias and no text of its own, and lets the ledger point to them.
    async fn redact_snapshots(&self, run: &mut Run, after: i64) -> Result<Option<Stage>, TenantError> {
        let rows = self.ledger.snapshots().after(after, DOCUMENTS_AT_ONCE)?;
        for (_, row) in &rows {
            let Some(body) = self.past(&row.key, &row.hash).await? else { continue };
            let mut snapshot = parts(&body)?;
            let mut companies = companies_of(&snapshot)?;
            let mut redacted: Vec<(&str, Box<RawValue>)> = Vec::new();
            for id in &run.companies {
                let Some(company) = companies.get(id.as_str()) else { continue };
                let mut company: Map<String, Value> = serde_json::from_str(company.get()).map_err(|error| unreadable(&error))?;
                if company.get("name").and_then(Value::as_str) != Some(&run.alias) {
                    company.insert("name".to_owned(), run.alias.clone().into());
                    company.insert("custom_identifier".to_owned(), Value::Null);
                    redacted.push((id.as_str(), to_raw_value(&company).map_err(|error| unreadable(&error))?));
                }
            }
            if redacted.is_empty() {
                continue;
            }
            companies.extend(redacted.iter().map(|(id, company)| ((*id).to_owned(), &**company)));
            let companies = to_raw_value(&companies).map_err(|error| unreadable(&error))?;
            snapshot.insert("companies".to_owned(), &companies);
            let (key, hash) = self.documents.write_beside("snapshot", &row.key, &snapshot).await?;
            self.ledger.snapshots().move_to(&row.pass, &key, &hash)?;
            self.documents.remove_copy(&row.key).await?;
            self.ledger.forgetting().remove_copy(&row.key)?;
            run.snapshots += 1;
        }
        Ok(Some(rows.last().map_or_else(|| Stage::Copies(String::new()), |(number, _)| Stage::Snapshots(*number))))
    }

    async fn remove_copies(&self, run: &mut Run, redaction: &Redaction, after: &str) -> Result<Option<Stage>, TenantError> {
        let keys = self.ledger.forgetting().copies(after, DOCUMENTS_AT_ONCE)?;
        for key in &keys {
            let Some(text) = self.documents.copy(key).await? else { continue };
            let named = redaction.redact(&text).is_some() || run.companies.iter().any(|id| text.contains(id.as_str()));
            if named {
                self.documents.remove_copy(key).await?;
                self.ledger.forgetting().remove_copy(key)?;
                run.copies += 1;
            }
        }
        Ok(Some(keys.last().map_or(Stage::Devices, |key| Stage::Copies(key.clone()))))
    }

    /// Clears what is said of its devices, ends its share links, and drops what was decided for it.
    async fn forget_devices(&self, run: &mut Run) -> Result<Option<Stage>, TenantError> {
        let store = self.ledger.forgetting();
        run.devices = store.devices(&run.names)?;
        store.clear_devices(&run.names)?;
        store.revoke_links(&run.names, self.now())?;
        self.ledger.share_extracts().forget_unshared(self.now())?;
        let (mappings, version) = self.mappings().await?;
        let mut left = Mappings::clone(&mappings);
        for companies in left.companies.values_mut() {
            companies.retain(|id, _| !run.companies.contains(id));
        }
        if left != *mappings {
            self.documents.publish(MAPPINGS, MAPPINGS, MAPPINGS_SCHEMA, version, left, self.now()).await?;
            // The version before this one has them still.
            return Ok(Some(Stage::Copies(String::new())));
        }
        Ok(Some(Stage::Rows(ForgetPlace::default())))
    }
}

fn unreadable(error: &serde_json::Error) -> StoreError {
    StoreError(format!("a snapshot cannot be read: {error}"))
}

fn parts(text: &str) -> Result<Parts<'_>, StoreError> {
    serde_json::from_str(text).map_err(|error| unreadable(&error))
}

/// The companies of a snapshot.
fn companies_of<'a>(snapshot: &Parts<'a>) -> Result<Parts<'a>, StoreError> {
    snapshot.get("companies").map_or_else(|| Ok(Parts::new()), |companies| parts(companies.get()))
}
