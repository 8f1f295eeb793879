//! The plan: given snapshots, mappings and what ConnectWise holds, which lines change?
//!
//! Pure and total: the same input gives the same lines in the same order, whatever order its parts came in, and a line whose
//! quantity already matches asks for nothing. What is not known is never a zero: the line is held and says why.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::line::{AgreementRef, Evidence, EvidenceItem, Line, LineKey, ProductRef, Risk, SnapshotRef};
use super::{Guard, Period, Policy, Standing};
use crate::Timestamp;
use crate::hash::fingerprint;
use crate::ids::{AdditionId, AgreementId, CatalogId, ConnectionId, EsetCompanyId, PreviewId, ProductCode};
use crate::mapping::{CompanyChoice, CompanyTarget, Mappings, ProductChoice};
use crate::money::Quantity;
use crate::psa::{Addition, AdditionsRead, AgreementStatus, PsaCatalogue};
use crate::seats::{CompanySeats, Licence, Snapshot};

/// Everything a plan is made from.
#[derive(Debug)]
pub struct PlanInput<'a> {
    /// Now.
    pub now: Timestamp,
    /// The latest snapshot of each ESET connection.
    pub snapshots: &'a [&'a Snapshot],
    /// The mappings.
    pub mappings: &'a Mappings,
    /// What each ConnectWise tenant holds, by connection.
    pub psa: &'a BTreeMap<ConnectionId, Psa<'a>>,
    /// What we last wrote, by ConnectWise connection and addition.
    pub written: &'a BTreeMap<(ConnectionId, AdditionId), LastWrite>,
    /// The caps.
    pub policy: &'a Policy,
}

/// One ConnectWise tenant as last read.
#[derive(Debug)]
pub struct Psa<'a> {
    /// Companies, agreements and products.
    pub catalogue: &'a PsaCatalogue,
    /// Additions of the agreements that were read.
    pub additions: &'a BTreeMap<AgreementId, AdditionsRead>,
}

/// What we last wrote to an addition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastWrite {
    /// The quantity read back after the write.
    pub quantity: Quantity,
}

/// The lines of the month, sorted by company, agreement and product.
pub fn plan(input: &PlanInput<'_>) -> Vec<Line> {
    let mut sums = Sums::default();
    for snapshot in input.snapshots {
        for (company, seats) in &snapshot.companies {
            sums.add_company(input, snapshot, company, seats);
        }
    }
    sums.add_missing_companies(input);
    sums.add_vanished_products(input);
    let mut lines: Vec<Line> = sums.by_key.into_iter().map(|(key, sum)| sum.into_line(key, input)).collect();
    lines.sort_by(|a, b| (&a.company, &a.key).cmp(&(&b.company, &b.key)));
    lines
}

/// Seats gathered for each line.
#[derive(Default)]
struct Sums<'a> {
    by_key: BTreeMap<LineKey, Sum<'a>>,
}

struct Sum<'a> {
    company: String,
    counted: Vec<(&'a Snapshot, &'a str, &'a Licence)>,
    eset_products: BTreeSet<&'a str>,
    /// Snapshots that were looked at, also when they held no licence of this product.
    snapshots: BTreeMap<&'a ConnectionId, &'a Snapshot>,
    guards: Vec<Guard>,
    automatic: bool,
}

impl<'a> Sum<'a> {
    fn new(company: &str, automatic: bool) -> Self {
        Self {
            company: company.to_owned(),
            counted: Vec::new(),
            eset_products: BTreeSet::new(),
            snapshots: BTreeMap::new(),
            guards: Vec::new(),
            automatic,
        }
    }

    fn look_at(&mut self, snapshot: &'a Snapshot, name: &str, seats: Option<&CompanySeats>) {
        self.snapshots.insert(&snapshot.connection, snapshot);
        let guard = match seats {
            Some(seats) if seats.complete => return,
            Some(_) => Guard::SnapshotPartial { company: name.to_owned() },
            None if snapshot.complete => Guard::CompanyGone { company: name.to_owned() },
            None => Guard::SnapshotPartial { company: name.to_owned() },
        };
        if !self.guards.contains(&guard) {
            self.guards.push(guard);
        }
    }
}

