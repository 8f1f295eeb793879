//! Identifiers, one type each, so that an agreement's id cannot stand where an addition's is meant.

use serde::{Deserialize, Serialize};

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

macro_rules! number_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

text_ids! {
    /// One set of credentials for one vendor; ours, made at creation.
    ConnectionId,
    /// A company in ESET MSP Administrator 2 (its `publicId`, a GUID in lower case).
    EsetCompanyId,
    /// ESET's product code: numeric, but sent as text (`GET /Enum/AvailableProducts`).
    ProductCode,
    /// A licence's public ID, `XXX-XXX-XXX`. It identifies a licence and cannot activate one, so it may be shown.
    LicenceId,
    /// One billing line: an agreement and a catalog product, or an ESET company and product still unmapped.
    LineId,
    /// Fingerprint of everything a line's proposal was made from. A commit names it and is refused when it is stale.
    PreviewId,
    /// One planned outside effect; the same proposal always has the same id.
    IntentId,
    /// One run of a sync or a billing pass.
    PassId,
    /// Something that changed under a mapping; made from its kind and what it happened to.
    DriftId,
    /// A group of ESET companies that people are given to see; ours, made at creation.
    AccessGroupId,
    /// A rule that opens tickets; ours, made at creation.
    TicketRuleId,
    /// A device group in ESET PROTECT (its `uuid`, in lower case).
    DeviceGroupId,
    /// A device in ESET PROTECT (its `uuid`, in lower case).
    DeviceId,
}

number_ids! {
    /// A ConnectWise ticket (`/service/tickets`).
    TicketId,
    /// A ConnectWise company (`/company/companies`).
    PsaCompanyId,
    /// A ConnectWise agreement (`/finance/agreements`).
    AgreementId,
    /// A recurring line of an agreement (`/finance/agreements/{parentId}/additions`).
    AdditionId,
    /// A ConnectWise catalog product (`/procurement/catalog`); what an addition's `product` refers to.
    CatalogId,
    /// A service board (`/service/boards`).
    BoardId,
    /// A status of one board (`/service/boards/{parentId}/statuses`); another board's has another id, whatever its name.
    StatusId,
    /// A ticket type of one board (`/service/boards/{parentId}/types`).
    TicketTypeId,
    /// A subtype of one board (`/service/boards/{parentId}/subtypes`).
    SubTypeId,
    /// An item of one board (`/service/boards/{parentId}/items`).
    ItemId,
    /// A team of one board (`/service/boards/{parentId}/teams`).
    TeamId,
    /// A ticket's priority (`/service/priorities`).
    PriorityId,
    /// Where a ticket came from (`/service/sources`).
    SourceId,
    /// A person at a company (`/company/contacts`).
    ContactId,
    /// A device as ConnectWise keeps it (`/company/configurations`).
    ConfigurationId,
    /// A kind of configuration (`/company/configurations/types`).
    ConfigurationTypeId,
}
