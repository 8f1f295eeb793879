//! Rate limits before the ledger is asked: Cloudflare's counters where they are bound, else those of this isolate.

use http::{HeaderMap, HeaderName, HeaderValue};
use worker::{Env, Request};

use egress::ports::Clock;
use server::config::environment;
use server::throttle::{Caller, Edge};

use super::clock::WorkerClock;

thread_local! {
    static COUNTED: Edge = Edge::default();
}

/// Whether a request is one too many of its address, and says so in the log.
pub(crate) async fn calls_too_often(request: &Request, env: &Env) -> bool {
    let environment = environment(env.var("ENVIRONMENT").ok().map(|name| name.to_string()).as_deref());
    let headers = looked_at(request);
    let Some(address) = Edge::address(&headers, environment) else { return false };
    let path = request.path();
    let caller = Caller::of(&path, &headers, environment);
    if admits(caller, &address, env).await {
        return false;
    }
    // In the form of the server's own refusals.
    let method = request.method();
    log::warn!("refused: code=too_often status=429 method={method} route=edge who=\"unknown\" from={address:?}");
    true
}

async fn admits(caller: Caller, address: &str, env: &Env) -> bool {
    if let Ok(limiter) = env.rate_limiter(caller.binding()) {
        match limiter.limit(address.to_owned()).await {
            Ok(outcome) => return outcome.success,
            Err(error) => log::warn!("Cloudflare does not count: {error}"),
        }
    }
    COUNTED.with(|counted| counted.admit(caller, address, WorkerClock::default().now()))
}

fn looked_at(request: &Request) -> HeaderMap {
    let header = |name: &'static str| {
        let value = request.headers().get(name).ok().flatten()?;
        Some((HeaderName::from_static(name), HeaderValue::from_str(&value).ok()?))
    };
    Caller::HEADERS.into_iter().filter_map(header).collect()
}
