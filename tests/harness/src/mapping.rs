//! Deciding what is billed on which agreement, and closing the month of it.

use http::StatusCode;
use serde_json::{Value, json};

use crate::TestInstall;

impl TestInstall {
    /// Accepts every suggestion that is sure.
    pub async fn map_everything_sure(&self) {
        let products: Vec<Value> = self.get("/api/products").await;
        let changes: Vec<Value> = products
            .iter()
            .filter(|product| product["mapping"]["state"] == "unmapped")
            .filter_map(|product| {
                let sure = product["suggestions"].get(0).filter(|found| found["ambiguous"] == false)?;
                Some(json!({ "psa": product["psa"], "code": product["code"], "decision": { "decision": "map", "product": sure["product"] } }))
            })
            .collect();
        if !changes.is_empty() {
            self.decide("products", &changes).await;
        }
        let page: Value = self.get("/api/companies?state=unmapped&limit=500").await;
        let changes: Vec<Value> = page["items"]
            .as_array()
            .expect("companies")
            .iter()
            .filter_map(|company| {
                let sure = company["suggestions"].get(0)?;
                let found = &sure["suggestion"];
                let decided = found["ambiguous"] == false && !found["agreement"].is_null();
                decided.then(|| {
                    json!({ "connection": company["connection"], "company": company["company"],
                            "decision": { "decision": "map", "psa": sure["psa"], "agreement": found["agreement"] } })
                })
            })
            .collect();
        if !changes.is_empty() {
            self.decide("companies", &changes).await;
        }
    }

    /// Decides about everything nobody has decided about, so that the month can be closed.
    pub async fn exclude_the_rest(&self) {
        let exclude = json!({ "decision": "exclude", "reason": "not ours" });
        let page: Value = self.get("/api/companies?state=unmapped&limit=500").await;
        let companies = page["items"].as_array().expect("companies").iter();
        let changes: Vec<Value> = companies
            .map(|company| json!({ "connection": company["connection"], "company": company["company"], "decision": exclude }))
            .collect();
        if !changes.is_empty() {
            self.decide("companies", &changes).await;
        }
        let products: Vec<Value> = self.get("/api/products").await;
        let open = products.iter().filter(|product| product["mapping"]["state"] == "unmapped");
        let changes: Vec<Value> =
            open.map(|product| json!({ "psa": product["psa"], "code": product["code"], "decision": exclude })).collect();
        if !changes.is_empty() {
            self.decide("products", &changes).await;
        }
        self.settle().await;
    }

    /// Bills a company on the agreement of this mapping from now on.
    pub async fn bill_on(&self, company: &Value, mapping: &Value) {
        let decision = json!({ "decision": "map", "psa": mapping["psa"], "agreement": mapping["agreement"] });
        self.decide("companies", &[json!({ "connection": company["connection"], "company": company["company"], "decision": decision })])
            .await;
        self.settle().await;
    }

    /// Bills a company on no agreement from now on.
    pub async fn bill_nowhere(&self, company: &Value) {
        let decision = json!({ "decision": "exclude", "reason": "not ours any more" });
        self.decide("companies", &[json!({ "connection": company["connection"], "company": company["company"], "decision": decision })])
            .await;
        self.settle().await;
    }

    async fn decide(&self, what: &str, changes: &[Value]) {
        let (status, answer) = self.call("PUT", &format!("/api/mappings/{what}"), Some(&json!({ "changes": changes }))).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }

    /// Closes the month of the lines, with everything decided and written.
    pub async fn close_month(&self) -> String {
        self.exclude_the_rest().await;
        self.approve(&self.lines("to_approve").await).await;
        self.settle().await;
        let period = self.lines("all").await.first().expect("a line").line.period;
        let (status, answer) = self.post(&format!("/api/months/{period}/close"), &json!({})).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        period.to_string()
    }

    /// Lets time pass to this moment, for the vendors too.
    pub fn pass_to(&self, moment: &str) {
        let moment: domain::Timestamp = moment.parse().expect("a moment");
        self.clock.advance((moment - self.tenant.now()).num_seconds());
        self.simulator.world().set_now(self.tenant.now());
    }
}
