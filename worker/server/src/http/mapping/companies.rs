//! ESET companies and their mappings.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use axum::extract::{Extension, State};
use contract::Page;
use contract::companies::{
    CompaniesQuery, CompanyAccess, CompanyChange, CompanyChanges, CompanyDecision, CompanyFilter, CompanyMappingView, CompanyView,
    ListCompanies, MapCompanies, MappingsStored, PsaSuggestion, TicketsOff,
};
use domain::Timestamp;
use domain::access::Action;
use domain::billing::{MappingKey, Member, TrackRecord, TrackRecords};
use domain::groups::Groups;
use domain::history::HistoryEvent;
use domain::ids::{AccessGroupId, ConnectionId, EsetCompanyId};
use domain::mapping::{CompanyChoice, CompanyProducts, CompanyTarget, Exclusion, MAPPINGS_SCHEMA, Mappings, suggest_companies};
use domain::psa::PsaCatalogue;
use domain::seats::{CompanySeats, Snapshot};

use crate::http::App;
use crate::http::mapping::overrides::{self, Checks};
use crate::http::mapping::psa::plain;
use crate::http::mapping::splits::{self, Splits};
use crate::http::middleware::answer::Json;
use crate::http::middleware::authorize::may_do;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid};
use crate::http::middleware::extract::{Body, Query};
use crate::http::middleware::page;
use crate::http::routes::Routes;
use crate::tenant::{MAPPINGS, Tenant};
use crate::visible::VisibleCompanies;
use store::ledger::{CompanyGroups, NewAudit};
use store::ports::StoreError;

/// Decisions of one request.
pub(in crate::http) const MOST_CHANGES: usize = 500;

pub(in crate::http) type Catalogues = BTreeMap<ConnectionId, Rc<PsaCatalogue>>;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ListCompanies, list).on(MapCompanies, decide)
}

#[worker::send]
async fn list(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<CompaniesQuery>,
) -> Result<Json<Page<CompanyView>>, Failure> {
    let visible = app.visible(&caller.scope)?;
    let (mappings, _) = app.mappings().await?;
    let snapshots = app.snapshots_in(&visible).await?;
    let catalogues = app.catalogues_in(&visible, &mappings).await?;
    let text = plain(query.q.as_deref().unwrap_or_default());
    let mut found: Vec<(&Snapshot, &EsetCompanyId, &CompanySeats)> = Vec::new();
    for snapshot in &snapshots {
        for (id, seats) in &snapshot.companies {
            let choice = mappings.company(&snapshot.connection, id);
            let sought = text.is_empty()
                || plain(&seats.name).contains(&text)
                || seats.custom_identifier.as_deref().is_some_and(|known| plain(known).contains(&text));
            if shows(query.state, choice, seats) && sought {
                found.push((snapshot, id, seats));
            }
        }
    }
    found.sort_by(|a, b| (&a.2.name, a.1).cmp(&(&b.2.name, b.1)));
    let page = page::cut(found, query.after.as_deref(), query.limit)?;
    let suggestions = suggestions(&page.items, &mappings, &catalogues);
    let access = caller.role.may(Action::SeePeople).then(|| Access::of(&app)).transpose()?;
    let (records, new, tickets_off) =
        (app.ledger.mapping_records().all()?, app.ledger.drift_baseline().new_companies()?, app.ledger.ticket_switches().off()?);
    let past = Past { records, new, tickets_off, access };
    let items = page.items.iter().map(|(snapshot, id, seats)| view(snapshot, id, seats, &mappings, &catalogues, &suggestions, &past));
    Ok(Json(Page { items: items.collect(), total: page.total, next: page.next }))
}

fn shows(filter: CompanyFilter, choice: Option<&CompanyChoice>, seats: &CompanySeats) -> bool {
    match filter {
        CompanyFilter::All => true,
        CompanyFilter::Unmapped => choice.is_none() && has_seats(seats),
        CompanyFilter::Mapped => matches!(choice, Some(CompanyChoice::Mapped(_))),
        CompanyFilter::Excluded => matches!(choice, Some(CompanyChoice::Excluded(_))),
    }
}

/// Whether there is anything to bill, or not yet known that there is nothing.
fn has_seats(seats: &CompanySeats) -> bool {
    !seats.complete || seats.licences.iter().any(|licence| licence.not_counted().is_none())
}

/// How many of the companies that are seen nobody has decided about.
pub(in crate::http) async fn unmapped(app: &Tenant, visible: &VisibleCompanies) -> Result<u32, Failure> {
    let (mappings, _) = app.mappings().await?;
    let snapshots = app.snapshots_in(visible).await?;
    let companies = snapshots.iter().flat_map(|snapshot| snapshot.companies.iter().map(move |(id, seats)| (snapshot, id, seats)));
    let open = companies.filter(|(snapshot, id, seats)| shows(CompanyFilter::Unmapped, mappings.company(&snapshot.connection, id), seats));
    Ok(u32::try_from(open.count()).unwrap_or(u32::MAX))
}

