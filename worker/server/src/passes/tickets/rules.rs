//! What becomes of rules and of what they have planned: when they are paused, given another place, or lose a connection.

use domain::Timestamp;
use domain::ids::{BoardId, ConnectionId, TicketId};
use domain::tickets::TicketRule;
use engine::tickets::{TicketActionKind, TicketIntent};

use super::DISCONNECTED;
use super::desk::last_look;
use crate::passes::SCHEDULE;
use crate::passes::drift::DriftWatch;
use crate::passes::drive::Driver;
use egress::ports::Clock;
use store::ledger::{Ledger, NewTicketLog, RuleRow, TicketIntentRow};
use store::ports::StoreError;

/// Why a rule without its console is off.
const UNWATCHED: &str = "The rule's ESET connection was deleted, so the rule was switched off.";

/// Why a rule is paused whose ConnectWise connection leads to other tickets than before.
const ELSEWHERE: &str = "The rule's ConnectWise connection leads elsewhere now. Look at where the rule opens tickets, and save it.";

/// Why a rule is paused on whose board another install opens tickets; the ticket follows.
const BESIDE_ANOTHER: &str = "Another Seatbridge opens tickets on the rule's board, and if it watches the same devices each of them gets two. Switch \
     one of the two off, or save the rule here: then the board counts as shared. Its last ticket is";

/// Pauses rules and lets them go on, and takes back what they have planned and not begun.
#[derive(Clone, Copy)]
pub struct RuleKeeper<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) clock: &'a dyn Clock,
    pub(super) drift: DriftWatch<'a>,
    pub(super) driver: Driver<'a>,
}

