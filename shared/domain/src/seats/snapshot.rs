//! A snapshot: the seat counts of one ESET connection at one moment, with their evidence.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Licence, Tally};
use crate::Timestamp;
use crate::ids::{ConnectionId, EsetCompanyId, LicenceId, PassId, ProductCode};

/// Version of [`Snapshot`] as stored. Version 1 had neither the month's tallies nor the products inside bundles; it is still
/// read, with none of them.
pub const SNAPSHOT_SCHEMA: u32 = 2;

/// The seat counts of one ESET connection at one moment, with the evidence they came from. Never changed once written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Snapshot {
    /// [`SNAPSHOT_SCHEMA`] when it was written.
    pub schema: u32,
    /// The connection it was read through.
    pub connection: ConnectionId,
    /// The pass that read it.
    pub pass: PassId,
    /// When the reading began. ESET samples at 00:30 CET.
    pub taken_at: Timestamp,
    /// First and last day (both included) of the seat-days in it.
    pub usage_days: (NaiveDate, NaiveDate),
    /// Whether every list was read to its end and every licence answered.
    pub complete: bool,
    /// Every company the account reaches, by id.
    pub companies: BTreeMap<EsetCompanyId, CompanySeats>,
    /// Licences that were listed and are nobody's here: they could not be read and nobody knows whose they are, or their company is
    /// not among these. Any company's count may lack them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unowned: Vec<LicenceId>,
    /// What each company had on each day of the month that was read, up to this snapshot. A company that was gone for a day is
    /// here still.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tallies: BTreeMap<EsetCompanyId, Tally>,
}

impl Snapshot {
    /// Whether the account had licences, read or not. A list of them that is empty afterwards is doubted.
    pub fn has_licences(&self) -> bool {
        !self.unowned.is_empty() || self.companies.values().any(|company| !company.licences.is_empty() || !company.unread.is_empty())
    }
}

/// One ESET company and its licences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompanySeats {
    /// The name ESET shows.
    pub name: String,
    /// What kind of company it is.
    pub kind: EntityKind,
    /// The company above it, when it is known.
    pub parent: Option<EsetCompanyId>,
    /// ESET's free text field; integrations keep the PSA's id in it.
    pub custom_identifier: Option<String>,
    /// Its licences, by public ID.
    pub licences: Vec<Licence>,
    /// Seat-days per product since the first of the month, trials left out.
    pub seat_days: BTreeMap<ProductCode, u64>,
    /// Whether its seat-days could not be read: what is missing in [`Self::seat_days`] is then not known, which is not zero.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub seat_days_unread: bool,
    /// False when a licence of it could not be read: its counts are then not known, which is not zero.
    pub complete: bool,
    /// Licences that were its own when they were last read, and could not be read since. Kept, so that as long as they cannot, it
    /// is known whose counts are not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<LicenceId>,
}

/// EMA 2 entity types (entitytypes.html).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// 1001, ESET itself.
    Headquarters,
    /// 1002: sees money, not customers' seats; refused as an account.
    Distributor,
    /// 1003
    Division,
    /// 1004
    MspManager,
    /// 1005
    Msp,
    /// 1006
    ManagedMsp,
    /// 1007: a customer.
    MspCustomer,
    /// A kind this version does not know.
    Other,
}

impl EntityKind {
    /// From EMA 2's number.
    pub fn from_code(code: i64) -> Self {
        match code {
            1001 => Self::Headquarters,
            1002 => Self::Distributor,
            1003 => Self::Division,
            1004 => Self::MspManager,
            1005 => Self::Msp,
            1006 => Self::ManagedMsp,
            1007 => Self::MspCustomer,
            _ => Self::Other,
        }
    }

    /// Whether an account of this kind reaches its customers' seats (EMA 2 eligibility: MSP, Managed MSP, MSP Manager).
    pub fn may_connect(self) -> bool {
        matches!(self, Self::MspManager | Self::Msp | Self::ManagedMsp)
    }

    /// The words ESET's console uses.
    pub fn label(self) -> &'static str {
        match self {
            Self::Headquarters => "ESET headquarters",
            Self::Distributor => "Distributor",
            Self::Division => "Division",
            Self::MspManager => "MSP Manager",
            Self::Msp => "MSP",
            Self::ManagedMsp => "Managed MSP",
            Self::MspCustomer => "MSP customer",
            Self::Other => "Unknown kind",
        }
    }
}

/// The seats of one product at one company, summed over its licences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductSeats<'a> {
    /// The product's name, from its first licence.
    pub name: &'a str,
    /// The licences it comes from, in the snapshot's order.
    pub licences: Vec<&'a Licence>,
}

impl ProductSeats<'_> {
    /// Units ESET bills the MSP for: trials, suspended and obsolete licences left out.
    pub fn ordered(&self) -> u32 {
        self.licences.iter().fold(0, |sum, licence| sum.saturating_add(licence.counted()))
    }

    /// Units in use on the licences that are counted.
    pub fn activated(&self) -> u32 {
        self.licences.iter().filter(|licence| licence.not_counted().is_none()).fold(0, |sum, licence| sum.saturating_add(licence.activated))
    }
}

impl CompanySeats {
    /// This company's seats by product.
    pub fn products(&self) -> BTreeMap<&ProductCode, ProductSeats<'_>> {
        let mut products: BTreeMap<&ProductCode, ProductSeats<'_>> = BTreeMap::new();
        for licence in &self.licences {
            products
                .entry(&licence.product)
                .or_insert_with(|| ProductSeats { name: &licence.product_name, licences: Vec::new() })
                .licences
                .push(licence);
        }
        products
    }
}
