//! Sessions: signing in by a passkey, showing it again, and signing out.

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::AppendHeaders;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::Problem;
use contract::session::{
    Assertion, ChallengePasskey, EndSession, ListSessions, PasskeyRequest, Session, SessionView, ShowSession, SignIn, SignOut, StepUp,
};
use domain::access::{CHALLENGE_LIFE, Role, SESSION_LIFE, Visibility};
use domain::hash::sha256_hex;
use domain::history::HistoryEvent;

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::{Caller, Credential, Signed, cookie_name};
use crate::http::middleware::error::{Failure, internal, not_found};
use crate::http::middleware::extract::{Body, Path};
use crate::http::middleware::site::Here;
use crate::http::people::access_groups::group_names;
use crate::http::people::openid::let_nobody_past;
use crate::http::routes::Routes;
use crate::identity::Purpose;
use crate::identity::passkey::{self, PasskeyError, Site};
use egress::Environment;
use store::ledger::{AccessKind, NewAccess, NewAudit, PasskeyRow};
use store::ports::StoreError;

/// A challenge's timeout, as browsers are told it.
pub(in crate::http) const TIMEOUT_MS: u32 = CHALLENGE_LIFE.num_milliseconds() as u32;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes
        .on(ShowSession, show)
        .on(SignIn, sign_in)
        .on(SignOut, sign_out)
        .on(ChallengePasskey, challenge)
        .on(StepUp, prove)
        .on(ListSessions, list)
        .on(EndSession, end)
}

async fn challenge(State(app): State<App>, Here(site): Here) -> Result<Json<PasskeyRequest>, Failure> {
    let challenge = put_out(&app, &Purpose::ShowPasskey { origin: &site.origin })?;
    Ok(Json(PasskeyRequest { challenge, rp_id: site.host, timeout: TIMEOUT_MS, user_verification: "required".to_owned() }))
}

async fn sign_in(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Here(site): Here,
    headers: HeaderMap,
    Body(assertion): Body<Assertion>,
) -> Result<WithCookies<Json<Session>>, Failure> {
    let found = shown(&app, &site, &assertion)?;
    let_nobody_past(&app, &found.person)?;
    if let Some(provider) = comes_by(&app, &found.person)? {
        return Err(by_provider_alone(&provider));
    }
    // A browser that comes in anew leaves the session it was in.
    if let Some(signed) = caller.signed() {
        app.ledger.access().revoke(AccessKind::Session, &signed.session, app.now())?;
    }
    begin(&app, &headers, &Person { id: &found.person, name: &found.name, role: found.role }, true)
}

async fn prove(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Here(site): Here,
    Body(assertion): Body<Assertion>,
) -> Result<(), Failure> {
    let signed = own(&caller)?;
    if shown(&app, &site, &assertion)?.person != signed.person {
        return Err(not_accepted());
    }
    app.ledger.access().note_proved(&signed.session, app.now())?;
    app.ledger
        .history()
        .add(NewAudit { by: &caller.name, subject: "Session".to_owned(), ..NewAudit::of(HistoryEvent::PasskeyShown) }, app.now())?;
    Ok(())
}

