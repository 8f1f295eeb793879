//! ESET's side of the world: companies and licences as MSP Administrator 2 keeps them.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

/// A kind of ESET company (EMA 2 API, Enum/EntityTypes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "u16", try_from = "u16")]
#[allow(missing_docs, reason = "the vendor's own names")]
pub enum EntityType {
    Headquarters,
    Distributor,
    Division,
    MspManager,
    Msp,
    ManagedMsp,
    MspCustomer,
}

impl EntityType {
    /// All kinds, with code and name.
    pub const ALL: [(Self, u16, &'static str); 7] = [
        (Self::Headquarters, 1001, "ESET Headquarters"),
        (Self::Distributor, 1002, "Distributor"),
        (Self::Division, 1003, "Division"),
        (Self::MspManager, 1004, "MSP Manager"),
        (Self::Msp, 1005, "MSP"),
        (Self::ManagedMsp, 1006, "Managed MSP"),
        (Self::MspCustomer, 1007, "MSP Customer"),
    ];

    /// The code most calls use.
    pub fn code(self) -> u16 {
        1001 + self as u16
    }

    /// The second numbering, used by `CompanyTypeId` and column 6 of Search/Companies. The vendor's page names
    /// 0 (headquarters) and 1 (distributor) and goes on with the MSP Manager; the rest is the page's order of kinds.
    pub fn search_code(self) -> u16 {
        match self {
            Self::Headquarters => 0,
            Self::Distributor => 1,
            Self::MspManager => 2,
            Self::Msp => 3,
            Self::ManagedMsp => 4,
            Self::MspCustomer => 5,
            Self::Division => 6,
        }
    }
}

impl From<EntityType> for u16 {
    fn from(kind: EntityType) -> Self {
        kind.code()
    }
}

impl TryFrom<u16> for EntityType {
    type Error = String;

    fn try_from(code: u16) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|(_, known, _)| *known == code);
        known.map(|(kind, _, _)| *kind).ok_or_else(|| format!("{code} is no entity type"))
    }
}

/// A company in MSP Administrator 2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EsetCompany {
    /// The public id, a GUID.
    pub id: String,
    /// Unique among siblings only: two parents may each have a customer of the same name.
    pub name: String,
    /// What kind of company it is.
    pub entity_type: EntityType,
    /// The company above; none for the account's own company.
    pub parent: Option<String>,
    /// Free text; MSPs keep the id of their PSA here, each in their own form.
    pub custom_identifier: Option<String>,
    /// Contact address.
    pub email: Option<String>,
    /// Tax number.
    pub vat_id: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// When it was created.
    pub created: DateTime<Utc>,
}

/// State of a licence (EMA 2 API, Enum/LicenseStates).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the vendor's own names")]
pub enum LicenseState {
    Error,
    Normal,
    Obsolete,
    Suspended,
    Warning,
}

impl LicenseState {
    /// All states, with code and name.
    pub const ALL: [(Self, u8, &'static str); 5] = [
        (Self::Error, 0, "Error"),
        (Self::Normal, 1, "Normal"),
        (Self::Obsolete, 2, "Obsolete"),
        (Self::Suspended, 3, "Suspended"),
        (Self::Warning, 4, "Warning"),
    ];

    /// The code calls use.
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// What happened to a licence (EMA 2 API, License/GetHistory). Codes of the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the vendor's own names")]
pub enum HistoryKind {
    Order = 4,
    Quantity = 5,
    Suspend = 6,
    Unsuspend = 7,
}

/// One entry of a licence's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// What happened.
    pub kind: HistoryKind,
    /// When.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub user: String,
    /// Ordered seats before.
    pub previous: i64,
    /// Ordered seats after.
    pub requested: i64,
}

/// A licence: one product for one company.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct License {
    /// The public licence ID, such as `3A9-XKD-7PQ`.
    pub public_license_key: String,
    /// Whose licence it is.
    pub company: String,
    /// Code of the product.
    pub product: String,
    /// Ordered seats: what ESET bills the MSP for.
    pub quantity: i64,
    /// Activated seats; may exceed the ordered ones.
    pub usage: i64,
    /// Whether it is suspended.
    pub suspended: bool,
    /// End of the trial; none for a full licence.
    pub trial_until: Option<DateTime<Utc>>,
    /// All that happened to it, oldest first; starts with the order.
    pub history: Vec<HistoryEntry>,
}

