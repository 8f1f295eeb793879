//! What was refused, written into the log: who asked for what, from where, and why not. Names and codes alone, never what was shown.

use axum::http::{Method, StatusCode};
use axum::response::Response;

/// The code of a problem, beside the answer that bears it.
#[derive(Clone)]
pub(in crate::http) struct Code(pub(in crate::http) String);

/// A request, as far as the log may know of it.
pub(in crate::http) struct Asked {
    pub(in crate::http) method: Method,
    /// The path as the table of routes has it: with `{id}`, and none for one that no route has.
    pub(in crate::http) route: Option<String>,
    /// Where it came from.
    pub(in crate::http) from: Option<String>,
}

/// Writes one line for an answer that refuses to let somebody in, or to do what they may not.
pub(in crate::http) fn note(asked: &Asked, who: &str, response: &Response) {
    let status = response.status();
    if !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS) {
        return;
    }
    let code = response.extensions().get::<Code>().map_or("unknown", |code| code.0.as_str());
    let (method, route) = (&asked.method, asked.route.as_deref().unwrap_or("none"));
    let from = asked.from.as_deref().unwrap_or("unknown");
    log::warn!("refused: code={code} status={} method={method} route={route} who={who:?} from={from:?}", status.as_u16());
}
