//! One row of the reconciliation: a company's product in ESET and in ConnectWise.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::finding::{Finding, findings};
use crate::billing::{EvidenceItem, GroupEvidence, Guard, Line, LineKey, Period};
use crate::ids::{AdditionId, ConnectionId, EsetCompanyId, LicenceId, LineId};
use crate::mapping::{BillCustomer, CompanyChoice, Mappings, ProductChoice, ProductRule};
use crate::money::{Money, Quantity};
use crate::seats::{CompanySeats, Licence, Snapshot};

/// One company's product: ESET's numbers beside ConnectWise's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reconciled {
    /// The line it is of.
    pub line: LineId,
    /// The company as it is billed.
    pub company: String,
    /// The agreement; none while unmapped.
    pub agreement: Option<String>,
    /// The product.
    pub product: String,
    /// Units ESET bills the MSP for.
    pub ordered: Option<u32>,
    /// Units the customer uses.
    pub activated: Option<u32>,
    /// ESET's seat-days of this month, up to `seat_days_to`; none when ESET has not counted a day of it.
    pub seat_days: Option<u64>,
    /// The last day in them.
    pub seat_days_to: Option<NaiveDate>,
    /// The seat-days over the days of the month, to two places: the seats that were billed for the whole month.
    pub seat_months: Option<Decimal>,
    /// Quantity of the addition; none without one, or when it is not known.
    pub quantity: Option<Quantity>,
    /// What the customer is invoiced: the quantity less what the agreement includes; zero when nothing bills it.
    pub billed: Option<Quantity>,
    /// Billed less ordered.
    pub difference: Option<Quantity>,
    /// Price of a unit.
    pub unit_price: Option<Money>,
    /// Whether the price is assumed: that of the mapping's rule for an addition which is not there yet.
    pub price_estimated: bool,
    /// What ESET bills the MSP for a unit a month; none when it is not known or not the same for all units.
    pub unit_cost: Option<Money>,
    /// Whether the cost is assumed: ConnectWise's own cost of the addition instead of one a person gave.
    pub cost_estimated: bool,
    /// What the customer pays a month: billed times price.
    pub price: Option<Money>,
    /// What the MSP pays a month: ordered times cost.
    pub cost: Option<Money>,
    /// Price less cost.
    pub margin: Option<Money>,
    /// Currency of the agreement.
    pub currency: Option<String>,
    /// What does not agree.
    pub findings: Vec<Finding>,
}

impl Reconciled {
    /// Whether seats and billing are both known; if not, the row is in no sum.
    pub fn known(&self) -> bool {
        self.ordered.is_some() && self.activated.is_some() && self.billed.is_some()
    }
}

/// What ConnectWise says an addition costs the MSP.
pub type AdditionCosts = BTreeMap<(ConnectionId, AdditionId), Money>;

/// What lines are reconciled with.
pub struct Reconciler<'a> {
    mappings: &'a Mappings,
    costs: &'a AdditionCosts,
    threshold: u32,
    /// Whose each licence is.
    owners: BTreeMap<(&'a ConnectionId, &'a LicenceId), Owner<'a>>,
}

#[derive(Clone, Copy)]
struct Owner<'a> {
    snapshot: &'a Snapshot,
    company: &'a EsetCompanyId,
    seats: &'a CompanySeats,
    licence: &'a Licence,
}

/// Seat-days of a line and the last day in them.
type SeatDays = (u64, NaiveDate);

