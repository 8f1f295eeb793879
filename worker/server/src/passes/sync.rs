//! The licence sync: reads one ESET connection to its end and publishes an immutable snapshot.
//!
//! A list that cannot be read to its end fails the pass, and the snapshot before it stands. A single licence that cannot be
//! read makes its company's count unknown, which is not zero.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use chrono::{Datelike, Days, NaiveDate};
use contract::passes::PassState;
use domain::Timestamp;
use domain::ids::{EsetCompanyId, LicenceId, ProductCode};
use domain::json::strict;
use domain::seats::{CompanySeats, EntityKind, Licence, SNAPSHOT_SCHEMA, Snapshot, tallies};
use futures::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};

use super::{CONCURRENCY, Progress};
use crate::tenant::{Tenant, TenantError, snapshot_of};
use egress::Outbound;
use ema2::{Ema2, Page, UsageRow};
use store::documents::Document;
use store::ledger::{ConnectionRow, PassChange, PassRow, SnapshotRow};
use vendor::VendorError;

/// Licences read in one step.
const LICENCES_A_STEP: usize = 40;
/// A pass in which so many licences fail is not worth finishing.
const TOO_MANY_FAILURES: u32 = 50;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Cursor {
    stage: Stage,
    /// Items read in this stage.
    read: u32,
    /// Items of the list, as its first page told.
    total: Option<u32>,
    /// Whether a list told of more items than it gave.
    short: bool,
    failures: u32,
    /// Rows of lists that could not be read.
    #[serde(default)]
    odd: u32,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    #[default]
    Account,
    Companies {
        root: EsetCompanyId,
    },
    Details,
    LicenceList,
    Licences,
    Usage,
    Publish,
}

/// A company as staged.
#[derive(Serialize, Deserialize)]
struct StagedCompany {
    id: EsetCompanyId,
    name: String,
    kind: EntityKind,
}

/// A company's details as staged.
#[derive(Serialize, Deserialize)]
struct StagedDetails {
    id: EsetCompanyId,
    parent: Option<EsetCompanyId>,
    custom_identifier: Option<String>,
}

/// A licence as staged; without content when it could not be read.
#[derive(Serialize, Deserialize)]
struct StagedLicence {
    id: LicenceId,
    read: Option<(EsetCompanyId, Licence)>,
}

/// Seat-days as staged.
#[derive(Serialize, Deserialize)]
struct StagedUsage {
    company: EsetCompanyId,
    product: ProductCode,
    seat_days: u64,
}

impl Tenant {
    pub(super) async fn sync_step(&self, pass: &PassRow, connection: &ConnectionRow, outbound: &Outbound) -> Result<Progress, TenantError> {
        let client = self.ema2(connection, outbound)?;
        let cursor: Cursor = pass.cursor.as_deref().and_then(|text| strict::read(text.as_bytes()).ok()).unwrap_or_default();
        let calls = outbound.calls();
        let mut step = Step { tenant: self, pass, client: &client, outbound, calls };
        match cursor.stage.clone() {
            Stage::Account => step.account().await,
            Stage::Companies { root } => step.companies(cursor, &root).await,
            Stage::Details => step.details(cursor).await,
            Stage::LicenceList => step.licence_list(cursor).await,
            Stage::Licences => step.licences(cursor).await,
            Stage::Usage => step.usage(cursor).await,
            Stage::Publish => self.publish_snapshot(pass, connection, &cursor).await,
        }
    }

