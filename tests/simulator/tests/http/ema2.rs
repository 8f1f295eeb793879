//! EMA 2: tokens, companies, licences and usage.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use simulator::{Effect, EntityType, License};

use crate::rig::Rig;

#[tokio::test]
async fn a_wrong_login_a_lost_token_and_an_unknown_page_are_refused_each_in_its_way() {
    let rig = Rig::with(1).await;
    let wrong = rig.call("Token/Get", None, json!({ "username": "a", "password": "b" })).await;
    assert_eq!(wrong.status, 401);
    for field in ["code", "subCode", "message"] {
        assert!(wrong.body.get(field).is_some(), "{field}");
    }
    assert_eq!(rig.read("User/Current", "nonsense").await.status, 401);
    let token = rig.token().await;
    let unknown = rig.read("Nothing/Here", &token).await;
    assert_eq!((unknown.status, &unknown.body["code"], &unknown.body["subCode"]), (403, &json!(99), &json!(1)));
    rig.simulator.world().revoke_ema2();
    assert_eq!(rig.read("User/Current", &token).await.status, 401);
    let journal = serde_json::to_string(&rig.simulator.world().journal()).unwrap();
    assert!(!journal.contains(&rig.simulator.credentials().ema2.password), "secrets are masked");
}

#[tokio::test]
async fn a_token_says_when_it_ends_and_can_be_renewed_once() {
    let rig = Rig::with(1).await;
    rig.simulator.world().set_token_lifetime(60);
    let login = json!(rig.simulator.credentials().ema2);
    let tokens = rig.call("Token/Get", None, login).await.body;
    let access = tokens["accessToken"].as_str().unwrap();
    let claims = BASE64_URL_SAFE_NO_PAD.decode(access.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap(), 60);
    assert_eq!(rig.read("User/Current", access).await.status, 200);
    rig.simulator.world().advance(61);
    assert_eq!(rig.read("User/Current", access).await.status, 401);
    let refresh = json!({ "refreshToken": tokens["refreshToken"] });
    let renewed = rig.call("Token/Renew", Some(access), refresh.clone()).await;
    assert_eq!(renewed.status, 200);
    assert_eq!(rig.read("User/Current", renewed.body["accessToken"].as_str().unwrap()).await.status, 200);
    assert_eq!(rig.call("Token/Renew", Some(access), refresh).await.status, 401);
}

#[tokio::test]
async fn take_must_be_1_to_100_and_pages_cover_everything() {
    let rig = Rig::with(130).await;
    let token = rig.token().await;
    for take in [0, 101] {
        let answer = rig.call("Search/Companies", Some(&token), json!({ "search": {}, "skip": 0, "take": take })).await;
        assert_eq!((answer.status, &answer.body["message"]), (400, &json!({ "take": ["The input was not valid."] })));
    }
    let page =
        async |skip: usize| rig.call("Search/Companies", Some(&token), json!({ "search": {}, "skip": skip, "take": 100 })).await.body;
    let (first, second) = (page(0).await, page(100).await);
    let total = first["Paging"]["TotalCount"].as_u64().unwrap() as usize;
    assert_eq!(first["Search"].as_array().unwrap().len() + second["Search"].as_array().unwrap().len(), total);
    // The account's own company is not among those below it.
    assert_eq!(total, rig.simulator.world().eset_companies().len() - 1);
    rig.simulator.world().empty_ema2_lists(true);
    assert_eq!(page(0).await, json!({ "Search": [], "Paging": { "TotalCount": 0 } }));
}

#[tokio::test]
async fn one_company_has_two_type_numbers() {
    let rig = Rig::with(30).await;
    let token = rig.token().await;
    let account = rig.simulator.world().settings().account;
    let body = json!({ "companyId": account, "entityType": "1007", "skip": 0, "take": 1 });
    let below = rig.call("Company/Descendants", Some(&token), body).await.body;
    let company = &below["companies"][0];
    assert_eq!(company["type"], 1007);
    let search = json!({ "search": { company["publicId"].as_str().unwrap(): [1] }, "skip": 0, "take": 1 });
    let found = rig.call("Search/Companies", Some(&token), search).await.body;
    assert_eq!(found["Search"][0]["CompanyTypeId"], EntityType::MspCustomer.search_code());
    rig.simulator.world().set_account_type(1002).unwrap();
    assert_eq!(rig.read("User/Current", &token).await.body["company"]["type"], 1002);
}

