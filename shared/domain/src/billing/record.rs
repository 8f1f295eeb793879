//! What has come of a company mapping since it was made: a mapping commits by itself only after a person has seen it do right.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{AgreementId, ConnectionId, EsetCompanyId};

/// An ESET company whose seats are on a line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The ESET connection.
    pub connection: ConnectionId,
    /// The company.
    pub company: EsetCompanyId,
}

/// One company mapping: an ESET company on one agreement.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MappingKey {
    /// The ESET company.
    pub member: Member,
    /// The ConnectWise connection.
    pub psa: ConnectionId,
    /// The agreement.
    pub agreement: AgreementId,
}

/// What has come of a mapping since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TrackRecord {
    /// A person has approved a line of it.
    Approved,
    /// A change a person approved was written, read back, and not taken back since.
    Proven,
}

/// The mappings of which anything has come.
pub type TrackRecords = BTreeMap<MappingKey, TrackRecord>;