impl RuleKeeper<'_> {
    /// Keeps why nothing is opened for a rule, and tells it in the log and the drift centre when that is new.
    pub(super) fn pause(&self, row: &RuleRow, trouble: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
        if !self.ledger.ticket_rules().keep_trouble(row, trouble)? {
            return Ok(());
        }
        let (event, words) = match trouble {
            Some(words) => ("rule_paused", words),
            None => ("rule_resumed", "What kept it from opening tickets is gone."),
        };
        self.log(row, event, words, now)?;
        self.drift.look_at_rules(SCHEDULE)
    }

    /// Adds a row about a rule to the tickets' log.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn log(&self, row: &RuleRow, event: &str, words: &str, now: Timestamp) -> Result<(), StoreError> {
        let (rule, psa) = (Some(&row.rule.id), Some(&row.rule.target.psa));
        self.ledger.ticket_log().add(&NewTicketLog { rule, rule_name: &row.rule.name, event, words, psa, ..NewTicketLog::default() }, now)
    }

    /// Rules that are on and watch a group of this console, or open their tickets in this ConnectWise.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn through(&self, connection: &ConnectionId) -> Result<Vec<RuleRow>, StoreError> {
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
    pub fn stop_through(&self, connection: &ConnectionId) -> Result<(), StoreError> {
        let now = self.clock.now();
        for row in self.through(connection)? {
            if row.rule.source.connection() != connection {
                self.pause(&row, Some(DISCONNECTED), now)?;
                continue;
            }
            self.ledger.ticket_rules().store(&TicketRule { enabled: false, ..row.rule.clone() }, now)?;
            self.log(&row, "rule_paused", UNWATCHED, now)?;
            for open in self.ledger.ticket_intents().open_of(&row.rule.id)? {
                if open.intent.is_unbegun() {
                    self.forget(&open, UNWATCHED)?;
                    continue;
                }
                let mut intent = open.intent.clone();
                if intent.withdraw(UNWATCHED, now) {
                    self.driver.end(&open, &intent, now)?;
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
    pub fn lead_elsewhere(&self, psa: &ConnectionId) -> Result<(), StoreError> {
        let now = self.clock.now();
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
        if !is_beside_another(before) {
            if waits_for_a_look(before) {
                self.ledger.ticket_rules().keep_trouble(before, None)?;
            }
            return Ok(());
        }
        let board = place_of(before);
        self.ledger.meta().keep_moment(&shared(&board), Some(self.clock.now()))?;
        let mut alike = self.ledger.ticket_rules().all()?;
        alike.retain(|row| is_beside_another(row) && place_of(row) == board);
        alike.iter().try_for_each(|row| self.ledger.ticket_rules().keep_trouble(row, None).map(drop))
    }

    /// Ends every open intent that would write through a connection, and forgets what was never begun: that is planned anew when
    /// its rule goes on. A run that is at one of them finds it moved.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn abandon_through(&self, psa: &ConnectionId, words: &str) -> Result<(), StoreError> {
        for row in self.ledger.ticket_intents().open_through(psa)? {
            if row.intent.is_unbegun() && row.intent.action != TicketActionKind::Test {
                self.forget(&row, words)?;
            } else {
                self.driver.abandon(&row, words)?;
            }
        }
        Ok(())
    }

    /// Takes in that a person gave a rule another place: what it has planned and not begun is forgotten, and the next pass plans it
    /// anew, for the place and the company it has then. An intent's id says what is done, so nothing is done twice by that.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn plan_anew(&self, rule: &TicketRule) -> Result<(), StoreError> {
        let now = self.clock.now();
        for row in self.ledger.ticket_intents().open_of(&rule.id)?.into_iter().filter(|row| row.intent.is_unbegun()) {
            if row.intent.action == TicketActionKind::Test {
                let moved = TicketIntent { company: rule.target.catch_all, ..row.intent.clone().on(rule.target.clone()) };
                self.ledger.ticket_intents().advance(&row.intent, &moved, now)?;
            } else {
                self.ledger.ticket_intents().forget(&row.intent.id)?;
            }
        }
        self.look_again(rule)
    }

    /// Lets what a rule has put off be looked at again, and the next pass look at the rule's place.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn look_again(&self, rule: &TicketRule) -> Result<(), StoreError> {
        self.ledger.meta().keep_moment(&last_look(&(rule.target.psa.clone(), rule.target.board)), None)?;
        self.ledger.ticket_intents().take_up(&rule.id)
    }

    /// Forgets an intent that was never begun, and says in the log why.
    fn forget(&self, row: &TicketIntentRow, words: &str) -> Result<(), StoreError> {
        self.ledger.ticket_intents().forget(&row.intent.id)?;
        let told = NewTicketLog {
            rule: Some(&row.intent.rule),
            rule_name: &row.labels.rule,
            subject: &row.intent.subject,
            device: &row.labels.device,
            company: &row.labels.company,
            group: row.labels.group.as_ref(),
            event: "withdrawn",
            words,
            ticket: row.intent.ticket,
            psa: Some(&row.intent.target.psa),
            ..NewTicketLog::default()
        };
        self.ledger.ticket_log().add(&told, self.clock.now())
    }
}

/// Whether a rule is paused until a person has looked at its place and saved it.
pub(crate) fn waits_for_a_look(rule: &RuleRow) -> bool {
    rule.trouble.as_deref() == Some(ELSEWHERE) || is_beside_another(rule)
}

fn is_beside_another(rule: &RuleRow) -> bool {
    rule.trouble.as_deref().is_some_and(|words| words.starts_with(BESIDE_ANOTHER))
}

/// Why a rule is paused beside another install that opened this ticket.
pub(super) fn beside_another(ticket: TicketId) -> String {
    format!("{BESIDE_ANOTHER} {ticket}.")
}

/// The board a rule opens its tickets on.
pub(super) fn place_of(RuleRow { rule, .. }: &RuleRow) -> (ConnectionId, BoardId) {
    (rule.target.psa.clone(), rule.target.board)
}

/// Where it is kept since when a person knows that another install opens tickets on a board.
pub(super) fn shared((psa, board): &(ConnectionId, BoardId)) -> String {
    format!("shared-board/{psa}/{board}")
}
