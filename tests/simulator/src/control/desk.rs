//! The service desk's part of the control API.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, post};
use axum::{Json, Router};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::{Control, Seconds, done, outcome};
use crate::handle::WorldHandle;

pub(super) fn routes() -> Router<Control> {
    Router::new()
        .route("/tickets/{id}", delete(delete_ticket))
        .route("/tickets/{id}/close", post(close))
        .route("/tickets/{id}/reopen", post(reopen))
        .route("/tickets/{id}/edit", post(edit))
        .route("/boards/{id}", delete(delete_board))
        .route("/boards/{id}/deactivate", post(|state, id| board(state, id, true)))
        .route("/boards/{id}/activate", post(|state, id| board(state, id, false)))
        .route("/statuses/{id}/deactivate", post(|state, id| status(state, id, true)))
        .route("/statuses/{id}/activate", post(|state, id| status(state, id, false)))
        .route("/connectwise/search-lag", post(search_lag))
}

/// The rows of a table of the service desk.
pub(super) fn table(world: &WorldHandle, name: &str) -> Option<Response> {
    let rows: Value = match name {
        "tickets" => world
            .tickets()
            .into_iter()
            .map(|ticket| {
                let configurations = world.ticket_configurations(ticket.id);
                let mut row = json!(ticket);
                row["configurations"] = json!(configurations);
                row
            })
            .collect(),
        "notes" => json!(world.notes()),
        "configurations" => json!(world.configurations()),
        "boards" => json!(world.boards()),
        "statuses" => json!(world.statuses()),
        _ => return None,
    };
    Some(Json(rows).into_response())
}

#[derive(Default, Deserialize)]
struct Wanted {
    status: Option<i32>,
}

async fn close(State(c): State<Control>, Path(id): Path<i32>, to: Option<Json<Wanted>>) -> Response {
    outcome(c.world.close_ticket(id, to.and_then(|Json(to)| to.status)))
}

async fn reopen(State(c): State<Control>, Path(id): Path<i32>, to: Option<Json<Wanted>>) -> Response {
    outcome(c.world.reopen_ticket(id, to.and_then(|Json(to)| to.status)))
}

async fn delete_ticket(State(c): State<Control>, Path(id): Path<i32>) -> Response {
    outcome(c.world.delete_ticket(id))
}

/// What a person types over. A null empties the reference of an integration; what is left out stays.
#[derive(Deserialize)]
struct Edit {
    summary: Option<String>,
    status: Option<i32>,
    #[serde(default, deserialize_with = "given")]
    external_x_ref: Option<Option<String>>,
}

fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

async fn edit(State(c): State<Control>, Path(id): Path<i32>, Json(to): Json<Edit>) -> Response {
    let edited = c.world.edit_ticket(id, to.status, |ticket| {
        if let Some(summary) = to.summary {
            ticket.summary = summary;
        }
        if let Some(reference) = to.external_x_ref {
            ticket.external_x_ref = reference;
        }
    });
    outcome(edited)
}

async fn board(State(c): State<Control>, Path(id): Path<i32>, inactive: bool) -> Response {
    outcome(c.world.set_board_inactive(id, inactive))
}

async fn delete_board(State(c): State<Control>, Path(id): Path<i32>) -> Response {
    outcome(c.world.delete_board(id))
}

async fn status(State(c): State<Control>, Path(id): Path<i32>, inactive: bool) -> Response {
    outcome(c.world.set_status_inactive(id, inactive))
}

async fn search_lag(State(c): State<Control>, Json(Seconds { seconds }): Json<Seconds>) -> Response {
    c.world.set_search_lag(seconds);
    done()
}
