//! The API: a router over one tenant, one file for each resource.
//!
//! [`router`] takes no Cloudflare type, so the whole API is tested natively. Every endpoint is declared in [`shared::api`] with the
//! action it performs; the gate refuses what the caller's role may not do before a handler runs.

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
mod routes;
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
use worker::send::SendWrapper;

pub use caller::{bearer, cookie};
pub use error::Failure;
pub(crate) use throttle::Throttle;

use self::routes::Routes;
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
    let resources = [
        access_groups::routes,
        companies::routes,
        connections::routes,
        drift::routes,
        groups::routes,
        history::routes,
        invitations::routes,
        lines::routes,
        mapping_table::routes,
        month::routes,
        month_table::routes,
        months::routes,
        openid::routes,
        overview::routes,
        passes::routes,
        passkeys::routes,
        people::routes,
        plan_slice::routes,
        policy::routes,
        products::routes,
        psa::routes,
        reconciliation::routes,
        session::routes,
        share_links::routes,
        snapshots::routes,
        tickets::routes,
        tickets::desk::routes,
        tickets::rules::routes,
        tickets::silences::routes,
        tickets::switches::routes,
        tokens::routes,
        vault::routes,
        visit::routes,
    ];
    let routes = resources.into_iter().fold(Routes::default(), |routes, resource| resource(routes));
    routes.into_router().fallback(error::no_such_route).layer(from_fn_with_state(app.clone(), gate::gate)).with_state(app)
}
