//! An approved change in words: how it stands, what it waits for, and what taking it back does.

use domain::Timestamp;
use domain::billing::NewAddition;
use domain::mapping::BillCustomer;
use domain::money::Money;
use engine::{Change, Intent, IntentState};

use super::lines::Tone;
use crate::words::{amount, date, quantity};

/// An approved change's state.
pub(crate) fn intent(state: IntentState) -> (Tone, &'static str) {
    match state {
        IntentState::Planned => (Tone::Busy, "Waiting"),
        IntentState::Inflight => (Tone::Busy, "Writing"),
        IntentState::Done => (Tone::Good, "Written"),
        IntentState::Failed => (Tone::Bad, "Not written"),
        IntentState::Unknown => (Tone::Busy, "Reading back"),
        IntentState::Parked => (Tone::Bad, "Parked"),
    }
}

/// "Waits until 14 Dec", while an approved change waits for its day.
pub(crate) fn waits(intent: &Intent, now: Timestamp) -> Option<String> {
    let day = intent.effective.filter(|_| intent.is_waiting(now))?;
    Some(format!("Waits until {}", date(day, now)))
}

/// An addition that would be made: price, billing and day.
pub(crate) fn new_addition(new: &NewAddition, unit_price: Option<Money>, currency: Option<&str>, now: Timestamp) -> String {
    let price = unit_price.map_or_else(|| "at the catalog’s price".to_owned(), |price| format!("at {} a unit", amount(price, currency)));
    let bill = match new.bill {
        BillCustomer::Billable => "billed to the customer",
        BillCustomer::DoNotBill => "not billed to the customer",
        BillCustomer::NoCharge => "on the invoice for nothing",
    };
    format!("{} from {}, {price}, {bill}", new.description, date(new.effective, now))
}

/// Whether a written change can be taken back: once, and not the taking back itself.
pub(crate) fn can_reverse(intent: &Intent) -> bool {
    intent.state == IntentState::Done && intent.reverses.is_none() && intent.reversed_by.is_none()
}

/// What taking a change back does.
pub(crate) fn reversal(intent: &Intent) -> String {
    let (from, to) = (quantity(intent.from), quantity(intent.to));
    let what = match &intent.effect {
        Change::Set => format!("ConnectWise gets {from} again instead of {to}, as long as it still has {to}."),
        Change::Create { .. } => "The addition it made ends today, or on the day it would have begun.".to_owned(),
        Change::End { .. } | Change::Resume { .. } => "The addition stands again as it did before.".to_owned(),
    };
    format!(
        "{what} If somebody has changed it since, nothing is written and the difference is shown. The line is held afterwards, so that \
        nothing writes the same number again by itself."
    )
}

/// How a change and another that takes it back belong together.
pub(crate) fn reversal_label(intent: &Intent) -> Option<String> {
    match (&intent.reverses, &intent.reversed_by) {
        (Some(_), _) => Some(format!("Takes an earlier change back: {}", intent.reason.as_deref().unwrap_or("no reason was given"))),
        (None, Some(_)) => Some("Reversed by a later change.".to_owned()),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::billing::lines::tests::view;

    #[test]
    fn only_what_was_written_is_taken_back_and_only_once() {
        let mut line = view("a", 1, 5);
        line.line.addition = Some(domain::ids::AdditionId(3));
        let mut done = Intent::of(&line.line).expect("a change");
        done.state = IntentState::Done;
        assert!(can_reverse(&done));
        assert!(reversal(&done).starts_with("ConnectWise gets 20 again instead of 25, as long as it still has 25."));
        let mut failed = done.clone();
        failed.state = IntentState::Failed;
        assert!(!can_reverse(&failed));
        assert!(!can_reverse(&Intent { reversed_by: Some("other".into()), ..done.clone() }));
        assert!(!can_reverse(&Intent { reverses: Some("other".into()), ..done }));
    }

    #[test]
    fn an_addition_that_would_be_made_says_price_billing_and_day() {
        let now = "2026-11-22T12:00:00Z".parse().expect("a moment");
        let new = NewAddition {
            product: domain::ids::CatalogId(9),
            description: "ESET PROTECT".to_owned(),
            bill: BillCustomer::DoNotBill,
            effective: "2026-12-01".parse().expect("a day"),
            beside: None,
        };
        assert_eq!(
            new_addition(&new, Money::from_vendor(2.5), Some("EUR"), now),
            "ESET PROTECT from 1 Dec, at 2.50 EUR a unit, not billed to the customer"
        );
        assert!(new_addition(&new, None, None, now).contains("at the catalog’s price"));
    }
}
