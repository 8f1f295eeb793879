//! The part of a plan's input that some agreements depend on: small enough to be sent to a browser, whole enough to give the
//! very lines of the full plan. So a changed mapping can show what it would do before it is stored.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::seats_by_line::latest;
use super::{LastWrite, PlanInput, Psa, plan};
use crate::Timestamp;
use crate::billing::line::LineKey;
use crate::billing::{Line, MappingKey, Policy, TrackRecord, TrackRecords};
use crate::groups::Groups;
use crate::ids::{
    AdditionId, AgreementId, CatalogId, ConnectionId, DeviceGroupId, EsetCompanyId, LicenceId, LineId, ProductCode, PsaCompanyId,
};
use crate::mapping::{CompanyChoice, CompanyTarget, Mappings, ProductChoice};
use crate::psa::{AdditionsRead, Agreement, CatalogProduct, PSA_SCHEMA, PsaCatalogue, PsaCompany};
use crate::seats::{CompanySeats, Snapshot};

/// The most agreements of one slice.
pub const MOST_AGREEMENTS: usize = 2_000;

/// What a slice is wanted for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Agreements whose lines are wanted, by ConnectWise connection.
    pub agreements: BTreeSet<(ConnectionId, AgreementId)>,
    /// ESET companies whose seats are wanted, also those that are billed nowhere.
    pub companies: BTreeSet<(ConnectionId, EsetCompanyId)>,
}

/// A part of a plan's input that stands by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlanSlice {
    /// The moment it was cut.
    pub now: Timestamp,
    /// The caps.
    pub policy: Policy,
    /// The agreements that are whole in it, by ConnectWise connection.
    pub agreements: Vec<(ConnectionId, AgreementId)>,
    /// How many agreements that were asked for are not in it, because it would have become too large.
    pub left_out: u32,
    /// The companies that the agreements depend on, by ESET connection.
    pub snapshots: Vec<Snapshot>,
    /// The static device groups that a company can be split by, with what they use of the companies' products.
    #[serde(default)]
    pub groups: Vec<Groups>,
    /// Their mappings, and those of all products.
    pub mappings: Mappings,
    /// What ConnectWise holds of the agreements.
    pub psa: Vec<PsaSlice>,
    /// What has come of the mappings.
    pub records: Vec<(MappingKey, TrackRecord)>,
    /// Lines that open drift pauses, and what it says of them.
    pub paused: Vec<(LineId, String)>,
}

/// A part of what one ConnectWise tenant holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PsaSlice {
    /// The connection.
    pub connection: ConnectionId,
    /// Site and company id: the same for two connections to one tenant.
    pub tenant: String,
    /// Companies.
    pub companies: Vec<(PsaCompanyId, PsaCompany)>,
    /// Agreements.
    pub agreements: Vec<(AgreementId, Agreement)>,
    /// Catalog products that something is billed or mapped as.
    pub products: Vec<(CatalogId, CatalogProduct)>,
    /// Additions of the agreements that were read.
    pub additions: Vec<(AgreementId, AdditionsRead)>,
    /// What we last wrote to them.
    pub written: Vec<(AdditionId, LastWrite)>,
}

/// The agreements a company is billed on.
fn agreements_of(target: &CompanyTarget) -> impl Iterator<Item = (ConnectionId, AgreementId)> {
    target.agreements().map(|agreement| (target.psa.clone(), agreement))
}

impl Wanted {
    /// Everything that another decision about one ESET company could change: the agreements it is billed on, and all others of
    /// the same ConnectWise company.
    pub fn company(input: &PlanInput<'_>, connection: &ConnectionId, company: &EsetCompanyId) -> Self {
        let mut wanted = Self::default();
        wanted.companies.insert((connection.clone(), company.clone()));
        if let Some(CompanyChoice::Mapped(target)) = input.mappings.company(connection, company) {
            wanted.agreements.extend(agreements_of(target));
            let agreements = input.psa.get(&target.psa).into_iter().flat_map(|tenant| &tenant.catalogue.agreements);
            let its = agreements.filter(|(_, agreement)| agreement.company == target.company);
            wanted.agreements.extend(its.map(|(id, _)| (target.psa.clone(), *id)));
        }
        wanted
    }

