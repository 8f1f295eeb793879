//! Reading ConnectWise: companies, agreements and the catalog by full pages, when they are an hour old; additions agreement
//! by agreement, because ConnectWise has no list over all of them.
//!
//! A pass on schedule reads additions that were never read, those of agreements with a change to approve, some whose held
//! line reading may mend, and in turn a part of the rest, so that each is read again within six hours. A pass a person asked
//! for reads all of them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use contract::passes::PassState;
use domain::Timestamp;
use domain::billing::{Guard, LineState};
use domain::hash::fingerprint;
use domain::ids::{AgreementId, CatalogId, ConnectionId, PsaCompanyId};
use domain::json::strict;
use domain::mapping::CompanyTarget;
use domain::psa::{PSA_SCHEMA, PsaCatalogue};
use futures::stream::{self, StreamExt};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::drift::DriftWatch;
use super::input::Readings;
use super::look_only::reads_count_from;
use super::{CONCURRENCY, Progress, SCHEDULE};
use crate::tenant::{MAPPINGS, Tenant, TenantError, catalogue_of};
use connectwise::{Batch, Connectwise, Odd};
use egress::Outbound;
use egress::ports::Clock;
use store::documents::Document;
use store::ledger::{ConnectionRow, Ledger, PassChange, PassRow};
use store::ports::StoreError;
use vendor::VendorError;

/// How old companies, agreements and the catalog may become.
const CATALOGUE_AGE: TimeDelta = TimeDelta::minutes(55);
/// Passes in which every agreement's additions come up once: six hours of ten-minute passes.
const ROUND: usize = 36;
/// How old the additions behind a held line become before they are read again: three passes, less what a cron may be early.
const HELD_AGE: TimeDelta = TimeDelta::minutes(28);
/// Agreements of held lines are read ahead of their turn at most one for so many that are read in turn.
const HELD_SHARE: usize = 8;
/// Agreements read in one step.
const AGREEMENTS_A_STEP: usize = 40;

/// Whether reading its additions may lift what holds a line.
fn mends_by_reading(guards: &[Guard]) -> bool {
    let mends = |guard: &Guard| {
        matches!(
            guard,
            Guard::NoOngoingAddition
                | Guard::MoreThanOneOngoingAddition { .. }
                | Guard::PsaStale
                | Guard::EditedByHand { .. }
                | Guard::PartEdited { .. }
                | Guard::DatedSplit { .. }
        )
    };
    guards.iter().any(mends)
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Cursor {
    stage: Stage,
    after: Option<i64>,
    read: u32,
    /// Agreements whose additions are still to be read.
    agreements: Vec<AgreementId>,
    /// Lists that ConnectWise refused, by their shelves, and its words: what was known of them still stands.
    #[serde(default)]
    refused: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    #[default]
    Begin,
    Companies,
    Agreements,
    Products,
    Publish,
    Additions,
}

impl Tenant {
    pub(super) async fn read_step(&self, pass: &PassRow, connection: &ConnectionRow, outbound: &Outbound) -> Result<Progress, TenantError> {
        let client = self.clients().connectwise(connection, outbound)?;
        let cursor: Cursor = pass.cursor.as_deref().and_then(|text| strict::read(text.as_bytes()).ok()).unwrap_or_default();
        let (readings, drift, clock) = (self.readings(), self.drift_watch(), self.clock.as_ref());
        let ledger = &self.ledger;
        let step = Step { ledger, readings, drift, clock, pass, connection, client: &client, outbound, calls: outbound.calls() };
        match cursor.stage {
            Stage::Begin => step.begin().await,
            Stage::Companies => {
                let batch = client.companies(cursor.after).await;
                step.list(cursor, "companies", batch, Stage::Agreements, "Reading companies")
            }
            Stage::Agreements => {
                let batch = client.agreements(cursor.after).await;
                step.list(cursor, "agreements", batch, Stage::Products, "Reading agreements")
            }
            Stage::Products => {
                let batch = client.catalog(cursor.after).await;
                step.list(cursor, "products", batch, Stage::Publish, "Reading the catalog")
            }
            Stage::Publish => step.publish(cursor.refused).await,
            Stage::Additions => step.additions(cursor).await,
        }
    }
}

/// The shelf of a list's rows that could not be read, by their ids.
fn odd_of(shelf: &str) -> String {
    format!("odd {shelf}")
}

/// Where the mapped agreements of a connection are kept.
fn mapped_key(psa: &ConnectionId) -> String {
    format!("mapped/{psa}")
}

impl Tenant {
    /// The mapped agreements of a connection that ConnectWise has, as the last reading worked them out.
    pub(super) fn mapped_agreements(&self, psa: &ConnectionId) -> Result<Vec<AgreementId>, StoreError> {
        let kept = self.ledger.meta().text(&mapped_key(psa))?;
        let mapped: Option<Mapped> = kept.and_then(|text| strict::read(text.as_bytes()).ok());
        Ok(mapped.map(|mapped| mapped.agreements).unwrap_or_default())
    }
}

/// The mapped agreements of a connection, and what they were worked out from.
#[derive(Serialize, Deserialize)]
struct Mapped {
    from: String,
    agreements: Vec<AgreementId>,
    /// Agreements that ConnectWise has, mapped or not.
    known: usize,
}

/// One step of a reading pass.
struct Step<'a> {
    ledger: &'a Ledger,
    readings: Readings<'a>,
    drift: DriftWatch<'a>,
    clock: &'a dyn Clock,
    pass: &'a PassRow,
    connection: &'a ConnectionRow,
    client: &'a Connectwise,
    outbound: &'a Outbound,
    calls: u32,
}

