//! Signing in with the identity provider: sending the browser there, and taking it back.

mod person;

use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use contract::Problem;
use contract::session::{
    BeginOpenId, CompleteOpenId, FinishOpenId, ListSignInWays, OpenIdBegun, OpenIdFinished, Session, SignInWays, StartOpenId,
};
use domain::history::HistoryEvent;

use self::person::let_in;
use crate::config::ConfigError;
use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::{Caller, Signed, cookie, sign_in_cookie_name};
use crate::http::middleware::error::Failure;
use crate::http::middleware::extract::Body;
use crate::http::middleware::site::Here;
use crate::http::people::session::{self, Person, WithCookies, begun, own, put_out, random, session_cookie, view, with_cookies};
use crate::http::routes::Routes;
use crate::identity::passkey::Site;
use crate::identity::{Asked, BrowserSecret, NotSignedIn, OpenId, Opened, Outsider, Purpose, SIGN_IN_LIFE};
use store::ledger::{AccessKind, Known, NewAudit};

/// The app's page the provider sends the browser back to.
const BACK: &str = "/signed-in";

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ListSignInWays, ways).on(StartOpenId, begin).on(CompleteOpenId, finish)
}

async fn ways(State(app): State<App>) -> Json<SignInWays> {
    // One that is set up in part is named too: it says what is missing when somebody tries it.
    let provider = match &app.config.identity.openid {
        Ok(settings) => settings.as_ref().map(|settings| settings.name.clone()),
        Err(_) => Some("the identity provider".to_owned()),
    };
    Json(SignInWays { provider })
}

#[worker::send]
async fn begin(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Here(site): Here,
    Body(request): Body<BeginOpenId>,
) -> Result<WithCookies<Json<OpenIdBegun>>, Failure> {
    let settings = settings(&app)?;
    let session = if request.again { Some(own(&caller)?.session.clone()) } else { None };
    let discovery = app.provider.discovery(&app.egress, settings, app.now()).await.map_err(|why| not_signed_in(settings, &why))?;
    let secret = BrowserSecret(random(&app));
    let state = put_out(&app, &Purpose::SignIn { origin: &site.origin, browser: &secret.0, session: session.as_deref() })?;
    let back = format!("{}{BACK}", site.origin);
    let page = discovery.sign_in_page(settings, &Asked { back: &back, state: &state, secret: &secret, again: request.again });
    let kept = session::cookie(&app, sign_in_cookie_name(app.config.environment), &secret.0, SIGN_IN_LIFE.num_seconds());
    Ok(with_cookies([kept], Json(OpenIdBegun { url: page.into() })))
}

#[worker::send]
async fn finish(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Here(site): Here,
    headers: HeaderMap,
    Body(answer): Body<FinishOpenId>,
) -> Result<WithCookies<Json<OpenIdFinished>>, Failure> {
    let settings = settings(&app)?;
    let (sign_in, secret) = begun_here(&app, settings, &site, &caller, &headers, &answer.state)?;
    if let Some(error) = &answer.error {
        return Err(turned_away(settings, error));
    }
    let Some(code) = &answer.code else { return Err(not_accepted(settings, "it came back without a code")) };
    let known = app.provider.discovery(&app.egress, settings, app.now()).await.map_err(|why| not_signed_in(settings, &why))?;
    if answer.iss.as_ref().is_some_and(|issuer| *issuer != known.issuer && !known.issuers(settings).is_some_and(|all| all.contains(issuer)))
    {
        return Err(not_accepted(settings, "it comes from another issuer"));
    }
    let back = format!("{}{BACK}", site.origin);
    let exchanged = app.provider.exchange(&app.egress, settings, (code, &back, &secret), app.now()).await;
    let outsider = exchanged.map_err(|why| not_signed_in(settings, &why))?;
    // Remembered only now: whom the provider does not vouch for leaves no row.
    if !app.ledger.spent_tokens().spend(&sign_in.state.mark, sign_in.state.ends)? {
        return Err(not_accepted(settings, SPENT));
    }
    let (session, began) = if sign_in.again {
        (proven(&app, settings, &caller, &sign_in, &outsider)?, None)
    } else {
        let person = let_in(&app, settings, &outsider)?;
        // A browser that comes in anew leaves the session it was in.
        if let Some(signed) = caller.signed() {
            app.ledger.access().revoke(AccessKind::Session, &signed.session, app.now())?;
        }
        let (session, secret) = begun(&app, &headers, &Person { id: &person.id, name: &person.name, role: person.role }, false)?;
        (session, session_cookie(&app, &secret))
    };
    let spent = session::cookie(&app, sign_in_cookie_name(app.config.environment), "", 0);
    Ok(with_cookies([began, spent], Json(OpenIdFinished { session, again: sign_in.again })))
}

/// Notes that whose session it is has signed in there anew. Whoever else came back changes nothing here.
fn proven(app: &App, settings: &OpenId, caller: &Caller, sign_in: &SignInBegun, outsider: &Outsider) -> Result<Session, Failure> {
    let known = app.ledger.identities().find(&outsider.provider, &outsider.subject)?;
    let is_back = |signed: &&Signed| known.as_ref() == Some(&Known::Person(signed.person.clone()));
    let signed = caller.signed().filter(is_back).ok_or_else(|| not_accepted(settings, "somebody else came back"))?;
    if outsider.signed_in_at.is_none() {
        return Err(not_said_when(settings));
    }
    if !outsider.has_signed_in_since(sign_in.state.ends - SIGN_IN_LIFE) {
        return Err(not_accepted(settings, "they were remembered there and not asked anew"));
    }
    let person = let_in(app, settings, outsider)?;
    if person.role != caller.role {
        return Err(not_accepted(settings, "they have another role there now, which ended their sessions"));
    }
    app.ledger.access().note_proved(&signed.session, app.now())?;
    let audit = NewAudit { by: &person.name, subject: "Session".to_owned(), ..NewAudit::of(HistoryEvent::SignedInAgain) };
    app.ledger.history().add(audit, app.now())?;
    Ok(view(app, &Caller { name: person.name, ..caller.clone() })?)
}

