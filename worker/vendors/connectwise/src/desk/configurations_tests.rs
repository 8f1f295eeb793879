//! Tests of finding, making and attaching configurations.

use domain::ids::ConfigurationTypeId;
use domain::tickets::{DeviceMatch, MatchedBy};

use super::*;
use crate::scripted_tests::{Script, scene};

#[tokio::test]
async fn a_device_is_asked_for_by_all_its_signs_at_once() {
    let device = Device {
        identifier: Some("eset:8".to_owned()),
        serial: Some("5CG1".to_owned()),
        macs: vec!["aa:bb:cc:00:00:01".to_owned()],
        name: "pc.corp".to_owned(),
    };
    let rows = r#"[{"id":3,"name":"PC","activeFlag":true},{"id":4,"name":"x","macAddress":"AABBCC000001"}]"#;
    let (client, script) = Script::client(vec![scene(200, rows)]);
    let fit = client.configurations(PsaCompanyId(250), &device).await.expect("an answer");
    assert_eq!(fit, DeviceFit::One(DeviceMatch { configuration: ConfigurationId(4), name: "x".to_owned(), by: MatchedBy::Mac }));
    let asked = script.asked();
    assert!(asked[0].starts_with("GET /company/configurations?"), "{asked:?}");
    for sign in [
        r#"conditions=(company/id=250 and "#,
        r#"deviceIdentifier="eset:8""#,
        r#"serialNumber="5CG1""#,
        r#"macAddress="AA:BB:CC:00:00:01""#,
        r#"macAddress="AA-BB-CC-00-00-01""#,
        r#"macAddress="AABBCC000001""#,
        r#"name="pc.corp""#,
        r#"name="pc""#,
    ] {
        assert!(asked[0].contains(sign), "{sign}: {asked:?}");
    }
    let (client, _) = Script::client(Vec::new());
    assert_eq!(client.configurations(PsaCompanyId(250), &Device::default()).await, Ok(DeviceFit::Nothing));
}

#[tokio::test]
async fn the_most_signs_of_a_device_fit_into_an_address() {
    let device = Device {
        identifier: Some("seatbridge:00000000-0000-0000-0000-000000000000".to_owned()),
        serial: Some("5CG-".repeat(12)),
        macs: (0..9).map(|card| format!("aa:bb:cc:00:00:0{card}")).collect(),
        name: format!("{}.corp.example.com", "é".repeat(15)),
    };
    let (client, _) = Script::client(vec![scene(200, "[]")]);
    assert_eq!(client.configurations(PsaCompanyId(250), &device).await, Ok(DeviceFit::Nothing));
}

#[tokio::test]
async fn what_hangs_on_a_ticket_already_is_accepted() {
    let exists = r#"{"code":"InvalidObject","message":"configuration object is invalid","errors":[{"code":"ObjectExists","message":"exists","field":"id"}]}"#;
    let (ticket, configuration) = (TicketId(81), ConfigurationId(4));
    let (client, script) = Script::client(vec![scene(201, r#"{"id":4}"#)]);
    assert_eq!(client.attach(ticket, configuration).await, Answer::Accepted(()));
    assert_eq!((script.asked(), script.sent(0)), (vec!["POST /service/tickets/81/configurations".to_owned()], json!({ "id": 4 })));
    let (client, _) = Script::client(vec![scene(400, exists), scene(200, r#"[{"id":3},{"id":4}]"#)]);
    assert_eq!(client.attach(ticket, configuration).await, Answer::Accepted(()));
    let (client, _) = Script::client(vec![scene(400, exists), scene(200, r#"[{"id":3}]"#)]);
    assert!(matches!(client.attach(ticket, configuration).await, Answer::Refused { words } if words.contains("exists")));
    let (client, script) = Script::client(vec![scene(500, "")]);
    assert!(matches!(client.attach(ticket, configuration).await, Answer::Lost { .. }));
    assert_eq!(script.asked().len(), 1, "nothing is known, so nothing is asked here");
}

#[tokio::test]
async fn a_new_configuration_carries_what_it_is_found_by() {
    let new = NewConfiguration {
        company: PsaCompanyId(250),
        kind: ConfigurationTypeId(9),
        name: "n".repeat(120),
        serial: Some("5CG1".to_owned()),
        mac: None,
        identifier: Some("eset:8".to_owned()),
    };
    let (client, script) = Script::client(vec![scene(201, r#"{"id":4,"name":"n"}"#)]);
    assert_eq!(client.create_configuration(&new).await, Answer::Accepted(ConfigurationId(4)));
    let body = json!({
        "name": "n".repeat(100), "type": { "id": 9 }, "company": { "id": 250 }, "serialNumber": "5CG1", "deviceIdentifier": "eset:8",
    });
    assert_eq!((script.asked(), script.sent(0)), (vec!["POST /company/configurations".to_owned()], body));
}
