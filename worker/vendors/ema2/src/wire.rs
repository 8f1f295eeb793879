//! EMA 2's JSON: each answer's fields, by their names in lower case (see [`super::loose`]), and what becomes of them here.

use domain::Timestamp;
use domain::ids::{EsetCompanyId, LicenceId, ProductCode};
use domain::seats::{EntityKind, Licence};
use serde::Deserialize;
use serde_json::Value;

use super::bundle;
use super::client::{Account, Company, CompanyDetails, CompanyUsage, ProductUsage};
use super::loose::{self, Code, Text};
use vendor::VendorError;
use vendor::token::Tokens;

/// A GUID, in the one spelling used here.
fn company_id(text: &str) -> EsetCompanyId {
    EsetCompanyId(text.trim().trim_matches(['{', '}']).to_lowercase())
}

fn wanted<T>(value: Option<T>, field: &str) -> Result<T, VendorError> {
    value.ok_or_else(|| VendorError::unexpected(format!("{field} is missing")))
}

/// EMA 2 API: Token/Get, Token/Renew.
#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    #[serde(rename = "accesstoken")]
    pub(super) access: String,
    #[serde(rename = "refreshtoken", default)]
    pub(super) refresh: Option<String>,
    /// Seconds; sent by some servers only.
    #[serde(rename = "expiresin", default)]
    pub(super) expires_in: Option<Code>,
}

impl TokenAnswer {
    pub(super) fn tokens(self, now: Timestamp) -> Tokens {
        let seconds = self.expires_in.as_ref().and_then(Code::number);
        Tokens::received(self.access, self.refresh, seconds, now)
    }
}

/// EMA 2 API: User/Current.
#[derive(Deserialize)]
pub(super) struct CurrentUser {
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    company: Option<UsersCompany>,
}

#[derive(Deserialize)]
struct UsersCompany {
    #[serde(rename = "companyid", alias = "id", alias = "publicid")]
    id: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(rename = "type", alias = "companytypeid")]
    kind: Option<Code>,
}

