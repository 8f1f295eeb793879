//! The licence sync: reads one ESET connection to its end and publishes an immutable snapshot.
//!
//! A list that cannot be read to its end fails the pass, and the snapshot before it stands. A single licence that cannot be
//! read makes its company's count unknown, which is not zero. What the numbers do not need costs itself alone.

mod assemble;
mod licences;

use std::rc::Rc;

use chrono::{Datelike, Days, NaiveDate, TimeDelta};
use contract::passes::PassState;
use domain::Timestamp;
use domain::ids::{EsetCompanyId, LicenceId};
use domain::json::strict;
use domain::seats::{SNAPSHOT_SCHEMA, Snapshot, tallies};
use serde::{Deserialize, Serialize};

use self::assemble::{StagedCompany, StagedDetails, StagedSync, StagedUsage, Unread};
use super::Progress;
use crate::tenant::{Tenant, TenantError, snapshot_of};
use egress::Outbound;
use egress::ports::Clock;
use ema2::{CompanyUsage, Ema2, Page};
use store::documents::{Document, Documents};
use store::ledger::{ConnectionRow, Ledger, PassChange, PassRow, SnapshotRow};
use vendor::VendorError;

/// Waits before what ESET put off is asked for again. After the last of them it could not be read.
const PUT_OFF_SECONDS: [i64; 3] = [15, 30, 60];

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
    /// Licences that are asked for again, because ESET was too busy or not there.
    #[serde(default)]
    put_off: Vec<LicenceId>,
    /// How often the list at hand, or what was put off, was asked for again in vain.
    #[serde(default)]
    again: usize,
    /// How often licences that were put off were asked for again.
    #[serde(default)]
    rounds: u32,
    #[serde(default)]
    unread: Unread,
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

impl Tenant {
    pub(super) async fn sync_step(&self, pass: &PassRow, connection: &ConnectionRow, outbound: &Outbound) -> Result<Progress, TenantError> {
        let client = self.clients().ema2(connection, outbound)?;
        let cursor: Cursor = pass.cursor.as_deref().and_then(|text| strict::read(text.as_bytes()).ok()).unwrap_or_default();
        let (ledger, documents, clock) = (&self.ledger, &self.documents, self.clock.as_ref());
        let calls = outbound.calls();
        let mut step = Step { ledger, documents, clock, pass, connection, client: &client, outbound, calls };
        match cursor.stage.clone() {
            Stage::Account => step.account().await,
            Stage::Companies { root } => step.companies(cursor, &root).await,
            Stage::Details => step.details(cursor).await,
            Stage::LicenceList => step.licence_list(cursor).await,
            Stage::Licences => step.licences(cursor).await,
            Stage::Usage => step.usage(cursor).await,
            Stage::Publish => {
                let over = step.publish(&cursor).await?;
                self.follow_hierarchy().await?;
                Ok(over)
            }
        }
    }
}

