//! Seats summed for each line, before ConnectWise's side of it is looked at.

use std::collections::{BTreeMap, BTreeSet};

use super::claims::{hold_what_is_billed_elsewhere, hold_what_is_connected_twice};
use super::line_seats::{LineSeats, SeatSource};
use super::route::{Route, route};
use super::split::{SplitProduct, split_twice};
use crate::billing::line::LineKey;
use crate::billing::{Guard, MappingKey, Member as Key, PlanInput, TrackRecord};
use crate::ids::{AgreementId, CatalogId, ConnectionId, EsetCompanyId, ProductCode};
use crate::mapping::{CompanyTarget, CountMethod, CountRule, ProductChoice, WriteRule};
use crate::psa::Addition;
use crate::seats::{CompanySeats, Licence, Snapshot};

/// A company that is billed, and what its account shows of it.
pub(in crate::billing) struct MappedCompany<'a> {
    connection: &'a ConnectionId,
    pub(in crate::billing) company: &'a EsetCompanyId,
    pub(in crate::billing) target: &'a CompanyTarget,
    pub(in crate::billing) snapshot: Option<&'a Snapshot>,
    pub(in crate::billing) seats: Option<&'a CompanySeats>,
    /// Why what it has is not known.
    guards: Vec<Guard>,
}

/// What is billed on one agreement.
#[derive(Default)]
pub(in crate::billing) struct AgreementSeats<'a> {
    /// Places of the companies that have anything on it.
    members: Vec<usize>,
    pub(in crate::billing) products: BTreeMap<CatalogId, LineSeats<'a>>,
}

pub(in crate::billing) type SeatsByLine<'a> = BTreeMap<LineKey, LineSeats<'a>>;

/// The sum of every line: of each agreement that companies are billed on, and of what is billed nowhere.
pub(in crate::billing) fn sums<'a>(input: &PlanInput<'a>) -> SeatsByLine<'a> {
    let snapshots = latest(input.snapshots);
    let mut sums = SeatsByLine::new();
    for snapshot in snapshots.values() {
        for (company, seats) in &snapshot.companies {
            if input.mappings.company(&snapshot.connection, company).is_none() {
                for (code, product) in seats.products() {
                    let licences = product.licences.into_iter().map(|licence| (licence, None));
                    add_unmapped(&mut sums, snapshot, company, seats, code, licences.collect(), Guard::UnmappedCompany);
                }
            }
        }
    }
    let mut members = members(input, &snapshots);
    let mut bills: BTreeMap<(&ConnectionId, AgreementId), AgreementSeats<'a>> = BTreeMap::new();
    let looks_back = looks_back(input);
    let twice = seen_twice(&members);
    let split_twice = split_twice(input);
    for (place, member) in members.iter_mut().enumerate() {
        for agreement in member.target.agreements() {
            let bill = bills.entry((&member.target.psa, agreement)).or_default();
            if bill.members.last() != Some(&place) {
                bill.members.push(place);
            }
        }
        if let Some(split) = member.target.groups.iter().find(|split| split_twice.contains(&split.group)) {
            let why = format!("the group {} is a part of another company too", split.group);
            member.guards.push(Guard::NotShared { company: member.eset_name().to_owned(), why });
        }
        member.add_seats(&mut sums, &mut bills, input, twice.contains(member.company));
        if looks_back {
            member.add_month(&mut bills, input, twice.contains(member.company));
        }
    }
    let mapped: BTreeMap<&ConnectionId, BTreeSet<CatalogId>> = input.psa.keys().map(|psa| (psa, catalog_products(input, psa))).collect();
    let nothing = BTreeSet::new();
    for ((psa, agreement), bill) in bills {
        let members: Vec<&MappedCompany<'a>> = bill.members.iter().filter_map(|place| members.get(*place)).collect();
        let billed = billed_now(input, psa, agreement, mapped.get(psa).unwrap_or(&nothing), &members);
        close_agreement(&mut sums, input, psa, agreement, bill.products, &members, &billed);
    }
    for sum in sums.values_mut() {
        sum.count_each_licence_once();
        sum.hold_without_seat_days();
    }
    hold_what_is_billed_elsewhere(&mut sums);
    hold_what_is_connected_twice(&mut sums, input);
    sums
}

