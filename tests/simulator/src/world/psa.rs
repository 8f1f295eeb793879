//! ConnectWise's side of the world. The rows serialise in the vendor's own field names (PSA REST API, schemas Company,
//! Agreement, Addition, CatalogItem): what is not set is left out, as the vendor does.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A reference to a row of another table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// The row's id.
    pub id: i32,
    /// Its identifier, for tables that have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Its name, for tables that have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Reference {
    /// To a row known by name.
    pub(crate) fn named(id: i32, name: &str) -> Self {
        Self { id, identifier: None, name: Some(name.to_owned()) }
    }
}

/// `_info`: the only version token the API has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stamp {
    /// Last change.
    pub last_updated: DateTime<Utc>,
    /// Who made it.
    pub updated_by: String,
}

/// A company of the PSA.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CwCompany {
    /// Record id.
    pub id: i32,
    /// Short unique text a person types.
    pub identifier: String,
    /// Display name; not unique.
    pub name: String,
    /// Active, Not-Active, …
    pub status: Reference,
    /// Client, Prospect, …; filtered with `childConditions` only.
    pub types: Vec<Reference>,
    /// Place.
    pub city: String,
    /// True in the recycle bin. Such rows are still listed.
    pub deleted_flag: bool,
    /// Where it bills.
    pub currency: Currency,
    /// Last change.
    #[serde(rename = "_info")]
    pub info: Stamp,
}

/// The currency of an agreement or company (schema CurrencyReference).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Currency {
    /// Record id.
    pub id: i32,
    /// Such as `$`.
    pub symbol: String,
    /// ISO 4217.
    pub currency_code: String,
    /// Digits after the point.
    pub number_of_decimals: i32,
    /// Display name.
    pub name: String,
}

/// State of an agreement (schema Agreement, `agreementStatus`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the vendor's own names")]
pub enum AgreementStatus {
    Active,
    Cancelled,
    Expired,
    Inactive,
}

/// A contract with a company.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Agreement {
    /// Record id.
    pub id: i32,
    /// Display name.
    pub name: String,
    /// Kind of agreement.
    pub r#type: Reference,
    /// Whose it is.
    pub company: Reference,
    /// The customer's person.
    pub contact: Reference,
    /// Set on a child agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_agreement: Option<Reference>,
    /// First day.
    pub start_date: DateTime<Utc>,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_date: Option<DateTime<Utc>>,
    /// Runs until cancelled.
    pub no_ending_date_flag: bool,
    /// Cancelled by a person.
    pub cancelled_flag: bool,
    /// When it was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_cancelled: Option<DateTime<Utc>>,
    /// How often it bills.
    pub billing_cycle: Reference,
    /// Billed once.
    #[serde(default)]
    pub one_time_flag: bool,
    /// No addition may take effect before.
    pub bill_start_date: DateTime<Utc>,
    /// Whether additions that start mid-period are billed in part.
    pub prorate_flag: bool,
    /// Whether such a part is billed at once.
    pub invoice_prorated_additions_flag: bool,
    /// Money of the contract.
    pub currency: Currency,
    /// Which period an invoice covers.
    pub period_type: String,
    /// A day as plain text; moves on only when the invoice is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_invoice_date: Option<NaiveDate>,
    /// State.
    pub agreement_status: AgreementStatus,
    /// Last change.
    #[serde(rename = "_info")]
    pub info: Stamp,
}

/// A recurring line of an agreement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Addition {
    /// Record id.
    pub id: i32,
    /// The catalog item billed.
    pub product: Reference,
    /// Seats: the number to keep right.
    pub quantity: f64,
    /// Seats not billed.
    pub less_included: f64,
    /// Price of a seat.
    pub unit_price: f64,
    /// Cost of a seat.
    pub unit_cost: f64,
    /// `Billable`, `DoNotBill` or `NoCharge`.
    pub bill_customer: String,
    /// First day billed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_date: Option<DateTime<Utc>>,
    /// Last day billed; a line without one is ongoing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_date: Option<DateTime<Utc>>,
    /// Whether tax applies.
    pub taxable_flag: bool,
    /// Free text, 50 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial_number: Option<String>,
    /// What the customer reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_description: Option<String>,
    /// The agreement it is on.
    pub agreement_id: i32,
    /// The catalog item's text.
    pub description: String,
    /// Last change.
    #[serde(rename = "_info")]
    pub info: Stamp,
    /// Writable fields of the schema that the simulator keeps without giving them a meaning.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Addition {
    /// What is billed: the quantity less what is included, never below nothing.
    pub fn billed_quantity(&self) -> f64 {
        (self.quantity - self.less_included).max(0.0)
    }

    /// Whether no end is set.
    pub fn is_ongoing(&self) -> bool {
        self.cancelled_date.is_none()
    }
}

/// A product of the catalog, which additions refer to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CatalogItem {
    /// Record id.
    pub id: i32,
    /// Short text; an inactive item may carry the same.
    pub identifier: String,
    /// Text on screens.
    pub description: String,
    /// Text on invoices.
    pub customer_description: String,
    /// Out of use. Such rows are still listed.
    pub inactive_flag: bool,
    /// Group.
    pub category: Reference,
    /// Finer group.
    pub subcategory: Reference,
    /// Kind.
    pub r#type: Reference,
    /// `Agreement`, `Bundle`, `Inventory`, `NonInventory` or `Service`. A bundle cannot be an addition.
    pub product_class: String,
    /// Price of a unit.
    pub price: f64,
    /// Cost of a unit.
    pub cost: f64,
    /// Billed again and again.
    pub recurring_flag: bool,
    /// Tax applies.
    pub taxable_flag: bool,
    /// The maker's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufacturer_part_number: Option<String>,
    /// Last change.
    #[serde(rename = "_info")]
    pub info: Stamp,
}
