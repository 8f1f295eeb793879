//! What was known of a mapping when it was made or last acknowledged: what drift is measured from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::additions::still_there;
use super::detect::DriftInput;
use crate::billing::{Line, MappingKey, Member};
use crate::ids::{AdditionId, CatalogId, ConnectionId, LicenceId, ProductCode};
use crate::mapping::{CompanyTarget, ProductChoice};
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

/// What is known from now on: what was known, with what is new. A name, licence or addition that is not there any more stays
/// known as long as anything depends on it, so that its event does not close by itself.
pub fn learn(input: &DriftInput<'_>) -> (KnownMappings, KnownProducts) {
    let mut known = KnownMappings::new();
    for (connection, company, target) in input.mappings.targets() {
        let member = Member { connection: connection.clone(), company: company.clone() };
        let key = MappingKey { member, psa: target.psa.clone(), agreement: target.agreement };
        let now = input.known.get(&key).cloned().unwrap_or_else(|| Known {
            target: target.clone(),
            eset_name: None,
            company_name: None,
            agreement_name: None,
            licences: BTreeMap::new(),
            additions: BTreeMap::new(),
        });
        let learned = now.learn(input, &key, target);
        known.insert(key, learned);
    }
    for (key, gone) in input.known {
        if !known.contains_key(key) && still_there(input, key, gone).next().is_some() {
            known.insert(key.clone(), gone.clone());
        }
    }
    (known, products(input))
}

impl Known {
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
        self.licences.retain(|id, code| there(id) || input.line_of_product(key, code).is_some_and(missed));
        let billed = seats.licences.iter().filter(|licence| licence.not_counted().is_none());
        self.licences.extend(billed.map(|licence| (licence.id.clone(), licence.product.clone())));
    }

    fn learn_additions(&mut self, input: &DriftInput<'_>, key: &MappingKey) {
        let Some(read) = input.psa.get(&key.psa).and_then(|psa| psa.additions.get(&key.agreement)) else { return };
        let ongoing =
            || read.additions.iter().filter(|addition| addition.ongoing(input.today) && input.is_mapped(&key.psa, addition.product));
        self.additions.retain(|id, product| {
            let replaced = ongoing().any(|addition| addition.product == *product && addition.id != *id);
            ongoing().any(|addition| addition.id == *id) || (!replaced && input.line(&key.psa, key.agreement, *product).is_some())
        });
        self.additions.extend(ongoing().map(|addition| (addition.id, addition.product)));
    }
}

/// Whether a line still says that something is missing: its change waits, or its count is not known.
pub(super) fn missed(line: &Line) -> bool {
    line.changes() || line.target.is_none()
}

fn products(input: &DriftInput<'_>) -> KnownProducts {
    let mut products = KnownProducts::new();
    for (psa, choices) in &input.mappings.products {
        for choice in choices.values() {
            let ProductChoice::Mapped { product, .. } = choice else { continue };
            let key = (psa.clone(), *product);
            let now = input.psa.get(psa).and_then(|psa| psa.catalogue.products.get(product)).map(|product| product.identifier.clone());
            if let Some(name) = input.known_products.get(&key).cloned().or(now) {
                products.insert(key, name);
            }
        }
    }
    products
}
