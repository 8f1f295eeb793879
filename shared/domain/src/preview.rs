//! What an edited mapping would change, worked out where it is edited: the same [`crate::billing::plan`] as in the Worker, over
//! the part of its input that the mapping touches.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::billing::{Difference, Line, PlanSlice, PsaSlice, difference, effective};
use crate::groups::{DeviceGroup, Groups, StandsFor};
use crate::ids::{AgreementId, CatalogId, ConnectionId, DeviceGroupId, EsetCompanyId, ProductCode};
use crate::mapping::{CompanyChange, CompanyDecision};
use crate::mapping::{CompanyChoice, CompanyTarget, CountMethod, CountRule, EffectiveRule, Exclusion, ProductChoice, ProductRule};
use crate::mapping::{ProductChange, ProductDecision};
use crate::seats::Snapshot;

/// What is asked of a [`Preview`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Question {
    /// The rule that is being edited: its worked examples are wanted.
    pub count: Option<CountRule>,
    /// An edited decision for a product.
    pub product: Option<ProductChange>,
    /// An edited decision for a company.
    pub company: Option<CompanyChange>,
}

/// What a [`Preview`] says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// A worked example of the rule with each of [`CountMethod::ALL`], in that order; empty when no rule was given.
    pub examples: Vec<String>,
    /// The next day each of [`crate::mapping::EffectiveRule`] names, in words.
    pub days: Vec<String>,
    /// Agreements that were too many to be looked at.
    pub left_out: u32,
    /// What the month would change; none when no decision was given, or nothing is known of the month.
    pub difference: Option<Difference>,
    /// The company's products, when it is about one.
    pub products: Vec<Held>,
    /// The agreements of its ConnectWise company.
    pub agreements: Vec<(AgreementId, String)>,
    /// Static device groups that could be billed apart: those of the company, or all when none has its name.
    pub groups: Vec<GroupHeld>,
}

/// A device group that could be billed apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupHeld {
    /// The connection that shows it.
    pub connection: ConnectionId,
    /// The group.
    pub group: DeviceGroupId,
    /// Its name, below those of the groups above it, as far as they are the company's.
    pub path: String,
    /// Seats of the company's products that its devices use, those of groups below it included.
    pub in_use: u32,
}

/// The most groups that are offered.
const MOST_GROUPS: usize = 200;

/// What one company has of one ESET product, and how it is billed unless the company does otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// ESET's code.
    pub code: ProductCode,
    /// ESET's name.
    pub name: String,
    /// Ordered seats.
    pub ordered: u32,
    /// Activated seats; none when ESET does not say.
    pub activated: Option<u32>,
    /// The catalog product it is billed as elsewhere; none when it is not mapped.
    pub usual: Option<String>,
    /// How it is counted and written elsewhere.
    pub rule: Option<ProductRule>,
    /// The catalog product the company has of its own for it.
    pub own: Option<String>,
}

/// A slice of the plan's input, planned as it is now.
#[derive(Debug)]
pub struct Preview {
    slice: PlanSlice,
    now: Vec<Line>,
}

impl Preview {
    /// Plans the slice as it is now.
    pub fn of(slice: PlanSlice) -> Self {
        let now = slice.plan();
        Self { slice, now }
    }

    /// What an edit would change.
    pub fn answer(&mut self, question: &Question) -> Answer {
        let mut answer = examples(question);
        answer.left_out = self.slice.left_out;
        answer.days = self.days();
        let stored = self.slice.mappings.clone();
        if let Some(change) = &question.product {
            edit_product(&mut self.slice, change);
        }
        if let Some(change) = &question.company {
            (answer.products, answer.agreements) = self.company(change);
            answer.groups = self.groups(change, &answer.products);
            edit_company(&mut self.slice, change);
        }
        if question.product.is_some() || question.company.is_some() {
            answer.difference = Some(difference(&self.now, &self.slice.plan()));
        }
        self.slice.mappings = stored;
        answer
    }

    fn tenant(&self, psa: &ConnectionId) -> Option<&PsaSlice> {
        self.slice.psa.iter().find(|tenant| tenant.connection == *psa)
    }

