//! The master key's rotation.

use axum::extract::{Extension, State};
use contract::vault::{RotateVault, ShowVault, VaultView};

use crate::history;
use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::Failure;
use crate::http::routes::Routes;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ShowVault, show).on(RotateVault, rotate)
}

async fn show(State(app): State<App>) -> Result<Json<VaultView>, Failure> {
    Ok(Json(app.vault_view()?))
}

async fn rotate(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Json<VaultView>, Failure> {
    let before = app.vault_view()?;
    let view = app.reseal()?;
    app.ledger.history().add(history::vault_rotated(&caller.name, &before, &view), app.now())?;
    Ok(Json(view))
}
