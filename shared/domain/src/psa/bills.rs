//! What bills on a day: the one rule that plan, sums, reconciliation, share page and statement go by.
//!
//! ConnectWise documents neither whether the last day of an addition still bills nor what is to be done where two meet on a day. Its
//! own users end an addition on the last day of a month and begin its successor on the first, so the last day counts; and on a day
//! that one ends and another begins, the one that begins is meant.

use chrono::NaiveDate;

use super::{Addition, Agreement, AgreementStatus};
use crate::mapping::BillCustomer;
use crate::money::Quantity;

/// Whether an addition is on an invoice for a day, and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bills {
    /// At its price.
    Charged,
    /// On the invoice, for nothing (`NoCharge`).
    Free,
    /// Its customer does not pay for it (`DoNotBill`).
    Unbilled,
    /// It begins later.
    Later {
        /// Its first day.
        from: NaiveDate,
    },
    /// It has ended.
    Ended {
        /// Its last day.
        last: NaiveDate,
    },
    /// It ends before it begins.
    Never,
    /// Its agreement is not active.
    NotActive {
        /// What it is.
        status: AgreementStatus,
    },
    /// Its agreement bills from a later day on.
    NotStarted {
        /// That day.
        on: NaiveDate,
    },
    /// Its agreement has ended, whatever status it still has.
    Expired {
        /// Its last day.
        last: NaiveDate,
    },
}

/// Whether an addition is on its agreement's invoice for `day`. What its agreement says goes first.
pub fn bills_on(addition: &Addition, agreement: &Agreement, day: NaiveDate) -> Bills {
    if let Some(hindrance) = agreement.hindrance(day) {
        return hindrance;
    }
    match addition.span(day) {
        Span::Never => Bills::Never,
        Span::Over(last) => Bills::Ended { last },
        Span::Later(from) => Bills::Later { from },
        Span::Now => match addition.bill {
            Some(BillCustomer::NoCharge) => Bills::Free,
            Some(BillCustomer::DoNotBill) => Bills::Unbilled,
            Some(BillCustomer::Billable) | None => Bills::Charged,
        },
    }
}

impl Agreement {
    /// Why nothing of it is on an invoice for `day`, whatever its additions say.
    pub(crate) fn hindrance(&self, day: NaiveDate) -> Option<Bills> {
        if self.status != AgreementStatus::Active {
            return Some(Bills::NotActive { status: self.status });
        }
        if let Some(last) = self.ends.filter(|last| *last < day) {
            return Some(Bills::Expired { last });
        }
        self.bill_start.filter(|start| *start > day).map(|on| Bills::NotStarted { on })
    }
}

/// Where a day stands to an addition's own dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    /// Between its first and its last day, both included.
    Now,
    /// Before its first day.
    Later(NaiveDate),
    /// After its last day.
    Over(NaiveDate),
    /// It ends before it begins.
    Never,
}

impl Addition {
    /// Where `day` stands to its dates.
    pub(crate) fn span(&self, day: NaiveDate) -> Span {
        match (self.effective, self.cancelled) {
            (Some(first), Some(last)) if last <= first => Span::Never,
            (_, Some(last)) if last < day => Span::Over(last),
            (Some(first), _) if first > day => Span::Later(first),
            _ => Span::Now,
        }
    }

    /// Whether it bills on `day` or some day after it.
    pub fn goes_on(&self, day: NaiveDate) -> bool {
        matches!(self.span(day), Span::Now | Span::Later(_))
    }
}

/// The additions of one product on one agreement, as they stand on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDay<'a> {
    /// Those between their first and their last day, by id.
    pub now: Vec<&'a Addition>,
    /// Those that begin later, by their first day.
    pub later: Vec<(NaiveDate, &'a Addition)>,
}

/// The additions of one product as they stand on `day`.
pub fn on_day<'a>(additions: impl IntoIterator<Item = &'a Addition>, day: NaiveDate) -> OnDay<'a> {
    let (mut now, mut later) = (Vec::new(), Vec::new());
    for addition in additions {
        match addition.span(day) {
            Span::Now => now.push(addition),
            Span::Later(from) => later.push((from, addition)),
            Span::Over(_) | Span::Never => {}
        }
    }
    // One that ends on the day on which another begins has handed over to it.
    if now.iter().any(|addition| addition.effective == Some(day)) {
        now.retain(|addition| addition.cancelled != Some(day));
    }
    now.sort_by_key(|addition| addition.id);
    later.sort_by_key(|(from, addition)| (*from, addition.id));
    OnDay { now, later }
}

/// What customers are invoiced of these additions for `day`: their quantities less what the agreement includes.
pub fn invoiced<'a>(additions: impl IntoIterator<Item = &'a Addition>, agreement: &Agreement, day: NaiveDate) -> Quantity {
    let billed = additions.into_iter().filter(|addition| matches!(bills_on(addition, agreement, day), Bills::Charged | Bills::Free));
    billed.map(|addition| addition.quantity.billed_after(addition.included)).sum()
}

#[cfg(test)]
#[path = "bills_tests.rs"]
mod tests;