    /// Puts what was staged together and makes it the current snapshot.
    async fn publish_snapshot(&self, pass: &PassRow, connection: &ConnectionRow, cursor: &Cursor) -> Result<Progress, TenantError> {
        let name = snapshot_of(&connection.id);
        let version = self.ledger.pointers().current(&name)?.map(|pointer| pointer.version);
        // A snapshot that KV lost or damaged is followed by a new one all the same; it only cannot tell whose a licence was.
        let before: Option<Rc<Snapshot>> = match self.documents.current(&name).await {
            Ok(document) => document.map(|document: Document<Snapshot>| document.content),
            Err(error) => {
                log::warn!("the snapshot before cannot be read: {error}");
                None
            }
        };
        let staged = StagedSync {
            companies: self.ledger.passes().staged(&pass.id, "companies")?,
            details: self.ledger.passes().staged(&pass.id, "details")?,
            licences: self.ledger.passes().staged(&pass.id, "licences")?,
            usage: self.ledger.passes().staged(&pass.id, "usage")?,
        };
        let had_licences = match &before {
            Some(before) => before.companies.values().any(|company| !company.licences.is_empty()),
            None => version.is_some(),
        };
        if staged.licences.is_empty() && had_licences {
            let words = "ESET answered an empty list of licences. The counts before still stand.";
            return Err(TenantError::Unusable(words.to_owned()));
        }
        let taken_at = pass.started_at.unwrap_or(pass.queued_at);
        let snapshot = staged.assemble(before.as_deref(), !cursor.short, |companies| Snapshot {
            schema: SNAPSHOT_SCHEMA,
            connection: connection.id.clone(),
            pass: pass.id.clone(),
            taken_at,
            usage_days: usage_days(taken_at),
            complete: !cursor.short && cursor.failures == 0 && cursor.odd == 0,
            tallies: tallies(before.as_deref(), taken_at, &companies),
            companies,
        });
        let companies = snapshot.companies.len();
        let licences: usize = snapshot.companies.values().map(|company| company.licences.len()).sum();
        let complete = snapshot.complete;
        if let Some(before) = &before {
            let new = snapshot.companies.keys().filter(|company| !before.companies.contains_key(*company));
            self.ledger.drift_baseline().note_new_companies(&connection.id, new, taken_at)?;
        }
        let key = format!("snapshots/{}/{}", taken_at.date_naive(), pass.id);
        let published = self.documents.publish(&name, &key, SNAPSHOT_SCHEMA, version, snapshot, self.now()).await?;
        // The pointer has moved, and without an await since nobody has moved it on.
        if let Some(pointer) = self.ledger.pointers().current(&name)? {
            let (pass, connection) = (pass.id.clone(), connection.id.clone());
            let row = SnapshotRow { pass, connection, taken_at, complete: Some(complete), key: pointer.key, hash: published.hash };
            self.ledger.snapshots().note(&row)?;
        }
        self.follow_hierarchy().await?;
        let mut result = format!("{companies} companies, {licences} licences");
        if cursor.failures > 0 {
            result.push_str(&format!("; {} licences could not be read", cursor.failures));
        }
        if cursor.odd > 0 {
            result.push_str(&format!("; {} companies could not be read whole", cursor.odd));
        }
        if cursor.short {
            result.push_str("; a list was shorter than ESET said");
        }
        Ok(Progress::Over { state: if complete { PassState::Done } else { PassState::Partial }, result })
    }
}

/// One step of a sync.
struct Step<'a> {
    tenant: &'a Tenant,
    pass: &'a PassRow,
    client: &'a Ema2,
    outbound: &'a Outbound,
    calls: u32,
}

