//! Tests of ConnectWise's wire types, against fixtures.

use serde_json::json;

use super::super::refusal::ErrorBody;
use super::*;

fn rows<R: Row>(text: &str) -> Vec<R::Parsed> {
    let rows: Vec<R> = read(serde_json::from_str(text).expect("JSON"), "fixture").expect("the shape");
    rows.into_iter().filter_map(|row| row.parsed().expect("a row")).collect()
}

fn refused<R: Row>(row: Value) -> String {
    match read::<R>(row, "row").and_then(R::parsed) {
        Ok(_) => panic!("was read"),
        Err(error) => error.to_string(),
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

#[test]
fn companies_in_the_recycle_bin_are_not_companies() {
    let companies = rows::<CompanyRow>(include_str!("../fixtures/companies.json"));
    let ids: Vec<_> = companies.iter().map(|(id, _)| id.0).collect();
    assert_eq!(ids, [250, 251]);
    assert_eq!(companies[0].1.status.as_deref(), Some("Active"));
}

#[test]
fn only_an_agreement_that_says_so_is_active() {
    let agreements = rows::<AgreementRow>(include_str!("../fixtures/agreements.json"));
    let states: Vec<_> = agreements.iter().map(|(_, agreement)| agreement.status).collect();
    use AgreementStatus::{Active, Cancelled, Expired, Inactive};
    assert_eq!(states, [Active, Cancelled, Inactive, Expired]);
    let (_, first) = &agreements[0];
    assert_eq!((first.bill_start, first.currency.as_deref()), (day("2025-03-01"), Some("USD")));
    assert_eq!(first.kind.as_deref(), Some("Managed Services"));
    assert_eq!((agreements[1].1.parent, &agreements[1].1.next_invoice), (Some(AgreementId(1000)), &None));
    assert_eq!(agreements[2].1.currency.as_deref(), Some("€"));
}

#[test]
fn the_catalog_keeps_what_is_inactive_and_knows_bundles() {
    let catalog = rows::<CatalogRow>(include_str!("../fixtures/catalog.json"));
    let flags: Vec<_> = catalog.iter().map(|(_, product)| (product.inactive, product.bundle)).collect();
    assert_eq!(flags, [(false, false), (false, true), (true, false)]);
}

#[test]
fn additions_are_decimals_and_days() {
    let additions = rows::<AdditionRow>(include_str!("../fixtures/additions.json"));
    let [first, second] = additions.as_slice() else { panic!("{additions:?}") };
    assert_eq!((first.quantity, first.included), (Quantity::from(27), Quantity::from(2)));
    assert_eq!((first.unit_price, first.version.as_str()), (Money::from_vendor(3.5), "2026-02-01T08:15:00Z"));
    assert_eq!((second.quantity, second.included, second.unit_price), (Quantity::ZERO, Quantity::ZERO, None));
    assert_eq!(second.cancelled, day("2026-01-31"));
}

#[test]
fn what_cannot_be_read_names_its_row_and_field() {
    let addition = |field: &str, value: Value| {
        let mut row = json!({ "id": 5000, "product": { "id": 40 }, "quantity": 27 });
        row[field] = value;
        refused::<AdditionRow>(row)
    };
    for (field, value) in [
        ("quantity", Value::Null),
        ("quantity", json!(1e300)),
        ("unitPrice", json!(1e300)),
        ("lessIncluded", json!(-1e300)),
        ("product", json!({ "id": null })),
        ("cancelledDate", json!("soon")),
        ("cancelledDate", json!("2026-02-31T00:00:00Z")),
        ("cancelledDate", json!("ééééééééé")),
    ] {
        let error = addition(field, value.clone());
        assert!(error.contains("addition 5000") && error.contains(field), "{field} {value}: {error}");
    }
    assert!(addition("quantity", json!("27")).contains("quantity"));
    assert!(refused::<AgreementRow>(json!({ "id": 7, "company": {} })).contains("agreement 7: company.id"));
    assert!(refused::<CompanyRow>(json!({ "id": 7, "name": 8 })).contains("name"));
}

#[test]
fn no_name_is_empty_whatever_is_null_or_left_out() {
    let company = |row: Value| read::<CompanyRow>(row, "test").and_then(CompanyRow::parsed).expect("a row").expect("a company").1.name;
    assert_eq!(company(json!({ "id": 7, "identifier": "acme", "name": "Acme" })), "Acme");
    assert_eq!(company(json!({ "id": 7, "identifier": "acme", "name": null })), "acme");
    assert_eq!(company(json!({ "id": 7, "name": " " })), "Company 7");
    let agreement = json!({ "id": 8, "name": null, "company": { "id": 7 } });
    assert_eq!(read::<AgreementRow>(agreement, "test").and_then(AgreementRow::parsed).expect("a row").expect("one").1.name, "Agreement 8");
    let product = json!({ "id": 9, "identifier": null, "description": null });
    let product = read::<CatalogRow>(product, "test").and_then(CatalogRow::parsed).expect("a row").expect("a product").1;
    assert_eq!((product.identifier.as_str(), product.description.as_str()), ("Product 9", ""));
}

#[test]
fn levels_that_are_not_given_are_none() {
    let text = include_str!("../fixtures/my_security.json");
    let rows: Vec<SecurityRow> = read(serde_json::from_str(text).expect("JSON"), "fixture").expect("the shape");
    let rows: Vec<_> = rows.into_iter().map(SecurityRow::permission).collect();
    assert_eq!((rows[0].add, rows[0].edit, rows[0].delete, rows[0].inquire), (Level::None, Level::All, Level::None, Level::My));
    assert_eq!((rows[1].module.as_str(), rows[1].function.as_str()), ("Companies", "Company Maintenance"));
}

#[test]
fn an_error_is_kept_with_code_message_and_field() {
    let error = |text: &str| read::<ErrorBody>(serde_json::from_str(text).expect("JSON"), "error").expect("the shape");
    let body = error(include_str!("../fixtures/invalid_addition.json"));
    assert_eq!((body.code().as_deref(), body.field().as_deref()), (Some("InvalidField"), Some("effectiveDate")));
    assert_eq!(body.message(), "addition object is invalid: effectiveDate cannot be less than the agreement billing start date");
    let body = error(include_str!("../fixtures/error_security.json"));
    assert_eq!((body.code().as_deref(), body.field()), (Some("Security"), None));
    let body = error(include_str!("../fixtures/error_too_many.json"));
    assert_eq!(body.code().as_deref(), Some("ConnectWiseAPI"));
}

#[test]
fn whether_an_addition_is_billed_is_read_or_not_known() {
    let bill = |text: &str| {
        let row = json!([{ "id": 5, "product": { "id": 42 }, "quantity": 2.0, "billCustomer": text }]);
        rows::<AdditionRow>(&row.to_string())[0].bill
    };
    let known = ["Billable", "DoNotBill", "nocharge"].map(bill);
    assert_eq!(known, [Some(BillCustomer::Billable), Some(BillCustomer::DoNotBill), Some(BillCustomer::NoCharge)]);
    assert_eq!(bill("Sometimes"), None);
}
