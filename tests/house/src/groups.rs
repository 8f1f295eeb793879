//! The connections that show device groups.

use http::StatusCode;
use serde_json::{Value, json};

use crate::House;

impl House {
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
}
