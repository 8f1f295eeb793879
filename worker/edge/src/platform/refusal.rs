//! A problem as a response that did not pass the router.

use contract::Problem;
use worker::{Response, Result};

use server::headers::HEADERS;
use server::throttle::RETRY_AFTER;

/// A problem as an answer that does not pass the router, with the headers the router would have given it.
pub(crate) fn refusal(problem: &Problem) -> Result<Response> {
    let mut response = Response::from_json(problem)?.with_status(problem.status);
    let headers = response.headers_mut();
    headers.set("content-type", "application/problem+json")?;
    if problem.status == 429 {
        headers.set("retry-after", RETRY_AFTER)?;
    }
    for (name, value) in HEADERS {
        headers.set(name, value)?;
    }
    Ok(response)
}
