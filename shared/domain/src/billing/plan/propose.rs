//! From a sum to a line: what ConnectWise bills now, what it would bill, and the guards between the two.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::dated::{self, Held, of_product};
use super::line_seats::LineSeats;
use super::strategy;
use super::{PlanInput, Psa};
use crate::Timestamp;
use crate::billing::line::{AgreementRef, CompanyCount, Line, LineKey, ProductRef, Risk};
use crate::billing::{Guard, MappingKey, Period, Policy, Standing};
use crate::hash::fingerprint;
use crate::ids::{AdditionId, AgreementId, CatalogId, ConnectionId, PreviewId};
use crate::mapping::{BillCustomer, CountRule, WriteRule, WriteStrategy};
use crate::money::Quantity;
use crate::psa::{Addition, Agreement, Bills, invoiced, on_day};

/// The line of `key`, from its seats and what ConnectWise holds.
pub(in crate::billing) fn propose(key: LineKey, mut sum: LineSeats<'_>, input: &PlanInput<'_>) -> Line {
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
        parts: Vec::new(),
        version: None,
        ordered: sum.ordered(),
        activated: sum.activated(),
        billed: None,
        invoiced: None,
        bill: None,
        included: Quantity::ZERO,
        target: sum.countable().then(|| counts.iter().map(|count| count.quantity).sum()),
        unit_price: None,
        currency: None,
        reason: sum.sentence(&counts),
        guards: std::mem::take(&mut sum.guards),
        risk: Risk::Low,
        automatic: sum.automatic,
        effective: None,
        create: None,
        end: None,
        members: std::mem::take(&mut sum.members),
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
    if let Some(what) = input.paused.get(&line.id).filter(|_| !line.blocked()) {
        line.guards.push(Guard::Drift { what: what.clone() });
    }
    line.guards.sort_by_key(|guard| (rank(guard.standing()), guard.code(), guard.message()));
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
    line.guards.extend(of_agreement(agreement, today));
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
    let all = of_product(&read.additions, product);
    let standing = on_day(all.iter().copied(), today);
    line.invoiced = Some(invoiced(standing.now.iter().copied(), agreement, today));
    match (standing.now.as_slice(), &rule.create) {
        (now, _) if rule.strategy == WriteStrategy::Dated && !(now.is_empty() && standing.later.is_empty()) => {
            let held = Held { agreement, product: tenant.catalogue.products.get(&product), additions: &all };
            let standing = dated::offer(line, rule.effective, &held, input.now);
            weigh_dated(line, psa, &standing, &all, input);
        }
        ([], _) if !standing.later.is_empty() => not_begun(line, &standing.later),
        ([], Some(create)) if line.target.is_some_and(|target| !target.is_zero()) => {
            let known = (agreement, tenant.catalogue.products.get(&product));
            strategy::create(line, create, rule.effective, known, &all, input.now);
            line.guards.extend(taken_back(newest(&all), psa, input));
        }
        ([], _) => line.guards.push(Guard::NoOngoingAddition),
        ([addition], _) => {
            offer(line, psa, addition, input);
            line.guards.extend(what_follows(addition, &standing.later));
            strategy::date(line, rule.effective, agreement, input.now);
        }
        (several, _) => {
            let count = u32::try_from(several.len()).unwrap_or(u32::MAX);
            line.billed = Some(several.iter().map(|addition| addition.quantity).sum());
            line.parts = several.iter().map(|addition| addition.id).collect();
            line.parts.sort();
            line.guards.push(Guard::MoreThanOneOngoingAddition { count });
        }
    }
    if line.addition.is_some() || line.create.is_some() {
        note(line, agreement, psa, id, input);
    }
}

/// What an agreement says of whether it is invoiced at all.
fn of_agreement(agreement: &Agreement, today: NaiveDate) -> Option<Guard> {
    match agreement.hindrance(today) {
        Some(Bills::NotActive { status }) => Some(Guard::AgreementNotActive { status }),
        Some(Bills::Expired { last }) => Some(Guard::AgreementEnded { last }),
        Some(Bills::NotStarted { on }) => Some(Guard::BillingNotStarted { on }),
        _ if agreement.recurs() => None,
        _ => Some(Guard::NotRecurring { cycle: agreement.cycle.clone().filter(|_| !agreement.one_time) }),
    }
}

/// Nothing bills the line yet: what will is shown with its day, and no other one is made.
fn not_begun(line: &mut Line, later: &[(NaiveDate, &Addition)]) {
    let Some((on, _)) = later.first() else { return };
    let quantity = later.iter().filter(|(from, _)| from == on).map(|(_, addition)| addition.quantity).sum();
    line.billed = Some(Quantity::ZERO);
    line.parts = later.iter().map(|(_, addition)| addition.id).collect();
    line.guards.push(Guard::NotBegun { on: *on, quantity });
}

/// What becomes of the addition that bills now: another one that is prepared follows it, or would bill beside it, or none does.
fn what_follows(addition: &Addition, later: &[(NaiveDate, &Addition)]) -> Option<Guard> {
    match (addition.cancelled, later.first()) {
        (None, None) => None,
        (Some(last), None) => Some(Guard::Ends { last }),
        (Some(last), Some((on, next))) if last <= *on => {
            Some(Guard::Succeeded { on: *on, quantity: next.quantity, unit_price: next.unit_price })
        }
        (_, Some((on, next))) => Some(Guard::Overlaps { on: *on, quantity: addition.quantity + next.quantity }),
    }
}

