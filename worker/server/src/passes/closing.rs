//! Months: kept when they end, closed by a person, and looked back at when something comes late.

use std::collections::{BTreeMap, BTreeSet};

use contract::month::Segment;
use domain::Timestamp;
use domain::access::Visibility;
use domain::billing::{
    Blocker, ClosingInput, Correction, Late, Line, MONTH_SCHEMA, MonthChange, MonthEnd, Period, Policy, Reconciler, Statement,
    StatementLine, blockers,
};
use domain::history::HistoryEvent;
use domain::ids::LineId;

use super::input::Readings;
use super::{PLANNED_AT, SCHEDULE};
use crate::tenant::{Tenant, TenantError};
use egress::ports::Clock;
use store::documents::Documents;
use store::ledger::{Closed, Ledger, NewAudit};
use store::ports::StoreError;

/// Set while the lines have changed and closed months were not looked at since.
pub(super) const LOOK_BACK: &str = "look_back";

/// The document that holds a month as its last plan left it.
fn month_end_of(period: Period) -> String {
    format!("month-end/{period}")
}

/// The document that holds a closed month.
fn statement_of(period: Period) -> String {
    format!("statement/{period}")
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
        let end = self.month_as_planned(period).await?;
        self.store_month_end(&end, now).await?;
        self.ledger.months().note_kept(period)?;
        Ok(())
    }

    async fn store_month_end(&self, end: &MonthEnd, now: Timestamp) -> Result<(), TenantError> {
        let name = month_end_of(end.period);
        self.documents.archive(&name, &format!("month-ends/{}", end.period), MONTH_SCHEMA, end, now).await?;
        Ok(())
    }

    /// The stored lines as a month of their own. Nothing is awaited after the first line is read, so that it is one moment's.
    async fn month_as_planned(&self, period: Period) -> Result<MonthEnd, TenantError> {
        let mut lines = Vec::new();
        self.readings
            .reconcile(&Visibility::Everything, 0, |row, numbers| lines.push(StatementLine::of(&row.line, row.state, numbers)))
            .await?;
        let mut end = MonthEnd { schema: MONTH_SCHEMA, period, planned_at: self.ledger.meta().moment(PLANNED_AT)?, lines };
        self.tell_changes(&mut end)?;
        Ok(end)
    }

    /// Says of each line what was written in its month, and what it carries of the month before.
    fn tell_changes(&self, end: &mut MonthEnd) -> Result<(), TenantError> {
        let mut changes: BTreeMap<LineId, Vec<MonthChange>> = BTreeMap::new();
        for row in self.ledger.changes().done_in(end.period, &Visibility::Everything)? {
            changes.entry(row.intent.line).or_default().push(MonthChange {
                intent: row.intent.id,
                from: row.intent.from,
                to: row.intent.to,
                approved_by: row.labels.approved_by,
                approved_at: row.planned_at,
            });
        }
        let carried = self.ledger.months().corrections(end.period.previous())?;
        for line in &mut end.lines {
            line.changes = changes.remove(&line.numbers.line).unwrap_or_default();
            line.corrections = carried.iter().filter(|correction| correction.line == line.numbers.line).cloned().collect();
        }
        Ok(())
    }

    /// A month that is not closed: as it is planned now, or as its last plan left it. None when nothing was kept of it.
    ///
    /// # Errors
    /// When something it is made from cannot be read.
    pub async fn open_month(&self, period: Period) -> Result<Option<MonthEnd>, TenantError> {
        if self.ledger.months().find(period)?.is_some_and(|month| month.kept) {
            let Some(mut end) = self.documents.archived::<MonthEnd>(&month_end_of(period)).await? else { return Ok(None) };
            self.tell_changes(&mut end)?;
            return Ok(Some(end));
        }
        if self.ledger.months().planned()?.unwrap_or_else(|| Period::of(self.clock.now())) == period {
            return Ok(Some(self.month_as_planned(period).await?));
        }
        if Period::of(self.clock.now()) == period {
            return Ok(Some(MonthEnd { schema: MONTH_SCHEMA, period, planned_at: None, lines: Vec::new() }));
        }
        Ok(None)
    }

    /// What keeps a month from being closed, as far as a scope sees it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn blockers(&self, month: &MonthEnd, scope: &Visibility) -> Result<Vec<Blocker>, TenantError> {
        let mut current = BTreeMap::new();
        self.ledger.lines().each(scope, Segment::All, "", |row| {
            current.insert(row.line.id, row.state);
        })?;
        let open_changes = self.ledger.changes().open_in(month.period, scope)?;
        let input = ClosingInput { now: self.clock.now(), month, current: &current, open_changes, policy: self.policy };
        Ok(blockers(&input))
    }

    /// The statement of a closed month.
    ///
    /// # Errors
    /// When it cannot be read, or is not what was written.
    pub async fn statement(&self, period: Period) -> Result<Option<Statement>, TenantError> {
        Ok(self.documents.archived(&statement_of(period)).await?)
    }

    /// Writes a statement and closes its month. Answers nothing when the month changed while the statement was written, or
    /// was closed by someone else.
    ///
    /// # Errors
    /// When something cannot be read or written.
    pub async fn close_month(&self, statement: Statement) -> Result<Option<Closed>, TenantError> {
        let (period, now) = (statement.period, statement.closed_at);
        let hash = self.documents.archive(&statement_of(period), &format!("statements/{period}"), MONTH_SCHEMA, &statement, now).await?;
        let Some(again) = self.open_month(period).await? else { return Ok(None) };
        let still = self
            .blockers(&again, &Visibility::Everything)?
            .iter()
            .all(|blocker| blocker.acceptable && statement.accepted.contains(&blocker.code));
        let closed = Closed { at: now, by: statement.closed_by.clone(), hash };
        if !still || again.lines != statement.lines || !self.ledger.months().close(period, &closed)? {
            return Ok(None);
        }
        let audit = NewAudit {
            by: &statement.closed_by,
            subject: period.label(),
            after: Some(closed.hash.clone()),
            detail: statement.reason.clone(),
            period: Some(period),
            ..NewAudit::of(HistoryEvent::MonthClosed)
        };
        self.ledger.history().add(audit, now)?;
        Ok(Some(closed))
    }

    /// Looks whether the new lines say something about a month that is over or closed which its keeping did not know. Of a
    /// month that is only kept the lines are kept anew; of a closed one it is a correction.
    pub(super) async fn look_back(&self, now: Timestamp) -> Result<(), TenantError> {
        if self.ledger.meta().moment(LOOK_BACK)?.is_none() {
            return Ok(());
        }
        let running = Period::of(now);
        for period in [running, running.previous()] {
            let Some(month) = self.ledger.months().find(period)? else { continue };
            if month.closed.is_some() {
                self.correct(period, now).await?;
            } else {
                self.keep_anew(period, now).await?;
            }
        }
        Ok(self.ledger.meta().keep_moment(LOOK_BACK, None)?)
    }

    /// What the stored lines say differently about a month than its keeping.
    fn late(&self, period: Period, kept: &[StatementLine], known: &[Correction], now: Timestamp) -> Result<Vec<Correction>, StoreError> {
        let mut late = Late::new(period, kept, known, now);
        self.ledger.lines().each(&Visibility::Everything, Segment::All, "", |row| late.look_at(&row.line))?;
        Ok(late.found())
    }

    async fn correct(&self, period: Period, now: Timestamp) -> Result<(), TenantError> {
        let Some(statement) = self.statement(period).await? else { return Ok(()) };
        let known = self.ledger.months().corrections(period)?;
        for correction in self.late(period, &statement.lines, &known, now)? {
            let audit = NewAudit {
                by: SCHEDULE,
                subject: format!("{} · {} · {}", period.label(), correction.company, correction.product),
                before: correction.was.clone(),
                after: correction.is.clone(),
                detail: Some(correction.reason.clone()),
                period: Some(period),
                line: Some(correction.line.clone()),
                ..NewAudit::of(HistoryEvent::MonthCorrected)
            };
            self.ledger.months().add_correction(&correction)?;
            self.ledger.history().add(audit, now)?;
        }
        Ok(())
    }

    async fn keep_anew(&self, period: Period, now: Timestamp) -> Result<(), TenantError> {
        let Some(mut end) = self.documents.archived::<MonthEnd>(&month_end_of(period)).await? else { return Ok(()) };
        let found = self.late(period, &end.lines, &[], now)?;
        if found.is_empty() {
            return Ok(());
        }
        let (mappings, _) = self.readings.mappings().await?;
        let snapshots = self.readings.snapshots().await?;
        let snapshots: Vec<_> = snapshots.iter().map(std::rc::Rc::as_ref).collect();
        let costs = self.ledger.additions().costs()?;
        let reconciler = Reconciler::new(&snapshots, &mappings, &costs, 0);
        let lines: BTreeSet<&LineId> = found.iter().map(|correction| &correction.line).collect();
        for id in lines {
            let Some(row) = self.ledger.lines().find(id, &Visibility::Everything)? else { continue };
            // Its numbers are of the month that is over, although it was planned in the next.
            let line = Line { period, ..row.line };
            let kept = StatementLine::of(&line, row.state, reconciler.row(&line));
            match end.lines.iter_mut().find(|known| known.numbers.line == line.id) {
                Some(known) => *known = kept,
                None => end.lines.push(kept),
            }
        }
        end.lines.sort_by(|a, b| (&a.numbers.company, &a.numbers.product).cmp(&(&b.numbers.company, &b.numbers.product)));
        end.planned_at = Some(now);
        self.store_month_end(&end, now).await
    }
}
