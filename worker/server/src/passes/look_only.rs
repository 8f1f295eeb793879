//! Look-only mode: after the ledger went back in time ConnectWise holds writes that it does not know of. Until a person has seen what
//! differs, passes read and plan, open intents are settled by what ConnectWise shows, and nothing is written.

use chrono::TimeDelta;
use contract::look_only::{LookOnly, LookOnlyCause, Reread};
use domain::Timestamp;
use domain::access::Visibility;
use domain::connections::ConnectionKind;
use domain::history::HistoryEvent;
use domain::ids::ConnectionId;
use engine::tickets::TicketIntent;
use engine::{Intent, IntentState, Settings};

use super::{LAST_CRON, PLANNED_AT, SCHEDULE};
use crate::tenant::{Tenant, TenantError};
use egress::Outbound;
use store::ledger::{ConnectionRow, LookOnlyRow, NewAudit};
use store::ports::StoreError;
use vendor::VendorError;

/// What the mode's own reading is signed with.
const LOOKING: &str = "look-only mode";
/// How far a clock may be behind what is written down before it has gone backwards.
const CLOCK_SLACK: TimeDelta = TimeDelta::minutes(10);
/// The last moment in the ledger when a person let Seatbridge write again: the clock may be behind it for a while yet.
const CLOCK_SEEN: &str = "clock_seen";
/// How long a connection whose open tickets could not be read is left alone.
const REST: TimeDelta = TimeDelta::minutes(9);
/// Why an intent waits.
pub(super) const WAITS: &str = "Seatbridge only looks until a person has seen what differs. Nothing is written until then.";

/// The moment from which reads count: what was written just before the ledger went back may not be shown sooner.
pub(super) fn reads_count_from(mode: &LookOnlyRow) -> Timestamp {
    mode.since + Settings::default().read_lag
}

