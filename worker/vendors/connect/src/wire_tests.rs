//! Tests of ESET Connect's wire types: missing, null and differently typed values.

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
    let next_page = |list: Value| ListRow::of(&list).next_page();
    assert_eq!((rows(&json!({}), "deviceGroups").map(<[Value]>::len), next_page(json!({}))), (Ok(0), None));
    assert_eq!((next_page(json!({ "nextPageToken": "" })), next_page(json!({ "nextPageToken": "p" }))), (None, Some("p".to_owned())));
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

/// Rows as ESET Connect answers them when it knows everything, and with each field `null`, missing or of another type.
fn fixture(name: &str) -> Value {
    let fixtures: Value = serde_json::from_str(include_str!("../fixtures/leniency.json")).expect("JSON");
    fixtures[name].clone()
}

#[test]
fn a_field_that_is_null_missing_or_of_another_type_is_empty() {
    for name in ["null", "missing", "other types"] {
        let rows = fixture(name);
        let one = device(&rows["device"]).expect(name);
        let bare = Device {
            id: "a".into(),
            name: String::new(),
            parent: None,
            system: None,
            address: None,
            serial: None,
            macs: Vec::new(),
            products: one.products.clone(),
        };
        assert_eq!(one, bare, "{name}");
        assert!(one.products.iter().all(|product| *product == (None, String::new())), "{name}");
        let none = Group { id: "g".into(), name: String::new(), parent: None, dynamic: true, stands_for: None };
        assert_eq!(group(&rows["group"]).expect(name), none, "{name}");
        assert_eq!(member(&rows["member"]).expect(name), Member { id: "a".into(), name: String::new() }, "{name}");
        let found = detection(&rows["detection"]).expect(name);
        assert_eq!((found.device, found.name, found.severity, found.object), (None, String::new(), None, String::new()), "{name}");
        let about = ListRow::of(&rows["list"]);
        assert_eq!((about.next_page(), about.delta_token(), about.total()), (None, None, None), "{name}");
        let granted = tokens(&rows["tokens"], Timestamp::UNIX_EPOCH).expect(name);
        assert_eq!((granted.access.as_str(), granted.refresh), ("t", None), "{name}");
    }
}

#[test]
fn a_number_that_comes_as_text_is_the_number() {
    let rows = fixture("numbers as text");
    assert_eq!(ListRow::of(&rows["list"]).total(), Some(1_500));
    assert_eq!(device(&rows["device"]).expect("a device").products, [(Some("111".into()), "ESET PROTECT".to_owned())]);
    assert_eq!(ListRow::of(&json!({ "totalSize": 5_000_000_000_u64 })).total(), Some(u32::MAX));
}

#[test]
fn products_that_are_no_list_are_not_no_products() {
    for wrong in [json!({}), json!("111"), json!(7)] {
        assert!(matches!(device(&json!({ "uuid": "A", "activeProducts": wrong })), Err(VendorError::Unexpected { .. })), "{wrong}");
    }
}

#[test]
fn tokens_are_read_by_either_name() {
    for names in [["access_token", "refresh_token", "expires_in"], ["accessToken", "refreshToken", "expiresIn"]] {
        let value = json!({ names[0]: " t ", names[1]: "r", names[2]: 3600 });
        let granted = tokens(&value, Timestamp::UNIX_EPOCH).expect("tokens");
        let refresh = granted.refresh.as_ref().map(|refresh| refresh.as_str());
        assert_eq!((granted.access.as_str(), refresh), ("t", Some("r")));
    }
    let refused = json!({ "code": 7, "message": "no" });
    assert_eq!((status(&refused), status(&json!({ "message": 7 }))), ((Some("7".to_owned()), "no".to_owned()), (None, String::new())));
}
