//! What the driver is told of intents on tickets: when they are taken up, what is read and what is sent.

use domain::Timestamp;
use domain::ids::TicketId;
use domain::tickets::{Choice, Device, DeviceFit, NewConfiguration, NewTicket};
use engine::tickets::{Attachment, DeviceTraits, Look, Receipt, Sighting, TicketAnswer, TicketIntent, TicketWrite};
use engine::{MARKER, Settings};
use futures::stream::{self, StreamExt};

use super::UNREACHED;
use super::look::{is_missing, look};
use super::plan::Planner;
use super::settle::settled;
use super::switches::{CompaniesOff, companies_off_for};
use crate::clients::Clients;
use crate::config::Config;
use crate::passes::CONCURRENCY;
use crate::passes::drive::{Driver, Executor};
use crate::tenant::TenantError;
use connectwise::Connectwise;
use egress::Outbound;
use egress::ports::Clock;
use store::ledger::{Ledger, TicketIntentRow};
use store::ports::StoreError;
use vendor::VendorError;

/// Calls one intent usually takes: the search, the write and the looks at the ticket with its notes and configurations.
const CALLS_A_TICKET: u32 = 8;

/// Carries out what is planned about tickets.
#[derive(Clone, Copy)]
pub struct TicketCommits<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) clock: &'a dyn Clock,
    pub(super) clients: Clients<'a>,
    pub(super) driver: Driver<'a>,
    pub(super) planner: Planner<'a>,
}

impl TicketCommits<'_> {
    /// Takes up intents that may be claimed, as many as the budget allows. Answers whether there were any.
    pub(in crate::passes) async fn take_up_due(&self, outbound: &Outbound) -> Result<bool, TenantError> {
        let due = self.driver.due::<TicketIntent>(outbound, CALLS_A_TICKET)?;
        if due.is_empty() {
            return Ok(false);
        }
        // Once for all of them: it goes through every company there is.
        let off = companies_off_for(self.planner.readings, &due).await?;
        let mut running = stream::iter(due).map(|row| self.carry_on(row, &off, outbound)).buffer_unordered(CONCURRENCY);
        while let Some(result) = running.next().await {
            result?;
        }
        Ok(true)
    }

    /// Carries one intent on, unless nothing leads to its ticket or it is held back.
    async fn carry_on(&self, row: TicketIntentRow, off: &CompaniesOff, outbound: &Outbound) -> Result<(), TenantError> {
        let mut intent = row.intent.clone();
        let Some(connection) = self.planner.places.reach(&row.intent.target.psa)? else {
            let now = self.clock.now();
            if intent.strand(UNREACHED, now) {
                self.driver.end(&row, &intent, now)?;
            }
            return Ok(());
        };
        intent.target.psa = connection.id.clone();
        if self.holds_back(&row, &mut intent, off).await? {
            return Ok(());
        }
        let client = self.clients.writer(&connection, outbound)?;
        Ok(self.driver.carry_on(&row, intent, client).await?)
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

    fn settle(&self, ledger: &Ledger, row: &TicketIntentRow, now: Timestamp) -> Result<(), StoreError> {
        settled(ledger, row, self, now)
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
