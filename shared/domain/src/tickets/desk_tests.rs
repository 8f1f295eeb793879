//! Tests of what a service board takes, and of the configuration that is a device.

use super::*;

fn named(id: i64, inactive: bool) -> Named {
    Named { id, name: format!("number {id}"), inactive }
}

fn status(id: i64, inactive: bool) -> BoardStatus {
    BoardStatus { id: StatusId(id), name: String::new(), closed: false, inactive, default: false }
}

/// Type 1 has the subtypes 10 and 11, type 2 only 11; item 100 stands under 1 and 10 only. What ends in 9 is inactive.
fn setup() -> BoardSetup {
    let association =
        |kind, subtype, item: Option<i64>| Association { kind: TicketTypeId(kind), subtype: SubTypeId(subtype), item: item.map(ItemId) };
    BoardSetup {
        statuses: vec![status(5, false), status(59, true)],
        types: vec![named(1, false), named(2, false), named(9, true)],
        subtypes: vec![named(10, false), named(11, false), named(19, true)],
        items: vec![named(100, false), named(101, false), named(109, true)],
        teams: vec![named(7, false), named(79, true)],
        associations: vec![association(1, 10, None), association(1, 10, Some(100)), association(1, 11, None), association(2, 11, None)],
        items_known: true,
    }
}

fn fault(setup: &BoardSetup, [status, kind, subtype, item, team]: [i64; 5]) -> String {
    let some = |id: i64| (id != 0).then_some(id);
    let choice = Choice {
        status: some(status).map(StatusId),
        kind: some(kind).map(TicketTypeId),
        subtype: some(subtype).map(SubTypeId),
        item: some(item).map(ItemId),
        team: some(team).map(TeamId),
    };
    setup.takes(&choice).map_or_else(|fault| fault.to_string(), |()| String::new())
}

#[test]
fn a_board_takes_what_it_offers_and_names_the_field_it_does_not() {
    let table = [
        ([0, 0, 0, 0, 0], ""),
        ([5, 1, 10, 100, 7], ""),
        ([5, 2, 11, 0, 0], ""),
        ([6, 1, 10, 100, 7], "the status is not one of this board"),
        ([59, 0, 0, 0, 0], "the status is inactive"),
        ([5, 3, 0, 0, 0], "the type is not one of this board"),
        ([5, 9, 0, 0, 0], "the type is inactive"),
        ([5, 1, 12, 0, 0], "the subtype is not one of this board"),
        ([5, 1, 19, 0, 0], "the subtype is inactive"),
        ([5, 2, 10, 0, 0], "the subtype does not go with this type"),
        ([5, 2, 10, 100, 0], "the subtype does not go with this type"),
        ([5, 0, 10, 0, 0], "the subtype needs a type"),
        ([5, 1, 10, 102, 0], "the item is not one of this board"),
        ([5, 1, 10, 109, 0], "the item is inactive"),
        ([5, 1, 10, 101, 0], "the item does not go with this type and subtype"),
        ([5, 1, 11, 100, 0], "the item does not go with this type and subtype"),
        ([5, 1, 0, 100, 0], "the item needs a type and a subtype"),
        ([5, 0, 10, 100, 0], "the item needs a type and a subtype"),
        ([5, 1, 10, 100, 8], "the team is not one of this board"),
        ([5, 1, 10, 100, 79], "the team is inactive"),
    ];
    for (choice, words) in table {
        assert_eq!(fault(&setup(), choice), words, "{choice:?}");
    }
}

#[test]
fn items_nobody_told_of_are_left_to_connectwise_and_subtypes_are_not() {
    let setup = BoardSetup { items_known: false, ..setup() };
    assert_eq!(fault(&setup, [5, 1, 11, 101, 0]), "");
    assert_eq!(fault(&setup, [5, 1, 11, 109, 0]), "the item is inactive");
    assert_eq!(fault(&setup, [5, 2, 10, 101, 0]), "the subtype does not go with this type");
}

fn configuration(id: i64, name: &str, serial: &str, mac: &str, active: bool) -> Configuration {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Configuration {
        id: crate::ids::ConfigurationId(id),
        name: name.to_owned(),
        serial: some(serial),
        mac: some(mac),
        identifier: (id == 8).then(|| "eset:8".to_owned()),
        active,
    }
}

#[test]
fn the_surest_sign_decides_which_configuration_is_a_device() {
    let all = [
        configuration(1, "PC-1", "5CG1234XYZ", "AA-BB-CC-00-00-01", true),
        configuration(2, "PC-2", "Default string", "aabb.cc00.0002", true),
        configuration(3, "PC-3", "TWICE-0001", "", true),
        configuration(4, "PC-4", "TWICE-0001", "AA:BB:CC:00:00:04", true),
        configuration(5, "PC-5", "ONCE-IN-USE", "", true),
        configuration(6, "PC-5 old", "ONCE-IN-USE", "", false),
        configuration(7, "gone", "", "", false),
        configuration(8, "another name", "", "", true),
        configuration(9, "PC-9", "", "", true),
        configuration(10, "pc-9", "", "", true),
    ];
    use MatchedBy::{Identifier, Mac, Name, Serial};
    type Row<'t> = (&'t str, &'t str, &'t [&'t str], &'t str, Option<(i64, MatchedBy)>);
    let table: [Row<'_>; 15] = [
        ("", "5cg1234xyz ", &["aabbcc000002"], "PC-3", Some((1, Serial))),
        ("", "", &["AA:BB:CC:00:00:02", "aabbcc000009"], "PC-1", Some((2, Mac))),
        ("", "Default string", &["AABBCC000001"], "PC-2", Some((1, Mac))),
        ("", "Default string", &[], "PC-1", Some((1, Name))),
        ("", "0000000000", &["00-00-00-00-00-00"], "PC-1", Some((1, Name))),
        ("", "TWICE-0001", &["AABBCC000004"], "PC-4", None),
        ("", "ONCE-IN-USE", &[], "", Some((5, Serial))),
        ("", "", &[], "gone", Some((7, Name))),
        ("", "", &["AABBCC000001", "AABBCC000002"], "PC-1", None),
        ("", "", &[], "PC-1.corp.example", Some((1, Name))),
        ("", "", &[], "pc-1", Some((1, Name))),
        ("", "", &[], "PC-9", None),
        ("", "", &[], "", None),
        ("eset:8", "5CG1234XYZ", &["AABBCC000002"], "PC-3", Some((8, Identifier))),
        ("eset:none", "NOBODY-HAS-IT", &["AABBCC0000FF"], "PC-77", None),
    ];
    for (identifier, serial, macs, name, expected) in table {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let owned = macs.iter().map(|&mac| mac.to_owned()).collect();
        let device = Device { identifier: some(identifier), serial: some(serial), macs: owned, name: name.to_owned() };
        let fit = device.among(&all);
        let found = match &fit {
            DeviceFit::One(found) => Some((found.configuration.0, found.by)),
            DeviceFit::Nothing | DeviceFit::Several => None,
        };
        assert_eq!(found, expected, "{device:?}");
        // Those without a match are unknown, but for these.
        let alike = expected.is_none() && (serial == "TWICE-0001" || macs.len() == 2 || name == "PC-9");
        assert_eq!(fit == DeviceFit::Several, alike, "{device:?}");
    }
}

#[test]
fn a_name_of_digits_and_dots_is_an_address_and_has_no_host() {
    let device = |name: &str| Device { name: name.to_owned(), ..Device::default() };
    assert_eq!(device("10.0.0.5").names(), ["10.0.0.5"]);
    assert_eq!(device(" pc.corp ").names(), ["pc.corp", "pc"]);
}