impl License {
    /// Whether it is a trial: type 4 in usage reports, never billed.
    pub fn is_trial(&self) -> bool {
        self.trial_until.is_some()
    }

    /// The state shown: over-used or expired is an error, within a tenth of full is a warning.
    pub fn state(&self, now: DateTime<Utc>) -> LicenseState {
        if self.suspended {
            LicenseState::Suspended
        } else if self.usage > self.quantity || self.trial_until.is_some_and(|end| end < now) {
            LicenseState::Error
        } else if self.quantity >= 10 && self.usage * 10 > self.quantity * 9 {
            LicenseState::Warning
        } else {
            LicenseState::Normal
        }
    }

    /// Ordered seats at a moment; none before the order and while suspended.
    pub fn seats_at(&self, moment: DateTime<Utc>) -> i64 {
        let (mut seats, mut suspended) = (0, false);
        for entry in self.history.iter().take_while(|entry| entry.at <= moment) {
            seats = entry.requested;
            suspended = match entry.kind {
                HistoryKind::Suspend => true,
                HistoryKind::Unsuspend => false,
                HistoryKind::Order | HistoryKind::Quantity => suspended,
            };
        }
        if suspended { 0 } else { seats }
    }

    /// When ESET counts a day's seats: once, at 00:30 (its own time; UTC here).
    pub(crate) fn sample_of(day: NaiveDate) -> DateTime<Utc> {
        day.and_time(NaiveTime::MIN).and_utc() + chrono::Duration::minutes(30)
    }

    /// Seats ESET counts for a day: a change shows on the next one, and the day of a suspension still counts.
    pub fn sampled_on(&self, day: NaiveDate) -> i64 {
        self.seats_at(Self::sample_of(day))
    }

    /// Ordered seats at the end of a day.
    pub fn seats_on(&self, day: NaiveDate) -> i64 {
        let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
        self.seats_at(next.and_time(NaiveTime::MIN).and_utc() - chrono::Duration::seconds(1))
    }

    /// Writes a change into the history and the fields.
    pub(crate) fn record(&mut self, kind: HistoryKind, quantity: i64, at: DateTime<Utc>, user: &str) {
        let previous = self.quantity;
        self.quantity = quantity;
        match kind {
            HistoryKind::Suspend => self.suspended = true,
            HistoryKind::Unsuspend => self.suspended = false,
            HistoryKind::Order | HistoryKind::Quantity => {}
        }
        self.history.push(HistoryEntry { kind, at, user: user.to_owned(), previous, requested: quantity });
    }
}

/// A product an MSP can order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product {
    /// ESET's code: digits, but text on the wire.
    pub code: &'static str,
    /// ESET's name.
    pub name: &'static str,
    /// Codes of the products inside a bundle; empty for a single product.
    pub bundle: &'static [&'static str],
}

/// What the account can order. The codes are made up: the vendor publishes no table of them, clients read
/// Enum/AvailableProducts at run time.
pub const PRODUCTS: [Product; 11] = [
    Product { code: "107", name: "ESET Endpoint Antivirus", bundle: &[] },
    Product { code: "111", name: "ESET Server Security", bundle: &[] },
    Product { code: "112", name: "ESET Mail Security", bundle: &[] },
    Product { code: "113", name: "ESET Full Disk Encryption", bundle: &[] },
    Product { code: "211", name: "ESET PROTECT Entry", bundle: &["107", "111"] },
    Product { code: "212", name: "ESET PROTECT Advanced", bundle: &["107", "111", "113", "311"] },
    Product { code: "213", name: "ESET PROTECT Complete", bundle: &["107", "111", "113", "311", "2015"] },
    Product { code: "214", name: "ESET PROTECT Enterprise", bundle: &["107", "111", "113", "311", "312"] },
    Product { code: "311", name: "ESET LiveGuard Advanced", bundle: &[] },
    Product { code: "312", name: "ESET Inspect", bundle: &[] },
    Product { code: "2015", name: "ESET Cloud Office Security", bundle: &[] },
];

/// The product with this code.
pub(crate) fn product(code: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.code == code)
}
