//! ConnectWise's JSON. Numbers are doubles and dates are text there; they are parsed here, and what cannot be is an error that
//! names its row and field.

use chrono::NaiveDate;
use domain::ids::{AdditionId, AgreementId, CatalogId, PsaCompanyId};
use domain::json::strict::read_value;
use domain::mapping::BillCustomer;
use domain::money::{Money, Quantity};
use domain::psa::{Addition, Agreement, AgreementStatus, CatalogProduct, PsaCompany, day_told};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::security::{Level, Permission};
use vendor::VendorError;

/// Reads a value.
///
/// # Errors
/// [`VendorError::Unexpected`] with the field.
pub(super) fn read<T: DeserializeOwned>(value: Value, what: &str) -> Result<T, VendorError> {
    read_value(value).map_err(|error| VendorError::unexpected(format!("{what}: {error}")))
}

/// A row that comes with an id.
pub(super) trait Row: for<'de> Deserialize<'de> {
    /// What it becomes here.
    type Parsed;

    /// Its id, by which forward-only paging goes on.
    fn id(&self) -> i64;

    /// Reads its fields; none for a row that is listed and not wanted.
    fn parsed(self) -> Result<Option<Self::Parsed>, VendorError>;
}

/// A reference to another record.
#[derive(Deserialize)]
pub(super) struct Reference {
    #[serde(default)]
    pub(super) id: Option<i64>,
    #[serde(default)]
    pub(super) name: Option<String>,
}

fn name(reference: Option<Reference>) -> Option<String> {
    reference.and_then(|reference| reference.name)
}

pub(super) fn wanted<T>(value: Option<T>, row: &str, id: i64, field: &str) -> Result<T, VendorError> {
    value.ok_or_else(|| VendorError::unexpected(format!("{row} {id}: {field} is missing or not what it should be")))
}

/// Text that may be null, or left out, as ConnectWise does with any field nobody has filled in.
fn text<'de, D: Deserializer<'de>>(field: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(field)?.unwrap_or_default())
}

/// The first of these that says something.
fn called<const N: usize>(names: [String; N]) -> String {
    names.into_iter().find(|name| !name.trim().is_empty()).unwrap_or_default()
}

/// The day of a date-time such as `2026-02-01T00:00:00Z`.
fn day(text: Option<String>, row: &str, id: i64, field: &str) -> Result<Option<NaiveDate>, VendorError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    wanted(day_told(&text), row, id, field).map(Some)
}

/// Schema Company.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CompanyRow {
    id: i64,
    #[serde(default, deserialize_with = "text")]
    identifier: String,
    #[serde(default, deserialize_with = "text")]
    name: String,
    #[serde(default)]
    status: Option<Reference>,
    #[serde(default)]
    deleted_flag: Option<bool>,
}

impl Row for CompanyRow {
    type Parsed = (PsaCompanyId, PsaCompany);

    fn id(&self) -> i64 {
        self.id
    }

    fn parsed(self) -> Result<Option<Self::Parsed>, VendorError> {
        let company = PsaCompany {
            name: called([self.name, self.identifier.clone(), format!("Company {}", self.id)]),
            identifier: self.identifier,
            status: name(self.status),
        };
        Ok((self.deleted_flag != Some(true)).then_some((PsaCompanyId(self.id), company)))
    }
}

/// Schema Agreement.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgreementRow {
    id: i64,
    #[serde(default, deserialize_with = "text")]
    name: String,
    #[serde(default, rename = "type")]
    kind: Option<Reference>,
    #[serde(default)]
    company: Option<Reference>,
    #[serde(default)]
    agreement_status: Option<String>,
    #[serde(default)]
    cancelled_flag: Option<bool>,
    #[serde(default)]
    parent_agreement: Option<Reference>,
    #[serde(default)]
    bill_start_date: Option<String>,
    #[serde(default)]
    next_invoice_date: Option<String>,
    #[serde(default)]
    currency: Option<Currency>,
    #[serde(default)]
    prorate_flag: Option<bool>,
    #[serde(default)]
    end_date: Option<String>,
    #[serde(default)]
    no_ending_date_flag: Option<bool>,
    #[serde(default)]
    billing_cycle: Option<Reference>,
    #[serde(default)]
    one_time_flag: Option<bool>,
    #[serde(default)]
    bill_one_time_flag: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Currency {
    #[serde(default)]
    currency_code: Option<String>,
    #[serde(default)]
    symbol: Option<String>,
}

impl AgreementRow {
    pub(super) fn status(&self) -> AgreementStatus {
        if self.cancelled_flag == Some(true) {
            return AgreementStatus::Cancelled;
        }
        status(self.agreement_status.as_deref())
    }
}

/// A status this version does not know is not taken for active: nothing would be written to it.
fn status(text: Option<&str>) -> AgreementStatus {
    match text.unwrap_or_default() {
        "Active" => AgreementStatus::Active,
        "Cancelled" => AgreementStatus::Cancelled,
        "Expired" => AgreementStatus::Expired,
        _ => AgreementStatus::Inactive,
    }
}

impl Row for AgreementRow {
    type Parsed = (AgreementId, Agreement);

    fn id(&self) -> i64 {
        self.id
    }

