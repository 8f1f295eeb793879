//! ESET companies and where they are billed.

use serde::{Deserialize, Serialize};

use crate::Page;
use crate::endpoint::endpoints;
use domain::Timestamp;
use domain::billing::Member;
use domain::ids::{AccessGroupId, AgreementId, ConnectionId, EsetCompanyId, PsaCompanyId};
pub use domain::mapping::{CompanyChange, CompanyDecision};
use domain::mapping::{CompanyProducts, CompanySuggestion, Exclusion, GroupSplit};
use domain::seats::EntityKind;

endpoints! {
    "companies";

    /// ESET companies, where they are billed and who they may be.
    ListCompanies("list_companies") = Get "/api/companies" (SeeBilling, Scoped), query CompaniesQuery => 200 Page<CompanyView>;

    /// Switch tickets on or off for the devices of companies.
    SwitchCompanyTickets("switch_company_tickets") = Put "/api/companies/tickets" (ManageTickets, Scoped), body SwitchTickets => 204;

    /// Map, exclude or clear ESET companies.
    MapCompanies("map_companies") = Put "/api/mappings/companies" (ManageMappings, Scoped),
        body CompanyChanges => 200 MappingsStored, or [409];
}

/// Which companies are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CompanyFilter {
    /// Without an agreement, with licences, and not excluded.
    #[default]
    Unmapped,
    /// Billed on an agreement.
    Mapped,
    /// Left out on purpose.
    Excluded,
    /// All, also those without licences.
    All,
}

/// `GET /api/companies`; understands `q`, `after` and `limit` besides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CompaniesQuery {
    /// Which companies.
    #[serde(default)]
    pub state: CompanyFilter,
    /// Text to find in the name or custom identifier.
    pub q: Option<String>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Items to a page.
    pub limit: Option<u32>,
}

/// One ESET company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompanyView {
    /// The ESET connection.
    pub connection: ConnectionId,
    /// Its id.
    pub company: EsetCompanyId,
    /// Its name.
    pub name: String,
    /// What kind it is.
    pub kind: EntityKind,
    /// The company above it.
    pub parent: Option<String>,
    /// ESET's free text field.
    pub custom_identifier: Option<String>,
    /// Licences it has.
    pub licences: u32,
    /// Ordered seats that are billed.
    pub ordered: u32,
    /// Activated seats.
    pub activated: u32,
    /// False when its licences could not all be read.
    pub complete: bool,
    /// When a sync showed it first; none when it was there from the start.
    pub first_seen: Option<Timestamp>,
    /// Whether the last sync showed it first.
    pub new: bool,
    /// Where it stands.
    pub mapping: CompanyMappingView,
    /// Who switched its tickets off, and when; none while they are on.
    pub tickets_off: Option<TicketsOff>,
    /// Its access group, told to administrators alone; none when it has none.
    pub access: Option<CompanyAccess>,
    /// Who it may be in ConnectWise; only while unmapped. Best first.
    pub suggestions: Vec<PsaSuggestion>,
}

/// The access group of a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompanyAccess {
    /// The group.
    pub group: AccessGroupId,
    /// Its name.
    pub name: String,
    /// Whether it is that of a company above this one.
    pub inherited: bool,
}

/// That no tickets are opened for the devices of a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketsOff {
    /// Who switched them off.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// `PUT /api/companies/tickets`: switches tickets on or off for the devices of companies, all of them or none. What enters a
/// watched group meanwhile gets no ticket later either. Billing goes on: that is switched off by excluding a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SwitchTickets {
    /// Which, 1 to 500.
    pub companies: Vec<Member>,
    /// On or off.
    pub tickets: bool,
}

/// A suggestion and the tenant it is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PsaSuggestion {
    /// The ConnectWise connection.
    pub psa: ConnectionId,
    /// The suggestion.
    pub suggestion: CompanySuggestion,
}

/// Where a company stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CompanyMappingView {
    /// Nobody has decided.
    Unmapped,
    /// Billed here.
    Mapped {
        /// The ConnectWise connection.
        psa: ConnectionId,
        /// The company.
        company: PsaCompanyId,
        /// Its name; none when ConnectWise no longer has it.
        company_name: Option<String>,
        /// The agreement.
        agreement: AgreementId,
        /// Its name; none when ConnectWise no longer has it.
        agreement_name: Option<String>,
        /// Commits by itself.
        automatic: bool,
        /// Whether a change a person approved was written and read back since it was mapped. Until then even an automatic
        /// mapping waits for a person.
        proven: bool,
        /// What it does differently with single products.
        products: CompanyProducts,
        /// Device groups that are billed on other agreements.
        groups: Vec<GroupSplit>,
    },
    /// Left out.
    Excluded {
        /// Why, by whom and when.
        exclusion: Exclusion,
    },
}

/// `PUT /api/mappings/companies`: all of the changes, or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CompanyChanges {
    /// 1 to 500 changes.
    pub changes: Vec<CompanyChange>,
}

/// A change of mappings was stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MappingsStored {
    /// The new version of the mappings.
    pub version: u32,
    /// How many decisions changed.
    pub changed: u32,
}
