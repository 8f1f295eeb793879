//! What somebody sees of the documents: the companies of their access groups, and nothing that tells of others. Rows of the ledger
//! are cut in SQL (`ledger/people/access_groups.rs`); what is read from KV is cut here.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use domain::access::{Visibility, effective};
use domain::billing::{Guard, Line, Member, PlanInput, Psa, Wanted};
use domain::groups::Groups;
use domain::ids::{AccessGroupId, AgreementId, ConnectionId, DeviceGroupId, EsetCompanyId, LineId, PsaCompanyId};
use domain::mapping::{Mappings, normalised};
use domain::psa::PsaCatalogue;
use domain::seats::Snapshot;

use crate::owners::Owners;
use crate::tenant::{Tenant, TenantError};
use store::ledger::{CompanyGroups, DeviceGroups, Ledger};
use store::ports::StoreError;

/// What a scope sees now.
#[derive(Debug, Default)]
pub struct VisibleCompanies(Option<VisibleIds>);

#[derive(Debug)]
struct VisibleIds {
    companies: BTreeSet<Member>,
    /// Device groups that stand for them.
    groups: BTreeSet<(ConnectionId, DeviceGroupId)>,
}

/// What of ConnectWise is out of sight: companies that only companies out of sight are mapped to, and those called like one.
#[derive(Default)]
struct Hidden {
    mapped: BTreeSet<(ConnectionId, PsaCompanyId)>,
    names: BTreeSet<String>,
}

impl VisibleCompanies {
    /// Whether a company is seen.
    pub fn sees(&self, connection: &ConnectionId, company: &EsetCompanyId) -> bool {
        self.sees_all(&[Member { connection: connection.clone(), company: company.clone() }])
    }

    /// Whether all of these companies are seen, and there is one.
    pub fn sees_all(&self, members: &[Member]) -> bool {
        self.0.as_ref().is_none_or(|seen| !members.is_empty() && members.iter().all(|member| seen.companies.contains(member)))
    }

    /// A snapshot with nothing but the companies that are seen.
    pub fn of_snapshot(&self, snapshot: &Rc<Snapshot>) -> Rc<Snapshot> {
        if self.0.is_none() {
            return Rc::clone(snapshot);
        }
        let mut cut = Snapshot::clone(snapshot);
        cut.companies.retain(|company, _| self.sees(&snapshot.connection, company));
        cut.tallies.retain(|company, _| self.sees(&snapshot.connection, company));
        Rc::new(cut)
    }

    /// The device groups of the companies that are seen, and those below them.
    pub fn of_groups(&self, read: &Rc<Groups>) -> Rc<Groups> {
        let Some(seen) = &self.0 else { return Rc::clone(read) };
        let mut cut = Groups::clone(read);
        cut.groups.retain(|group, _| {
            let company = read.company_of(group);
            company.is_some_and(|company| seen.groups.contains(&(read.connection.clone(), company.clone())))
        });
        Rc::new(cut)
    }

    /// The mappings of the companies that are seen, and those of products.
    pub fn of_mappings(&self, mappings: &Mappings) -> Mappings {
        let mut cut = mappings.clone();
        for (connection, companies) in &mut cut.companies {
            companies.retain(|company, _| self.sees(connection, company));
        }
        cut
    }

    /// What ConnectWise holds, without what is out of sight.
    fn of_catalogue(&self, catalogue: &PsaCatalogue, hidden: &Hidden) -> PsaCatalogue {
        let mut cut = catalogue.clone();
        let mapped = |company: PsaCompanyId| hidden.mapped.contains(&(catalogue.connection.clone(), company));
        cut.companies.retain(|id, company| !mapped(*id) && !hidden.names.contains(&normalised(&company.name)));
        cut.agreements
            .retain(|_, agreement| cut.companies.contains_key(&agreement.company) || !catalogue.companies.contains_key(&agreement.company));
        cut
    }

