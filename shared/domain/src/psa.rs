//! What ConnectWise PSA holds, as last read: companies, agreements, additions and the catalog.

mod bills;
mod reading;

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::{AdditionId, AgreementId, CatalogId, ConnectionId, IntentId, PsaCompanyId};
use crate::mapping::BillCustomer;
use crate::money::{Money, Quantity};

pub use bills::{Bills, OnDay, bills_on, invoiced, on_day};
pub use reading::{is_older, taken_in};

/// What the mark of anything we made in ConnectWise begins with.
pub const MARKER: &str = "seatbridge:";

/// Version of [`PsaCatalogue`] as stored.
pub const PSA_SCHEMA: u32 = 2;

/// The slowly changing part of a ConnectWise tenant, read by full pages and stored as one immutable document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PsaCatalogue {
    /// [`PSA_SCHEMA`] when it was written.
    pub schema: u32,
    /// The connection it was read through.
    pub connection: ConnectionId,
    /// Companies that are not in the recycle bin.
    pub companies: BTreeMap<PsaCompanyId, PsaCompany>,
    /// Every agreement, ended ones too: a line says why it cannot be written.
    pub agreements: BTreeMap<AgreementId, Agreement>,
    /// Catalog products an addition can refer to.
    pub products: BTreeMap<CatalogId, CatalogProduct>,
}

/// A ConnectWise company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PsaCompany {
    /// The short text id people type (`identifier`).
    pub identifier: String,
    /// The name on invoices.
    pub name: String,
    /// The status' name, as the MSP calls it.
    pub status: Option<String>,
}

/// A ConnectWise agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Agreement {
    /// Its name.
    pub name: String,
    /// The type's name, as the MSP calls it.
    pub kind: Option<String>,
    /// The company it is with.
    pub company: PsaCompanyId,
    /// What ConnectWise says of it.
    pub status: AgreementStatus,
    /// The agreement it hangs under, for a child agreement.
    pub parent: Option<AgreementId>,
    /// The first day it bills.
    pub bill_start: Option<NaiveDate>,
    /// The next invoice date, as ConnectWise words it; it moves only when the invoice is made.
    pub next_invoice: Option<String>,
    /// Three-letter code or symbol of its currency, when it names one.
    pub currency: Option<String>,
    /// Whether additions that begin or end within a period are billed in part; none in documents of schema 1.
    #[serde(default)]
    pub prorates: Option<bool>,
    /// Its last day, when it has one.
    #[serde(default)]
    pub ends: Option<NaiveDate>,
    /// How often it is invoiced, in the MSP's words (`billingCycle`).
    #[serde(default)]
    pub cycle: Option<String>,
    /// Whether it is invoiced once only (`oneTimeFlag`, `billOneTimeFlag`).
    #[serde(default)]
    pub one_time: bool,
}

impl Agreement {
    /// Whether ConnectWise invoices it again by itself, as far as it says: not when it is billed once, or by a cycle that is none.
    pub fn recurs(&self) -> bool {
        let none =
            |cycle: &String| ["not recurring", "non-recurring", "one time", "none"].contains(&cycle.trim().to_ascii_lowercase().as_str());
        !self.one_time && !self.cycle.as_ref().is_some_and(none)
    }

    /// [`Agreement::next_invoice`] as a day; none when it cannot be read without a guess. ConnectWise types it as a plain
    /// string and documents no form: a date, alone or before a time, is taken, and a date with slashes when it has one reading.
    pub fn next_invoice_day(&self) -> Option<NaiveDate> {
        let text = self.next_invoice.as_deref()?.trim();
        if let Some(day) = day_told(text) {
            return Some(day);
        }
        let date = text.split(['T', ' ']).next()?;
        let mut parts = date.split('/').map(str::parse::<u32>);
        let (Some(Ok(first)), Some(Ok(second)), Some(Ok(year)), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return None;
        };
        let year = i32::try_from(year).ok()?;
        let (american, european) = (NaiveDate::from_ymd_opt(year, first, second), NaiveDate::from_ymd_opt(year, second, first));
        match (american, european) {
            (Some(one), Some(other)) => (one == other).then_some(one),
            (one, other) => one.or(other),
        }
    }
}

/// A day as ConnectWise tells it: a date alone, or the moment in UTC at which the day begins. Most tenants tell midnight in UTC, others
/// midnight where they are: 1 July is "2026-06-30T14:00:00Z" ten hours east of it. No zone begins a day at another time than a quarter of
/// an hour, and none earlier than 11:00 in UTC on the day before. None when it cannot be read.
pub fn day_told(text: &str) -> Option<NaiveDate> {
    let (date, time) = text.trim().split_once(['T', ' ']).unwrap_or((text.trim(), ""));
    let day: NaiveDate = date.parse().ok()?;
    let clock = time.strip_suffix('Z').unwrap_or(time);
    let time = NaiveTime::parse_from_str(clock, "%H:%M:%S%.f").ok();
    let eve = time
        .is_some_and(|time| time.hour() >= 11 && time.minute().is_multiple_of(15) && time.num_seconds_from_midnight().is_multiple_of(60));
    if eve { day.succ_opt() } else { Some(day) }
}

