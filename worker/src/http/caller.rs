//! Who is calling: a session cookie, an API token, the setup secret, or nobody.

use axum::http::{HeaderMap, header};
use chrono::TimeDelta;
use shared::Timestamp;
use shared::access::Role;
use shared::hash::sha256_hex;
use subtle::ConstantTimeEq;

use super::App;
use crate::egress::Environment;
use crate::ledger::AccessKind;
use crate::ports::StoreError;

/// A caller the gate has let in.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// The name written into the history.
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) by: Proof,
    pub(super) expires_at: Option<Timestamp>,
}

/// What a caller has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Proof {
    /// A session cookie; the session's id.
    Session(String),
    /// An API token.
    Token,
    /// The setup secret.
    Setup,
    Nothing,
}

impl Caller {
    pub(super) fn nobody() -> Self {
        Self { name: "nobody".to_owned(), role: Role::Anonymous, by: Proof::Nothing, expires_at: None }
    }

    /// The caller these headers tell of.
    pub(super) fn of(app: &App, headers: &HeaderMap) -> Result<Self, StoreError> {
        let now = app.now();
        if let Some(secret) = bearer(headers) {
            let hash = sha256_hex(secret.as_bytes());
            let setup = app.config.setup_hash.as_deref().is_some_and(|known| known.as_bytes().ct_eq(hash.as_bytes()).into());
            if setup {
                return Ok(Self { name: "setup".to_owned(), role: Role::Setup, by: Proof::Setup, expires_at: None });
            }
            return Ok(match app.ledger.access(AccessKind::Token, &hash, now)? {
                Some(access) => {
                    let recently = access.used_at.is_some_and(|used| now - used < TimeDelta::hours(1));
                    if !recently {
                        app.ledger.note_used(&access.id, now)?;
                    }
                    Self { name: access.name, role: access.role, by: Proof::Token, expires_at: access.expires_at }
                }
                None => Self::nobody(),
            });
        }
        let Some(secret) = cookie(headers, cookie_name(app.config.environment)) else { return Ok(Self::nobody()) };
        let access = app.ledger.access(AccessKind::Session, &sha256_hex(secret.as_bytes()), now)?;
        Ok(access.map_or_else(Self::nobody, |access| Self {
            name: access.name,
            role: access.role,
            by: Proof::Session(access.id),
            expires_at: access.expires_at,
        }))
    }
}

/// The session cookie's name. Browsers keep `__Host-` cookies only over TLS, which a local Worker does not speak.
pub(super) fn cookie_name(environment: Environment) -> &'static str {
    match environment {
        Environment::Production => "__Host-seatbridge",
        Environment::Local => "seatbridge",
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(known, _)| *known == name).map(|(_, value)| value)
}
