//! The intents of one kind, in their table: planned once, moved by compare-and-set, claimed when they are due. What is in every
//! such table stands here; a kind adds its own columns and the questions that only it is asked.

use std::marker::PhantomData;

use domain::Timestamp;
use domain::ids::{ConnectionId, IntentId};
use engine::{Effect, IntentState};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::row::{Row, json, params, word};
use super::{Database, Ledger};
use crate::ports::{SqlValue, StoreError};

/// Whether an intent is not over.
pub(super) const OPEN: &str = "(state IN ('planned', 'inflight', 'unknown'))";

/// A kind of intent with a table of its own.
pub trait Stored: Effect + Clone + Serialize + DeserializeOwned {
    /// The names it is shown with, kept as they were when it was planned.
    type Labels: Serialize + DeserializeOwned;

    /// Its table.
    const TABLE: Table;

    /// Its id, which says what it does.
    fn id(&self) -> &IntentId;

    /// The values of [`Table::own`].
    fn own(&self) -> Vec<SqlValue>;
}

/// The table of a kind of intent. Every one has `id`, `state`, `not_before`, `body`, `labels` and `updated_at`.
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The column of the moment it was planned.
    pub planned_at: &'static str,
    /// The column that orders what was planned in the same moment.
    pub then: &'static str,
    /// SQL of the connection it writes through.
    pub psa: &'static str,
    /// SQL that is true of what is not put off.
    pub ready: &'static str,
    /// The columns of its own.
    pub own: &'static [&'static str],
}

/// Which intents are taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claims {
    /// Whatever is due.
    All,
    /// Those of which something may be on its way: they are looked for, and begin nothing.
    Unsettled,
}

impl Claims {
    /// SQL that is true of their states.
    fn states(self) -> &'static str {
        match self {
            Self::All => "state IN ('planned', 'unknown')",
            Self::Unsettled => "state = 'unknown'",
        }
    }
}

/// An intent as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned<E, Labels> {
    /// The intent.
    pub intent: E,
    /// Its names.
    pub labels: Labels,
    /// When it was planned.
    pub planned_at: Timestamp,
}

/// A stored intent of a kind.
pub type PlannedOf<E> = Planned<E, <E as Stored>::Labels>;

/// The intents of one kind.
pub struct Intents<'a, E> {
    pub(super) database: &'a Database,
    kind: PhantomData<E>,
}

/// One row of the body, the labels and the moment it was planned.
fn read<E: Stored>(mut row: Row) -> Result<PlannedOf<E>, StoreError> {
    Ok(Planned { intent: row.json()?, labels: row.json()?, planned_at: row.moment()? })
}

impl<'a, E: Stored> Intents<'a, E> {
    /// Those of a ledger.
    pub fn on(ledger: &'a Ledger) -> Self {
        Self::over(&ledger.database)
    }

    pub(super) fn over(database: &'a Database) -> Self {
        Self { database, kind: PhantomData }
    }

