//! Tests of the service desk's wire types.

use serde_json::{Value, json};

use super::*;
use crate::wire::read;

fn row(value: Value) -> DeskRow {
    read(value, "row").expect("the shape")
}

#[test]
fn a_ticket_is_read_from_expanded_references_and_from_bare_ones() {
    let text = include_str!("../../fixtures/tickets.json");
    let rows: Vec<DeskRow> = read(serde_json::from_str(text).expect("JSON"), "fixture").expect("the shape");
    let tickets: Vec<SeenTicket> = rows.into_iter().map(|row| row.ticket().expect("a ticket")).collect();
    let [open, closed] = tickets.as_slice() else { panic!("{tickets:?}") };
    assert_eq!((open.id, open.board, open.status, open.closed), (TicketId(81), BoardId(21), StatusId(16), false));
    assert_eq!((open.marker.as_deref(), open.updated.as_deref()), (Some("seatbridge:1"), Some("2026-11-20T08:15:00Z")));
    assert_eq!((closed.board, closed.closed, &closed.marker, &closed.updated), (BoardId(22), true, &None, &None));
}

#[test]
fn a_ticket_that_does_not_tell_how_it_stands_is_no_ticket() {
    let whole = json!({ "id": 5, "board": { "id": 1 }, "status": { "id": 2 }, "closedFlag": false });
    let open = row(whole.clone()).ticket().expect("a ticket");
    assert_eq!((open.closed, open.closed_at), (false, None));
    let closed = json!({ "id": 5, "board": { "id": 1 }, "status": { "id": 2 }, "closedFlag": true, "closedDate": "2026-11-20T08:15:00Z" });
    assert_eq!(row(closed).ticket().expect("a ticket").closed_at, "2026-11-20T08:15:00Z".parse().ok());
    for (field, value, named) in [
        ("board", Value::Null, "board.id"),
        ("board", json!({ "name": "Help Desk" }), "board.id"),
        ("status", json!({ "id": null }), "status.id"),
        ("closedFlag", Value::Null, "closedFlag"),
    ] {
        let mut changed = whole.clone();
        changed[field] = value;
        let error = row(changed).ticket().expect_err(field).to_string();
        assert!(error.contains("ticket 5") && error.contains(named), "{error}");
    }
    let refused = |value: Value| read::<DeskRow>(value, "row").map(|_| ()).expect_err("was read").to_string();
    assert!(refused(json!({ "board": { "id": 1 } })).contains("id"));
    assert!(refused(json!({ "id": 5, "status": "New" })).contains("status"));
    assert!(refused(json!({ "id": "5" })).contains("id"));
}

#[test]
fn entries_have_names_and_flags_where_they_say_so() {
    let named = |value: Value| {
        let Named { id, name, inactive } = row(value).named();
        (id, name, inactive)
    };
    assert_eq!(named(json!({ "id": 1, "name": "Security", "inactiveFlag": true })), (1, "Security".to_owned(), true));
    assert_eq!(named(json!({ "id": 2, "name": "Tier 1", "inactiveFlag": null })), (2, "Tier 1".to_owned(), false));
    assert_eq!(named(json!({ "id": 3, "firstName": "Ann", "lastName": "Lee" })), (3, "Ann Lee".to_owned(), false));
    assert_eq!(named(json!({ "id": 4, "firstName": "Ann", "lastName": " " })), (4, "Ann".to_owned(), false));
    let status = row(json!({ "id": 9, "name": "Closed", "closedStatus": true, "inactive": true, "defaultFlag": false })).status();
    assert_eq!((status.closed, status.inactive, status.default), (true, true, false));
    let status = row(json!({ "id": 9, "name": "New", "defaultFlag": true })).status();
    assert_eq!((status.closed, status.inactive, status.default), (false, false, true));
}

#[test]
fn associations_are_read_from_their_list_and_from_subtypes() {
    let (kind, subtype) = (TicketTypeId(1), SubTypeId(10));
    let all = row(json!({ "id": 1, "type": { "id": 1 }, "subType": { "id": 10 }, "item": { "id": 100 } })).association();
    assert_eq!(all, Some(Association { kind, subtype, item: Some(ItemId(100)) }));
    let bare = Association { kind, subtype, item: None };
    assert_eq!(row(json!({ "id": 2, "type": { "id": 1 }, "subType": { "id": 10 } })).association(), Some(bare));
    assert_eq!(row(json!({ "id": 3, "type": { "id": 1 }, "subType": null })).association(), None);
    let subtype = row(json!({ "id": 10, "name": "Virus", "typeAssociationIds": [1, 2] }));
    assert_eq!(subtype.under_types().collect::<Vec<_>>(), [bare, Association { kind: TicketTypeId(2), ..bare }]);
    assert_eq!(row(json!({ "id": 10, "name": "Virus" })).under_types().count(), 0);
}
