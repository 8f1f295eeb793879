//! Seats summed for each line, before ConnectWise's side of it is looked at.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::line::{Evidence, EvidenceItem, LineKey, SnapshotRef};
use super::{Guard, PlanInput};
use crate::ids::{AgreementId, CatalogId, ConnectionId, EsetCompanyId, LicenceId, ProductCode};
use crate::mapping::{CompanyTarget, ProductChoice, WriteRule};
use crate::seats::{CompanySeats, Licence, Snapshot};

/// The seats of one line and what speaks against trusting them.
#[derive(Default)]
pub(super) struct Sum<'a> {
    /// The company as it is billed.
    pub(super) company: &'a str,
    /// Why the sum is not known, or the line cannot be billed.
    pub(super) guards: Vec<Guard>,
    /// Whether every company on the line commits by itself.
    pub(super) automatic: bool,
    /// How each ESET product on the line is to be written.
    pub(super) write: Vec<&'a WriteRule>,
    licences: Vec<Found<'a>>,
    /// Snapshots that were looked at, also when they held no licence of this product.
    snapshots: BTreeMap<&'a ConnectionId, &'a Snapshot>,
}

/// A licence and where it was found.
#[derive(Clone, Copy)]
struct Found<'a> {
    snapshot: &'a Snapshot,
    company: &'a str,
    licence: &'a Licence,
}

/// A company billed on an agreement, and what its account shows of it.
struct Member<'a> {
    connection: &'a ConnectionId,
    company: &'a EsetCompanyId,
    target: &'a CompanyTarget,
    snapshot: Option<&'a Snapshot>,
    seats: Option<&'a CompanySeats>,
}

type Sums<'a> = BTreeMap<LineKey, Sum<'a>>;

/// The sum of every line: of each agreement that companies are mapped to, and of what is mapped to none.
pub(super) fn sums<'a>(input: &PlanInput<'a>) -> Sums<'a> {
    let snapshots = latest(input.snapshots);
    let mut sums = Sums::new();
    for snapshot in snapshots.values() {
        for (company, seats) in &snapshot.companies {
            if input.mappings.company(&snapshot.connection, company).is_none() {
                for (code, licences) in in_use(seats) {
                    add_unmapped(&mut sums, snapshot, company, seats, code, &licences, Guard::UnmappedCompany);
                }
            }
        }
    }
    let mapped: BTreeMap<&ConnectionId, BTreeSet<CatalogId>> = input.psa.keys().map(|psa| (psa, catalog_products(input, psa))).collect();
    let nothing = BTreeSet::new();
    for ((psa, agreement), members) in agreements(input, &snapshots) {
        let billed = billed_now(input, psa, agreement, mapped.get(psa).unwrap_or(&nothing));
        add_agreement(&mut sums, input, psa, agreement, &members, &billed);
    }
    for sum in sums.values_mut() {
        sum.count_each_licence_once();
    }
    hold_what_is_billed_elsewhere(&mut sums);
    sums
}

/// The latest snapshot of each connection: two of one connection would count its licences twice.
fn latest<'a>(snapshots: &[&'a Snapshot]) -> BTreeMap<&'a ConnectionId, &'a Snapshot> {
    let mut latest: BTreeMap<&ConnectionId, &Snapshot> = BTreeMap::new();
    for &snapshot in snapshots {
        let known = latest.entry(&snapshot.connection).or_insert(snapshot);
        if (snapshot.taken_at, &snapshot.pass) > (known.taken_at, &known.pass) {
            *known = snapshot;
        }
    }
    latest
}

