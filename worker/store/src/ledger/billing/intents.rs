//! Billing's intents: the names they are shown with, and what is asked of changes alone.

use std::collections::BTreeMap;

use chrono::NaiveTime;
use domain::Timestamp;
use domain::access::Visibility;
use domain::billing::{MappingKey, Period};
use domain::ids::{IntentId, LineId};
use engine::Intent;

use super::super::intent_store::{Intents, OPEN, PlannedOf, Stored, Table};
use super::super::people::access_groups::sees_companies;
use super::super::row::params;
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

/// A change as stored.
pub type IntentRow = PlannedOf<Intent>;

impl Stored for Intent {
    type Labels = IntentLabels;

    const TABLE: Table =
        Table { name: "intents", planned_at: "approved_at", then: "id", psa: "json_extract(body, '$.psa')", ready: "true", own: &["line"] };

    fn id(&self) -> &IntentId {
        &self.id
    }

    fn own(&self) -> Vec<SqlValue> {
        params![self.line.as_str()].to_vec()
    }
}

/// SQL that is true when the scope in parameter `?n` sees every company an intent came from.
fn sees(n: u32) -> String {
    sees_companies(
        n,
        "SELECT json_extract(value, '$.member.connection') AS connection, json_extract(value, '$.member.company') AS company
         FROM json_each(intents.labels, '$.mappings')",
    )
}

/// Changes of additions: what was approved, and how far each has come.
pub type Changes<'a> = Intents<'a, Intent>;

impl Changes<'_> {
    /// One intent, if a scope sees it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find(&self, id: &IntentId, scope: &Visibility) -> Result<Option<IntentRow>, StoreError> {
        Ok(self.rows(&format!("id = ?1 AND {}", sees(2)), "", params![id.as_str(), scope])?.pop())
    }

    /// Changes of a month that are done and that a scope sees, in the order they were approved.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn done_in(&self, period: Period, scope: &Visibility) -> Result<Vec<IntentRow>, StoreError> {
        // A line that was planned in the month may be approved just after its end.
        let (from, to) = (period.first_day(), period.end() + chrono::Days::new(2));
        let done = format!("state = 'done' AND approved_at >= ?1 AND approved_at < ?2 AND {}", sees(3));
        let mut rows = self.rows(&done, "ORDER BY approved_at, id", params![from.to_string(), to, scope])?;
        rows.retain(|row| row.intent.period == period);
        Ok(rows)
    }

    /// How many changes that a scope sees and that write into a month are not over.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn open_in(&self, period: Period, scope: &Visibility) -> Result<u32, StoreError> {
        let rows = self.rows(&format!("{OPEN} AND {}", sees(1)), "", params![scope])?;
        let open = rows.iter().filter(|row| row.intent.writes_into(period)).count();
        Ok(u32::try_from(open).unwrap_or(u32::MAX))
    }

    /// The intent a line stands by: one that is not over, or the one that moved last. Not the one approved last, since an
    /// older one may have been opened again.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn latest_of(&self, line: &LineId) -> Result<Option<IntentRow>, StoreError> {
        let latest = format!("ORDER BY {OPEN} DESC, updated_at DESC, approved_at DESC LIMIT 1");
        Ok(self.rows("line = ?", &latest, params![line.as_str()])?.pop())
    }

    /// [`Changes::latest_of`] of every line whose standing in a month depends on one: what was done in an earlier month says
    /// nothing about this one, and there is more of it every month.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub(in super::super) fn latest(&self, period: Period) -> Result<BTreeMap<LineId, Intent>, StoreError> {
        let sql = format!(
            "SELECT line, body FROM intents WHERE {OPEN} OR state IN ('failed', 'parked') OR updated_at >= ?
             ORDER BY {OPEN}, updated_at, approved_at"
        );
        let since = period.first_day().and_time(NaiveTime::MIN).and_utc();
        let latest = self.database.gather(&sql, params![since], |mut row| Ok((LineId(row.text()?), row.json()?)))?;
        Ok(latest.into_iter().collect())
    }

    /// Up to `limit` intents that a scope sees and that contain `text`, latest first, approved before `before` when it is given; and how many.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn list(
        &self,
        scope: &Visibility,
        text: &str,
        before: Option<(Timestamp, &str)>,
        limit: u32,
    ) -> Result<(Vec<IntentRow>, u32), StoreError> {
        let matches = format!("(?1 = '' OR instr(lower(labels || ' ' || state), ?1) > 0) AND {}", sees(2));
        let wanted = [SqlValue::from(text.to_lowercase()), scope.into()];
        let (moment, id) = before.unzip();
        let earlier = format!("{matches} AND (?3 IS NULL OR (approved_at, id) < (?3, ?4))");
        let mut parameters = wanted.to_vec();
        parameters.extend([moment.into(), SqlValue::from(id.unwrap_or_default()), limit.into()]);
        let rows = self.rows(&earlier, "ORDER BY approved_at DESC, id DESC LIMIT ?5", &parameters)?;
        let total = self.database.number(&format!("SELECT count(*) FROM intents WHERE {matches}"), &wanted)?;
        Ok((rows, u32::try_from(total).unwrap_or(u32::MAX)))
    }
}
