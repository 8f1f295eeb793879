//! Companies for whose devices no tickets are opened.

use std::collections::BTreeMap;

use contract::companies::TicketsOff;
use domain::Timestamp;
use domain::billing::Member;
use domain::ids::{ConnectionId, EsetCompanyId};

use super::super::Database;
use super::super::row::params;
use crate::ports::StoreError;

/// Companies for whose devices no tickets are opened.
#[derive(Clone, Copy)]
pub struct TicketSwitches<'a>(pub(in super::super) &'a Database);

impl TicketSwitches<'_> {
    /// Every company whose tickets are switched off, by whom and when.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn off(&self) -> Result<BTreeMap<Member, TicketsOff>, StoreError> {
        let rows = self.0.gather("SELECT connection, company, by_whom, at FROM tickets_off", &[], |mut row| {
            let member = Member { connection: ConnectionId(row.text()?), company: EsetCompanyId(row.text()?) };
            Ok((member, TicketsOff { by: row.text()?, at: row.moment()? }))
        })?;
        Ok(rows.into_iter().collect())
    }

    /// Switches a company's tickets off.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn switch_off(&self, member: &Member, by: &str, now: Timestamp) -> Result<(), StoreError> {
        self.0.run(
            "INSERT OR IGNORE INTO tickets_off (connection, company, by_whom, at) VALUES (?, ?, ?, ?)",
            params![member.connection.as_str(), member.company.as_str(), by, now],
        )
    }

    /// Switches them on again.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn switch_on(&self, member: &Member) -> Result<(), StoreError> {
        self.0.run(
            "DELETE FROM tickets_off WHERE connection = ? AND company = ?",
            params![member.connection.as_str(), member.company.as_str()],
        )
    }
}
