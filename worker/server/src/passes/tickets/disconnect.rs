//! What becomes of rules when the console they watch, or the ConnectWise they open tickets in, is disconnected.

use domain::ids::ConnectionId;
use domain::tickets::TicketRule;

use super::DISCONNECTED;
use crate::passes::drive;
use crate::tenant::{Tenant, TenantError};
use store::ledger::RuleRow;
use store::ports::StoreError;

/// Why a rule without its console is off.
const UNWATCHED: &str = "The rule's ESET connection was deleted, so the rule was switched off.";

/// Why a rule is paused whose ConnectWise connection leads to other tickets than before.
const ELSEWHERE: &str = "The rule's ConnectWise connection leads elsewhere now. Look at where the rule opens tickets, and save it.";

impl Tenant {
    /// Rules that are on and watch a group of this console, or open their tickets in this ConnectWise.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn rules_through(&self, connection: &ConnectionId) -> Result<Vec<RuleRow>, StoreError> {
        let mut rules = self.ledger.ticket_rules().all()?;
        rules.retain(|RuleRow { rule, .. }| rule.enabled && (rule.source.connection() == connection || rule.target.psa == *connection));
        Ok(rules)
    }

    /// Stops the rules of a connection that was just deleted. Without its console a rule is off for good, and what it has not
    /// begun is withdrawn; without its ConnectWise it is paused, goes on watching, and can be given another one. What they know
    /// of devices stays, and so does the log.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn stop_rules_of(&self, connection: &ConnectionId) -> Result<(), TenantError> {
        let now = self.now();
        for row in self.rules_through(connection)? {
            if row.rule.source.connection() != connection {
                self.pause(&row, Some(DISCONNECTED), now)?;
                continue;
            }
            self.ledger.ticket_rules().store(&TicketRule { enabled: false, ..row.rule.clone() }, now)?;
            self.log_rule(&row, "rule_paused", UNWATCHED, now)?;
            for open in self.ledger.ticket_intents().open_of(&row.rule.id)? {
                if open.intent.is_unbegun() {
                    self.forget_ticket(&open, UNWATCHED)?;
                    continue;
                }
                let mut intent = open.intent.clone();
                if intent.withdraw(UNWATCHED, now) {
                    drive::ended(self, &open, &intent, now)?;
                } else {
                    self.ledger.ticket_intents().advance(&open.intent, &intent, now)?;
                }
            }
            self.ledger.ticket_intents().take_up(&row.rule.id)?;
        }
        Ok(())
    }

    /// Takes in that a ConnectWise connection leads elsewhere now: the numbers of its tickets are other people's tickets there. All of
    /// them count as gone, and its rules are paused until somebody has looked at where they open tickets, and saved them.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn lead_elsewhere(&self, psa: &ConnectionId) -> Result<(), TenantError> {
        let now = self.now();
        for mut case in self.ledger.cases().through(psa)? {
            if let Some(ticket) = case.case.ticket.as_ref().map(|ticket| ticket.id) {
                case.case.look_at_ticket(ticket, None, now);
                self.ledger.cases().store(&case)?;
            }
        }
        for row in self.ledger.ticket_intents().held_through(psa)? {
            let mut intent = row.intent.clone();
            intent.leave_behind();
            self.ledger.ticket_intents().advance(&row.intent, &intent, now)?;
        }
        for row in self.ledger.ticket_rules().all()?.into_iter().filter(|row| row.rule.target.psa == *psa) {
            if row.rule.enabled {
                self.pause(&row, Some(ELSEWHERE), now)?;
            } else {
                // It is told when the rule is switched on.
                self.ledger.ticket_rules().keep_trouble(&row, Some(ELSEWHERE))?;
            }
        }
        Ok(())
    }

    /// Takes in that a person has looked at where a rule opens tickets: what kept it waiting for that does not any more.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn place_confirmed(&self, before: &RuleRow) -> Result<(), StoreError> {
        if waits_for_a_look(before) {
            self.ledger.ticket_rules().keep_trouble(before, None)?;
        }
        Ok(())
    }
}

/// Whether a rule is paused until a person has looked at its place and saved it.
pub(crate) fn waits_for_a_look(rule: &RuleRow) -> bool {
    rule.trouble.as_deref() == Some(ELSEWHERE)
}