#[tokio::test]
async fn seats_are_in_the_detail_and_change_once() {
    let rig = Rig::with(1).await;
    let token = rig.token().await;
    let list = rig.call("Search/Licenses", Some(&token), json!({ "skip": 0, "take": 100 })).await.body;
    assert_eq!(list["Search"][0].as_object().unwrap().len(), 3, "no counts in the list");
    let key = &list["Search"][0]["PublicLicenseKey"];
    let detail = rig.call("License/Detail", Some(&token), json!({ "publicLicenseKey": key })).await.body;
    assert_eq!((&detail["quantity"], &detail["usage"], &detail["state"]), (&json!(27), &json!(24), &json!(1)));
    assert!(detail["bundleProducts"].is_array());
    let update = json!({ "publicLicenseKey": key, "quantity": 30 });
    assert_eq!(rig.call("License/UpdateQuantity", Some(&token), update.clone()).await.status, 200);
    let again = rig.call("License/UpdateQuantity", Some(&token), update).await;
    assert_eq!((again.status, &again.body["subCode"]), (400, &json!(48)));
    let key = json!({ "publicLicenseKey": key });
    assert_eq!(rig.call("License/Suspend", Some(&token), key.clone()).await.status, 200);
    assert_eq!(rig.call("License/Suspend", Some(&token), key.clone()).await.body["subCode"], 21);
    assert_eq!(rig.call("License/Unsuspend", Some(&token), key.clone()).await.status, 200);
    assert_eq!(rig.call("License/Unsuspend", Some(&token), key).await.body["subCode"], 22);
    let effects: Vec<_> = rig.simulator.world().journal().into_iter().filter_map(|entry| entry.effect).collect();
    assert!(matches!(effects[0], Effect::SeatsChanged { from: 27, to: 30, .. }));
    assert_eq!(effects.len(), 3);
}

#[tokio::test]
async fn usage_counts_the_day_of_suspension_but_no_seats_on_it() {
    let rig = Rig::with(1).await;
    let world = rig.simulator.world();
    let license = world.licenses()[0].public_license_key.clone();
    // Noon of tomorrow, so that the test does not depend on the hour it runs at.
    let now = chrono::Utc::now();
    let today = now.date_naive() + chrono::Days::new(1);
    let noon = today.and_hms_opt(12, 0, 0).unwrap().and_utc();
    world.advance((noon - now).num_seconds());
    let days = |count| today - chrono::Days::new(count);
    let report = async |from: chrono::NaiveDate, to: chrono::NaiveDate| {
        let token = rig.token().await;
        let body = json!({ "from": from, "to": to, "skip": 0, "take": 100 });
        rig.call("UsageReport/AllCompanies/products", Some(&token), body).await.body["companies"][0]["products"][0].clone()
    };
    let product = report(days(9), today).await;
    assert_eq!((&product["seatDays"], &product["seats"]), (&json!(270), &json!(27)));
    assert_eq!((&product["licenseType"], &product["code"]), (&json!(1), &json!("211")));
    world.suspend(&license).unwrap();
    let product = report(days(9), today).await;
    assert_eq!((&product["seatDays"], &product["seats"]), (&json!(270), &json!(0)));
    world.advance(86_400);
    let tomorrow = today + chrono::Days::new(1);
    let product = report(days(9), tomorrow).await;
    assert_eq!((&product["seatDays"], &product["seats"]), (&json!(270), &json!(0)));
}

#[tokio::test]
async fn trials_have_rows_of_their_own_and_a_division_reports_nothing() {
    let rig = Rig::with(300).await;
    let token = rig.token().await;
    let today = chrono::Utc::now().date_naive();
    let trials = rig.simulator.world().licenses();
    let trial = trials.iter().find(|license| License::is_trial(license)).unwrap();
    let body = json!({ "companyId": trial.company, "from": today, "to": today, "skip": 0, "take": 100 });
    let report = rig.call("UsageReport/Daily/products", Some(&token), body).await.body;
    let rows = report["products"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["licenseType"] == 4 && row["code"] == trial.product.as_str()));
    assert_eq!(rows[0]["usagePerDays"].as_array().unwrap().len(), 1);
    let companies = rig.simulator.world().eset_companies();
    let division = companies.iter().find(|company| company.entity_type == EntityType::Division).unwrap();
    let body = json!({ "companyId": division.id, "from": today, "to": today, "skip": 0, "take": 100 });
    assert_eq!(rig.call("UsageReport/Monthly/products", Some(&token), body).await.body["products"], json!([]));
}

#[tokio::test]
async fn the_eleventh_call_of_a_second_is_too_many_when_limits_are_on() {
    let rig = Rig::with(1).await;
    let token = rig.token().await;
    rig.simulator.world().enforce_rate_limits(true);
    let calls = (0..40).map(|_| rig.read("Enum/EntityTypes", &token));
    let answers = futures::future::join_all(calls).await;
    assert!(answers.iter().any(|answer| answer.status == 429));
}
