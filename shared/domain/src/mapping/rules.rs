//! How the seats of a mapped product become a quantity, and how that quantity reaches ConnectWise.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ids::{AgreementId, CatalogId, ProductCode};
use crate::money::Money;

/// What is done with one ESET product: how it is counted, how it is written, what it costs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ProductRule {
    /// How seats become a quantity.
    pub count: CountRule,
    /// How the quantity reaches ConnectWise.
    pub write: WriteRule,
    /// What the MSP pays ESET for one seat a month, in the agreement's currency, when a person gave it.
    pub cost: Option<Money>,
}

/// How seats become a quantity. The counted seats are multiplied, lessened, raised and rounded in this order:
/// `round(max(minimum, max(0, seats × factor − included)))`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CountRule {
    /// Which seats.
    pub method: CountMethod,
    /// Units of the catalog product for one seat; 1 unless a person says otherwise. Above 0, at most 1,000.
    pub factor: Decimal,
    /// Units that are part of the deal and not written. ConnectWise's own `lessIncluded` is another thing, and is left alone.
    pub included: u32,
    /// The quantity is never below this, while the company has any seat of the product.
    pub minimum: u32,
    /// How a fraction becomes a whole.
    pub rounding: Rounding,
    /// Count trials too; only with ordered and activated units.
    pub trials: bool,
    /// Count suspended licences too; only with ordered and activated units. EMA 2 marks no licence as NFR ("not for resale"),
    /// so those cannot be told apart here: exclude the company, or leave the MSP's own company unmapped.
    pub suspended: bool,
}

impl Default for CountRule {
    fn default() -> Self {
        Self::PLAIN
    }
}

/// Which seats are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CountMethod {
    /// Units ESET bills the MSP for, at the last reading.
    #[default]
    Ordered,
    /// Units in use, at the last reading.
    Activated,
    /// The most units ordered on any day of the month that was read.
    Peak,
    /// The most units in use on any day of the month that was read.
    ActiveOnce,
    /// Units ordered, averaged over the days of the month that were read.
    Average,
    /// ESET's seat-days of the month, with today's order for the days to come, over the days of the month.
    SeatDays,
}

/// How a fraction becomes a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the next whole unit.
    #[default]
    Up,
    /// To the whole unit below.
    Down,
    /// To the nearest whole unit, a half away from zero.
    Nearest,
    /// Not at all: to two places, as ConnectWise bills them.
    None,
}

/// How a quantity reaches ConnectWise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct WriteRule {
    /// What is written.
    pub strategy: WriteStrategy,
    /// From when it counts.
    pub effective: EffectiveRule,
    /// Make the addition when the agreement has none; off unless a person says with which price and from when.
    pub create: Option<CreateRule>,
}

impl WriteRule {
    /// The quantity of the addition there is, from the day it is approved.
    pub const PLAIN: Self = Self { strategy: WriteStrategy::Set, effective: EffectiveRule::Now, create: None };
}

/// What is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WriteStrategy {
    /// The quantity of the one ongoing addition. ConnectWise bills it in full on the next invoice.
    #[default]
    Set,
    /// A new addition for what is added, from its own effective date; what is taken away ends by its cancelled date. Only on
    /// an agreement that prorates.
    Dated,
}

/// From when a change counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EffectiveRule {
    /// The day it is approved.
    #[default]
    Now,
    /// The first day of the month after.
    FirstOfNext,
    /// The day before the agreement's next invoice date.
    BeforeInvoice,
}

/// How a missing addition is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateRule {
    /// Price of a unit, in the agreement's currency; none leaves the catalog's.
    pub unit_price: Option<Money>,
    /// Whether the customer pays for it from the start.
    pub bill: BillCustomer,
}

/// ConnectWise `billCustomer`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BillCustomer {
    /// On the invoice, with its price.
    Billable,
    /// Not on the invoice: the line can be looked at before it costs anybody anything.
    #[default]
    DoNotBill,
    /// On the invoice, for nothing.
    NoCharge,
}

/// What one company does differently with one ESET product.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CompanyProduct {
    /// Billed on this agreement of the same ConnectWise company instead of the company's own.
    pub agreement: Option<AgreementId>,
    /// Billed as this catalog product.
    pub product: Option<CatalogId>,
    /// Counted and written in this way.
    pub rule: Option<ProductRule>,
}

/// What one company does differently, by ESET product.
pub type CompanyProducts = BTreeMap<ProductCode, CompanyProduct>;