/// Every mapped company, under the agreement it is billed on.
fn agreements<'a>(
    input: &PlanInput<'a>,
    snapshots: &BTreeMap<&'a ConnectionId, &'a Snapshot>,
) -> BTreeMap<(&'a ConnectionId, AgreementId), Vec<Member<'a>>> {
    let mut agreements: BTreeMap<_, Vec<Member<'a>>> = BTreeMap::new();
    for (connection, company, target) in input.mappings.targets() {
        let snapshot = snapshots.get(connection).copied();
        let seats = snapshot.and_then(|snapshot| snapshot.companies.get(company));
        let member = Member { connection, company, target, snapshot, seats };
        agreements.entry((&target.psa, target.agreement)).or_default().push(member);
    }
    agreements
}

/// Catalog products of a tenant that ESET products are mapped to.
fn catalog_products(input: &PlanInput<'_>, psa: &ConnectionId) -> BTreeSet<CatalogId> {
    let choices = input.mappings.products.get(psa).into_iter().flat_map(BTreeMap::values);
    choices
        .filter_map(|choice| match choice {
            ProductChoice::Mapped { product, .. } => Some(*product),
            ProductChoice::Parts | ProductChoice::Excluded(_) => None,
        })
        .collect()
}

/// How the ESET products of a catalog product are written, where no company on the agreement has seats of any.
fn rules_of<'a>(input: &PlanInput<'a>, psa: &ConnectionId, product: CatalogId) -> Vec<&'a WriteRule> {
    let choices = input.mappings.products.get(psa).into_iter().flat_map(BTreeMap::values);
    choices
        .filter_map(|choice| match choice {
            ProductChoice::Mapped { product: of, rule } if *of == product => Some(&rule.write),
            _ => None,
        })
        .collect()
}

/// Of the `mapped` catalog products, those that the agreement bills now with a quantity.
fn billed_now(input: &PlanInput<'_>, psa: &ConnectionId, agreement: AgreementId, mapped: &BTreeSet<CatalogId>) -> BTreeSet<CatalogId> {
    let read = input.psa.get(psa).and_then(|tenant| tenant.additions.get(&agreement));
    let today = input.now.date_naive();
    read.into_iter()
        .flat_map(|read| &read.additions)
        .filter(|addition| addition.ongoing(today) && !addition.quantity.is_zero() && mapped.contains(&addition.product))
        .map(|addition| addition.product)
        .collect()
}

/// The lines of one agreement: a product that a company on it pays for, or that is still billed although none does. Every
/// company on the agreement is looked at for each of them: a seat that could not be read might be of any of its products.
fn add_agreement<'a>(
    sums: &mut Sums<'a>,
    input: &PlanInput<'a>,
    psa: &'a ConnectionId,
    agreement: AgreementId,
    members: &[Member<'a>],
    billed: &BTreeSet<CatalogId>,
) {
    let mut products: BTreeMap<CatalogId, Vec<Found<'a>>> = billed.iter().map(|product| (*product, Vec::new())).collect();
    let mut write: BTreeMap<CatalogId, Vec<&WriteRule>> = BTreeMap::new();
    for member in members {
        let (Some(snapshot), Some(seats)) = (member.snapshot, member.seats) else { continue };
        for (code, product) in seats.products() {
            match input.mappings.product(psa, code) {
                Some(ProductChoice::Mapped { product: catalog, rule }) => {
                    let own = member.target.products.get(code).and_then(|own| own.rule.as_ref());
                    write.entry(*catalog).or_default().push(&own.unwrap_or(rule).write);
                    let found = product.licences.iter().map(|licence| Found { snapshot, company: &seats.name, licence });
                    products.entry(*catalog).or_default().extend(found);
                }
                None if product.licences.iter().any(|licence| licence.not_counted().is_none()) => {
                    add_unmapped(sums, snapshot, member.company, seats, code, &product.licences, Guard::UnmappedProduct);
                }
                Some(ProductChoice::Excluded(_) | ProductChoice::Parts) | None => {}
            }
        }
    }
    products.retain(|product, found| billed.contains(product) || found.iter().any(|found| found.licence.not_counted().is_none()));
    let company = billed_name(input, psa, agreement, members);
    for (product, licences) in products {
        let write = write.remove(&product).unwrap_or_else(|| rules_of(input, psa, product));
        let mut sum = Sum { company, automatic: true, write, licences, ..Sum::default() };
        for member in members {
            sum.automatic &= member.target.automatic;
            sum.look_at(input, member);
            sum.guards.extend(member.not_its_own(input, agreement));
        }
        sums.insert(LineKey::Billed { psa: psa.clone(), agreement, product }, sum);
    }
}

