//! ESET PROTECT On-Prem, version 13 (protect_admin 13.0 help, using the API): ESET Connect's paths for groups and devices on
//! one's own server, with a token service and pages of its own. It has no detections.

use axum::http::Method;
use chrono::Duration;
use serde_json::{Value, json};

use super::paging::ON_PREM;
use super::{devices, failure, groups, unauthorized};
use crate::exchange::{Reply, Request};
use crate::journal::Vendor;
use crate::sessions::Standing;
use crate::stage::Stage;

/// Life of an access token in seconds. The vendor names none; clients read it from the answer.
const LIFETIME: i64 = 3600;

/// Deals with one request.
pub(crate) fn answer(stage: &mut Stage, request: &Request) -> Reply {
    if request.path == "/GetTokens" && request.method == Method::POST {
        return grant(stage, request);
    }
    let token = request.authorization("Bearer").unwrap_or_default();
    if stage.sessions.standing(Vendor::Protect, token, stage.now()) != Standing::Valid {
        return unauthorized();
    }
    stage.principal = Some(stage.credentials.protect.username.clone());
    if request.method != Method::GET {
        return failure(404);
    }
    let reply = match request.segments().as_slice() {
        ["v1", "device_groups"] => groups::list(stage, request, ON_PREM),
        ["v1", "device_groups", group, "devices"] => groups::members(stage, request, group, ON_PREM),
        ["v1", "devices"] => devices::list(stage, request, ON_PREM),
        ["v1", "devices:batchGet"] => Ok(devices::batch_get(stage, request)),
        ["v1", "devices", device] => devices::get(stage, device),
        _ => Err(failure(404)),
    };
    reply.unwrap_or_else(|refusal| refusal)
}

/// Tokens for a name and password, and nothing to renew them with. The help writes the kind of grant as 0, clients as text.
fn grant(stage: &mut Stage, request: &Request) -> Reply {
    let Some(Value::Object(body)) = request.json() else { return failure(400) };
    if !body.get("grant_type").is_some_and(|kind| *kind == 0 || kind == "password") {
        return failure(400);
    }
    let known = &stage.credentials.protect;
    let field = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let right = field("username").eq_ignore_ascii_case(&known.username) && field("password") == known.password;
    if !right || stage.world.settings().protect_revoked {
        return unauthorized();
    }
    stage.principal = Some(known.username.clone());
    let access = format!("{:032x}{:032x}", stage.rng.u128(..), stage.rng.u128(..));
    let expires = stage.now() + Duration::seconds(LIFETIME);
    // Sessions find by refresh token, too; one nobody was given finds nothing.
    let unknown = format!("{:032x}", stage.rng.u128(..));
    stage.sessions.begin(Vendor::Protect, &access, &unknown, expires);
    Reply::ok(json!({ "accessToken": access, "expiresIn": LIFETIME }))
}