impl Tenant {
    /// Whether nothing is to be written, and why.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn looks_only(&self) -> Result<Option<LookOnlyRow>, StoreError> {
        self.ledger.look_only().current()
    }

    /// The mode as a page shows it to who sees this much.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn look_only_view(&self, scope: &Visibility) -> Result<Option<LookOnly>, StoreError> {
        let Some(mode) = self.looks_only()? else { return Ok(None) };
        // How much there is to be read tells how many companies there are.
        let reread = scope.is_everything().then(|| self.reread(&mode)).transpose()?;
        let reads_count_from = reads_count_from(&mode);
        Ok(Some(LookOnly { cause: mode.cause, since: mode.since, point: mode.point, reads_count_from, reread }))
    }

    /// Begins the mode when the clock shows less than what is written down.
    pub(super) async fn compare_clock(&self) -> Result<(), TenantError> {
        let Some(newest) = self.newest_moment()? else { return Ok(()) };
        let seen = self.ledger.meta().moment(CLOCK_SEEN)?.is_some_and(|seen| newest <= seen);
        if newest - self.now() <= CLOCK_SLACK || seen {
            return Ok(());
        }
        self.begin_look_only(LookOnlyCause::ClockBack, None).await
    }

    /// The last moment the ledger knows of.
    fn newest_moment(&self) -> Result<Option<Timestamp>, StoreError> {
        let meta = self.ledger.meta();
        let written = self.ledger.history().last_to(None)?.map(|row| row.at);
        Ok([written, meta.moment(LAST_CRON)?, meta.moment(PLANNED_AT)?].into_iter().flatten().max())
    }

    /// Begins the mode: all that is under way is in doubt, and everything is read.
    pub(crate) async fn begin_look_only(&self, cause: LookOnlyCause, evidence: Option<&str>) -> Result<(), TenantError> {
        let now = self.now();
        let point = self.newest_moment()?.unwrap_or(now);
        if !self.ledger.look_only().begin(cause, point, evidence, now)? {
            return Ok(());
        }
        log::warn!("look-only mode begins: {}", cause.message());
        // What readings before that time have said is no proof after it.
        self.ledger.doubted_leaves().begin_anew(None)?;
        let audit = NewAudit {
            by: SCHEDULE,
            subject: "Writing to ConnectWise".to_owned(),
            detail: Some(cause.message().to_owned()),
            ..NewAudit::of(HistoryEvent::LookOnlyBegun)
        };
        self.ledger.history().add(audit, now)?;
        self.driver().doubt_all::<Intent>(|_| true)?;
        self.driver().doubt_all::<TicketIntent>(|_| true)?;
        self.queue_everything(LOOKING)?;
        Ok(self.wake().await?)
    }

    /// What an alarm does in this mode before anything else. What was approved or planned meanwhile may have been written before: it is
    /// looked for, too.
    pub(super) fn look(&self, mode: &LookOnlyRow) -> Result<(), TenantError> {
        let unbegun = |state, epoch| state == IntentState::Planned && epoch == 0;
        self.driver().doubt_all::<Intent>(|intent| unbegun(intent.state, intent.epoch))?;
        self.driver().doubt_all::<TicketIntent>(|intent| unbegun(intent.state, intent.epoch))?;
        if mode.asked_at.is_none() && self.now() >= reads_count_from(mode) {
            self.queue_everything(LOOKING)?;
            self.ledger.look_only().note_asked(self.now())?;
        }
        Ok(())
    }

    /// Reads the open tickets with our mark of one connection that were not read yet. Answers whether there was one.
    pub(super) async fn look_at_desks(&self, outbound: &Outbound) -> Result<bool, TenantError> {
        let Some(mode) = self.looks_only()? else { return Ok(false) };
        let now = self.now();
        if now < reads_count_from(&mode) {
            return Ok(false);
        }
        let desks = self.ledger.look_only().desks()?;
        let waits = |connection: &ConnectionRow| {
            desks.iter().find(|desk| desk.psa == connection.id).is_none_or(|desk| desk.read_at.is_none() && now - desk.tried_at > REST)
        };
        let Some(connection) = self.connections_of(ConnectionKind::Connectwise)?.into_iter().find(waits) else { return Ok(false) };
        let found = match self.clients().writer(&connection, outbound)? {
            Ok(client) => client.open_marked(None).await,
            Err(words) => return self.note_unread(&connection.id, &words),
        };
        match found {
            Ok(found) => {
                let tickets: Vec<_> = found.iter().map(|ticket| ticket.id).collect();
                self.ledger.look_only().keep_tickets(&connection.id, &tickets, self.now())?;
                Ok(true)
            }
            Err(error) if error.is_budget() => Ok(false),
            // Keys that were never to open tickets have opened none.
            Err(VendorError::NoPermission { .. }) if self.ledger.ticket_rules().all()?.is_empty() => {
                self.ledger.look_only().keep_tickets(&connection.id, &[], self.now())?;
                Ok(true)
            }
            Err(error) => self.note_unread(&connection.id, &error.message()),
        }
    }

    fn note_unread(&self, psa: &ConnectionId, words: &str) -> Result<bool, TenantError> {
        self.ledger.look_only().note_unread(psa, words, self.now())?;
        Ok(true)
    }

    /// How much of ConnectWise was read anew.
    pub(super) fn reread(&self, mode: &LookOnlyRow) -> Result<Reread, StoreError> {
        let from = reads_count_from(mode);
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let desks = self.ledger.look_only().desks()?;
        let mut reread = Reread::default();
        for connection in self.connections_of(ConnectionKind::Connectwise)? {
            let mapped = self.mapped_agreements(&connection.id)?;
            let read_at = self.ledger.additions().read_at(&connection.id)?;
            let read = mapped.iter().filter(|id| read_at.get(id).is_some_and(|read| *read >= from));
            reread.agreements_read += count(read.count());
            reread.agreements += count(mapped.len());
            reread.desks += 1;
            reread.desks_read += u32::from(desks.iter().any(|desk| desk.psa == connection.id && desk.read_at.is_some()));
        }
        // Before the first reading that counts nothing is complete, not even nothing.
        if mode.asked_at.is_none() {
            reread.desks = reread.desks.max(1);
        }
        Ok(reread)
    }

    /// When the mode has something to do next, beside settling what is in doubt.
    pub(super) fn next_look(&self, mode: &LookOnlyRow) -> Option<Timestamp> {
        mode.asked_at.is_none().then(|| reads_count_from(mode))
    }

    /// Lets Seatbridge write again. The moments and marks that show that the ledger went back are of an earlier time from now on.
    pub(super) async fn end_look_only(&self, by: &str, generation: u32, detail: String) -> Result<(), StoreError> {
        let now = self.now();
        self.ledger.meta().keep_moment(CLOCK_SEEN, self.newest_moment()?)?;
        self.ledger.other_tickets().accept_found()?;
        self.ledger.look_only().end()?;
        let audit =
            NewAudit { by, subject: "Writing to ConnectWise".to_owned(), detail: Some(detail), ..NewAudit::of(HistoryEvent::LookOnlyLeft) };
        self.ledger.history().add(audit, now)?;
        self.plan_anew()?;
        self.watermark().begin_generation(generation).await?;
        self.wake().await
    }
}