impl Step<'_> {
    async fn account(&mut self) -> Result<Progress, TenantError> {
        let account = self.client.account().await?.connectable()?;
        // The account's own company is not among its descendants, but may have licences of its own.
        let own = StagedCompany { id: account.company.clone(), name: account.name, kind: account.kind };
        self.stage("companies", 0, &[own])?;
        self.go_on(&Cursor { stage: Stage::Companies { root: account.company }, ..Cursor::default() }, "Reading companies", None)
    }

    async fn companies(&mut self, cursor: Cursor, root: &EsetCompanyId) -> Result<Progress, TenantError> {
        let page = self.client.descendants(root, cursor.read).await?;
        let staged = |company: ema2::Company| StagedCompany { id: company.id, name: company.name, kind: company.kind };
        self.page(cursor, "companies", page, staged, Stage::Details, "Reading companies")
    }

    async fn details(&mut self, cursor: Cursor) -> Result<Progress, TenantError> {
        let page = self.client.companies(cursor.read).await?;
        let staged = |company: ema2::CompanyDetails| StagedDetails {
            id: company.id,
            parent: company.parent,
            custom_identifier: company.custom_identifier,
        };
        self.page(cursor, "details", page, staged, Stage::LicenceList, "Reading company details")
    }

    async fn licence_list(&mut self, cursor: Cursor) -> Result<Progress, TenantError> {
        let page = self.client.licences(cursor.read).await?;
        self.page(cursor, "licence_list", page, |id| id, Stage::Licences, "Listing licences")
    }

    /// Reads the next licences, several abreast. A step whose budget runs out in the middle is made again from its start.
    async fn licences(&mut self, mut cursor: Cursor) -> Result<Progress, TenantError> {
        // A licence that moved while its list was read stands on two pages.
        let all: BTreeSet<LicenceId> =
            self.tenant.ledger.passes().staged::<LicenceId>(&self.pass.id, "licence_list")?.into_iter().collect();
        let total = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let affordable = usize::try_from(self.outbound.left().saturating_sub(2)).unwrap_or_default();
        let start = usize::try_from(cursor.read).unwrap_or_default();
        let chunk: Vec<LicenceId> = all.into_iter().skip(start).take(LICENCES_A_STEP.min(affordable)).collect();
        if chunk.is_empty() && cursor.read < total {
            return Ok(Progress::OutOfBudget);
        }
        let client = self.client;
        let reading = stream::iter(chunk).map(|id| async move { (id.clone(), client.licence(&id).await) });
        let answers: Vec<(LicenceId, Result<_, VendorError>)> = reading.buffer_unordered(CONCURRENCY).collect().await;
        let mut staged = Vec::with_capacity(answers.len());
        for (id, answer) in answers {
            let read = match answer {
                Ok(read) => Some(read),
                Err(error) if ends_the_pass(&error) => return Err(error.into()),
                Err(error) => {
                    cursor.failures += 1;
                    self.tenant.ledger.passes().note_trouble(&self.pass.id, &format!("Licence {id}: {}", error.message()))?;
                    None
                }
            };
            staged.push(StagedLicence { id, read });
        }
        if cursor.failures >= TOO_MANY_FAILURES {
            return Err(TenantError::Unusable(format!("{TOO_MANY_FAILURES} licences could not be read.")));
        }
        self.stage("licences", cursor.read, &staged)?;
        cursor.read += u32::try_from(staged.len()).unwrap_or_default();
        if cursor.read >= total {
            cursor.stage = Stage::Usage;
            cursor.read = 0;
            return self.go_on(&cursor, "Reading seat-days", None);
        }
        self.go_on(&cursor, "Reading licences", Some(total))
    }

    async fn usage(&mut self, cursor: Cursor) -> Result<Progress, TenantError> {
        let (from, to) = usage_days(self.pass.started_at.unwrap_or(self.pass.queued_at));
        let mut page = self.client.usage(from, to, cursor.read).await?;
        page.items.retain(|row| !row.trial);
        let staged = |row: UsageRow| StagedUsage { company: row.company, product: row.product, seat_days: row.seat_days };
        self.page(cursor, "usage", page, staged, Stage::Publish, "Reading seat-days")
    }

    /// Stages one page of a list and goes on to the next page, or to the next stage after the last.
    fn page<T, S: Serialize>(
        &mut self,
        mut cursor: Cursor,
        shelf: &str,
        page: Page<T>,
        staged: impl Fn(T) -> S,
        next: Stage,
        words: &str,
    ) -> Result<Progress, TenantError> {
        let (taken, total, next_page) = (page.taken, page.total, page.next(cursor.read));
        for words in &page.odd {
            self.tenant.ledger.passes().note_trouble(&self.pass.id, words)?;
            cursor.odd += 1;
        }
        let items: Vec<S> = page.items.into_iter().map(staged).collect();
        // The account's own company stands at position 0 of its shelf; pages follow it.
        self.stage(shelf, cursor.read + 1, &items)?;
        cursor.total = cursor.total.or(total);
        if let Some(next_page) = next_page {
            cursor.read = next_page;
            return self.go_on(&cursor, words, cursor.total);
        }
        // The first page told how many there are; a list that ends sooner was not read to its end.
        cursor.short |= cursor.total.is_some_and(|total| cursor.read.saturating_add(taken) < total);
        cursor.total = None;
        cursor.stage = next;
        cursor.read = 0;
        self.go_on(&cursor, words, None)
    }

    fn stage<S: Serialize>(&self, shelf: &str, position: u32, items: &[S]) -> Result<(), TenantError> {
        Ok(self.tenant.ledger.passes().stage(&self.pass.id, shelf, position, &items)?)
    }

    fn go_on(&mut self, cursor: &Cursor, words: &str, total: Option<u32>) -> Result<Progress, TenantError> {
        let calls = self.outbound.calls() - self.calls;
        self.calls = self.outbound.calls();
        let change = PassChange { cursor, step: words, done: cursor.read, total, calls };
        self.tenant.ledger.passes().advance(&self.pass.id, &change, self.tenant.now())?;
        Ok(Progress::More)
    }
}

