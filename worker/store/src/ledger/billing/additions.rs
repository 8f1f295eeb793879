//! Additions as last read, one row for each agreement; and what we last wrote to each.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::billing::{AdditionCosts, LastWrite};
use domain::ids::{AdditionId, AgreementId, ConnectionId};
use domain::money::Quantity;
use domain::psa::{Addition, AdditionsRead, taken_in};
use engine::{Change, Intent, Settings};

use super::super::Database;
use super::super::row::{json, params};
use crate::ports::StoreError;

/// The additions of every agreement that was read, by ConnectWise connection.
pub type StoredAdditions = BTreeMap<ConnectionId, BTreeMap<AgreementId, AdditionsRead>>;

/// Additions as last read, and what we last wrote to each.
#[derive(Clone, Copy)]
pub struct Additions<'a>(pub(in super::super) &'a Database);

impl Additions<'_> {
    /// Keeps the additions of one agreement as they were read, but for what lags behind what is known already; none of a connection that
    /// was deleted meanwhile.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn store(&self, psa: &ConnectionId, agreement: AgreementId, read: Vec<Addition>, now: Timestamp) -> Result<(), StoreError> {
        let known = self.of(psa, agreement)?.map(|known| known.additions).unwrap_or_default();
        let written = self.written_since(psa, now - Settings::default().read_lag)?;
        let additions = taken_in(known, read, |addition| written.get(&addition).copied());
        self.0.run(
            "INSERT INTO additions (psa, agreement, read_at, body)
             SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM connections WHERE id = ?1 AND deleted_at IS NULL)
             ON CONFLICT (psa, agreement) DO UPDATE SET read_at = excluded.read_at, body = excluded.body",
            params![psa.as_str(), agreement.0, now, json(&additions)?],
        )
    }

    /// An agreement's additions as last read; none when they never were.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn of(&self, psa: &ConnectionId, agreement: AgreementId) -> Result<Option<AdditionsRead>, StoreError> {
        let sql = "SELECT read_at, body FROM additions WHERE psa = ? AND agreement = ?";
        let row = self.0.first(sql, params![psa.as_str(), agreement.0])?;
        row.map(|mut row| Ok(AdditionsRead { read_at: row.moment()?, additions: row.json()? })).transpose()
    }

    /// The additions that were written to since a moment, with what was written.
    fn written_since(&self, psa: &ConnectionId, since: Timestamp) -> Result<BTreeMap<AdditionId, Quantity>, StoreError> {
        let rows = self.0.rows("SELECT addition, quantity FROM written WHERE psa = ? AND at >= ?", params![psa.as_str(), since])?;
        rows.map(|mut row| Ok((AdditionId(row.integer()?), row.json()?))).collect()
    }

    /// Every agreement's additions as last read.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn all(&self) -> Result<StoredAdditions, StoreError> {
        let mut stored = StoredAdditions::new();
        for mut row in self.0.rows("SELECT DISTINCT psa FROM additions", &[])? {
            let psa = ConnectionId(row.text()?);
            let sql = "SELECT agreement, read_at, body FROM additions WHERE psa = ? ORDER BY agreement";
            let read = self.0.gather(sql, params![psa.as_str()], |mut row| {
                Ok((AgreementId(row.integer()?), AdditionsRead { read_at: row.moment()?, additions: row.json()? }))
            })?;
            stored.insert(psa, read.into_iter().collect());
        }
        Ok(stored)
    }

    /// What ConnectWise says each addition costs the MSP.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn costs(&self) -> Result<AdditionCosts, StoreError> {
        let costs = self.0.gather("SELECT psa, body FROM additions", &[], |mut row| {
            let psa = ConnectionId(row.text()?);
            let additions: Vec<Addition> = row.json()?;
            let known = additions.into_iter().filter_map(|addition| Some(((psa.clone(), addition.id), addition.unit_cost?)));
            Ok(known.collect::<Vec<_>>())
        })?;
        Ok(costs.into_iter().flatten().collect())
    }

    /// When each agreement's additions were read.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn read_at(&self, psa: &ConnectionId) -> Result<BTreeMap<AgreementId, Timestamp>, StoreError> {
        let rows = self.0.rows("SELECT agreement, read_at FROM additions WHERE psa = ?", params![psa.as_str()])?;
        rows.map(|mut row| Ok((AgreementId(row.integer()?), row.moment()?))).collect()
    }

    /// Forgets what was read of a ConnectWise tenant.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forget(&self, psa: &ConnectionId) -> Result<(), StoreError> {
        self.0.run("DELETE FROM additions WHERE psa = ?", params![psa.as_str()])
    }

    /// Takes what was just read back into what is known of its agreement, and keeps its quantity as our last write.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_written(&self, intent: &Intent, addition: AdditionId, version: &str, now: Timestamp) -> Result<(), StoreError> {
        let Intent { psa, agreement, .. } = intent;
        let reversed = intent.reverses.as_ref().and(intent.reason.as_deref());
        let quantity = if matches!(intent.effect, Change::End { .. }) { intent.from } else { intent.to };
        self.0.run(
            "INSERT INTO written (psa, addition, quantity, at, reversed) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (psa, addition) DO UPDATE SET quantity = excluded.quantity, at = excluded.at, reversed = excluded.reversed",
            params![psa.as_str(), addition.0, json(&quantity)?, now, reversed],
        )?;
        let row = self.0.first("SELECT body FROM additions WHERE psa = ? AND agreement = ?", params![psa.as_str(), agreement.0])?;
        let Some(mut row) = row else { return Ok(()) };
        let mut additions: Vec<Addition> = row.json()?;
        if let Change::Create { product, unit_price, effective, bill, .. } = &intent.effect
            && !additions.iter().any(|known| known.id == addition)
        {
            additions.push(Addition {
                id: addition,
                product: *product,
                quantity,
                included: Quantity::ZERO,
                unit_price: *unit_price,
                unit_cost: None,
                bill: Some(*bill),
                effective: Some(*effective),
                cancelled: None,
                serial: Some(intent.marker()),
                version: String::new(),
            });
        }
        for known in additions.iter_mut().filter(|known| known.id == addition) {
            known.quantity = quantity;
            version.clone_into(&mut known.version);
            match &intent.effect {
                Change::End { cancelled } => known.cancelled = Some(*cancelled),
                Change::Resume { .. } => known.cancelled = None,
                Change::Set | Change::Create { .. } => {}
            }
        }
        self.0.run("UPDATE additions SET body = ? WHERE psa = ? AND agreement = ?", params![json(&additions)?, psa.as_str(), agreement.0])
    }

    /// Takes a quantity someone else wrote as our last write: a person has seen it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_theirs(&self, psa: &ConnectionId, addition: AdditionId, quantity: Quantity, now: Timestamp) -> Result<(), StoreError> {
        self.0.run(
            "INSERT INTO written (psa, addition, quantity, at) VALUES (?, ?, ?, ?)
             ON CONFLICT (psa, addition) DO UPDATE SET quantity = excluded.quantity, at = excluded.at",
            params![psa.as_str(), addition.0, json(&quantity)?, now],
        )
    }

    /// What we last wrote to each addition.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn written(&self) -> Result<BTreeMap<(ConnectionId, AdditionId), LastWrite>, StoreError> {
        let rows = self.0.rows("SELECT psa, addition, quantity, reversed FROM written", &[])?;
        rows.map(|mut row| {
            let addition = (ConnectionId(row.text()?), AdditionId(row.integer()?));
            Ok((addition, LastWrite { quantity: row.json()?, reversed: row.optional_text()? }))
        })
        .collect()
    }
}