/// What is known of companies besides what they are.
struct Past {
    records: TrackRecords,
    /// When those that came later came.
    new: BTreeMap<Member, Timestamp>,
    /// Those whose tickets are switched off.
    tickets_off: BTreeMap<Member, TicketsOff>,
    /// Their access groups, for those who may know.
    access: Option<Access>,
}

/// Which access group each company is in.
struct Access {
    names: BTreeMap<AccessGroupId, String>,
    own: CompanyGroups,
    all: CompanyGroups,
}

impl Access {
    fn of(app: &Tenant) -> Result<Self, StoreError> {
        let names = app.ledger.access_groups().all()?.into_iter().map(|group| (group.id, group.name)).collect();
        Ok(Self { names, own: app.ledger.access_groups().assignments()?, all: app.ledger.access_groups().effective()? })
    }

    fn view(&self, member: &Member) -> Option<CompanyAccess> {
        let group = self.all.get(member)?;
        let name = self.names.get(group)?.clone();
        Some(CompanyAccess { group: group.clone(), name, inherited: !self.own.contains_key(member) })
    }
}

type Suggestions = BTreeMap<EsetCompanyId, Vec<PsaSuggestion>>;

fn suggestions(items: &[(&Snapshot, &EsetCompanyId, &CompanySeats)], mappings: &Mappings, catalogues: &Catalogues) -> Suggestions {
    let mut all = Suggestions::new();
    for (psa, catalogue) in catalogues {
        let open = items.iter().filter(|(snapshot, id, _)| mappings.company(&snapshot.connection, id).is_none());
        for (company, found) in suggest_companies(open.map(|(_, id, seats)| (*id, *seats)), catalogue) {
            let found = found.into_iter().map(|suggestion| PsaSuggestion { psa: psa.clone(), suggestion });
            all.entry(company).or_default().extend(found);
        }
    }
    for found in all.values_mut() {
        found.sort_by_key(|found| std::cmp::Reverse(found.suggestion.score));
        // As sure in two tenants is not sure.
        let level =
            found.first().is_some_and(|best| found.iter().filter(|other| other.suggestion.score == best.suggestion.score).count() > 1);
        if level {
            found.iter_mut().for_each(|found| found.suggestion.ambiguous = true);
        }
        found.truncate(3);
    }
    all
}

fn view(
    snapshot: &Snapshot,
    id: &EsetCompanyId,
    seats: &CompanySeats,
    mappings: &Mappings,
    catalogues: &Catalogues,
    suggestions: &Suggestions,
    past: &Past,
) -> CompanyView {
    let member = Member { connection: snapshot.connection.clone(), company: id.clone() };
    let first_seen = past.new.get(&member).copied();
    let counted = || seats.licences.iter().filter(|licence| licence.not_counted().is_none());
    CompanyView {
        connection: snapshot.connection.clone(),
        company: id.clone(),
        name: seats.name.clone(),
        kind: seats.kind,
        parent: seats.parent.as_ref().and_then(|parent| snapshot.companies.get(parent)).map(|parent| parent.name.clone()),
        custom_identifier: seats.custom_identifier.clone(),
        licences: u32::try_from(seats.licences.len()).unwrap_or(u32::MAX),
        ordered: counted().fold(0, |sum, licence| sum.saturating_add(licence.ordered)),
        activated: counted().fold(0, |sum, licence| sum.saturating_add(licence.activated)),
        complete: seats.complete,
        first_seen,
        new: first_seen.is_some_and(|seen| seen >= snapshot.taken_at),
        mapping: match mappings.company(&snapshot.connection, id) {
            None => CompanyMappingView::Unmapped,
            Some(CompanyChoice::Excluded(exclusion)) => CompanyMappingView::Excluded { exclusion: exclusion.clone() },
            Some(CompanyChoice::Mapped(target)) => {
                let catalogue = catalogues.get(&target.psa);
                let company = catalogue.and_then(|catalogue| catalogue.companies.get(&target.company));
                let agreement = catalogue.and_then(|catalogue| catalogue.agreements.get(&target.agreement));
                CompanyMappingView::Mapped {
                    psa: target.psa.clone(),
                    company: target.company,
                    company_name: company.map(|company| company.name.clone()),
                    agreement: target.agreement,
                    agreement_name: agreement.map(|agreement| agreement.name.clone()),
                    automatic: target.automatic,
                    proven: past.records.get(&mapping_key(&snapshot.connection, id, target)) == Some(&TrackRecord::Proven),
                    products: target.products.clone(),
                    groups: target.groups.clone(),
                }
            }
        },
        tickets_off: past.tickets_off.get(&member).cloned(),
        access: past.access.as_ref().and_then(|access| access.view(&member)),
        suggestions: suggestions.get(id).cloned().unwrap_or_default(),
    }
}