/// Everything a sync has read.
struct StagedSync {
    companies: Vec<StagedCompany>,
    details: Vec<StagedDetails>,
    licences: Vec<StagedLicence>,
    usage: Vec<StagedUsage>,
}

impl StagedSync {
    /// Puts it together. A licence that could not be read makes its company incomplete; when nobody knows whose it is, every
    /// company is, because it might be theirs.
    fn assemble(
        self,
        before: Option<&Snapshot>,
        lists_complete: bool,
        snapshot: impl FnOnce(BTreeMap<EsetCompanyId, CompanySeats>) -> Snapshot,
    ) -> Snapshot {
        let mut details: BTreeMap<EsetCompanyId, StagedDetails> =
            self.details.into_iter().map(|details| (details.id.clone(), details)).collect();
        let mut companies: BTreeMap<EsetCompanyId, CompanySeats> = BTreeMap::new();
        for company in self.companies {
            let known = details.remove(&company.id);
            let (parent, custom_identifier) = known.map_or((None, None), |details| (details.parent, details.custom_identifier));
            let seats = CompanySeats {
                name: company.name,
                kind: company.kind,
                parent,
                custom_identifier,
                licences: Vec::new(),
                seat_days: BTreeMap::new(),
                complete: lists_complete,
                unread: Vec::new(),
            };
            companies.insert(company.id, seats);
        }
        let owners = owners(before);
        let mut nobodys = false;
        for licence in self.licences {
            match licence.read {
                Some((owner, licence)) => match companies.get_mut(&owner) {
                    Some(company) => company.licences.push(licence),
                    // Its company is not in the list: a list that was read to its end has changed meanwhile.
                    None => nobodys = true,
                },
                None => match owners.get(&licence.id).and_then(|owner| companies.get_mut(owner)) {
                    Some(company) => {
                        company.complete = false;
                        company.unread.push(licence.id);
                    }
                    None => nobodys = true,
                },
            }
        }
        for usage in self.usage {
            if let Some(company) = companies.get_mut(&usage.company) {
                *company.seat_days.entry(usage.product).or_default() += usage.seat_days;
            }
        }
        for company in companies.values_mut() {
            company.licences.sort_by(|a, b| a.id.cmp(&b.id));
            company.unread.sort();
            company.complete &= !nobodys;
        }
        let mut snapshot = snapshot(companies);
        snapshot.complete &= !nobodys;
        snapshot
    }
}

/// Whose each licence was when it was last read.
fn owners<'a>(before: Option<&'a Snapshot>) -> BTreeMap<LicenceId, EsetCompanyId> {
    let companies = before.into_iter().flat_map(|snapshot| &snapshot.companies);
    let known = |company: &'a CompanySeats| company.licences.iter().map(|licence| &licence.id).chain(&company.unread);
    companies.flat_map(|(id, company)| known(company).map(move |licence| (licence.clone(), id.clone()))).collect()
}

/// The days of the month that ESET has counted: up to yesterday, for today is not over.
fn usage_days(taken_at: Timestamp) -> (NaiveDate, NaiveDate) {
    let yesterday = taken_at.date_naive() - Days::new(1);
    (yesterday.with_day(1).unwrap_or(yesterday), yesterday)
}

/// Whether nothing more can be read after this.
fn ends_the_pass(error: &VendorError) -> bool {
    error.is_budget() || matches!(error, VendorError::BadCredentials { .. } | VendorError::Egress(_))
}

#[cfg(test)]
#[path = "sync_tests.rs"]
mod tests;
