//! Access groups: named sets of ESET companies, and who is given them.

use axum::extract::{Extension, State};
use contract::Problem;
use contract::access_groups::{
    AccessGroupView, AssignCompanies, CreateAccessGroup, DeleteAccessGroup, GroupCompanies, ListAccessGroups, NameAccessGroup,
    RenameAccessGroup,
};
use domain::access::{Role, Visibility};
use domain::billing::Member;
use domain::history::HistoryEvent;
use domain::ids::AccessGroupId;

use crate::http::App;
use crate::http::mapping::companies::MOST_CHANGES;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid, not_found};
use crate::http::middleware::extract::{Body, Path};
use crate::http::middleware::names;
use crate::http::routes::Routes;
use store::ledger::NewAudit;
use store::ports::StoreError;

/// Groups of one install at most.
const MOST: usize = 200;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes
        .on(ListAccessGroups, list)
        .on(CreateAccessGroup, create)
        .on(GroupCompanies, assign)
        .on(RenameAccessGroup, rename)
        .on(DeleteAccessGroup, delete)
}

async fn list(State(app): State<App>) -> Result<Json<Vec<AccessGroupView>>, Failure> {
    Ok(Json(app.ledger.access_groups().all()?))
}

async fn create(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<NameAccessGroup>,
) -> Result<Json<AccessGroupView>, Failure> {
    if app.ledger.access_groups().all()?.len() >= MOST {
        return Err(invalid("name", "There are 200 access groups already.", "Delete one that nobody needs."));
    }
    let id = AccessGroupId(app.new_id());
    let name = checked_name(&app, &id, &request.name)?;
    let now = app.now();
    app.ledger.access_groups().store(&id, &name, &caller.name, now)?;
    app.ledger.history().add(NewAudit { by: &caller.name, subject: name, ..NewAudit::of(HistoryEvent::AccessGroupMade) }, now)?;
    Ok(Json(known(&app, &id)?))
}

async fn rename(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<AccessGroupId>,
    Body(request): Body<NameAccessGroup>,
) -> Result<Json<AccessGroupView>, Failure> {
    let before = known(&app, &id)?.name;
    let name = checked_name(&app, &id, &request.name)?;
    let now = app.now();
    app.ledger.access_groups().store(&id, &name, &caller.name, now)?;
    let (subject, before, after) = (name.clone(), Some(before), Some(name));
    let audit = NewAudit { by: &caller.name, subject, before, after, ..NewAudit::of(HistoryEvent::AccessGroupRenamed) };
    app.ledger.history().add(audit, now)?;
    known(&app, &id).map(Json)
}

/// Deletes a group that nobody is given: whoever sees it alone would see nothing, or everything.
#[worker::send]
async fn delete(State(app): State<App>, Extension(caller): Extension<Caller>, Path(id): Path<AccessGroupId>) -> Result<(), Failure> {
    let mut refused = None;
    let group = known(&app, &id)?;
    app.regroup(|ledger| {
        // Asked again: somebody may have been given the group while the hierarchies were read.
        let Some(group) = ledger.access_groups().all()?.into_iter().find(|group| group.id == id) else { return Ok(()) };
        if group.people > 0 || group.tokens > 0 {
            refused = Some((group.people, group.tokens));
            return Ok(());
        }
        ledger.access_groups().delete(&id)?;
        let detail = Some(format!("{} companies were put into it.", group.own));
        let audit = NewAudit { by: &caller.name, subject: group.name, detail, ..NewAudit::of(HistoryEvent::AccessGroupDeleted) };
        ledger.history().add(audit, app.now())
    })
    .await?;
    let Some((people, tokens)) = refused else { return Ok(()) };
    let detail = format!("{people} people and {tokens} API tokens are given {}.", group.name);
    let remedy = "Give them something else to see, or revoke them.";
    Err(Problem::new(409, "group_in_use", "Somebody is given this group.", detail, remedy).into())
}