/// The latest snapshot of each connection: two of one connection would count its licences twice.
pub(in crate::billing) fn latest<'a>(snapshots: &[&'a Snapshot]) -> BTreeMap<&'a ConnectionId, &'a Snapshot> {
    let mut latest: BTreeMap<&ConnectionId, &Snapshot> = BTreeMap::new();
    for &snapshot in snapshots {
        let known = latest.entry(&snapshot.connection).or_insert(snapshot);
        if (snapshot.taken_at, &snapshot.pass) > (known.taken_at, &known.pass) {
            *known = snapshot;
        }
    }
    latest
}

/// Every mapped company.
fn members<'a>(input: &PlanInput<'a>, snapshots: &BTreeMap<&'a ConnectionId, &'a Snapshot>) -> Vec<MappedCompany<'a>> {
    let targets = input.mappings.targets().map(|(connection, company, target)| {
        let snapshot = snapshots.get(connection).copied();
        let seats = snapshot.and_then(|snapshot| snapshot.companies.get(company));
        let mut member = MappedCompany { connection, company, target, snapshot, seats, guards: Vec::new() };
        member.guards.extend(member.not_read(input));
        member
    });
    targets.collect()
}

/// Companies that two accounts reach.
fn seen_twice<'a>(members: &[MappedCompany<'a>]) -> BTreeSet<&'a EsetCompanyId> {
    let several = members.iter().any(|member| Some(member.connection) != members.first().map(|first| first.connection));
    let mut seen = BTreeSet::new();
    members.iter().filter(|member| several && !seen.insert(member.company)).map(|member| member.company).collect()
}

