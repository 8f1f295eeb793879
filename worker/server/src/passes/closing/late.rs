//! What arrives of a month that is over: a month that is only kept is kept anew, a closed one is corrected.

use std::collections::BTreeSet;

use contract::month::Segment;
use domain::Timestamp;
use domain::access::Visibility;
use domain::billing::{Correction, Late, Line, MONTH_SCHEMA, MonthHead, Period, StatementLine, Totals};
use domain::history::HistoryEvent;
use domain::ids::LineId;

use super::{Closing, Month};
use crate::passes::SCHEDULE;
use crate::tenant::TenantError;
use store::ledger::{NewAudit, SheetKind};
use store::ports::StoreError;

/// Set while the lines have changed and closed months were not looked at since.
pub(in crate::passes) const LOOK_BACK: &str = "look_back";

impl Closing<'_> {
    /// Looks whether the new lines say something about a month that is over or closed which its keeping did not know. Of a
    /// month that is only kept the lines are kept anew; of a closed one it is a correction.
    pub(in crate::passes) async fn look_back(&self, now: Timestamp) -> Result<(), TenantError> {
        if self.ledger.meta().moment(LOOK_BACK)?.is_none() {
            return Ok(());
        }
        let running = Period::of(now);
        for period in [running, running.previous()] {
            if self.ledger.months().find(period)?.is_none() {
                continue;
            }
            let Some(month) = self.month(period).await? else { continue };
            if month.closure().is_some() {
                self.correct(&month, now)?;
            } else {
                self.keep_anew(&month, now).await?;
            }
        }
        Ok(self.ledger.meta().keep_moment(LOOK_BACK, None)?)
    }

    /// What the stored lines say differently about a month than its keeping.
    fn late(&self, month: &Month<'_>, known: &[Correction], now: Timestamp) -> Result<Vec<Correction>, StoreError> {
        let mut late = Late::new(month.period(), known, now);
        month.each(|line| {
            late.state(line);
            Ok(())
        })?;
        self.ledger.lines().each(&Visibility::Everything, Segment::All, "", |row| late.look_at(&row.line))?;
        Ok(late.found())
    }

    fn correct(&self, month: &Month<'_>, now: Timestamp) -> Result<(), StoreError> {
        let period = month.period();
        let known = self.ledger.months().corrections(period)?;
        for correction in self.late(month, &known, now)? {
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

    async fn keep_anew(&self, month: &Month<'_>, now: Timestamp) -> Result<(), TenantError> {
        let reconciliation = self.readings.reconciliation().await?;
        let found = self.late(month, &[], now)?;
        if found.is_empty() {
            return Ok(());
        }
        let period = month.period();
        let late: BTreeSet<&LineId> = found.iter().map(|correction| &correction.line).collect();
        let mut lines: Vec<StatementLine> = Vec::new();
        for id in &late {
            let Some(row) = self.ledger.lines().find(id, &Visibility::Everything)? else { continue };
            // Its numbers are of the month that is over, although it was planned in the next.
            let line = Line { period, ..row.line };
            lines.push(reconciliation.with(0, |reconciler| StatementLine::of(&line, row.state, reconciler.row(&line))));
        }
        let place = |line: &StatementLine| (line.numbers.company.clone(), line.numbers.product.clone());
        lines.sort_by_key(place);
        let found_again: BTreeSet<LineId> = lines.iter().map(|line| line.numbers.line.clone()).collect();
        let mut lines = lines.into_iter().peekable();
        let mut sheet = self.ledger.month_sheets().begin(period);
        let mut totals = Totals::default();
        let mut add = |line: &StatementLine| {
            totals.add(&line.numbers);
            sheet.add(line)
        };
        month.each(|line| {
            if found_again.contains(&line.numbers.line) {
                return Ok(());
            }
            let here = place(&line);
            while let Some(new) = lines.next_if(|new| place(new) < here) {
                add(&new)?;
            }
            add(&line)
        })?;
        lines.try_for_each(|line| add(&line))?;
        let head = MonthHead { schema: MONTH_SCHEMA, period, planned_at: Some(now), closure: None, totals };
        sheet.finish(SheetKind::Kept, &head)?;
        Ok(())
    }
}
