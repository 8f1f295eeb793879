//! The connections that show device groups.

use domain::groups::{DeviceGroup, Groups};
use domain::ids::DeviceGroupId;
use http::StatusCode;
use serde_json::{Value, json};

use crate::TestInstall;

impl TestInstall {
    /// The ESET Connect connection, as the API takes it.
    pub fn eset_connect(&self) -> Value {
        let login = &self.simulator.credentials().connect;
        json!({ "name": "ESET Connect", "address": self.simulator.addresses().connect,
                "credentials": { "kind": "connect", "username": login.username, "password": login.password } })
    }

    /// The ESET PROTECT On-Prem connection, as the API takes it.
    pub fn onprem(&self) -> Value {
        let login = &self.simulator.credentials().protect;
        json!({ "name": "ESET PROTECT", "address": self.simulator.addresses().protect,
                "credentials": { "kind": "onprem", "username": login.username, "password": login.password } })
    }

    /// Connects what shows device groups.
    pub async fn connect_groups(&self, connection: &Value) {
        let (status, answer) = self.post("/api/connections", connection).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        assert_eq!(answer["last_test"]["ok"], true, "{answer}");
    }

    /// Lets the consoles show a company's groups below one with an id of its own and this name, beside others as named.
    pub async fn company_group_is(&self, company: &str, name: &str, others: &[&str]) {
        for read in self.tenant.groups().await.expect("groups") {
            let own: DeviceGroupId = format!("of-{company}").as_str().into();
            let mut changed = Groups::clone(&read);
            let known = [DeviceGroupId::from(company), own.clone()].into_iter().find_map(|id| changed.groups.remove(&id));
            let mut group = known.expect("the company's group");
            name.clone_into(&mut group.name);
            for below in changed.groups.values_mut().filter(|below| below.parent.as_ref().is_some_and(|parent| parent.as_str() == company))
            {
                below.parent = Some(own.clone());
            }
            for (place, other) in others.iter().enumerate() {
                let bare = DeviceGroup { name: (*other).to_owned(), stands_for: group.stands_for, ..DeviceGroup::default() };
                changed.groups.insert(format!("other-{place}").as_str().into(), bare);
            }
            changed.groups.insert(own, group);
            let name = format!("groups/{}", read.connection);
            let before = self.tenant.ledger.pointers().current(&name).expect("read").map(|pointer| pointer.version);
            let now = self.tenant.now();
            self.tenant.documents.publish(&name, &name, read.schema, before, changed, now).await.expect("published");
        }
    }
}
