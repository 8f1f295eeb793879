//! Tests of EMA 2's wire types, against fixtures.

use domain::seats::LicenceState;
use serde_json::json;

use super::super::loose::{normalised, read};
use super::*;

fn fixture<T: for<'de> Deserialize<'de>>(text: &str) -> T {
    read(serde_json::from_str(text).expect("JSON"), "fixture").expect("the shape")
}

const ALDER: &str = "11111111-aaaa-4000-8000-000000000001";

#[test]
fn an_account_is_read_with_its_kind_by_name() {
    let user: CurrentUser = fixture(include_str!("../fixtures/user_current.json"));
    let account = user.account().expect("an account");
    assert_eq!((account.name.as_str(), account.kind), ("Harbor MSP", EntityKind::MspManager));
    assert_eq!(account.company.0, "4c3b2a19-0000-4f00-8000-00000000abcd");
    assert_eq!(account.user, "api@harbor-msp.example");
}

#[test]
fn an_account_of_no_known_kind_may_not_connect() {
    let user: CurrentUser = fixture(r#"{"company":{"id":"A"}}"#);
    let account = user.account().expect("an account");
    assert_eq!(account.connectable(), Err(VendorError::AccountRefused { kind: EntityKind::Other }));
}

#[test]
fn companies_are_read_in_any_casing() {
    let list: CompanyList = fixture(include_str!("../fixtures/descendants.json"));
    assert_eq!(list.paging.total(), Some(4));
    let companies: Vec<_> = list.companies.into_iter().map(CompanySummary::company).collect();
    let kinds: Vec<_> = companies.iter().map(|company| company.kind).collect();
    assert_eq!(kinds, [EntityKind::MspCustomer, EntityKind::ManagedMsp, EntityKind::MspCustomer, EntityKind::Other]);
    assert_eq!((companies[0].id.0.as_str(), companies[2].name.as_str()), (ALDER, "Cedar"));
}

#[test]
fn found_companies_keep_what_the_psa_wrote_into_them() {
    let found: SearchResult<FoundCompany> = fixture(include_str!("../fixtures/search_companies.json"));
    assert_eq!(found.total(), Some(3));
    let details: Vec<_> = found.search.into_iter().map(FoundCompany::details).collect();
    let identifiers: Vec<_> = details.iter().map(|details| details.custom_identifier.as_deref()).collect();
    assert_eq!(identifiers, [Some("CW:250"), Some("1207"), None]);
    let parents: Vec<_> = details.iter().map(|details| details.parent.is_some()).collect();
    assert_eq!(parents, [true, false, false]);
}

#[test]
fn found_licences_may_count_themselves_outside_the_paging() {
    let found: SearchResult<FoundLicence> = fixture(include_str!("../fixtures/search_licences.json"));
    assert_eq!(found.total(), Some(2));
    let ids: Vec<_> = found.search.into_iter().map(|found| found.id().0).collect();
    assert_eq!(ids, ["3A9-AAA-AAA", "3A9-AAA-AAB"]);
}

#[test]
fn a_licence_is_read_with_its_counts() {
    let detail: LicenceDetail = fixture(include_str!("../fixtures/licence_detail.json"));
    let (company, licence) = detail.licence().expect("a licence");
    assert_eq!(company.0, ALDER);
    assert_eq!((licence.ordered, licence.activated, licence.state), (100, 104, LicenceState::Error));
    assert_eq!((licence.product.0.as_str(), licence.trial), ("111", false));
    let [part] = licence.parts.as_slice() else { panic!("one part: {:?}", licence.parts) };
    assert_eq!((part.product.0.as_str(), part.ordered, part.activated), ("107", Some(100), Some(87)));

    let detail: LicenceDetail = fixture(include_str!("../fixtures/licence_detail_pascal.json"));
    let (company, licence) = detail.licence().expect("a licence");
    assert_eq!((company.0.as_str(), licence.ordered, licence.state, licence.trial), (ALDER, 5, LicenceState::Suspended, true));
    assert_eq!(licence.product_name, "");
}

#[test]
fn a_count_that_is_missing_or_none_is_not_zero() {
    let text = include_str!("../fixtures/licence_without_quantity.json");
    let missing = read::<LicenceDetail>(serde_json::from_str(text).expect("JSON"), "License/Detail").err().expect("refused");
    assert!(missing.to_string().contains("quantity"), "{missing}");
    let base = json!({ "customerId": "a", "publicLicenseKey": "k", "productCode": "1", "quantity": 1, "usage": 1, "state": 1 });
    for (field, value) in [
        ("quantity", json!(-1)),
        ("quantity", json!(1.5)),
        ("usage", json!("many")),
        ("usage", json!(5e12)),
        ("state", json!(9)),
        ("customerId", json!(null)),
    ] {
        let mut licence = base.clone();
        licence[field] = value.clone();
        let read = read::<LicenceDetail>(licence, "License/Detail").and_then(LicenceDetail::licence);
        let error = read.expect_err("refused").to_string();
        assert!(error.contains(field), "{field} {value}: {error}");
    }
}

#[test]
fn usage_keeps_trials_apart() {
    let report: UsageReport = fixture(include_str!("../fixtures/usage.json"));
    let (companies, odd) = report.companies().expect("companies");
    assert!(odd.is_empty(), "{odd:?}");
    let rows: Vec<_> = companies.into_iter().flat_map(|company| company.products.expect("products")).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0].seat_days, rows[0].seats, rows[0].trial), (310, Some(10), false));
    assert_eq!((rows[1].product.0.as_str(), rows[1].seat_days, rows[1].seats, rows[1].trial), ("107", 15, None, true));
}

