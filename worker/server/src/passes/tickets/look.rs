//! Open tickets, looked at: what people have made of them meanwhile.

use std::collections::BTreeMap;

use domain::access::Visibility;
use domain::ids::{ConnectionId, IntentId, TicketId};
use domain::tickets::SeenTicket;
use engine::tickets::{Look, TicketActionKind};

use super::places::Places;
use super::{Cursor, Stage, Step};
use crate::tenant::TenantError;
use connectwise::Connectwise;
use store::ledger::{CaseRow, NewTicketLog, TicketIntentRow};
use store::ports::StoreError;
use vendor::VendorError;

/// Tickets looked at in one step, which is one call.
const AT_ONCE: u32 = 100;

/// Looks at open tickets.
pub(super) struct OpenTickets<'a> {
    pub(super) step: Step<'a>,
    pub(super) places: Places<'a>,
}

impl OpenTickets<'_> {
    /// Looks at the next open tickets. A list lags behind, so that a ticket is closed or gone is only believed when it says so
    /// itself.
    pub(super) async fn look(&self, cursor: &mut Cursor) -> Result<(), TenantError> {
        let mut tickets = self.step.ledger.cases().open_tickets(&self.step.connection.id, cursor.looked_at.as_ref(), AT_ONCE)?;
        let Some(psa) = tickets.first().map(|(psa, _)| psa.clone()) else {
            cursor.stage = Stage::Desk;
            return Ok(());
        };
        tickets.retain(|(of, _)| *of == psa);
        let ids: Vec<TicketId> = tickets.iter().map(|(_, ticket)| *ticket).collect();
        // Of a connection that was deleted and made anew the tickets are still there.
        let through = self.places.reach(&psa)?.map_or_else(|| psa.clone(), |connection| connection.id);
        let looked = match self.step.desk(&through) {
            Ok(client) => self.look_through(&client, &psa, &ids).await,
            Err(trouble) => Err(trouble),
        };
        match looked {
            Ok(()) => cursor.looked_at = tickets.pop(),
            Err(TenantError::Store(error)) => return Err(error.into()),
            Err(TenantError::Vendor(error)) if error.is_budget() => return Err(error.into()),
            Err(trouble) => {
                // What was known of these tickets stands; whatever is done about one looks at it first.
                self.step.note_trouble(&format!("Open tickets could not be looked at: {trouble}"))?;
                cursor.looked_at = Some((psa, TicketId(i64::MAX >> 11)));
            }
        }
        Ok(())
    }

    async fn look_through(&self, client: &Connectwise, psa: &ConnectionId, ids: &[TicketId]) -> Result<(), TenantError> {
        let listed = client.tickets(ids).await?;
        for id in ids {
            let of_list = listed.iter().find(|seen| seen.id == *id);
            if self.stands(psa, *id, of_list)?.values().all(|open| *open == Some(true)) {
                continue;
            }
            let itself = client.ticket(*id).await?;
            let stands = self.stands(psa, *id, itself.as_ref())?;
            for case in self.step.ledger.cases().of_ticket(psa, *id)? {
                if let Some(open) = stands.get(&case.opened_by).filter(|open| **open != Some(true)) {
                    self.take_in(case, *id, itself.as_ref(), *open)?;
                }
            }
        }
        Ok(())
    }

    /// Whether a ticket is open by the place each of its cases' intents opened it on; none when it is gone.
    fn stands(
        &self,
        psa: &ConnectionId,
        ticket: TicketId,
        seen: Option<&SeenTicket>,
    ) -> Result<BTreeMap<Option<IntentId>, Option<bool>>, StoreError> {
        let mut stands = BTreeMap::new();
        for opener in self.step.ledger.cases().openers_of_ticket(psa, ticket)? {
            let opened = opener
                .as_ref()
                .map(|intent| self.step.ledger.ticket_intents().find(intent, &Visibility::Everything))
                .transpose()?
                .flatten();
            let rule = opened.as_ref().map(|row| self.step.ledger.ticket_rules().find(&row.intent.rule)).transpose()?.flatten();
            let place = opened.map(|row| self.places.placed(&row.intent.target, rule.as_ref().map(|rule| &rule.rule.target)));
            let place = place.transpose()?.flatten();
            let open = seen.map(|seen| place.map_or(!seen.closed, |place| look(seen).is_open(&place)));
            stands.insert(opener, open);
        }
        Ok(stands)
    }

    fn take_in(&self, mut row: CaseRow, id: TicketId, seen: Option<&SeenTicket>, open: Option<bool>) -> Result<(), StoreError> {
        // What we have begun to close is not said to be somebody's doing: the intent says what became of it.
        let closing = |of: &TicketIntentRow| of.intent.action == TicketActionKind::Close && of.intent.ticket == Some(id);
        if self.step.ledger.ticket_intents().open_of(&row.rule)?.iter().any(closing) {
            return Ok(());
        }
        let now = self.step.clock.now();
        let closed_at = seen.and_then(|seen| seen.closed_at).unwrap_or(now);
        row.case.look_at_ticket(id, open, closed_at);
        row.looked_at = Some(now);
        self.step.ledger.cases().store(&row)?;
        let (event, words) = match open {
            None => ("ticket_gone", "The ticket was deleted in ConnectWise, or the API member may not see it any more."),
            Some(_) => ("closed_by_person", "Somebody closed the ticket in ConnectWise. It stays closed until the device enters anew."),
        };
        let rule = self.step.ledger.ticket_rules().find(&row.rule)?;
        self.step.ledger.ticket_log().add(
            &NewTicketLog {
                rule: Some(&row.rule),
                rule_name: rule.as_ref().map_or("", |rule| &rule.rule.name),
                subject: &row.subject,
                device: &row.name,
                group: row.company.as_ref(),
                event,
                words,
                ticket: Some(id),
                psa: row.psa.as_ref(),
                ..NewTicketLog::default()
            },
            now,
        )
    }
}

/// A ticket as the engine looks at it, without what only some intents ask for.
pub(super) fn look(seen: &SeenTicket) -> Look {
    Look {
        id: seen.id,
        board: seen.board,
        status: seen.status,
        closed: seen.closed,
        closed_at: seen.closed_at,
        noted: false,
        configuration: engine::tickets::Attachment::Missing,
    }
}

/// Whether it says that there is no such thing, and not that it could not be asked.
pub(super) fn is_missing(error: &VendorError) -> bool {
    matches!(error, VendorError::NotFound { .. })
}
