//! Tests of reading service boards and contacts.

use domain::ids::{ItemId, StatusId, SubTypeId, TicketId, TicketTypeId};
use domain::tickets::Choice;

use super::*;
use crate::scripted_tests::{Script, no_answer, scene};

const PAGE: &str = "<html><body>Sign in</body></html>";

#[tokio::test]
async fn what_became_of_a_write_is_told_by_its_answer() {
    let invalid = include_str!("../../fixtures/invalid_ticket.json");
    let forbidden = include_str!("../../fixtures/error_security.json");
    let many = include_str!("../../fixtures/error_too_many.json");
    let timeout = r#"{"code":"ConnectWiseApi","message":"A timeout has occured. Please try again."}"#;
    let moved = vec![scene(404, r#"{"code":"NotFound","message":"Record not found"}"#)];
    let table = [
        (vec![scene(201, r#"{"id":81}"#)], "accepted 81", ""),
        (vec![scene(200, r#"{"id":81,"board":{"id":1}}"#)], "accepted 81", ""),
        (vec![scene(201, "{}")], "lost", "201"),
        (vec![scene(201, "[]")], "lost", "201"),
        (vec![scene(204, "")], "lost", "204"),
        (vec![scene(200, PAGE)], "lost", "not JSON"),
        (vec![scene(201, r#"{"id":8"#)], "lost", "not JSON"),
        (vec![scene(400, invalid)], "refused", "Service Status 17 not found for Service Board 21 (field status/id)"),
        (vec![scene(400, invalid)], "refused", "choose anew"),
        (vec![scene(400, PAGE)], "refused", "not JSON"),
        (vec![scene(403, forbidden)], "refused", "Service Desk > Service Tickets"),
        (moved, "refused", "has no"),
        (vec![scene(409, "{}")], "refused", "409"),
        (vec![scene(408, "")], "lost", "408"),
        (vec![scene(429, many); 4], "deferred", ""),
        (vec![scene(500, timeout)], "lost", "A timeout has occured"),
        (vec![scene(502, PAGE)], "lost", "not JSON"),
        (vec![scene(302, "")], "lost", "302"),
        (vec![no_answer()], "lost", "connection was lost"),
    ];
    for (scenes, meaning, words) in table {
        let (told, calls) = (format!("{scenes:?}"), scenes.len());
        let (client, script) = Script::client(scenes);
        let answer = made(client.put(Method::POST, &["service", "tickets"], &Value::Null, "tickets").await, TicketId);
        let (kind, said) = match answer {
            Answer::Accepted(id) => (format!("accepted {id}"), String::new()),
            Answer::Gone => ("gone".to_owned(), String::new()),
            Answer::Refused { words } => ("refused".to_owned(), words),
            Answer::Deferred { .. } => ("deferred".to_owned(), String::new()),
            Answer::Lost { words, .. } => ("lost".to_owned(), words),
        };
        assert_eq!(kind, meaning, "{told}: {said}");
        assert!(said.contains(words), "{told}: {said}");
        assert_eq!(script.asked().len(), calls, "a write is never sent again by itself, but for a 429");
    }
}

#[tokio::test]
async fn a_boards_setup_is_all_its_lists() {
    let (client, script) = Script::client(vec![
        scene(200, r#"[{"id":16,"name":"New","defaultFlag":true},{"id":17,"name":"Closed","closedStatus":true}]"#),
        scene(200, r#"[{"id":1,"name":"Security","inactiveFlag":false}]"#),
        scene(200, r#"[{"id":10,"name":"Virus","typeAssociationIds":[1]}]"#),
        scene(200, r#"[{"id":100,"name":"Worm"},{"id":101,"name":"Spam"}]"#),
        scene(200, r#"[{"id":7,"name":"Tier 1"}]"#),
        scene(200, r#"[{"id":1,"type":{"id":1},"subType":{"id":10},"item":{"id":100}}]"#),
    ]);
    let setup = client.board_setup(BoardId(21)).await.expect("a setup");
    let choice = |item| Choice {
        status: Some(StatusId(16)),
        kind: Some(TicketTypeId(1)),
        subtype: Some(SubTypeId(10)),
        item: Some(ItemId(item)),
        team: None,
    };
    assert_eq!(setup.takes(&choice(100)), Ok(()));
    assert!(setup.takes(&choice(101)).is_err(), "{setup:?}");
    let asked = script.asked();
    let lists = ["statuses", "types", "subtypes", "items", "teams", "typeSubTypeItemAssociations"];
    for (asked, list) in asked.iter().zip(lists) {
        assert!(asked.starts_with(&format!("GET /service/boards/21/{list}?")), "{asked}");
    }
}

#[tokio::test]
async fn without_a_list_of_associations_subtypes_tell_and_items_are_free() {
    let (client, _) = Script::client(vec![
        scene(200, "[]"),
        scene(200, r#"[{"id":1,"name":"Security"},{"id":2,"name":"Other"}]"#),
        scene(200, r#"[{"id":10,"name":"Virus","typeAssociationIds":[1]}]"#),
        scene(200, r#"[{"id":100,"name":"Worm"}]"#),
        scene(200, "[]"),
        scene(404, ""),
    ]);
    let setup = client.board_setup(BoardId(21)).await.expect("a setup");
    let (subtype, item) = (Some(SubTypeId(10)), Some(ItemId(100)));
    assert_eq!(setup.allows(Some(TicketTypeId(1)), subtype, item), Ok(()));
    assert!(setup.allows(Some(TicketTypeId(2)), subtype, item).is_err());
}

#[tokio::test]
async fn a_board_that_is_gone_is_told_from_keys_that_are_not_known() {
    let (client, _) = Script::client(vec![scene(404, ""), scene(200, "[]")]);
    assert_eq!(client.board_setup(BoardId(21)).await, Err(VendorError::NotFound { what: "board 21".to_owned() }));
    let (client, _) = Script::client(vec![scene(404, ""), scene(404, ""), scene(404, ""), scene(404, "")]);
    assert!(matches!(client.board_setup(BoardId(21)).await, Err(VendorError::BadCredentials { .. })));
    let (client, _) = Script::client(vec![scene(404, ""), scene(404, ""), scene(404, ""), scene(200, "[]")]);
    assert!(matches!(client.board_setup(BoardId(21)).await, Err(VendorError::NoPermission { .. })), "the keys are known by another list");
}

#[tokio::test]
async fn a_list_is_read_to_its_last_page_and_a_page_of_html_is_an_error() {
    let rows: Vec<Value> = (0..PAGE_SIZE).map(|id| serde_json::json!({ "id": id, "name": "p" })).collect();
    let (client, script) = Script::client(vec![scene(200, &Value::from(rows).to_string()), scene(200, r#"[{"id":5000,"name":"q"}]"#)]);
    assert_eq!(client.sources().await.expect("sources").len(), PAGE_SIZE + 1);
    let asked = script.asked();
    assert!(asked[0].contains("&page=1&pageSize=1000") && asked[1].contains("&page=2&"), "{asked:?}");
    let (client, _) = Script::client(vec![scene(200, PAGE)]);
    assert!(matches!(client.priorities().await, Err(VendorError::NotJson { status: 200, .. })));
}

#[tokio::test]
async fn contacts_are_a_page_of_those_whose_name_holds_each_word() {
    let (client, script) = Script::client(vec![scene(200, r#"[{"id":77,"firstName":"Ann","lastName":"Lee","inactiveFlag":false}]"#)]);
    let page = client.contacts(PsaCompanyId(250), "ann l\"", 2).await.expect("a page");
    assert_eq!((page.items[0].name.as_str(), page.next), ("Ann Lee", None));
    let wanted = r#"conditions=(((company/id=250 and inactiveFlag=false) and (firstName like "%ann%" or lastName like "%ann%")) and (firstName like "%l\"%" or lastName like "%l\"%"))"#;
    let asked = script.asked();
    assert!(asked[0].contains(wanted) && asked[0].ends_with("&page=2&pageSize=100"), "{asked:?}");
}

#[test]
fn a_text_is_cut_between_characters_and_counted_as_connectwise_does() {
    let table = [("abc", 3, "abc"), ("abcd", 3, "abc"), ("éé", 1, "é"), ("a😀b", 2, "a"), ("a😀b", 3, "a😀"), ("", 0, ""), ("a", 0, "")];
    for (text, most, kept) in table {
        assert_eq!(cut(text, most), kept, "{text} {most}");
    }
}
