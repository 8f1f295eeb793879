//! Look-only mode: why and since when nothing is written, and what was found in ConnectWise meanwhile.

use std::collections::BTreeSet;

use contract::look_only::LookOnlyCause;
use domain::Timestamp;
use domain::ids::{ConnectionId, TicketId};

use super::Database;
use super::row::{params, word};
use crate::ports::StoreError;

/// The mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookOnlyRow {
    /// Why.
    pub cause: LookOnlyCause,
    /// The last moment the ledger knew of.
    pub point: Timestamp,
    /// Since when.
    pub since: Timestamp,
    /// What it was noticed by, if by something outside of the ledger.
    pub evidence: Option<String>,
    /// When everything was asked to be read anew.
    pub asked_at: Option<Timestamp>,
}

/// What came of looking for a connection's open tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskRead {
    /// The ConnectWise connection.
    pub psa: ConnectionId,
    /// When they were read.
    pub read_at: Option<Timestamp>,
    /// When it was last tried.
    pub tried_at: Timestamp,
    /// Why they could not be.
    pub trouble: Option<String>,
}

/// Look-only mode.
#[derive(Clone, Copy)]
pub struct LookOnlyStore<'a>(pub(super) &'a Database);

impl LookOnlyStore<'_> {
    /// The mode, when nothing is to be written.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn current(&self) -> Result<Option<LookOnlyRow>, StoreError> {
        let row = self.0.first("SELECT cause, point, since, evidence, asked_at FROM look_only", &[])?;
        row.map(|mut row| {
            let (cause, point, since) = (row.word()?, row.moment()?, row.moment()?);
            Ok(LookOnlyRow { cause, point, since, evidence: row.optional_text()?, asked_at: row.optional_moment()? })
        })
        .transpose()
    }

    /// Begins the mode, or begins it anew because of something that was not known when it began: what was read until then may not show
    /// what was written meanwhile. Returns whether it did.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn begin(&self, cause: LookOnlyCause, point: Timestamp, evidence: Option<&str>, now: Timestamp) -> Result<bool, StoreError> {
        let known = self.current()?;
        if known.is_some_and(|known| evidence.is_none() || known.evidence.as_deref() == evidence) {
            return Ok(false);
        }
        self.end()?;
        self.0.run(
            "INSERT INTO look_only (one, cause, point, since, evidence) VALUES (1, ?, ?, ?, ?)",
            params![word(&cause), point, now, evidence],
        )?;
        Ok(true)
    }

    /// Notes that everything was asked to be read anew.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_asked(&self, now: Timestamp) -> Result<(), StoreError> {
        self.0.run("UPDATE look_only SET asked_at = ?", params![now])
    }

    /// Ends the mode, and forgets what was found in it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn end(&self) -> Result<(), StoreError> {
        self.0.run("DELETE FROM look_only", &[])?;
        self.0.run("DELETE FROM look_only_desks", &[])?;
        self.0.run("DELETE FROM look_only_tickets", &[])
    }

    /// What came of looking for open tickets.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn desks(&self) -> Result<Vec<DeskRead>, StoreError> {
        let rows = self.0.rows("SELECT psa, read_at, tried_at, trouble FROM look_only_desks ORDER BY psa", &[])?;
        rows.map(|mut row| {
            Ok(DeskRead {
                psa: ConnectionId(row.text()?),
                read_at: row.optional_moment()?,
                tried_at: row.moment()?,
                trouble: row.optional_text()?,
            })
        })
        .collect()
    }

    /// Keeps a connection's open tickets with our mark, in place of those that were read before.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn keep_tickets(&self, psa: &ConnectionId, tickets: &[TicketId], now: Timestamp) -> Result<(), StoreError> {
        self.0.run("DELETE FROM look_only_tickets WHERE psa = ?", params![psa.as_str()])?;
        for ticket in tickets {
            self.0.run("INSERT OR IGNORE INTO look_only_tickets (psa, ticket) VALUES (?, ?)", params![psa.as_str(), ticket.0])?;
        }
        self.note_desk(psa, Some(now), None, now)
    }

    /// Notes why a connection's open tickets could not be read.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_unread(&self, psa: &ConnectionId, trouble: &str, now: Timestamp) -> Result<(), StoreError> {
        self.note_desk(psa, None, Some(trouble), now)
    }

    fn note_desk(&self, psa: &ConnectionId, read: Option<Timestamp>, trouble: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
        self.0.run(
            "INSERT INTO look_only_desks (psa, read_at, tried_at, trouble) VALUES (?, ?, ?, ?) ON CONFLICT (psa) DO UPDATE SET
             read_at = excluded.read_at, tried_at = excluded.tried_at, trouble = excluded.trouble",
            params![psa.as_str(), read, now, trouble],
        )
    }

    /// Open tickets with our mark that no case and no intent names.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn unknown_tickets(&self) -> Result<Vec<(ConnectionId, TicketId)>, StoreError> {
        let known = "SELECT json_extract(body, '$.ticket.id') FROM cases UNION SELECT json_extract(body, '$.ticket') FROM ticket_intents";
        let known: BTreeSet<Option<i64>> = self.0.gather(known, &[], |mut row| row.optional_integer())?.into_iter().collect();
        let found = self.0.gather("SELECT psa, ticket FROM look_only_tickets ORDER BY psa, ticket", &[], |mut row| {
            Ok((ConnectionId(row.text()?), TicketId(row.integer()?)))
        })?;
        Ok(found.into_iter().filter(|(_, ticket)| !known.contains(&Some(ticket.0))).collect())
    }
}
