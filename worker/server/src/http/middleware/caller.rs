//! Who is calling: a session cookie, an API token, the cookie of a share link, or nobody.

use axum::http::{HeaderMap, header};
use chrono::TimeDelta;
use domain::Timestamp;
use domain::access::{Role, STEP_UP_LIFE, Visibility};
use domain::hash::sha256_hex;

use crate::http::App;
use crate::http::middleware::names;
use crate::identity::Purpose;
use egress::Environment;
use store::ledger::{AccessKind, OpenLink};
use store::ports::StoreError;

/// What the secret of a visit begins with.
pub(in crate::http) const VISIT: &str = "sbw_";

/// A caller authorization has let in.
#[derive(Debug, Clone)]
pub(in crate::http) struct Caller {
    /// The name written into the history.
    pub(in crate::http) name: String,
    pub(in crate::http) role: Role,
    /// What they see, as the ledger says at this request.
    pub(in crate::http) scope: Visibility,
    pub(in crate::http) by: Credential,
    pub(in crate::http) expires_at: Option<Timestamp>,
}

/// What a caller has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) enum Credential {
    /// A session cookie.
    Session(Signed),
    /// An API token, by its id.
    Token(String),
    /// The cookie of a share link that was opened.
    Visit(OpenLink),
    Nothing,
}

/// Somebody's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) struct Signed {
    /// The session's id.
    pub(in crate::http) session: String,
    /// Whose it is.
    pub(in crate::http) person: String,
    /// When they last proved in it that they are there.
    pub(in crate::http) proved_at: Option<Timestamp>,
}

impl Signed {
    /// Whether they proved just now that they are there.
    pub(in crate::http) fn is_fresh(&self, now: Timestamp) -> bool {
        self.proved_at.is_some_and(|proved| now - proved < STEP_UP_LIFE)
    }
}

impl Caller {
    pub(in crate::http) fn nobody() -> Self {
        Self {
            name: names::NOBODY.to_owned(),
            role: Role::Anonymous,
            scope: Visibility::default(),
            by: Credential::Nothing,
            expires_at: None,
        }
    }

    /// The person's session, when it is a person who calls.
    pub(in crate::http) fn signed(&self) -> Option<&Signed> {
        match &self.by {
            Credential::Session(signed) => Some(signed),
            Credential::Token(_) | Credential::Visit(_) | Credential::Nothing => None,
        }
    }

    /// The API token's id, when it is a program that calls.
    pub(in crate::http) fn token(&self) -> Option<&str> {
        match &self.by {
            Credential::Token(id) => Some(id),
            Credential::Session(_) | Credential::Visit(_) | Credential::Nothing => None,
        }
    }

    /// What the visitor's share link shows, when it is a visitor who calls.
    pub(in crate::http) fn visit(&self) -> Option<&OpenLink> {
        match &self.by {
            Credential::Visit(link) => Some(link),
            Credential::Session(_) | Credential::Token(_) | Credential::Nothing => None,
        }
    }

    /// The visitor these headers tell of. No session or API token makes one.
    pub(in crate::http) fn visiting(app: &App, headers: &HeaderMap) -> Result<Self, StoreError> {
        let Some(secret) = cookie(headers, visit_cookie_name(app.config.environment)) else { return Ok(Self::nobody()) };
        let visit = secret.strip_prefix(VISIT).and_then(|sealed| app.seal().open(&Purpose::Visit, sealed, app.now()));
        let Some(visit) = visit else { return Ok(Self::nobody()) };
        let Some(link) = app.ledger.share_links().working_link(&visit.text, app.now())? else { return Ok(Self::nobody()) };
        Ok(Self {
            name: names::VISITOR.to_owned(),
            role: Role::Visitor,
            scope: Visibility::default(),
            by: Credential::Visit(link),
            expires_at: None,
        })
    }

    /// The caller these headers tell of.
    pub(in crate::http) fn of(app: &App, headers: &HeaderMap) -> Result<Self, StoreError> {
        let now = app.now();
        let (kind, secret, noted) = match bearer(headers) {
            Some(secret) => (AccessKind::Token, secret, TimeDelta::hours(1)),
            None => match cookie(headers, cookie_name(app.config.environment)) {
                Some(secret) => (AccessKind::Session, secret, TimeDelta::minutes(1)),
                None => return Ok(Self::nobody()),
            },
        };
        let Some(access) = app.ledger.access().find(kind, &sha256_hex(secret.as_bytes()), now)? else { return Ok(Self::nobody()) };
        if access.used_at.is_none_or(|used| now - used >= noted) {
            app.ledger.access().note_used(&access.id, now)?;
        }
        let by = match (kind, access.person) {
            (AccessKind::Session, Some(person)) => Credential::Session(Signed { session: access.id, person, proved_at: access.proved_at }),
            (AccessKind::Token, None) => Credential::Token(access.id),
            _ => return Ok(Self::nobody()),
        };
        Ok(Self { name: access.name, role: access.role, scope: access.scope, by, expires_at: access.expires_at })
    }
}

/// The session cookie's name. Browsers keep `__Host-` cookies only over TLS, which a local Worker does not speak.
pub fn cookie_name(environment: Environment) -> &'static str {
    match environment {
        Environment::Production => "__Host-seatbridge",
        Environment::Local => "seatbridge",
    }
}

/// The name of the cookie a browser keeps while it is at the identity provider.
pub(in crate::http) fn sign_in_cookie_name(environment: Environment) -> &'static str {
    match environment {
        Environment::Production => "__Host-seatbridge-openid",
        Environment::Local => "seatbridge-openid",
    }
}

/// The name of the cookie of a share link.
pub(in crate::http) fn visit_cookie_name(environment: Environment) -> &'static str {
    match environment {
        Environment::Production => "__Host-seatbridge-share",
        Environment::Local => "seatbridge-share",
    }
}

/// The secret of `Authorization: Bearer`, without blanks around it. None for another scheme or what is no text.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
}

/// The first cookie of exactly this name, among all `Cookie` headers.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(known, _)| *known == name).map(|(_, value)| value)
}
