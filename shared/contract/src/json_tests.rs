//! Reading JSON, by types of the contract.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::companies::{CompanyChanges, CompanyMappingView};
use crate::month::Approve;
use crate::{Page, Problem};
use domain::billing::{Guard, Risk};
use domain::ids::AgreementId;
use domain::json::strict::{read, read_value};
use domain::money::Quantity;

#[test]
fn what_is_written_is_read_back_as_it_was() {
    let guards = vec![
        Guard::DropToZero,
        Guard::OverCap { change: Quantity::from(60), cap: "50 units".to_owned() },
        Guard::AgreementNotActive { status: domain::psa::AgreementStatus::Expired },
    ];
    let page = Page { items: guards, total: 1, next: Some("x".to_owned()) };
    assert_eq!(read::<Page<Guard>>(&serde_json::to_vec(&page).expect("json")).expect("a page"), page);

    let problem = Problem::new(409, "stale", "It changed.", "Newer.", "Look.").about("lines");
    assert_eq!(read::<Problem>(&serde_json::to_vec(&problem).expect("json")).expect("a problem"), problem);
}

#[test]
fn tagged_and_bare_names_are_both_read() {
    assert_eq!(read::<CompanyMappingView>(br#"{"state":"unmapped"}"#).expect("a state"), CompanyMappingView::Unmapped);
    assert_eq!(read::<Risk>(b"\"high\"").expect("a risk"), Risk::High);
    assert!(read::<Risk>(b"\"enormous\"").is_err());
}

#[test]
fn another_shape_is_refused_and_nothing_is_null() {
    assert!(read::<()>(b" ").is_ok());
    assert!(read::<Vec<u32>>(b"{}").is_err());
    assert!(read::<Problem>(b"[]").is_err());
    assert_eq!(read::<Option<u32>>(b"null").expect("none"), None);
    assert_eq!(read::<Vec<i64>>(b"[1,-2]").expect("numbers"), [1, -2]);
    for wrong in ["[1] 2", "{", "\u{feff}{}", "nul", "\"\"\u{c}", "\u{b}1"] {
        assert!(read::<Value>(wrong.as_bytes()).is_err(), "{wrong}");
    }
    assert!(read::<Value>(&[b"[".repeat(200), b"]".repeat(200)].concat()).is_err(), "too deep");
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Shape {
    Bare,
    One(Quantity),
    Two(i64, String),
    Named { note: Option<String> },
}

/// Derived code takes the fields of a struct from a list, too.
#[test]
fn a_struct_is_an_object_however_deep_it_stands() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Loose {
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        within: Vec<Loose>,
    }
    let loose = |text: &str| read::<Loose>(text.as_bytes());
    let none = Loose { name: None, within: Vec::new() };
    assert_eq!(loose("{}").expect("an object"), none);
    assert_eq!(loose(r#"{"within":[{}]}"#).expect("objects"), Loose { name: None, within: vec![none] });
    for list in ["[]", "[null, []]", r#"{"within":[[null, []]]}"#, r#"{"within":[{"within":[[]]}]}"#] {
        assert!(loose(list).is_err(), "{list}");
        assert!(read_value::<Loose>(serde_json::from_str(list).expect("json")).is_err(), "{list}");
    }
    assert_eq!(loose(r#"{"within":[[null, []]]}"#).expect_err("a list").path(), "within[0]");
    assert!(read::<Shape>(br#"{"Named":[null]}"#).is_err());
    assert!(read::<Shape>(br#"{"Named":{"note":null}}"#).is_ok());
    assert!(read::<Shape>(br#"{"Two":[1,"a"]}"#).is_ok());
    assert!(read::<Vec<(i64, String)>>(br#"[[1,"a"]]"#).is_ok());
}

#[test]
fn a_long_text_is_read_like_a_short_one() {
    for count in [2, 3_000] {
        let shapes = (0..count).map(|number| match number % 4 {
            0 => Shape::Bare,
            1 => Shape::One(Quantity::from(7)),
            2 => Shape::Two(number, "é\n".to_owned()),
            _ => Shape::Named { note: (number % 8 == 3).then(|| "x".repeat(20)) },
        });
        let map: BTreeMap<AgreementId, Shape> = (1..).map(AgreementId).zip(shapes).collect();
        let whole = BTreeMap::from([("all".to_owned(), vec![map])]);
        let text = serde_json::to_vec_pretty(&whole).expect("json");
        assert_eq!(read::<BTreeMap<String, Vec<BTreeMap<AgreementId, Shape>>>>(&text).expect("the same"), whole);
        assert_eq!(read::<Value>(&text).expect("a tree"), serde_json::from_slice::<Value>(&text).expect("json"));

        let wrong = String::from_utf8(text).expect("text").replacen("\"Bare\"", "\"Bald\"", 1);
        assert_eq!(read::<BTreeMap<String, Vec<BTreeMap<AgreementId, Shape>>>>(wrong.as_bytes()).expect_err("wrong").path(), "all[0].1");
        let cut = wrong.trim_end_matches(['}', ']', '\n', ' ']);
        assert!(read::<Value>(cut.as_bytes()).is_err());
    }
}

#[test]
fn a_text_that_is_nested_without_end_is_refused() {
    let text = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    assert!(read::<Value>(&text).is_err());
}

#[test]
fn an_error_quotes_no_value() {
    #[derive(Debug, serde::Deserialize)]
    struct Credentials {
        _key: u32,
        _kind: Option<Risk>,
    }
    for text in [
        r#"{"_key":"hunter2"}"#,
        r#"{"_key":[],"_kind":"hunter2"}"#,
        r#"{"_key":"a, expected hunter2"}"#,
        r#"{"_key":1,"_kind":"a`, expected hunter2"}"#,
        r#"{"_key":1,"_kind":"hunter2"}"#,
        r#"{"_key":1,"_kind":{"hunter2":1}}"#,
        r#"{"_key":-20061978}"#,
        r#""hunter2""#,
        r#"{"_key":hunter2}"#,
    ] {
        let error = read::<Credentials>(text.as_bytes()).expect_err(text).to_string();
        assert!(!error.contains("hunter2") && !error.contains("20061978"), "{text}: {error}");
        let Ok(value) = serde_json::from_str::<Value>(text) else { continue };
        let error = read_value::<Credentials>(value).expect_err(text).to_string();
        assert!(!error.contains("hunter2") && !error.contains("20061978"), "{text}: {error}");
    }
}

#[test]
fn what_does_not_fit_is_found() {
    let path = |text: &str| read::<Approve>(text.as_bytes()).expect_err("does not fit").path().to_owned();
    assert_eq!(path(r#"{"lines":[{"id":"a","preview":"b"},{"id":7,"preview":"b"}]}"#), "lines[1].id");
    assert_eq!(path(r#"{"lines":[{"id":"a","preview":"b","seen":["x",1]}]}"#), "lines[0].seen[1]");
    assert_eq!(path(r#"{"lines":[{"id":"a"}]}"#), "lines[0]");
    assert_eq!(path("7"), "");
    let error = read::<CompanyChanges>(br#"{"changes":[],"more":1}"#).expect_err("an unknown field");
    assert_eq!(error.to_string(), "more: unknown field `more`, expected `changes`");
}
