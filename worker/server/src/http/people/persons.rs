//! The people who may come in.

use axum::extract::{Extension, State};
use contract::Problem;
use contract::people::{
    ChangePerson, EndSessionsOf, InvitationLink, Invite, InvitePerson, LinkPerson, ListPeople, PersonChange, PersonView, RemovalQuery,
    RemovePerson, WhatTheyMade,
};
use domain::access::{INVITATION_LIFE, Role, Visibility};
use domain::hash::sha256_hex;
use domain::history::HistoryEvent;

use crate::history::{self, Rights};
use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid, not_found};
use crate::http::middleware::extract::{Body, Path, Query};
use crate::http::middleware::names;
use crate::http::people::access_groups::{checked_scope, visibility_label};
use crate::http::people::openid::let_nobody_past;
use crate::http::people::session::{comes_by, own, random};
use crate::http::routes::Routes;
use store::ledger::{AccessKind, NewAccess};

/// People of one install at most.
pub(in crate::http) const MOST: usize = 500;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes
        .on(ListPeople, list)
        .on(InvitePerson, invite)
        .on(ChangePerson, change)
        .on(RemovePerson, remove)
        .on(LinkPerson, link)
        .on(EndSessionsOf, end_sessions)
}

async fn list(State(app): State<App>) -> Result<Json<Vec<PersonView>>, Failure> {
    let mut people = app.ledger.people().all(app.now())?;
    if app.config.identity.openid.as_ref().is_ok_and(Option::is_none) {
        people.iter_mut().for_each(|person| person.by_provider = false);
    }
    Ok(Json(people))
}

async fn invite(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<Invite>,
) -> Result<Json<InvitationLink>, Failure> {
    let now = app.now();
    let name = names::of_who_acts(&request.name)?;
    let role = checked_role(request.role)?;
    let scope = checked_scope(&app, role, request.scope)?;
    names::must_be_free(&app, &name, None)?;
    if app.ledger.people().all(now)?.len() >= MOST {
        return Err(invalid("name", "There are 500 people already.", "Remove somebody who has left."));
    }
    let id = app.new_id();
    app.ledger.people().add(&id, &name, role, &scope, &caller.name, now)?;
    app.ledger.history().add(history::person_invited(&caller.name, &name, &rights(&app, role, &scope)?), now)?;
    Ok(Json(make_link(&app, &caller, &id, role)?))
}

async fn change(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Body(request): Body<PersonChange>,
) -> Result<Json<PersonView>, Failure> {
    let now = app.now();
    let before = known(&app, &id)?;
    let name = request.name.as_deref().map(names::of_who_acts).transpose()?.unwrap_or_else(|| before.name.clone());
    let role = checked_role(request.role.unwrap_or(before.role))?;
    // Who becomes an administrator sees everything.
    let kept = if role == Role::Admin { Visibility::Everything } else { before.scope.clone() };
    let scope = request.scope.map(|scope| checked_scope(&app, role, scope)).transpose()?.unwrap_or(kept);
    if name != before.name {
        names::must_be_free(&app, &name, Some(&id))?;
    }
    if role != Role::Admin {
        keeps_an_administrator(&app, &before)?;
    }
    app.ledger.people().change(&id, &name, role)?;
    app.ledger.people().set_scope(&id, &scope)?;
    if role != before.role {
        app.ledger.access().revoke_all(AccessKind::Session, &id, now)?;
    }
    if (&name, role, &scope) != (&before.name, before.role, &before.scope) {
        let (had, has) = (rights(&app, before.role, &before.scope)?, rights(&app, role, &scope)?);
        app.ledger.history().add(history::person_changed(&caller.name, (&before.name, &had), (&name, &has)), now)?;
    }
    known(&app, &id).map(Json)
}