/// A sign-in that comes back to the browser that began it.
struct SignInBegun {
    state: Opened,
    /// Whether it was begun by somebody signed in, in the session they are still in.
    again: bool,
}

/// Said in the log alone.
const SPENT: &str = "it came back before";

/// The sign-in that comes back with this state, and what its browser has kept, if it is the browser that began it.
fn begun_here(
    app: &App,
    settings: &OpenId,
    site: &Site,
    caller: &Caller,
    headers: &HeaderMap,
    state: &str,
) -> Result<(SignInBegun, BrowserSecret), Failure> {
    let not_begun = || not_accepted(settings, "it was not begun, or is over, or comes from another browser");
    let kept = cookie(headers, sign_in_cookie_name(app.config.environment)).ok_or_else(not_begun)?;
    let opened = |session| app.seal().open(&Purpose::SignIn { origin: &site.origin, browser: kept, session }, state, app.now());
    let proves = || caller.signed().and_then(|signed| opened(Some(&*signed.session)));
    let (state, again) = match opened(None) {
        Some(state) => (state, false),
        None => (proves().ok_or_else(not_begun)?, true),
    };
    if app.ledger.spent_tokens().is_spent(&state.mark)? {
        return Err(not_accepted(settings, SPENT));
    }
    Ok((SignInBegun { state, again }, BrowserSecret(kept.to_owned())))
}

fn settings(app: &App) -> Result<&OpenId, Failure> {
    match &app.config.identity.openid {
        Ok(Some(settings)) => Ok(settings),
        Ok(None) => {
            let remedy = "Sign in with a passkey.";
            Err(Problem::new(404, "no_provider", "There is no identity provider here.", "Nobody has set one up.", remedy).into())
        }
        Err(error) => Err(not_configured(error, "Sign in with a passkey, or have the setting mended and deployed.")),
    }
}

/// Refuses a person of the provider while its settings are there in part: a passkey or a one-time link would let them in past whoever
/// may have taken their role away.
pub(in crate::http) fn let_nobody_past(app: &App, person: &str) -> Result<(), Failure> {
    match &app.config.identity.openid {
        Err(error) if app.ledger.identities().has(person)? => {
            Err(not_configured(error, "Have the setting mended and deployed. Until then only people without the provider come in."))
        }
        _ => Ok(()),
    }
}

fn not_configured(error: &ConfigError, remedy: &str) -> Failure {
    log::error!("nobody can sign in with the identity provider: {error}");
    let title = "The identity provider is not set up completely.";
    Problem::new(503, "provider_not_configured", title, error.to_string(), remedy).into()
}

/// What is said when a sign-in does not end well. Why exactly is for the log alone.
fn not_signed_in(settings: &OpenId, why: &NotSignedIn) -> Failure {
    if !matches!(why, NotSignedIn::Unreachable(_)) {
        return not_accepted(settings, &why.to_string());
    }
    log::error!("nobody can sign in with the identity provider: {why}");
    let title = format!("{} does not answer as it should.", settings.name);
    let remedy = "Try again in a minute, or sign in with a passkey.";
    Problem::new(503, "provider_unreachable", &title, "So nobody can be signed in with it now.", remedy).into()
}

fn not_accepted(settings: &OpenId, why: &str) -> Failure {
    log::warn!("a sign-in with the identity provider was not accepted: {why}");
    let detail = "It took longer than ten minutes, was begun in another window or browser, or did not prove who you are.";
    let title = format!("Signing in with {} did not work.", settings.name);
    Problem::new(401, "sign_in_not_accepted", &title, detail, "Sign in again.").into()
}

/// What is said when the provider could have asked them anew or not: its settings are at fault and no person.
fn not_said_when(settings: &OpenId) -> Failure {
    log::error!("the identity provider leaves `auth_time` out of its tokens, so nobody can prove anything by it");
    let title = format!("{} does not say when you signed in.", settings.name);
    let detail = "So it proves nothing that you have just done so.";
    let remedy = "Show a passkey, or have the claim auth_time added to its ID tokens.";
    Problem::new(403, "provider_says_no_time", &title, detail, remedy).into()
}

/// What the provider's refusal means (RFC 6749, section 4.1.2.1; OpenID Connect Core 1.0, section 3.1.2.6).
fn turned_away(settings: &OpenId, error: &str) -> Failure {
    let name = &settings.name;
    let (title, remedy) = match error {
        "access_denied" | "consent_required" | "interaction_required" => (
            format!("You did not sign in with {name}, or were not let in there."),
            "Try again, or ask whoever looks after your account there.",
        ),
        "login_required" | "account_selection_required" => (format!("{name} wants you to sign in there first."), "Try again."),
        "temporarily_unavailable" | "server_error" => (format!("{name} has a fault."), "Try again in a minute, or sign in with a passkey."),
        _ => (format!("{name} did not take the request."), "An administrator has to compare its settings there and here."),
    };
    let code: String = error.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '_').take(40).collect();
    log::warn!("the identity provider turned somebody away: {code}");
    Problem::new(403, "provider_refused", &title, format!("It says: {code}."), remedy).into()
}