    /// Everything that another decision about an ESET product could change: the agreements of each company that has it, had it
    /// this month or has it inside a bundle; and those that bill `catalog` now, when it is to be billed as that.
    pub fn product(input: &PlanInput<'_>, psa: &ConnectionId, product: &ProductCode, catalog: Option<CatalogId>) -> Self {
        let snapshots = latest(input.snapshots);
        let tenant = input.psa.get(psa);
        let mut wanted = Self::default();
        for (connection, company, target) in input.mappings.targets().filter(|(_, _, target)| target.psa == *psa) {
            let snapshot = snapshots.get(connection);
            let seats = snapshot.and_then(|snapshot| snapshot.companies.get(company));
            let tally = snapshot.and_then(|snapshot| snapshot.tallies.get(company));
            let has = seats.is_some_and(|seats| has(seats, product))
                || tally.is_some_and(|tally| tally.rows().iter().any(|row| row.product == *product));
            let bills = |agreement: &(ConnectionId, AgreementId)| {
                let read = tenant.and_then(|tenant| tenant.additions.get(&agreement.1));
                read.is_some_and(|read| read.additions.iter().any(|addition| Some(addition.product) == catalog))
            };
            let all = has || target.products.contains_key(product);
            wanted.agreements.extend(agreements_of(target).filter(|agreement| all || bills(agreement)));
        }
        wanted
    }
}

fn has(seats: &CompanySeats, product: &ProductCode) -> bool {
    let mut licences = seats.licences.iter();
    seats.seat_days.contains_key(product)
        || licences.any(|licence| licence.product == *product || licence.parts.iter().any(|part| part.product == *product))
}

/// Cuts what is wanted out of a plan's input: at most `most` agreements.
pub fn subset(input: &PlanInput<'_>, wanted: &Wanted, most: usize) -> PlanSlice {
    let agreements: BTreeSet<(ConnectionId, AgreementId)> = wanted.agreements.iter().take(most).cloned().collect();
    let agreements = with_twins(input, agreements);
    let left_out = u32::try_from(wanted.agreements.len().saturating_sub(agreements.len())).unwrap_or(u32::MAX);
    let snapshots = latest(input.snapshots);
    let companies = companies(input, &snapshots, &agreements, &wanted.companies);

    let mut mappings = Mappings { products: input.mappings.products.clone(), ..Mappings::default() };
    for (connection, company) in &companies {
        if let Some(choice) = input.mappings.company(connection, company) {
            mappings.companies.entry((*connection).clone()).or_default().insert((*company).clone(), choice.clone());
        }
    }
    let cut = snapshots.values().map(|snapshot| cut_snapshot(snapshot, &companies));
    let used = |snapshot: &Snapshot| !snapshot.companies.is_empty() || mappings.companies.contains_key(&snapshot.connection);
    let snapshots: Vec<Snapshot> = cut.filter(used).collect();
    let shared =
        |groups: &Groups| mappings.targets().any(|(_, _, target)| target.groups.iter().any(|split| split.connection == groups.connection));
    let groups = input.groups.iter().filter(|groups| !wanted.companies.is_empty() || shared(groups));
    let groups = groups.map(|groups| cut_groups(groups, &snapshots)).collect();
    let psa = input.psa.iter().map(|(connection, tenant)| cut_psa(input, connection, tenant, &agreements, &mappings)).collect();
    let mine = |key: &MappingKey| companies.contains(&(&key.member.connection, &key.member.company));
    let records = input.records.iter().filter(|(key, _)| mine(key)).map(|(key, record)| (key.clone(), *record)).collect();
    let agreements = agreements.into_iter().collect();
    PlanSlice {
        now: input.now,
        policy: input.policy.clone(),
        agreements,
        left_out,
        snapshots,
        groups,
        mappings,
        psa,
        records,
        paused: input.paused.iter().map(|(id, what)| (id.clone(), what.clone())).collect(),
    }
}

