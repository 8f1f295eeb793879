//! The master key's rotation.

use axum::extract::{Extension, State};
use shared::api::vault::VaultView;
use shared::history::HistoryEvent;

use super::App;
use super::answer::Json;
use super::caller::Caller;
use super::error::Failure;
use crate::ledger::NewAudit;

pub(super) async fn show(State(app): State<App>) -> Result<Json<VaultView>, Failure> {
    Ok(Json(app.vault_view()?))
}

pub(super) async fn rotate(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Json<VaultView>, Failure> {
    let before = app.vault_view()?;
    let view = app.reseal()?;
    let audit = NewAudit {
        by: &caller.name,
        subject: "Stored credentials".to_owned(),
        after: Some(view.key.clone()),
        detail: Some(format!("{} sealed anew, {} unreadable", before.waiting, view.unreadable.len())),
        ..NewAudit::of(HistoryEvent::VaultRotated)
    };
    app.ledger.audit(audit, app.now())?;
    Ok(Json(view))
}
