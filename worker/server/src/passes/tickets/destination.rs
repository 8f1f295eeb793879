//! Where a ticket is that is there already, and what becomes of what is planned when the place of its rule changes.

use domain::access::Visibility;
use domain::ids::{ConnectionId, PsaCompanyId};
use domain::tickets::{TicketRule, TicketTarget};
use engine::tickets::{TicketActionKind, TicketIntent};

use super::desk::last_look;
use crate::tenant::{Tenant, TenantError};
use store::ledger::{CaseRow, ConnectionRow, NewTicketLog, RuleRow, TicketIntentRow};
use store::ports::StoreError;

impl Tenant {
    /// The connection that what was made through `psa` is reached by: that one, or when it was deleted another one that leads to the
    /// same ConnectWise. None when nothing leads there any more.
    pub(super) fn reach(&self, psa: &ConnectionId) -> Result<Option<ConnectionRow>, StoreError> {
        if let Some(connection) = self.ledger.connections().find(psa)? {
            return Ok(Some(connection));
        }
        let Some(gone) = self.ledger.connections().find_ever(psa)? else { return Ok(None) };
        let place = gone.place();
        Ok(self.ledger.connections().all()?.into_iter().find(|other| other.kind == gone.kind && other.place() == place))
    }

    /// Where something is done to a ticket that was opened at `opened`: there, wherever its rule opens them now. As long as that is
    /// the same board the rule's own statuses count: a person may have repaired them. None when nothing leads there any more.
    pub(super) fn placed(&self, opened: &TicketTarget, rule: Option<&TicketTarget>) -> Result<Option<TicketTarget>, StoreError> {
        let Some(connection) = self.reach(&opened.psa)? else { return Ok(None) };
        let own = rule.filter(|rule| rule.psa == connection.id && rule.board == opened.board);
        Ok(Some(own.cloned().unwrap_or_else(|| TicketTarget { psa: connection.id, ..opened.clone() })))
    }

    /// Where the ticket of a case was opened; none when nobody knows.
    pub(super) fn opened_at(&self, case: &CaseRow) -> Result<Option<TicketTarget>, StoreError> {
        let opener =
            case.opened_by.as_ref().map(|id| self.ledger.ticket_intents().find(id, &Visibility::Everything)).transpose()?.flatten();
        Ok(opener.map(|opener| opener.intent.target))
    }

    /// Lets go of a case's ticket that nothing leads to any more. What the device does next gets another one.
    pub(super) fn let_go(&self, case: &mut CaseRow, words: &str) -> Result<(), StoreError> {
        let now = self.now();
        let Some(ticket) = case.case.ticket.as_ref().map(|ticket| ticket.id) else { return Ok(()) };
        case.case.look_at_ticket(ticket, None, now);
        self.ledger.cases().store(case)?;
        let rule = self.ledger.ticket_rules().find(&case.rule)?;
        let told = NewTicketLog {
            rule: Some(&case.rule),
            rule_name: rule.as_ref().map_or("", |rule| &rule.rule.name),
            subject: &case.subject,
            device: &case.name,
            group: case.company.as_ref(),
            event: "ticket_gone",
            words,
            ticket: Some(ticket),
            psa: case.psa.as_ref(),
            ..NewTicketLog::default()
        };
        self.ledger.ticket_log().add(&told, now)
    }

    /// Takes in that a person gave a rule another place: what it has planned and not begun is forgotten, and the next pass plans it
    /// anew, for the place and the company it has then. An intent's id says what is done, so nothing is done twice by that.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn plan_tickets_anew(&self, rule: &TicketRule) -> Result<(), StoreError> {
        let now = self.now();
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
    pub(super) fn forget_ticket(&self, row: &TicketIntentRow, words: &str) -> Result<(), StoreError> {
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
        self.ledger.ticket_log().add(&told, self.now())
    }

    /// Takes a failed or parked intent up again, because a person asks for it. A ticket that was never begun goes where the rule
    /// opens them now, for the company that it would be for now; what is done to a ticket is done where that is. Answers whether it
    /// was one.
    ///
    /// # Errors
    /// When what says which company it is for cannot be read, or SQLite refuses.
    pub async fn retry_ticket(&self, row: &TicketIntentRow, rule: Option<&RuleRow>) -> Result<bool, TenantError> {
        let now = self.now();
        let mut intent = row.intent.clone();
        if self.reach(&intent.target.psa)?.is_none() {
            intent.leave_behind();
        }
        if !intent.reopen(now, &self.config.tickets) {
            return Ok(false);
        }
        let Some(rule) = rule else { return Ok(self.ledger.ticket_intents().advance(&row.intent, &intent, now)?) };
        if !intent.action.creates() {
            if let Some(place) = self.placed(&intent.target, Some(&rule.rule.target))? {
                intent = intent.on(place);
            }
        } else if intent.ticket.is_none() && !intent.is_on_its_way() {
            let company = self.company_now(&intent, rule).await?;
            intent = TicketIntent { company, ..intent.on(rule.rule.target.clone()) };
        }
        Ok(self.ledger.ticket_intents().advance(&row.intent, &intent, now)?)
    }

    /// The company that a ticket is for as things are now.
    async fn company_now(&self, intent: &TicketIntent, rule: &RuleRow) -> Result<PsaCompanyId, TenantError> {
        let cases = self.cases_of(intent)?;
        // A ticket for many companies is for none of them.
        let Some(first) = cases.first().filter(|first| cases.iter().all(|case| case.company == first.company)) else {
            return Ok(rule.rule.target.catch_all);
        };
        let groups = self.groups_read(&rule.rule).await?;
        Ok(self.company(rule, first, &self.companies(&groups).await?))
    }
}
