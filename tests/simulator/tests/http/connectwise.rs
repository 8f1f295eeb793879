//! ConnectWise PSA: keys, lists, conditions, writes and their refusals.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::{Action, Actor, AgreementStatus, Effect, Level};

use crate::rig::{Answer, Rig, escaped};

#[tokio::test]
async fn bad_keys_look_missing_and_a_missing_client_id_is_forbidden() {
    let rig = Rig::with(1).await;
    let site = &rig.simulator.addresses().connectwise;
    let url = format!("{site}/v2026_4/apis/3.0/company/companies");
    let bad = rig.client.get(&url).basic_auth("northwind+x", Some("y")).header("clientId", "z");
    assert_eq!(bad.send().await.unwrap().status(), 404);
    let keys = &rig.simulator.credentials().connectwise;
    let user = format!("{}+{}", keys.company_id, keys.public_key);
    let anonymous = rig.client.get(&url).basic_auth(user, Some(&keys.private_key));
    assert_eq!(anonymous.send().await.unwrap().status(), 403);
    rig.simulator.world().set_cloud(false);
    let bad = rig.client.get(&url).basic_auth("northwind+x", Some("y")).header("clientId", "z");
    let answer = Answer::of(bad.send().await.unwrap()).await;
    assert_eq!((answer.status, &answer.body["code"]), (401, &json!("Unauthorized")));
    rig.simulator.world().revoke_connectwise();
    assert_eq!(rig.get("company/companies").await.status, 401);
    rig.simulator.world().restore_connectwise();
    assert_eq!(rig.get("company/companies").await.status, 200);
}

#[tokio::test]
async fn an_upgrade_moves_the_code_base_and_company_info_says_where() {
    let rig = Rig::with(1).await;
    let site = &rig.simulator.addresses().connectwise;
    let info = |company: &str| rig.client.get(format!("{site}/login/companyinfo/{company}")).send();
    let before: Value = info("northwind").await.unwrap().json().await.unwrap();
    assert_eq!(before["Codebase"], "v2026_4/");
    assert_eq!(info("nobody").await.unwrap().json::<Value>().await.unwrap(), Value::Null);
    let old = rig.connectwise(Method::GET, "company/companies");
    rig.simulator.world().upgrade_codebase();
    assert_eq!(old.send().await.unwrap().status(), 404);
    let after: Value = info("northwind").await.unwrap().json().await.unwrap();
    assert_eq!(after["Codebase"], "v2027_1/");
    assert_eq!(rig.get("company/companies").await.status, 200);
}

#[tokio::test]
async fn the_links_lead_through_all_pages_and_so_do_forward_only_ones() {
    let rig = Rig::with(60).await;
    let total = rig.get("company/companies/count").await.body["count"].as_u64().unwrap() as usize;
    for forward_only in [false, true] {
        let (mut seen, mut next) = (Vec::new(), Some("company/companies?pageSize=20".to_owned()));
        while let Some(path) = next {
            let mut request = rig.connectwise(Method::GET, &path);
            if forward_only {
                request = request.header("pagination-type", "forward-only");
            }
            let answer = Answer::of(request.send().await.unwrap()).await;
            assert!(!forward_only || answer.link.is_some(), "forward-only pages always have a Link header");
            seen.extend(answer.rows().iter().map(|row| row["id"].as_i64().unwrap()));
            let link = answer.link.unwrap_or_default();
            next = link.split(", ").find(|link| link.ends_with("rel=\"next\"")).map(|link| {
                let url = &link[1..link.find('>').unwrap()];
                url.split_once("apis/3.0/").unwrap().1.to_owned()
            });
        }
        seen.dedup();
        assert_eq!(seen.len(), total);
    }
    assert_eq!(rig.get("company/companies?page=99").await.body, json!([]));
}

#[tokio::test]
async fn conditions_select_and_bad_ones_are_named() {
    let rig = Rig::with(60).await;
    let ask = async |conditions: &str| rig.get(&format!("finance/agreements?pageSize=1000&conditions={}", escaped(conditions))).await;
    let active = ask("agreementStatus = \"Active\" and cancelledFlag = False").await;
    assert!(active.rows().iter().all(|row| row["agreementStatus"] == "Active"));
    let expected = rig.simulator.world().agreements();
    let expected = expected.iter().filter(|row| row.agreement_status == AgreementStatus::Active).count();
    assert_eq!(active.rows().len(), expected);
    let refused = ask("invoiceDate > [2026-01-01]").await;
    let message = json!("invoiceDate is not a recognized name.");
    assert_eq!((refused.status, &refused.body["code"]), (400, &json!("ApiFindCondition")));
    assert_eq!(refused.body["message"], message);
    assert_eq!(ask("agreementStatus = 'Canceled'").await.status, 400);
    let clients = rig.get("company/companies?pageSize=1000&childConditions=types%2Fname%3D%22Prospect%22").await;
    assert!(!clients.rows().is_empty());
    assert!(clients.rows().iter().all(|row| row["types"][0]["name"] == "Prospect"));
}

/// The one line of the smallest world.
async fn only_line(rig: &Rig) -> (String, Value) {
    let agreement = rig.get("finance/agreements").await.rows()[0]["id"].clone();
    let additions = rig.get(&format!("finance/agreements/{agreement}/additions")).await;
    let line = additions.rows()[0].clone();
    (format!("finance/agreements/{agreement}/additions/{}", line["id"]), line)
}

