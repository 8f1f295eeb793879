//! People at the service desk, over the control API.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::{Actor, Effect, Options, Simulator};

use crate::control::control;
use crate::rig::Rig;

async fn act(rig: &Rig, path: &str, body: Value) -> u16 {
    control(rig, Method::POST, path, Some(body)).await.status
}

#[tokio::test]
async fn a_person_closes_reopens_edits_and_deletes_a_ticket() {
    let rig = Rig::with(1).await;
    let world = rig.simulator.world();
    let id = world.tickets()[0].id;
    assert_eq!(act(&rig, &format!("/tickets/{id}/close"), json!({})).await, 200);
    let closed = world.ticket(id).unwrap();
    assert_eq!((closed.closed_flag, closed.closed_by.as_deref(), closed.status.id), (true, Some("tlewis"), 305));
    let bare = control(&rig, Method::POST, &format!("/tickets/{id}/reopen"), None).await;
    assert_eq!(bare.status, 200, "a body is not needed");
    assert_eq!(world.ticket(id).unwrap().closed_date, None);
    assert_eq!(act(&rig, &format!("/tickets/{id}/close"), json!({ "status": 315 })).await, 404, "another board's");
    let edit = json!({ "summary": "Mine now", "status": 303, "external_x_ref": null });
    assert_eq!(act(&rig, &format!("/tickets/{id}/edit"), edit).await, 200);
    let edited = world.ticket(id).unwrap();
    assert_eq!((edited.summary.as_str(), edited.status.id, edited.external_x_ref), ("Mine now", 303, None));
    let rows = control(&rig, Method::GET, "/world/tickets", None).await;
    assert_eq!((&rows.rows()[0]["summary"], &rows.rows()[0]["configurations"]), (&json!("Mine now"), &json!([])));
    assert_eq!(control(&rig, Method::DELETE, &format!("/tickets/{id}"), None).await.status, 200);
    assert_eq!(rig.get(&format!("service/tickets/{id}")).await.status, 404);
    assert_eq!(act(&rig, &format!("/tickets/{id}/close"), json!({})).await, 404);
    let effects: Vec<_> = world.journal().into_iter().filter_map(|entry| entry.effect).collect();
    assert!(effects.iter().all(|effect| effect.by() == Actor::Hand));
    assert!(matches!(effects[0], Effect::TicketStatusChanged { was_closed: false, closed: true, .. }), "{effects:?}");
    assert!(matches!(effects[1], Effect::TicketStatusChanged { was_closed: true, closed: false, .. }), "{effects:?}");
    assert!(matches!(effects[3], Effect::TicketDeleted { was_closed: false, .. }), "{effects:?}");
}

#[tokio::test]
async fn a_company_renamed_is_renamed_on_tickets_and_configurations() {
    let rig = Rig::with(1).await;
    let world = rig.simulator.world();
    world.rename_cw_company(world.cw_companies()[0].id, "Elder Accounting").unwrap();
    let shown = [world.tickets()[0].company.clone(), world.configurations()[0].company.clone(), world.agreements()[0].company.clone()];
    assert!(shown.iter().all(|company| company.name.as_deref() == Some("Elder Accounting")), "{shown:?}");
}

#[tokio::test]
async fn a_board_and_a_status_go_out_of_use_or_away() {
    let rig = Rig::with(1).await;
    let company = rig.simulator.world().cw_companies()[0].id;
    let ask = async || {
        let body = json!({ "summary": "x", "company": { "id": company }, "board": { "id": 22 }, "status": { "id": 312 } });
        let answer = rig.post("service/tickets", body).await;
        (answer.status, answer.body["errors"][0]["message"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(act(&rig, "/statuses/312/deactivate", json!({})).await, 200);
    assert_eq!(ask().await, (400, "Service Status 312 is inactive".to_owned()));
    assert_eq!(act(&rig, "/statuses/312/activate", json!({})).await, 200);
    assert_eq!(act(&rig, "/boards/22/deactivate", json!({})).await, 200);
    assert_eq!(ask().await, (400, "Service Board 22 is inactive".to_owned()));
    assert_eq!(act(&rig, "/boards/22/activate", json!({})).await, 200);
    assert_eq!(ask().await.0, 201);
    assert_eq!(control(&rig, Method::DELETE, "/boards/22", None).await.status, 200);
    assert_eq!(ask().await, (400, "Service Board 22 not found".to_owned()));
    assert_eq!(rig.get("service/boards/22").await.status, 404);
    assert_eq!(act(&rig, "/boards/22/deactivate", json!({})).await, 404);
    assert_eq!(act(&rig, "/connectwise/search-lag", json!({ "seconds": 90 })).await, 200);
    assert_eq!(rig.simulator.world().settings().search_lag, 90);
}

#[tokio::test]
async fn the_service_desk_survives_a_restart() {
    let path = std::env::temp_dir().join(format!("simulator-desk-{}.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let options = Options { companies: 1, state: Some(path.clone()), ..Options::default() };
    let rig = Rig::start(options.clone()).await;
    let world = rig.simulator.world();
    let body = json!({ "summary": "x", "company": { "id": world.cw_companies()[0].id }, "initialDescription": "y" });
    let made = rig.post("service/tickets", body).await.body;
    let id = i32::try_from(made["id"].as_i64().unwrap()).unwrap();
    let configuration = world.configurations()[0].id;
    rig.post(&format!("service/tickets/{id}/configurations"), json!({ "id": configuration })).await;
    world.delete_board(23).unwrap();
    let before = (world.tickets(), world.notes(), world.boards(), world.statuses());
    rig.simulator.stop().await;
    let world = Simulator::offline(&options).unwrap().world();
    assert_eq!((world.tickets(), world.notes(), world.boards(), world.statuses()), before);
    assert_eq!(world.ticket_configurations(id), [configuration]);
    let _ = std::fs::remove_file(&path);
}

#[tokio::test]
async fn a_person_closes_a_ticket_on_its_page_and_opens_it_again() {
    let rig = Rig::with(1).await;
    let company = rig.simulator.world().cw_companies()[0].id;
    let new = json!({ "summary": "A <b>device</b>", "company": { "id": company }, "board": { "id": 22 } });
    let id = rig.post("service/tickets", new).await.body["id"].as_i64().expect("a ticket");
    let site = &rig.simulator.addresses().connectwise;
    let page = format!("{site}/v4_6_release/services/system_io/Service/fv_sr100_request.rails");
    let client = reqwest::Client::new();
    let shown = client.get(format!("{page}?service_recid={id}")).send().await.expect("an answer").text().await.expect("a page");
    assert!(shown.contains("A &lt;b&gt;device&lt;/b&gt;") && shown.contains("Close ticket"), "{shown}");
    let is_closed = || rig.simulator.world().tickets().into_iter().any(|ticket| i64::from(ticket.id) == id && ticket.closed_flag);
    for close in [true, false] {
        let sent = client.post(format!("{page}?service_recid={id}&close={close}")).send().await.expect("an answer");
        assert_eq!((sent.status().as_u16(), is_closed()), (200, close));
    }
    let missing = client.get(format!("{page}?service_recid=999999")).send().await.expect("an answer");
    assert_eq!(missing.status().as_u16(), 404);
}
