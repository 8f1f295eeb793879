//! An agreement with one addition: what it is, what reads may still show of what it was, and what the ledger knows of it.

use chrono::TimeDelta;
use domain::Timestamp;
use domain::ids::{AdditionId, CatalogId};
use domain::mapping::BillCustomer;
use domain::money::Quantity;
use domain::psa::{Addition, taken_in};

use super::{AFTER, BEFORE, TYPED};
use crate::clock::{LAG, TICK, now};

/// The day on which an addition ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Day {
    /// The one our change gives it.
    Ours,
    /// The one somebody else gave it.
    Theirs,
}

/// The addition at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fact {
    pub quantity: u8,
    pub end: Option<Day>,
    /// How often it was changed.
    pub version: u8,
    /// Steps since then, as far as they make a difference.
    pub age: u8,
}

/// The number of the only addition there is.
pub const ADDITION: AdditionId = AdditionId(2);
/// Its product.
pub const PRODUCT: CatalogId = CatalogId(71);

impl Day {
    pub fn date(self) -> chrono::NaiveDate {
        match self {
            Self::Ours => now().date_naive(),
            Self::Theirs => now().date_naive() - chrono::Days::new(1),
        }
    }

    fn of(date: chrono::NaiveDate) -> Self {
        if date == Self::Ours.date() { Self::Ours } else { Self::Theirs }
    }
}

impl Fact {
    /// ConnectWise's version: the moment it was changed. Of two changes in one step the later one has the larger number.
    pub fn moment(self) -> String {
        let ago = TICK * i32::from(self.age) + TimeDelta::seconds(60 - i64::from(self.version));
        (now() - ago).to_rfc3339()
    }
}

/// The number and the age that a version was made of.
fn parts(version: &str) -> Option<(u8, u8)> {
    let ago = (now() - version.parse::<Timestamp>().ok()?).num_seconds();
    let step = TICK.num_seconds();
    let age = (ago - 1) / step;
    Some((u8::try_from(step * age + 60 - ago).ok()?, u8::try_from(age).ok()?))
}

/// The same version, a step later.
pub fn earlier(known: &str) -> String {
    let fact = |(version, age): (u8, u8)| Fact { quantity: 0, end: None, version, age: LAG.min(age + 1) };
    parts(known).map(fact).map_or_else(|| known.to_owned(), Fact::moment)
}

/// The agreement, the additions as the ledger knows them, and what it noted as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Agreement {
    /// The addition as it is; none where there is none.
    pub is: Option<Fact>,
    /// What it was, and for how many steps reads may still show that.
    was: Vec<(Option<Fact>, u8)>,
    /// As the ledger knows it.
    pub known: Option<Fact>,
    /// The quantity noted as ours, and the steps since.
    pub written: Option<(u8, u8)>,
}

impl Agreement {
    pub fn new(is: Option<Fact>, was: Vec<Fact>) -> Self {
        let was = was.into_iter().map(|was| (Some(was), LAG)).collect();
        Self { is, was, known: is, written: None }
    }

    /// It becomes another, which reads may not show for some steps.
    pub fn becomes(&mut self, fact: Option<Fact>, left: u8) {
        let before = std::mem::replace(&mut self.is, fact);
        self.was.retain(|(was, _)| *was != before);
        self.was.push((before, left));
        // A replica that has heard of a change has heard of all before it.
        self.was.iter_mut().for_each(|(_, until)| *until = left.min(*until));
        self.was.retain(|(_, left)| *left > 0);
    }

    /// What a read may show; first what is.
    pub fn shown(&self) -> Vec<Option<Fact>> {
        let mut shown = vec![self.is];
        for (was, _) in &self.was {
            if !shown.contains(was) {
                shown.push(*was);
            }
        }
        shown
    }

    pub fn pass(&mut self) {
        self.was.retain_mut(|(_, left)| {
            *left -= 1;
            *left > 0
        });
        let facts = self.was.iter_mut().map(|(was, _)| was).chain([&mut self.is, &mut self.known]);
        facts.flatten().for_each(|fact| fact.age = LAG.min(fact.age + 1));
        if let Some((_, age)) = &mut self.written {
            *age = LAG.min(*age + 1);
        }
    }

    /// A reading of all additions that was made for another reason is taken in, as the ledger does it.
    pub fn take_in(&mut self, read: Option<Fact>) {
        let list = |fact: Option<Fact>| fact.map(addition).into_iter().collect();
        let written = self.written.filter(|(_, age)| *age < LAG).map(|(quantity, _)| Quantity::from(u32::from(quantity)));
        let taken = taken_in(list(self.known), list(read), |_| written);
        self.known = taken.first().map(|taken| Fact {
            quantity: units(taken.quantity),
            end: taken.cancelled.map(Day::of),
            version: parts(&taken.version).map_or(0, |(version, _)| version),
            age: parts(&taken.version).map_or(LAG, |(_, age)| age),
        });
    }

    /// What was read back is noted as ours.
    pub fn note_written(&mut self, fact: Fact) {
        self.written = Some((fact.quantity, 0));
        self.known = Some(fact);
    }
}

/// A quantity as a small number; this world has no others.
fn units(quantity: Quantity) -> u8 {
    [AFTER, BEFORE, TYPED, BEFORE - 1].into_iter().find(|units| Quantity::from(u32::from(*units)) == quantity).unwrap_or_default()
}

fn addition(fact: Fact) -> Addition {
    Addition {
        id: ADDITION,
        product: PRODUCT,
        quantity: u32::from(fact.quantity).into(),
        included: Quantity::ZERO,
        unit_price: None,
        bill: Some(BillCustomer::Billable),
        effective: None,
        unit_cost: None,
        cancelled: fact.end.map(Day::date),
        serial: None,
        version: fact.moment(),
    }
}
