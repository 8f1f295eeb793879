//! ESET Connect, and ESET PROTECT On-Prem, which shares its paths: tokens, device groups, devices and detections (ESET Connect swagger, business-account, device-management and
//! incident-management).
//!
//! The domain services have hosts of their own in the cloud; here they share one. Answers are proto JSON: fields that
//! hold their default are left out, and 64-bit integers declared `uint64` are text.

mod detections;
mod devices;
mod groups;
pub(crate) mod on_prem;
mod paging;
pub(crate) mod park;
pub(crate) mod pending;
mod token;

use axum::http::Method;
use serde_json::json;

use paging::CONNECT;
use pending::Asked;

use crate::exchange::{Reply, Request};
use crate::journal::Vendor;
use crate::sessions::Standing;
use crate::stage::Stage;

/// Deals with one request. Every answer carries a `request-id`.
pub(crate) fn answer(stage: &mut Stage, request: &Request) -> Reply {
    let id = format!("{:032x}", stage.rng.u128(..));
    let reply = if request.path == "/oauth/token" && request.method == Method::POST {
        Ok(token::grant(stage, request))
    } else {
        signed_in(stage, request).and_then(|()| ready(stage, request)).and_then(|()| page(stage, request))
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

/// Refuses with 202 what is put off, and with 404 what nobody put off.
fn ready(stage: &mut Stage, request: &Request) -> Result<(), Reply> {
    let now = stage.now();
    if let Some(id) = request.header("response-id") {
        return match stage.pending.ask(request, id, now) {
            Asked::Nothing => Err(failure(404)),
            Asked::NotReady(reply) => Err(reply),
            Asked::Ready => Ok(()),
        };
    }
    let rng = &mut stage.rng;
    stage.pending.put_off(request, || format!("{:032x}", rng.u128(..)), now).map_or(Ok(()), Err)
}

fn page(stage: &Stage, request: &Request) -> Result<Reply, Reply> {
    if request.method != Method::GET {
        return Err(failure(404));
    }
    match request.segments().as_slice() {
        ["v1", "device_groups"] => groups::list(stage, request, CONNECT),
        ["v1", "device_groups", group, "devices"] => groups::members(stage, request, group, CONNECT),
        ["v1", "devices"] => devices::list(stage, request, CONNECT),
        ["v1", "devices:batchGet"] => Ok(devices::batch_get(stage, request)),
        ["v1", "devices", device] => devices::get(stage, device),
        ["v1", "detections"] => detections::list(stage, request, CONNECT),
        ["v1", "detections:listDelta"] => detections::list_delta(stage, request, CONNECT),
        ["v1", "detections", detection] => detections::get(stage, detection),
        _ => Err(failure(404)),
    }
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
