//! What is over age, and its removal. The rules stand in `domain::retention`; here are the rows they are asked about.
//!
//! Rows are looked at in the order of their numbers, a limited count at a time. The tickets' log refuses to lose a row except here,
//! and except what is older than the moment that the removal under way names.

mod purge;

pub use purge::DeletedConnection;

use domain::Timestamp;
use domain::retention::{Held, HeldMonth, Horizon, StoredVersion};

use super::Database;
use super::row::{Row, params};
use crate::ports::StoreError;

/// A kind of rows that are removed by their age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aged {
    /// Snapshots; each has a copy in KV, which is removed before it.
    Snapshots,
    /// Versions of other documents; each is a copy in KV, which is removed before it.
    Copies,
    /// The tickets' log.
    TicketLog,
    /// Share links.
    ShareLinks,
    /// Passes.
    Passes,
}

/// A row that is over age and that nothing holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverAge {
    /// Its number in its table.
    pub number: i64,
    /// The key of its copy in KV.
    pub copy: Option<String>,
}

/// Some rows that were looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// Those that go.
    pub over_age: Vec<OverAge>,
    /// How many were looked at.
    pub rows: u32,
    /// The number of the last one; none when there are no more.
    pub next: Option<i64>,
}

/// What is stored of a kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StoredNow {
    /// How many.
    pub count: u32,
    /// The oldest.
    pub oldest: Option<Timestamp>,
}

/// What is over age, and its removal.
#[derive(Clone, Copy)]
pub struct Retained<'a>(pub(super) &'a Database);

/// SQL of an intent that is not over, or that waits for a person.
const OPEN_OR_PARKED: &str = "state IN ('planned', 'inflight', 'unknown', 'parked')";

impl Aged {
    /// Every kind, in the order they are removed.
    pub const ALL: [Self; 5] = [Self::Snapshots, Self::Copies, Self::TicketLog, Self::ShareLinks, Self::Passes];

    /// What several of it are called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Snapshots => "snapshots",
            Self::Copies => "old versions of documents",
            Self::TicketLog => "rows of the tickets' log",
            Self::ShareLinks => "share links that ended",
            Self::Passes => "passes",
        }
    }

    /// Whether each row has a copy in KV.
    pub fn has_copies(self) -> bool {
        matches!(self, Self::Snapshots | Self::Copies)
    }

    fn table(self) -> &'static str {
        match self {
            Self::Snapshots => "snapshots",
            Self::Copies => "document_copies",
            Self::TicketLog => "ticket_log",
            Self::ShareLinks => "share_links",
            Self::Passes => "passes",
        }
    }

    /// When a row of it was written.
    fn moment(self) -> &'static str {
        match self {
            Self::Snapshots => "taken_at",
            Self::Copies => "written_at",
            Self::TicketLog => "at",
            Self::ShareLinks => "created_at",
            Self::Passes => "queued_at",
        }
    }

    /// SQL of up to `?2` rows after number `?1`; `?3` is now. The row's number comes first.
    fn rows(self) -> String {
        match self {
            Self::Snapshots => "SELECT s.rowid, s.key, s.taken_at, EXISTS (SELECT 1 FROM documents d WHERE d.key = s.key),
                     (SELECT min(n.taken_at) FROM snapshots n WHERE n.connection = s.connection AND n.taken_at > s.taken_at),
                     (SELECT deleted_at FROM connections c WHERE c.id = s.connection)
                 FROM snapshots s WHERE s.rowid > ?1 AND ?3 IS NOT NULL ORDER BY s.rowid LIMIT ?2"
                .to_owned(),
            Self::Copies => "SELECT v.number, v.key, v.written_at, EXISTS (SELECT 1 FROM documents d WHERE d.key = v.key),
                     coalesce((SELECT min(n.written_at) FROM document_copies n
                         WHERE n.name = v.name AND (n.written_at, n.number) > (v.written_at, v.number)),
                         max(v.written_at, coalesce((SELECT max(d.written_at) FROM documents d
                             WHERE substr(d.key, 1, length(v.name) + 1) = v.name || '/'), ''))),
                     (SELECT deleted_at FROM connections c WHERE instr(v.name, c.id) > 0)
                 FROM document_copies v WHERE v.number > ?1 AND ?3 IS NOT NULL
                     AND NOT EXISTS (SELECT 1 FROM snapshots s WHERE s.key = v.key)
                 ORDER BY v.number LIMIT ?2"
                .to_owned(),
            Self::TicketLog => format!(
                "SELECT l.number, l.at,
                     EXISTS (SELECT 1 FROM cases c JOIN ticket_rules r ON r.id = c.rule WHERE c.rule = l.rule AND c.subject = l.subject
                         AND c.rests = 0 AND r.enabled = 1)
                     OR EXISTS (SELECT 1 FROM cases c WHERE c.rule = l.rule AND c.subject = l.subject AND c.open_ticket IS NOT NULL)
                     OR EXISTS (SELECT 1 FROM cases c WHERE c.psa = l.psa AND c.open_ticket = l.ticket)
                     OR EXISTS (SELECT 1 FROM ticket_intents i WHERE i.rule = l.rule AND i.subject = l.subject AND i.{OPEN_OR_PARKED})
                     OR EXISTS (SELECT 1 FROM ticket_intents i WHERE i.id = l.intent AND i.{OPEN_OR_PARKED})
                     OR EXISTS (SELECT 1 FROM findings f WHERE f.rule = l.rule AND f.subject = l.subject)
                 FROM ticket_log l WHERE l.number > ?1 AND ?3 IS NOT NULL ORDER BY l.number LIMIT ?2"
            ),
            Self::ShareLinks => "SELECT rowid, CASE WHEN revoked_at IS NOT NULL THEN min(revoked_at, expires_at)
                     WHEN expires_at <= ?3 THEN expires_at END
                 FROM share_links WHERE rowid > ?1 ORDER BY rowid LIMIT ?2"
                .to_owned(),
            Self::Passes => "SELECT rowid, ended_at, state = 'done'
                 FROM passes WHERE rowid > ?1 AND ?3 IS NOT NULL ORDER BY rowid LIMIT ?2"
                .to_owned(),
        }
    }

    /// Whether a row goes, read from what follows its number; and the key of its copy in KV.
    fn judge(self, horizon: &Horizon, row: &mut Row) -> Result<(bool, Option<String>), StoreError> {
        Ok(match self {
            Self::Snapshots | Self::Copies => {
                let key = row.text()?;
                let version = StoredVersion {
                    taken_at: row.moment()?,
                    is_current: row.integer()? != 0,
                    next: row.optional_moment()?,
                    connection_deleted_at: row.optional_moment()?,
                };
                (horizon.removes_version(&version), Some(key))
            }
            Self::TicketLog => (horizon.removes_log_row(row.moment()?, row.integer()? != 0), None),
            Self::ShareLinks => (horizon.removes_share_link(row.optional_moment()?), None),
            Self::Passes => (horizon.removes_pass(row.optional_moment()?, row.integer()? != 0), None),
        })
    }
}

