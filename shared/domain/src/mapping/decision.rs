//! What a person decides about a company or a product.

use serde::{Deserialize, Serialize};

use super::{CompanyProducts, GroupSplit, ProductRule};
use crate::ids::{AgreementId, CatalogId, ConnectionId, EsetCompanyId, ProductCode};

/// A new decision for one company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CompanyChange {
    /// The ESET connection.
    pub connection: ConnectionId,
    /// The ESET company.
    pub company: EsetCompanyId,
    /// The decision.
    pub decision: CompanyDecision,
}

/// What is decided for a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "decision", rename_all = "snake_case", deny_unknown_fields)]
pub enum CompanyDecision {
    /// Bill it on this agreement.
    Map {
        /// The ConnectWise connection.
        psa: ConnectionId,
        /// The agreement; its company follows from it.
        agreement: AgreementId,
        /// Commit lines without a guard by itself.
        #[serde(default)]
        automatic: bool,
        /// What it does differently with single products; left as it is when not given.
        #[serde(default)]
        products: Option<CompanyProducts>,
        /// Device groups that are billed on other agreements of the same ConnectWise company; left as they are when not given.
        #[serde(default)]
        groups: Option<Vec<GroupSplit>>,
    },
    /// Leave it out.
    Exclude {
        /// Why, 1 to 200 characters.
        reason: String,
    },
    /// Forget the decision.
    Clear,
}

/// A new decision for one product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProductChange {
    /// The ConnectWise connection.
    pub psa: ConnectionId,
    /// ESET's code.
    pub code: ProductCode,
    /// The decision.
    pub decision: ProductDecision,
}

/// What is decided for a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "decision", rename_all = "snake_case", deny_unknown_fields)]
pub enum ProductDecision {
    /// Bill it as this catalog product.
    Map {
        /// The catalog product.
        product: CatalogId,
        /// How it is counted and written; left as it is when not given, and the plain rule for a new mapping.
        #[serde(default)]
        rule: Option<ProductRule>,
    },
    /// Count the products inside this bundle by themselves.
    Parts,
    /// Leave it out.
    Exclude {
        /// Why, 1 to 200 characters.
        reason: String,
    },
    /// Forget the decision.
    Clear,
}