#[test]
fn usage_of_a_client_that_names_it_otherwise_and_tells_no_seats_is_read() {
    let products = json!([{ "productCode": 107, "licenseType": 1, "seatDays": 310 }]);
    let report = read::<UsageReport>(json!({ "companies": [{ "companyId": "A", "products": products }] }), "UsageReport");
    let (companies, odd) = report.and_then(UsageReport::companies).expect("companies");
    let products = companies[0].products.as_deref().expect("products");
    assert_eq!((products[0].product.0.as_str(), products[0].seat_days, products[0].seats), ("107", 310, None));
    assert!(odd.is_empty(), "{odd:?}");
}

#[test]
fn usage_that_cannot_be_read_costs_its_company_and_no_other() {
    let good = json!({ "code": "107", "licenseType": 1, "seatDays": 310 });
    for bad in [json!({ "code": "107" }), json!({ "code": "107", "licenseType": 1, "seatDays": -1 }), json!("107"), json!([1])] {
        let rows = json!([{ "companyId": "A", "products": [good, bad] }, { "companyId": "B", "products": [good] }]);
        let report = read::<UsageReport>(json!({ "companies": rows }), "UsageReport");
        let (companies, odd) = report.and_then(UsageReport::companies).expect("companies");
        assert_eq!((companies[0].products.is_none(), companies[1].products.is_some(), odd.len()), (true, true, 1), "{bad}: {odd:?}");
        assert!(odd[0].contains("The seat-days of a:"), "{odd:?}");
    }
    let nobodys = read::<UsageReport>(json!({ "companies": [{ "products": [good] }] }), "UsageReport");
    assert!(nobodys.and_then(UsageReport::companies).is_err(), "a row that may be anybody's");
}

#[test]
fn products_have_codes_as_text() {
    let products: AvailableProducts = fixture(include_str!("../fixtures/products.json"));
    assert_eq!(products.named()[1], ("2015".into(), "ESET PROTECT Elite".to_owned()));
}

#[test]
fn an_error_is_kept_with_code_and_field() {
    let body: ErrorBody = fixture(include_str!("../fixtures/error_field.json"));
    assert_eq!((body.code().as_deref(), body.field().as_deref()), (Some("8.30"), Some("quantity")));
    assert_eq!(body.message(), "The input was not valid.");
    let body: ErrorBody = fixture(include_str!("../fixtures/error_text.json"));
    assert_eq!((body.code().as_deref(), body.message().as_str()), (Some("99.2"), "The service is under maintenance."));
}

#[test]
fn keys_lose_their_case_and_nulls_go() {
    let plain = normalised(json!({ "A": { "bC": null, "D": [{ "E": 1 }] }, "a": 2 }));
    assert_eq!(plain, json!({ "a": { "d": [{ "e": 1 }] } }));
}
