//! Look-only mode: what differs, and the way out.

use axum::extract::{Extension, State};
use contract::Problem;
use contract::look_only::{Leave, LeaveLookOnly, LookOnlyView, ShowLookOnly};

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::Failure;
use crate::http::middleware::extract::Body;
use crate::http::routes::Routes;
use crate::passes::Stays;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ShowLookOnly, show).on(LeaveLookOnly, leave)
}

#[worker::send]
async fn show(State(app): State<App>) -> Result<Json<LookOnlyView>, Failure> {
    Ok(Json(app.look_only_page().await?))
}

#[worker::send]
async fn leave(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<Leave>,
) -> Result<Json<LookOnlyView>, Failure> {
    match app.leave_look_only(&caller.name, &request.seen).await? {
        Ok(()) => Ok(Json(app.look_only_page().await?)),
        Err(stays) => Err(problem(stays).into()),
    }
}

fn problem(stays: Stays) -> Problem {
    match stays {
        Stays::NotOn => {
            Problem::new(409, "writes_already", "Seatbridge writes already.", "Somebody else has let it.", "Load the page again.")
        }
        Stays::StillReading => Problem::new(
            409,
            "still_reading",
            "Not everything has been read yet.",
            "What ConnectWise was told last may not be shown for twenty minutes, so it is read after that.",
            "Wait until all of it is read, then look at what differs.",
        ),
        Stays::Changed => Problem::new(
            409,
            "differences_changed",
            "What differs has changed since you looked.",
            "Nothing was decided.",
            "Look at the list again.",
        ),
    }
}