/// Puts companies into a group or takes them out, all of them or none, with a row in the history for each that changes.
#[worker::send]
async fn assign(State(app): State<App>, Extension(caller): Extension<Caller>, Body(request): Body<AssignCompanies>) -> Result<(), Failure> {
    if request.companies.is_empty() || request.companies.len() > MOST_CHANGES {
        return Err(invalid("companies", "1 to 500 companies are put into a group at once.", "Choose some of them."));
    }
    let snapshots = app.snapshots().await?;
    let name = |Member { connection, company }: &Member| {
        let snapshot = snapshots.iter().find(|snapshot| snapshot.connection == *connection)?;
        snapshot.companies.get(company).map(|company| company.name.clone())
    };
    let assigned = app.ledger.access_groups().assignments()?;
    for (index, member) in request.companies.iter().enumerate() {
        // One that has left ESET can be taken out.
        let there = name(member).is_some() || (request.group.is_none() && assigned.contains_key(member));
        if !there {
            return Err(invalid(&format!("companies[{index}]"), "ESET shows no such company.", "Sync now, then choose it from the list."));
        }
    }
    let mut gone = false;
    app.regroup(|ledger| {
        let (groups, now) = (ledger.access_groups().all()?, app.now());
        let called = |id: &AccessGroupId| groups.iter().find(|group| group.id == *id).map(|group| group.name.clone());
        let after = request.group.as_ref().and_then(called);
        if request.group.is_some() && after.is_none() {
            gone = true;
            return Ok(());
        }
        let assigned = ledger.access_groups().assignments()?;
        for member in &request.companies {
            let before = assigned.get(member);
            if before == request.group.as_ref() {
                continue;
            }
            ledger.access_groups().assign(member, request.group.as_ref())?;
            let audit = NewAudit {
                by: &caller.name,
                subject: name(member).unwrap_or_else(|| member.company.to_string()),
                before: before.and_then(called),
                after: after.clone(),
                connection: Some(member.connection.clone()),
                ..NewAudit::of(HistoryEvent::CompanyAccessChanged)
            };
            ledger.history().add(audit, now)?;
        }
        Ok(())
    })
    .await?;
    if gone {
        return Err(invalid("group", "There is no such access group.", "Load the page again."));
    }
    Ok(())
}

fn known(app: &App, id: &AccessGroupId) -> Result<AccessGroupView, Failure> {
    app.ledger.access_groups().all()?.into_iter().find(|group| group.id == *id).ok_or_else(|| not_found("access group"))
}

/// A name the group can have, without space around it.
fn checked_name(app: &App, id: &AccessGroupId, name: &str) -> Result<String, Failure> {
    let name = names::name(name).ok_or_else(|| {
        invalid("name", "A group's name has 1 to 60 characters.", "Name it after the branch or team that looks after it.")
    })?;
    let taken = app.ledger.access_groups().all()?.into_iter().any(|group| group.id != *id && group.name.eq_ignore_ascii_case(&name));
    if taken {
        let detail = "Nobody could tell the two apart.";
        return Err(Problem::new(409, "name_taken", "Another group has this name.", detail, "Choose another name.").about("name").into());
    }
    Ok(name)
}

/// What somebody with a role can be given to see: each group once.
pub(in crate::http) fn checked_scope(app: &App, role: Role, scope: Visibility) -> Result<Visibility, Failure> {
    let Visibility::Groups { mut groups } = scope else { return Ok(scope) };
    if role == Role::Admin {
        let remedy = "Choose another role, or let them see everything.";
        return Err(invalid("scope", "An administrator sees everything.", remedy));
    }
    groups.sort();
    groups.dedup();
    let there = app.ledger.access_groups().all()?;
    if groups.is_empty() || groups.iter().any(|group| !there.iter().any(|known| known.id == *group)) {
        return Err(invalid("scope", "There is no such access group.", "Choose one or more of the list."));
    }
    Ok(Visibility::Groups { groups })
}

/// The names of a scope's groups; none when it is everything.
pub(in crate::http) fn group_names(app: &App, scope: &Visibility) -> Result<Option<Vec<String>>, StoreError> {
    let Visibility::Groups { groups } = scope else { return Ok(None) };
    let known = app.ledger.access_groups().all()?.into_iter().filter(|group| groups.contains(&group.id));
    Ok(Some(known.map(|group| group.name).collect()))
}

/// A scope after a role in the history: `, of London, Oslo`.
pub(in crate::http) fn visibility_label(app: &App, scope: &Visibility) -> Result<String, StoreError> {
    let names = group_names(app, scope)?;
    Ok(match names {
        None => String::new(),
        Some(names) if names.is_empty() => ", of no access group".to_owned(),
        Some(names) => format!(", of {}", names.join(", ")),
    })
}
