//! Passes: the work the install does by itself.
//!
//! The cron only wakes. Work is done when the ledger's alarm fires: first approved changes, then open passes, each from
//! where its cursor stands, until the fetch budget of one alarm is spent; then the alarm is set again. An alarm is delivered
//! at least once and may die at any await, so it re-arms before it does anything, stores every step before the call that
//! follows it, and never fails.

mod approvals;
mod basis;
mod billing;
mod closing;
mod commit;
mod differences;
mod drift;
mod drive;
mod forgetting;
mod groups;
mod input;
mod look_only;
mod marks;
mod nightly;
mod queue;
mod read;
mod reconcile;
mod retention;
mod shown;
mod sync;
mod tickets;

use chrono::{Days, TimeDelta};
use contract::passes::{PassKind, PassState};
use domain::Timestamp;
use domain::connections::ConnectionKind;
use engine::Intent;
use engine::tickets::TicketIntent;

use crate::tenant::{CRON_SILENCE, Tenant, TenantError};
use egress::Outbound;
use store::ledger::{ConnectionRow, PassRow};
use store::ports::StoreError;
use vendor::VendorError;

pub(crate) use approvals::AUTOMATIC;
pub(crate) use closing::{Attempt, Month, Sign};
pub(crate) use differences::Stays;
pub(crate) use marks::Marks;
pub(crate) use tickets::{GroupMembers, GroupReader, leaves_of, waits_for_a_look};

/// What the schedule's own doings are signed with.
pub const SCHEDULE: &str = "schedule";
/// When the cron last called.
pub const LAST_CRON: &str = "last_cron";
/// Set while lines must be planned anew, because a mapping or a quantity changed.
const REPLAN: &str = "replan_since";
/// When the lines were last planned.
pub const PLANNED_AT: &str = "planned_at";

/// The version of the mappings the lines were last planned from.
const PLANNED_FROM: &str = "planned_from";

/// When the alarm fires again if an alarm dies in the middle.
const REARM: TimeDelta = TimeDelta::seconds(10);
/// How long one alarm works before it hands over to the next.
const ALARM_RUN: TimeDelta = TimeDelta::seconds(60);
/// Calls that must be left for the next step to begin.
const LEAST_CALLS: u32 = 8;
/// Sends under way at once; Workers allow six.
const CONCURRENCY: usize = 4;

/// The pass that failed by our own doing in the last alarm, and how often in a row.
const STUMBLES: &str = "stumbles";
/// So many alarms in a row are tried; KV shows what was written after a minute or two.
const MOST_STUMBLES: u32 = 6;

/// How long a connection is left alone after a failure that may pass: until the next cron.
const SHORT_REST: TimeDelta = TimeDelta::minutes(9);
/// How long after one that only a person can mend; a change of the connection or "sync now" ends it.
const LONG_REST: TimeDelta = TimeDelta::hours(6);

/// How far a pass came.
enum Progress {
    /// There is more to do, now.
    More,
    /// There is more to do, but not in this alarm.
    OutOfBudget,
    /// It is over.
    Over {
        state: PassState,
        result: String,
        /// What is the matter with the connection all the same.
        failure: Option<String>,
    },
}

impl Tenant {
    /// What the cron does: notes that it called, queues what is due, and wakes the ledger.
    ///
    /// # Errors
    /// When the ledger or the alarm refuses.
    pub async fn on_cron(&self) -> Result<(), StoreError> {
        let now = self.now();
        // Before it is written down when the cron called: how far the ledger had come would not show any more.
        self.compare_marks_once().await;
        if let Err(error) = self.compare_clock().await {
            log::error!("whether the clock went backwards cannot be told: {error}");
        }
        self.ledger.meta().keep_moment(LAST_CRON, Some(now))?;
        self.queue_due(now)?;
        self.housekeep(now)?;
        self.wake().await
    }

    /// What the alarm does. Never fails: what goes wrong is logged, and the alarm is already set again.
    pub async fn on_alarm(&self) {
        let now = self.now();
        if let Err(error) = self.alarm.set(now + REARM).await {
            log::error!("the alarm could not be set: {error}");
        }
        let working = self.at_work.get().is_some_and(|since| now - since < ALARM_RUN * 15);
        if working {
            return;
        }
        self.at_work.set(Some(now));
        let leave = Leave(&self.at_work);
        let worked = self.work(now).await;
        drop(leave);
        let next = match &worked {
            Ok(()) => self.next_alarm(),
            // What failed is ours and fails again at once: KV that does not show a document yet is asked again in a minute.
            Err(error) => {
                log::error!("an alarm ended early: {error}");
                Ok(self.now() + ALARM_RUN)
            }
        };
        let armed = match next {
            Ok(moment) => self.alarm.set(moment).await,
            Err(error) => Err(error),
        };
        if let Err(error) = armed {
            log::error!("the alarm could not be set: {error}");
        }
    }

