//! Guards as they are stored and as the API shows them.

use super::*;

/// One of each kind, and of each form a kind has, as version 0.1 stored them.
const STORED: [&str; 44] = [
    r#"{"code":"unmapped_company"}"#,
    r#"{"code":"unmapped_product"}"#,
    r#"{"code":"company_gone","company":"Acme"}"#,
    r#"{"code":"billed_elsewhere","company":"Acme"}"#,
    r#"{"code":"agreement_gone"}"#,
    r#"{"code":"agreement_of_another","company":"Acme"}"#,
    r#"{"code":"agreement_not_active","status":"cancelled"}"#,
    r#"{"code":"billing_not_started","on":"2026-11-22"}"#,
    r#"{"code":"agreement_ended","last":"2026-11-22"}"#,
    r#"{"code":"not_begun","on":"2027-01-01","quantity":"96"}"#,
    r#"{"code":"succeeded","on":"2027-01-01","quantity":"96","unit_price":"2.1"}"#,
    r#"{"code":"succeeded","on":"2027-01-01","quantity":"96","unit_price":null}"#,
    r#"{"code":"ends","last":"2026-12-31"}"#,
    r#"{"code":"overlaps","on":"2027-01-01","quantity":"192"}"#,
    r#"{"code":"not_charged","bill":"no_charge"}"#,
    r#"{"code":"not_charged","bill":"do_not_bill"}"#,
    r#"{"code":"not_recurring","cycle":null}"#,
    r#"{"code":"not_recurring","cycle":"Not Recurring"}"#,
    r#"{"code":"connected_twice"}"#,
    r#"{"code":"psa_stale"}"#,
    r#"{"code":"no_ongoing_addition"}"#,
    r#"{"code":"more_than_one_ongoing_addition","count":2}"#,
    r#"{"code":"snapshot_stale","hours":30}"#,
    r#"{"code":"snapshot_partial","company":"Acme"}"#,
    r#"{"code":"seat_days_unread","company":"Acme"}"#,
    r#"{"code":"parts_unknown","company":"Acme","product":"ESET PROTECT"}"#,
    r#"{"code":"not_shared","company":"Acme","why":"a group is gone"}"#,
    r#"{"code":"nothing_mapped"}"#,
    r#"{"code":"drop_to_zero"}"#,
    r#"{"code":"over_cap","change":"60","cap":"50 units"}"#,
    r#"{"code":"edited_by_hand","written":"25","found":"24.5"}"#,
    r#"{"code":"part_edited","addition":7,"written":"25","found":"24"}"#,
    r#"{"code":"no_invoice_date","said":null}"#,
    r#"{"code":"no_invoice_date","said":"soon"}"#,
    r#"{"code":"write_rules_differ"}"#,
    r#"{"code":"not_prorated"}"#,
    r#"{"code":"dated_split","fewer":"2","smallest":"3"}"#,
    r#"{"code":"dated_steps","left":"2"}"#,
    r#"{"code":"new_addition","effective":"2026-11-22","bill":"no_charge","unit_price":null}"#,
    r#"{"code":"new_addition","effective":"2026-11-22","bill":"billable","unit_price":"2.5"}"#,
    r#"{"code":"reversed","reason":"wrong customer"}"#,
    r#"{"code":"drift","what":"The agreement is gone."}"#,
    r#"{"code":"first_run","company":"Acme"}"#,
    r#"{"code":"period_invoiced","next":"2026-12-01"}"#,
];

#[test]
fn every_stored_guard_is_read_and_written_as_it_was() {
    for text in STORED {
        let guard = crate::json::read::<Guard>(text.as_bytes()).expect(text);
        assert_eq!(serde_json::to_string(&guard).expect("JSON"), text);
        assert!(text.starts_with(&format!("{{\"code\":\"{}\"", guard.code())), "{text}");
    }
}

#[test]
fn the_list_above_is_whole() {
    let source = include_str!("guard.rs");
    let body = source.split("pub enum Guard {").nth(1).and_then(|rest| rest.split("\n}").next()).expect("the enum");
    let kinds = body.lines().filter(|line| line.starts_with("    ") && line[4..].starts_with(char::is_uppercase)).count();
    let mut codes: Vec<&str> = STORED.iter().filter_map(|text| text.split('"').nth(3)).collect();
    codes.dedup();
    assert_eq!(codes.len(), kinds);
}

#[test]
fn fields_may_stand_in_any_order_and_be_left_out_when_they_may_be_null() {
    for (text, expected) in [
        (r#"{"said":"soon","more":1,"code":"no_invoice_date"}"#, Guard::NoInvoiceDate { said: Some("soon".to_owned()) }),
        (r#"{"code":"no_invoice_date"}"#, Guard::NoInvoiceDate { said: None }),
    ] {
        assert_eq!(crate::json::read::<Guard>(text.as_bytes()).expect(text), expected);
    }
}

#[test]
fn what_is_no_guard_is_not_read() {
    for text in [r#"{"code":"company_gone"}"#, r#"{"code":"company_gone","company":null}"#, r#"{"code":"unheard_of"}"#, "{}", "[]"] {
        assert!(crate::json::read::<Guard>(text.as_bytes()).is_err(), "{text}");
    }
}
