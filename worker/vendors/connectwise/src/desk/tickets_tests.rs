//! Tests of opening, finding, noting and closing tickets.

use domain::ids::{BoardId, ContactId, ItemId, PriorityId, PsaCompanyId, SourceId, SubTypeId, TeamId, TicketTypeId};
use domain::tickets::Choice;

use super::*;
use crate::scripted_tests::{Script, scene};

fn new() -> NewTicket {
    NewTicket {
        company: PsaCompanyId(250),
        board: BoardId(21),
        choice: Choice::default(),
        priority: None,
        source: None,
        contact: None,
        summary: "PC-042 needs a look".to_owned(),
        text: "It is in a group.".to_owned(),
        internal: false,
        marker: "seatbridge:1".to_owned(),
        due: None,
    }
}

#[tokio::test]
async fn a_ticket_carries_its_mark_and_leaves_what_nobody_chose_to_connectwise() {
    let (client, script) = Script::client(vec![scene(201, r#"{"id":81}"#)]);
    assert_eq!(client.open_ticket(&new()).await, Answer::Accepted(TicketId(81)));
    assert_eq!(script.asked(), ["POST /service/tickets"]);
    let plain = json!({
        "summary": "PC-042 needs a look", "recordType": "ServiceTicket", "externalXRef": "seatbridge:1",
        "initialDescription": "It is in a group.", "company": { "id": 250 }, "board": { "id": 21 },
    });
    assert_eq!(script.sent(0), plain);
}

#[test]
fn a_ticket_names_each_choice_by_its_id() {
    let choice = Choice {
        status: Some(StatusId(1)),
        kind: Some(TicketTypeId(2)),
        subtype: Some(SubTypeId(3)),
        item: Some(ItemId(4)),
        team: Some(TeamId(5)),
    };
    let ticket = NewTicket {
        choice,
        priority: Some(PriorityId(6)),
        source: Some(SourceId(7)),
        contact: Some(ContactId(8)),
        summary: format!("{}😀", "é".repeat(99)),
        internal: true,
        due: Some("2026-12-01T08:30:00.5Z".parse().expect("a moment")),
        ..new()
    };
    let body = opening(&ticket);
    let fields = ["status", "type", "subType", "item", "team", "priority", "source", "contact"];
    assert_eq!(fields.map(|field| body[field]["id"].as_i64()), [1, 2, 3, 4, 5, 6, 7, 8].map(Some));
    assert_eq!((&body["requiredDate"], &body["summary"]), (&json!("2026-12-01T08:30:00Z"), &json!("é".repeat(99))));
    assert_eq!((&body["initialInternalAnalysis"], body.get("initialDescription")), (&json!("It is in a group."), None));
}

#[tokio::test]
async fn a_status_is_replaced_whole_and_a_note_is_of_one_kind() {
    let (client, script) = Script::client(vec![scene(200, r#"{"id":81}"#), scene(201, r#"{"id":1}"#), scene(201, r#"{"id":2}"#)]);
    assert_eq!(client.set_status(TicketId(81), StatusId(17)).await, Answer::Accepted(()));
    assert_eq!(client.add_note(TicketId(81), "gone", true).await, Answer::Accepted(()));
    assert_eq!(client.add_note(TicketId(81), "gone", false).await, Answer::Accepted(()));
    let notes = "POST /service/tickets/81/notes";
    assert_eq!(script.asked(), ["PATCH /service/tickets/81", notes, notes]);
    assert_eq!(script.sent(0), json!([{ "op": "replace", "path": "status", "value": { "id": 17 } }]));
    let note = |internal: bool| json!({ "text": "gone", "detailDescriptionFlag": !internal, "internalAnalysisFlag": internal, "resolutionFlag": false });
    assert_eq!((script.sent(1), script.sent(2)), (note(true), note(false)));
}

#[tokio::test]
async fn a_ticket_that_is_gone_is_none_while_the_keys_still_work() {
    let (client, _) = Script::client(vec![scene(404, ""), scene(200, "[]")]);
    assert_eq!(client.ticket(TicketId(81)).await, Ok(None));
    let (client, _) = Script::client(vec![scene(404, ""), scene(404, ""), scene(404, ""), scene(404, "")]);
    assert!(matches!(client.ticket(TicketId(81)).await, Err(VendorError::BadCredentials { .. })));
    let (client, _) = Script::client(vec![scene(404, ""), scene(404, ""), scene(404, ""), scene(200, "[]")]);
    assert!(matches!(client.ticket(TicketId(81)).await, Err(VendorError::NoPermission { .. })), "the keys are known by another list");
    let row = r#"{"id":82,"board":{"id":1},"status":{"id":2},"closedFlag":false}"#;
    let (client, _) = Script::client(vec![scene(200, row)]);
    assert!(matches!(client.ticket(TicketId(81)).await, Err(VendorError::Unexpected { .. })), "another ticket's answer");
    let (client, _) = Script::client(vec![scene(200, row)]);
    assert_eq!(client.ticket(TicketId(82)).await.expect("a ticket").map(|ticket| ticket.id), Some(TicketId(82)));
}

#[tokio::test]
async fn many_tickets_are_asked_for_in_parts() {
    let ids: Vec<TicketId> = (0..250).map(|id| TicketId(1_000_000_000 + id)).collect();
    let row = r#"[{"id":1,"board":{"id":1},"status":{"id":2},"closedFlag":true}]"#;
    let (client, script) = Script::client(vec![scene(200, row); 3]);
    assert_eq!(client.tickets(&ids).await.expect("tickets").len(), 3);
    let asked = script.asked();
    let of = |part: &str| part.matches(",1000000").count() + 1;
    assert_eq!(asked.iter().map(|part| of(part)).collect::<Vec<_>>(), [100, 100, 50], "{asked:?}");
    let (client, script) = Script::client(Vec::new());
    assert_eq!(client.tickets(&[]).await, Ok(Vec::new()));
    assert_eq!(script.asked(), [""; 0]);
}

#[tokio::test]
async fn marked_tickets_are_found_open_or_closed_and_no_others() {
    let row = |id: i64, marker: &str| json!({ "id": id, "board": { "id": 1 }, "status": { "id": 2 }, "closedFlag": id == 5, "externalXRef": marker });
    let rows = json!([row(5, "seatbridge:1"), row(6, "SEATBRIDGE:1"), row(7, "seatbridge:10")]);
    let (client, script) = Script::client(vec![scene(200, &rows.to_string())]);
    let found = client.find_marked("seatbridge:1").await.expect("tickets");
    assert_eq!(found.iter().map(|ticket| (ticket.id.0, ticket.closed)).collect::<Vec<_>>(), [(5, true), (6, false)]);
    let asked = script.asked();
    assert!(asked[0].contains(r#"conditions=externalXRef="seatbridge:1"&orderBy=id&"#), "{asked:?}");
}

#[tokio::test]
async fn notes_are_their_texts_and_a_ticket_that_is_gone_says_so() {
    let (client, _) = Script::client(vec![scene(200, r#"[{"id":1,"text":"first"},{"id":2,"text":null},{"id":3,"text":"third"}]"#)]);
    assert_eq!(client.notes(TicketId(81)).await, Ok(vec!["first".to_owned(), "third".to_owned()]));
    let (client, _) = Script::client(vec![scene(404, ""), scene(200, "[]")]);
    assert_eq!(client.notes(TicketId(81)).await, Err(VendorError::NotFound { what: "ticket 81".to_owned() }));
}

#[tokio::test]
async fn a_write_to_a_ticket_that_is_not_there_says_so_and_any_other_refusal_is_one() {
    let (client, _) = Script::client(vec![scene(404, ""), scene(404, ""), scene(400, "{}")]);
    assert_eq!(client.set_status(TicketId(81), StatusId(17)).await, Answer::Gone);
    assert_eq!(client.add_note(TicketId(81), "gone", true).await, Answer::Gone);
    assert!(matches!(client.set_status(TicketId(81), StatusId(17)).await, Answer::Refused { .. }));
}
