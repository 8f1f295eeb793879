//! Tickets with a mark of Seatbridge that are not this ledger's: another install opened them.

use std::collections::BTreeSet;

use domain::ids::TicketId;
use engine::tickets::TicketIntent;

use super::super::Database;
use super::super::row::params;
use crate::ports::StoreError;

/// Tickets of other installs that a person knows of.
#[derive(Clone, Copy)]
pub struct OtherTickets<'a>(pub(in super::super) &'a Database);

impl OtherTickets<'_> {
    /// Which of these marked tickets are another install's: neither the log nor a case nor an intent knows the ticket, no intent
    /// without a ticket has its mark, and no person knows of it. The connection is not asked: one that was made anew leads to the
    /// same tickets.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn unknown(&self, seen: &[(TicketId, &str)]) -> Result<Vec<TicketId>, StoreError> {
        let ids: Vec<i64> = seen.iter().map(|(ticket, _)| ticket.0).collect();
        let listed = serde_json::to_string(&ids).map_err(|error| StoreError(error.to_string()))?;
        let told = "SELECT value FROM json_each(?1) WHERE NOT EXISTS (SELECT 1 FROM ticket_log WHERE ticket = value)
            AND NOT EXISTS (SELECT 1 FROM other_tickets WHERE ticket = value)";
        let mut unknown: BTreeSet<i64> = self.0.gather(told, params![listed], |mut row| row.integer())?.into_iter().collect();
        if unknown.is_empty() {
            return Ok(Vec::new());
        }
        let held = "SELECT json_extract(body, '$.ticket.id') FROM cases UNION SELECT json_extract(body, '$.ticket') FROM ticket_intents";
        for known in self.0.gather(held, &[], |mut row| row.optional_integer())?.into_iter().flatten() {
            unknown.remove(&known);
        }
        let unanswered = "SELECT body FROM ticket_intents WHERE json_extract(body, '$.ticket') IS NULL";
        let intents: Vec<TicketIntent> = self.0.gather(unanswered, &[], |mut row| row.json())?;
        let marks: BTreeSet<String> = intents.iter().map(TicketIntent::marker).collect();
        let ours = |mark: &str| marks.contains(&mark.to_ascii_lowercase());
        Ok(seen.iter().filter(|(ticket, mark)| unknown.contains(&ticket.0) && !ours(mark)).map(|(ticket, _)| *ticket).collect())
    }

    /// Takes in that a person knows of all marked tickets that look-only mode found.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn accept_found(&self) -> Result<(), StoreError> {
        self.0.run("INSERT OR IGNORE INTO other_tickets (ticket, psa) SELECT ticket, psa FROM look_only_tickets", &[])
    }
}
