//! Coming in for the first time, or after losing every passkey: by a one-time link.

use axum::extract::State;
use axum::http::HeaderMap;
use contract::Problem;
use contract::people::PersonView;
use contract::session::{AcceptInvitation, Invitation, JoinByInvitation, OpenInvitation, Session, ShowInvitation};
use domain::access::{Role, Visibility};
use domain::hash::sha256_hex;
use domain::history::HistoryEvent;
use subtle::ConstantTimeEq;

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::error::Failure;
use crate::http::middleware::extract::Body;
use crate::http::middleware::names;
use crate::http::middleware::site::Here;
use crate::http::people::openid::let_nobody_past;
use crate::http::people::passkeys::{creation, keep};
use crate::http::people::session::{Person, WithCookies, begin};
use crate::http::routes::Routes;
use store::ledger::{AccessKind, NewAccess, NewAudit};

/// What the token of a one-time link stands for.
enum Invited {
    /// A person, by the link with this id.
    Person { link: String, person: PersonView },
    /// Whoever holds the install's set-up secret, of this hash.
    Setup { hash: String },
}

impl Invited {
    /// What a challenge is about that is answered for it.
    fn about(&self) -> String {
        match self {
            Self::Person { link, .. } => format!("link|{link}"),
            Self::Setup { .. } => "setup".to_owned(),
        }
    }
}

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ShowInvitation, open).on(JoinByInvitation, accept)
}

async fn open(State(app): State<App>, Here(site): Here, Body(request): Body<OpenInvitation>) -> Result<Json<Invitation>, Failure> {
    let invited = invited(&app, &request.token)?;
    let (id, name, role, recovers) = match &invited {
        Invited::Person { person, .. } => (person.id.clone(), Some(person.name.clone()), person.role, person.passkeys > 0),
        Invited::Setup { .. } => (app.new_id(), None, Role::Admin, false),
    };
    let shown = name.as_deref().unwrap_or("Administrator");
    let mut passkey = creation(&app, site, &invited.about(), &id, shown)?;
    // What was lost may be on the very device that is used now.
    passkey.exclude_credentials.clear();
    Ok(Json(Invitation { name, role, recovers, passkey }))
}

async fn accept(
    State(app): State<App>,
    Here(site): Here,
    headers: HeaderMap,
    Body(request): Body<AcceptInvitation>,
) -> Result<WithCookies<Json<Session>>, Failure> {
    let now = app.now();
    let invited = invited(&app, &request.token)?;
    let known = match &invited {
        Invited::Person { person, .. } => Ok(person.clone()),
        Invited::Setup { .. } => {
            let name = names::of_who_acts(request.name.as_deref().unwrap_or_default())?;
            match app.ledger.people().called(&name, now)? {
                Some(person) if person.role == Role::Admin && !person.by_provider => Ok(person),
                _ => {
                    names::must_be_free(&app, &name, None)?;
                    Err(name)
                }
            }
        }
    };
    let (id, name, role) = match &known {
        Ok(person) => (person.id.clone(), &person.name, person.role),
        Err(name) => (app.new_id(), name, Role::Admin),
    };
    let before = app.ledger.passkeys().of_person(&id)?;
    keep(&app, &site, &invited.about(), &id, &request.passkey)?;
    match &invited {
        Invited::Person { link, .. } => {
            app.ledger.access().revoke(AccessKind::Link, link, now)?;
        }
        Invited::Setup { hash } => {
            let spent = NewAccess {
                id: &app.new_id(),
                kind: AccessKind::Setup,
                person: None,
                name: "set-up secret",
                role: Role::Admin,
                hash,
                created_by: name,
                expires_at: None,
                place: "",
            };
            app.ledger.access().grant(&spent, now)?;
        }
    }
    if known.is_err() {
        app.ledger.people().add(&id, name, role, &Visibility::Everything, names::SETUP, now)?;
    }
    // Whoever comes in by a link has lost what they came in by before.
    for passkey in &before {
        app.ledger.passkeys().forget(&passkey.id)?;
    }
    app.ledger.access().revoke_all(AccessKind::Session, &id, now)?;
    let event = if before.is_empty() { HistoryEvent::CameIn } else { HistoryEvent::PasskeysReplaced };
    app.ledger.history().add(NewAudit { by: name, subject: name.clone(), ..NewAudit::of(event) }, now)?;
    begin(&app, &headers, &Person { id: &id, name, role }, true)
}

fn invited(app: &App, token: &str) -> Result<Invited, Failure> {
    let (hash, now) = (sha256_hex(token.as_bytes()), app.now());
    let setup = app.config.setup_hash.as_deref().is_some_and(|known| known.as_bytes().ct_eq(hash.as_bytes()).into());
    if setup && !app.ledger.access().knows(AccessKind::Setup, &hash)? {
        return Ok(Invited::Setup { hash });
    }
    let link = app.ledger.access().find(AccessKind::Link, &hash, now)?;
    let person = match &link {
        Some(link) => link.person.as_deref().map(|person| app.ledger.people().find(person, now)).transpose()?.flatten(),
        None => None,
    };
    match (link, person) {
        (Some(link), Some(person)) => {
            let_nobody_past(app, &person.id)?;
            Ok(Invited::Person { link: link.id, person })
        }
        _ => {
            log::warn!("a one-time link did not work");
            let detail = "It was used already, is too old, or was not copied whole.";
            let remedy = "Ask an administrator for a new one. If there is none, deploy again: that makes a new set-up link.";
            Err(Problem::new(401, "link_used_up", "This link does not work.", detail, remedy).about("token").into())
        }
    }
}