    /// Plans an intent. The same intent a second time changes nothing: its id says what it does. Returns whether it is new.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn plan(&self, intent: &E, labels: &E::Labels, now: Timestamp) -> Result<bool, StoreError> {
        if self.holds(intent.id())? {
            return Ok(false);
        }
        let Table { name, planned_at, own, .. } = E::TABLE;
        let course = intent.course();
        let mut values =
            params![intent.id().as_str(), word(&course.state), course.not_before, json(intent)?, json(labels)?, now, now].to_vec();
        values.extend(intent.own());
        let mut columns = vec!["id", "state", "not_before", "body", "labels", planned_at, "updated_at"];
        columns.extend(own);
        let places = vec!["?"; columns.len()].join(", ");
        self.database.run(&format!("INSERT OR IGNORE INTO {name} ({}) VALUES ({places})", columns.join(", ")), &values)?;
        Ok(true)
    }

    /// Stores an intent, provided its stored epoch, state and stage are still `before`'s: whoever claimed it meanwhile keeps it.
    /// Returns whether it was stored.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn advance(&self, before: &E, after: &E, now: Timestamp) -> Result<bool, StoreError> {
        let Some(stored) = self.get(before.id())? else { return Ok(false) };
        let moved = !stored.intent.course().is_at(before.course());
        if moved {
            return Ok(false);
        }
        let Table { name, own, .. } = E::TABLE;
        let course = after.course();
        let mut values = params![word(&course.state), course.not_before, json(after)?, now].to_vec();
        values.extend(after.own());
        values.push(after.id().as_str().into());
        let own: String = own.iter().map(|column| format!(", {column} = ?")).collect();
        let sql = format!("UPDATE {name} SET state = ?, not_before = ?, body = ?, updated_at = ?{own} WHERE id = ?");
        self.database.run(&sql, &values)?;
        Ok(true)
    }

    /// Whether there is an intent with this id.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn holds(&self, id: &IntentId) -> Result<bool, StoreError> {
        let sql = format!("SELECT 1 FROM {} WHERE id = ?", E::TABLE.name);
        Ok(self.database.first(&sql, params![id.as_str()])?.is_some())
    }

    /// One intent.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn get(&self, id: &IntentId) -> Result<Option<PlannedOf<E>>, StoreError> {
        Ok(self.rows("id = ?", "", params![id.as_str()])?.pop())
    }

    /// Up to `limit` intents that may be claimed at `now`, the first planned ones first.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn claimable(&self, claims: Claims, now: Timestamp, limit: u32) -> Result<Vec<PlannedOf<E>>, StoreError> {
        let Table { ready, planned_at, then, .. } = E::TABLE;
        let due = format!("{} AND {ready} AND (not_before IS NULL OR not_before <= ?)", claims.states());
        self.rows(&due, &format!("ORDER BY {planned_at}, {then} LIMIT ?"), params![now, limit])
    }

    /// When the next intent may be claimed; none when nothing waits.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn next_claim(&self, claims: Claims) -> Result<Option<Timestamp>, StoreError> {
        let Table { name, planned_at, ready, .. } = E::TABLE;
        let sql = format!("SELECT min(coalesce(not_before, {planned_at})) FROM {name} WHERE {} AND {ready}", claims.states());
        self.database.first(&sql, &[])?.map_or(Ok(None), |mut row| row.optional_moment())
    }

    /// Intents in a state, the first planned ones first.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn in_state(&self, state: IntentState) -> Result<Vec<PlannedOf<E>>, StoreError> {
        let Table { planned_at, then, .. } = E::TABLE;
        self.rows("state = ?", &format!("ORDER BY {planned_at}, {then}"), params![word(&state)])
    }

    /// Intents that are not over.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn open(&self) -> Result<Vec<PlannedOf<E>>, StoreError> {
        self.rows(OPEN, "", &[])
    }

    /// Intents that are not over and would write through a connection.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn open_through(&self, psa: &ConnectionId) -> Result<Vec<PlannedOf<E>>, StoreError> {
        self.rows(&format!("{} = ? AND {OPEN}", E::TABLE.psa), "", params![psa.as_str()])
    }

    /// The rows that `condition` is true of; `rest` says in which order and how many.
    pub(super) fn rows(&self, condition: &str, rest: &str, parameters: &[SqlValue]) -> Result<Vec<PlannedOf<E>>, StoreError> {
        self.select(&format!("WHERE {condition} {rest}"), parameters)
    }

    /// The rows of a query, from what follows the table's name on.
    pub(super) fn select(&self, query: &str, parameters: &[SqlValue]) -> Result<Vec<PlannedOf<E>>, StoreError> {
        let Table { name, planned_at, .. } = E::TABLE;
        let sql = format!("SELECT body, labels, {planned_at} FROM {name} {query}");
        self.database.rows(&sql, parameters)?.map(read::<E>).collect()
    }
}
