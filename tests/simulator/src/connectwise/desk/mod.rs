//! The service desk: boards and what they offer, tickets with their notes, and configurations (PSA REST API, service/… and
//! company/configurations).

mod attached;
mod check;
mod configurations;
mod fields;
mod setup;
mod tickets;

use axum::http::Method;

use super::errors;
use crate::exchange::{Reply, Request};
use crate::stage::Stage;
use crate::world::Action;

pub(crate) use tickets::change_of;

/// Answers a path of the service desk; none when it is another's.
pub(super) fn answer(stage: &mut Stage, request: &Request, segments: &[&str]) -> Option<Result<Reply, Reply>> {
    Some(match segments {
        ["service", "tickets", rest @ ..] => tickets::answer(stage, request, rest),
        ["company", "configurations", "types", rest @ ..] => reading(request, || setup::configuration_types(request, rest)),
        ["company", "configurations", "statuses", rest @ ..] => reading(request, || setup::configuration_statuses(request, rest)),
        ["company", "configurations", rest @ ..] => configurations::answer(stage, request, rest),
        ["company", "contacts", rest @ ..] => reading(request, || setup::contacts(stage, request, rest)),
        ["service", "boards", rest @ ..] => reading(request, || setup::boards(stage, request, rest)),
        ["service", "priorities", rest @ ..] => reading(request, || setup::priorities(request, rest)),
        ["service", "sources", rest @ ..] => reading(request, || setup::sources(request, rest)),
        _ => return None,
    })
}

/// For what the API could change as well, but nothing here does.
fn reading(request: &Request, answer: impl FnOnce() -> Result<Reply, Reply>) -> Result<Reply, Reply> {
    if request.method == Method::GET { answer() } else { Err(errors::nothing_here()) }
}

fn action(method: &Method) -> Action {
    match *method {
        Method::GET => Action::Inquire,
        Method::POST => Action::Add,
        Method::DELETE => Action::Delete,
        _ => Action::Edit,
    }
}