/// ConnectWise `agreementStatus`, with `cancelledFlag` taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AgreementStatus {
    /// Bills.
    Active,
    /// Cancelled; writes would reach no invoice.
    Cancelled,
    /// Past its end date.
    Expired,
    /// Not active yet, or switched off.
    Inactive,
}

impl AgreementStatus {
    /// The word ConnectWise shows.
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Inactive => "inactive",
        }
    }
}

/// A recurring line of an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Addition {
    /// Its id.
    pub id: AdditionId,
    /// The catalog product it bills.
    pub product: CatalogId,
    /// Units on the line.
    pub quantity: Quantity,
    /// Units the agreement includes; left alone.
    pub included: Quantity,
    /// Price of one unit, in the agreement's currency; never written.
    pub unit_price: Option<Money>,
    /// Whether the customer pays for it (`billCustomer`), when ConnectWise says it.
    #[serde(default)]
    pub bill: Option<BillCustomer>,
    /// The first day it bills, when ConnectWise says it.
    #[serde(default)]
    pub effective: Option<NaiveDate>,
    /// What ConnectWise says one unit costs the MSP (`unitCost`); none in what was read before this was.
    #[serde(default)]
    pub unit_cost: Option<Money>,
    /// The day it ended, for a cancelled line.
    pub cancelled: Option<NaiveDate>,
    /// Its serial number, where an addition we made carries our mark.
    #[serde(default)]
    pub serial: Option<String>,
    /// ConnectWise's `_info.lastUpdated`: the only version it keeps.
    pub version: String,
}

impl Addition {
    /// The change that a Seatbridge made it by, this one or another; none when a person made it.
    pub fn made_by(&self) -> Option<IntentId> {
        let (mark, intent) = self.serial.as_deref()?.trim().split_at_checked(MARKER.len())?;
        mark.eq_ignore_ascii_case(MARKER).then(|| IntentId(intent.to_ascii_lowercase()))
    }
}

/// The additions of one agreement, as last read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdditionsRead {
    /// When they were read.
    pub read_at: Timestamp,
    /// All of them, cancelled ones too.
    pub additions: Vec<Addition>,
}

/// A product of ConnectWise's catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CatalogProduct {
    /// The id people type.
    pub identifier: String,
    /// Its description.
    pub description: String,
    /// Inactive products stay on old agreements but are not offered.
    pub inactive: bool,
    /// Bundle-class products cannot be additions.
    pub bundle: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_wherever_the_tenant_is() {
        let table = [
            ("2026-07-01", "2026-07-01"),
            ("2026-07-01T00:00:00Z", "2026-07-01"),
            ("2026-07-01T00:00:00.000Z", "2026-07-01"),
            // Midnight in New York, Los Angeles and Honolulu.
            ("2026-07-01T04:00:00Z", "2026-07-01"),
            ("2026-12-01T08:00:00Z", "2026-12-01"),
            ("2026-07-01T10:00:00Z", "2026-07-01"),
            // In London in summer, Berlin, Kathmandu, Brisbane and Auckland in winter and summer.
            ("2026-06-30T23:00:00Z", "2026-07-01"),
            ("2026-06-30T22:00:00Z", "2026-07-01"),
            ("2026-06-30T18:15:00Z", "2026-07-01"),
            ("2026-06-30T14:00:00Z", "2026-07-01"),
            ("2026-06-30T12:00:00Z", "2026-07-01"),
            ("2026-12-31T11:00:00Z", "2027-01-01"),
            // A moment at which somebody pressed a button, and one with a zone of its own.
            ("2026-07-01T15:37:21Z", "2026-07-01"),
            ("2026-07-01T23:59:59Z", "2026-07-01"),
            ("2026-07-01T23:00:00+02:00", "2026-07-01"),
            ("2026-02-30T00:00:00Z", "?"),
            ("soon", "?"),
        ];
        for (text, expected) in table {
            assert_eq!(day_told(text).map_or_else(|| "?".to_owned(), |day| day.to_string()), expected, "{text}");
        }
    }

    #[test]
    fn the_next_invoice_date_is_read_in_every_form_that_has_one_reading() {
        let table = [
            ("2026-12-01", "2026-12-01"),
            ("2026-12-01T00:00:00Z", "2026-12-01"),
            ("2026-12-01T00:00:00", "2026-12-01"),
            (" 2026-12-01 00:00:00 ", "2026-12-01"),
            ("12/31/2026", "2026-12-31"),
            ("31/12/2026 12:00:00 AM", "2026-12-31"),
            ("1/1/2027", "2027-01-01"),
            ("12/1/2026", "?"),
            ("1/12/26/1", "?"),
            ("", "?"),
            ("soon", "?"),
            ("2026-13-01", "?"),
        ];
        for (text, expected) in table {
            let agreement = Agreement {
                name: String::new(),
                kind: None,
                company: PsaCompanyId(1),
                status: AgreementStatus::Active,
                parent: None,
                bill_start: None,
                next_invoice: Some(text.to_owned()),
                currency: None,
                prorates: None,
                ends: None,
                cycle: None,
                one_time: false,
            };
            let day = agreement.next_invoice_day().map_or_else(|| "?".to_owned(), |day| day.to_string());
            assert_eq!(day, expected, "{text}");
        }
    }
}
