//! What is queued: what a person asks for, and what is due by the clock.

use contract::passes::PassKind;
use domain::Timestamp;
use domain::connections::ConnectionKind;
use domain::ids::PassId;
use engine::{due, due_again};

use super::{SCHEDULE, resting};
use crate::tenant::Tenant;
use store::ledger::{ConnectionRow, PassRow};
use store::ports::StoreError;

impl Tenant {
    /// Queues reading everything, and then billing, because a person asked for it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn queue_everything(&self, by: &str) -> Result<Vec<PassRow>, StoreError> {
        let now = self.now();
        let mut queued = Vec::new();
        for connection in self.ledger.connections().all()? {
            self.ledger.meta().keep_moment(&resting(&connection), None)?;
            queued.push(self.queue(reading(connection.kind), Some(&connection), by, now)?);
        }
        queued.extend(self.queue_tickets(by)?);
        queued.push(self.queue(PassKind::Billing, None, by, now)?);
        Ok(queued)
    }

    /// Queues looking at every group that a ticket rule watches, because a person asked for it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn queue_tickets(&self, by: &str) -> Result<Vec<PassRow>, StoreError> {
        let now = self.now();
        let mut queued = Vec::new();
        for connection in self.ledger.connections().all()? {
            if !self.ledger.ticket_rules().enabled_of(&connection.id)?.is_empty() {
                self.ledger.meta().keep_moment(&resting(&connection), None)?;
                queued.push(self.queue(PassKind::Tickets, Some(&connection), by, now)?);
            }
        }
        Ok(queued)
    }

    /// Queues planning and committing, because a person asked for it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn queue_billing(&self, by: &str) -> Result<Vec<PassRow>, StoreError> {
        Ok(vec![self.queue(PassKind::Billing, None, by, self.now())?])
    }

    pub(super) fn queue(
        &self,
        kind: PassKind,
        connection: Option<&ConnectionRow>,
        by: &str,
        now: Timestamp,
    ) -> Result<PassRow, StoreError> {
        self.ledger.passes().queue(&PassId(self.new_id()), kind, connection.map(|connection| &connection.id), by, now)
    }

    pub(super) fn queue_due(&self, now: Timestamp) -> Result<(), StoreError> {
        let connections = self.ledger.connections().all()?;
        if connections.is_empty() {
            return Ok(());
        }
        let last_billing = self.ledger.passes().last_finished(PassKind::Billing, None)?;
        for connection in &connections {
            if self.is_resting(connection, now)? {
                continue;
            }
            let kind = reading(connection.kind);
            let last = self.ledger.passes().last_finished(kind, Some(&connection.id))?;
            let wanted = match kind {
                PassKind::Sync | PassKind::Groups => {
                    let partial = self.ledger.passes().partial_in_a_row(kind, &connection.id)?;
                    due(now, last, None).sync || partial.is_some_and(|(count, ended)| due_again(now, count, ended))
                }
                _ => due(now, None, last).billing,
            };
            if wanted {
                self.queue(kind, Some(connection), SCHEDULE, now)?;
            }
            let last = self.ledger.passes().last_finished(PassKind::Tickets, Some(&connection.id))?;
            if due(now, None, last).billing && !self.ledger.ticket_rules().enabled_of(&connection.id)?.is_empty() {
                self.queue(PassKind::Tickets, Some(connection), SCHEDULE, now)?;
            }
        }
        if due(now, None, last_billing).billing {
            self.queue(PassKind::Billing, None, SCHEDULE, now)?;
        }
        Ok(())
    }
}

fn reading(kind: ConnectionKind) -> PassKind {
    match kind {
        ConnectionKind::Ema2 => PassKind::Sync,
        ConnectionKind::Connect | ConnectionKind::Onprem => PassKind::Groups,
        ConnectionKind::Connectwise => PassKind::Read,
    }
}
