//! What a plan is made from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::billing::{Member, Policy, TrackRecords};
use crate::groups::Groups;
use crate::ids::{AdditionId, AgreementId, ConnectionId, LineId};
use crate::mapping::Mappings;
use crate::money::Quantity;
use crate::psa::{AdditionsRead, PsaCatalogue};
use crate::seats::Snapshot;

/// Everything a plan is made from.
#[derive(Debug)]
pub struct PlanInput<'a> {
    /// Now.
    pub now: Timestamp,
    /// The latest snapshot of each ESET connection. Of two of the same connection, only the later one is counted.
    pub snapshots: &'a [&'a Snapshot],
    /// The latest reading of each connection's device groups.
    pub groups: &'a [&'a Groups],
    /// The mappings.
    pub mappings: &'a Mappings,
    /// What each ConnectWise tenant holds, by connection.
    pub psa: &'a BTreeMap<ConnectionId, Psa<'a>>,
    /// What we last wrote, by ConnectWise connection and addition.
    pub written: &'a BTreeMap<(ConnectionId, AdditionId), LastWrite>,
    /// What has come of each company mapping.
    pub records: &'a TrackRecords,
    /// What open drift says of the lines it pauses.
    pub paused: &'a BTreeMap<LineId, String>,
    /// The caps.
    pub policy: &'a Policy,
}

impl<'a> PlanInput<'a> {
    /// What ESET calls a company; its id when its account does not show it.
    pub(in crate::billing) fn eset_name<'m>(&self, member: &'m Member) -> &'m str
    where
        'a: 'm,
    {
        let shown = self.snapshots.iter().filter(|snapshot| snapshot.connection == member.connection);
        let latest = shown.max_by_key(|snapshot| snapshot.taken_at);
        latest.and_then(|snapshot| snapshot.companies.get(&member.company)).map_or(member.company.as_str(), |seats| &seats.name)
    }
}

/// One ConnectWise tenant as last read.
#[derive(Debug)]
pub struct Psa<'a> {
    /// Site and company id: the same for two connections to one tenant.
    pub tenant: &'a str,
    /// Companies, agreements and products.
    pub catalogue: &'a PsaCatalogue,
    /// Additions of the agreements that were read.
    pub additions: &'a BTreeMap<AgreementId, AdditionsRead>,
}

/// What we last wrote to an addition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LastWrite {
    /// The quantity read back after the write.
    pub quantity: Quantity,
    /// Why a person took the write before it back, when that is what this write did.
    pub reversed: Option<String>,
}
