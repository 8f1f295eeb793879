//! Tokens (EMA 2 API, Token). Nothing ends a token but time.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::Duration;
use serde_json::{Value, json};

use super::input::Input;
use super::{refusal, unauthorized};
use crate::exchange::{Reply, Request};
use crate::journal::Vendor;
use crate::stage::Stage;

pub(super) fn get(stage: &mut Stage, request: &Request) -> Reply {
    let input = match Input::of(request) {
        Ok(input) => input,
        Err(refusal) => return refusal,
    };
    let (username, password) = match (input.text("username"), input.text("password")) {
        (Ok(username), Ok(password)) => (username, password),
        (Err(refusal), _) | (_, Err(refusal)) => return refusal,
    };
    let known = &stage.credentials.ema2;
    let right = username.eq_ignore_ascii_case(&known.username) && password == known.password;
    if !right || stage.world.settings().ema2_revoked {
        return refusal(401, 1, 1, "The username or password is incorrect.");
    }
    stage.principal = Some(stage.credentials.ema2.username.clone());
    begin(stage)
}

/// The page of Renew lists it among the calls that need the token to be renewed; an expired one does.
pub(super) fn renew(stage: &mut Stage, request: &Request) -> Reply {
    if request.authorization("Bearer").is_none() || stage.world.settings().ema2_revoked {
        return unauthorized();
    }
    let input = Input::of(request);
    let refresh = match input.as_ref().map(|input| input.text("refreshToken")) {
        Ok(Ok(refresh)) => refresh,
        Ok(Err(refusal)) => return refusal,
        Err(_) => return refusal(400, 1, 3, "The input was not valid."),
    };
    let now = stage.now();
    if !stage.sessions.redeem(Vendor::Ema2, refresh, now) {
        return refusal(401, 1, 1, "The refresh token is not valid.");
    }
    stage.principal = Some(stage.credentials.ema2.username.clone());
    begin(stage)
}

fn begin(stage: &mut Stage) -> Reply {
    let now = stage.now();
    let expires = now + Duration::seconds(stage.world.settings().token_lifetime);
    let claims = json!({
        "nbf": now.timestamp(),
        "exp": expires.timestamp(),
        "client_id": "Eset.EMA.API",
        "sub": stage.credentials.ema2.username,
        "scope": ["ema2_api", "offline_access"],
    });
    let access = jwt(stage, &claims);
    let refresh = format!("{:032x}", stage.rng.u128(..));
    stage.sessions.begin(Vendor::Ema2, &access, &refresh, expires);
    Reply::ok(json!({ "accessToken": access, "refreshToken": refresh }))
}

/// A token of the right form. Its signature is random: clients cannot check it, and this service looks tokens up.
fn jwt(stage: &mut Stage, claims: &Value) -> String {
    let mut signature = [0; 32];
    stage.rng.fill(&mut signature);
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let (header, claims) = (header.to_string(), claims.to_string());
    format!("{}.{}.{}", part(header.as_bytes()), part(claims.as_bytes()), part(&signature))
}
