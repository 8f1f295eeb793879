//! How long what is stored is kept, and what is stored now.

use axum::extract::{Extension, State};
use chrono::{DateTime, Days};
use contract::retention::{DeletedConnectionView, RetentionView, SetRetention, ShowRetention, StoredKind};
use domain::history::HistoryEvent;
use domain::retention::Retention;

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid};
use crate::http::middleware::extract::Body;
use crate::http::routes::Routes;
use store::ledger::{Aged, NewAudit};
use store::ports::StoreError;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ShowRetention, show).on(SetRetention, set)
}

async fn show(State(app): State<App>) -> Result<Json<RetentionView>, Failure> {
    Ok(Json(view(&app)?))
}

async fn set(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(ages): Body<Retention>,
) -> Result<Json<RetentionView>, Failure> {
    if let Some(age) = ages.invalid() {
        let title = format!("{} is a whole number of days from {} to {}.", age.field, age.least, age.most);
        return Err(invalid(age.field, &title, "Choose a number in this range."));
    }
    let before = app.retention()?.ages;
    if before != ages {
        app.keep_retention(&ages, &caller.name)?;
        let words = |ages: &Retention| serde_json::to_string(ages).ok();
        let audit = NewAudit {
            by: &caller.name,
            subject: "Data and privacy".to_owned(),
            before: words(&before),
            after: words(&ages),
            ..NewAudit::of(HistoryEvent::RetentionChanged)
        };
        app.ledger.history().add(audit, app.now())?;
    }
    Ok(Json(view(&app)?))
}

fn view(app: &App) -> Result<RetentionView, StoreError> {
    let (set, retained) = (app.retention()?, app.ledger.retention());
    let stored = Aged::ALL.into_iter().map(|aged| {
        let now = retained.stored(aged)?;
        Ok(StoredKind { label: aged.label().to_owned(), count: now.count, oldest: now.oldest })
    });
    let stored = stored.collect::<Result<_, StoreError>>()?;
    let wait = Days::new(set.ages.deleted_connection_days.into());
    let deleted = retained.deleted_connections()?.into_iter().map(|connection| DeletedConnectionView {
        goes_on: (connection.deleted_at.checked_add_days(wait)).unwrap_or(DateTime::UNIX_EPOCH).date_naive(),
        id: connection.id,
        name: connection.name,
        deleted_at: connection.deleted_at,
    });
    let horizon = set.ages.horizon(app.now(), &retained.held()?);
    let (set_by, set_at) = set.set.unzip();
    Ok(RetentionView {
        stored,
        deleted_connections: deleted.collect(),
        held_from: horizon.held_from.date_naive(),
        ages: set.ages,
        set_by,
        set_at,
        removed_at: app.last_removal()?,
    })
}
