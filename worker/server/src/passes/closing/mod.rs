//! Months: kept when they end, closed by a person, and looked back at when something comes late.

mod late;
mod month;

use domain::Timestamp;
use domain::access::Visibility;
use domain::billing::{Blocker, BlockerKind, Closure, MONTH_SCHEMA, MonthHead, Period, Policy, Totals};
use domain::history::HistoryEvent;

pub(super) use late::LOOK_BACK;
pub(crate) use month::Month;

use super::PLANNED_AT;
use super::input::Readings;
use crate::tenant::{Tenant, TenantError};
use egress::ports::Clock;
use store::documents::Documents;
use store::ledger::{Closed, Ledger, NewAudit, SheetKind};

/// What came of an attempt to close a month.
#[derive(Debug)]
pub enum Attempt {
    /// It is closed.
    Closed(Closed),
    /// This stands in the way and was not accepted.
    Blocked(Vec<Blocker>),
    /// It was closed before.
    WasClosed,
    /// Nothing is known of it.
    NoMonth,
}

/// Who closes a month, and in spite of what.
#[derive(Debug, Clone, Copy)]
pub struct Sign<'a> {
    /// By whom.
    pub by: &'a str,
    /// What may stand in the way.
    pub accept: &'a [BlockerKind],
    /// Why it may.
    pub reason: Option<&'a str>,
}

impl Tenant {
    /// What keeps, closes and corrects months.
    pub fn closing(&self) -> Closing<'_> {
        let (ledger, documents, policy) = (&self.ledger, &self.documents, &self.config.policy);
        Closing { ledger, documents, readings: self.readings(), clock: self.clock.as_ref(), policy }
    }
}

/// Keeps months when they end, closes them, and looks back at them.
#[derive(Clone, Copy)]
pub struct Closing<'a> {
    ledger: &'a Ledger,
    documents: &'a Documents,
    readings: Readings<'a>,
    clock: &'a dyn Clock,
    policy: &'a Policy,
}

impl Closing<'_> {
    /// Keeps the lines as the end of their month, when they are the last month's: the plan that follows replaces them.
    pub(super) async fn keep_month_end(&self, now: Timestamp) -> Result<(), TenantError> {
        let Some(period) = self.ledger.months().planned()? else { return Ok(()) };
        if period >= Period::of(now) || self.ledger.months().find(period)?.is_some() {
            return Ok(());
        }
        let Some(month) = self.month(period).await? else { return Ok(()) };
        self.store(&month, SheetKind::Kept, None)?;
        Ok(self.ledger.months().note_kept(period)?)
    }

    /// Writes a month down. Returns the sheet's hash.
    fn store(&self, month: &Month<'_>, kind: SheetKind, closure: Option<Closure>) -> Result<String, TenantError> {
        let mut sheet = self.ledger.month_sheets().begin(month.period());
        let mut totals = Totals::default();
        month.each(|line| {
            totals.add(&line.numbers);
            sheet.add(&line)
        })?;
        let head = MonthHead { schema: MONTH_SCHEMA, period: month.period(), planned_at: month.planned_at()?, closure, totals };
        Ok(sheet.finish(kind, &head)?)
    }

    /// Closes a month, when nothing stands in its way but what is accepted. Its lines are looked at and written down in one moment:
    /// nothing can change in between.
    ///
    /// # Errors
    /// When something cannot be read or written.
    pub async fn close_month(&self, period: Period, sign: Sign<'_>) -> Result<Attempt, TenantError> {
        let Some(month) = self.month(period).await? else { return Ok(Attempt::NoMonth) };
        if self.ledger.months().closed(period)?.is_some() {
            return Ok(Attempt::WasClosed);
        }
        let standing = self.standing(&Visibility::Everything)?;
        let mut check = month.check(&Visibility::Everything, &standing)?;
        month.each(|line| {
            check.look_at(&line);
            Ok(())
        })?;
        let (accepted, left): (Vec<_>, Vec<_>) =
            check.blockers().into_iter().partition(|blocker| blocker.acceptable && sign.accept.contains(&blocker.code));
        if !left.is_empty() {
            return Ok(Attempt::Blocked(left));
        }
        let (at, by, reason) = (self.clock.now(), sign.by.to_owned(), sign.reason.map(str::to_owned));
        let accepted = accepted.into_iter().map(|blocker| blocker.code).collect();
        let closure = Closure { at, by: by.clone(), accepted, reason: reason.clone() };
        let closed = Closed { at, by, hash: self.store(&month, SheetKind::Closed, Some(closure))? };
        self.ledger.months().close(period, &closed)?;
        self.ledger.month_sheets().drop_kept(period)?;
        let audit = NewAudit {
            by: sign.by,
            subject: period.label(),
            after: Some(closed.hash.clone()),
            detail: reason,
            period: Some(period),
            ..NewAudit::of(HistoryEvent::MonthClosed)
        };
        self.ledger.history().add(audit, at)?;
        Ok(Attempt::Closed(closed))
    }
}
