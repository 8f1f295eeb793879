//! A month as it is shown and printed: its statement, or what that would be if the month were closed now.

use std::collections::BTreeSet;

use domain::billing::{BlockerKind, Correction, Period, StatementLine};
use domain::ids::IntentId;

use crate::http::App;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, not_found};
use crate::passes::Month;
use crate::visible::VisibleCompanies;
use store::ledger::Closed;
use store::ports::StoreError;

/// What a caller sees of a month.
pub(super) struct Sheet<'a> {
    pub(super) month: Month<'a>,
    pub(super) closed: Option<Closed>,
    pub(super) corrections: Vec<Correction>,
    visible: VisibleCompanies,
    /// The changes that a caller who does not see everything may see.
    written: Option<BTreeSet<IntentId>>,
    /// Of one company only.
    company: Option<&'a str>,
}

impl<'a> Sheet<'a> {
    /// Reads what the caller sees of a month, or of one company in it.
    pub(super) async fn read(app: &'a App, caller: &Caller, period: Period, company: Option<&'a str>) -> Result<Self, Failure> {
        let visible = app.visible(&caller.scope)?;
        let month = app.closing().month(period).await?.ok_or_else(|| not_found("month"))?;
        let mut corrections = app.ledger.months().corrections(period)?;
        let mut written = None;
        if !caller.scope.is_everything() {
            // Other companies may have been on the line when a change was written. Of a correction it is not kept which were.
            let done = app.ledger.changes().done_in(period, &caller.scope)?;
            written = Some(done.into_iter().map(|row| row.intent.id).collect());
            corrections.clear();
        }
        corrections.retain(|correction| company.is_none_or(|company| correction.company == company));
        let sheet = Self { month, closed: app.ledger.months().closed(period)?, corrections, visible, written, company };
        if company.is_some() {
            let mut lines = 0_u32;
            sheet.each(|_| lines += 1)?;
            if lines == 0 {
                return Err(not_found("company in this month"));
            }
        }
        Ok(sheet)
    }

    /// Whether the caller sees a line.
    pub(super) fn sees(&self, line: &StatementLine) -> bool {
        self.visible.sees_all(&line.members)
    }

    /// Hands every line over that the caller sees, with as much of it.
    pub(super) fn each(&self, mut take: impl FnMut(StatementLine)) -> Result<(), StoreError> {
        self.month.each(|mut line| {
            if !self.sees(&line) || self.company.is_some_and(|company| line.numbers.company != company) {
                return Ok(());
            }
            if let Some(written) = &self.written {
                line.changes.retain(|change| written.contains(&change.intent));
                line.corrections.clear();
            }
            take(line);
            Ok(())
        })
    }

    /// What stood in the way when it was closed, and why it was closed all the same; written with all companies in view.
    pub(super) fn closed_in_spite_of(&self) -> (Vec<BlockerKind>, Option<String>) {
        match self.month.closure() {
            Some(closure) if self.written.is_none() => (closure.accepted.clone(), closure.reason.clone()),
            _ => Default::default(),
        }
    }
}
