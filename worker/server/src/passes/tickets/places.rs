//! Where a ticket is that is there already.

use domain::access::Visibility;
use domain::ids::ConnectionId;
use domain::tickets::TicketTarget;

use egress::ports::Clock;
use store::ledger::{CaseRow, ConnectionRow, Ledger, NewTicketLog};
use store::ports::StoreError;

/// Knows where tickets were opened, and how they are reached now.
#[derive(Clone, Copy)]
pub(super) struct Places<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) clock: &'a dyn Clock,
}

impl Places<'_> {
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
        let now = self.clock.now();
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
}