fn newest(additions: &[&Addition]) -> Option<AdditionId> {
    additions.iter().map(|addition| addition.id).max()
}

/// What holds a change of an addition on which a person took our last change back.
fn taken_back(addition: Option<AdditionId>, psa: &ConnectionId, input: &PlanInput<'_>) -> Option<Guard> {
    let reason = input.written.get(&(psa.clone(), addition?))?.reversed.clone()?;
    Some(Guard::Reversed { reason })
}

/// Holds a dated change that is out of the ordinary.
fn weigh_dated(line: &mut Line, psa: &ConnectionId, standing: &[&Addition], all: &[&Addition], input: &PlanInput<'_>) {
    let (Some(change), Some(billed)) = (line.change().filter(|change| !change.is_zero()), line.billed) else { return };
    for addition in standing {
        if let Some(last) = input.written.get(&(psa.clone(), addition.id)).filter(|last| last.quantity != addition.quantity) {
            line.guards.push(Guard::PartEdited { addition: addition.id, written: last.quantity, found: addition.quantity });
        }
    }
    line.guards.extend(taken_back(line.addition.or_else(|| newest(all)), psa, input));
    weigh(line, change, billed, input.policy);
}

/// Holds a change that is out of the ordinary for what is billed.
fn weigh(line: &mut Line, change: Quantity, billed: Quantity, policy: &Policy) {
    if line.target.is_some_and(Quantity::is_zero) {
        line.guards.push(Guard::DropToZero);
    }
    if let Some(cap) = broken_cap(change, billed, policy) {
        line.guards.push(Guard::OverCap { change, cap });
    }
}

/// Offers the target to the one ongoing addition, held when the change is out of the ordinary.
fn offer(line: &mut Line, psa: &ConnectionId, addition: &Addition, input: &PlanInput<'_>) {
    line.addition = Some(addition.id);
    line.version = Some(addition.version.clone());
    line.billed = Some(addition.quantity);
    line.included = addition.included;
    line.unit_price = addition.unit_price;
    line.bill = addition.bill;
    line.guards.extend(addition.bill.filter(|bill| *bill != BillCustomer::Billable).map(|bill| Guard::NotCharged { bill }));
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
    weigh(line, change, addition.quantity, input.policy);
}

/// What a person should know of a change that nothing holds.
fn note(line: &mut Line, agreement: &Agreement, psa: &ConnectionId, id: AgreementId, input: &PlanInput<'_>) {
    if !line.changes() {
        return;
    }
    // An invoice on the first of the next month is the next month's own: until then nothing is late.
    let due = line.period.next().first_day();
    // What is written on the eve of the next invoice is meant for it.
    let meant = |next: NaiveDate| line.effective.is_some_and(|day| day.succ_opt() >= Some(next));
    if let Some(next) = agreement.next_invoice_day().filter(|day| *day > due && !meant(*day)) {
        line.guards.push(Guard::PeriodInvoiced { next });
    }
    let new = line.members.iter().filter(|member| {
        let key = MappingKey { member: (*member).clone(), psa: psa.clone(), agreement: id };
        !input.records.contains_key(&key)
    });
    line.guards.extend(new.map(|member| Guard::FirstRun { company: input.eset_name(member).to_owned() }));
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
    if line.held() {
        Risk::High
    } else if !line.guards.is_empty() || line.change().is_some_and(Quantity::is_negative) {
        Risk::Medium
    } else {
        Risk::Low
    }
}

/// What a person sees when approving. Anything in it changed means another proposal.
fn preview(line: &Line) -> PreviewId {
    // Approving one line of a mapping ends the first run of all of them, and must not make the others stale.
    let codes: Vec<&str> = line.guards.iter().filter(|guard| !matches!(guard, Guard::FirstRun { .. })).map(Guard::code).collect();
    let how = (line.effective, &line.create, &line.end, line.unit_price.filter(|_| line.create.is_some()));
    let shares = line.counts.iter().map(|CompanyCount { company, rule, quantity, .. }| {
        let rule = Some(rule).filter(|rule| **rule != CountRule::PLAIN);
        (company, quantity, rule)
    });
    let counts: Vec<_> = shares.collect();
    let notes: Vec<_> = line.notes.iter().map(|note| (note.code, &note.company)).collect();
    let proposed = (line.billed, line.target, line.included, counts, notes);
    PreviewId(fingerprint(&(&line.id, line.addition, &line.version, proposed, codes, how)))
}

/// What cannot be approved comes first, what is only to be known last.
fn rank(standing: Standing) -> u8 {
    match standing {
        Standing::Blocks => 0,
        Standing::Asks => 1,
        Standing::Notes => 2,
    }
}

fn age_hours(now: Timestamp, then: Timestamp) -> u32 {
    u32::try_from((now - then).num_hours().max(0)).unwrap_or(u32::MAX)
}