/// The same agreements, through whatever connection leads to their tenant: their lines hold each other.
fn with_twins(input: &PlanInput<'_>, mut agreements: BTreeSet<(ConnectionId, AgreementId)>) -> BTreeSet<(ConnectionId, AgreementId)> {
    let mut twins = Vec::new();
    for (psa, agreement) in &agreements {
        let Some(tenant) = input.psa.get(psa).map(|psa| psa.tenant) else { continue };
        let others = input.psa.iter().filter(|(other, there)| *other != psa && there.tenant == tenant);
        twins.extend(others.map(|(other, _)| (other.clone(), *agreement)));
    }
    agreements.extend(twins);
    agreements
}

type Companies<'a> = BTreeSet<(&'a ConnectionId, &'a EsetCompanyId)>;

/// The companies on the agreements, and every other one that shows the same company, a licence or a group of it: those hold a line.
fn companies<'a>(
    input: &PlanInput<'a>,
    snapshots: &BTreeMap<&'a ConnectionId, &'a Snapshot>,
    agreements: &BTreeSet<(ConnectionId, AgreementId)>,
    wanted: &'a BTreeSet<(ConnectionId, EsetCompanyId)>,
) -> Companies<'a> {
    let on = input.mappings.targets().filter(|(_, _, target)| agreements_of(target).any(|agreement| agreements.contains(&agreement)));
    let mut companies: Companies<'a> = on.map(|(connection, company, _)| (connection, company)).collect();
    companies.extend(wanted.iter().map(|(connection, company)| (connection, company)));
    let seats =
        |connection: &ConnectionId, company: &EsetCompanyId| snapshots.get(connection).and_then(|snapshot| snapshot.companies.get(company));
    let ids: BTreeSet<&EsetCompanyId> = companies.iter().map(|(_, company)| *company).collect();
    let licences = companies.iter().filter_map(|(connection, company)| seats(connection, company)).flat_map(|seats| &seats.licences);
    let licences: BTreeSet<&LicenceId> = licences.map(|licence| &licence.id).collect();
    let same = |seats: &CompanySeats| seats.licences.iter().any(|licence| licences.contains(&licence.id));
    let splits = |target: &'a CompanyTarget| target.groups.iter().map(|split| &split.group);
    let targets = || input.mappings.targets().filter(|(_, _, target)| !target.groups.is_empty());
    let mine = targets().filter(|(connection, company, _)| companies.contains(&(*connection, *company)));
    let groups: BTreeSet<&DeviceGroupId> = mine.flat_map(|(_, _, target)| splits(target)).collect();
    let others = input.mappings.targets().filter(|(connection, company, target)| {
        ids.contains(company) || seats(connection, company).is_some_and(same) || splits(target).any(|group| groups.contains(group))
    });
    companies.extend(others.map(|(connection, company, _)| (connection, company)));
    companies
}

fn cut_snapshot(snapshot: &Snapshot, companies: &Companies<'_>) -> Snapshot {
    let kept = |company: &EsetCompanyId| companies.contains(&(&snapshot.connection, company));
    Snapshot {
        schema: snapshot.schema,
        connection: snapshot.connection.clone(),
        pass: snapshot.pass.clone(),
        taken_at: snapshot.taken_at,
        usage_days: snapshot.usage_days,
        complete: snapshot.complete,
        companies: kept_of(&snapshot.companies, kept),
        unowned: snapshot.unowned.clone(),
        tallies: kept_of(&snapshot.tallies, kept),
    }
}

/// The static groups, and of what they use the products that these companies have.
fn cut_groups(groups: &Groups, snapshots: &[Snapshot]) -> Groups {
    let companies = || snapshots.iter().flat_map(|snapshot| snapshot.companies.values());
    let products: BTreeSet<(&ProductCode, &str)> =
        companies().flat_map(|seats| seats.products().into_iter().map(|(code, of)| (code, of.name))).collect();
    let mut cut = groups.clone();
    cut.groups.retain(|_, group| !group.dynamic);
    for group in cut.groups.values_mut() {
        group.in_use.retain(|in_use| products.iter().any(|(code, name)| in_use.is(code, name)));
    }
    cut
}