#[tokio::test]
async fn a_patched_quantity_is_one_effect_and_the_same_again_is_none() {
    let rig = Rig::with(1).await;
    let (path, line) = only_line(&rig).await;
    assert_eq!((&line["quantity"], &line["lessIncluded"]), (&json!(25.0), &json!(0.0)));
    rig.simulator.world().clear_journal();
    rig.simulator.world().advance(5);
    let operations = json!([{ "op": "replace", "path": "quantity", "value": 27 }]);
    let answer = rig.patch(&path, operations.clone()).await;
    assert_eq!((answer.status, &answer.body["quantity"]), (200, &json!(27.0)));
    assert_ne!(answer.body["_info"]["lastUpdated"], line["_info"]["lastUpdated"]);
    assert_eq!(rig.patch(&path, operations).await.status, 200);
    let journal = rig.simulator.world().journal();
    assert_eq!(journal.len(), 2);
    let Some(Effect::QuantityChanged { from, to, by, .. }) = journal[0].effect else { panic!("{:?}", journal[0]) };
    assert_eq!((from, to, by), (25.0, 27.0, Actor::Api));
    assert_eq!(journal[1].effect, None);
}

#[tokio::test]
async fn a_path_into_a_reference_is_a_200_that_changes_nothing() {
    let rig = Rig::with(1).await;
    let (path, line) = only_line(&rig).await;
    let answer = rig.patch(&path, json!([{ "op": "replace", "path": "product/id", "value": 41 }])).await;
    assert_eq!((answer.status, &answer.body["product"]), (200, &line["product"]));
    assert!(rig.simulator.world().journal().iter().all(|entry| entry.effect.is_none()));
    let answer = rig.patch(&path, json!([{ "op": "replace", "path": "Quantity", "value": 1 }])).await;
    assert_eq!((answer.status, &answer.body["code"]), (400, &json!("InvalidObject")));
    assert_eq!(answer.body["errors"][0]["resource"], "addition");
}

#[tokio::test]
async fn additions_are_made_and_deleted_and_what_is_missing_is_named() {
    let rig = Rig::with(1).await;
    let (path, _) = only_line(&rig).await;
    let list = path.rsplit_once('/').unwrap().0;
    let refused = rig.post(list, json!({ "quantity": 3 })).await;
    let fields: Vec<&Value> = refused.body["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!((refused.status, fields), (400, vec![&json!("billCustomer"), &json!("product")]));
    let made = rig.post(list, json!({ "product": { "identifier": "eset-112" }, "billCustomer": "Billable", "quantity": 3 })).await;
    assert_eq!((made.status, &made.body["quantity"]), (201, &json!(3.0)));
    let bundle = json!({ "product": { "identifier": "SEC-BUNDLE" }, "billCustomer": "Billable" });
    assert_eq!(rig.post(list, bundle).await.status, 400);
    let gone = rig.connectwise(Method::DELETE, &format!("{list}/{}", made.body["id"])).send().await.unwrap();
    assert_eq!(gone.status(), 204);
    let missing = rig.get(&format!("{list}/{}", made.body["id"])).await;
    assert_eq!((missing.status, &missing.body["code"]), (404, &json!("NotFound")));
}

#[tokio::test]
async fn effective_dates_before_billing_or_in_an_invoiced_period_are_refused() {
    let rig = Rig::with(1).await;
    let agreement = &rig.simulator.world().agreements()[0];
    assert!(!agreement.prorate_flag);
    let list = format!("finance/agreements/{}/additions", agreement.id);
    let ask = async |date: String| {
        let answer = rig.post(&list, json!({ "product": { "id": 40 }, "billCustomer": "Billable", "effectiveDate": date })).await;
        (answer.status, answer.body["errors"][0]["message"].as_str().unwrap_or_default().to_owned())
    };
    let (status, message) = ask("2001-01-01T00:00:00Z".to_owned()).await;
    assert_eq!((status, message.as_str()), (400, "effectiveDate cannot be less than the agreement billing start date"));
    let begins = agreement.bill_start_date + chrono::Duration::days(1);
    let (status, message) = ask(begins.to_rfc3339()).await;
    assert_eq!(status, 400);
    assert!(message.starts_with("Since this period has already been invoiced"), "{message}");
    let next = agreement.next_invoice_date.unwrap();
    assert_eq!(ask(format!("{next}T00:00:00Z")).await.0, 201);
}

#[tokio::test]
async fn a_member_without_the_right_is_refused_in_the_security_shape() {
    let rig = Rig::with(1).await;
    let (path, _) = only_line(&rig).await;
    rig.simulator.world().set_action_level("Agreements", Action::Edit, Level::None).unwrap();
    let refused = rig.patch(&path, json!([{ "op": "replace", "path": "quantity", "value": 27 }])).await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("Security")));
    let rights = rig.get("system/mySecurity").await;
    let agreements = rights.rows().iter().find(|row| row["moduleFunctionName"] == "Agreements").unwrap();
    assert_eq!((&agreements["editLevel"], &agreements["inquireLevel"]), (&json!("None"), &json!("All")));
    assert_eq!(rig.get(&path).await.status, 200);
}

#[tokio::test]
async fn over_1000_calls_a_minute_are_sent_away_with_a_time_to_wait() {
    let rig = Rig::with(1).await;
    rig.simulator.world().enforce_rate_limits(true);
    for _ in 0..1000 {
        assert_eq!(rig.get("company/companies/count").await.status, 200);
    }
    let response = rig.connectwise(Method::GET, "company/companies/count").send().await.unwrap();
    assert_eq!(response.status(), 429);
    let wait: u32 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert_eq!(response.json::<Value>().await.unwrap()["error"], "ConnectWiseAPI");
}