/// One step of a sync.
struct Step<'a> {
    ledger: &'a Ledger,
    documents: &'a Documents,
    clock: &'a dyn Clock,
    pass: &'a PassRow,
    connection: &'a ConnectionRow,
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

    async fn details(&mut self, mut cursor: Cursor) -> Result<Progress, TenantError> {
        let page = match self.client.companies(cursor.read).await {
            Ok(page) => page,
            Err(error) if ends_the_pass(&error) => return Err(error.into()),
            Err(error) => {
                if self.asks_again(&mut cursor, &error).await {
                    return self.go_on(&cursor, "Reading company details", None);
                }
                cursor.unread.details = true;
                return self.leave_out(cursor, "Parents of companies", &error, Stage::LicenceList);
            }
        };
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

    async fn usage(&mut self, mut cursor: Cursor) -> Result<Progress, TenantError> {
        let (from, to) = usage_days(self.pass.started_at.unwrap_or(self.pass.queued_at));
        match self.client.usage(from, to, cursor.read).await {
            Ok(page) => self.page(cursor, "usage", page, staged_usage, Stage::Publish, "Reading seat-days"),
            Err(error) if error.is_budget() || matches!(error, VendorError::BadCredentials { .. }) => Err(error.into()),
            Err(error) => {
                if self.asks_again(&mut cursor, &error).await {
                    return self.go_on(&cursor, "Reading seat-days", None);
                }
                cursor.unread.usage = true;
                self.leave_out(cursor, "Seat-days", &error, Stage::Publish)
            }
        }
    }

    /// Waits, and says whether a list is to be asked for again.
    async fn asks_again(&self, cursor: &mut Cursor, error: &VendorError) -> bool {
        let Some(seconds) = PUT_OFF_SECONDS.get(cursor.again).filter(|_| error.may_pass()) else { return false };
        self.outbound.pause(TimeDelta::seconds(*seconds)).await;
        cursor.again += 1;
        true
    }

    /// Goes on without a list that the numbers do not need.
    fn leave_out(&mut self, mut cursor: Cursor, what: &str, error: &VendorError, next: Stage) -> Result<Progress, TenantError> {
        self.ledger.passes().note_trouble(&self.pass.id, &format!("{what} could not be read: {}", error.message()))?;
        cursor.stage = next;
        (cursor.read, cursor.total, cursor.again) = (0, None, 0);
        self.go_on(&cursor, "Reading on", None)
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
            self.ledger.passes().note_trouble(&self.pass.id, words)?;
            cursor.odd += 1;
        }
        let items: Vec<S> = page.items.into_iter().map(staged).collect();
        // The account's own company stands at position 0 of its shelf; pages follow it.
        self.stage(shelf, cursor.read + 1, &items)?;
        cursor.total = cursor.total.or(total);
        cursor.again = 0;
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
        Ok(self.ledger.passes().stage(&self.pass.id, shelf, position, &items)?)
    }

    fn go_on(&mut self, cursor: &Cursor, words: &str, total: Option<u32>) -> Result<Progress, TenantError> {
        let calls = self.outbound.calls() - self.calls;
        self.calls = self.outbound.calls();
        let change = PassChange { cursor, step: words, done: cursor.read, total, calls };
        self.ledger.passes().advance(&self.pass.id, &change, self.clock.now())?;
        Ok(Progress::More)
    }

    /// Puts what was staged together and makes it the current snapshot.
    async fn publish(&self, cursor: &Cursor) -> Result<Progress, TenantError> {
        let (pass, connection) = (self.pass, self.connection);
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
            unread: cursor.unread,
        };
        let had_licences = match &before {
            Some(before) => before.has_licences(),
            None => version.is_some(),
        };
        if staged.licences.is_empty() && had_licences {
            let words = "ESET answered an empty list of licences. The counts before still stand.";
            return Err(TenantError::Unusable(words.to_owned()));
        }
        // A first list that is empty is believed once another one says the same.
        let unproven = staged.licences.is_empty() && before.is_none();
        let taken_at = pass.started_at.unwrap_or(pass.queued_at);
        let snapshot = staged.assemble(before.as_deref(), !cursor.short && !unproven, |companies| Snapshot {
            schema: SNAPSHOT_SCHEMA,
            connection: connection.id.clone(),
            pass: pass.id.clone(),
            taken_at,
            usage_days: usage_days(taken_at),
            complete: !unproven && !cursor.short && cursor.failures == 0 && cursor.odd == 0 && cursor.unread == Unread::default(),
            tallies: tallies(before.as_deref(), taken_at, &companies),
            companies,
            unowned: Vec::new(),
        });
        let companies = snapshot.companies.len();
        let licences: usize = snapshot.companies.values().map(|company| company.licences.len()).sum();
        let complete = snapshot.complete;
        if let Some(before) = &before {
            let new = snapshot.companies.keys().filter(|company| !before.companies.contains_key(*company));
            self.ledger.drift_baseline().note_new_companies(&connection.id, new, taken_at)?;
        }
        let key = format!("snapshots/{}/{}", taken_at.date_naive(), pass.id);
        let published = self.documents.publish(&name, &key, SNAPSHOT_SCHEMA, version, snapshot, self.clock.now()).await?;
        // The pointer has moved, and without an await since nobody has moved it on.
        if let Some(pointer) = self.ledger.pointers().current(&name)? {
            let (pass, connection) = (pass.id.clone(), connection.id.clone());
            let row = SnapshotRow { pass, connection, taken_at, complete: Some(complete), key: pointer.key, hash: published.hash };
            self.ledger.snapshots().note(&row)?;
        }
        let mut result = format!("{companies} companies, {licences} licences");
        if cursor.failures > 0 {
            result.push_str(&format!("; {} licences could not be read", cursor.failures));
        }
        if cursor.odd > 0 {
            result.push_str(&format!("; {} rows could not be read", cursor.odd));
        }
        if cursor.unread.details {
            result.push_str("; parents of companies are those of before");
        }
        if cursor.unread.usage {
            result.push_str("; seat-days are not known");
        }
        if unproven {
            result.push_str("; ESET showed no licence, so it is asked again in some minutes");
        }
        if cursor.short {
            result.push_str("; a list was shorter than ESET said");
        }
        Ok(Progress::Over { state: if complete { PassState::Done } else { PassState::Partial }, result, failure: None })
    }
}

fn staged_usage(usage: CompanyUsage) -> StagedUsage {
    let paid = |used: ema2::ProductUsage| (!used.trial).then_some((used.product, used.seat_days));
    StagedUsage { company: usage.company, seat_days: usage.products.map(|products| products.into_iter().filter_map(paid).collect()) }
}

/// The days of the month that ESET has counted: up to yesterday, for today is not over.
fn usage_days(taken_at: Timestamp) -> (NaiveDate, NaiveDate) {
    let yesterday = taken_at.date_naive() - Days::new(1);
    (yesterday.with_day(1).unwrap_or(yesterday), yesterday)
}

/// Whether nothing more can be read after this.
fn ends_the_pass(error: &VendorError) -> bool {
    error.is_budget() || matches!(error, VendorError::BadCredentials { .. }) || error.is_unreachable()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seat_days_are_counted_from_the_first_to_yesterday() {
        let table = [
            ("2026-11-22T23:40:00Z", "2026-11-01", "2026-11-21"),
            ("2026-12-01T00:10:00Z", "2026-11-01", "2026-11-30"),
            ("2028-03-01T12:00:00Z", "2028-02-01", "2028-02-29"),
        ];
        for (now, from, to) in table {
            let (first, last) = usage_days(now.parse().expect("a moment"));
            assert_eq!((first.to_string().as_str(), last.to_string().as_str()), (from, to));
        }
    }
}
