//! *Forget this customer*.

use axum::extract::{Extension, State};
use contract::Problem;
use contract::forgetting::{Forget, ForgetCount, ForgetCustomer, ForgetPreview, ForgetQuery, Forgetting, PreviewForgetting};
use domain::history::HistoryEvent;
use domain::retention::{LEAST_LETTERS, Redaction};

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid};
use crate::http::middleware::extract::{Body, Query};
use crate::http::routes::Routes;
use store::ledger::{Aged, NewAudit};

/// The most other names at once.
const MOST_OTHERS: usize = 20;
/// The longest name.
const LONGEST: usize = 200;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(PreviewForgetting, preview).on(ForgetCustomer, forget)
}

#[worker::send]
async fn preview(State(app): State<App>, Query(query): Query<ForgetQuery>) -> Result<Json<ForgetPreview>, Failure> {
    let running = app.forgetting()?.map(|running| Forgetting { alias: running.alias });
    let Some(name) = query.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()) else {
        return Ok(Json(ForgetPreview { running, ..ForgetPreview::default() }));
    };
    checked("name", &name)?;
    let names = [name];
    let redaction = Redaction::new("", &names, &[], &app.others_than(&names).await?);
    let store = app.ledger.forgetting();
    let goes = store.named_in(&redaction)?.into_iter().map(|(label, count)| ForgetCount { label: label.to_owned(), count }).collect();
    let closed = app.ledger.months().all()?.into_iter().filter(|month| month.closed.is_some()).count();
    Ok(Json(ForgetPreview {
        first: app.what_ends_first(&names, &redaction).await?,
        goes,
        devices: u32::try_from(store.devices(&names)?.len()).unwrap_or(u32::MAX),
        snapshots: app.ledger.retention().stored(Aged::Snapshots)?.count,
        closed_months: u32::try_from(closed).unwrap_or(u32::MAX),
        running,
    }))
}

#[worker::send]
async fn forget(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<Forget>,
) -> Result<Json<Forgetting>, Failure> {
    let name = request.name.trim().to_owned();
    checked("name", &name)?;
    if request.confirm.trim() != name {
        return Err(invalid("confirm", "This is another name.", "Type the customer's name once more, letter by letter."));
    }
    if request.others.len() > MOST_OTHERS {
        return Err(invalid("others", "At most 20 other names are taken at once.", "Forget the rest with another request."));
    }
    let mut names = vec![name];
    for other in request.others.iter().map(|other| other.trim()).filter(|other| !other.is_empty()) {
        checked("others", other)?;
        names.push(other.to_owned());
    }
    if app.forgetting()?.is_some() {
        let detail = "One customer is forgotten after the other.";
        return Err(Problem::new(409, "forgetting", "A customer is being forgotten.", detail, "Try again in some minutes.").into());
    }
    let redaction = Redaction::new("", &names, &[], &app.others_than(&names).await?);
    let first = app.what_ends_first(&names, &redaction).await?;
    if !first.is_empty() {
        let title = "This customer cannot be forgotten yet.";
        return Err(Problem::new(409, "not_over", title, first.join(" "), "End what is named here, then try again.").into());
    }
    let alias = app.begin_forgetting(names, &caller.name)?;
    let audit = NewAudit { by: &caller.name, subject: alias.clone(), ..NewAudit::of(HistoryEvent::ForgettingBegun) };
    app.ledger.history().add(audit, app.now())?;
    app.wake().await?;
    Ok(Json(Forgetting { alias }))
}

fn checked(field: &str, name: &str) -> Result<(), Failure> {
    let letters = name.chars().count();
    if (LEAST_LETTERS..=LONGEST).contains(&letters) {
        return Ok(());
    }
    Err(invalid(field, "A name has 3 to 200 letters.", "A shorter one cannot be told from other words."))
}
