//! Reading device groups: the tree of one ESET Connect or On-Prem connection, and how many devices of each static group use which
//! product. A list that cannot be read to its end fails the pass, and what was known before stands.

use std::collections::BTreeMap;

use contract::passes::PassState;
use domain::groups::{DeviceGroup, GROUPS_SCHEMA, Groups, InUse};
use domain::ids::{DeviceGroupId, ProductCode};
use domain::json::strict;
use serde::{Deserialize, Serialize};

use super::Progress;
use crate::tenant::{Tenant, TenantError, groups_of};
use connect::{Connect, Device};
use egress::Outbound;
use egress::ports::Clock;
use store::documents::{Document, Documents};
use store::ledger::{ConnectionRow, Ledger, PassChange, PassRow};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Cursor {
    stage: Stage,
    /// The token of the page to read next; none for the first.
    page: Option<String>,
    /// Pages read in this stage.
    pages: u32,
    /// Entries read in this stage.
    read: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    #[default]
    Groups,
    Devices,
    Publish,
}

/// A product as a device names it.
type Product = (Option<ProductCode>, String);

/// Devices of one page that are in the same group and use the same product; without a product, all of them.
#[derive(Serialize, Deserialize)]
struct StagedUse {
    group: DeviceGroupId,
    product: Option<Product>,
    devices: u32,
}

impl Tenant {
    pub(super) async fn groups_step(
        &self,
        pass: &PassRow,
        connection: &ConnectionRow,
        outbound: &Outbound,
    ) -> Result<Progress, TenantError> {
        let client = self.clients().connect(connection, outbound)?;
        let (ledger, documents, clock) = (&self.ledger, &self.documents, self.clock.as_ref());
        let progress = GroupsPass { ledger, documents, clock, pass, connection, client: &client, outbound }.step().await?;
        if matches!(progress, Progress::Over { .. }) {
            self.follow_hierarchy().await?;
        }
        Ok(progress)
    }
}

/// One pass over the device groups of a connection.
struct GroupsPass<'a> {
    ledger: &'a Ledger,
    documents: &'a Documents,
    clock: &'a dyn Clock,
    pass: &'a PassRow,
    connection: &'a ConnectionRow,
    client: &'a Connect,
    outbound: &'a Outbound,
}

impl GroupsPass<'_> {
    async fn step(&self) -> Result<Progress, TenantError> {
        let cursor: Cursor = self.pass.cursor.as_deref().and_then(|text| strict::read(text.as_bytes()).ok()).unwrap_or_default();
        let calls = self.outbound.calls();
        let (next, words) = match cursor.stage {
            Stage::Groups => (self.read_groups(cursor).await?, "Reading device groups"),
            Stage::Devices => (self.read_devices(cursor).await?, "Reading devices"),
            Stage::Publish => return self.publish().await,
        };
        let calls = self.outbound.calls().saturating_sub(calls);
        let change = PassChange { done: next.read, cursor: &next, step: words, total: None, calls };
        self.ledger.passes().advance(&self.pass.id, &change, self.clock.now())?;
        Ok(Progress::More)
    }

    async fn read_groups(&self, cursor: Cursor) -> Result<Cursor, TenantError> {
        let page = self.client.groups(cursor.page.as_deref()).await?;
        let groups = page.items.into_iter().map(|group| {
            let known = DeviceGroup {
                name: group.name,
                parent: group.parent,
                dynamic: group.dynamic,
                stands_for: group.stands_for,
                ..DeviceGroup::default()
            };
            (group.id, known)
        });
        let groups: Vec<(DeviceGroupId, DeviceGroup)> = groups.collect();
        self.ledger.passes().stage(&self.pass.id, "groups", cursor.pages, &groups)?;
        Ok(cursor.after(groups.len(), page.next, Stage::Devices))
    }

    async fn read_devices(&self, cursor: Cursor) -> Result<Cursor, TenantError> {
        let page = self.client.devices(cursor.page.as_deref()).await?;
        let devices = page.items.len();
        self.ledger.passes().stage(&self.pass.id, "devices", cursor.pages, &used(page.items))?;
        Ok(cursor.after(devices, page.next, Stage::Publish))
    }

    async fn publish(&self) -> Result<Progress, TenantError> {
        let (pass, connection) = (self.pass, self.connection);
        let mut groups: BTreeMap<DeviceGroupId, DeviceGroup> =
            self.ledger.passes().staged::<(DeviceGroupId, DeviceGroup)>(&pass.id, "groups")?.into_iter().collect();
        if groups.is_empty() {
            return Err(TenantError::Unusable("ESET answered an empty list of groups. Those before still stand.".to_owned()));
        }
        for staged in self.ledger.passes().staged::<StagedUse>(&pass.id, "devices")? {
            // A group that came or went while the devices were read has no name; its devices are in the next reading.
            let Some(group) = groups.get_mut(&staged.group) else { continue };
            match staged.product {
                None => group.devices = group.devices.saturating_add(staged.devices),
                Some((code, name)) => match group.in_use.iter_mut().find(|known| known.code == code && known.name == name) {
                    Some(known) => known.devices = known.devices.saturating_add(staged.devices),
                    None => group.in_use.push(InUse { code, name, devices: staged.devices }),
                },
            }
        }
        let devices = groups.values().fold(0, |sum: u32, group| sum.saturating_add(group.devices));
        let name = groups_of(&connection.id);
        let version = self.ledger.pointers().current(&name)?.map(|pointer| pointer.version);
        let before: Option<Document<Groups>> = self.documents.current(&name).await.unwrap_or_default();
        let had = before.is_some_and(|before| before.content.groups.values().any(|group| group.devices > 0));
        if devices == 0 && had {
            return Err(TenantError::Unusable("ESET answered an empty list of devices. Those before still stand.".to_owned()));
        }
        let result = format!("{} device groups, {devices} devices", groups.len());
        let taken_at = pass.started_at.unwrap_or(pass.queued_at);
        let read = Groups { schema: GROUPS_SCHEMA, connection: connection.id.clone(), pass: pass.id.clone(), taken_at, groups };
        let key = format!("groups/{}/{}", taken_at.date_naive(), pass.id);
        self.documents.publish(&name, &key, GROUPS_SCHEMA, version, read, self.clock.now()).await?;
        Ok(Progress::Over { state: PassState::Done, result, failure: None })
    }
}

impl Cursor {
    /// Where to go on after a page of so many entries.
    fn after(self, entries: usize, next_page: Option<String>, next: Stage) -> Self {
        match next_page {
            None => Self { stage: next, ..Self::default() },
            page => {
                let read = self.read.saturating_add(u32::try_from(entries).unwrap_or(u32::MAX));
                Self { page, pages: self.pages + 1, read, ..self }
            }
        }
    }
}

/// The devices of a page by group, and by group and product. A device that names a product twice uses it once.
fn used(devices: Vec<Device>) -> Vec<StagedUse> {
    let mut used: BTreeMap<(DeviceGroupId, Option<Product>), u32> = BTreeMap::new();
    for device in devices {
        let Some(group) = device.parent else { continue };
        let mut products = vec![None];
        for product in device.products.into_iter().map(Some) {
            if !products.contains(&product) {
                products.push(product);
            }
        }
        for product in products {
            *used.entry((group.clone(), product)).or_default() += 1;
        }
    }
    used.into_iter().map(|((group, product), devices)| StagedUse { group, product, devices }).collect()
}
