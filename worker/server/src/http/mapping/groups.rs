//! Device groups as each console shows them, and whose they are.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use axum::extract::{Extension, State};
use contract::Page;
use contract::groups::{
    ConsoleGroups, GroupOwner, GroupView, ListGroups, ListMembers, MappedOwner, MemberView, MembersQuery, NameOwner, OwnerChoice,
    SaidOwnerView, SetGroupOwner,
};
use domain::billing::Member;
use domain::groups::{Groups, StandsFor};
use domain::history::HistoryEvent;
use domain::ids::{ConnectionId, DeviceGroupId};
use domain::mapping::{CompanyChoice, Mappings, normalised};
use domain::psa::PsaCatalogue;
use domain::seats::Snapshot;

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid, not_found};
use crate::http::middleware::extract::{Body, Path, Query};
use crate::http::middleware::page;
use crate::http::routes::Routes;
use crate::vendor_problem::problem;
use store::ledger::{NewAudit, SaidOwner, SaidOwners};
use vendor::VendorError;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ListGroups, list).on(SetGroupOwner, name_owner).on(ListMembers, members)
}

#[worker::send]
async fn list(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Json<Vec<ConsoleGroups>>, Failure> {
    let visible = app.visible(&caller.scope)?;
    let (mappings, _) = app.mappings().await?;
    let (snapshots, catalogues) = (app.snapshots_in(&visible).await?, app.catalogues_in(&visible, &mappings).await?);
    let known = Known { mappings: &mappings, snapshots: &snapshots, catalogues: &catalogues, said: app.ledger.group_owners().all()? };
    let (alike, owners) = (known.alike(), app.readings().owners().await?);
    let read = app.groups_in(&visible).await?;
    let consoles = app.ledger.connections().all()?.into_iter().filter(|connection| connection.kind.has_groups());
    let views = consoles.map(|console| {
        let read = read.iter().find(|read| read.connection == console.id);
        let groups = read.map(|read| known.tree(read, &owners.of(read), &alike)).unwrap_or_default();
        ConsoleGroups { connection: console.id, name: console.name, read_at: read.map(|read| read.taken_at), groups }
    });
    Ok(Json(views.collect()))
}

#[worker::send]
async fn name_owner(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path((console, group)): Path<(ConnectionId, DeviceGroupId)>,
    Body(request): Body<NameOwner>,
) -> Result<(), Failure> {
    let read = app.groups().await?;
    let read = read.iter().find(|read| read.connection == console).ok_or_else(|| not_found("console"))?;
    let company = read.groups.get(&group).ok_or_else(|| not_found("device group"))?;
    if company.stands_for != Some(StandsFor::Company) {
        return Err(invalid("group", "This group stands for no company.", "Groups below a company's are that company's."));
    }
    let snapshots = app.snapshots().await?;
    let name = |Member { connection, company }: &Member| {
        let snapshot = snapshots.iter().find(|snapshot| snapshot.connection == *connection)?;
        snapshot.companies.get(company).map(|company| company.name.clone())
    };
    let is_said = request.owner != OwnerChoice::Automatic;
    let owner = match request.owner {
        OwnerChoice::Company { connection, company } => Some(Member { connection, company }),
        OwnerChoice::Nobody | OwnerChoice::Automatic => None,
    };
    if owner.as_ref().is_some_and(|owner| name(owner).is_none()) {
        return Err(invalid("owner", "ESET shows no such company.", "Sync now, then choose it from the list."));
    }
    let words = |said: &SaidOwner| match &said.owner {
        Some(owner) => name(owner).unwrap_or_else(|| owner.company.to_string()),
        None => "no company".to_owned(),
    };
    app.regroup(|ledger| {
        let before = ledger.group_owners().all()?.remove(&(console.clone(), group.clone()));
        let said = is_said.then(|| SaidOwner { owner, by: caller.name.clone(), at: app.now() });
        match &said {
            Some(said) => ledger.group_owners().say(&console, &group, said)?,
            None => ledger.group_owners().unsay(&console, &group)?,
        }
        let (before, after) = (before.as_ref().map(words), said.as_ref().map(words));
        let subject = format!("Device group {}", company.name);
        let audit = NewAudit {
            by: &caller.name,
            subject,
            before,
            after,
            connection: Some(console.clone()),
            ..NewAudit::of(HistoryEvent::GroupOwnerNamed)
        };
        ledger.history().add(audit, app.now())
    })
    .await?;
    Ok(())
}

/// Calls that reading a page of members may make: signing in, asking, and asking again for what is not ready yet.
const BUDGET: u32 = 10;

#[worker::send]
async fn members(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path((id, group)): Path<(ConnectionId, DeviceGroupId)>,
    Query(query): Query<MembersQuery>,
) -> Result<Json<Page<MemberView>>, Failure> {
    let size = page::size(query.limit)?;
    let console = app.ledger.connections().find(&id)?.filter(|row| row.kind.has_groups()).ok_or_else(|| not_found("console"))?;
    let read = app.groups_in(&app.visible(&caller.scope)?).await?;
    if !read.iter().any(|read| read.connection == id && read.groups.contains_key(&group)) {
        return Err(not_found("device group"));
    }
    let client = app.clients().connect(&console, &app.egress.session(BUDGET)).map_err(|trouble| Failure::of(trouble, console.kind))?;
    let listed = match client.members_page(&group, size, query.after.as_deref()).await {
        Err(VendorError::NotFound { .. }) => return Err(not_found("device group")),
        read => read.map_err(|error| problem(&error, console.kind))?,
    };
    let items: Vec<MemberView> = listed.items.into_iter().map(|member| MemberView { device: member.id, name: member.name }).collect();
    // A console that does not say how many there are has at least those.
    let total = listed.total.unwrap_or_else(|| u32::try_from(items.len()).unwrap_or(u32::MAX));
    Ok(Json(Page { items, total, next: listed.next }))
}

/// What is known of companies, as far as whoever asks sees them.
struct Known<'a> {
    mappings: &'a Mappings,
    snapshots: &'a [Rc<Snapshot>],
    catalogues: &'a BTreeMap<ConnectionId, Rc<PsaCatalogue>>,
    said: SaidOwners,
}