impl<'a> Reconciler<'a> {
    /// Books over the latest snapshots. `threshold` is the difference in units that is let pass.
    pub fn new(snapshots: &[&'a Snapshot], mappings: &'a Mappings, costs: &'a AdditionCosts, threshold: u32) -> Self {
        let mut owners = BTreeMap::new();
        for &snapshot in snapshots {
            for (company, seats) in &snapshot.companies {
                for licence in &seats.licences {
                    owners.insert((&snapshot.connection, &licence.id), Owner { snapshot, company, seats, licence });
                }
            }
        }
        Self { mappings, costs, threshold, owners }
    }

    /// A line's row.
    pub fn row(&self, line: &Line) -> Reconciled {
        let seat_days = self.seat_days(line);
        let (cost, unit_cost, cost_estimated) = self.cost(line);
        let billed = billed(line);
        let assumed = if line.unit_price.is_none() && line.addition.is_none() { self.rule_price(line) } else { None };
        let unit_price = line.unit_price.or(assumed);
        let price = match billed {
            Some(billed) if billed.is_zero() || line.bill.is_some_and(|bill| bill != BillCustomer::Billable) => Some(Money::ZERO),
            Some(billed) => unit_price.map(|price| price.times(billed)),
            None => None,
        };
        let mut row = Reconciled {
            line: line.id.clone(),
            company: line.company.clone(),
            agreement: line.agreement.as_ref().map(|agreement| agreement.name.clone()),
            product: line.product.name.clone(),
            ordered: line.ordered,
            activated: line.activated,
            seat_days: seat_days.map(|(days, _)| days),
            seat_days_to: seat_days.map(|(_, to)| to),
            seat_months: seat_days.and_then(|(days, _)| seat_months(days, line.period)),
            quantity: line.billed,
            billed,
            difference: billed.zip(line.ordered).map(|(billed, ordered)| billed - Quantity::from(ordered)),
            unit_price,
            price_estimated: assumed.is_some(),
            unit_cost,
            cost_estimated,
            price,
            cost,
            margin: price.zip(cost).map(|(price, cost)| price - cost),
            currency: line.currency.clone(),
            findings: Vec::new(),
        };
        row.findings = findings(&row, line.is_unbilled(), self.threshold);
        row
    }

    /// Seat-days of the companies and products on the line, each once; none when ESET has counted no day of its month or its report
    /// was not read, and when a product inside a bundle or a part of a company is on the line: ESET counts those of bundles and companies.
    fn seat_days(&self, line: &Line) -> Option<SeatDays> {
        line.ordered?;
        if !line.evidence.groups.is_empty() || line.evidence.licences.iter().any(|item| item.part.is_some()) {
            return None;
        }
        let mut seen = BTreeSet::new();
        let mut sum: Option<SeatDays> = None;
        for owner in self.owners_of(line) {
            let (from, to) = owner.snapshot.usage_days;
            if from != line.period.first_day() || owner.seats.seat_days_unread {
                return None;
            }
            if seen.insert((&owner.snapshot.connection, owner.company, &owner.licence.product)) {
                let days = owner.seats.seat_days.get(&owner.licence.product).copied().unwrap_or_default();
                sum = Some(sum.map_or((days, to), |(sum, last)| (sum.saturating_add(days), last.min(to))));
            }
        }
        sum
    }

    fn owners_of(&self, line: &'a Line) -> impl Iterator<Item = Owner<'a>> {
        line.evidence.licences.iter().filter_map(|item| self.owner(line, &item.licence))
    }

    /// The rule of each licence on the line.
    fn rules_of(&self, line: &'a Line) -> impl Iterator<Item = Option<&'a ProductRule>> {
        line.evidence.licences.iter().map(|item| self.rule(line, item, self.owner(line, &item.licence)?))
    }

    fn owner(&self, line: &'a Line, licence: &'a LicenceId) -> Option<Owner<'a>> {
        let connections = line.evidence.snapshots.iter().map(|snapshot| &snapshot.connection);
        connections.filter_map(|connection| self.owners.get(&(connection, licence))).max_by_key(|owner| owner.snapshot.taken_at).copied()
    }

    /// What the line costs the MSP, what one unit does, and whether that is assumed. A cost a person gave goes before
    /// ConnectWise's.
    fn cost(&self, line: &Line) -> (Option<Money>, Option<Money>, bool) {
        let Some(ordered) = line.ordered else { return (None, None, false) };
        let mut costs: BTreeSet<Option<Money>> = BTreeSet::new();
        let mut total = Money::ZERO;
        for item in &line.evidence.licences {
            let owner = self.owner(line, &item.licence);
            // ESET bills no trial, also where the customer pays for it.
            if item.not_counted.is_some() || owner.is_some_and(|owner| owner.licence.not_counted().is_some()) {
                continue;
            }
            let cost = owner.and_then(|owner| self.rule(line, item, owner)?.cost);
            total = total + cost.unwrap_or_default().times(Quantity::from(item.ordered.unwrap_or_default()));
            costs.insert(cost);
        }
        for group in &line.evidence.groups {
            let cost = self.rule_of_group(line, group).and_then(|rule| rule.cost);
            let devices = cost.unwrap_or_default().times(Quantity::from(group.devices));
            total = if group.billed { total + devices } else { total - devices };
            costs.insert(cost);
        }
        let one = costs.first().copied().flatten().filter(|_| costs.len() == 1);
        if !costs.contains(&None) && !costs.is_empty() {
            return (Some(total), one, false);
        }
        let addition = line.agreement.as_ref().zip(line.addition);
        let assumed = addition.and_then(|(agreement, addition)| self.costs.get(&(agreement.psa.clone(), addition)).copied());
        match assumed {
            _ if ordered == 0 => (Some(Money::ZERO), assumed, assumed.is_some()),
            Some(unit) => (Some(unit.times(Quantity::from(ordered))), Some(unit), true),
            None => (None, None, false),
        }
    }

    /// The rule the seats of a group are billed by: its company's own, or its product's.
    fn rule_of_group(&self, line: &Line, group: &GroupEvidence) -> Option<&'a ProductRule> {
        let LineKey::Billed { psa, .. } = &line.key else { return None };
        let mut targets = self.mappings.targets().map(|(_, _, target)| target);
        let target = targets.find(|target| target.groups.iter().any(|share| share.group == group.group));
        let own = target.and_then(|target| target.products.get(&group.code)?.rule.as_ref());
        own.or_else(|| match self.mappings.product(psa, &group.code) {
            Some(ProductChoice::Mapped { rule, .. }) => Some(rule),
            _ => None,
        })
    }

    /// The price a missing addition would be made with.
    fn rule_price(&self, line: &Line) -> Option<Money> {
        let mut prices: BTreeSet<Option<Money>> = BTreeSet::new();
        for rule in self.rules_of(line) {
            prices.insert(rule.and_then(|rule| rule.write.create.as_ref()?.unit_price));
        }
        prices.first().copied().flatten().filter(|_| prices.len() == 1)
    }

    /// The rule a licence is billed by on this line: its company's own, or its product's.
    fn rule(&self, line: &Line, item: &EvidenceItem, owner: Owner<'a>) -> Option<&'a ProductRule> {
        let LineKey::Billed { psa, .. } = &line.key else { return None };
        let product = item.part.as_ref().unwrap_or(&owner.licence.product);
        let own = match self.mappings.company(&owner.snapshot.connection, owner.company) {
            Some(CompanyChoice::Mapped(target)) => target.products.get(product).and_then(|own| own.rule.as_ref()),
            _ => None,
        };
        own.or_else(|| match self.mappings.product(psa, product) {
            Some(ProductChoice::Mapped { rule, .. }) => Some(rule),
            _ => None,
        })
    }
}

/// What the customer is invoiced for: nothing at all when it is certain that no addition bills it.
fn billed(line: &Line) -> Option<Quantity> {
    let nothing = |guard: &Guard| matches!(guard, Guard::UnmappedCompany | Guard::UnmappedProduct | Guard::NoOngoingAddition);
    let unknown = |guard: &Guard| matches!(guard, Guard::PsaStale | Guard::AgreementGone);
    match line.billed {
        Some(quantity) => Some(line.invoiced.unwrap_or_else(|| quantity.billed_after(line.included))),
        None if line.guards.iter().any(nothing) && !line.guards.iter().any(unknown) => Some(Quantity::ZERO),
        None => None,
    }
}

fn seat_months(seat_days: u64, period: Period) -> Option<Decimal> {
    let days = (period.next().first_day() - period.first_day()).num_days();
    Some(Decimal::from(seat_days).checked_div(Decimal::from(days))?.round_dp(2).normalize())
}
