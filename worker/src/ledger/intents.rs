//! Intents: what was approved, and how far it has come.

use chrono::NaiveTime;
use shared::Timestamp;
use shared::access::Scope;
use shared::billing::{MappingKey, Period};
use shared::engine::{Intent, IntentState};
use shared::ids::{ConnectionId, IntentId, LineId};
use shared::planted;
use std::collections::BTreeMap;

use super::Ledger;
use super::access_groups::sees_companies;
use super::row::{Row, json, params, word};
use crate::ports::{SqlValue, StoreError};

/// The names an intent is shown with, kept as they were when it was approved.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct IntentLabels {
    /// The company.
    pub company: String,
    /// The agreement.
    pub agreement: String,
    /// The product.
    pub product: String,
    /// Who approved it.
    pub approved_by: String,
    /// The company mappings it comes from.
    #[serde(default)]
    pub mappings: Vec<MappingKey>,
}

impl IntentLabels {
    /// What the history calls it.
    pub fn subject(&self) -> String {
        format!("{} · {} · {}", self.company, self.agreement, self.product)
    }
}

/// An intent as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentRow {
    /// The intent.
    pub intent: Intent,
    /// Its names.
    pub labels: IntentLabels,
    /// When it was approved.
    pub approved_at: Timestamp,
}

const COLUMNS: &str = "body, labels, approved_at";
/// Whether an intent is not over.
const OPEN: &str = "(state IN ('planned', 'inflight', 'unknown'))";

/// SQL that is true when the scope in parameter `?n` sees every company an intent came from.
fn sees(n: u32) -> String {
    sees_companies(
        n,
        "SELECT json_extract(value, '$.member.connection') AS connection, json_extract(value, '$.member.company') AS company
         FROM json_each(intents.labels, '$.mappings')",
    )
}

fn read(mut row: Row) -> Result<IntentRow, StoreError> {
    Ok(IntentRow { intent: row.json()?, labels: row.json()?, approved_at: row.moment()? })
}