impl Known<'_> {
    /// The only company with a name, as names are compared that may be written differently.
    fn alike(&self) -> BTreeMap<String, Option<Member>> {
        let mut alike = BTreeMap::new();
        for snapshot in self.snapshots {
            for (id, company) in &snapshot.companies {
                let name = normalised(&company.name);
                let only = (!alike.contains_key(&name)).then(|| Member { connection: snapshot.connection.clone(), company: id.clone() });
                alike.insert(name, only);
            }
        }
        alike
    }

    fn owner(&self, member: &Member) -> Option<GroupOwner> {
        let snapshot = self.snapshots.iter().find(|snapshot| snapshot.connection == member.connection)?;
        let name = snapshot.companies.get(&member.company)?.name.clone();
        let mapped = match self.mappings.company(&member.connection, &member.company) {
            Some(CompanyChoice::Mapped(target)) => Some(MappedOwner {
                psa: target.psa.clone(),
                company: target.company,
                name: self
                    .catalogues
                    .get(&target.psa)
                    .and_then(|known| known.companies.get(&target.company))
                    .map(|known| known.name.clone()),
            }),
            _ => None,
        };
        Some(GroupOwner { connection: member.connection.clone(), company: member.company.clone(), name, mapped })
    }

    /// The company a group may stand for that is sure of none: the only one whose name is much alike, unless another group is its.
    fn alike_to(&self, name: &str, alike: &BTreeMap<String, Option<Member>>, taken: &BTreeSet<&Member>) -> Option<GroupOwner> {
        let member = alike.get(&normalised(name))?.as_ref()?;
        if taken.contains(&member) { None } else { self.owner(member) }
    }

    fn tree(&self, read: &Groups, owners: &BTreeMap<&DeviceGroupId, Member>, alike: &BTreeMap<String, Option<Member>>) -> Vec<GroupView> {
        let taken: BTreeSet<&Member> = owners.values().collect();
        let views = read.groups.iter().map(|(id, group)| {
            let is_company = group.stands_for == Some(StandsFor::Company);
            let above = || read.above(id).find(|(_, above)| above.stands_for == Some(StandsFor::Company)).map(|(id, _)| id.clone());
            let owner = owners.get(id).and_then(|owner| self.owner(owner));
            let said = self.said.get(&(read.connection.clone(), id.clone()));
            let open = is_company && owner.is_none() && said.is_none();
            GroupView {
                group: id.clone(),
                name: group.name.clone(),
                parent: group.parent.clone().filter(|parent| read.groups.contains_key(parent)),
                dynamic: group.dynamic,
                stands_for: group.stands_for,
                devices: (!group.dynamic).then_some(group.devices),
                company: if is_company { Some(id.clone()) } else { above() },
                said: said.map(|said| SaidOwnerView { by: said.by.clone(), at: said.at }),
                suggested: if open { self.alike_to(&group.name, alike, &taken) } else { None },
                owner,
            }
        });
        views.collect()
    }
}
