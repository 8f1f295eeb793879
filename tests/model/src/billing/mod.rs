//! A quantity that is set, an addition that is made, one that is ended; each of them taken back.

pub mod agreement;
pub mod side;

use domain::ids::AgreementId;
use domain::mapping::BillCustomer;
use domain::money::Quantity;
use engine::{Change, Course, Intent};

use self::agreement::{ADDITION, Agreement, Day, Fact, PRODUCT};
use crate::clock::{LAG, now};
use crate::moves::Exploration;
use crate::world::Left;

/// What is approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 27 in the place of 25.
    Set,
    /// An addition with 27.
    Create,
    /// The end of one with 25.
    End,
}

/// The other side of a bill.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Bill {
    kind: Kind,
    agreement: Agreement,
    /// Whether another install made an addition of the product, and for how many steps reads may not show it.
    other: Option<u8>,
    /// Whether anybody else has done anything.
    hands: bool,
    /// Changes by the approved intent and by the one that takes it back that took effect, since anybody else did anything.
    effects: [u8; 2],
    /// Whether somebody deleted what was made before its number was known.
    deleted_unknown: bool,
}

/// What there was, and what was approved.
const BEFORE: u8 = 25;
const AFTER: u8 = 27;
/// What a person types.
const TYPED: u8 = 30;

/// A kind, with all that may happen to it.
pub fn exploration(kind: Kind, left: Left) -> Exploration<Bill> {
    let fact = before();
    // A replica may still show what was there before the preview, which may be what is to be written.
    let was = [BEFORE - 1, AFTER].into_iter().zip(0..).map(|(quantity, version)| Fact { quantity, version, ..fact }).collect();
    let agreement = match kind {
        Kind::Set => Agreement::new(Some(fact), was),
        Kind::End => Agreement::new(Some(fact), Vec::new()),
        Kind::Create => Agreement::new(None, Vec::new()),
    };
    let side = Bill { kind, agreement, other: None, hands: false, effects: [0; 2], deleted_unknown: false };
    Exploration::new(side, intent(kind), left)
}

/// The addition as it was previewed.
fn before() -> Fact {
    Fact { quantity: BEFORE, end: None, version: 2, age: LAG }
}

fn intent(kind: Kind) -> Intent {
    let today = now().date_naive();
    let (effect, from, to) = match kind {
        Kind::Set => (Change::Set, BEFORE, AFTER),
        Kind::End => (Change::End { cancelled: Day::Ours.date() }, BEFORE, 0),
        Kind::Create => {
            let (description, bill) = ("ESET PROTECT".to_owned(), BillCustomer::Billable);
            (Change::Create { product: PRODUCT, description, bill, unit_price: None, effective: today, beside: None }, 0, AFTER)
        }
    };
    let units = |units: u8| Quantity::from(u32::from(units));
    Intent {
        id: "i".into(),
        line: "l".into(),
        preview: "p".into(),
        period: domain::billing::Period::of(now()),
        psa: "cw".into(),
        agreement: AgreementId(1),
        addition: (kind != Kind::Create).then_some(ADDITION),
        effect,
        from: units(from),
        to: units(to),
        version: (kind != Kind::Create).then(|| before().moment()),
        basis: "ESET: 27 ordered, 14 activated".to_owned(),
        effective: None,
        reverses: None,
        reversed_by: None,
        reason: None,
        course: Course::planned(None),
    }
}
