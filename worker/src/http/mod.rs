//! The API: a router over one tenant, one file for each resource.
//!
//! [`router`] takes no Cloudflare type, so the whole API is tested natively. Every route stands in [`shared::api::ROUTES`]
//! with the action it performs; the gate refuses what the caller's role may not do before a handler runs.

mod access_groups;
mod answer;
mod caller;
mod companies;
mod connections;
mod download;
mod drift;
mod error;
mod extract;
mod gate;
mod groups;
mod history;
mod in_use;
mod invitations;
mod lines;
mod mapping_table;
mod month;
mod month_table;
mod months;
mod names;
mod openid;
mod overrides;
mod overview;
mod page;
mod passes;
mod passkeys;
mod people;
mod plan_slice;
mod policy;
mod products;
mod psa;
mod reconciliation;
mod refusals;
mod repairs;
mod rules;
mod session;
mod share_links;
mod shares;
mod site;
mod snapshots;
mod throttle;
mod tickets;
mod tokens;
mod vault;
mod visit;
mod wall;

use std::ops::Deref;
use std::rc::Rc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, patch, post, put};
use worker::send::SendWrapper;

pub use caller::{bearer, cookie};
pub use error::Failure;
pub(crate) use throttle::Throttle;

use crate::tenant::Tenant;

/// The tenant, as axum wants to carry it. A Worker has one thread, so nothing is ever really sent.
#[derive(Clone)]
pub struct App(std::sync::Arc<SendWrapper<Rc<Tenant>>>);

impl App {
    /// An app over this tenant.
    pub fn new(tenant: Rc<Tenant>) -> Self {
        Self(std::sync::Arc::new(SendWrapper::new(tenant)))
    }
}

impl Deref for App {
    type Target = Tenant;

    fn deref(&self) -> &Tenant {
        &self.0
    }
}