async fn remove(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Query(query): Query<RemovalQuery>,
) -> Result<(), Failure> {
    let now = app.now();
    let person = known(&app, &id)?;
    keeps_an_administrator(&app, &person)?;
    match query.made {
        WhatTheyMade::End => app.ledger.people().end_what_they_made(&id, now)?,
        WhatTheyMade::Keep => {
            let heir = &own(&caller)?.person;
            if *heir == id {
                let remedy = "Leave it out, or have another administrator remove you.";
                return Err(invalid("made", "Nothing can go on under the name of somebody who goes.", remedy));
            }
            app.ledger.people().hand_over(&id, heir, &caller.name)?;
        }
    }
    app.ledger.people().remove(&id, now)?;
    app.ledger.history().add(history::person_removed(&caller.name, &person, query.made), now)?;
    Ok(())
}

async fn link(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<InvitationLink>, Failure> {
    let person = known(&app, &id)?;
    let_nobody_past(&app, &id)?;
    if let Some(provider) = comes_by(&app, &id)? {
        let title = format!("{} comes in by {provider}.", person.name);
        let remedy = "Have their account mended there.";
        return Err(Problem::new(409, "comes_by_provider", &title, "A one-time link would let them in past it.", remedy).into());
    }
    let link = make_link(&app, &caller, &id, person.role)?;
    app.ledger.history().add(history::person(&caller.name, &person.name, HistoryEvent::LinkMade), app.now())?;
    Ok(Json(link))
}

async fn end_sessions(State(app): State<App>, Extension(caller): Extension<Caller>, Path(id): Path<String>) -> Result<(), Failure> {
    let now = app.now();
    let person = known(&app, &id)?;
    app.ledger.access().revoke_all(AccessKind::Session, &id, now)?;
    app.ledger.history().add(history::person(&caller.name, &person.name, HistoryEvent::SessionsEnded), now)?;
    Ok(())
}

/// Makes the one link that works for somebody; an earlier one does not any more.
fn make_link(app: &App, caller: &Caller, person: &str, role: Role) -> Result<InvitationLink, Failure> {
    let now = app.now();
    let (token, expires_at) = (format!("sbl_{}", random(app)), now + INVITATION_LIFE);
    app.ledger.access().revoke_all(AccessKind::Link, person, now)?;
    let link = NewAccess {
        id: &app.new_id(),
        kind: AccessKind::Link,
        person: Some(person),
        name: "one-time link",
        role,
        hash: &sha256_hex(token.as_bytes()),
        created_by: &caller.name,
        expires_at: Some(expires_at),
        place: "",
    };
    app.ledger.access().grant(&link, now)?;
    Ok(InvitationLink { person: person.to_owned(), token, expires_at })
}

/// What the history says of a role and what it sees.
fn rights(app: &App, role: Role, scope: &Visibility) -> Result<Rights<'static>, Failure> {
    Ok(Rights { role: describe(role), scope: visibility_label(app, scope)? })
}

fn known(app: &App, id: &str) -> Result<PersonView, Failure> {
    app.ledger.people().find(id, app.now())?.ok_or_else(|| not_found("person"))
}

/// Refuses to let the last administrator who can come in go.
fn keeps_an_administrator(app: &App, person: &PersonView) -> Result<(), Failure> {
    let last = person.role == Role::Admin && person.passkeys > 0 && !person.by_provider && app.ledger.people().administrators()? == 1;
    if !last {
        return Ok(());
    }
    let detail = format!("Without {} nobody could let people in any more.", person.name);
    Err(Problem::new(409, "last_administrator", "This is the last administrator.", detail, "Make somebody else an administrator first.")
        .into())
}

pub(in crate::http) fn checked_role(role: Role) -> Result<Role, Failure> {
    if role.can_be_given() {
        return Ok(role);
    }
    Err(invalid("role", "Nobody can have this role.", "Choose administrator, technician, billing or viewer."))
}

pub(in crate::http) fn describe(role: Role) -> &'static str {
    match role {
        Role::Admin => "administrator",
        Role::Technician => "technician",
        Role::Billing => "billing",
        Role::Viewer => "viewer",
        Role::Visitor => names::VISITOR,
        Role::Anonymous => names::NOBODY,
    }
}
