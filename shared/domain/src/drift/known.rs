//! What was known of a mapping when it was made or last acknowledged: what drift is measured from.

use std::collections::BTreeMap;
use std::mem;

use serde::{Deserialize, Serialize};

use super::additions::still_there;
use super::detect::DriftInput;
use crate::billing::{MappingKey, Member};
use crate::ids::{AdditionId, CatalogId, ConnectionId, LicenceId, ProductCode};
use crate::mapping::{CompanyChoice, CompanyTarget, Mappings, ProductChoice};
use crate::seats::CompanySeats;

/// What was known of one company mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The mapping itself, to map it back.
    pub target: CompanyTarget,
    /// The company's name in ESET.
    pub eset_name: Option<String>,
    /// Its name in ConnectWise.
    pub company_name: Option<String>,
    /// The agreement's name.
    pub agreement_name: Option<String>,
    /// Licences that were billed, and their products.
    pub licences: BTreeMap<LicenceId, ProductCode>,
    /// Ongoing additions of mapped products.
    pub additions: BTreeMap<AdditionId, CatalogId>,
}

/// What was known, by mapping.
pub type KnownMappings = BTreeMap<MappingKey, Known>;

/// Identifiers of mapped catalog products as they were known.
pub type KnownProducts = BTreeMap<(ConnectionId, CatalogId), String>;

/// Everything that was known.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    /// Of each company mapping.
    pub mappings: KnownMappings,
    /// Of each mapped catalog product.
    pub products: KnownProducts,
}

/// Where something else is known than before, or nothing any more.
#[derive(Debug)]
pub struct Learned {
    /// The company mappings.
    pub mappings: Vec<MappingKey>,
    /// The catalog products, each with its ConnectWise connection.
    pub products: Vec<(ConnectionId, CatalogId)>,
}

impl Knowledge {
    /// Adds what is new. A name, licence or addition that is not there any more stays known as long as anything depends on it,
    /// so that its event does not close by itself.
    pub fn learn(&mut self, input: &DriftInput<'_>) -> Learned {
        let mut changed = Vec::new();
        for (key, target) in targets(input) {
            let known = self.mappings.get(&key);
            let learned = known.cloned().unwrap_or_else(|| Known::nothing(target)).learn(input, &key, target);
            if known != Some(&learned) {
                changed.push(key.clone());
                self.mappings.insert(key, learned);
            }
        }
        self.mappings.retain(|key, gone| {
            let kept = is_mapped(input.mappings, key) || still_there(input, key, gone).next().is_some();
            if !kept {
                changed.push(key.clone());
            }
            kept
        });
        Learned { mappings: changed, products: self.learn_products(input) }
    }

    fn learn_products(&mut self, input: &DriftInput<'_>) -> Vec<(ConnectionId, CatalogId)> {
        let mut before = mem::take(&mut self.products);
        let mut changed = Vec::new();
        for (psa, choices) in &input.mappings.products {
            for choice in choices.values() {
                let ProductChoice::Mapped { product, .. } = choice else { continue };
                let key = (psa.clone(), *product);
                if self.products.contains_key(&key) {
                    continue;
                }
                let now = || input.psa.get(psa)?.catalogue.products.get(product);
                if let Some(known) = before.remove(&key) {
                    self.products.insert(key, known);
                } else if let Some(new) = now() {
                    changed.push(key.clone());
                    self.products.insert(key, new.identifier.clone());
                }
            }
        }
        changed.extend(before.into_keys());
        changed
    }
}

/// Every company mapping.
pub(super) fn targets<'a>(input: &DriftInput<'a>) -> impl Iterator<Item = (MappingKey, &'a CompanyTarget)> {
    input.mappings.targets().map(|(connection, company, target)| {
        let member = Member { connection: connection.clone(), company: company.clone() };
        (MappingKey { member, psa: target.psa.clone(), agreement: target.agreement }, target)
    })
}

/// Whether a company is mapped so.
pub(super) fn is_mapped(mappings: &Mappings, key: &MappingKey) -> bool {
    match mappings.company(&key.member.connection, &key.member.company) {
        Some(CompanyChoice::Mapped(target)) => (&target.psa, target.agreement) == (&key.psa, key.agreement),
        _ => false,
    }
}

impl Known {
    fn nothing(target: &CompanyTarget) -> Self {
        Self {
            target: target.clone(),
            eset_name: None,
            company_name: None,
            agreement_name: None,
            licences: BTreeMap::new(),
            additions: BTreeMap::new(),
        }
    }

    fn learn(mut self, input: &DriftInput<'_>, key: &MappingKey, target: &CompanyTarget) -> Self {
        self.target = target.clone();
        let seats = input.seats(&key.member);
        self.eset_name = self.eset_name.or_else(|| seats.map(|seats| seats.name.clone()));
        let catalogue = input.psa.get(&key.psa).map(|psa| psa.catalogue);
        let company = catalogue.and_then(|catalogue| catalogue.companies.get(&target.company));
        self.company_name = self.company_name.or_else(|| company.map(|company| company.name.clone()));
        let agreement = catalogue.and_then(|catalogue| catalogue.agreements.get(&key.agreement));
        self.agreement_name = self.agreement_name.or_else(|| agreement.map(|agreement| agreement.name.clone()));
        if let Some(seats) = seats.filter(|seats| seats.complete) {
            self.learn_licences(input, key, seats);
        }
        self.learn_additions(input, key);
        self
    }

    fn learn_licences(&mut self, input: &DriftInput<'_>, key: &MappingKey, seats: &CompanySeats) {
        let there = |id: &LicenceId| seats.licences.iter().any(|licence| licence.id == *id);
        self.licences.retain(|id, code| there(id) || input.line_of_product(key, code).is_some_and(|line| line.missed));
        let billed = seats.licences.iter().filter(|licence| licence.not_counted().is_none());
        self.licences.extend(billed.map(|licence| (licence.id.clone(), licence.product.clone())));
    }

    fn learn_additions(&mut self, input: &DriftInput<'_>, key: &MappingKey) {
        let Some(read) = input.psa.get(&key.psa).and_then(|psa| psa.additions.get(&key.agreement)) else { return };
        let ongoing =
            || read.additions.iter().filter(|addition| addition.goes_on(input.today) && input.is_mapped(&key.psa, addition.product));
        self.additions.retain(|id, product| {
            let replaced = ongoing().any(|addition| addition.product == *product && addition.id != *id);
            ongoing().any(|addition| addition.id == *id) || (!replaced && input.line(&key.psa, key.agreement, *product).is_some())
        });
        self.additions.extend(ongoing().map(|addition| (addition.id, addition.product)));
    }
}