async fn show(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Json<Session>, Failure> {
    Ok(Json(view(&app, &caller)?))
}

async fn sign_out(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<WithCookies<()>, Failure> {
    if let Some(signed) = caller.signed() {
        app.ledger.access().revoke(AccessKind::Session, &signed.session, app.now())?;
        let audit = NewAudit { by: &caller.name, subject: "Session".to_owned(), ..NewAudit::of(HistoryEvent::SignedOut) };
        app.ledger.history().add(audit, app.now())?;
    }
    Ok(with_cookies([cookie(&app, cookie_name(app.config.environment), "", 0)], ()))
}

async fn list(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Json<Vec<SessionView>>, Failure> {
    let sessions = caller.signed().map(|signed| app.ledger.access().sessions(&signed.person, &signed.session, app.now())).transpose()?;
    Ok(Json(sessions.unwrap_or_default()))
}

async fn end(State(app): State<App>, Extension(caller): Extension<Caller>, Path(id): Path<String>) -> Result<(), Failure> {
    let (signed, now) = (own(&caller)?, app.now());
    let known = app.ledger.access().sessions(&signed.person, &signed.session, now)?.into_iter().find(|session| session.id == id);
    let session = known.ok_or_else(|| not_found("session"))?;
    app.ledger.access().revoke(AccessKind::Session, &id, now)?;
    let subject = format!("Session in {}", session.place);
    app.ledger.history().add(NewAudit { by: &caller.name, subject, ..NewAudit::of(HistoryEvent::SessionEnded) }, now)?;
    Ok(())
}

/// The session of a caller, for what only people have.
pub(in crate::http) fn own(caller: &Caller) -> Result<&Signed, Failure> {
    caller.signed().ok_or_else(|| not_found("session"))
}

/// Puts a new challenge out. Nothing is kept of it.
pub(in crate::http) fn put_out(app: &App, purpose: &Purpose<'_>) -> Result<String, Failure> {
    app.seal().seal(purpose, "", app.now()).map_err(|error| internal(&error.to_string()))
}

/// The passkey that was shown, if it is one and the challenge was ours.
fn shown(app: &App, site: &Site, assertion: &Assertion) -> Result<PasskeyRow, Failure> {
    let refused = |refused: PasskeyError| {
        log::warn!("a passkey was not accepted: {refused}");
        not_accepted()
    };
    let now = app.now();
    let challenge = passkey::challenge_of(&assertion.client_data).map_err(refused)?;
    let asked = app.seal().open(&Purpose::ShowPasskey { origin: &site.origin }, &challenge, now);
    let known = app.ledger.passkeys().find(&assertion.id)?;
    let (Some(asked), Some(found)) = (asked, known) else {
        log::warn!("a passkey was not accepted: it or its challenge is not known");
        return Err(not_accepted());
    };
    let count = passkey::proven(site, &challenge, assertion, &found.key, found.count).map_err(refused)?;
    // Remembered only now: whoever has no passkey of this install leaves no row.
    if !app.ledger.spent_tokens().spend(&asked.mark, asked.ends)? {
        log::warn!("a passkey was not accepted: its challenge was answered before");
        return Err(not_accepted());
    }
    app.ledger.passkeys().note_used(&assertion.id, count, now)?;
    Ok(found)
}

/// What the identity provider somebody comes in by is called; none for whoever comes in by a passkey.
pub(in crate::http) fn comes_by(app: &App, person: &str) -> Result<Option<String>, StoreError> {
    let Some(provider) = app.config.identity.openid.as_ref().ok().and_then(Option::as_ref) else { return Ok(None) };
    Ok(app.ledger.identities().has(person)?.then(|| provider.name.clone()))
}

/// What is said to whom the provider lets in: a passkey proves who they are, and does not stand for what the provider may have taken away.
pub(in crate::http) fn by_provider_alone(provider: &str) -> Failure {
    let detail = "A passkey of yours is for showing again that it is you.";
    let remedy = format!("Sign in with {provider}.");
    Problem::new(403, "comes_by_provider", &format!("{provider} is your way in."), detail, &remedy).into()
}

fn not_accepted() -> Failure {
    Problem::new(
        401,
        "passkey_not_accepted",
        "The passkey was not accepted.",
        "It is not one of this install, or too much time has passed since it was asked for.",
        "Try again. If you have lost your passkey, ask an administrator for a new link.",
    )
    .into()
}

/// Who begins a session.
pub(in crate::http) struct Person<'a> {
    pub(in crate::http) id: &'a str,
    pub(in crate::http) name: &'a str,
    pub(in crate::http) role: Role,
}

/// Begins a session and returns it with its cookie.
pub(in crate::http) fn begin(
    app: &App,
    headers: &HeaderMap,
    person: &Person<'_>,
    passkey_shown: bool,
) -> Result<WithCookies<Json<Session>>, Failure> {
    let (session, secret) = begun(app, headers, person, passkey_shown)?;
    Ok(with_cookies([session_cookie(app, &secret)], Json(session)))
}

/// Begins a session: of somebody who has just shown a passkey, or whom somebody else vouches for. Answers it and its secret.
pub(in crate::http) fn begun(
    app: &App,
    headers: &HeaderMap,
    person: &Person<'_>,
    passkey_shown: bool,
) -> Result<(Session, String), Failure> {
    let now = app.now();
    let (id, secret, expires_at) = (app.new_id(), format!("sbs_{}", random(app)), now + SESSION_LIFE);
    let session = NewAccess {
        id: &id,
        kind: AccessKind::Session,
        person: Some(person.id),
        name: person.name,
        role: person.role,
        hash: &sha256_hex(secret.as_bytes()),
        created_by: person.name,
        expires_at: Some(expires_at),
        place: &place(headers),
    };
    app.ledger.access().grant(&session, now)?;
    if passkey_shown {
        app.ledger.access().note_proved(&id, now)?;
    }
    app.ledger.history().add(NewAudit { by: person.name, subject: "Session".to_owned(), ..NewAudit::of(HistoryEvent::SignedIn) }, now)?;
    let by = Credential::Session(Signed { session: id, person: person.id.to_owned(), proved_at: passkey_shown.then_some(now) });
    let scope = app.ledger.people().find(person.id, now)?.map_or_else(Visibility::nothing, |person| person.scope);
    let caller = Caller { name: person.name.to_owned(), role: person.role, scope, by, expires_at: Some(expires_at) };
    Ok((view(app, &caller)?, secret))
}

/// The cookie of a session that has begun.
pub(in crate::http) fn session_cookie(app: &App, secret: &str) -> Option<Cookie> {
    cookie(app, cookie_name(app.config.environment), secret, SESSION_LIFE.num_seconds())
}

/// A caller's session, as they see it.
pub(in crate::http) fn view(app: &App, caller: &Caller) -> Result<Session, StoreError> {
    let (has_passkey, provider) = match caller.signed() {
        Some(signed) => (!app.ledger.passkeys().of_person(&signed.person)?.is_empty(), comes_by(app, &signed.person)?),
        None => (false, None),
    };
    Ok(Session {
        name: caller.name.clone(),
        role: caller.role,
        groups: group_names(app, &caller.scope)?,
        expires_at: caller.expires_at,
        environment: app.config.environment.name().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        has_passkey,
        provider,
    })
}

/// 256 random bits as text.
pub(in crate::http) fn random(app: &App) -> String {
    let mut bytes = [0; 32];
    app.entropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The browser and the system, as far as the browser says: enough to know one's own sessions apart, and no more is kept.
fn place(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let named =
        |names: &[(&str, &'static str)], other| names.iter().find(|(sign, _)| agent.contains(sign)).map_or(other, |(_, name)| *name);
    // Most browsers also name those they are like, so the order counts.
    let browser =
        named(&[("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari")], "another browser");
    let system = named(
        &[("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS", "macOS"), ("Linux", "Linux")],
        "another system",
    );
    format!("{browser} on {system}")
}

/// A header that has the browser keep a cookie.
pub(in crate::http) type Cookie = (HeaderName, HeaderValue);
/// A response that has the browser keep cookies, or forget them.
pub(in crate::http) type WithCookies<R> = (AppendHeaders<Vec<Cookie>>, R);

/// A cookie that only the API sees. It is forgotten at once when it lasts no seconds.
pub(in crate::http) fn cookie(app: &App, name: &str, value: &str, seconds: i64) -> Option<Cookie> {
    let secure = if app.config.environment == Environment::Production { " Secure;" } else { "" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly;{secure} SameSite=Lax; Max-Age={seconds}");
    Some((header::SET_COOKIE, HeaderValue::from_str(&cookie).ok()?))
}

/// A response with these cookies.
pub(in crate::http) fn with_cookies<R>(cookies: impl IntoIterator<Item = Option<Cookie>>, response: R) -> WithCookies<R> {
    (AppendHeaders(cookies.into_iter().flatten().collect()), response)
}