fn kept_of<K: Ord + Clone, V: Clone>(map: &BTreeMap<K, V>, kept: impl Fn(&K) -> bool) -> BTreeMap<K, V> {
    map.iter().filter(|(key, _)| kept(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn pairs<K: Ord + Copy, V: Clone>(map: &BTreeMap<K, V>, kept: impl Fn(&K) -> bool) -> Vec<(K, V)> {
    map.iter().filter(|(key, _)| kept(key)).map(|(key, value)| (*key, value.clone())).collect()
}

fn cut_psa(
    input: &PlanInput<'_>,
    connection: &ConnectionId,
    tenant: &Psa<'_>,
    agreements: &BTreeSet<(ConnectionId, AgreementId)>,
    mappings: &Mappings,
) -> PsaSlice {
    let ids: BTreeSet<AgreementId> = agreements.iter().filter(|(psa, _)| psa == connection).map(|(_, agreement)| *agreement).collect();
    let additions = pairs(tenant.additions, |id| ids.contains(id));
    let agreements = pairs(&tenant.catalogue.agreements, |id| ids.contains(id));
    let targets = || mappings.targets().map(|(_, _, target)| target).filter(|target| target.psa == *connection);
    let mut owners: BTreeSet<PsaCompanyId> = targets().map(|target| target.company).collect();
    owners.extend(agreements.iter().map(|(_, agreement)| agreement.company));
    let mut products: BTreeSet<CatalogId> = targets().flat_map(|target| target.products.values().filter_map(|own| own.product)).collect();
    products.extend(mappings.products.get(connection).into_iter().flat_map(BTreeMap::values).filter_map(|choice| match choice {
        ProductChoice::Mapped { product, .. } => Some(*product),
        ProductChoice::Parts | ProductChoice::Excluded(_) => None,
    }));
    products.extend(additions.iter().flat_map(|(_, read)| &read.additions).map(|addition| addition.product));
    let known = additions.iter().flat_map(|(_, read)| &read.additions).map(|addition| addition.id);
    let written = known.filter_map(|id| Some((id, input.written.get(&(connection.clone(), id))?.clone())));
    PsaSlice {
        connection: connection.clone(),
        tenant: tenant.tenant.to_owned(),
        companies: pairs(&tenant.catalogue.companies, |id| owners.contains(id)),
        products: pairs(&tenant.catalogue.products, |id| products.contains(id)),
        written: written.collect(),
        agreements,
        additions,
    }
}

impl PlanSlice {
    /// The lines of its agreements, and of what its companies are not billed for: the same as in the full plan, while its
    /// mappings are those it was cut with.
    pub fn plan(&self) -> Vec<Line> {
        let mut written = BTreeMap::new();
        let mut tenants = BTreeMap::new();
        for part in &self.psa {
            let catalogue = PsaCatalogue {
                schema: PSA_SCHEMA,
                connection: part.connection.clone(),
                companies: part.companies.iter().cloned().collect(),
                agreements: part.agreements.iter().cloned().collect(),
                products: part.products.iter().cloned().collect(),
            };
            let additions: BTreeMap<AgreementId, AdditionsRead> = part.additions.iter().cloned().collect();
            tenants.insert(part.connection.clone(), (&part.tenant, catalogue, additions));
            written.extend(part.written.iter().map(|(id, write)| ((part.connection.clone(), *id), write.clone())));
        }
        let psa = tenants.iter().map(|(id, (tenant, catalogue, additions))| (id.clone(), Psa { tenant, catalogue, additions })).collect();
        let snapshots: Vec<&Snapshot> = self.snapshots.iter().collect();
        let paused = self.paused.iter().cloned().collect();
        let records: TrackRecords = self.records.iter().cloned().collect();
        let (mappings, policy) = (&self.mappings, &self.policy);
        let groups: Vec<&Groups> = self.groups.iter().collect();
        let mut lines = plan(&PlanInput {
            now: self.now,
            snapshots: &snapshots,
            groups: &groups,
            mappings,
            psa: &psa,
            written: &written,
            records: &records,
            paused: &paused,
            policy,
        });
        let whole: BTreeSet<(&ConnectionId, AgreementId)> = self.agreements.iter().map(|(psa, id)| (psa, *id)).collect();
        lines.retain(|line| match &line.key {
            LineKey::Billed { psa, agreement, .. } => whole.contains(&(psa, *agreement)),
            LineKey::Unmapped { .. } => true,
        });
        lines
    }
}
