//! Counting: what a company has of a catalog product becomes a quantity, with the sum written out.
//!
//! EMA 2 lists no devices. "Active at least once" is therefore the most units that were in use on any day that was read, not the
//! number of different devices.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use super::MonthCount;
use crate::mapping::{CountMethod, CountRule, Rounding};
use crate::money::Quantity;

/// What one company has of one catalog product, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// Units ordered at the last reading.
    pub ordered: u32,
    /// Units in use at the last reading; none when ESET does not say, as of a product inside a bundle it may not.
    pub activated: Option<u32>,
    /// The month so far; none when no day of it was read.
    pub month: Option<MonthCount>,
    /// ESET's seat-days of the month so far; none when it gives none.
    pub seat_days: Option<u64>,
    /// Where in the month this is.
    pub calendar: Calendar,
}

/// A place in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// Day of the month of the last reading; 0 when none is of this month.
    pub today: u32,
    /// Days of the month whose seat-days ESET has counted: up to yesterday.
    pub counted: u32,
    /// Days of the month.
    pub days: u32,
}

/// A quantity and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The seats that were counted, before factor, included units and minimum; to two places.
    pub seats: Quantity,
    /// The quantity.
    pub quantity: Quantity,
    /// The sum written out.
    pub sentence: String,
    /// Why ordered units were counted although the rule wants others.
    pub note: Option<CountNote>,
}

/// Why ordered units were counted although the rule wants others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CountNote {
    /// ESET does not say how many of a product inside a bundle are in use.
    NoUsage,
    /// No day of the month was read yet: the connection is younger, or the month is.
    NoReadings,
    /// ESET gives no seat-days for it: it is inside a bundle, or missing from the usage report.
    NoSeatDays,
}

impl CountNote {
    /// What is missing, to stand in a sentence after "because".
    pub fn label(self) -> &'static str {
        match self {
            Self::NoUsage => "ESET does not say how many are in use",
            Self::NoReadings => "no day of this month has been read yet",
            Self::NoSeatDays => "ESET gives no seat-days for it",
        }
    }
}

/// Seats as a fraction, so that nothing is lost before it is rounded.
struct Seats {
    numerator: Decimal,
    denominator: Decimal,
    words: String,
    note: Option<CountNote>,
}

impl Seats {
    fn whole(units: u32, words: String) -> Self {
        Self { numerator: units.into(), denominator: Decimal::ONE, words, note: None }
    }

    /// Ordered units instead of what the rule wants.
    fn instead(have: &Holding, note: CountNote) -> Self {
        let words = format!("{} ordered, counted because {}", have.ordered, note.label());
        Self { note: Some(note), ..Self::whole(have.ordered, words) }
    }
}

impl CountRule {
    /// Whether the seats of a company that is counted so can be split by device group.
    pub fn can_be_shared(&self) -> bool {
        !self.method.looks_back()
    }

    /// The quantity for the devices of a group. Included units and the minimum are part of the company's own deal, and stay
    /// with it.
    pub fn count_split(&self, devices: u32, group: &str) -> Count {
        let alone = Self { included: 0, minimum: 0, ..self.clone() };
        alone.count_from(Seats::whole(devices, format!("{devices} in use in {group}")), devices)
    }

    /// The quantity for what is left of a company when `shared` of its seats are billed elsewhere.
    pub fn count_rest(&self, have: &Holding, shared: u32) -> Count {
        let seats = self.seats(have);
        let words = format!("{} − {shared} of its groups", seats.words);
        let numerator = (seats.numerator - Decimal::from(shared)).max(Decimal::ZERO);
        self.count_from(Seats { numerator, words, ..seats }, have.ordered)
    }

    /// The quantity for what a company has: `round(max(minimum, max(0, seats × factor − included)))`. The minimum counts while
    /// the company has any seat.
    pub fn count(&self, have: &Holding) -> Count {
        self.count_from(self.seats(have), have.ordered)
    }

    fn count_from(&self, seats: Seats, ordered: u32) -> Count {
        let Seats { numerator, denominator, words, note } = seats;
        let seats = divided(numerator, denominator);
        let units = numerator.saturating_mul(self.factor);
        let left = divided(units.saturating_sub(denominator.saturating_mul(self.included.into())).max(Decimal::ZERO), denominator);
        let has_any = !numerator.is_zero() || ordered > 0;
        let minimum = if has_any { Decimal::from(self.minimum) } else { Decimal::ZERO };
        let raised = left.max(minimum);
        let quantity = self.rounding.applied(raised);

        let mut sentence = words;
        if self.factor != Decimal::ONE {
            sentence.push_str(&format!(" × {}", self.factor.normalize()));
        }
        if self.included > 0 {
            sentence.push_str(&format!(" − {} included", self.included));
        }
        if self.factor != Decimal::ONE || self.included > 0 {
            sentence.push_str(&format!(" = {}", shown(left)));
        }
        if raised > left {
            sentence.push_str(&format!(", raised to the minimum of {}", self.minimum));
        }
        if shown(quantity) != shown(raised) {
            let way = if quantity > raised { "up" } else { "down" };
            sentence.push_str(&format!(", rounded {way} to {quantity}"));
        }
        Count { seats: Quantity::from_decimal(seats.round_dp(2)), quantity: Quantity::from_decimal(quantity), sentence, note }
    }

    /// This rule at work on the company that [`CountMethod::example_given`] describes.
    pub fn example(&self) -> String {
        let count = self.count(&EXAMPLE);
        format!("{} → {}", count.sentence, count.quantity)
    }