impl Step<'_> {
    async fn begin(&self) -> Result<Progress, TenantError> {
        let asked = self.pass.started_by != SCHEDULE;
        let read_at = self.ledger.meta().moment(&self.catalogue_read())?;
        let fresh = read_at.is_some_and(|moment| self.clock.now() - moment < CATALOGUE_AGE);
        let known = self.ledger.pointers().current(&catalogue_of(&self.connection.id))?.is_some();
        if fresh && known && !asked {
            return self.begin_additions(BTreeMap::new()).await;
        }
        self.go_on(&Cursor { stage: Stage::Companies, ..Cursor::default() }, "Reading companies", None)
    }

    /// Takes in one batch of a list. One that is refused costs itself, once all of it is known from before.
    fn list<T: Serialize>(
        &self,
        mut cursor: Cursor,
        shelf: &str,
        batch: Result<Batch<T>, VendorError>,
        next: Stage,
        words: &str,
    ) -> Result<Progress, TenantError> {
        let error = match batch {
            Ok(batch) => return self.batch(cursor, shelf, &batch, next, words),
            Err(error) => error,
        };
        let about_all = error.is_budget() || error.is_unreachable() || matches!(error, VendorError::BadCredentials { .. });
        if about_all || self.ledger.pointers().current(&catalogue_of(&self.connection.id))?.is_none() {
            return Err(error.into());
        }
        let trouble = format!("The {shelf} could not be read, and are those of before: {}", error.message());
        self.ledger.passes().note_trouble(&self.pass.id, &trouble)?;
        cursor.refused.insert(shelf.to_owned(), trouble);
        (cursor.stage, cursor.after, cursor.read) = (next, None, 0);
        self.go_on(&cursor, words, None)
    }

    /// Stages one batch of a list and goes on behind it, or to the next stage after the last.
    fn batch<T: Serialize>(
        &self,
        mut cursor: Cursor,
        shelf: &str,
        batch: &Batch<T>,
        next: Stage,
        words: &str,
    ) -> Result<Progress, TenantError> {
        self.ledger.passes().stage(&self.pass.id, shelf, cursor.read, &batch.items)?;
        for Odd { words, .. } in &batch.odd {
            self.ledger.passes().note_trouble(&self.pass.id, words)?;
        }
        let odd: Vec<i64> = batch.odd.iter().filter_map(|odd| odd.id).collect();
        self.ledger.passes().stage(&self.pass.id, &odd_of(shelf), cursor.read, &odd)?;
        cursor.read += u32::try_from(batch.items.len() + batch.odd.len()).unwrap_or_default();
        cursor.after = batch.next;
        if batch.next.is_none() {
            cursor.stage = next;
            cursor.read = 0;
        }
        self.go_on(&cursor, words, None)
    }

    /// Makes what was staged the tenant's current catalogue; the same content is not written again.
    async fn publish(&self, refused: BTreeMap<String, String>) -> Result<Progress, TenantError> {
        let ledger = self.ledger;
        let name = catalogue_of(&self.connection.id);
        let before: Option<Document<PsaCatalogue>> = self.readings.documents.current(&name).await?;
        let known = before.as_ref().map(|before| &before.content);
        let companies = self.read_or_known("companies", PsaCompanyId, known.map(|known| &known.companies), &refused)?;
        let agreements = self.read_or_known("agreements", AgreementId, known.map(|known| &known.agreements), &refused)?;
        let products = self.read_or_known("products", CatalogId, known.map(|known| &known.products), &refused)?;
        let emptied = agreements.is_empty() && before.as_ref().is_some_and(|before| !before.content.agreements.is_empty());
        if emptied {
            return Err(TenantError::Unusable("ConnectWise answered no agreements at all. What was known before still stands.".to_owned()));
        }
        let catalogue = PsaCatalogue { schema: PSA_SCHEMA, connection: self.connection.id.clone(), companies, agreements, products };
        let now = self.clock.now();
        let version = before.map(|document| document.version);
        self.readings.documents.publish(&name, &name, PSA_SCHEMA, version, catalogue, now).await?;
        // A list that was refused is tried again in the next pass.
        if refused.is_empty() {
            ledger.meta().keep_moment(&self.catalogue_read(), Some(now))?;
        }
        self.begin_additions(refused).await
    }

    /// What was staged of a list, or all that was known of one that was refused.
    fn read_or_known<Id, Row>(
        &self,
        shelf: &str,
        id: impl Fn(i64) -> Id,
        known: Option<&BTreeMap<Id, Row>>,
        refused: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<Id, Row>, TenantError>
    where
        Id: Ord + Clone + DeserializeOwned,
        Row: Clone + DeserializeOwned,
    {
        if !refused.contains_key(shelf) {
            return Ok(self.staged(shelf, id, known)?);
        }
        known.cloned().ok_or_else(|| TenantError::Unusable(format!("ConnectWise refused the {shelf}, and none are known from before.")))
    }

    /// What was staged of a list. A row that could not be read stays as it was known: it is there.
    fn staged<Id, Row>(
        &self,
        shelf: &str,
        id: impl Fn(i64) -> Id,
        known: Option<&BTreeMap<Id, Row>>,
    ) -> Result<BTreeMap<Id, Row>, StoreError>
    where
        Id: Ord + DeserializeOwned,
        Row: Clone + DeserializeOwned,
    {
        let passes = self.ledger.passes();
        let mut rows: BTreeMap<Id, Row> = passes.staged::<(Id, Row)>(&self.pass.id, shelf)?.into_iter().collect();
        for odd in passes.staged::<i64>(&self.pass.id, &odd_of(shelf))?.into_iter().map(id) {
            if let Some(row) = known.and_then(|known| known.get(&odd)) {
                rows.entry(odd).or_insert_with(|| row.clone());
            }
        }
        Ok(rows)
    }

    async fn begin_additions(&self, refused: BTreeMap<String, String>) -> Result<Progress, TenantError> {
        let agreements = self.agreements_to_read().await?;
        let total = u32::try_from(agreements.len()).unwrap_or(u32::MAX);
        let cursor = Cursor { stage: Stage::Additions, agreements, refused, ..Cursor::default() };
        self.go_on(&cursor, "Reading additions", Some(total))
    }

    /// The mapped agreements that ConnectWise has. They are worked out anew only when mappings, catalogue or drift changed: a
    /// pass with nothing to do reads no document.
    async fn mapped(&self) -> Result<Mapped, TenantError> {
        let (ledger, psa) = (self.ledger, &self.connection.id);
        let key = mapped_key(psa);
        let pointer = |name: &str| Ok::<_, StoreError>(ledger.pointers().current(name)?.map(|pointer| pointer.key));
        let watched: BTreeSet<AgreementId> = self.drift.watched(psa)?.into_iter().collect();
        let from = fingerprint(&(pointer(MAPPINGS)?, pointer(&catalogue_of(psa))?, &watched));
        let kept = ledger.meta().text(&key)?.and_then(|text| strict::read(text.as_bytes()).ok());
        if let Some(mapped) = kept.filter(|mapped: &Mapped| mapped.from == from) {
            return Ok(mapped);
        }
        let (mappings, _) = self.readings.mappings().await?;
        let targets = mappings.targets().map(|(_, _, target)| target).filter(|target| target.psa == *psa);
        let mut agreements: BTreeSet<AgreementId> = targets.flat_map(CompanyTarget::agreements).collect();
        agreements.extend(watched);
        let known: Option<Document<PsaCatalogue>> = self.readings.documents.current(&catalogue_of(psa)).await?;
        agreements.retain(|id| known.as_ref().is_none_or(|known| known.content.agreements.contains_key(id)));
        let known = known.map_or(0, |known| known.content.agreements.len());
        let mapped = Mapped { from, agreements: agreements.into_iter().collect(), known };
        let text = serde_json::to_string(&mapped).map_err(|error| StoreError(format!("agreements have no JSON: {error}")))?;
        ledger.meta().keep_text(&key, &text)?;
        Ok(mapped)
    }

    /// The mapped agreements whose additions this pass reads: never read ones first, then those with a change, then in turn.
    async fn agreements_to_read(&self) -> Result<Vec<AgreementId>, TenantError> {
        let psa = &self.connection.id;
        let mapped = self.mapped().await?.agreements;
        if self.pass.started_by != SCHEDULE {
            return Ok(mapped);
        }
        let read_at = self.ledger.additions().read_at(psa)?;
        let now = self.clock.now();
        let in_turn = mapped.len().div_ceil(ROUND);
        let mut changing = self.agreements_in(&[LineState::ToApprove, LineState::Failed, LineState::Parked], |_| true)?;
        let mut held = self.agreements_in(&[LineState::Held], mends_by_reading)?;
        held.retain(|id| mapped.binary_search(id).is_ok());
        // What only waits to be mended is looked at in every third pass, the longest unread first, and never takes up more
        // than a small part of a pass: where many lines are held they come up one after the other.
        let mut held: Vec<(Timestamp, AgreementId)> =
            held.into_iter().filter_map(|id| Some((*read_at.get(&id)?, id))).filter(|(read, _)| now - *read >= HELD_AGE).collect();
        held.sort();
        changing.extend(held.into_iter().take(in_turn.div_ceil(HELD_SHARE)).map(|(_, id)| id));
        // While Seatbridge only looks, all of them are to be read once more.
        let from = self.ledger.look_only().current()?.map(|mode| reads_count_from(&mode)).filter(|from| now >= *from);
        let (mut wanted, mut rest): (Vec<_>, Vec<_>) = mapped.iter().copied().partition(|id| {
            let unread = |read: &Timestamp| from.is_some_and(|from| *read < from);
            read_at.get(id).is_none_or(unread) || changing.contains(id)
        });
        rest.sort_by_key(|id| read_at.get(id).copied());
        wanted.extend(rest.into_iter().take(in_turn));
        Ok(wanted)
    }

    /// Agreements of this connection with a line in one of these states whose guards are `wanted`.
    fn agreements_in(&self, states: &[LineState], wanted: impl Fn(&[Guard]) -> bool) -> Result<BTreeSet<AgreementId>, StoreError> {
        let mut found = BTreeSet::new();
        for state in states {
            let lines = self.ledger.lines().guards_in(*state, &self.connection.id)?;
            found.extend(lines.into_iter().filter(|(_, guards)| wanted(guards)).map(|(agreement, _)| agreement));
        }
        Ok(found)
    }

    async fn additions(&self, mut cursor: Cursor) -> Result<Progress, TenantError> {
        let affordable = usize::try_from(self.outbound.left().saturating_sub(2)).unwrap_or_default();
        let count = cursor.agreements.len().min(AGREEMENTS_A_STEP).min(affordable);
        if count == 0 && !cursor.agreements.is_empty() {
            return Ok(Progress::OutOfBudget);
        }
        let chunk: Vec<AgreementId> = cursor.agreements.drain(..count).collect();
        let client = self.client;
        let mut answers = stream::iter(chunk).map(|id| async move { (id, client.additions(id).await) }).buffer_unordered(CONCURRENCY);
        while let Some((id, answer)) = answers.next().await {
            match answer {
                Ok(additions) => self.ledger.additions().store(&self.connection.id, id, additions, self.clock.now())?,
                Err(error) if error.is_budget() || matches!(error, VendorError::BadCredentials { .. }) || error.is_unreachable() => {
                    return Err(error.into());
                }
                Err(error) => {
                    self.ledger.passes().note_trouble(&self.pass.id, &format!("Agreement {id}: {}", error.message()))?;
                }
            }
        }
        drop(answers);
        cursor.read += u32::try_from(count).unwrap_or_default();
        if cursor.agreements.is_empty() {
            return self.over(&cursor).await;
        }
        let total = cursor.read + u32::try_from(cursor.agreements.len()).unwrap_or_default();
        self.go_on(&cursor, "Reading additions", Some(total))
    }

    async fn over(&self, cursor: &Cursor) -> Result<Progress, TenantError> {
        let agreements = self.mapped().await?.known;
        let troubles = self.ledger.passes().find(&self.pass.id)?.map_or(0, |pass| pass.troubles.len());
        let mut result = format!("{agreements} agreements known; additions of {} read", cursor.read);
        if troubles > 0 {
            result.push_str(&format!("; {troubles} could not be"));
        }
        let state = if troubles == 0 { PassState::Done } else { PassState::Partial };
        Ok(Progress::Over { state, result, failure: cursor.refused.values().next().cloned() })
    }

    fn go_on(&self, cursor: &Cursor, words: &str, total: Option<u32>) -> Result<Progress, TenantError> {
        let calls = self.outbound.calls() - self.calls;
        let change = PassChange { cursor, step: words, done: cursor.read, total, calls };
        self.ledger.passes().advance(&self.pass.id, &change, self.clock.now())?;
        Ok(Progress::More)
    }

    /// When companies, agreements and the catalog were last read.
    fn catalogue_read(&self) -> String {
        format!("catalogue_read/{}", self.connection.id)
    }
}