impl<'a> Sums<'a> {
    fn add_company(&mut self, input: &'a PlanInput<'a>, snapshot: &'a Snapshot, company: &'a EsetCompanyId, seats: &'a CompanySeats) {
        match input.mappings.company(&snapshot.connection, company) {
            Some(CompanyChoice::Excluded(_)) => {}
            Some(CompanyChoice::Mapped(target)) => self.add_mapped(input, snapshot, company, seats, target),
            None => {
                for (code, product) in seats.products() {
                    if product.licences.iter().all(|licence| licence.not_counted().is_some()) {
                        continue;
                    }
                    let key = unmapped(snapshot, company, code);
                    let sum = self.by_key.entry(key).or_insert_with(|| Sum::new(&seats.name, false));
                    sum.take(snapshot, seats, &product.licences);
                    sum.guards.push(Guard::UnmappedCompany);
                }
            }
        }
    }

    fn add_mapped(
        &mut self,
        input: &'a PlanInput<'a>,
        snapshot: &'a Snapshot,
        company: &'a EsetCompanyId,
        seats: &'a CompanySeats,
        target: &'a CompanyTarget,
    ) {
        for (code, product) in seats.products() {
            match input.mappings.product(&target.psa, code) {
                Some(ProductChoice::Excluded(_)) => {}
                Some(ProductChoice::Mapped { product: catalog }) => {
                    self.billed(input, target, *catalog, seats).take(snapshot, seats, &product.licences);
                }
                None => {
                    if product.licences.iter().all(|licence| licence.not_counted().is_some()) {
                        continue;
                    }
                    let key = unmapped(snapshot, company, code);
                    let sum = self.by_key.entry(key).or_insert_with(|| Sum::new(&seats.name, false));
                    sum.take(snapshot, seats, &product.licences);
                    sum.guards.push(Guard::UnmappedProduct);
                }
            }
        }
    }

