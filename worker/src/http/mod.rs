//! The API: a router over one tenant, one file for each resource.
//!
//! [`router`] takes no Cloudflare type, so the whole API is tested natively. Every route stands in [`shared::api::ROUTES`]
//! with the action it performs; the gate refuses what the caller's role may not do before a handler runs.

mod answer;
mod caller;
mod companies;
mod connections;
mod download;
mod drift;
mod error;
mod extract;
mod gate;
mod history;
mod in_use;
mod lines;
mod mapping_table;
mod month;
mod month_table;
mod months;
mod overrides;
mod overview;
mod page;
mod passes;
mod plan_slice;
mod policy;
mod products;
mod psa;
mod reconciliation;
mod repairs;
mod rules;
mod session;
mod shares;
mod snapshots;

use std::ops::Deref;
use std::rc::Rc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post, put};
use worker::send::SendWrapper;

pub use error::Failure;

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
        .route("/api/sign-in-links", post(session::make_link))
        .route("/api/tokens", get(session::tokens).post(session::make_token))
        .route("/api/tokens/{id}", delete(session::revoke_token))
        .route("/api/overview", get(overview::show))
        .route("/api/connections", get(connections::list).post(connections::create))
        .route("/api/connections/test", post(connections::test_unsaved))
        .route("/api/connections/{id}", get(connections::show).patch(connections::change).delete(connections::delete))
        .route("/api/connections/{id}/test", post(connections::test))
        .route("/api/connections/{id}/consequences", get(connections::consequences))
        .route("/api/companies", get(companies::list))
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
        .fallback(error::no_such_route)
        .layer(from_fn_with_state(app.clone(), gate::gate))
        .with_state(app)
}
