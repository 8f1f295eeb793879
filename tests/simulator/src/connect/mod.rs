//! ESET Connect: tokens, device groups and devices (ESET Connect swagger, business-account and device-management).
//!
//! The domain services have hosts of their own in the cloud; here they share one. Answers are proto JSON: fields that
//! hold their default are left out, and 64-bit integers declared `uint64` are text.

mod devices;
mod groups;
mod park;
mod token;

use axum::http::Method;
use serde_json::{Value, json};

use crate::exchange::{Reply, Request};
use crate::journal::Vendor;
use crate::sessions::Standing;
use crate::stage::Stage;

/// Rows without `pageSize`, and the most there are on a page; larger sizes are cut without a word.
const DEFAULT_SIZE: usize = 50;
const LARGEST_SIZE: usize = 1000;

/// Deals with one request. Every answer carries a `request-id`.
pub(crate) fn answer(stage: &mut Stage, request: &Request) -> Reply {
    let id = format!("{:032x}", stage.rng.u128(..));
    let reply = if request.path == "/oauth/token" && request.method == Method::POST {
        Ok(token::grant(stage, request))
    } else {
        signed_in(stage, request).and_then(|()| page(stage, request))
    };
    reply.unwrap_or_else(|refusal| refusal).header("request-id", id)
}

fn signed_in(stage: &mut Stage, request: &Request) -> Result<(), Reply> {
    let token = request.authorization("Bearer").unwrap_or_default();
    if stage.sessions.standing(Vendor::Connect, token, stage.now()) != Standing::Valid {
        return Err(unauthorized());
    }
    stage.principal = Some(stage.credentials.connect.username.clone());
    stage.admit(Vendor::Connect).map_err(|seconds| failure(429).header("retry-after", seconds.to_string()))
}

fn page(stage: &Stage, request: &Request) -> Result<Reply, Reply> {
    if request.method != Method::GET {
        return Err(failure(404));
    }
    match request.segments().as_slice() {
        ["v1", "device_groups"] => groups::list(stage, request),
        ["v1", "device_groups", group, "devices"] => groups::members(stage, request, group),
        ["v1", "devices"] => devices::list(stage, request),
        ["v1", "devices:batchGet"] => Ok(devices::batch_get(stage, request)),
        ["v1", "devices", device] => devices::get(stage, device),
        _ => Err(failure(404)),
    }
}

/// One page of `rows` under `name`. The token of the next page is opaque; the last page has none.
fn paged<T>(request: &Request, name: &str, rows: impl ExactSizeIterator<Item = T>, render: impl Fn(T) -> Value) -> Result<Reply, Reply> {
    let size = request.query("pageSize").filter(|size| !size.is_empty());
    let size = size.map(str::parse::<usize>).transpose().map_err(|_| failure(400))?.unwrap_or_default();
    let size = if size == 0 { DEFAULT_SIZE } else { size.min(LARGEST_SIZE) };
    let token = request.query("pageToken").filter(|token| !token.is_empty());
    let start = match token {
        None => 0,
        Some(token) => token.strip_prefix("p-").and_then(|at| usize::from_str_radix(at, 16).ok()).ok_or_else(|| failure(400))?,
    };
    let total = rows.len();
    let page: Vec<Value> = rows.skip(start).take(size).map(render).collect();
    let mut body = json!({});
    if !page.is_empty() {
        body[name] = page.into();
    }
    if start + size < total {
        body["nextPageToken"] = format!("p-{:x}", start + size).into();
    }
    Ok(Reply::ok(body))
}

/// An error as gRPC gateways write it (ESET Connect swagger, rpcStatus).
fn status(status: u16, code: u8, message: &str) -> Reply {
    Reply::json(status, json!({ "code": code, "message": message, "details": [] }))
}

pub(crate) fn unauthorized() -> Reply {
    status(401, 16, "The request does not have valid authentication credentials.")
}

/// A failure with a status, for faults and limits.
pub(crate) fn failure(code: u16) -> Reply {
    match code {
        400 => status(400, 3, "An argument is invalid."),
        401 => unauthorized(),
        403 => status(403, 7, "Permission denied."),
        404 => status(404, 5, "Not found."),
        429 => status(429, 8, "Too many requests."),
        503 => status(503, 14, "The service is unavailable."),
        _ => status(code, 13, "Internal error."),
    }
}
