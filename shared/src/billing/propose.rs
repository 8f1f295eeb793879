//! From a sum to a line: what ConnectWise bills now, what it would bill, and the guards between the two.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::line::{AgreementRef, CompanyCount, Line, LineKey, ProductRef, Risk};
use super::plan::{PlanInput, Psa};
use super::sum::Sum;
use super::{Guard, Period, Policy, Standing, strategy};
use crate::Timestamp;
use crate::hash::fingerprint;
use crate::ids::{AgreementId, CatalogId, ConnectionId, PreviewId};
use crate::mapping::{CountRule, WriteRule};
use crate::money::Quantity;
use crate::psa::{Addition, AgreementStatus};

/// The line of `key`, from its seats and what ConnectWise holds.
pub(super) fn propose(key: LineKey, mut sum: Sum<'_>, input: &PlanInput<'_>) -> Line {
    let (counts, notes) = sum.counts(input.now);
    let eset: Vec<String> = sum.products().into_iter().map(str::to_owned).collect();
    let mut line = Line {
        id: key.id(),
        preview: PreviewId(String::new()),
        period: Period::of(input.now),
        company: sum.company.to_owned(),
        agreement: None,
        product: ProductRef { catalog: None, name: eset.join(", "), eset },
        addition: None,
        version: None,
        ordered: sum.ordered(),
        activated: sum.activated(),
        billed: None,
        included: Quantity::ZERO,
        target: sum.known().then(|| counts.iter().map(|count| count.quantity).sum()),
        unit_price: None,
        currency: None,
        reason: sum.sentence(&counts),
        guards: std::mem::take(&mut sum.guards),
        risk: Risk::Low,
        automatic: sum.automatic,
        effective: None,
        create: None,
        evidence: sum.evidence(),
        counts,
        notes,
        key,
    };
    let hours = sum.snapshots().map(|snapshot| age_hours(input.now, snapshot.taken_at)).max().unwrap_or_default();
    if hours > input.policy.snapshot_hours {
        line.guards.push(Guard::SnapshotStale { hours });
    }
    if let LineKey::Billed { psa, agreement, product } = line.key.clone() {
        line.product.catalog = Some(product);
        match input.psa.get(&psa) {
            Some(tenant) => read_agreement(&mut line, tenant, &psa, agreement, product, (&sum.write, input)),
            None => line.guards.push(Guard::PsaStale),
        }
    }
    line.guards.sort_by_cached_key(|guard| (guard.standing() == Standing::Asks, guard.code(), guard.words()));
    line.guards.dedup();
    line.risk = risk(&line);
    line.preview = preview(&line);
    line
}

/// Fills in what ConnectWise holds for the line, with the guards that come from it.
fn read_agreement(
    line: &mut Line,
    tenant: &Psa<'_>,
    psa: &ConnectionId,
    id: AgreementId,
    product: CatalogId,
    (write, input): (&[&WriteRule], &PlanInput<'_>),
) {
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
    let rule = match strategy::write_rule(write) {
        Ok(rule) => rule,
        Err(guard) => {
            line.guards.push(guard);
            WriteRule::default()
        }
    };
    match (ongoing(&read.additions, product, today).as_slice(), &rule.create) {
        ([], Some(create)) if line.target.is_some_and(|target| !target.is_zero()) => {
            let past: Vec<&Addition> = read.additions.iter().filter(|addition| addition.product == product).collect();
            let known = (agreement, tenant.catalogue.products.get(&product));
            strategy::create(line, create, rule.effective, known, &past, input.now);
            let last = past.iter().max_by_key(|addition| addition.id);
            let reversed = last.and_then(|addition| input.written.get(&(psa.clone(), addition.id))?.reversed.clone());
            line.guards.extend(reversed.map(|reason| Guard::Reversed { reason }));
        }
        ([], _) => line.guards.push(Guard::NoOngoingAddition),
        ([addition], _) => {
            offer(line, psa, addition, input);
            strategy::date(line, rule.effective, agreement, input.now);
        }
        (several, _) => {
            let count = u32::try_from(several.len()).unwrap_or(u32::MAX);
            line.billed = Some(several.iter().map(|addition| addition.quantity).sum());
            line.guards.push(Guard::MoreThanOneOngoingAddition { count });
        }
    }
}

fn ongoing(additions: &[Addition], product: CatalogId, today: NaiveDate) -> Vec<&Addition> {
    additions.iter().filter(|addition| addition.product == product && addition.ongoing(today)).collect()
}

/// Offers the target to the one ongoing addition, held when the change is out of the ordinary.
fn offer(line: &mut Line, psa: &ConnectionId, addition: &Addition, input: &PlanInput<'_>) {
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
    if let Some(last) = input.written.get(&(psa.clone(), addition.id)) {
        if last.quantity != addition.quantity {
            line.guards.push(Guard::EditedByHand { written: last.quantity, found: addition.quantity });
        }
        line.guards.extend(last.reversed.clone().map(|reason| Guard::Reversed { reason }));
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
    let allowed = billed.decimal().checked_mul(Decimal::from(policy.max_percent));
    let over = size.decimal().checked_mul(Decimal::ONE_HUNDRED) > allowed;
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
    let how = (line.effective, &line.create, line.unit_price.filter(|_| line.create.is_some()));
    let shares = line.counts.iter().map(|CompanyCount { company, rule, quantity, .. }| {
        let rule = Some(rule).filter(|rule| **rule != CountRule::PLAIN);
        (company, quantity, rule)
    });
    let counts: Vec<_> = shares.collect();
    let notes: Vec<_> = line.notes.iter().map(|note| (note.code, &note.company)).collect();
    let proposed = (line.billed, line.target, line.included, counts, notes);
    PreviewId(fingerprint(&(&line.id, line.addition, &line.version, proposed, codes, how)))
}

fn age_hours(now: Timestamp, then: Timestamp) -> u32 {
    u32::try_from((now - then).num_hours().max(0)).unwrap_or(u32::MAX)
}
