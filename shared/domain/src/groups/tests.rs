//! Tests of what device groups use and whose they are.

use super::*;

/// Acme is a company with a site, servers inside the site, laptops beside it, and a dynamic group.
fn acme() -> Groups {
    let group = |name: &str, parent: Option<&str>, in_use: &[(&str, u32)]| DeviceGroup {
        name: name.to_owned(),
        parent: parent.map(Into::into),
        in_use: in_use.iter().map(|(name, devices)| InUse { code: None, name: (*name).to_owned(), devices: *devices }).collect(),
        devices: in_use.iter().map(|(_, devices)| devices).sum(),
        ..DeviceGroup::default()
    };
    let groups = [
        ("all", group("All", None, &[])),
        ("acme", DeviceGroup { stands_for: Some(StandsFor::Company), ..group("Acme", Some("all"), &[("ESET PROTECT", 5)]) }),
        ("site", group("Berlin", Some("acme"), &[("ESET PROTECT", 7), ("ESET Mail Security", 1)])),
        ("servers", group("Servers", Some("site"), &[("eset protect", 3)])),
        ("laptops", group("Laptops", Some("acme"), &[("ESET PROTECT", 2)])),
        ("ill", DeviceGroup { dynamic: true, ..group("Needs attention", Some("acme"), &[]) }),
    ];
    Groups {
        schema: GROUPS_SCHEMA,
        connection: "connect".into(),
        pass: "pass".into(),
        taken_at: Timestamp::UNIX_EPOCH,
        groups: groups.into_iter().map(|(id, group)| (id.into(), group)).collect(),
    }
}

fn in_use(groups: &Groups, group: &str, others: &[&str]) -> Option<u32> {
    let others: Vec<DeviceGroupId> = others.iter().map(|id| (*id).into()).collect();
    groups.in_use(&group.into(), &others.iter().collect(), &"111".into(), "ESET PROTECT")
}

#[test]
fn a_group_has_what_is_below_it_except_what_is_billed_apart() {
    let groups = acme();
    for (group, others, devices) in [
        ("servers", &[][..], Some(3)),
        ("site", &[], Some(10)),
        ("site", &["servers"], Some(7)),
        ("acme", &["site"], Some(7)),
        ("acme", &["site", "laptops", "acme"], Some(5)),
        ("ill", &[], None),
        ("gone", &[], None),
    ] {
        assert_eq!(in_use(&groups, group, others), devices, "{group} without {others:?}");
    }
}

#[test]
fn a_product_is_known_by_its_code_or_by_its_name() {
    let mut groups = acme();
    assert!(groups.names(&"111".into(), "ESET PROTECT") && !groups.names(&"111".into(), "ESET Server Security"));
    if let Some(laptops) = groups.groups.get_mut(&DeviceGroupId::from("laptops")) {
        laptops.in_use = vec![InUse { code: Some("111".into()), name: "Endpoint".to_owned(), devices: 9 }];
    }
    assert_eq!(in_use(&groups, "laptops", &[]), Some(9));
}

#[test]
fn a_group_belongs_to_the_nearest_company_above_it() {
    let groups = acme();
    for (group, company) in [("servers", Some("acme")), ("acme", Some("acme")), ("ill", Some("acme")), ("all", None), ("gone", None)] {
        assert_eq!(groups.company_of(&group.into()).map(DeviceGroupId::as_str), company, "{group}");
    }
}

#[test]
fn a_tree_that_is_a_circle_ends() {
    let mut groups = acme();
    if let Some(all) = groups.groups.get_mut(&DeviceGroupId::from("all")) {
        all.parent = Some("servers".into());
    }
    assert_eq!(in_use(&groups, "laptops", &[]), Some(2));
    assert_eq!(groups.company_of(&"servers".into()).map(DeviceGroupId::as_str), Some("acme"));
}
