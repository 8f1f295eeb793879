//! A month's lines, wherever they stand: in the plan, or as they were kept or closed.

use std::collections::BTreeMap;

use contract::month::Segment;
use domain::Timestamp;
use domain::access::Visibility;
use domain::billing::{
    ClosingCheck, ClosingInput, Closure, Correction, LineState, MonthChange, MonthEnd, MonthHead, Period, Statement, StatementLine,
};
use domain::ids::LineId;

use super::{Closing, PLANNED_AT};
use crate::passes::reconcile::Reconciliation;
use crate::tenant::TenantError;
use store::documents::DocumentError;
use store::ledger::SheetKind;
use store::ports::StoreError;

/// A month that can be read to its end without awaiting anything, so that all of it is one moment's.
pub struct Month<'a> {
    closing: Closing<'a>,
    period: Period,
    lines: Lines<'a>,
}

/// Where a month's lines stand.
enum Lines<'a> {
    /// In a sheet of the ledger.
    Sheet(SheetKind, MonthHead),
    /// In the plan.
    Planned(Reconciliation<'a>),
    /// Nowhere yet: the month has begun, and nothing is planned.
    None,
}

/// What is said of lines beside their numbers.
struct Told {
    /// What was written in the month.
    changes: BTreeMap<LineId, Vec<MonthChange>>,
    /// What they carry of the month before.
    carried: BTreeMap<LineId, Vec<Correction>>,
}

impl<'a> Closing<'a> {
    /// A month: as it was closed, as its last plan left it, or as it is planned now. None when nothing is known of it.
    ///
    /// # Errors
    /// When something it is made from cannot be read.
    pub async fn month(&self, period: Period) -> Result<Option<Month<'a>>, TenantError> {
        let lines = match self.ledger.months().find(period)? {
            Some(row) if row.closed.is_some() => self.sheet(period, SheetKind::Closed).await?,
            Some(row) if row.kept => self.sheet(period, SheetKind::Kept).await?,
            _ => {
                let running = Period::of(self.clock.now());
                let planned = self.ledger.months().planned()?;
                if planned.unwrap_or(running) == period {
                    Some(Lines::Planned(self.readings.reconciliation().await?))
                } else {
                    (running == period).then_some(Lines::None)
                }
            }
        };
        Ok(lines.map(|lines| Month { closing: *self, period, lines }))
    }

    async fn sheet(&self, period: Period, kind: SheetKind) -> Result<Option<Lines<'a>>, TenantError> {
        let sheets = self.ledger.month_sheets();
        if sheets.head(period, kind)?.is_none() {
            self.take_in(period, kind).await?;
        }
        Ok(sheets.head(period, kind)?.map(|head| Lines::Sheet(kind, head)))
    }

    /// Takes in a month that a release before 0.2 left as one document.
    async fn take_in(&self, period: Period, kind: SheetKind) -> Result<(), DocumentError> {
        let name = match kind {
            SheetKind::Kept => format!("month-end/{period}"),
            SheetKind::Closed => format!("statement/{period}"),
        };
        let left = match kind {
            SheetKind::Kept => self.documents.once::<MonthEnd>(&name).await?.map(MonthEnd::split),
            SheetKind::Closed => self.documents.once::<Statement>(&name).await?.map(Statement::split),
        };
        let Some((head, lines)) = left else { return Ok(()) };
        let mut sheet = self.ledger.month_sheets().begin(period);
        lines.iter().try_for_each(|line| sheet.add(line))?;
        sheet.finish(kind, &head)?;
        Ok(self.ledger.pointers().forget(&name)?)
    }

    /// Takes in the months that a release before 0.2 left. One that cannot be read is looked for again by the next pass.
    pub(in crate::passes) async fn take_in_months(&self) -> Result<(), TenantError> {
        for period in self.ledger.month_sheets().without()? {
            let kind = if self.ledger.months().closed(period)?.is_some() { SheetKind::Closed } else { SheetKind::Kept };
            if let Err(error) = self.take_in(period, kind).await {
                log::warn!("{} is still a document of its own: {error}", period.label());
            }
        }
        Ok(())
    }

    /// Where each line that a scope sees stands now.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn standing(&self, scope: &Visibility) -> Result<BTreeMap<LineId, LineState>, StoreError> {
        let mut standing = BTreeMap::new();
        self.ledger.lines().each(scope, Segment::All, "", |row| {
            standing.insert(row.line.id, row.state);
        })?;
        Ok(standing)
    }
}

