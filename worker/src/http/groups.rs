//! Device groups as each console shows them, and whose they are.

use axum::extract::{Extension, State};
use shared::api::Page;
use shared::api::groups::{ConsoleGroups, GroupOwner, GroupView, MappedOwner, MemberView, MembersQuery};
use shared::groups::{CompanyIndex, Groups, StandsFor};
use shared::ids::{ConnectionId, DeviceGroupId};
use shared::mapping::CompanyChoice;

use super::App;
use super::answer::Json;
use super::caller::Caller;
use super::error::{Failure, not_found};
use super::extract::{Path, Query};
use super::page;
use crate::vendors::VendorError;

#[worker::send]
pub(super) async fn list(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Json<Vec<ConsoleGroups>>, Failure> {
    let sight = app.sight(&caller.scope)?;
    let (mappings, _) = app.mappings().await?;
    let (snapshots, catalogues) = (app.snapshots_in(&sight).await?, app.catalogues_in(&sight, &mappings).await?);
    let companies = snapshots.iter().flat_map(|snapshot| {
        let rows = snapshot.companies.iter();
        rows.map(move |(id, company)| (id, company.name.as_str(), (&snapshot.connection, id, company.name.as_str())))
    });
    let index = CompanyIndex::of(companies);
    let owner = |group: &DeviceGroupId, name: &str| {
        let (connection, company, name) = index.behind(group, name)?;
        let mapped = match mappings.company(connection, company) {
            Some(CompanyChoice::Mapped(target)) => Some(MappedOwner {
                psa: target.psa.clone(),
                company: target.company,
                name: catalogues.get(&target.psa).and_then(|known| known.companies.get(&target.company)).map(|known| known.name.clone()),
            }),
            _ => None,
        };
        Some(GroupOwner { connection: connection.clone(), company: company.clone(), name: name.to_owned(), mapped })
    };
    let read = app.groups_in(&sight).await?;
    let consoles = app.ledger.connections()?.into_iter().filter(|connection| connection.kind.has_groups());
    let views = consoles.map(|console| {
        let read = read.iter().find(|read| read.connection == console.id);
        let groups = read.map(|read| tree(read, &owner)).unwrap_or_default();
        ConsoleGroups { connection: console.id, name: console.name, read_at: read.map(|read| read.taken_at), groups }
    });
    Ok(Json(views.collect()))
}

/// Calls that reading a page of members may make: signing in, asking, and asking again for what is not ready yet.
const BUDGET: u32 = 10;

#[worker::send]
pub(super) async fn members(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path((id, group)): Path<(ConnectionId, DeviceGroupId)>,
    Query(query): Query<MembersQuery>,
) -> Result<Json<Page<MemberView>>, Failure> {
    let size = page::size(query.limit)?;
    let console = app.ledger.connection(&id)?.filter(|row| row.kind.has_groups()).ok_or_else(|| not_found("console"))?;
    let read = app.groups_in(&app.sight(&caller.scope)?).await?;
    if !read.iter().any(|read| read.connection == id && read.groups.contains_key(&group)) {
        return Err(not_found("device group"));
    }
    let client = app.connect(&console, &app.egress.session(BUDGET)).map_err(|trouble| Failure::of(trouble, console.kind))?;
    let listed = match client.members_page(&group, size, query.after.as_deref()).await {
        Err(VendorError::NotFound { .. }) => return Err(not_found("device group")),
        read => read.map_err(|error| error.problem(console.kind))?,
    };
    let items: Vec<MemberView> = listed.items.into_iter().map(|member| MemberView { device: member.id, name: member.name }).collect();
    // A console that does not say how many there are has at least those.
    let total = listed.total.unwrap_or_else(|| u32::try_from(items.len()).unwrap_or(u32::MAX));
    Ok(Json(Page { items, total, next: listed.next }))
}

fn tree(read: &Groups, owner: &impl Fn(&DeviceGroupId, &str) -> Option<GroupOwner>) -> Vec<GroupView> {
    let views = read.groups.iter().map(|(id, group)| {
        let is_company = group.stands_for == Some(StandsFor::Company);
        let above = || read.above(id).find(|(_, above)| above.stands_for == Some(StandsFor::Company)).map(|(id, _)| id.clone());
        GroupView {
            group: id.clone(),
            name: group.name.clone(),
            parent: group.parent.clone().filter(|parent| read.groups.contains_key(parent)),
            dynamic: group.dynamic,
            stands_for: group.stands_for,
            devices: (!group.dynamic).then_some(group.devices),
            company: if is_company { Some(id.clone()) } else { above() },
            owner: if is_company { owner(id, &group.name) } else { None },
        }
    });
    views.collect()
}