#[worker::send]
async fn decide(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<CompanyChanges>,
) -> Result<Json<MappingsStored>, Failure> {
    check_count(request.changes.len())?;
    let visible = app.visible(&caller.scope)?;
    let (mappings, version) = app.mappings().await?;
    let snapshots = app.snapshots_in(&visible).await?;
    let catalogues = app.catalogues_in(&visible, &mappings).await?;
    let read = app.groups_in(&visible).await?;
    let known = Known { visible: &visible, snapshots: &snapshots, catalogues: &catalogues, groups: &read };
    let mut changed = Mappings::clone(&mappings);
    let mut audits = Vec::new();
    for (index, change) in request.changes.iter().enumerate() {
        let audit = apply(&app, &caller, change, index, &mut changed, &known)?;
        audits.extend(audit);
    }
    let changes = u32::try_from(audits.len()).unwrap_or(u32::MAX);
    let version = store(&app, changed, version, audits).await?;
    Ok(Json(MappingsStored { version, changed: changes }))
}

/// Forgets what has come of the mappings of companies that are not billed where they were before.
fn forget_moved(app: &App, before: &Mappings, after: &Mappings) -> Result<(), Failure> {
    for (connection, company, target) in before.targets() {
        let places = |target: &CompanyTarget| (target.psa.clone(), target.agreement, target.agreements().collect::<BTreeSet<_>>());
        let stays = matches!(after.company(connection, company), Some(CompanyChoice::Mapped(now)) if places(now) == places(target));
        if !stays {
            app.ledger.mapping_records().forget(connection, company)?;
        }
    }
    Ok(())
}

fn mapping_key(connection: &ConnectionId, company: &EsetCompanyId, target: &CompanyTarget) -> MappingKey {
    let member = Member { connection: connection.clone(), company: company.clone() };
    MappingKey { member, psa: target.psa.clone(), agreement: target.agreement }
}

/// Stores changed mappings with their history, and lets the lines be planned anew.
pub(in crate::http) async fn store(app: &App, changed: Mappings, before: Option<u32>, audits: Vec<NewAudit<'_>>) -> Result<u32, Failure> {
    let now = app.now();
    let (old, _) = app.mappings().await?;
    let new = changed.clone();
    // Forgotten first: a mapping that is stored must not stand on what another has proven.
    forget_moved(app, &old, &changed)?;
    let stored = app.documents.publish(MAPPINGS, MAPPINGS, MAPPINGS_SCHEMA, before, changed, now).await?;
    app.abandon_unsent(&old, &new)?;
    let some = !audits.is_empty();
    for audit in audits {
        app.ledger.history().add(audit, now)?;
    }
    if some {
        app.replan()?;
        app.wake().await?;
    }
    Ok(stored.version)
}

pub(in crate::http) fn check_count(count: usize) -> Result<(), Failure> {
    if (1..=MOST_CHANGES).contains(&count) {
        return Ok(());
    }
    Err(invalid("changes", "A request has 1 to 500 changes.", "Send them in several requests."))
}

/// Checks a reason for leaving something out.
pub(in crate::http) fn exclusion(app: &App, caller: &Caller, reason: &str, index: usize) -> Result<Exclusion, Failure> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 200 {
        let field = format!("changes[{index}].decision.reason");
        return Err(invalid(&field, "A reason has 1 to 200 characters.", "Say why it is left out; it is shown with it."));
    }
    Ok(Exclusion { reason: reason.to_owned(), by: caller.name.clone(), at: app.now() })
}

/// What decisions are checked against.
#[derive(Clone, Copy)]
pub(in crate::http) struct Known<'a> {
    /// Of whom decisions may be made; the rest holds nothing of others.
    pub(in crate::http) visible: &'a VisibleCompanies,
    pub(in crate::http) snapshots: &'a [Rc<Snapshot>],
    pub(in crate::http) catalogues: &'a Catalogues,
    pub(in crate::http) groups: &'a [Rc<Groups>],
}

