//! What the driver is told of intents on tickets: when they are taken up, what is read and what is sent.

use domain::Timestamp;
use domain::ids::{ConnectionId, TicketId};
use domain::tickets::{Choice, Device, DeviceFit, NewConfiguration, NewTicket};
use engine::tickets::{Attachment, DeviceTraits, Look, Receipt, Sighting, TicketActionKind, TicketAnswer, TicketIntent, TicketWrite};
use engine::{MARKER, Settings};
use futures::stream::{self, StreamExt};

use super::UNREACHED;
use super::look::{is_missing, look};
use super::switches::CompaniesOff;
use crate::config::Config;
use crate::passes::CONCURRENCY;
use crate::passes::drive::{self, Executor};
use crate::tenant::{Tenant, TenantError};
use connectwise::Connectwise;
use egress::Outbound;
use store::ledger::TicketIntentRow;
use vendor::VendorError;

/// Calls one intent usually takes: the search, the write and the looks at the ticket with its notes and configurations.
const CALLS_A_TICKET: u32 = 8;

impl Tenant {
    /// Takes up intents that may be claimed, as many as the budget allows. Answers whether there were any.
    pub(in crate::passes) async fn tickets_due(&self, outbound: &Outbound) -> Result<bool, TenantError> {
        let due = drive::due::<TicketIntent>(self, outbound, CALLS_A_TICKET)?;
        if due.is_empty() {
            return Ok(false);
        }
        // Once for all of them: it goes through every company there is.
        let off = self.companies_off_for(&due).await?;
        let mut running = stream::iter(due).map(|row| self.carry_on(row, &off, outbound)).buffer_unordered(CONCURRENCY);
        while let Some(result) = running.next().await {
            result?;
        }
        Ok(true)
    }

    /// Carries one intent on, unless nothing leads to its ticket or it is held back.
    async fn carry_on(&self, row: TicketIntentRow, off: &CompaniesOff, outbound: &Outbound) -> Result<(), TenantError> {
        let mut intent = row.intent.clone();
        let Some(connection) = self.reach(&row.intent.target.psa)? else {
            let now = self.now();
            if intent.strand(UNREACHED, now) {
                drive::ended(self, &row, &intent, now)?;
            }
            return Ok(());
        };
        intent.target.psa = connection.id.clone();
        if self.holds_back(&row, &mut intent, off).await? {
            return Ok(());
        }
        let client = drive::connectwise(self, &connection, outbound)?;
        drive::carry_on(self, &row, intent, client).await
    }

    /// Ends every open intent that would write through a connection, and forgets what was never begun: that is planned anew when
    /// its rule goes on. A run that is at one of them finds it moved.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn abandon_tickets_of(&self, psa: &ConnectionId, words: &str) -> Result<(), TenantError> {
        for row in self.ledger.ticket_intents().open_through(psa)? {
            if row.intent.is_unbegun() && row.intent.action != TicketActionKind::Test {
                self.forget_ticket(&row, words)?;
            } else {
                drive::abandon(self, &row, words)?;
            }
        }
        Ok(())
    }
}

impl Executor for TicketIntent {
    type Client = Connectwise;

    fn times(config: &Config) -> &Settings {
        &config.tickets
    }

    async fn observe(&self, client: &Connectwise) -> Result<Sighting, VendorError> {
        sight(client, self).await
    }

    async fn send(&self, client: &Connectwise, write: TicketWrite) -> TicketAnswer {
        send(client, self, write).await
    }

    fn settle(&self, tenant: &Tenant, row: &TicketIntentRow, now: Timestamp) -> Result<(), TenantError> {
        tenant.settle_ticket(row, self, now)
    }
}