/// The API's router.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/api/health", get(overview::health))
        .route("/api/session", get(session::show).post(session::sign_in).delete(session::sign_out))
        .route("/api/session/ways", get(openid::ways))
        .route("/api/session/openid", post(openid::begin))
        .route("/api/session/openid/finish", post(openid::finish))
        .route("/api/session/challenge", post(session::challenge))
        .route("/api/session/proof", post(session::prove))
        .route("/api/sessions", get(session::list))
        .route("/api/sessions/{id}", delete(session::end))
        .route("/api/passkeys", get(passkeys::list).post(passkeys::add))
        .route("/api/passkeys/challenge", post(passkeys::challenge))
        .route("/api/passkeys/{id}", delete(passkeys::remove))
        .route("/api/invitations/open", post(invitations::open))
        .route("/api/invitations/accept", post(invitations::accept))
        .route("/api/people", get(people::list).post(people::invite))
        .route("/api/people/{id}", patch(people::change).delete(people::remove))
        .route("/api/people/{id}/link", post(people::link))
        .route("/api/people/{id}/sessions", delete(people::end_sessions))
        .route("/api/access-groups", get(access_groups::list).post(access_groups::create))
        .route("/api/access-groups/companies", put(access_groups::assign))
        .route("/api/access-groups/{id}", patch(access_groups::rename).delete(access_groups::delete))
        .route("/api/tokens", get(tokens::list).post(tokens::create))
        .route("/api/tokens/{id}", delete(tokens::revoke))
        .route("/api/share-links", get(share_links::list).post(share_links::create))
        .route("/api/share-links/{id}", delete(share_links::revoke))
        .route("/api/share/open", post(visit::open))
        .route("/api/share/company", get(visit::company))
        .route("/api/share/statement", get(visit::statement))
        .route("/api/overview", get(overview::show))
        .route("/api/connections", get(connections::list).post(connections::create))
        .route("/api/connections/test", post(connections::test_unsaved))
        .route("/api/connections/{id}", get(connections::show).patch(connections::change).delete(connections::delete))
        .route("/api/connections/{id}/test", post(connections::test))
        .route("/api/connections/{id}/consequences", get(connections::consequences))
        .route("/api/vault", get(vault::show))
        .route("/api/vault/rotate", post(vault::rotate))
        .route("/api/companies", get(companies::list))
        .route("/api/companies/tickets", put(tickets::switches::companies))
        .route("/api/mappings/companies", put(companies::decide))
        .route("/api/mappings/companies.csv", get(mapping_table::export))
        .route("/api/mappings/companies/import", post(mapping_table::import))
        .route("/api/products", get(products::list))
        .route("/api/mappings/products", put(products::decide))
        .route("/api/plan-slice", get(plan_slice::show))
        .route("/api/psa/companies", get(psa::companies))
        .route("/api/psa/products", get(psa::products))
        .route("/api/month", get(month::show))
        .route("/api/month.csv", get(month_table::table))
        .route("/api/reconciliation", get(reconciliation::show))
        .route("/api/reconciliation.csv", get(reconciliation::table))
        .route("/api/lines/{id}", get(month::line))
        .route("/api/lines/approve", post(lines::approve))
        .route("/api/lines/hold", post(lines::hold))
        .route("/api/lines/dismiss", post(lines::dismiss))
        .route("/api/lines/release", post(lines::release))
        .route("/api/lines/retry", post(lines::retry))
        .route("/api/drift", get(drift::list))
        .route("/api/drift/{id}/resolve", post(drift::resolve))
        .route("/api/drift/{id}/ignore", post(drift::ignore))
        .route("/api/policy", get(policy::show).put(policy::set))
        .route("/api/passes", get(passes::list).post(passes::start))
        .route("/api/passes/{id}", get(passes::show))
        .route("/api/intents", get(history::intents))
        .route("/api/intents/{id}/retry", post(history::retry))
        .route("/api/intents/{id}/reverse", post(history::reverse))
        .route("/api/history", get(history::list))
        .route("/api/history.csv", get(history::table))
        .route("/api/months", get(months::list))
        .route("/api/months/{period}", get(months::show))
        .route("/api/months/{period}/close", post(months::close))
        .route("/api/months/{period}/statement", get(months::statement))
        .route("/api/months/{period}/statement.csv", get(months::statement_table))
        .route("/api/snapshots", get(snapshots::list))
        .route("/api/snapshots/{id}", get(snapshots::show))
        .route("/api/groups", get(groups::list))
        .route("/api/groups/{id}/{group}/owner", put(groups::name_owner))
        .route("/api/groups/{id}/{group}/devices", get(groups::members))
        .route("/api/ticket-rules", get(tickets::rules::list).post(tickets::rules::create))
        .route("/api/ticket-rules/switch", post(tickets::rules::switch))
        .route("/api/ticket-rules/edit", post(tickets::rules::edit))
        .route("/api/ticket-rules/preview", post(tickets::rules::preview))
        .route("/api/ticket-rules/{id}", get(tickets::rules::show).put(tickets::rules::change).delete(tickets::rules::delete))
        .route("/api/ticket-rules/{id}/test", post(tickets::rules::test))
        .route("/api/desks/{id}", get(tickets::desk::show))
        .route("/api/desks/{id}/boards/{board}", get(tickets::desk::board))
        .route("/api/desks/{id}/configuration-types", get(tickets::desk::configuration_types))
        .route("/api/desks/{id}/companies/{company}/contacts", get(tickets::desk::contacts))
        .route("/api/tickets", get(tickets::list))
        .route("/api/ticket-log", get(tickets::log))
        .route("/api/ticket-intents/{id}/retry", post(tickets::retry))
        .route("/api/silences", get(tickets::silences::list).post(tickets::silences::create))
        .route("/api/silences/{id}", delete(tickets::silences::delete))
        .fallback(error::no_such_route)
        .layer(from_fn_with_state(app.clone(), gate::gate))
        .with_state(app)
}