    fn parsed(self) -> Result<Option<Self::Parsed>, VendorError> {
        let id = self.id;
        let status = self.status();
        let company = self.company.and_then(|company| company.id);
        let agreement = Agreement {
            name: called([self.name, format!("Agreement {id}")]),
            kind: name(self.kind),
            company: PsaCompanyId(wanted(company, "agreement", id, "company.id")?),
            status,
            parent: self.parent_agreement.and_then(|parent| parent.id).map(AgreementId),
            bill_start: day(self.bill_start_date, "agreement", id, "billStartDate")?,
            next_invoice: self.next_invoice_date.filter(|text| !text.is_empty()),
            currency: self.currency.and_then(|currency| currency.currency_code.or(currency.symbol)),
            prorates: self.prorate_flag,
            // An end it does not say it has is none, and one that cannot be read says nothing: its status still does.
            ends: self
                .end_date
                .filter(|_| self.no_ending_date_flag != Some(true))
                .and_then(|text| day(Some(text), "agreement", id, "endDate").ok()?),
            cycle: name(self.billing_cycle),
            one_time: self.one_time_flag == Some(true) || self.bill_one_time_flag == Some(true),
        };
        Ok(Some((AgreementId(id), agreement)))
    }
}

/// Schema CatalogItem.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CatalogRow {
    id: i64,
    #[serde(default, deserialize_with = "text")]
    identifier: String,
    #[serde(default, deserialize_with = "text")]
    description: String,
    #[serde(default)]
    inactive_flag: Option<bool>,
    #[serde(default)]
    product_class: Option<String>,
}

impl Row for CatalogRow {
    type Parsed = (CatalogId, CatalogProduct);

    fn id(&self) -> i64 {
        self.id
    }

    fn parsed(self) -> Result<Option<Self::Parsed>, VendorError> {
        let product = CatalogProduct {
            identifier: called([self.identifier, format!("Product {}", self.id)]),
            description: self.description,
            inactive: self.inactive_flag == Some(true),
            bundle: self.product_class.as_deref() == Some("Bundle"),
        };
        Ok(Some((CatalogId(self.id), product)))
    }
}

/// Schema Addition.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AdditionRow {
    id: i64,
    #[serde(default)]
    product: Option<Reference>,
    #[serde(default)]
    quantity: Option<f64>,
    #[serde(default)]
    less_included: Option<f64>,
    #[serde(default)]
    unit_price: Option<f64>,
    #[serde(default)]
    bill_customer: Option<String>,
    #[serde(default)]
    effective_date: Option<String>,
    unit_cost: Option<f64>,
    #[serde(default)]
    cancelled_date: Option<String>,
    #[serde(default)]
    serial_number: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    agreement_status: Option<String>,
    #[serde(default, rename = "_info")]
    info: Option<Info>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Info {
    #[serde(default)]
    pub(super) last_updated: Option<String>,
}

impl AdditionRow {
    /// What it says of itself.
    pub(super) fn description(&self) -> String {
        self.description.clone().unwrap_or_default()
    }

    /// Its agreement's status, when the addition tells it.
    pub(super) fn agreement_status(&self) -> Option<AgreementStatus> {
        self.agreement_status.as_deref().map(|text| status(Some(text)))
    }
}

/// `billCustomer`; none when it is one nobody documents.
fn bill(text: &str) -> Option<BillCustomer> {
    match text.to_ascii_lowercase().as_str() {
        "billable" => Some(BillCustomer::Billable),
        "donotbill" => Some(BillCustomer::DoNotBill),
        "nocharge" => Some(BillCustomer::NoCharge),
        _ => None,
    }
}

impl Row for AdditionRow {
    type Parsed = Addition;

    fn id(&self) -> i64 {
        self.id
    }

    fn parsed(self) -> Result<Option<Addition>, VendorError> {
        let (row, id) = ("addition", self.id);
        let product = self.product.and_then(|product| product.id);
        let price = self.unit_price.map(|price| wanted(Money::from_vendor(price), row, id, "unitPrice")).transpose()?;
        let included = self.less_included.map_or(Some(Quantity::ZERO), Quantity::from_vendor);
        Ok(Some(Addition {
            id: AdditionId(id),
            product: CatalogId(wanted(product, row, id, "product.id")?),
            quantity: wanted(self.quantity.and_then(Quantity::from_vendor), row, id, "quantity")?,
            included: wanted(included, row, id, "lessIncluded")?,
            unit_price: price,
            bill: self.bill_customer.as_deref().and_then(bill),
            effective: day(self.effective_date, row, id, "effectiveDate")?,
            // Shown, never billed by: a cost that cannot be read is none.
            unit_cost: self.unit_cost.and_then(Money::from_vendor),
            cancelled: day(self.cancelled_date, row, id, "cancelledDate")?,
            serial: self.serial_number.filter(|text| !text.is_empty()),
            version: self.info.and_then(|info| info.last_updated).unwrap_or_default(),
        }))
    }
}

/// Schema Count.
#[derive(Deserialize)]
pub(super) struct Count {
    pub(super) count: u32,
}

/// Schema MySecurity.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SecurityRow {
    #[serde(default)]
    module_name: Option<String>,
    #[serde(default)]
    module_description: Option<String>,
    #[serde(default)]
    module_function_name: Option<String>,
    #[serde(default)]
    module_function_description: Option<String>,
    #[serde(default)]
    add_level: Option<String>,
    #[serde(default)]
    edit_level: Option<String>,
    #[serde(default)]
    delete_level: Option<String>,
    #[serde(default)]
    inquire_level: Option<String>,
}

impl SecurityRow {
    pub(super) fn permission(self) -> Permission {
        let level = |text: Option<String>| match text.as_deref() {
            Some("All") => Level::All,
            Some("My") => Level::My,
            _ => Level::None,
        };
        Permission {
            module: self.module_name.or(self.module_description).unwrap_or_default(),
            function: self.module_function_name.or(self.module_function_description).unwrap_or_default(),
            add: level(self.add_level),
            edit: level(self.edit_level),
            delete: level(self.delete_level),
            inquire: level(self.inquire_level),
        }
    }
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
