//! The part of the plan's input that one mapping can change: for showing in the browser what a change would do, before it is
//! stored. The answer is a [`domain::billing::PlanSlice`].

use serde::{Deserialize, Serialize};

use crate::endpoint::endpoints;
use domain::billing::PlanSlice;
use domain::ids::{AgreementId, CatalogId, ConnectionId, EsetCompanyId, ProductCode};

endpoints! {
    "products";

    /// What the lines of a product or a company are planned from.
    ShowPlanSlice("plan_slice") = Get "/api/plan-slice" (SeeBilling, Scoped), query SliceQuery => 200 PlanSlice;
}

/// `GET /api/plan-slice`: `psa` and `product`, or `connection` and `company`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SliceQuery {
    /// The ConnectWise connection of `product` or `agreement`.
    pub psa: Option<ConnectionId>,
    /// An ESET product: what another mapping of it could change.
    pub product: Option<ProductCode>,
    /// A catalog product that it may be billed as: also the agreements that bill it now.
    pub catalog: Option<CatalogId>,
    /// The ESET connection of `company`.
    pub connection: Option<ConnectionId>,
    /// An ESET company: what another mapping of it could change.
    pub company: Option<EsetCompanyId>,
    /// An agreement it may be billed on.
    pub agreement: Option<AgreementId>,
}