    fn hidden<'a>(&self, mappings: &Mappings, snapshots: impl Iterator<Item = &'a Snapshot>) -> Hidden {
        let (mut hidden, mut mapped, mut names) = (Hidden::default(), BTreeSet::new(), BTreeSet::new());
        for (connection, company, target) in mappings.targets() {
            let place = (target.psa.clone(), target.company);
            if self.sees(connection, company) {
                mapped.insert(place)
            } else {
                hidden.mapped.insert(place)
            };
        }
        for snapshot in snapshots {
            for (id, company) in &snapshot.companies {
                let name = normalised(&company.name);
                if self.sees(&snapshot.connection, id) {
                    names.insert(name)
                } else {
                    hidden.names.insert(name)
                };
            }
        }
        hidden.mapped.retain(|place| !mapped.contains(place));
        hidden.names.retain(|name| !names.contains(name));
        hidden
    }

    /// A line without the name of a company out of sight that its agreement may have gone to.
    pub fn of_line(&self, line: &mut Line) {
        if self.0.is_none() {
            return;
        }
        for guard in &mut line.guards {
            if let Guard::AgreementOfAnother { company } = guard {
                "another company".clone_into(company);
            }
        }
    }

    /// Hands `use_it` a plan's input that tells nothing of companies out of sight, and what is wanted of it without agreements
    /// that bill one of them too.
    pub fn of_input<T>(
        &self,
        input: &PlanInput<'_>,
        wanted: impl FnOnce(&PlanInput<'_>) -> Result<Wanted, T>,
        lines: &BTreeSet<LineId>,
        use_it: impl FnOnce(&PlanInput<'_>, &Wanted) -> T,
    ) -> T {
        if self.0.is_none() {
            return wanted(input).map_or_else(|refused| refused, |wanted| use_it(input, &wanted));
        }
        let snapshots: Vec<Rc<Snapshot>> = input.snapshots.iter().map(|snapshot| self.of_snapshot(&Rc::new((*snapshot).clone()))).collect();
        let groups: Vec<Rc<Groups>> = input.groups.iter().map(|groups| self.of_groups(&Rc::new((*groups).clone()))).collect();
        let hidden = self.hidden(input.mappings, input.snapshots.iter().copied());
        let mappings = self.of_mappings(input.mappings);
        let catalogues: Vec<(ConnectionId, PsaCatalogue)> =
            input.psa.iter().map(|(id, psa)| (id.clone(), self.of_catalogue(psa.catalogue, &hidden))).collect();
        let psa = catalogues.iter().filter_map(|(id, catalogue)| {
            let known = input.psa.get(id)?;
            Some((id.clone(), Psa { tenant: known.tenant, catalogue, additions: known.additions }))
        });
        let psa: BTreeMap<ConnectionId, Psa<'_>> = psa.collect();
        let others: BTreeSet<(ConnectionId, AgreementId)> = input
            .mappings
            .targets()
            .filter(|(connection, company, _)| !self.sees(connection, company))
            .flat_map(|(_, _, target)| target.agreements().map(|agreement| (target.psa.clone(), agreement)))
            .collect();
        let paused = input.paused.iter().filter(|(line, _)| lines.contains(*line));
        let paused = paused.map(|(line, words)| (line.clone(), words.clone())).collect();
        let snapshots: Vec<&Snapshot> = snapshots.iter().map(Rc::as_ref).collect();
        let groups: Vec<&Groups> = groups.iter().map(Rc::as_ref).collect();
        let narrowed = PlanInput { snapshots: &snapshots, groups: &groups, mappings: &mappings, psa: &psa, paused: &paused, ..*input };
        match wanted(&narrowed) {
            Err(refused) => refused,
            Ok(mut wanted) => {
                let known = |psa: &ConnectionId, agreement: &AgreementId| {
                    narrowed.psa.get(psa).is_some_and(|psa| psa.catalogue.agreements.contains_key(agreement))
                };
                wanted.agreements.retain(|place| known(&place.0, &place.1) && !others.contains(place));
                wanted.companies.retain(|(connection, company)| self.sees(connection, company));
                use_it(&narrowed, &wanted)
            }
        }
    }
}

impl Tenant {
    /// What a scope sees now.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn visible(&self, scope: &Visibility) -> Result<VisibleCompanies, StoreError> {
        let Some(companies) = self.ledger.access_groups().companies_in(scope)? else { return Ok(VisibleCompanies(None)) };
        Ok(VisibleCompanies(Some(VisibleIds { companies, groups: self.ledger.access_groups().device_groups_in(scope)? })))
    }

    /// The latest snapshots with nothing but the companies that are seen.
    ///
    /// # Errors
    /// When one cannot be read.
    pub async fn snapshots_in(&self, visible: &VisibleCompanies) -> Result<Vec<Rc<Snapshot>>, TenantError> {
        Ok(self.snapshots().await?.iter().map(|snapshot| visible.of_snapshot(snapshot)).collect())
    }

    /// The device groups of the companies that are seen.
    ///
    /// # Errors
    /// When a reading cannot be read.
    pub async fn groups_in(&self, visible: &VisibleCompanies) -> Result<Vec<Rc<Groups>>, TenantError> {
        Ok(self.groups().await?.iter().map(|read| visible.of_groups(read)).collect())
    }

    /// What ConnectWise holds, without what only concerns companies out of sight.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn catalogues_in(
        &self,
        visible: &VisibleCompanies,
        mappings: &Mappings,
    ) -> Result<BTreeMap<ConnectionId, Rc<PsaCatalogue>>, TenantError> {
        let catalogues = self.catalogues().await?;
        if visible.0.is_none() {
            return Ok(catalogues);
        }
        let snapshots = self.snapshots().await?;
        let hidden = visible.hidden(mappings, snapshots.iter().map(Rc::as_ref));
        Ok(catalogues.into_iter().map(|(id, catalogue)| (id, Rc::new(visible.of_catalogue(&catalogue, &hidden)))).collect())
    }

    /// Makes a change of who is in which group, and works out anew which group each company and device group is in. Nothing is
    /// awaited after the change, so nobody sees by the one and not by the other.
    ///
    /// # Errors
    /// When the hierarchies cannot be read, or SQLite refuses.
    pub async fn regroup(&self, change: impl FnOnce(&Ledger) -> Result<(), StoreError>) -> Result<(), TenantError> {
        let (snapshots, read) = (self.snapshots().await?, self.groups().await?);
        change(&self.ledger)?;
        let owners = Owners::of_companies(&snapshots, self.ledger.group_owners().all()?);
        let assigned = self.ledger.access_groups().assignments()?;
        // One that has left ESET keeps the group it was given itself.
        let mut companies: CompanyGroups = assigned.clone();
        for snapshot in &snapshots {
            let own = assigned.iter().filter(|(member, _)| member.connection == snapshot.connection);
            let own: BTreeMap<EsetCompanyId, AccessGroupId> = own.map(|(member, group)| (member.company.clone(), group.clone())).collect();
            let above = snapshot.companies.iter().map(|(id, company)| (id, company.parent.as_ref()));
            companies.extend(
                effective(above, &own)
                    .into_iter()
                    .map(|(company, group)| (Member { connection: snapshot.connection.clone(), company: company.clone() }, group.clone())),
            );
        }
        let mut groups = DeviceGroups::new();
        for read in &read {
            for (id, member) in owners.of(read) {
                if let Some(of) = companies.get(&member) {
                    groups.insert((read.connection.clone(), id.clone()), of.clone());
                }
            }
        }
        Ok(self.ledger.access_groups().keep_effective(&companies, &groups)?)
    }

    /// Works out the groups anew after a hierarchy was read. Costs nothing while there are none.
    pub(crate) async fn follow_hierarchy(&self) -> Result<(), TenantError> {
        if self.ledger.access_groups().assignments()?.is_empty() && self.ledger.access_groups().effective()?.is_empty() {
            return Ok(());
        }
        match self.regroup(|_| Ok(())).await {
            // Who sees what stays as it was. The pass that mends the document comes by here again, and must not be kept from it.
            Err(TenantError::Document(why)) => {
                log::warn!("who sees which company is not worked out anew: {why}");
                Ok(())
            }
            done => done,
        }
    }
}