impl CurrentUser {
    pub(super) fn account(self) -> Result<Account, VendorError> {
        let company = wanted(self.company, "company")?;
        Ok(Account {
            user: self.email.unwrap_or_default(),
            company: company_id(&wanted(company.id, "company.companyId")?),
            name: company.name.unwrap_or_default(),
            kind: company.kind.map_or(EntityKind::Other, |kind| kind.entity_kind()),
        })
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Paging {
    #[serde(rename = "totalcount", default)]
    total: Option<Code>,
}

impl Paging {
    pub(super) fn total(&self) -> Option<u32> {
        self.total.as_ref().and_then(Code::number).and_then(|total| u32::try_from(total).ok())
    }
}

/// EMA 2 API: Company/Descendants.
#[derive(Deserialize)]
pub(super) struct CompanyList {
    pub(super) companies: Vec<CompanySummary>,
    #[serde(default)]
    pub(super) paging: Paging,
}

#[derive(Deserialize)]
pub(super) struct CompanySummary {
    #[serde(rename = "publicid", alias = "companyid", alias = "id")]
    id: String,
    name: String,
    #[serde(rename = "type", alias = "companytypeid")]
    kind: Option<Code>,
}

impl CompanySummary {
    pub(super) fn company(self) -> Company {
        let kind = self.kind.map_or(EntityKind::Other, |kind| kind.entity_kind());
        Company { id: company_id(&self.id), name: self.name, kind }
    }
}

/// The envelope of Search/Companies and Search/Licenses.
#[derive(Deserialize)]
pub(super) struct SearchResult<T> {
    pub(super) search: Vec<T>,
    #[serde(default)]
    pub(super) paging: Paging,
    #[serde(rename = "totalcount", default)]
    total: Option<Code>,
}

impl<T> SearchResult<T> {
    pub(super) fn total(&self) -> Option<u32> {
        self.paging.total().or_else(|| Paging { total: self.total.clone() }.total())
    }
}

#[derive(Deserialize)]
pub(super) struct FoundCompany {
    #[serde(rename = "companyid", alias = "publicid")]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(rename = "parentid", default)]
    parent: Option<String>,
    #[serde(rename = "customidentifier", default)]
    custom_identifier: Option<Text>,
}

impl FoundCompany {
    pub(super) fn details(self) -> CompanyDetails {
        CompanyDetails {
            id: company_id(&self.id),
            parent: self.parent.filter(|id| !id.trim().is_empty()).map(|id| company_id(&id)),
            custom_identifier: self.custom_identifier.map(Text::into_string).filter(|text| !text.is_empty()),
            name: self.name,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct FoundLicence {
    #[serde(rename = "publiclicensekey")]
    id: String,
}

impl FoundLicence {
    pub(super) fn id(self) -> LicenceId {
        LicenceId(self.id.trim().to_owned())
    }
}

/// EMA 2 API: License/Detail. Counts that are left out are not taken for zero.
#[derive(Deserialize)]
pub(super) struct LicenceDetail {
    #[serde(rename = "customerid")]
    customer: Option<String>,
    #[serde(rename = "publiclicensekey")]
    id: String,
    #[serde(rename = "productcode")]
    product: Text,
    #[serde(rename = "productname", default)]
    product_name: String,
    quantity: Code,
    usage: Code,
    state: Code,
    #[serde(default)]
    trial: bool,
    #[serde(rename = "bundleproducts", default)]
    parts: Value,
}

impl LicenceDetail {
    pub(super) fn licence(self) -> Result<(EsetCompanyId, Licence), VendorError> {
        let state = self.state.licence_state().ok_or_else(|| VendorError::unexpected("state is not a licence state"))?;
        let licence = Licence {
            id: LicenceId(self.id.trim().to_owned()),
            product: ProductCode(self.product.into_string()),
            product_name: self.product_name,
            ordered: self.quantity.count("quantity")?,
            activated: self.usage.count("usage")?,
            trial: self.trial,
            state,
            parts: bundle::parts(&self.parts),
        };
        Ok((company_id(&wanted(self.customer, "customerId")?), licence))
    }
}

/// EMA 2 API: UsageReport/AllCompanies/products.
#[derive(Deserialize)]
pub(super) struct UsageReport {
    companies: Vec<Value>,
}

/// Whose a row of the report is.
#[derive(Deserialize)]
struct UsageOwner {
    #[serde(rename = "companyid")]
    company: String,
}

#[derive(Deserialize)]
struct UsedProducts {
    #[serde(default)]
    products: Vec<UsedProduct>,
}

/// The vendor's page calls the product's number `code`; a client of theirs knows it as `productCode`.
#[derive(Deserialize)]
struct UsedProduct {
    #[serde(alias = "productcode")]
    code: Text,
    #[serde(rename = "licensetype")]
    licence_type: Code,
    #[serde(rename = "seatdays")]
    seat_days: Code,
    #[serde(default)]
    seats: Option<Code>,
}

impl UsageReport {
    /// The companies of the report, and what is the matter with those whose products cannot be read.
    ///
    /// # Errors
    /// When a row does not say whose it is: anybody's usage may then be missing.
    pub(super) fn companies(self) -> Result<(Vec<CompanyUsage>, Vec<String>), VendorError> {
        let (mut companies, mut odd) = (Vec::with_capacity(self.companies.len()), Vec::new());
        for row in self.companies {
            let owner: UsageOwner = loose::read(row.clone(), "UsageReport")?;
            let company = company_id(&owner.company);
            let read = loose::read::<UsedProducts>(row, "UsageReport");
            let products = read.and_then(|used| used.products.into_iter().map(UsedProduct::usage).collect());
            let products = products.map_err(|error: VendorError| odd.push(format!("The seat-days of {company}: {}", error.message())));
            companies.push(CompanyUsage { company, products: products.ok() });
        }
        Ok((companies, odd))
    }
}

impl UsedProduct {
    fn usage(self) -> Result<ProductUsage, VendorError> {
        let days = self.seat_days.number().and_then(|days| u64::try_from(days).ok());
        Ok(ProductUsage {
            product: ProductCode(self.code.into_string()),
            seat_days: days.ok_or_else(|| VendorError::unexpected("seatDays is not a count"))?,
            seats: self.seats.map(|seats| seats.count("seats")).transpose()?,
            trial: self.licence_type.is_trial(),
        })
    }
}

/// EMA 2 API: Enum/AvailableProducts.
#[derive(Deserialize)]
pub(super) struct AvailableProducts {
    products: Vec<AvailableProduct>,
}

#[derive(Deserialize)]
struct AvailableProduct {
    code: Text,
    #[serde(default)]
    name: String,
}

impl AvailableProducts {
    pub(super) fn named(self) -> Vec<(ProductCode, String)> {
        self.products.into_iter().map(|product| (ProductCode(product.code.into_string()), product.name)).collect()
    }
}

/// EMA 2 API: error_codes. The message is text, or texts by field.
#[derive(Default, Deserialize)]
pub(super) struct ErrorBody {
    #[serde(default)]
    code: Option<Text>,
    #[serde(rename = "subcode", default)]
    sub_code: Option<Text>,
    #[serde(default)]
    message: Value,
}

impl ErrorBody {
    /// `code.subCode`, as the vendor's table lists them.
    pub(super) fn code(&self) -> Option<String> {
        let code = self.code.clone()?.into_string();
        Some(self.sub_code.clone().map_or_else(|| code.clone(), |sub| format!("{code}.{}", sub.into_string())))
    }

    /// The field a message is about.
    pub(super) fn field(&self) -> Option<String> {
        self.message.as_object().and_then(|fields| fields.keys().next()).cloned()
    }

    /// The message, in one line.
    pub(super) fn message(&self) -> String {
        match &self.message {
            Value::String(text) => text.clone(),
            Value::Object(fields) => {
                let texts = fields.values().flat_map(|texts| match texts {
                    Value::Array(texts) => texts.iter().filter_map(Value::as_str).collect(),
                    other => other.as_str().into_iter().collect::<Vec<_>>(),
                });
                texts.collect::<Vec<_>>().join(" ")
            }
            _ => String::new(),
        }
    }
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
