//! Look-ups in what ConnectWise holds, for pickers.

use serde::{Deserialize, Serialize};

use crate::Page;
use crate::endpoint::endpoints;
use domain::ids::{AgreementId, CatalogId, ConnectionId, PsaCompanyId};
use domain::psa::AgreementStatus;

endpoints! {
    "psa";

    /// Look up ConnectWise companies and agreements.
    LookUpPsaCompanies("look_up_psa_companies") = Get "/api/psa/companies" (SeeBilling, Scoped),
        query LookupQuery => 200 Page<PsaCompanyView>;

    /// Look up catalog products.
    LookUpPsaProducts("look_up_psa_products") = Get "/api/psa/products" (SeeBilling, Free), query LookupQuery => 200 Page<CatalogView>;
}

/// `GET /api/psa/companies` and `GET /api/psa/products`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LookupQuery {
    /// The ConnectWise connection; all of them when left out.
    pub psa: Option<ConnectionId>,
    /// Only the one of this id; of companies.
    pub company: Option<PsaCompanyId>,
    /// Text to find in the name or identifier.
    pub q: Option<String>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Items to a page.
    pub limit: Option<u32>,
}

/// A ConnectWise company with its agreements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PsaCompanyView {
    /// The ConnectWise connection.
    pub psa: ConnectionId,
    /// Its id.
    pub company: PsaCompanyId,
    /// The id people type.
    pub identifier: String,
    /// Its name.
    pub name: String,
    /// Its status, as the MSP calls it.
    pub status: Option<String>,
    /// Its agreements, active ones first.
    pub agreements: Vec<AgreementView>,
}

/// An agreement to bill on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgreementView {
    /// Its id.
    pub agreement: AgreementId,
    /// Its name.
    pub name: String,
    /// Its type, as the MSP calls it.
    pub kind: Option<String>,
    /// Its status.
    pub status: AgreementStatus,
    /// The agreement above it, for a child agreement.
    pub parent: Option<AgreementId>,
    /// When it is invoiced next.
    pub next_invoice: Option<String>,
}

/// A catalog product to bill as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CatalogView {
    /// The ConnectWise connection.
    pub psa: ConnectionId,
    /// Its id.
    pub product: CatalogId,
    /// The id people type.
    pub identifier: String,
    /// Its description.
    pub description: String,
}