    /// The next day each effective-date rule names, on the agreements at hand.
    fn days(&self) -> Vec<String> {
        let agreements = || self.slice.psa.iter().flat_map(|psa| &psa.agreements).map(|(_, agreement)| agreement.next_invoice_day());
        let days = |rule| {
            let next: Vec<Option<NaiveDate>> = match rule {
                EffectiveRule::BeforeInvoice => agreements().collect(),
                EffectiveRule::Now | EffectiveRule::FirstOfNext => vec![None],
            };
            let known: BTreeSet<NaiveDate> = next.iter().filter_map(|next| effective(rule, self.slice.now, *next)).collect();
            let unknown = next.iter().filter(|next| effective(rule, self.slice.now, **next).is_none()).count();
            let first = known.first().copied().map(day);
            let last = known.last().copied().map(day);
            let words = match (first, last) {
                (Some(first), Some(last)) if first != last => format!("{first} to {last}, by agreement"),
                (Some(first), _) => first,
                (None, _) => "Not known: ConnectWise names no next invoice date".to_owned(),
            };
            if unknown > 0 && !known.is_empty() { format!("{words}; not known on {unknown}, whose lines are held") } else { words }
        };
        [EffectiveRule::Now, EffectiveRule::FirstOfNext, EffectiveRule::BeforeInvoice].map(days).to_vec()
    }

    fn company(&self, change: &CompanyChange) -> (Vec<Held>, Vec<(AgreementId, String)>) {
        let Some(CompanyChoice::Mapped(target)) = self.slice.mappings.company(&change.connection, &change.company) else {
            return (Vec::new(), Vec::new());
        };
        let agreements = self.tenant(&target.psa).into_iter().flat_map(|tenant| &tenant.agreements);
        let agreements = agreements.filter(|(_, agreement)| agreement.company == target.company);
        let agreements = agreements.map(|(id, agreement)| (*id, format!("{} ({})", agreement.name, agreement.status.label()))).collect();
        let seats = |snapshot: &&Snapshot| snapshot.connection == change.connection;
        let snapshot = self.slice.snapshots.iter().find(seats);
        let products = snapshot.map(|snapshot| self.held(snapshot, &change.company, target)).unwrap_or_default();
        (products, agreements)
    }

    fn groups(&self, change: &CompanyChange, products: &[Held]) -> Vec<GroupHeld> {
        let snapshot = self.slice.snapshots.iter().find(|snapshot| snapshot.connection == change.connection);
        let name = snapshot.and_then(|snapshot| snapshot.companies.get(&change.company)).map_or("", |seats| seats.name.trim());
        let all = || self.slice.groups.iter().flat_map(|read| read.groups.iter().map(move |(id, group)| (read, id, group)));
        let own = |group: &DeviceGroup| group.stands_for == Some(StandsFor::Company) && group.name.trim().eq_ignore_ascii_case(name);
        let owns: Vec<&DeviceGroupId> = all().filter(|(_, _, group)| own(group)).map(|(_, id, _)| id).collect();
        let below =
            |(read, id, _): &(&Groups, &DeviceGroupId, &DeviceGroup)| owns.is_empty() || read.above(id).any(|(id, _)| owns.contains(&id));
        let none = BTreeSet::new();
        let mut groups: Vec<GroupHeld> = all()
            .filter(below)
            .take(MOST_GROUPS)
            .map(|(read, id, group)| {
                let above = read.above(id).take_while(|(above, _)| !owns.contains(above));
                let mut path: Vec<&str> = above.map(|(_, above)| above.name.as_str()).collect();
                path.insert(0, &group.name);
                path.reverse();
                let in_use = products.iter().filter_map(|held| read.in_use(id, &none, &held.code, &held.name));
                let (connection, group) = (read.connection.clone(), id.clone());
                GroupHeld { connection, group, path: path.join(" / "), in_use: in_use.fold(0, u32::saturating_add) }
            })
            .collect();
        groups.sort_by(|a, b| a.path.cmp(&b.path));
        groups
    }