    fn seats(&self, have: &Holding) -> Seats {
        let days_read = |month: &MonthCount| format!("on {} of {} days read", month.days, have.calendar.today.max(month.days));
        match (self.method, &have.month) {
            (CountMethod::Ordered, _) => Seats::whole(have.ordered, format!("{} ordered", have.ordered)),
            (CountMethod::Activated, _) => match have.activated {
                Some(activated) => Seats::whole(activated, format!("{activated} in use")),
                None => Seats::instead(have, CountNote::NoUsage),
            },
            (CountMethod::SeatDays, _) => seat_days(have),
            (_, None) => Seats::instead(have, CountNote::NoReadings),
            (CountMethod::Peak, Some(month)) => Seats::whole(month.peak, format!("peak {} {}", month.peak, days_read(month))),
            (CountMethod::ActiveOnce, Some(month)) => match month.most_in_use {
                Some(most) => Seats::whole(most, format!("at most {most} in use {}", days_read(month))),
                None => Seats::instead(have, CountNote::NoUsage),
            },
            (CountMethod::Average, Some(month)) => {
                let (numerator, denominator) = (Decimal::from(month.sum), Decimal::from(month.days.max(1)));
                let words = format!("{} ordered a day {}", shown(divided(numerator, denominator)), days_read(month));
                Seats { numerator, denominator, words, note: None }
            }
        }
    }
}

/// Seat-days so far, with today's order for the days to come, over the days of the month.
fn seat_days(have: &Holding) -> Seats {
    let Some(so_far) = have.seat_days else { return Seats::instead(have, CountNote::NoSeatDays) };
    let Calendar { counted, days, .. } = have.calendar;
    let to_come = days.saturating_sub(counted);
    let numerator = Decimal::from(so_far).saturating_add(Decimal::from(have.ordered).saturating_mul(to_come.into()));
    let denominator = Decimal::from(days.max(1));
    let a_day = shown(divided(numerator, denominator));
    let words = format!("{a_day} seat-days a day ({so_far} so far + {} × {to_come} days to come, over {days})", have.ordered);
    Seats { numerator, denominator, words, note: None }
}

/// A fraction to ten places: what is beyond them is noise, and would round 13 up to 14.
fn divided(numerator: Decimal, denominator: Decimal) -> Decimal {
    numerator.checked_div(denominator).unwrap_or(numerator).round_dp(10).normalize()
}

fn shown(number: Decimal) -> Decimal {
    number.round_dp(2).normalize()
}

impl Rounding {
    /// `number` as a whole, or to two places.
    pub fn applied(self, number: Decimal) -> Decimal {
        let places = |places| number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
        match self {
            Self::Up => number.ceil(),
            Self::Down => number.floor(),
            Self::Nearest => places(0),
            Self::None => places(2),
        }
        .normalize()
    }
}

impl CountMethod {
    /// Every method, the plain one first.
    pub const ALL: [Self; 6] = [Self::Ordered, Self::Activated, Self::Peak, Self::ActiveOnce, Self::Average, Self::SeatDays];

    /// What it counts, for the person who chooses it.
    pub fn definition(self) -> &'static str {
        match self {
            Self::Ordered => "The units ESET bills you for, as of the last sync.",
            Self::Activated => {
                "The units in use, as of the last sync. Of a product inside a bundle ESET may not say it; ordered units are counted then."
            }
            Self::Peak => "The most units ordered at one time this month, on the days that were read.",
            Self::ActiveOnce => {
                "The most units in use at one time this month, on the days that were read. ESET lists no devices, so two devices \
                 that used one seat after the other count as one."
            }
            Self::Average => "The units ordered, averaged over the days of the month that were read.",
            Self::SeatDays => {
                "ESET's own seat-days up to yesterday, with today's order for the days to come, over the days of the month: what \
                 ESET will bill you if nothing changes. Of a product inside a bundle there are none; ordered units are counted then."
            }
        }
    }

    /// The company that every [`CountMethod::example`] is about.
    pub fn example_given() -> String {
        let Holding { ordered, calendar, .. } = EXAMPLE;
        let (activated, so_far) = (EXAMPLE.activated.unwrap_or_default(), EXAMPLE.seat_days.unwrap_or_default());
        let Calendar { today, counted, days } = calendar;
        format!("On day {today} of {days}, {ordered} are ordered and {activated} in use; ESET counted {so_far} seat-days in {counted} days")
    }

    /// A worked example: counted by [`CountRule::count`], not typed.
    pub fn example(self) -> String {
        let rule = CountRule { method: self, included: if self == Self::Ordered { 2 } else { 0 }, ..CountRule::default() };
        format!("{}: {}", Self::example_given(), rule.example())
    }

    /// Its name in a list or a row of history.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Activated => "activated",
            Self::Peak => "peak",
            Self::ActiveOnce => "active at least once",
            Self::Average => "average",
            Self::SeatDays => "seat-days",
        }
    }

    /// Whether it looks back over the month.
    pub fn looks_back(self) -> bool {
        !matches!(self, Self::Ordered | Self::Activated)
    }
}

const EXAMPLE: Holding = Holding {
    ordered: 27,
    activated: Some(24),
    month: Some(MonthCount { first: 4, days: 19, sum: 516, peak: 31, most_in_use: Some(25) }),
    seat_days: Some(581),
    calendar: Calendar { today: 22, counted: 21, days: 30 },
};

#[cfg(test)]
#[path = "count_tests.rs"]
mod tests;
