//! The page on which ConnectWise shows a ticket to a person, at the address links have pointed to since version 4.6. Closing and
//! opening again are what a technician does there; everything else is only shown. No sign-in is asked for.

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;

use crate::handle::WorldHandle;
use crate::world::{Reference, Ticket};

/// Its path, without the ticket's number.
const PATH: &str = "/v4_6_release/services/system_io/Service/fv_sr100_request.rails";

#[derive(Deserialize)]
struct Asked {
    service_recid: i32,
    #[serde(default)]
    close: bool,
}

/// The page, beside the API of the same server.
pub(crate) fn routes(world: WorldHandle) -> Router {
    Router::new().route(PATH, get(show).post(act)).with_state(world)
}

async fn show(State(world): State<WorldHandle>, Query(asked): Query<Asked>) -> Response {
    match world.ticket(asked.service_recid) {
        Some(ticket) => Html(page(&world, &ticket)).into_response(),
        None => (StatusCode::NOT_FOUND, Html("<h1>There is no such ticket</h1>")).into_response(),
    }
}

async fn act(State(world): State<WorldHandle>, Query(asked): Query<Asked>) -> Response {
    let id = asked.service_recid;
    let done = if asked.close { world.close_ticket(id, None) } else { world.reopen_ticket(id, None) };
    match done {
        Ok(()) => Redirect::to(&format!("{PATH}?service_recid={id}")).into_response(),
        Err(none) => none.into_response(),
    }
}

fn page(world: &WorldHandle, ticket: &Ticket) -> String {
    let text = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let named = |reference: &Reference| text(reference.name.as_deref().unwrap_or_default());
    let (close, label) = if ticket.closed_flag { (false, "Open again") } else { (true, "Close ticket") };
    let notes: String = world
        .notes()
        .iter()
        .filter(|note| note.ticket_id == ticket.id)
        .map(|note| format!("<li><b>{}</b>, {}<pre>{}</pre></li>", text(&note.created_by), note.date_created, text(&note.text)))
        .collect();
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Service ticket #{id}</title>\
         <style>body{{font:16px/1.5 system-ui;max-width:48rem;margin:2rem auto;padding:0 1rem}}pre{{white-space:pre-wrap}}</style>\
         <p>ConnectWise PSA (simulated)</p><h1>Service ticket #{id}</h1><h2>{summary}</h2>\
         <p>{company} · {board} · <b>{status}</b> · {priority}</p>\
         <form method=post action='?service_recid={id}&amp;close={close}'><button>{label}</button></form><h3>Notes</h3><ul>{notes}</ul></html>",
        id = ticket.id,
        summary = text(&ticket.summary),
        company = named(&ticket.company),
        board = named(&ticket.board),
        status = named(&ticket.status),
        priority = named(&ticket.priority),
    )
}
