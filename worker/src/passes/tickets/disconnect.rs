//! What becomes of rules when the console they watch, or the ConnectWise they open tickets in, is disconnected.

use shared::ids::ConnectionId;
use shared::tickets::TicketRule;

use super::DISCONNECTED;
use crate::ledger::RuleRow;
use crate::ports::StoreError;
use crate::tenant::{Tenant, Trouble};

/// Why a rule without its console is off.
const UNWATCHED: &str = "The rule's ESET connection was deleted, so the rule was switched off.";

impl Tenant {
    /// Rules that are on and watch a group of this console, or open their tickets in this ConnectWise.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn rules_through(&self, connection: &ConnectionId) -> Result<Vec<RuleRow>, StoreError> {
        let mut rules = self.ledger.ticket_rules()?;
        rules.retain(|RuleRow { rule, .. }| rule.enabled && (rule.source.connection() == connection || rule.target.psa == *connection));
        Ok(rules)
    }

    /// Stops the rules of a connection that was just deleted. Without its console a rule is off for good, and what it has not
    /// begun is withdrawn; without its ConnectWise it is paused, goes on watching, and can be given another one. What they know
    /// of devices stays, and so does the log.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn stop_rules_of(&self, connection: &ConnectionId) -> Result<(), Trouble> {
        let now = self.now();
        for row in self.rules_through(connection)? {
            if row.rule.source.connection() != connection {
                self.pause(&row, Some(DISCONNECTED), now)?;
                continue;
            }
            self.ledger.store_ticket_rule(&TicketRule { enabled: false, ..row.rule.clone() }, now)?;
            self.log_rule(&row, "rule_paused", UNWATCHED, now)?;
            for open in self.ledger.open_tickets_of(&row.rule.id)? {
                let mut intent = open.intent.clone();
                let over = intent.withdraw(UNWATCHED, now);
                if self.ledger.move_ticket(&open.intent, &intent, now)? && over {
                    self.settle_ticket(&open, &intent, now)?;
                }
            }
            self.ledger.take_up_tickets(&row.rule.id)?;
        }
        Ok(())
    }
}