/// The tickets that bear the intent's mark, or the one it names.
async fn sight(client: &Connectwise, intent: &TicketIntent) -> Result<Sighting, VendorError> {
    let Some(ticket) = intent.ticket else {
        let found = client.find_marked(&intent.marker()).await?;
        return Ok(Sighting::Marked(found.into_iter().map(|seen| seen.id).collect()));
    };
    let Some(seen) = client.ticket(ticket).await? else { return Ok(Sighting::Gone) };
    match parts(client, intent, ticket).await {
        Ok((noted, configuration)) => Ok(Sighting::Ticket(Look { noted, configuration, ..look(&seen) })),
        Err(error) if is_missing(&error) => Ok(Sighting::Gone),
        Err(error) => Err(error),
    }
}

/// Whether the note is there, and what there is of the device; each only where it is asked for.
async fn parts(client: &Connectwise, intent: &TicketIntent, ticket: TicketId) -> Result<(bool, Attachment), VendorError> {
    let mark = intent.note_marker();
    let noted = intent.asks_for_note() && client.notes(ticket).await?.iter().any(|text| text.contains(&mark));
    let Some(traits) = intent.device.as_ref().filter(|_| intent.asks_for_configuration()) else {
        return Ok((noted, Attachment::Missing));
    };
    let attached = client.attached(ticket).await?;
    let known = match intent.configuration {
        Some(known) => known,
        None => match client.configurations(intent.company, &device(traits)).await? {
            DeviceFit::One(found) => found.configuration,
            DeviceFit::Nothing => return Ok((noted, Attachment::Missing)),
            DeviceFit::Several => return Ok((noted, Attachment::Several)),
        },
    };
    Ok((noted, if attached.contains(&known) { Attachment::Attached } else { Attachment::Found(known) }))
}

/// Makes one write, once.
async fn send(client: &Connectwise, intent: &TicketIntent, write: TicketWrite) -> TicketAnswer {
    let nothing = |words: &str| TicketAnswer::Refused { words: words.to_owned() };
    let nothing_made = |()| Receipt::Nothing;
    match (write, intent.ticket) {
        (TicketWrite::Create { due }, _) => client.open_ticket(&new_ticket(intent, due)).await.map(Receipt::Ticket),
        (TicketWrite::Configuration, _) => match (&intent.device, intent.target.configuration_type) {
            (Some(traits), Some(kind)) => {
                let filled = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
                let new = NewConfiguration {
                    company: intent.company,
                    kind,
                    name: traits.name.clone(),
                    serial: filled(&traits.serial),
                    mac: filled(&traits.mac),
                    identifier: device(traits).identifier,
                };
                client.create_configuration(&new).await.map(Receipt::Configuration)
            }
            _ => nothing("the rule names no type for it"),
        },
        (_, None) => nothing("there is no ticket"),
        (TicketWrite::Status(status), Some(ticket)) => client.set_status(ticket, status).await.map(nothing_made),
        (TicketWrite::Note(text), Some(ticket)) => client.add_note(ticket, &text, true).await.map(nothing_made),
        (TicketWrite::Attach(configuration), Some(ticket)) => client.attach(ticket, configuration).await.map(nothing_made),
    }
}

/// The ticket that an intent describes.
fn new_ticket(intent: &TicketIntent, due: Option<Timestamp>) -> NewTicket {
    let target = &intent.target;
    NewTicket {
        company: intent.company,
        board: target.board,
        choice: Choice {
            status: Some(target.open_status),
            kind: target.kind,
            subtype: target.subtype,
            item: target.item,
            team: target.team,
        },
        priority: target.priority,
        source: target.source,
        // A contact is a person of one company, which is the one chosen with it.
        contact: target.contact.filter(|_| intent.company == target.catch_all),
        summary: intent.summary.clone(),
        text: intent.text.clone(),
        internal: false,
        marker: intent.marker(),
        due,
    }
}

/// A device as the desk looks for it.
fn device(traits: &DeviceTraits) -> Device {
    let filled = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Device {
        identifier: traits.id.as_ref().map(|id| format!("{MARKER}{id}")),
        serial: filled(&traits.serial),
        macs: filled(&traits.mac).into_iter().chain(traits.more_macs.iter().cloned()).collect(),
        name: traits.name.clone(),
    }
}
