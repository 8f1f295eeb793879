use serde_json::json;

use super::*;

#[test]
fn what_is_left_out_is_what_it_is_by_default() {
    let list = json!({ "deviceGroups": [
        { "uuid": "D1", "displayName": "Ill", "parentGroupUuid": "C1" },
        { "uuid": "C1", "displayName": "Acme", "isSecurityGroup": true, "linkedEntityType": "DEVICE_GROUP_ENTITY_TYPE_COMPANY" },
        { "uuid": "S1", "isSecurityGroup": true, "linkedEntityType": "DEVICE_GROUP_ENTITY_TYPE_UNSPECIFIED" },
    ] });
    let groups: Result<Vec<Group>, _> = rows(&list, "deviceGroups").expect("rows").iter().map(group).collect();
    let told = |group: &Group| (group.id.to_string(), group.dynamic, group.stands_for, group.parent.is_some());
    assert_eq!(
        groups.expect("groups").iter().map(told).collect::<Vec<_>>(),
        [
            ("d1".to_owned(), true, None, true),
            ("c1".to_owned(), false, Some(StandsFor::Company), false),
            ("s1".to_owned(), false, None, false)
        ]
    );
    for wrong in [json!(null), json!(7), json!([]), json!({ "deviceGroups": 7 }), json!({ "deviceGroups": {} })] {
        assert!(rows(&wrong, "deviceGroups").is_err(), "{wrong}: no empty list");
    }
    assert_eq!((rows(&json!({}), "deviceGroups").map(<[Value]>::len), next_page(&json!({}))), (Ok(0), None));
    assert_eq!((next_page(&json!({ "nextPageToken": "" })), next_page(&json!({ "nextPageToken": "p" }))), (None, Some("p".to_owned())));
}

#[test]
fn a_number_may_come_as_text() {
    for id in [json!(111), json!("111")] {
        let row = json!({ "uuid": "A", "activeProducts": [{ "id": id, "name": "ESET PROTECT" }, { "name": "Other" }] });
        let products = device(&row).expect("a device").products;
        assert_eq!(products, [(Some("111".into()), "ESET PROTECT".to_owned()), (None, "Other".to_owned())]);
    }
}

#[test]
fn a_device_is_known_by_its_hardware() {
    let row = json!({
        "uuid": "A", "displayName": "PC-1", "operatingSystem": { "displayName": "Windows 11", "version": { "id": "2814751014977536" } },
        "hardwareProfiles": [{ "networkAdapters": [{ "macAddress": "00:11" }, { "caption": "none" }] }, { "bios": { "serialNumber": " SN1 " } }],
    });
    let device = device(&row).expect("a device");
    assert_eq!((device.serial.as_deref(), device.macs.as_slice()), (Some("SN1"), &["00:11".to_owned()][..]));
    assert_eq!((device.system.as_deref(), device.parent), (Some("Windows 11"), None));
}

#[test]
fn what_has_no_id_is_an_answer_nobody_can_read() {
    for row in [json!({ "displayName": "PC" }), json!({ "uuid": "  " }), json!("PC")] {
        assert!(matches!(member(&row), Err(VendorError::Unexpected { .. })), "{row}");
    }
    assert!(matches!(tokens(&json!({ "token_type": "Bearer" }), Timestamp::UNIX_EPOCH), Err(VendorError::Unexpected { .. })));
}