impl Ledger {
    /// Plans an intent. The same intent a second time changes nothing: its id says what it does. Answers whether it is new.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn plan_intent(&self, intent: &Intent, labels: &IntentLabels, now: Timestamp) -> Result<bool, StoreError> {
        if self.intent(&intent.id, &Scope::Everything)?.is_some() {
            return Ok(false);
        }
        self.run(
            "INSERT OR IGNORE INTO intents (id, line, state, not_before, body, labels, approved_at, updated_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                intent.id.as_str(),
                intent.line.as_str(),
                word(&intent.state),
                intent.not_before,
                json(intent)?,
                json(labels)?,
                now,
                now
            ],
        )?;
        Ok(true)
    }

    /// Stores an intent, provided its stored epoch and state are still `before`'s: whoever claimed it meanwhile keeps it.
    /// Answers whether it was stored.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn move_intent(&self, before: &Intent, after: &Intent, now: Timestamp) -> Result<bool, StoreError> {
        let Some(stored) = self.intent(&before.id, &Scope::Everything)? else { return Ok(false) };
        let moved = stored.intent.epoch != before.epoch || stored.intent.state != before.state || stored.intent.stage != before.stage;
        if moved && !planted!("no_claim") {
            return Ok(false);
        }
        self.run(
            "UPDATE intents SET state = ?, not_before = ?, body = ?, updated_at = ? WHERE id = ?",
            params![word(&after.state), after.not_before, json(after)?, now, after.id.as_str()],
        )?;
        Ok(true)
    }

    /// One intent, if a scope sees it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn intent(&self, id: &IntentId, scope: &Scope) -> Result<Option<IntentRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM intents WHERE id = ?1 AND {}", sees(2));
        self.first(&sql, params![id.as_str(), scope])?.map(read).transpose()
    }

    /// Up to `limit` intents that may be claimed at `now`, oldest approval first.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn claimable(&self, now: Timestamp, limit: u32) -> Result<Vec<IntentRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM intents WHERE state IN ('planned', 'unknown') AND (not_before IS NULL OR not_before <= ?)
             ORDER BY approved_at, id LIMIT ?"
        );
        self.rows(&sql, params![now, limit])?.map(read).collect()
    }

    /// When the next intent may be claimed; none when nothing waits.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn next_claim(&self) -> Result<Option<Timestamp>, StoreError> {
        let row = self.first("SELECT min(coalesce(not_before, approved_at)) FROM intents WHERE state IN ('planned', 'unknown')", &[])?;
        row.map_or(Ok(None), |mut row| row.optional_moment())
    }

    /// Intents in a state, oldest first.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn intents_in(&self, state: IntentState) -> Result<Vec<IntentRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM intents WHERE state = ? ORDER BY approved_at, id");
        self.rows(&sql, params![word(&state)])?.map(read).collect()
    }

    /// Changes of a month that are done and that a scope sees, in the order they were approved.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn intents_done_in(&self, period: Period, scope: &Scope) -> Result<Vec<IntentRow>, StoreError> {
        // A line that was planned in the month may be approved just after its end.
        let (from, to) = (period.first_day(), period.end() + chrono::Days::new(2));
        let sql = format!(
            "SELECT {COLUMNS} FROM intents WHERE state = 'done' AND approved_at >= ?1 AND approved_at < ?2 AND {} ORDER BY approved_at, id",
            sees(3)
        );
        let rows = self.rows(&sql, params![from.to_string(), to, scope])?.map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(rows.into_iter().filter(|row| row.intent.period == period).collect())
    }

    /// How many changes that a scope sees and that write into a month are not over.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn open_changes_in(&self, period: Period, scope: &Scope) -> Result<u32, StoreError> {
        let rows = self.rows(&format!("SELECT {COLUMNS} FROM intents WHERE {OPEN} AND {}", sees(1)), params![scope])?;
        let rows = rows.map(read).collect::<Result<Vec<_>, _>>()?;
        let open = rows.iter().filter(|row| row.intent.writes_into(period)).count();
        Ok(u32::try_from(open).unwrap_or(u32::MAX))
    }

    /// The intent a line stands by: one that is not over, or the one that moved last. Not the one approved last, since an
    /// older one may have been opened again.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn latest_intent(&self, line: &LineId) -> Result<Option<IntentRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM intents WHERE line = ? ORDER BY {OPEN} DESC, updated_at DESC, approved_at DESC LIMIT 1");
        self.first(&sql, params![line.as_str()])?.map(read).transpose()
    }

    /// [`Ledger::latest_intent`] of every line whose standing in a month depends on one: what was done in an earlier month says
    /// nothing about this one, and there is more of it every month.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub(super) fn latest_intents(&self, period: Period) -> Result<BTreeMap<LineId, Intent>, StoreError> {
        let sql = format!(
            "SELECT line, body FROM intents WHERE {OPEN} OR state IN ('failed', 'parked') OR updated_at >= ?
             ORDER BY {OPEN}, updated_at, approved_at"
        );
        let since = period.first_day().and_time(NaiveTime::MIN).and_utc();
        let latest = self.gather(&sql, params![since], |mut row| Ok((LineId(row.text()?), row.json()?)))?;
        Ok(latest.into_iter().collect())
    }

    /// Up to `limit` intents that a scope sees and that contain `text`, latest first, approved before `before` when it is given; and how many.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn intents(
        &self,
        scope: &Scope,
        text: &str,
        before: Option<(Timestamp, &str)>,
        limit: u32,
    ) -> Result<(Vec<IntentRow>, u32), StoreError> {
        let matches = format!("(?1 = '' OR instr(lower(labels || ' ' || state), ?1) > 0) AND {}", sees(2));
        let wanted = [SqlValue::from(text.to_lowercase()), scope.into()];
        let (moment, id) = before.unzip();
        let sql = format!(
            "SELECT {COLUMNS} FROM intents WHERE {matches} AND (?3 IS NULL OR (approved_at, id) < (?3, ?4))
             ORDER BY approved_at DESC, id DESC LIMIT ?5"
        );
        let mut parameters = wanted.to_vec();
        parameters.extend([moment.into(), SqlValue::from(id.unwrap_or_default()), limit.into()]);
        let rows = self.rows(&sql, &parameters)?.map(read).collect::<Result<_, _>>()?;
        let total = self.number(&format!("SELECT count(*) FROM intents WHERE {matches}"), &wanted)?;
        Ok((rows, u32::try_from(total).unwrap_or(u32::MAX)))
    }

    /// Open intents that would write through a connection.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn open_intents_of(&self, psa: &ConnectionId) -> Result<Vec<IntentRow>, StoreError> {
        Ok(self.open_intents()?.into_iter().filter(|row| row.intent.psa == *psa).collect())
    }

    /// Every intent that is not over.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn open_intents(&self) -> Result<Vec<IntentRow>, StoreError> {
        self.rows(&format!("SELECT {COLUMNS} FROM intents WHERE {OPEN}"), &[])?.map(read).collect()
    }
}