/// Whom the agreement bills: its company in ConnectWise, else the one it was mapped with, else ESET's name for it.
fn billed_name<'a>(input: &PlanInput<'a>, psa: &ConnectionId, agreement: AgreementId, members: &[Member<'a>]) -> &'a str {
    let catalogue = input.psa.get(psa).map(|tenant| tenant.catalogue);
    let owner = catalogue.and_then(|catalogue| catalogue.companies.get(&catalogue.agreements.get(&agreement)?.company));
    let names = || members.iter().filter_map(|member| member.psa_name(input)).min();
    let eset = || members.iter().map(Member::eset_name).min();
    owner.map(|company| company.name.as_str()).or_else(names).or_else(eset).unwrap_or_default()
}

impl<'a> Member<'a> {
    fn psa_name(&self, input: &PlanInput<'a>) -> Option<&'a str> {
        let company = input.psa.get(&self.target.psa)?.catalogue.companies.get(&self.target.company)?;
        Some(&company.name)
    }

    /// What holds the line when the agreement is with another company than the one it was mapped for.
    fn not_its_own(&self, input: &PlanInput<'a>, agreement: AgreementId) -> Option<Guard> {
        let catalogue = input.psa.get(&self.target.psa)?.catalogue;
        let owner = catalogue.agreements.get(&agreement)?.company;
        let name = catalogue.companies.get(&owner).map_or_else(|| format!("company {owner}"), |company| company.name.clone());
        (owner != self.target.company).then_some(Guard::AgreementOfAnother { company: name })
    }

    /// Its name in ESET; its id when its account does not show it.
    fn eset_name(&self) -> &'a str {
        self.seats.map_or(self.company.as_str(), |seats| &seats.name)
    }
}

/// The products of a company that ESET bills, with all of their licences.
fn in_use(seats: &CompanySeats) -> impl Iterator<Item = (&ProductCode, Vec<&Licence>)> {
    let products = seats.products().into_iter().map(|(code, product)| (code, product.licences));
    products.filter(|(_, licences)| licences.iter().any(|licence| licence.not_counted().is_none()))
}

fn add_unmapped<'a>(
    sums: &mut Sums<'a>,
    snapshot: &'a Snapshot,
    company: &EsetCompanyId,
    seats: &'a CompanySeats,
    code: &ProductCode,
    licences: &[&'a Licence],
    why: Guard,
) {
    let mut guards = vec![why];
    if !seats.complete {
        guards.push(Guard::SnapshotPartial { company: seats.name.clone() });
    }
    let key = LineKey::Unmapped { connection: snapshot.connection.clone(), company: company.clone(), product: code.clone() };
    let licences = licences.iter().map(|licence| Found { snapshot, company: &seats.name, licence }).collect();
    let snapshots = BTreeMap::from([(&snapshot.connection, snapshot)]);
    sums.insert(key, Sum { company: &seats.name, guards, automatic: false, write: Vec::new(), licences, snapshots });
}

/// Holds lines that share a licence: two accounts reach the same company, and it is mapped to two agreements.
fn hold_what_is_billed_elsewhere(sums: &mut Sums<'_>) {
    let mut lines_of: HashMap<&LicenceId, u32> = HashMap::with_capacity(sums.values().map(|sum| sum.licences.len()).sum());
    for (key, sum) in &*sums {
        if matches!(key, LineKey::Billed { .. }) {
            for found in sum.counted() {
                *lines_of.entry(&found.licence.id).or_default() += 1;
            }
        }
    }
    lines_of.retain(|_, lines| *lines > 1);
    if lines_of.is_empty() {
        return;
    }
    for (key, sum) in sums {
        if matches!(key, LineKey::Billed { .. }) {
            let shared = sum.counted().filter(|found| lines_of.contains_key(&found.licence.id));
            let companies: BTreeSet<&str> = shared.map(|found| found.company).collect();
            sum.guards.extend(companies.into_iter().map(|company| Guard::BilledElsewhere { company: company.to_owned() }));
        }
    }
}

impl<'a> Sum<'a> {
    /// Takes in what is known of a company on the line: read to its end, or a reason to hold.
    fn look_at(&mut self, input: &PlanInput<'a>, member: &Member<'a>) {
        self.snapshots.extend(member.snapshot.map(|snapshot| (member.connection, snapshot)));
        let name = || member.seats.map(|seats| seats.name.as_str()).or_else(|| member.psa_name(input)).unwrap_or(member.company.as_str());
        match (member.snapshot, member.seats) {
            (_, Some(seats)) if seats.complete => {}
            (Some(snapshot), None) if snapshot.complete => self.guards.push(Guard::CompanyGone { company: name().to_owned() }),
            // Also of an account that was never read: how many seats it has is just as unknown.
            _ => self.guards.push(Guard::SnapshotPartial { company: name().to_owned() }),
        }
    }

    /// A licence can be found twice, when two accounts reach its company or a list was paged while it changed. The latest
    /// reading of it counts.
    fn count_each_licence_once(&mut self) {
        self.licences.sort_by(|a, b| {
            let order =
                |found: &Found<'a>| (&found.licence.id, Reverse(found.snapshot.taken_at), &found.snapshot.connection, found.company);
            order(a).cmp(&order(b))
        });
        self.licences.dedup_by(|later, first| later.licence.id == first.licence.id);
        self.licences.sort_by(|a, b| (a.company, &a.licence.id).cmp(&(b.company, &b.licence.id)));
    }

    fn counted(&self) -> impl Iterator<Item = &Found<'a>> {
        self.licences.iter().filter(|found| found.licence.not_counted().is_none())
    }

    /// Whether every licence of every company on the line was read.
    pub(super) fn known(&self) -> bool {
        !self.guards.iter().any(|guard| matches!(guard, Guard::SnapshotPartial { .. } | Guard::CompanyGone { .. }))
    }

    /// Units ESET bills the MSP for.
    pub(super) fn ordered(&self) -> u32 {
        self.counted().fold(0, |sum, found| sum.saturating_add(found.licence.ordered))
    }

    /// Units in use on the licences that are counted.
    pub(super) fn activated(&self) -> u32 {
        self.counted().fold(0, |sum, found| sum.saturating_add(found.licence.activated))
    }

    /// The names of the ESET products on it.
    pub(super) fn products(&self) -> BTreeSet<&'a str> {
        self.licences.iter().map(|found| found.licence.product_name.as_str()).collect()
    }

    /// Snapshots that were looked at, by connection.
    pub(super) fn snapshots(&self) -> impl Iterator<Item = &'a Snapshot> {
        self.snapshots.values().copied()
    }

    /// The sum written out.
    pub(super) fn sentence(&self) -> String {
        if !self.known() {
            return "ESET's count is not known".to_owned();
        }
        let licences = self.counted().count();
        let left_out = self.licences.len() - licences;
        let mut sentence = match licences {
            0 => "No licence is billed by ESET".to_owned(),
            1 => format!("{} ordered on 1 licence", self.ordered()),
            _ => format!("{} ordered on {licences} licences", self.ordered()),
        };
        if left_out > 0 {
            sentence.push_str(&format!("; {left_out} trial or suspended not counted"));
        }
        sentence
    }

    /// Where its seats come from.
    pub(super) fn evidence(&self) -> Evidence {
        let snapshots = self.snapshots().map(|snapshot| SnapshotRef {
            connection: snapshot.connection.clone(),
            pass: snapshot.pass.clone(),
            taken_at: snapshot.taken_at,
        });
        let licences = self.licences.iter().map(|found| EvidenceItem {
            company: found.company.to_owned(),
            licence: found.licence.id.clone(),
            product: found.licence.product_name.clone(),
            ordered: found.licence.ordered,
            activated: found.licence.activated,
            not_counted: found.licence.not_counted(),
        });
        Evidence { snapshots: snapshots.collect(), licences: licences.collect() }
    }
}
