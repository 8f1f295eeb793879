//! Driving intents: each step stored before the call it asks for, and taken into its case with the move that ends it.

use futures::stream::{self, StreamExt};
use shared::Timestamp;
use shared::engine::tickets::{
    Attachment, DeedKind, DeviceTraits, Look, Receipt, Sighting, TicketAnswer, TicketCommand, TicketEvent, TicketIntent, TicketWrite,
};
use shared::engine::{IntentState, MARKER, step};
use shared::ids::{ConnectionId, TicketId};
use shared::planted;
use shared::tickets::{Choice, Device, DeviceFit, NewConfiguration, NewTicket};

use super::UNREACHED;
use super::look::{is_missing, look};
use super::switches::CompaniesOff;
use crate::egress::Outbound;
use crate::ledger::TicketIntentRow;
use crate::passes::ABREAST;
use crate::tenant::{Tenant, Trouble};
use crate::vendors::VendorError;
use crate::vendors::connectwise::Connectwise;

/// Calls one intent usually takes: the search, the write and the looks at the ticket with its notes and configurations.
const CALLS_A_TICKET: u32 = 8;
/// Intents taken up at once.
const BATCH: u32 = 16;

impl Tenant {
    /// Finds intents that were claimed by a run that is gone. Only one ring works at a time, so whatever is claimed when a ring
    /// begins has lost its run.
    pub(in crate::passes) fn recover_tickets(&self, now: Timestamp) -> Result<(), Trouble> {
        for row in self.ledger.tickets_in(IntentState::Inflight)? {
            if planted!("ticket_no_recovery") {
                break;
            }
            let mut intent = row.intent.clone();
            step(&mut intent, TicketEvent::Restarted, now, &self.config.tickets);
            self.ledger.move_ticket(&row.intent, &intent, now)?;
            log::warn!("ticket intent {} was left {:?} by a run that is gone; it is {:?} now", intent.id, row.intent.stage, intent.state);
        }
        Ok(())
    }

    /// Takes up intents that may be claimed, as many as the budget allows. Answers whether there were any.
    pub(in crate::passes) async fn tickets_due(&self, outbound: &Outbound) -> Result<bool, Trouble> {
        let affordable = (outbound.left() / CALLS_A_TICKET).min(BATCH);
        let due = if affordable == 0 { Vec::new() } else { self.ledger.claimable_tickets(self.now(), affordable)? };
        if due.is_empty() {
            return Ok(false);
        }
        // Once for all of them: it goes through every company there is.
        let off = self.companies_off_for(&due).await?;
        let mut running = stream::iter(due).map(|row| self.carry_on(row, &off, outbound)).buffer_unordered(ABREAST);
        while let Some(result) = running.next().await {
            result?;
        }
        Ok(true)
    }

    /// Carries one intent on until it is over or has to wait. A step that finds the stored intent moved by someone else stops at
    /// once.
    async fn carry_on(&self, row: TicketIntentRow, off: &CompaniesOff, outbound: &Outbound) -> Result<(), Trouble> {
        let Some(connection) = self.reach(&row.intent.target.psa)? else {
            let (now, mut intent) = (self.now(), row.intent.clone());
            if intent.strand(UNREACHED, now) && self.ledger.move_ticket(&row.intent, &intent, now)? {
                self.settle_ticket(&row, &intent, now)?;
            }
            return Ok(());
        };
        let mut intent = row.intent.clone();
        intent.target.psa = connection.id.clone();
        if self.holds_back(&row, &mut intent, off).await? {
            return Ok(());
        }
        // Credentials that cannot be opened are a read that fails: they must not keep other intents from being carried on.
        let client = match self.connectwise(&connection, outbound) {
            Err(Trouble::Store(error)) => return Err(error.into()),
            other => other.map_err(|trouble| trouble.to_string()),
        };
        let mut event = TicketEvent::Claim;
        loop {
            let before = intent.clone();
            let now = self.now();
            let Some(command) = step(&mut intent, event, now, &self.config.tickets) else { return Ok(()) };
            if !self.ledger.move_ticket(&before, &intent, now)? {
                return Ok(());
            }
            event = match (command, &client) {
                (TicketCommand::Settled, _) => return self.settle_ticket(&row, &intent, now),
                (TicketCommand::WakeAt(_), _) => return Ok(()),
                (TicketCommand::Read, Err(words)) => TicketEvent::ReadFailed { words: words.clone() },
                (TicketCommand::Read, Ok(client)) => match sight(client, &intent).await {
                    Ok(sighting) => TicketEvent::Read(sighting),
                    Err(error) => TicketEvent::ReadFailed { words: error.words() },
                },
                (TicketCommand::Write(_), Err(words)) => TicketEvent::Wrote(TicketAnswer::Refused { words: words.clone() }),
                (TicketCommand::Write(write), Ok(client)) => TicketEvent::Wrote(send(client, &intent, write).await),
            };
            if let TicketEvent::Wrote(TicketAnswer::Lost { words }) = &event {
                log::warn!("the answer to ticket intent {} was lost: {words}", intent.id);
            }
        }
    }

    /// Ends an intent that can never be carried to its end.
    pub(in crate::passes) fn abandon_ticket(&self, row: &TicketIntentRow, words: &str) -> Result<(), Trouble> {
        let now = self.now();
        let mut intent = row.intent.clone();
        if intent.abandon(words, now) && self.ledger.move_ticket(&row.intent, &intent, now)? {
            self.settle_ticket(row, &intent, now)?;
        }
        Ok(())
    }

    /// Ends every open intent that would write through a connection, and forgets what was never begun: that is planned anew when
    /// its rule goes on. A run that is at one of them finds it moved.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn abandon_tickets_of(&self, psa: &ConnectionId, words: &str) -> Result<(), Trouble> {
        for row in self.ledger.open_tickets_through(psa)? {
            if row.intent.is_unbegun() && row.intent.deed != DeedKind::Test {
                self.forget_ticket(&row, words)?;
            } else {
                self.abandon_ticket(&row, words)?;
            }
        }
        Ok(())
    }
}

/// Reads what the engine asks for.
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
