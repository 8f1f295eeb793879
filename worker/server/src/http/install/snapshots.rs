//! Snapshots of past days, byte for byte as they were read.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use contract::snapshots::{ListSnapshots, ShowSnapshot, SnapshotView, SnapshotsQuery};
use contract::{Page, Problem};
use domain::ids::PassId;

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::error::{Failure, not_found};
use crate::http::middleware::extract::{Path, Query};
use crate::http::middleware::page;
use crate::http::routes::Routes;
use store::documents::DocumentError;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ListSnapshots, list).on(ShowSnapshot, show)
}

async fn list(State(app): State<App>, Query(query): Query<SnapshotsQuery>) -> Result<Json<Page<SnapshotView>>, Failure> {
    let limit = page::size(query.limit)?;
    let before = page::read_place(query.after.as_deref())?;
    let (rows, total) = app.ledger.snapshots().page(query.connection.as_ref(), (query.from, query.to), before, limit)?;
    let full = u32::try_from(rows.len()).is_ok_and(|count| count == limit);
    let next = rows.last().filter(|_| full).map(|row| page::place(row.taken_at, row.pass.as_str()));
    let view = |row: store::ledger::SnapshotRow| SnapshotView {
        id: row.pass,
        connection: row.connection,
        taken_at: row.taken_at,
        complete: row.complete,
        hash: row.hash,
    };
    Ok(Json(Page { items: rows.into_iter().map(view).collect(), total, next }))
}

/// The document as it was written; refused when it is not what was written.
#[worker::send]
async fn show(State(app): State<App>, Path(id): Path<PassId>) -> Result<Response, Failure> {
    let row = app.ledger.snapshots().find(&id)?.ok_or_else(|| not_found("snapshot"))?;
    match app.documents.body("snapshot", &row.key, &row.hash).await {
        Ok(body) => Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response()),
        Err(DocumentError::Damaged { .. }) => {
            let detail =
                "The stored counts of this day are not the ones that were written, so they are not shown. Billing does not read them.";
            let remedy = "Look in the KV namespace who changed it; a backup with the right hash can be put back under its key.";
            Err(Problem::new(409, "snapshot_damaged", "This snapshot is damaged.", detail, remedy).into())
        }
        Err(error) => Err(error.into()),
    }
}
