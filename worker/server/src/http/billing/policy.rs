//! The caps lines and runs are held by.

use axum::extract::{Extension, State};
use contract::policy::{PolicyView, SetPolicy, ShowPolicy};
use domain::billing::Policy;
use domain::history::HistoryEvent;

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid};
use crate::http::middleware::extract::Body;
use crate::http::routes::Routes;
use store::ledger::NewAudit;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ShowPolicy, show).on(SetPolicy, set)
}

async fn show(State(app): State<App>) -> Result<Json<PolicyView>, Failure> {
    Ok(Json(app.policies().view()?))
}

#[worker::send]
async fn set(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(policy): Body<Policy>,
) -> Result<Json<PolicyView>, Failure> {
    if let Some((field, range)) = policy.invalid() {
        return Err(invalid(field, &format!("{field} is a whole number from {range}."), "Choose a number in this range."));
    }
    let before = app.policy()?;
    if before != policy {
        app.policies().keep(&policy, &caller.name)?;
        let words = |policy: &Policy| serde_json::to_string(policy).ok();
        let audit = NewAudit {
            by: &caller.name,
            subject: "Policy".to_owned(),
            before: words(&before),
            after: words(&policy),
            ..NewAudit::of(HistoryEvent::PolicyChanged)
        };
        app.ledger.history().add(audit, app.now())?;
        app.plan_anew()?;
        app.wake().await?;
    }
    Ok(Json(app.policies().view()?))
}
