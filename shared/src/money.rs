//! Quantities and money, as decimals: never floats once a vendor's answer is parsed.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use serde::{Deserialize, Serialize};

/// How many decimal places a quantity keeps; ConnectWise sends doubles, and 27.000000001 is 27.
const QUANTITY_PLACES: u32 = 4;

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
        Decimal::from_f64(number).map(|decimal| Self(decimal.round_dp(QUANTITY_PLACES).normalize()))
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
        Self((self.0 - included.0).max(Decimal::ZERO))
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
        Self(self.0 - other.0)
    }
}

impl std::ops::Add for Quantity {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
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
        Decimal::from_f64(number).map(|decimal| Self(decimal.round_dp(QUANTITY_PLACES)))
    }

    /// What `quantity` units at this price come to.
    #[must_use]
    pub fn times(self, quantity: Quantity) -> Self {
        Self(self.0 * quantity.0)
    }

    /// The amount as a decimal.
    pub fn decimal(self) -> Decimal {
        self.0
    }
}

impl std::ops::Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.0.round_dp(2))
    }
}

#[cfg(test)]
mod tests {
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
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
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
}
