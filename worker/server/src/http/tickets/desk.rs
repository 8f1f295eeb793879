//! What a service desk offers, as it is now.

use axum::extract::State;
use contract::tickets::{ContactsQuery, ListConfigurationTypes, LookUpContacts, ShowBoardOptions, ShowBoardSetup};
use domain::connections::ConnectionKind;
use domain::ids::{BoardId, ConnectionId, PsaCompanyId};
use domain::tickets::{BoardSetup, Named, ServiceBoardOptions};

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::error::{Failure, not_found};
use crate::http::middleware::extract::{Path, Query};
use crate::http::routes::Routes;
use crate::vendor_problem::problem;
use connectwise::Connectwise;
use vendor::VendorError;

/// Calls that reading a desk may make.
const BUDGET: u32 = 30;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ShowBoardOptions, show).on(ShowBoardSetup, board).on(ListConfigurationTypes, configuration_types).on(LookUpContacts, contacts)
}

#[worker::send]
async fn show(State(app): State<App>, Path(id): Path<ConnectionId>) -> Result<Json<ServiceBoardOptions>, Failure> {
    Ok(Json(client(&app, &id)?.desk().await.map_err(|error| said(&error))?))
}

#[worker::send]
async fn board(State(app): State<App>, Path((id, board)): Path<(ConnectionId, String)>) -> Result<Json<BoardSetup>, Failure> {
    let client = client(&app, &id)?;
    let board: BoardId = board.parse().map_err(|_| not_found("service board"))?;
    match client.board_setup(board).await {
        Err(VendorError::NotFound { .. }) => Err(not_found("service board")),
        read => Ok(Json(read.map_err(|error| said(&error))?)),
    }
}

#[worker::send]
async fn configuration_types(State(app): State<App>, Path(id): Path<ConnectionId>) -> Result<Json<Vec<Named>>, Failure> {
    Ok(Json(client(&app, &id)?.configuration_types().await.map_err(|error| said(&error))?))
}

#[worker::send]
async fn contacts(
    State(app): State<App>,
    Path((id, company)): Path<(ConnectionId, String)>,
    Query(query): Query<ContactsQuery>,
) -> Result<Json<Vec<Named>>, Failure> {
    let client = client(&app, &id)?;
    let company: PsaCompanyId = company.parse().map_err(|_| not_found("ConnectWise company"))?;
    let found = match query.contact {
        Some(contact) => client.contact(company, contact).await.map(|found| found.into_iter().collect()),
        None => client.contacts(company, query.q.as_deref().unwrap_or_default(), 1).await.map(|page| page.items),
    };
    Ok(Json(found.map_err(|error| said(&error))?))
}

/// The client of a ConnectWise connection.
pub(super) fn client(app: &App, id: &ConnectionId) -> Result<Connectwise, Failure> {
    let connection = app.ledger.connections().find(id)?.filter(|row| row.kind == ConnectionKind::Connectwise);
    let connection = connection.ok_or_else(|| not_found("ConnectWise connection"))?;
    let outbound = app.egress.session(BUDGET);
    app.clients().connectwise(&connection, &outbound).map_err(|trouble| Failure::of(trouble, ConnectionKind::Connectwise))
}

/// What ConnectWise said to it.
pub(super) fn said(error: &VendorError) -> Failure {
    problem(error, ConnectionKind::Connectwise).into()
}
