//! Mappings: which ConnectWise agreement an ESET company is billed on, and which catalog product stands for an ESET product.
//!
//! Suggestions are only ever shown. A person (or their API call) makes each mapping, and none is overwritten unasked.

mod matching;
mod names;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use matching::{CompanySuggestion, MatchReason, ProductSuggestion, suggest_companies, suggest_products};
pub use names::normalised;

use crate::Timestamp;
use crate::ids::{AgreementId, CatalogId, ConnectionId, EsetCompanyId, ProductCode, PsaCompanyId};

/// Version of [`Mappings`] as stored.
pub const MAPPINGS_SCHEMA: u32 = 1;

/// Every mapping of the install: one immutable document, a new version at each change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mappings {
    /// By ESET connection and company.
    pub companies: BTreeMap<ConnectionId, BTreeMap<EsetCompanyId, CompanyChoice>>,
    /// By ConnectWise connection and ESET product.
    pub products: BTreeMap<ConnectionId, BTreeMap<ProductCode, ProductChoice>>,
}

/// What was decided for an ESET company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "choice", rename_all = "snake_case")]
pub enum CompanyChoice {
    /// Billed on one agreement.
    Mapped(CompanyTarget),
    /// Left out on purpose.
    Excluded(Exclusion),
}

/// Where an ESET company is billed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompanyTarget {
    /// The ConnectWise connection.
    pub psa: ConnectionId,
    /// The ConnectWise company.
    pub company: PsaCompanyId,
    /// The agreement its additions are on.
    pub agreement: AgreementId,
    /// Commit lines that no guard holds without asking. Off unless a person turns it on.
    #[serde(default)]
    pub automatic: bool,
}

/// What was decided for an ESET product in one ConnectWise tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "choice", rename_all = "snake_case")]
pub enum ProductChoice {
    /// Billed as this catalog product; many ESET products may share one.
    Mapped {
        /// The catalog product.
        product: CatalogId,
    },
    /// Not billed, on purpose.
    Excluded(Exclusion),
}

/// Why something is left out, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Exclusion {
    /// The reason a person gave.
    pub reason: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Mappings {
    /// What was decided for an ESET company, if anything.
    pub fn company(&self, connection: &ConnectionId, company: &EsetCompanyId) -> Option<&CompanyChoice> {
        self.companies.get(connection)?.get(company)
    }

    /// What was decided for an ESET product in a ConnectWise tenant, if anything.
    pub fn product(&self, psa: &ConnectionId, product: &ProductCode) -> Option<&ProductChoice> {
        self.products.get(psa)?.get(product)
    }

    /// Every company mapped to an agreement.
    pub fn targets(&self) -> impl Iterator<Item = (&ConnectionId, &EsetCompanyId, &CompanyTarget)> {
        self.companies.iter().flat_map(|(connection, companies)| {
            companies.iter().filter_map(move |(company, choice)| match choice {
                CompanyChoice::Mapped(target) => Some((connection, company, target)),
                CompanyChoice::Excluded(_) => None,
            })
        })
    }

    /// Forgets everything that names `connection`, on either side. Answers how many company and product mappings went.
    pub fn forget(&mut self, connection: &ConnectionId) -> (usize, usize) {
        let before = (self.companies.values().map(BTreeMap::len).sum::<usize>(), self.products.values().map(BTreeMap::len).sum::<usize>());
        self.companies.remove(connection);
        self.products.remove(connection);
        for companies in self.companies.values_mut() {
            companies.retain(|_, choice| !matches!(choice, CompanyChoice::Mapped(target) if target.psa == *connection));
        }
        let after = (self.companies.values().map(BTreeMap::len).sum::<usize>(), self.products.values().map(BTreeMap::len).sum::<usize>());
        (before.0 - after.0, before.1 - after.1)
    }
}
