//! Tokens (ESET Connect swagger, business-account): a form, not JSON.

use chrono::Duration;
use serde_json::json;

use super::{failure, unauthorized};
use crate::exchange::{Reply, Request};
use crate::journal::Vendor;
use crate::stage::Stage;

/// Life of an access token in seconds.
const LIFETIME: i64 = 3600;

pub(super) fn grant(stage: &mut Stage, request: &Request) -> Reply {
    let form = request.form();
    let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let now = stage.now();
    let granted = match field("grant_type") {
        Some("password") => {
            let known = &stage.credentials.connect;
            field("username").is_some_and(|name| name.eq_ignore_ascii_case(&known.username))
                && field("password") == Some(known.password.as_str())
        }
        Some("refresh_token") => stage.sessions.redeem(Vendor::Connect, field("refresh_token").unwrap_or_default(), now),
        _ => return failure(400),
    };
    let settings = stage.world.settings();
    if !granted || settings.connect_revoked || settings.wrong_region {
        return unauthorized();
    }
    stage.principal = Some(stage.credentials.connect.username.clone());
    let access = format!("{:032x}{:032x}", stage.rng.u128(..), stage.rng.u128(..));
    let refresh = format!("{:032x}", stage.rng.u128(..));
    stage.sessions.begin(Vendor::Connect, &access, &refresh, now + Duration::seconds(LIFETIME));
    Reply::ok(json!({
        "access_token": access,
        "refresh_token": refresh,
        "token_type": "Bearer",
        "expires_in": LIFETIME,
    }))
}