    /// Lets lines be planned anew at the next alarm, after reading additions of agreements that have never been read.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn replan(&self) -> Result<(), StoreError> {
        let now = self.now();
        for connection in self.connections_of(ConnectionKind::Connectwise)? {
            if self.is_resting(&connection, now)? {
                continue;
            }
            self.queue(PassKind::Read, Some(&connection), SCHEDULE, now)?;
        }
        self.ledger.meta().keep_moment(REPLAN, Some(now))
    }

    /// Lets lines be planned anew at the next alarm, from what is known.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn plan_anew(&self) -> Result<(), StoreError> {
        self.ledger.meta().keep_moment(REPLAN, Some(self.now()))
    }

    /// Whether a connection is left alone after a failure.
    fn is_resting(&self, connection: &ConnectionRow, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.ledger.meta().moment(&resting(connection))?.is_some_and(|until| until > now))
    }

    /// Lets a connection be tried again at once, because it was changed.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn rest_no_longer(&self, connection: &ConnectionRow) -> Result<(), StoreError> {
        self.ledger.meta().keep_moment(&resting(connection), None)
    }

    fn housekeep(&self, now: Timestamp) -> Result<(), StoreError> {
        self.ledger.mutes().forget_before(now - Days::new(30))?;
        self.ledger.share_extracts().forget_unshared(now)?;
        // A day longer than they could be used again: clocks are put right.
        self.ledger.spent_tokens().forget_before(now - Days::new(1))?;
        self.ledger.access().forget_before(now - Days::new(30))
    }

    /// One alarm's work.
    async fn work(&self, began: Timestamp) -> Result<(), TenantError> {
        self.begin_marking().await;
        self.compare_clock().await?;
        let worked = self.do_work(began).await;
        if worked.is_ok() {
            self.back_up_nightly(self.now()).await?;
            self.remove_over_age(self.now()).await;
            self.go_on_forgetting().await;
        }
        self.watermark().end().await?;
        worked
    }

    async fn do_work(&self, began: Timestamp) -> Result<(), TenantError> {
        self.driver().recover::<Intent>(began)?;
        self.driver().recover::<TicketIntent>(began)?;
        if self.ledger.meta().moment(LAST_CRON)?.is_some_and(|called| began - called > CRON_SILENCE) {
            self.queue_due(began)?;
        }
        if let Some(mode) = self.looks_only()? {
            self.look(&mode)?;
        }
        let outbound = self.egress.session(self.config.fetch_budget);
        while outbound.left() >= LEAST_CALLS && self.now() - began < ALARM_RUN {
            if self.commit_due(&outbound).await?
                || self.ticket_commits().take_up_due(&outbound).await?
                || self.look_at_desks(&outbound).await?
            {
                continue;
            }
            let Some(pass) = self.ledger.passes().open()?.into_iter().next() else {
                if self.ledger.meta().moment(REPLAN)?.is_none() {
                    break;
                }
                self.plan_lines().await?;
                continue;
            };
            if matches!(self.advance(&pass, &outbound).await?, Progress::OutOfBudget) {
                break;
            }
        }
        Ok(())
    }

    /// Moves a pass on by one step and stores where it stands. A vendor's failure ends the pass; ours leaves it as it is, to
    /// be tried again.
    async fn advance(&self, pass: &PassRow, outbound: &Outbound) -> Result<Progress, TenantError> {
        let calls_before = outbound.calls();
        let connection = match &pass.connection {
            Some(id) => self.ledger.connections().find(id)?,
            None => None,
        };
        let step = match (pass.kind, &connection) {
            (PassKind::Sync, Some(connection)) => self.sync_step(pass, connection, outbound).await,
            (PassKind::Groups, Some(connection)) => self.groups_step(pass, connection, outbound).await,
            (PassKind::Read, Some(connection)) => self.read_step(pass, connection, outbound).await,
            (PassKind::Tickets, Some(connection)) => self.tickets_step(pass, connection, outbound).await,
            (PassKind::Billing, _) => self.billing_step().await,
            (PassKind::Sync | PassKind::Groups | PassKind::Read | PassKind::Tickets, None) => {
                Err(TenantError::Missing("The connection was deleted.".to_owned()))
            }
        };
        let calls = outbound.calls().saturating_sub(calls_before);
        let now = self.now();
        match step {
            Ok(Progress::Over { state, result, failure }) => {
                self.ledger.passes().end(&pass.id, state, &result, calls, now)?;
                if let Some(connection) = connection.as_ref().filter(|_| pass.kind == PassKind::Tickets) {
                    self.ledger.connections().note_answered(&connection.id, now)?;
                } else if let Some(connection) = &connection {
                    self.ledger.connections().note_read(&connection.id, now)?;
                    if let Some(failure) = failure {
                        self.ledger.connections().note_failure(&connection.id, &failure, now)?;
                    }
                    self.ledger.meta().keep_moment(&resting(connection), None)?;
                    // Planned at once, but nothing is approved by itself before a billing pass: a mapping can be taken back.
                    self.ledger.meta().keep_moment(REPLAN, Some(now))?;
                }
                Ok(Progress::More)
            }
            Ok(progress) => Ok(progress),
            Err(TenantError::Vendor(error)) if error.is_budget() => Ok(Progress::OutOfBudget),
            Err(TenantError::Vendor(error)) => {
                self.give_up(pass, connection.as_ref(), &error.message(), rest_after(&error), calls)?;
                Ok(Progress::More)
            }
            Err(trouble @ TenantError::Unusable(_)) => {
                self.give_up(pass, connection.as_ref(), &trouble.to_string(), SHORT_REST, calls)?;
                Ok(Progress::More)
            }
            Err(trouble @ (TenantError::Vault(_) | TenantError::Missing(_))) => {
                self.give_up(pass, connection.as_ref(), &trouble.to_string(), LONG_REST, calls)?;
                Ok(Progress::More)
            }
            Err(trouble) => self.stumble(pass, connection.as_ref(), trouble, calls),
        }
    }

    /// Takes in a failure of our own. KV that does not show a document yet is asked again in the next alarm. What fails one alarm after
    /// the other fails for another reason, such as a document that is too large: then the pass ends, so that those behind it get on.
    fn stumble(
        &self,
        pass: &PassRow,
        connection: Option<&ConnectionRow>,
        trouble: TenantError,
        calls: u32,
    ) -> Result<Progress, TenantError> {
        let known = self.ledger.meta().text(STUMBLES)?;
        let before = known.as_deref().and_then(|text| text.split_once(' ')).filter(|(of, _)| *of == pass.id.as_str());
        let count = before.and_then(|(_, count)| count.parse().ok()).unwrap_or(0_u32) + 1;
        if count < MOST_STUMBLES {
            self.ledger.meta().keep_text(STUMBLES, &format!("{} {count}", pass.id))?;
            return Err(trouble);
        }
        let words = format!("Given up after {count} tries: {trouble}");
        self.give_up(pass, connection, &words, SHORT_REST, calls)?;
        Ok(Progress::More)
    }

    /// Ends a pass that cannot be done now. What was known before still stands.
    fn give_up(
        &self,
        pass: &PassRow,
        connection: Option<&ConnectionRow>,
        words: &str,
        rest: TimeDelta,
        calls: u32,
    ) -> Result<(), StoreError> {
        let now = self.now();
        log::warn!("a {:?} pass failed: {words}", pass.kind);
        self.ledger.passes().end(&pass.id, PassState::Failed, words, calls, now)?;
        if let Some(connection) = connection {
            // A first refusal of the credentials may be one among many; a second in a row is meant.
            let rest = if connection.failure.is_none() { rest.min(SHORT_REST) } else { rest };
            self.ledger.connections().note_failure(&connection.id, words, now)?;
            self.ledger.meta().keep_moment(&resting(connection), Some(now + rest))?;
        }
        Ok(())
    }

    /// When the alarm must fire next: at once while there is work, when the next change may be claimed, or in any case when
    /// the cron should have called.
    fn next_alarm(&self) -> Result<Timestamp, StoreError> {
        let now = self.now();
        let work = !self.ledger.passes().open()?.is_empty() || self.ledger.meta().moment(REPLAN)?.is_some();
        if work {
            return Ok(now);
        }
        let watch = now + if self.forgetting()?.is_some() { REARM } else { CRON_SILENCE };
        let mode = self.looks_only()?;
        let which = drive::claims(mode.as_ref());
        let look = mode.and_then(|mode| self.next_look(&mode));
        let claims = [self.ledger.changes().next_claim(which)?, self.ledger.ticket_intents().next_claim(which)?, look];
        Ok(claims.into_iter().flatten().min().map_or(watch, |claim| claim.clamp(now, watch)))
    }
}

/// Until when a connection is left alone after a failure.
fn resting(connection: &ConnectionRow) -> String {
    format!("resting/{}", connection.id)
}

/// How long to leave a vendor alone after this. Wrong credentials are not tried again and again: that locks accounts.
fn rest_after(error: &VendorError) -> TimeDelta {
    match error {
        VendorError::BadCredentials { .. } => LONG_REST,
        _ => SHORT_REST,
    }
}

/// Ends the mark of being at work when the alarm ends, also when it is dropped in the middle.
struct Leave<'a>(&'a std::cell::Cell<Option<Timestamp>>);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.set(None);
    }
}
