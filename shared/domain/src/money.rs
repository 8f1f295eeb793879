//! Quantities and money, as decimals: never floats once a vendor's answer is parsed.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use serde::{Deserialize, Serialize};

/// How many decimal places a quantity keeps; ConnectWise sends doubles, and 27.000000001 is 27.
const QUANTITY_PLACES: u32 = 4;

/// No vendor's number is larger: a trillion. Beyond it the number is noise, and sums of such numbers would not fit a decimal.
const LARGEST: Decimal = Decimal::from_parts(0xD4A5_1000, 0xE8, 0, false, 0);

/// A vendor's double as a decimal without noise; none when it is no number, or too large to be meant.
fn vendor_decimal(number: f64) -> Option<Decimal> {
    let decimal = Decimal::from_f64(number)?.round_dp(QUANTITY_PLACES).normalize();
    (decimal.abs() <= LARGEST).then_some(decimal)
}

/// What a sum or product that fits no decimal becomes: the largest there is. A panic would take every request with it.
fn bounded(result: Option<Decimal>, negative: bool) -> Decimal {
    result.unwrap_or(if negative { Decimal::MIN } else { Decimal::MAX })
}

/// A quantity on an agreement, in units of the product. Text in JSON (`"27"`), so that no reader rounds it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Quantity(Decimal);

impl Quantity {
    /// No units.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// A vendor's double, rounded to four places. `None` for a number no quantity can be (NaN, infinite, too large).
    pub fn from_vendor(number: f64) -> Option<Self> {
        vendor_decimal(number).map(Self)
    }

    /// A counted quantity.
    pub fn from_decimal(units: Decimal) -> Self {
        Self(units.normalize())
    }

    /// The double a vendor's JSON wants.
    pub fn to_vendor(self) -> f64 {
        self.0.to_f64().unwrap_or_default()
    }

    /// This quantity as a decimal.
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// The size of this quantity without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// Whether this is no units at all.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Whether this is below zero: a decrease, when it is a change.
    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }

    /// What is invoiced of this quantity when `included` units are part of the agreement: never below zero.
    #[must_use]
    pub fn billed_after(self, included: Self) -> Self {
        Self((self - included).0.max(Decimal::ZERO))
    }
}

impl From<u32> for Quantity {
    fn from(units: u32) -> Self {
        Self(Decimal::from(units))
    }
}

impl std::ops::Sub for Quantity {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(bounded(self.0.checked_sub(other.0), self.0.is_sign_negative()))
    }
}

impl std::ops::Add for Quantity {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(bounded(self.0.checked_add(other.0), self.0.is_sign_negative()))
    }
}

impl std::iter::Sum for Quantity {
    fn sum<I: Iterator<Item = Self>>(quantities: I) -> Self {
        quantities.fold(Self::ZERO, |sum, quantity| sum + quantity)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.normalize().fmt(f)
    }
}

/// An amount in the agreement's currency, to four places. Text in JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Money(Decimal);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// A vendor's double, rounded to four places. `None` for a number no amount can be.
    pub fn from_vendor(number: f64) -> Option<Self> {
        vendor_decimal(number).map(Self)
    }

    /// What `quantity` units at this price come to.
    #[must_use]
    pub fn times(self, quantity: Quantity) -> Self {
        let negative = self.0.is_sign_negative() != quantity.0.is_sign_negative();
        Self(bounded(self.0.checked_mul(quantity.0), negative))
    }

    /// The double a vendor's JSON wants.
    pub fn to_vendor(self) -> f64 {
        self.0.to_f64().unwrap_or_default()
    }

    /// The amount as a decimal.
    pub fn decimal(self) -> Decimal {
        self.0
    }
}

impl std::ops::Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(bounded(self.0.checked_add(other.0), self.0.is_sign_negative()))
    }
}

impl std::ops::Sub for Money {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(bounded(self.0.checked_sub(other.0), self.0.is_sign_negative()))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.0.round_dp(2))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_vendors_double_loses_its_noise() {
        let noisy = Quantity::from_vendor(27.000_000_001).expect("a quantity");
        assert_eq!(noisy, Quantity::from(27));
        assert_eq!(noisy.to_string(), "27");
        assert_eq!(serde_json::to_string(&noisy).expect("json"), "\"27\"");
    }

    #[test]
    fn numbers_that_are_no_quantity_are_refused() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, 1e13, -1e28] {
            assert_eq!(Quantity::from_vendor(number), None, "{number}");
        }
    }

    #[test]
    fn included_units_are_never_billed_below_zero() {
        let table = [(27, 2, 25), (2, 2, 0), (1, 2, 0), (0, 0, 0)];
        for (quantity, included, billed) in table {
            assert_eq!(Quantity::from(quantity).billed_after(Quantity::from(included)), Quantity::from(billed));
        }
    }

    #[test]
    fn the_largest_number_is_a_trillion() {
        assert_eq!(LARGEST.to_string(), "1000000000000");
        assert!(Quantity::from_vendor(1e12).is_some() && Money::from_vendor(-1e12).is_some());
    }

    /// Any decimal at all, as a stored document may hold it.
    fn decimals() -> impl Strategy<Value = Decimal> {
        prop_oneof![
            (any::<u32>(), any::<u32>(), any::<u32>(), any::<bool>(), 0..=28_u32)
                .prop_map(|(low, middle, high, negative, places)| Decimal::from_parts(low, middle, high, negative, places)),
            Just(Decimal::MAX),
            Just(Decimal::MIN),
        ]
    }

    proptest! {
        #[test]
        fn no_arithmetic_panics(a in decimals(), b in decimals()) {
            let (left, right) = (Quantity(a), Quantity(b));
            let _ = (left + right, left - right, left.billed_after(right), left.abs());
            let _ = (Money(a).times(right), Money(a) + Money(b));
            let _ = [left, right, left].into_iter().sum::<Quantity>();
        }

        #[test]
        fn a_change_added_to_what_was_there_is_what_was_asked_for(was in -1e9..1e9_f64, asked in -1e9..1e9_f64) {
            let (was, asked) = (Quantity::from_vendor(was).expect("a quantity"), Quantity::from_vendor(asked).expect("a quantity"));
            prop_assert_eq!(was + (asked - was), asked);
            prop_assert_eq!((asked - was).is_zero(), asked == was);
            prop_assert_eq!((asked - was).is_negative(), asked < was);
            prop_assert_eq!((asked - was).abs(), (was - asked).abs());
        }

        #[test]
        fn a_quantity_survives_the_way_to_a_vendor_and_into_a_document(number in -1e9..1e9_f64) {
            let quantity = Quantity::from_vendor(number).expect("a quantity");
            prop_assert_eq!(Quantity::from_vendor(quantity.to_vendor()), Some(quantity));
            let json = serde_json::to_string(&quantity).expect("json");
            prop_assert_eq!(&json, &format!("\"{quantity}\""));
            prop_assert_eq!(serde_json::from_str::<Quantity>(&json).expect("read back"), quantity);
        }

        #[test]
        fn more_included_never_bills_more(quantity in 0..9999_u32, included in 0..9999_u32) {
            let billed = |included: u32| Quantity::from(quantity).billed_after(Quantity::from(included));
            prop_assert!(billed(included + 1) <= billed(included));
            prop_assert!(!billed(included).is_negative() && billed(included) <= Quantity::from(quantity));
        }
    }
}
