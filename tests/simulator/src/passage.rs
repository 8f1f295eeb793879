//! The way of a request: through a fault, to its vendor, into the journal, and back as bytes.

use std::io;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::connect_info::ConnectInfo;
use axum::http::{self, Response, StatusCode, header};

use crate::exchange::{Reply, Request};
use crate::fault::FaultKind;
use crate::journal::Vendor;
use crate::server::Cut;
use crate::stage::Shared;
use crate::{connect, connectwise, ema2};

/// A server that lets `vendor` answer everything.
pub(crate) fn router(vendor: Vendor, shared: Shared) -> Router {
    Router::new().fallback(move |ConnectInfo(cut): ConnectInfo<Cut>, request: http::Request<Body>| {
        let shared = shared.clone();
        async move { exchange(vendor, &shared, &cut, request).await }
    })
}

async fn exchange(vendor: Vendor, shared: &Shared, cut: &Cut, request: http::Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, 16 * 1024 * 1024).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let path = parts.uri.path_and_query().map_or_else(String::new, ToString::to_string);
    let request = Request {
        path: url_decoded(parts.uri.path()),
        query: url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        method: parts.method,
        headers: parts.headers,
        body,
    };
    let mut fault = shared.lock().faults.strike(vendor, request.method.as_str(), &path, request.header("response-id").is_some());
    if let Some(FaultKind::Delay { ms }) = fault {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        fault = None;
    }
    let response = deal(vendor, shared, cut, &request, &path, fault.as_ref());
    match fault {
        Some(FaultKind::TruncatedBody) => truncated(response, cut).await,
        Some(FaultKind::MalformedJson) => malformed(response).await,
        _ => response,
    }
}

/// The same exchange for a caller in this process: none when the connection was cut.
pub(crate) async fn without_sockets(vendor: Vendor, shared: &Shared, request: http::Request<Vec<u8>>) -> Option<Response<Vec<u8>>> {
    let cut = Cut::default();
    let (head, body) = exchange(vendor, shared, &cut, request.map(Body::from)).await.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.ok()?;
    (!cut.is_made()).then(|| Response::from_parts(head, body.to_vec()))
}

/// Deals with a request in one go: what a fault says, or what the vendor does; then the journal.
fn deal(vendor: Vendor, shared: &Shared, cut: &Cut, request: &Request, path: &str, fault: Option<&FaultKind>) -> Response<Body> {
    let mut stage = shared.lock();
    stage.principal = None;
    let refused = match fault {
        Some(FaultKind::Status { code, body, retry_after }) => Some(status_fault(vendor, *code, body.as_deref(), *retry_after)),
        Some(FaultKind::HtmlBody { status }) => Some(html(*status)),
        Some(FaultKind::Forgotten { named: false }) => Some(response(vendor, Reply::empty(202))),
        Some(FaultKind::Forgotten { named: true }) => {
            Some(response(vendor, Reply::empty(202).header("response-id", "00000000000000000000000000000000")))
        }
        Some(FaultKind::Unauthorized) => Some(response(vendor, unauthorized(vendor))),
        Some(FaultKind::ResetBefore) => {
            cut.now();
            Some(plain(StatusCode::INTERNAL_SERVER_ERROR))
        }
        _ => None,
    };
    let (response, effect) = match refused {
        Some(refused) => (refused, None),
        None => {
            let put_off = fault.and_then(|fault| if let FaultKind::Pending { polls } = fault { Some(*polls) } else { None });
            stage.pending.set(put_off);
            let mut reply = stage.answer(vendor, request);
            stage.pending.set(None);
            if fault == Some(&FaultKind::EmptyList) {
                reply = reply.emptied();
            }
            if let Some(FaultKind::Cut { percent }) = fault {
                reply = reply.cut(*percent);
            }
            if let Some(FaultKind::Odd { at, value }) = fault {
                reply = reply.with(at, value);
            }
            if fault == Some(&FaultKind::ResetAfter) {
                cut.now();
            }
            let effect = reply.effect.take().map(|effect| *effect);
            (response(vendor, reply), effect)
        }
    };
    let status = (!cut.is_made()).then(|| response.status().as_u16());
    stage.record(vendor, request, path, status, effect);
    response
}

fn url_decoded(path: &str) -> String {
    // In a path these are themselves, unlike in a query.
    let text = path.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(text.as_bytes()).next().map_or_else(String::new, |(name, _)| name.into_owned())
}

fn content_type(vendor: Vendor, status: u16) -> &'static str {
    match vendor {
        Vendor::ConnectWise if status < 400 => connectwise::CONTENT_TYPE,
        _ => "application/json; charset=utf-8",
    }
}

fn response(vendor: Vendor, reply: Reply) -> Response<Body> {
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    let response = match reply.body {
        Some(body) => response.header(header::CONTENT_TYPE, content_type(vendor, reply.status)).body(Body::from(body.to_string())),
        None => response.body(Body::empty()),
    };
    response.unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR))
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn unauthorized(vendor: Vendor) -> Reply {
    match vendor {
        Vendor::Ema2 => ema2::unauthorized(),
        Vendor::ConnectWise => connectwise::unauthorized(),
        Vendor::Connect | Vendor::Protect => connect::unauthorized(),
    }
}

fn status_fault(vendor: Vendor, code: u16, body: Option<&str>, retry_after: Option<u32>) -> Response<Body> {
    let own = match vendor {
        Vendor::Ema2 => ema2::failure(code),
        Vendor::ConnectWise => connectwise::failure(code, retry_after),
        Vendor::Connect | Vendor::Protect => connect::failure(code),
    };
    let mut response = response(vendor, own);
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    if let Some(body) = body {
        *response.body_mut() = Body::from(body.to_owned());
    }
    response
}

fn html(status: u16) -> Response<Body> {
    const PAGE: &str = "<!DOCTYPE html><html><head><title>Error</title></head>\
        <body><h1>The page cannot be displayed</h1></body></html>";
    let mut response = plain(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY));
    *response.body_mut() = Body::from(PAGE);
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/html"));
    response
}

/// Announces the whole length, sends half, then cuts.
async fn truncated(response: Response<Body>, cut: &Cut) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let whole = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert(header::CONTENT_LENGTH, whole.len().into());
    let half = whole.slice(..whole.len() / 2);
    let cut = cut.clone();
    let stream = futures::stream::unfold(Some(half), move |half| {
        let cut = cut.clone();
        async move {
            if let Some(half) = half {
                return Some((Ok::<Bytes, io::Error>(half), None));
            }
            // Lets the half reach the peer before the connection goes.
            tokio::time::sleep(Duration::from_millis(20)).await;
            cut.now();
            Some((Err(io::ErrorKind::ConnectionReset.into()), None))
        }
    });
    Response::from_parts(parts, Body::from_stream(stream))
}

/// Loses the last character and gains a comma: no JSON parser takes it.
async fn malformed(response: Response<Body>) -> Response<Body> {
    let (parts, body) = response.into_parts();
    let whole = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut damaged = whole.slice(..whole.len().saturating_sub(1)).to_vec();
    damaged.extend_from_slice(b",,");
    Response::from_parts(parts, Body::from(damaged))
}