/// Makes one decision. Answers its row of history, or none when it is what was decided already.
pub(in crate::http) fn apply<'a>(
    app: &App,
    caller: &'a Caller,
    change: &CompanyChange,
    index: usize,
    mappings: &mut Mappings,
    known: &Known<'_>,
) -> Result<Option<NewAudit<'a>>, Failure> {
    let Known { visible, snapshots, catalogues, groups: read } = *known;
    let snapshot = snapshots.iter().find(|snapshot| snapshot.connection == change.connection);
    let seats = snapshot.and_then(|snapshot| snapshot.companies.get(&change.company));
    let before = mappings.company(&change.connection, &change.company).cloned();
    if !visible.sees(&change.connection, &change.company) || (seats.is_none() && before.is_none()) {
        let field = format!("changes[{index}].company");
        return Err(invalid(&field, "ESET has no such company.", "Sync now, then choose it from the list."));
    }
    let after = match &change.decision {
        CompanyDecision::Clear => None,
        CompanyDecision::Exclude { reason } => Some(CompanyChoice::Excluded(exclusion(app, caller, reason, index)?)),
        CompanyDecision::Map { psa, agreement, automatic, products, groups } => {
            let catalogue = catalogues.get(psa);
            let found = catalogue.and_then(|catalogue| Some((catalogue, catalogue.agreements.get(agreement)?)));
            let (catalogue, found) = found.ok_or_else(|| {
                let field = format!("changes[{index}].decision.agreement");
                invalid(&field, "ConnectWise has no such agreement.", "Sync now, then choose it from the list.")
            })?;
            let kept = match &before {
                Some(CompanyChoice::Mapped(target)) if target.psa == *psa => overrides::moved(target, found.company),
                _ => CompanyProducts::new(),
            };
            let products = match products {
                None => kept,
                Some(products) => {
                    let checks = Checks { catalogue, psa, company: found.company, mappings, seats };
                    checks.checked(products, &kept, &format!("changes[{index}].decision.products"))?
                }
            };
            let groups = match (groups, &before) {
                (None, Some(CompanyChoice::Mapped(target))) if target.psa == *psa && target.company == found.company => {
                    target.groups.clone()
                }
                (None, _) => Vec::new(),
                (Some(groups), _) => {
                    let before = match &before {
                        Some(CompanyChoice::Mapped(target)) => target.groups.as_slice(),
                        _ => &[],
                    };
                    let checks = Splits { read, catalogue, company: found.company, own: *agreement, before };
                    checks.checked(groups, mappings, (&change.connection, &change.company), &format!("changes[{index}].decision.groups"))?
                }
            };
            let (psa, automatic) = (psa.clone(), *automatic);
            if automatic && !matches!(&before, Some(CompanyChoice::Mapped(target)) if target.automatic) {
                may_do(app, caller, Action::AutomateBilling)?;
            }
            let target = CompanyTarget { psa, company: found.company, agreement: *agreement, automatic, products, groups };
            Some(CompanyChoice::Mapped(target))
        }
    };
    if same(before.as_ref(), after.as_ref()) {
        return Ok(None);
    }
    let describe = |choice: Option<&CompanyChoice>| choice.map(|choice| describe(choice, known));
    let audit = NewAudit {
        by: &caller.name,
        subject: seats.map_or_else(|| change.company.to_string(), |seats| seats.name.clone()),
        before: describe(before.as_ref()),
        after: describe(after.as_ref()),
        connection: Some(change.connection.clone()),
        ..NewAudit::of(HistoryEvent::MappingChanged)
    };
    let companies = mappings.companies.entry(change.connection.clone()).or_default();
    match after {
        Some(choice) => companies.insert(change.company.clone(), choice),
        None => companies.remove(&change.company),
    };
    Ok(Some(audit))
}

fn same(before: Option<&CompanyChoice>, after: Option<&CompanyChoice>) -> bool {
    match (before, after) {
        (Some(CompanyChoice::Excluded(old)), Some(CompanyChoice::Excluded(new))) => old.reason == new.reason,
        (old, new) => old == new,
    }
}

fn describe(choice: &CompanyChoice, known: &Known<'_>) -> String {
    match choice {
        CompanyChoice::Excluded(exclusion) => format!("excluded: {}", exclusion.reason),
        CompanyChoice::Mapped(target) => {
            let catalogue = known.catalogues.get(&target.psa);
            let company = catalogue.and_then(|catalogue| catalogue.companies.get(&target.company));
            let agreement = catalogue.and_then(|catalogue| catalogue.agreements.get(&target.agreement));
            let company = company.map_or_else(|| format!("company {}", target.company), |company| company.name.clone());
            let agreement = agreement.map_or_else(|| format!("agreement {}", target.agreement), |agreement| agreement.name.clone());
            let (automatic, catalogue) = (if target.automatic { ", automatic" } else { "" }, catalogue.map(Rc::as_ref));
            let (own, shares) = (overrides::describe(target, catalogue), splits::describe(target, catalogue, known.groups));
            format!("{company} · {agreement}{automatic}{own}{shares}")
        }
    }
}
