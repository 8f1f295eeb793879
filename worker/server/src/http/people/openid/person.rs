//! Who somebody is here whom the identity provider vouches for.

use contract::Problem;
use contract::people::{PersonView, WhatTheyMade};
use domain::access::{Role, Visibility};
use domain::history::HistoryEvent;

use crate::http::App;
use crate::http::middleware::error::Failure;
use crate::http::middleware::names;
use crate::http::people::access_groups::visibility_label;
use crate::http::people::persons::{MOST, describe};
use crate::identity::{OpenId, Outsider};
use store::ledger::{AccessKind, Known, NewAudit};

/// Somebody who is let in.
pub(super) struct LetIn {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) role: Role,
}

/// Finds the person, or makes them; role and name are what the provider says now. Nobody is known by a name or an address alone, so
/// who has a passkey here does not become one with somebody of the same name there.
pub(super) fn let_in(app: &App, settings: &OpenId, outsider: &Outsider) -> Result<LetIn, Failure> {
    let known = match app.ledger.identities().find(&outsider.provider, &outsider.subject)? {
        Some(Known::ShutOut) => return Err(shut_out()),
        Some(Known::Person(id)) => app.ledger.people().find(&id, app.now())?,
        None => None,
    };
    match (outsider.role, known) {
        (None, known) => {
            // Who has lost their roles there has lost here whatever lets them in. Trying again, they add nothing to the history.
            if let Some(person) = known.filter(has_something) {
                app.ledger.access().revoke_all(AccessKind::Session, &person.id, app.now())?;
                app.ledger.access().revoke_all(AccessKind::Link, &person.id, app.now())?;
                app.ledger.passkeys().forget_all(&person.id)?;
                app.ledger.people().end_what_they_made(&person.id, app.now())?;
                let ended = person.farewell(WhatTheyMade::End, "nobody’s");
                let lost =
                    NewAudit { by: &settings.name, subject: person.name, detail: Some(ended), ..NewAudit::of(HistoryEvent::SessionsEnded) };
                app.ledger.history().add(lost, app.now())?;
            }
            Err(no_role(settings))
        }
        (Some(role), Some(person)) => renewed(app, settings, outsider, person, role),
        (Some(role), None) => made(app, settings, outsider, role),
    }
}

/// Whether anything of a person could still let somebody in.
fn has_something(person: &PersonView) -> bool {
    person.invited_until.is_some() || [person.sessions, person.passkeys, person.tokens, person.share_links].iter().any(|count| *count > 0)
}

fn made(app: &App, settings: &OpenId, outsider: &Outsider, role: Role) -> Result<LetIn, Failure> {
    let (id, now) = (app.new_id(), app.now());
    if app.ledger.people().all(now)?.len() >= MOST {
        let detail = "There are 500 people already.";
        return Err(Problem::new(
            409,
            "too_many_people",
            "There is no room for you.",
            detail,
            "Ask an administrator to remove who has left.",
        )
        .into());
    }
    let name = free_name(app, outsider, None)?;
    let scope = first_scope(app, role)?;
    app.ledger.people().add(&id, &name, role, &scope, &settings.name, now)?;
    app.ledger.identities().add(&outsider.provider, &outsider.subject, &id, now)?;
    let after = format!("{}{}", describe(role), visibility_label(app, &scope)?);
    audit(app, settings, HistoryEvent::CameIn, &name, None, Some(after))?;
    Ok(LetIn { id, name, role })
}

fn renewed(app: &App, settings: &OpenId, outsider: &Outsider, before: PersonView, role: Role) -> Result<LetIn, Failure> {
    let name = free_name(app, outsider, Some(&before.id))?;
    if (&name, role) != (&before.name, before.role) {
        app.ledger.people().change(&before.id, &name, role)?;
        let mut scope = before.scope.clone();
        if role != before.role {
            app.ledger.access().revoke_all(AccessKind::Session, &before.id, app.now())?;
        }
        if role != before.role && (role == Role::Admin || before.role == Role::Admin) {
            scope = first_scope(app, role)?;
            app.ledger.people().set_scope(&before.id, &scope)?;
        }
        let said = |name: &str, role, scope: &Visibility| {
            Ok::<_, Failure>(Some(format!("{name}, {}{}", describe(role), visibility_label(app, scope)?)))
        };
        let (earlier, later) = (said(&before.name, before.role, &before.scope)?, said(&name, role, &scope)?);
        audit(app, settings, HistoryEvent::PersonChanged, &name, earlier, later)?;
    }
    Ok(LetIn { id: before.id, name, role })
}

/// What somebody sees whom the provider has given a role: everything for administrators and where there are no access groups; elsewhere
/// nothing, until an administrator gives them groups.
fn first_scope(app: &App, role: Role) -> Result<Visibility, Failure> {
    let apart = role != Role::Admin && !app.ledger.access_groups().all()?.is_empty();
    Ok(if apart { Visibility::Groups { groups: Vec::new() } } else { Visibility::Everything })
}

/// The best of their names that nobody else has.
fn free_name(app: &App, outsider: &Outsider, own: Option<&str>) -> Result<String, Failure> {
    for name in outsider.names() {
        if names::is_free(app, &name, own)? {
            return Ok(name);
        }
    }
    Err(names::taken())
}

fn audit(
    app: &App,
    settings: &OpenId,
    event: HistoryEvent,
    name: &str,
    before: Option<String>,
    after: Option<String>,
) -> Result<(), Failure> {
    let audit = NewAudit { by: &settings.name, subject: name.to_owned(), before, after, ..NewAudit::of(event) };
    app.ledger.history().add(audit, app.now())?;
    Ok(())
}

fn shut_out() -> Failure {
    let detail = "What the identity provider says does not change that.";
    Problem::new(403, "shut_out", "An administrator has shut you out.", detail, "Ask an administrator of Seatbridge.").into()
}

fn no_role(settings: &OpenId) -> Failure {
    let title = "You have no role in Seatbridge.";
    let detail = format!("{} knows you, and names none of Admin, Technician, Billing and Viewer for you.", settings.name);
    Problem::new(403, "no_role", title, detail, "Ask whoever looks after accounts there to give you a role.").into()
}
