//! ESET products and the catalog products they are billed as.

use serde::{Deserialize, Serialize};

use crate::companies::MappingsStored;
use crate::endpoint::endpoints;
use domain::ids::{CatalogId, ConnectionId, ProductCode};
use domain::mapping::{Exclusion, ProductRule, ProductSuggestion};
pub use domain::mapping::{ProductChange, ProductDecision};

endpoints! {
    "products";

    /// ESET products in use and what they are billed as.
    ListProducts("list_products") = Get "/api/products" (SeeBilling, Scoped) => 200 Vec<ProductView>;

    /// Map, exclude or clear ESET products.
    MapProducts("map_products") = Put "/api/mappings/products" (ManageMappings, Whole), body ProductChanges => 200 MappingsStored, or [409];
}

/// One ESET product in use, for one ConnectWise tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProductView {
    /// The ConnectWise connection the mapping is for; none while there is no such connection.
    pub psa: Option<ConnectionId>,
    /// ESET's code.
    pub code: ProductCode,
    /// ESET's name.
    pub name: String,
    /// Companies that have it.
    pub companies: u32,
    /// Ordered seats.
    pub ordered: u32,
    /// Activated seats.
    pub activated: u32,
    /// The products inside it, when it is a bundle.
    #[serde(default)]
    pub parts: Vec<PartView>,
    /// The bundles it is inside of that are counted by their parts; its seats in them are in the counts here.
    #[serde(default)]
    pub inside: Vec<ProductCode>,
    /// Where it stands.
    pub mapping: ProductMappingView,
    /// What it may be; only while unmapped. Best first.
    pub suggestions: Vec<ProductSuggestion>,
}

/// A product inside a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PartView {
    /// ESET's code.
    pub code: ProductCode,
    /// ESET's name.
    pub name: String,
}

/// Where a product stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ProductMappingView {
    /// Nobody has decided.
    Unmapped,
    /// Billed as this.
    Mapped {
        /// The catalog product.
        product: CatalogId,
        /// Its identifier; none when ConnectWise no longer has it.
        identifier: Option<String>,
        /// Its description.
        description: Option<String>,
        /// How it is counted and written.
        rule: ProductRule,
    },
    /// A bundle whose products are counted by themselves.
    Parts,
    /// Left out.
    Excluded {
        /// Why, by whom and when.
        exclusion: Exclusion,
    },
}

/// `PUT /api/mappings/products`: all of the changes, or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProductChanges {
    /// 1 to 500 changes.
    pub changes: Vec<ProductChange>,
}
