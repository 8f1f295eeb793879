//! Seatbridge's edge: the Worker's events, and Cloudflare behind the ports of [`server`].
//!
//! This file holds the Worker's events and nothing else. Both hand over to the one Durable Object that is the install's
//! ledger; see [`platform`] for it and [`server::tenant`] for what it does.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod platform;

use contract::Problem;
use worker::{Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, Stub, event};

/// The path by which the cron wakes the ledger. Requests from outside never reach it: only `/api/*` is passed on.
pub(crate) const CRON_PATH: &str = "/nudge";

/// Passes the API's requests on to the ledger, but for those of an address that sends too many: one object serves all. Static files never come here; the platform serves them. Whatever fails on the way is
/// answered as a problem: the runtime's own page of an error would carry none of our headers.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _: Context) -> Result<Response> {
    platform::start_log();
    if !request.path().starts_with("/api/") {
        let remedy = format!("The API is described at {}.", contract::DESCRIPTION);
        return platform::refusal(&Problem::new(404, "not_found", "There is no such page.", "Only the API is answered here.", &remedy));
    }
    if platform::calls_too_often(&request, &env).await {
        return platform::refusal(&server::throttle::too_often());
    }
    let answered = async { ledger(&env)?.fetch_with_request(request).await };
    match answered.await {
        Ok(response) => Ok(response),
        Err(error) => {
            log::error!("the ledger did not answer: {error}");
            let detail = "It may be starting anew. Whether the request was carried out is shown when the page is loaded again.";
            platform::refusal(&Problem::new(503, "unavailable", "Seatbridge did not answer.", detail, "Try again in a minute."))
        }
    }
}

/// Nudges the ledger. The runtime takes no notice of an error here, so it is logged, and the next cron tries again.
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, _: ScheduleContext) {
    platform::start_log();
    let called = async { ledger(&env)?.fetch_with_str(&format!("https://ledger{CRON_PATH}")).await };
    if let Err(error) = called.await {
        log::error!("the cron could not wake the ledger: {error}");
    }
}

fn ledger(env: &Env) -> Result<Stub> {
    env.durable_object("LEDGER")?.get_by_name("main")
}