    /// The sum of a billed line, made when it is not there yet.
    fn billed(&mut self, input: &PlanInput<'_>, target: &CompanyTarget, product: CatalogId, seats: &CompanySeats) -> &mut Sum<'a> {
        let key = LineKey::Billed { psa: target.psa.clone(), agreement: target.agreement, product };
        let sum = self.by_key.entry(key).or_insert_with(|| {
            let company = input.psa.get(&target.psa).and_then(|psa| psa.catalogue.companies.get(&target.company));
            Sum::new(company.map_or(&seats.name, |company| &company.name), true)
        });
        sum.automatic &= target.automatic;
        sum
    }

    /// A mapped company that its account no longer shows: each of its lines is held, none is a zero.
    fn add_missing_companies(&mut self, input: &'a PlanInput<'a>) {
        for snapshot in input.snapshots {
            for (connection, company, target) in input.mappings.targets() {
                if *connection != snapshot.connection || snapshot.companies.contains_key(company) {
                    continue;
                }
                let name = input
                    .psa
                    .get(&target.psa)
                    .and_then(|psa| psa.catalogue.companies.get(&target.company))
                    .map_or_else(|| company.to_string(), |company| company.name.clone());
                for product in mapped_products_on(input, target) {
                    let key = LineKey::Billed { psa: target.psa.clone(), agreement: target.agreement, product };
                    let sum = self.by_key.entry(key).or_insert_with(|| Sum::new(&name, true));
                    sum.automatic = false;
                    sum.look_at(snapshot, &name, None);
                }
            }
        }
    }

    /// A product still on the agreement of which no company has a licence any more; and companies that share a line with
    /// others but could not be read to their end, whose missing licence might be of that product.
    fn add_vanished_products(&mut self, input: &'a PlanInput<'a>) {
        for snapshot in input.snapshots {
            for (company, seats) in &snapshot.companies {
                let Some(CompanyChoice::Mapped(target)) = input.mappings.company(&snapshot.connection, company) else {
                    continue;
                };
                for product in mapped_products_on(input, target) {
                    let sum = self.billed(input, target, product, seats);
                    sum.look_at(snapshot, &seats.name, Some(seats));
                }
            }
        }
    }
}

impl<'a> Sum<'a> {
    fn take(&mut self, snapshot: &'a Snapshot, seats: &'a CompanySeats, licences: &[&'a Licence]) {
        self.look_at(snapshot, &seats.name, Some(seats));
        for licence in licences {
            self.eset_products.insert(&licence.product_name);
            self.counted.push((snapshot, &seats.name, licence));
        }
    }

    fn ordered(&self) -> u32 {
        self.counted.iter().fold(0, |sum, (_, _, licence)| sum.saturating_add(licence.counted()))
    }

    fn activated(&self) -> u32 {
        let counted = self.counted.iter().filter(|(_, _, licence)| licence.not_counted().is_none());
        counted.fold(0, |sum, (_, _, licence)| sum.saturating_add(licence.activated))
    }

    fn into_line(mut self, key: LineKey, input: &PlanInput<'_>) -> Line {
        self.counted.sort_by(|a, b| (a.1, &a.2.id).cmp(&(b.1, &b.2.id)));
        let known = !self.guards.iter().any(|guard| matches!(guard, Guard::SnapshotPartial { .. } | Guard::CompanyGone { .. }));
        let (ordered, activated) = (self.ordered(), self.activated());
        let hours = self.snapshots.values().map(|snapshot| age_hours(input.now, snapshot.taken_at)).max().unwrap_or_default();
        if hours > input.policy.snapshot_hours {
            self.guards.push(Guard::SnapshotStale { hours });
        }
        let mut line = Line {
            id: key.id(),
            preview: PreviewId(String::new()),
            period: Period::of(input.now),
            company: self.company.clone(),
            agreement: None,
            product: ProductRef {
                catalog: None,
                name: self.eset_products.iter().copied().collect::<Vec<_>>().join(", "),
                eset: self.eset_products.iter().map(|name| (*name).to_owned()).collect(),
            },
            addition: None,
            version: None,
            ordered: known.then_some(ordered),
            activated: known.then_some(activated),
            billed: None,
            included: Quantity::ZERO,
            target: known.then(|| Quantity::from(ordered)),
            unit_price: None,
            currency: None,
            reason: self.sentence(known, ordered),
            guards: std::mem::take(&mut self.guards),
            risk: Risk::Low,
            automatic: self.automatic,
            evidence: self.evidence(),
            key,
        };
        if let LineKey::Billed { psa, agreement, product } = line.key.clone() {
            match input.psa.get(&psa) {
                Some(tenant) => read_agreement(&mut line, tenant, &psa, agreement, product, input),
                None => line.guards.push(Guard::PsaStale),
            }
        }
        line.guards.sort_by_key(|guard| (guard.standing() == Standing::Asks, guard.code()));
        line.guards.dedup();
        line.risk = risk(&line);
        line.preview = preview(&line);
        line
    }

    fn sentence(&self, known: bool, ordered: u32) -> String {
        if !known {
            return "ESET's count is not known".to_owned();
        }
        let left_out = self.counted.iter().filter(|(_, _, licence)| licence.not_counted().is_some()).count();
        let licences = self.counted.len() - left_out;
        let mut sentence = match licences {
            0 => "No licence is billed by ESET".to_owned(),
            1 => format!("{ordered} ordered on 1 licence"),
            _ => format!("{ordered} ordered on {licences} licences"),
        };
        if left_out > 0 {
            sentence.push_str(&format!("; {left_out} trial or suspended not counted"));
        }
        sentence
    }

    fn evidence(&self) -> Evidence {
        let snapshots = self.snapshots.values().map(|snapshot| SnapshotRef {
            connection: snapshot.connection.clone(),
            pass: snapshot.pass.clone(),
            taken_at: snapshot.taken_at,
        });
        let licences = self.counted.iter().map(|(_, company, licence)| EvidenceItem {
            company: (*company).to_owned(),
            licence: licence.id.clone(),
            product: licence.product_name.clone(),
            ordered: licence.ordered,
            activated: licence.activated,
            not_counted: licence.not_counted(),
        });
        Evidence { snapshots: snapshots.collect(), licences: licences.collect() }
    }
}

fn unmapped(snapshot: &Snapshot, company: &EsetCompanyId, product: &ProductCode) -> LineKey {
    LineKey::Unmapped { connection: snapshot.connection.clone(), company: company.clone(), product: product.clone() }
}

/// Catalog products that ESET products are mapped to and that `target`'s agreement bills now with a quantity.
fn mapped_products_on(input: &PlanInput<'_>, target: &CompanyTarget) -> BTreeSet<CatalogId> {
    let Some(read) = input.psa.get(&target.psa).and_then(|psa| psa.additions.get(&target.agreement)) else {
        return BTreeSet::new();
    };
    let Some(choices) = input.mappings.products.get(&target.psa) else {
        return BTreeSet::new();
    };
    let mapped: BTreeSet<CatalogId> = choices
        .values()
        .filter_map(|choice| match choice {
            ProductChoice::Mapped { product } => Some(*product),
            ProductChoice::Excluded(_) => None,
        })
        .collect();
    let today = input.now.date_naive();
    let billing = read.additions.iter().filter(|addition| addition.ongoing(today) && !addition.quantity.is_zero());
    billing.map(|addition| addition.product).filter(|product| mapped.contains(product)).collect()
}

/// Fills in what ConnectWise holds for the line, with the guards that come from it.
fn read_agreement(line: &mut Line, tenant: &Psa<'_>, psa: &ConnectionId, id: AgreementId, product: CatalogId, input: &PlanInput<'_>) {
    line.product.catalog = Some(product);
    if let Some(product) = tenant.catalogue.products.get(&product) {
        line.product.name.clone_from(&product.identifier);
    }
    let Some(agreement) = tenant.catalogue.agreements.get(&id) else {
        line.guards.push(Guard::AgreementGone);
        return;
    };
    line.currency.clone_from(&agreement.currency);
    line.agreement = Some(AgreementRef {
        psa: psa.clone(),
        id,
        name: agreement.name.clone(),
        company: agreement.company,
        next_invoice: agreement.next_invoice.clone(),
    });
    let today = input.now.date_naive();
    let not_started = agreement.bill_start.is_some_and(|day| day > today);
    if agreement.status != AgreementStatus::Active || not_started {
        let status = if agreement.status == AgreementStatus::Active { AgreementStatus::Inactive } else { agreement.status };
        line.guards.push(Guard::AgreementNotActive { status });
    }
    let Some(read) = tenant.additions.get(&id) else {
        line.guards.push(Guard::PsaStale);
        return;
    };
    if age_hours(input.now, read.read_at) > input.policy.psa_hours {
        line.guards.push(Guard::PsaStale);
    }
    match ongoing(&read.additions, product, today).as_slice() {
        [] => line.guards.push(Guard::NoOngoingAddition),
        [addition] => propose(line, psa, addition, input),
        several => {
            let count = u32::try_from(several.len()).unwrap_or(u32::MAX);
            line.billed = Some(several.iter().map(|addition| addition.quantity).sum());
            line.guards.push(Guard::MoreThanOneOngoingAddition { count });
        }
    }
}

fn ongoing(additions: &[Addition], product: CatalogId, today: NaiveDate) -> Vec<&Addition> {
    additions.iter().filter(|addition| addition.product == product && addition.ongoing(today)).collect()
}

/// Proposes the target on the one ongoing addition, held when the change is out of the ordinary.
fn propose(line: &mut Line, psa: &ConnectionId, addition: &Addition, input: &PlanInput<'_>) {
    line.addition = Some(addition.id);
    line.version = Some(addition.version.clone());
    line.billed = Some(addition.quantity);
    line.included = addition.included;
    line.unit_price = addition.unit_price;
    let Some(target) = line.target else { return };
    let change = target - addition.quantity;
    if change.is_zero() {
        return;
    }
    if let Some(last) = input.written.get(&(psa.clone(), addition.id))
        && last.quantity != addition.quantity
    {
        line.guards.push(Guard::EditedByHand { written: last.quantity, found: addition.quantity });
    }
    if target.is_zero() {
        line.guards.push(Guard::DropToZero);
    }
    if let Some(cap) = broken_cap(change, addition.quantity, input.policy) {
        line.guards.push(Guard::OverCap { change, cap });
    }
}

fn broken_cap(change: Quantity, billed: Quantity, policy: &Policy) -> Option<String> {
    let size = change.abs();
    if size > Quantity::from(policy.max_units) {
        return Some(format!("{} units", policy.max_units));
    }
    let percent = rust_decimal::Decimal::from(policy.max_percent);
    let over = size.decimal() * rust_decimal::Decimal::ONE_HUNDRED > percent * billed.decimal();
    (over && size > Quantity::from(policy.small_units)).then(|| format!("{} % of {billed}", policy.max_percent))
}

fn risk(line: &Line) -> Risk {
    if !line.guards.is_empty() {
        Risk::High
    } else if line.change().is_some_and(Quantity::is_negative) {
        Risk::Medium
    } else {
        Risk::Low
    }
}

/// What a person sees when approving. Anything in it changed means another proposal.
fn preview(line: &Line) -> PreviewId {
    let codes: Vec<&str> = line.guards.iter().map(Guard::code).collect();
    PreviewId(fingerprint(&(&line.id, line.addition, &line.version, line.billed, line.target, line.included, codes)))
}

fn age_hours(now: Timestamp, then: Timestamp) -> u32 {
    u32::try_from((now - then).num_hours().max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