/// Whether any rule counts more than the last reading.
fn looks_back(input: &PlanInput<'_>) -> bool {
    let general = input.mappings.products.values().flat_map(BTreeMap::values).filter_map(|choice| match choice {
        ProductChoice::Mapped { rule, .. } => Some(rule),
        ProductChoice::Parts | ProductChoice::Excluded(_) => None,
    });
    let own = input.mappings.targets().flat_map(|(_, _, target)| target.products.values().filter_map(|own| own.rule.as_ref()));
    general.chain(own).any(|rule| rule.count.method.looks_back())
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

/// What the agreement bills now of the `mapped` catalog products, of those its companies are billed as instead, and of what was
/// mapped when we wrote it.
fn billed_now(
    input: &PlanInput<'_>,
    psa: &ConnectionId,
    agreement: AgreementId,
    mapped: &BTreeSet<CatalogId>,
    members: &[&MappedCompany<'_>],
) -> BTreeSet<CatalogId> {
    let read = input.psa.get(psa).and_then(|tenant| tenant.additions.get(&agreement));
    let today = input.now.date_naive();
    let ours = |addition: &Addition| input.written.contains_key(&(psa.clone(), addition.id));
    read.into_iter()
        .flat_map(|read| &read.additions)
        .filter(|addition| addition.goes_on(today) && !addition.quantity.is_zero())
        .filter(|addition| mapped.contains(&addition.product) || own(members, addition.product) || ours(addition))
        .map(|addition| addition.product)
        .collect()
}

/// Whether a company on the agreement is billed as this product instead of what its ESET product is mapped to.
fn own(members: &[&MappedCompany<'_>], product: CatalogId) -> bool {
    members.iter().any(|member| member.target.products.values().any(|own| own.product == Some(product)))
}

/// The lines of one agreement: a product that a company on it pays for, or that is still billed although none does. Every
/// company on the agreement is looked at for each of them: a seat that could not be read might be of any of its products.
fn close_agreement<'a>(
    sums: &mut SeatsByLine<'a>,
    input: &PlanInput<'a>,
    psa: &'a ConnectionId,
    agreement: AgreementId,
    mut products: BTreeMap<CatalogId, LineSeats<'a>>,
    members: &[&MappedCompany<'a>],
    billed: &BTreeSet<CatalogId>,
) {
    for product in billed {
        products.entry(*product).or_default();
    }
    products.retain(|product, sum| billed.contains(product) || sum.pays());
    let company = billed_name(input, psa, agreement, members);
    for (product, mut sum) in products {
        (sum.company, sum.automatic) = (company, true);
        if sum.write.is_empty() {
            sum.write = rules_of(input, psa, product);
            if sum.write.is_empty() && !own(members, product) {
                sum.guards.push(Guard::NothingMapped);
            }
        }
        for member in members {
            let key = Key { connection: member.connection.clone(), company: member.company.clone() };
            let mapping = MappingKey { member: key.clone(), psa: psa.clone(), agreement };
            sum.automatic &= member.target.automatic && input.records.get(&mapping) == Some(&TrackRecord::Proven);
            sum.members.push(key);
            sum.snapshots.extend(member.snapshot.map(|snapshot| (member.connection, snapshot)));
            sum.guards.extend(member.guards.iter().cloned());
            sum.guards.extend(member.not_its_own(input, agreement));
        }
        sums.insert(LineKey::Billed { psa: psa.clone(), agreement, product }, sum);
    }
}

/// Whom the agreement bills: its company in ConnectWise, else the one it was mapped with, else ESET's name for it.
fn billed_name<'a>(input: &PlanInput<'a>, psa: &ConnectionId, agreement: AgreementId, members: &[&MappedCompany<'a>]) -> &'a str {
    let catalogue = input.psa.get(psa).map(|tenant| tenant.catalogue);
    let owner = catalogue.and_then(|catalogue| catalogue.companies.get(&catalogue.agreements.get(&agreement)?.company));
    let names = || members.iter().filter_map(|member| member.psa_name(input)).min();
    let eset = || members.iter().map(|member| member.eset_name()).min();
    owner.map(|company| company.name.as_str()).or_else(names).or_else(eset).unwrap_or_default()
}

/// The bill of a line, by agreement.
pub(in crate::billing) type SeatsByAgreement<'a> = BTreeMap<(&'a ConnectionId, AgreementId), AgreementSeats<'a>>;

impl<'a> MappedCompany<'a> {
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

    /// A reason to hold when it was not read to its end.
    fn not_read(&self, input: &PlanInput<'a>) -> Option<Guard> {
        let name = || self.seats.map(|seats| seats.name.as_str()).or_else(|| self.psa_name(input)).unwrap_or(self.company.as_str());
        match (self.snapshot, self.seats) {
            (_, Some(seats)) if seats.complete => None,
            (Some(snapshot), None) if snapshot.complete => Some(Guard::CompanyGone { company: name().to_owned() }),
            // Also of an account that was never read: how many seats it has is just as unknown.
            _ => Some(Guard::SnapshotPartial { company: name().to_owned() }),
        }
    }

    /// Puts each of its licences, or each product inside one, where it is billed.
    fn add_seats(&mut self, sums: &mut SeatsByLine<'a>, bills: &mut SeatsByAgreement<'a>, input: &PlanInput<'a>, twice: bool) {
        let (Some(snapshot), Some(seats)) = (self.snapshot, self.seats) else { return };
        let mut unmapped: BTreeMap<&'a ProductCode, Vec<Unmapped<'a>>> = BTreeMap::new();
        for (code, product) in seats.products() {
            let whole = route(input.mappings, self.target, None, code);
            for &licence in &product.licences {
                if whole != Route::Split {
                    self.put(bills, &mut unmapped, (snapshot, seats), (licence, None), whole, twice);
                    continue;
                }
                for part in &licence.parts {
                    let inside = route(input.mappings, self.target, Some(code), &part.product);
                    self.put(bills, &mut unmapped, (snapshot, seats), (licence, Some(part)), inside, twice);
                    if let Route::Billed { agreement, product, .. } = inside
                        && agreement == self.target.agreement
                        && !self.target.groups.is_empty()
                    {
                        self.hold_part(bills, product, &part.product_name);
                    }
                }
                if licence.parts.is_empty() && licence.not_counted().is_none() {
                    // What is inside might be on any of its lines. Held, and shown even where there is none.
                    unmapped.entry(code).or_default().push((licence, None));
                    self.guards.push(Guard::PartsUnknown { company: seats.name.clone(), product: licence.product_name.clone() });
                }
            }
            if let Route::Billed { agreement, product: catalog, rule } = whole
                && agreement == self.target.agreement
                && !self.target.groups.is_empty()
            {
                self.split_by_group(bills, input, &SplitProduct { code, seats: &product, catalog, rule }, twice);
            }
        }
        for (code, licences) in unmapped {
            let unknown = |(licence, part): &Unmapped<'a>| {
                part.is_none() && route(input.mappings, self.target, None, &licence.product) == Route::Split
            };
            let why = match licences.iter().find(|found| unknown(found)) {
                Some((licence, _)) => Guard::PartsUnknown { company: seats.name.clone(), product: licence.product_name.clone() },
                None => Guard::UnmappedProduct,
            };
            add_unmapped(sums, snapshot, self.company, seats, code, licences, why);
        }
    }

    fn put(
        &self,
        bills: &mut SeatsByAgreement<'a>,
        unmapped: &mut BTreeMap<&'a ProductCode, Vec<Unmapped<'a>>>,
        (snapshot, seats): (&'a Snapshot, &'a CompanySeats),
        (licence, part): Unmapped<'a>,
        route: Route<'a>,
        twice: bool,
    ) {
        match route {
            Route::Billed { agreement, product, rule } => {
                let sum = bills.entry((&self.target.psa, agreement)).or_default().products.entry(product).or_default();
                let group = sum.group(self.company, snapshot, seats, &rule.count, twice);
                sum.note_write(&rule.write);
                sum.licences.push(SeatSource { snapshot, company: &seats.name, licence, part, group });
            }
            Route::Unmapped => unmapped.entry(part.map_or(&licence.product, |part| &part.product)).or_default().push((licence, part)),
            Route::LeftOut | Route::Split => {}
        }
    }

    /// Notes what it had earlier in the month where a rule looks back, also of products it has no more.
    fn add_month(&self, bills: &mut SeatsByAgreement<'a>, input: &PlanInput<'a>, twice: bool) {
        let (Some(snapshot), Some(seats)) = (self.snapshot, self.seats) else { return };
        let tally = snapshot.tallies.get(self.company);
        let rows = tally.iter().flat_map(|tally| tally.rows()).filter(|row| row.ever());
        let rows = rows.map(|row| (row.bundle.as_ref(), &row.product, false));
        let reported = seats.seat_days.iter().filter(|(_, days)| **days > 0).map(|(product, _)| (None, product, true));
        for (bundle, product, days) in rows.chain(reported) {
            if bundle.is_some_and(|bundle| route(input.mappings, self.target, None, bundle) != Route::Split) {
                continue;
            }
            let Route::Billed { agreement, product: catalog, rule } = route(input.mappings, self.target, bundle, product) else { continue };
            let wanted = if days { rule.count.method == CountMethod::SeatDays } else { rule.count.method.looks_back() };
            if !wanted {
                continue;
            }
            let sum = bills.entry((&self.target.psa, agreement)).or_default().products.entry(catalog).or_default();
            let group = sum.group(self.company, snapshot, seats, &rule.count, twice);
            sum.note_write(&rule.write);
            sum.note_source(group, bundle, product);
        }
    }
}

/// A licence or a product inside one.
type Unmapped<'a> = (&'a Licence, Option<&'a crate::seats::Part>);

static PLAIN: CountRule = CountRule::PLAIN;

/// A line of what ESET bills and nobody is billed for. None for licences that ESET does not bill.
fn add_unmapped<'a>(
    sums: &mut SeatsByLine<'a>,
    snapshot: &'a Snapshot,
    company: &'a EsetCompanyId,
    seats: &'a CompanySeats,
    code: &ProductCode,
    licences: Vec<Unmapped<'a>>,
    why: Guard,
) {
    if licences.iter().all(|(licence, _)| licence.not_counted().is_some()) {
        return;
    }
    let mut guards = vec![why];
    if !seats.complete {
        guards.push(Guard::SnapshotPartial { company: seats.name.clone() });
    }
    let key = LineKey::Unmapped { connection: snapshot.connection.clone(), company: company.clone(), product: code.clone() };
    let mut sum =
        LineSeats { company: &seats.name, guards, snapshots: BTreeMap::from([(&snapshot.connection, snapshot)]), ..LineSeats::default() };
    let group = sum.group(company, snapshot, seats, &PLAIN, false);
    let found = licences.into_iter().map(|(licence, part)| SeatSource { snapshot, company: &seats.name, licence, part, group });
    sum.licences.extend(found);
    sums.insert(key, sum);
}