impl Month<'_> {
    /// Which.
    pub fn period(&self) -> Period {
        self.period
    }

    /// When its lines were last planned.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn planned_at(&self) -> Result<Option<Timestamp>, StoreError> {
        match &self.lines {
            Lines::Sheet(_, head) => Ok(head.planned_at),
            Lines::Planned(_) => self.closing.ledger.meta().moment(PLANNED_AT),
            Lines::None => Ok(None),
        }
    }

    /// How it was closed; none while it is not.
    pub fn closure(&self) -> Option<&Closure> {
        match &self.lines {
            Lines::Sheet(_, head) => head.closure.as_ref(),
            Lines::Planned(_) | Lines::None => None,
        }
    }

    /// Hands every line over, in the month's order.
    ///
    /// # Errors
    /// When SQLite or `take` refuses.
    pub fn each(&self, mut take: impl FnMut(StatementLine) -> Result<(), StoreError>) -> Result<(), StoreError> {
        match &self.lines {
            Lines::Sheet(SheetKind::Closed, _) => self.closing.ledger.month_sheets().each(self.period, SheetKind::Closed, take),
            Lines::Sheet(SheetKind::Kept, _) => {
                let mut told = self.told()?;
                self.closing.ledger.month_sheets().each(self.period, SheetKind::Kept, |line| take(told.of(line)))
            }
            Lines::Planned(reconciliation) => {
                let mut told = self.told()?;
                reconciliation
                    .each(&Visibility::Everything, 0, |row, numbers| take(told.of(StatementLine::of(&row.line, row.state, numbers))))
            }
            Lines::None => Ok(()),
        }
    }

    /// Begins to look for what keeps it from being closed, as far as a scope sees it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn check<'s>(&'s self, scope: &Visibility, current: &'s BTreeMap<LineId, LineState>) -> Result<ClosingCheck<'s>, StoreError> {
        let Closing { ledger, clock, policy, .. } = self.closing;
        let (period, planned_at) = (self.period, self.planned_at()?);
        let open_changes = ledger.changes().open_in(period, scope)?;
        Ok(ClosingCheck::new(ClosingInput { now: clock.now(), period, planned_at, current, open_changes, policy }))
    }

    fn told(&self) -> Result<Told, StoreError> {
        let ledger = self.closing.ledger;
        let (mut changes, mut carried): (BTreeMap<_, Vec<_>>, BTreeMap<_, Vec<_>>) = Default::default();
        for row in ledger.changes().done_in(self.period, &Visibility::Everything)? {
            let change = MonthChange {
                intent: row.intent.id,
                from: row.intent.from,
                to: row.intent.to,
                approved_by: row.labels.approved_by,
                approved_at: row.planned_at,
            };
            changes.entry(row.intent.line).or_default().push(change);
        }
        for correction in ledger.months().corrections(self.period.previous())? {
            carried.entry(correction.line.clone()).or_default().push(correction);
        }
        Ok(Told { changes, carried })
    }
}

impl Told {
    /// A line with what is said of it.
    fn of(&mut self, line: StatementLine) -> StatementLine {
        let id = &line.numbers.line;
        let (changes, corrections) = (self.changes.remove(id).unwrap_or_default(), self.carried.remove(id).unwrap_or_default());
        StatementLine { changes, corrections, ..line }
    }
}
