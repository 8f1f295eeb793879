//! Tests of reading detections, against fixtures and a scripted console.

use domain::tickets::{DetectionCategory, Severity};
use serde_json::{Value, json};

use super::*;
use crate::wire;

fn of(row: &Value) -> Detection {
    wire::detection(row).expect("a detection")
}

#[test]
fn a_detection_is_read_by_its_names() {
    let row = json!({
        "uuid": "AB-1", "category": "DETECTION_CATEGORY_NETWORK_INTRUSION", "displayName": " Botnet.CnC.Generic ",
        "severityLevel": "SEVERITY_LEVEL_HIGH", "occurTime": "2026-03-14T08:00:00.5Z", "objectUrl": "tcp://192.0.2.7",
        "context": { "deviceUuid": "D-1", "userName": "Acme\\ann" }, "responses": [],
    });
    assert_eq!(
        of(&row),
        Detection {
            id: "ab-1".to_owned(),
            device: Some("d-1".into()),
            name: "Botnet.CnC.Generic".to_owned(),
            severity: Some(Severity::High),
            category: Some(DetectionCategory::NetworkIntrusion),
            object: "tcp://192.0.2.7".to_owned(),
            occurred_at: "2026-03-14T08:00:00.5Z".parse().ok(),
        }
    );
}

#[test]
fn every_severity_and_category_of_eset_is_known_and_what_is_new_is_neither() {
    for (words, known) in [
        ("DIAGNOSTIC", Some(Severity::Diagnostic)),
        ("INFORMATIONAL", Some(Severity::Informational)),
        ("LOW", Some(Severity::Low)),
        ("MEDIUM", Some(Severity::Medium)),
        ("HIGH", Some(Severity::High)),
        ("UNSPECIFIED", None),
        ("CRITICAL", None),
    ] {
        assert_eq!(of(&json!({ "uuid": "a", "severityLevel": format!("SEVERITY_LEVEL_{words}") })).severity, known, "{words}");
    }
    for words in [
        "CORRELATION_RULE",
        "FIREWALL_RULE",
        "ANTIVIRUS",
        "HIPS",
        "NETWORK_INTRUSION",
        "HIPS_RULE",
        "WEB_ACCESS",
        "VULNERABILITY",
        "APPLICATION_PATCH",
        "SUSPICIOUS_ACTIVITY",
    ] {
        assert!(of(&json!({ "uuid": "a", "category": format!("DETECTION_CATEGORY_{words}") })).category.is_some(), "{words}");
    }
    let bare = of(&json!({ "uuid": "a", "category": "DETECTION_CATEGORY_NEW", "occurTime": "soon", "objectName": "x".repeat(9_999) }));
    assert_eq!((bare.category, bare.severity, bare.device, bare.occurred_at, bare.object.len()), (None, None, None, None, 300));
    assert!(wire::detection(&json!({ "displayName": "EICAR" })).is_err(), "what has no id is not told from another");
}

#[test]
fn detections_are_asked_for_at_their_own_host_of_the_region() {
    for (base, called) in [
        ("https://jpn.device-management.eset.systems", "https://jpn.incident-management.eset.systems/v1/detections"),
        ("https://gateway.example/eset", "https://gateway.example/eset/v1/detections"),
    ] {
        assert_eq!(incidents(&base.parse().expect("an address"), "detections").as_str(), called);
    }
}

#[test]
fn a_token_that_is_not_taken_is_told_from_a_console_that_does_not_answer() {
    let refused = |status| VendorError::Refused { status, code: None, message: String::new(), field: None };
    assert!(is_refused(&refused(400)) && is_refused(&refused(410)) && is_refused(&VendorError::NotFound { what: String::new() }));
    assert!(!is_refused(&refused(429)) && !is_refused(&refused(500)) && !is_refused(&refused(202)));
    assert!(!is_refused(&VendorError::NoPermission { what: String::new(), message: String::new() }));
}
