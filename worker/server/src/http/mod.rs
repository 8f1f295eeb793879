//! The API: a router over one tenant, one file for each resource.
//!
//! [`router`] takes no Cloudflare type, so the whole API is tested natively. Every endpoint is declared in [`contract`] with the
//! action it performs; authorization refuses what the caller's role may not do before a handler runs.

mod billing;
mod install;
mod mapping;
mod middleware;
mod people;
mod routes;
mod sharing;
mod tickets;

use std::ops::Deref;
use std::rc::Rc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use worker::send::SendWrapper;

pub use middleware::caller::{bearer, cookie, cookie_name as session_cookie_name};
pub use middleware::error::Failure;

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
        people::access_groups::routes,
        mapping::companies::routes,
        install::backup::routes,
        install::connections::routes,
        billing::drift::routes,
        mapping::groups::routes,
        billing::history::routes,
        people::invitations::routes,
        billing::lines::routes,
        mapping::mapping_table::routes,
        billing::month::routes,
        billing::month_table::routes,
        billing::months::routes,
        people::openid::routes,
        install::look_only::routes,
        install::overview::routes,
        install::passes::routes,
        people::passkeys::routes,
        people::persons::routes,
        billing::plan_slice::routes,
        billing::policy::routes,
        mapping::products::routes,
        mapping::psa::routes,
        billing::reconciliation::routes,
        install::retention::routes,
        install::forgetting::routes,
        people::session::routes,
        sharing::share_links::routes,
        install::snapshots::routes,
        tickets::routes,
        tickets::desk::routes,
        tickets::rules::routes,
        tickets::start::routes,
        tickets::mutes::routes,
        tickets::switches::routes,
        people::tokens::routes,
        install::vault::routes,
        sharing::visit::routes,
    ];
    let routes = resources.into_iter().fold(Routes::default(), |routes, resource| resource(routes));
    routes
        .into_router()
        .fallback(middleware::error::no_such_route)
        .layer(from_fn_with_state(app.clone(), middleware::authorize::authorize))
        .with_state(app)
}
