//! What a plan is made from: documents in KV and rows of the ledger, put together.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::Timestamp;
use domain::billing::{PlanInput, Psa};
use domain::connections::ConnectionKind;
use domain::groups::Groups;
use domain::ids::ConnectionId;
use domain::mapping::Mappings;
use domain::psa::PsaCatalogue;
use domain::seats::Snapshot;

use crate::owners::Owners;
use crate::tenant::{MAPPINGS, Tenant, TenantError, catalogue_of, groups_of, snapshot_of};
use store::documents::{Document, DocumentError, Documents};
use store::ledger::{ConnectionRow, Ledger};
use store::ports::StoreError;

impl Tenant {
    /// Puts everything a plan is made from together for `use_it`. Answers what it gave, and the version of the mappings. Device
    /// groups are read when a company is split by them, or `with_groups`, because one might be.
    ///
    /// # Errors
    /// When a part of it cannot be read.
    pub async fn with_plan_input<T>(
        &self,
        now: Timestamp,
        with_groups: bool,
        use_it: impl FnOnce(&PlanInput<'_>) -> T,
    ) -> Result<(T, Option<u32>), TenantError> {
        let (mappings, version) = self.mappings().await?;
        let snapshots = self.snapshots().await?;
        let catalogues = self.catalogues().await?;
        let additions = self.ledger.additions().all()?;
        let written = self.ledger.additions().written()?;
        let records = self.ledger.mapping_records().all()?;
        let policy = self.policy()?;
        let connected = self.connections_of(ConnectionKind::Connectwise)?;
        let tenants: BTreeMap<ConnectionId, String> = connected.into_iter().map(|row| (row.id.clone(), row.account())).collect();
        let none = BTreeMap::new();
        let psa: BTreeMap<ConnectionId, Psa<'_>> = catalogues
            .iter()
            .map(|(id, catalogue)| {
                let tenant = tenants.get(id).map_or(id.as_str(), String::as_str);
                (id.clone(), Psa { tenant, catalogue, additions: additions.get(id).unwrap_or(&none) })
            })
            .collect();
        let snapshots: Vec<&Snapshot> = snapshots.iter().map(Rc::as_ref).collect();
        let split = with_groups || mappings.targets().any(|(_, _, target)| !target.groups.is_empty());
        let groups = if split { self.groups().await? } else { Vec::new() };
        let groups: Vec<&Groups> = groups.iter().map(Rc::as_ref).collect();
        let paused = self.drift_watch().paused_lines()?;
        let input = PlanInput {
            now,
            snapshots: &snapshots,
            groups: &groups,
            mappings: &mappings,
            psa: &psa,
            written: &written,
            records: &records,
            paused: &paused,
            policy: &policy,
        };
        Ok((use_it(&input), version))
    }

    /// What was last read of the vendors, and what is mapped.
    pub fn readings(&self) -> Readings<'_> {
        Readings { ledger: &self.ledger, documents: &self.documents }
    }

    /// See [`Readings::mappings`].
    ///
    /// # Errors
    /// When the document cannot be read.
    pub async fn mappings(&self) -> Result<(Rc<Mappings>, Option<u32>), DocumentError> {
        self.readings().mappings().await
    }

    /// See [`Readings::snapshots`].
    ///
    /// # Errors
    /// When one cannot be read.
    pub async fn snapshots(&self) -> Result<Vec<Rc<Snapshot>>, TenantError> {
        self.readings().snapshots().await
    }

    /// See [`Readings::groups`].
    ///
    /// # Errors
    /// When one cannot be read.
    pub async fn groups(&self) -> Result<Vec<Rc<Groups>>, TenantError> {
        self.readings().groups().await
    }

    /// See [`Readings::catalogues`].
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn catalogues(&self) -> Result<BTreeMap<ConnectionId, Rc<PsaCatalogue>>, TenantError> {
        self.readings().catalogues().await
    }

    /// Every connection of a vendor.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn connections_of(&self, kind: ConnectionKind) -> Result<Vec<ConnectionRow>, StoreError> {
        self.readings().connections_of(kind)
    }
}

/// What was last read of the vendors and what is mapped: documents, and the ledger's pointers to them.
#[derive(Clone, Copy)]
pub struct Readings<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) documents: &'a Documents,
}

impl Readings<'_> {
    /// Every mapping, and the version they are at; none at version 0.
    ///
    /// # Errors
    /// When the document cannot be read.
    pub async fn mappings(&self) -> Result<(Rc<Mappings>, Option<u32>), DocumentError> {
        let document: Option<Document<Mappings>> = self.documents.current(MAPPINGS).await?;
        Ok(document.map_or_else(Default::default, |document| (document.content, Some(document.version))))
    }

    fn connections_of(&self, kind: ConnectionKind) -> Result<Vec<ConnectionRow>, StoreError> {
        Ok(self.ledger.connections().all()?.into_iter().filter(|connection| connection.kind == kind).collect())
    }

    /// The latest snapshot of each ESET connection that has one.
    ///
    /// # Errors
    /// When one cannot be read.
    pub async fn snapshots(&self) -> Result<Vec<Rc<Snapshot>>, TenantError> {
        let mut snapshots = Vec::new();
        for connection in self.connections_of(ConnectionKind::Ema2)? {
            let document: Option<Document<Snapshot>> = self.documents.current(&snapshot_of(&connection.id)).await?;
            snapshots.extend(document.map(|document| document.content));
        }
        Ok(snapshots)
    }

    /// The latest reading of each connection's device groups.
    ///
    /// # Errors
    /// When one cannot be read.
    pub async fn groups(&self) -> Result<Vec<Rc<Groups>>, TenantError> {
        let mut groups = Vec::new();
        for connection in self.ledger.connections().all()?.into_iter().filter(|connection| connection.kind.has_groups()) {
            groups.extend(self.groups_of(&connection.id).await?);
        }
        Ok(groups)
    }

    /// The latest reading of one console's device groups.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn groups_of(&self, console: &ConnectionId) -> Result<Option<Rc<Groups>>, TenantError> {
        let document: Option<Document<Groups>> = self.documents.current(&groups_of(console)).await?;
        Ok(document.map(|document| document.content))
    }

    /// Whose the groups of every console are, as ESET and people say now.
    ///
    /// # Errors
    /// When a snapshot or the ledger cannot be read.
    pub async fn owners(&self) -> Result<Owners, TenantError> {
        Ok(Owners::of_companies(&self.snapshots().await?, self.ledger.group_owners().all()?))
    }

    /// What each ConnectWise connection was last seen to hold.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn catalogues(&self) -> Result<BTreeMap<ConnectionId, Rc<PsaCatalogue>>, TenantError> {
        let mut catalogues = BTreeMap::new();
        for connection in self.connections_of(ConnectionKind::Connectwise)? {
            let document: Option<Document<PsaCatalogue>> = self.documents.current(&catalogue_of(&connection.id)).await?;
            catalogues.extend(document.map(|document| (connection.id, document.content)));
        }
        Ok(catalogues)
    }
}