impl Retained<'_> {
    /// What holds snapshots whatever their age.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn held(&self) -> Result<Held, StoreError> {
        let months = self.0.rows("SELECT period, closed_at FROM months", &[])?;
        let months = months.map(|mut row| Ok(HeldMonth { period: row.word()?, closed_at: row.optional_moment()? }));
        let sql = format!(
            "SELECT json_extract(body, '$.period') FROM intents WHERE {OPEN_OR_PARKED}
             UNION SELECT json_extract(body, '$.period') FROM (SELECT body FROM lines LIMIT 1)"
        );
        let open = self.0.rows(&sql, &[])?.map(|mut row| row.word());
        Ok(Held { months: months.collect::<Result<_, StoreError>>()?, open: open.collect::<Result<_, _>>()? })
    }

    /// Looks at up to `limit` rows of a kind after number `after`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn look(&self, aged: Aged, horizon: &Horizon, now: Timestamp, after: i64, limit: u32) -> Result<Looked, StoreError> {
        let mut looked = Looked::default();
        for mut row in self.0.rows(&aged.rows(), params![after, limit, now])? {
            let number = row.integer()?;
            let (goes, copy) = aged.judge(horizon, &mut row)?;
            looked.over_age.extend(goes.then_some(OverAge { number, copy }));
            looked.rows += 1;
            looked.next = Some(number);
        }
        if looked.rows < limit {
            looked.next = None;
        }
        Ok(looked)
    }

    /// Removes a row that is over age; its copy in KV is gone already.
    ///
    /// # Errors
    /// When SQLite refuses, as the tickets' log does for a row that is younger than the horizon.
    pub fn remove(&self, aged: Aged, horizon: &Horizon, row: &OverAge) -> Result<(), StoreError> {
        let sql = format!("DELETE FROM {} WHERE rowid = ?", aged.table());
        if aged == Aged::TicketLog {
            self.0.run("INSERT OR REPLACE INTO removal (one, log_before) VALUES (1, ?)", params![horizon.ticket_log])?;
            let removed = self.0.run(&sql, params![row.number]);
            self.0.run("DELETE FROM removal", &[])?;
            return removed;
        }
        if let Some(key) = &row.copy {
            self.0.run("DELETE FROM document_copies WHERE key = ?", params![key])?;
        }
        self.0.run(&sql, params![row.number])
    }

    /// How much of a kind is stored, and since when.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn stored(&self, aged: Aged) -> Result<StoredNow, StoreError> {
        let sql = format!("SELECT count(*), min({}) FROM {}", aged.moment(), aged.table());
        let row = self.0.first(&sql, &[])?;
        row.map_or_else(|| Ok(StoredNow::default()), |mut row| Ok(StoredNow { count: row.count()?, oldest: row.optional_moment()? }))
    }
}