    /// The products of a company that are billed, also those inside bundles that are counted by their parts.
    fn held(&self, snapshot: &Snapshot, company: &EsetCompanyId, target: &CompanyTarget) -> Vec<Held> {
        let Some(seats) = snapshot.companies.get(company) else { return Vec::new() };
        let choice = |code: &ProductCode| self.slice.mappings.product(&target.psa, code);
        let mut held: Vec<Held> = Vec::new();
        let mut add = |code: &ProductCode, name: &str, ordered: u32, activated: Option<u32>| {
            if let Some(known) = held.iter_mut().find(|known| known.code == *code) {
                known.ordered = known.ordered.saturating_add(ordered);
                known.activated = known.activated.and_then(|sum| Some(sum.saturating_add(activated?)));
                return;
            }
            let (usual, rule) = match choice(code) {
                Some(ProductChoice::Mapped { product, rule }) => (Some(self.identifier(&target.psa, *product)), Some(rule.clone())),
                _ => (None, None),
            };
            let own = target.products.get(code).and_then(|own| own.product).map(|product| self.identifier(&target.psa, product));
            held.push(Held { code: code.clone(), name: name.to_owned(), ordered, activated, usual, rule, own });
        };
        for licence in seats.licences.iter().filter(|licence| licence.not_counted().is_none()) {
            if choice(&licence.product) == Some(&ProductChoice::Parts) {
                for part in &licence.parts {
                    add(&part.product, &part.product_name, part.ordered.unwrap_or_default(), part.activated);
                }
            } else {
                add(&licence.product, &licence.product_name, licence.ordered, Some(licence.activated));
            }
        }
        held.sort_by(|a, b| (&a.name, &a.code).cmp(&(&b.name, &b.code)));
        held
    }

    fn identifier(&self, psa: &ConnectionId, product: CatalogId) -> String {
        let known = self.tenant(psa).and_then(|tenant| tenant.products.iter().find(|(id, _)| *id == product));
        known.map_or_else(|| format!("product {product}"), |(_, known)| known.identifier.clone())
    }
}

/// What can be said without knowing the month.
pub fn examples(question: &Question) -> Answer {
    let example = |rule: &CountRule| CountMethod::ALL.map(|method| CountRule { method, ..rule.clone() }.example()).to_vec();
    Answer { examples: question.count.as_ref().map(example).unwrap_or_default(), ..Answer::default() }
}

fn edit_product(slice: &mut PlanSlice, change: &ProductChange) {
    let products = slice.mappings.products.entry(change.psa.clone()).or_default();
    let choice = match &change.decision {
        ProductDecision::Clear => None,
        ProductDecision::Parts => Some(ProductChoice::Parts),
        ProductDecision::Exclude { reason } => Some(ProductChoice::Excluded(excluded(reason, slice.now))),
        ProductDecision::Map { product, rule } => {
            let kept = match products.get(&change.code) {
                Some(ProductChoice::Mapped { rule, .. }) => rule.clone(),
                _ => ProductRule::default(),
            };
            Some(ProductChoice::Mapped { product: *product, rule: rule.clone().unwrap_or(kept) })
        }
    };
    match choice {
        Some(choice) => products.insert(change.code.clone(), choice),
        None => products.remove(&change.code),
    };
}

fn edit_company(slice: &mut PlanSlice, change: &CompanyChange) {
    let companies = slice.mappings.companies.entry(change.connection.clone()).or_default();
    let choice = match &change.decision {
        CompanyDecision::Clear => None,
        CompanyDecision::Exclude { reason } => Some(CompanyChoice::Excluded(excluded(reason, slice.now))),
        CompanyDecision::Map { psa, agreement, automatic, products, groups } => {
            let before = match companies.get(&change.company) {
                Some(CompanyChoice::Mapped(target)) if target.psa == *psa => Some(target),
                _ => None,
            };
            let mut agreements = slice.psa.iter().filter(|tenant| tenant.connection == *psa).flat_map(|tenant| &tenant.agreements);
            let known = agreements.find(|(id, _)| id == agreement).map(|(_, agreement)| agreement.company);
            let Some(company) = known.or_else(|| before.map(|target| target.company)) else { return };
            let products = products.clone().or_else(|| before.map(|target| target.products.clone())).unwrap_or_default();
            let groups = groups.clone().or_else(|| before.map(|target| target.groups.clone())).unwrap_or_default();
            let target = CompanyTarget { psa: psa.clone(), company, agreement: *agreement, automatic: *automatic, products, groups };
            Some(CompanyChoice::Mapped(target))
        }
    };
    match choice {
        Some(choice) => companies.insert(change.company.clone(), choice),
        None => companies.remove(&change.company),
    };
}

fn excluded(reason: &str, at: Timestamp) -> Exclusion {
    Exclusion { reason: reason.to_owned(), by: String::new(), at }
}

/// A day as people write it. chrono's own formatting reads patterns at run time, which is a lot of code to carry for one.
fn day(day: NaiveDate) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = MONTHS.get(day.month0() as usize).copied().unwrap_or_default();
    format!("{} {month} {}", day.day(), day.year())
}
