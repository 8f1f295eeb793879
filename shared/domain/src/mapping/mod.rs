//! Mappings: which ConnectWise agreement an ESET company is billed on, and which catalog product stands for an ESET product.
//!
//! Suggestions are only ever shown. A person (or their API call) makes each mapping, and none is overwritten unasked.

mod decision;
mod matching;
mod names;
mod rule_check;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use decision::{CompanyChange, CompanyDecision, ProductChange, ProductDecision};
pub use matching::{CompanySuggestion, MatchReason, ProductSuggestion, suggest_companies, suggest_products};
pub use names::normalised;
pub use rule_check::RuleFault;
pub use rules::{
    BillCustomer, CompanyProduct, CompanyProducts, CountMethod, CountRule, CreateRule, EffectiveRule, ProductRule, Rounding, WriteRule,
    WriteStrategy,
};

use crate::Timestamp;
use crate::ids::{AgreementId, CatalogId, ConnectionId, DeviceGroupId, EsetCompanyId, ProductCode, PsaCompanyId};

/// Version of [`Mappings`] as stored.
pub const MAPPINGS_SCHEMA: u32 = 1;

/// Every mapping of the install: one immutable document, a new version at each change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Mappings {
    /// By ESET connection and company.
    pub companies: BTreeMap<ConnectionId, BTreeMap<EsetCompanyId, CompanyChoice>>,
    /// By ConnectWise connection and ESET product.
    pub products: BTreeMap<ConnectionId, BTreeMap<ProductCode, ProductChoice>>,
}

/// What was decided for an ESET company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "choice", rename_all = "snake_case")]
pub enum CompanyChoice {
    /// Billed on one agreement.
    Mapped(CompanyTarget),
    /// Left out on purpose.
    Excluded(Exclusion),
}

/// Where an ESET company is billed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompanyTarget {
    /// The ConnectWise connection.
    pub psa: ConnectionId,
    /// The ConnectWise company.
    pub company: PsaCompanyId,
    /// The agreement its additions are on.
    pub agreement: AgreementId,
    /// Commit lines that no guard holds without asking. Off unless a person turns it on.
    #[serde(default)]
    pub automatic: bool,
    /// What it does differently with single products.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub products: CompanyProducts,
    /// Device groups whose seats are billed on other agreements of the same ConnectWise company.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupSplit>,
}

/// A static device group whose devices are billed on an agreement of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GroupSplit {
    /// The ESET Connect or On-Prem connection that shows it.
    pub connection: ConnectionId,
    /// The group. Groups below it belong to it, unless they have a part of their own.
    pub group: DeviceGroupId,
    /// Where its devices are billed.
    pub agreement: AgreementId,
}

impl CompanyTarget {
    /// Every agreement the company is billed on: its own, those of single products and those of its groups. One may come up
    /// twice.
    pub fn agreements(&self) -> impl Iterator<Item = AgreementId> + '_ {
        let others = self.products.values().filter_map(|own| own.agreement);
        [self.agreement].into_iter().chain(others).chain(self.groups.iter().map(|split| split.agreement))
    }
}

/// What was decided for an ESET product in one ConnectWise tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "choice", rename_all = "snake_case")]
pub enum ProductChoice {
    /// Billed as this catalog product; many ESET products may share one.
    Mapped {
        /// The catalog product.
        product: CatalogId,
        /// How it is counted and written.
        #[serde(default)]
        rule: ProductRule,
    },
    /// A bundle that is not billed as one: the products inside it are counted by themselves.
    Parts,
    /// Not billed, on purpose.
    Excluded(Exclusion),
}

/// Why something is left out, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Exclusion {
    /// The reason a person gave.
    pub reason: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Mappings {
    /// What was decided for an ESET company, if anything.
    pub fn company(&self, connection: &ConnectionId, company: &EsetCompanyId) -> Option<&CompanyChoice> {
        self.companies.get(connection)?.get(company)
    }

    /// What was decided for an ESET product in a ConnectWise tenant, if anything.
    pub fn product(&self, psa: &ConnectionId, product: &ProductCode) -> Option<&ProductChoice> {
        self.products.get(psa)?.get(product)
    }

    /// Every company mapped to an agreement.
    pub fn targets(&self) -> impl Iterator<Item = (&ConnectionId, &EsetCompanyId, &CompanyTarget)> {
        self.companies.iter().flat_map(|(connection, companies)| {
            companies.iter().filter_map(move |(company, choice)| match choice {
                CompanyChoice::Mapped(target) => Some((connection, company, target)),
                CompanyChoice::Excluded(_) => None,
            })
        })
    }

    /// The agreements that bill a company here and do not in `after`: what was approved for them counted it.
    pub fn agreements_left(&self, after: &Self) -> BTreeSet<(ConnectionId, AgreementId)> {
        let billed = |mappings: &Self| -> BTreeSet<(ConnectionId, EsetCompanyId, ConnectionId, AgreementId)> {
            let places = mappings.targets().flat_map(|(connection, company, target)| {
                target.agreements().map(|agreement| (connection.clone(), company.clone(), target.psa.clone(), agreement))
            });
            places.collect()
        };
        billed(self).difference(&billed(after)).map(|(_, _, psa, agreement)| (psa.clone(), *agreement)).collect()
    }

    /// The catalog products an ESET product is billed as here and not in `after`.
    pub fn products_left(&self, after: &Self) -> BTreeSet<(ConnectionId, CatalogId)> {
        let billed = |mappings: &Self| -> BTreeSet<(ConnectionId, ProductCode, CatalogId)> {
            let choices = mappings.products.iter().flat_map(|(psa, choices)| choices.iter().map(move |(code, choice)| (psa, code, choice)));
            let mapped = choices.filter_map(|(psa, code, choice)| match choice {
                ProductChoice::Mapped { product, .. } => Some((psa.clone(), code.clone(), *product)),
                _ => None,
            });
            mapped.collect()
        };
        billed(self).difference(&billed(after)).map(|(psa, _, product)| (psa.clone(), *product)).collect()
    }

    /// Forgets everything that names `connection`, on either side. Answers how many company and product mappings went.
    pub fn forget(&mut self, connection: &ConnectionId) -> (usize, usize) {
        let before = (self.companies.values().map(BTreeMap::len).sum::<usize>(), self.products.values().map(BTreeMap::len).sum::<usize>());
        self.companies.remove(connection);
        self.products.remove(connection);
        for companies in self.companies.values_mut() {
            companies.retain(|_, choice| !matches!(choice, CompanyChoice::Mapped(target) if target.psa == *connection));
            for choice in companies.values_mut() {
                if let CompanyChoice::Mapped(target) = choice {
                    target.groups.retain(|split| split.connection != *connection);
                }
            }
        }
        let after = (self.companies.values().map(BTreeMap::len).sum::<usize>(), self.products.values().map(BTreeMap::len).sum::<usize>());
        (before.0 - after.0, before.1 - after.1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(number: u8) -> ConnectionId {
        ConnectionId(format!("connection-{number}"))
    }

    /// Random mappings among four connections, so that they meet often.
    fn mappings() -> impl Strategy<Value = Mappings> {
        let excluded = || Exclusion { reason: "ours".to_owned(), by: "Ann".to_owned(), at: Timestamp::UNIX_EPOCH };
        let companies = proptest::collection::vec((0..4_u8, 0..5_u8, prop::option::of(0..4_u8)), 0..20);
        let products = proptest::collection::vec((0..4_u8, 0..5_u8, prop::option::of(0..9_i64)), 0..20);
        (companies, products).prop_map(move |(companies, products)| {
            let mut mappings = Mappings::default();
            for (connection, company, psa) in companies {
                let choice = psa.map_or_else(
                    || CompanyChoice::Excluded(excluded()),
                    |psa| {
                        let (company, agreement) = (PsaCompanyId(1), AgreementId(2));
                        CompanyChoice::Mapped(CompanyTarget {
                            psa: id(psa),
                            company,
                            agreement,
                            automatic: false,
                            products: CompanyProducts::new(),
                            groups: Vec::new(),
                        })
                    },
                );
                mappings.companies.entry(id(connection)).or_default().insert(EsetCompanyId(company.to_string()), choice);
            }
            for (psa, code, product) in products {
                let mapped = |product| ProductChoice::Mapped { product: CatalogId(product), rule: ProductRule::default() };
                let choice = product.map_or_else(|| ProductChoice::Excluded(excluded()), mapped);
                mappings.products.entry(id(psa)).or_default().insert(ProductCode(code.to_string()), choice);
            }
            mappings
        })
    }

    fn sizes(mappings: &Mappings) -> (usize, usize) {
        (mappings.companies.values().map(BTreeMap::len).sum(), mappings.products.values().map(BTreeMap::len).sum())
    }

    proptest! {
        #[test]
        fn what_is_forgotten_is_named_nowhere_and_the_rest_is_untouched(before in mappings(), gone in 0..4_u8) {
            let gone = id(gone);
            let mut after = before.clone();
            let went = after.forget(&gone);
            prop_assert!(!serde_json::to_string(&after).expect("json").contains(gone.as_str()));
            let (had, has) = (sizes(&before), sizes(&after));
            prop_assert_eq!(went, (had.0 - has.0, had.1 - has.1));
            for (connection, companies) in &before.companies {
                for (company, choice) in companies {
                    let names_it = *connection == gone || matches!(choice, CompanyChoice::Mapped(target) if target.psa == gone);
                    prop_assert_eq!(after.company(connection, company), (!names_it).then_some(choice));
                }
            }
            for (psa, products) in &before.products {
                for (code, choice) in products {
                    prop_assert_eq!(after.product(psa, code), (*psa != gone).then_some(choice));
                }
            }
        }

        #[test]
        fn forgetting_again_forgets_nothing(mut mappings in mappings(), gone in 0..4_u8) {
            mappings.forget(&id(gone));
            let once = mappings.clone();
            prop_assert_eq!(mappings.forget(&id(gone)), (0, 0));
            prop_assert_eq!(mappings, once);
        }

        #[test]
        fn it_does_not_matter_which_connection_is_forgotten_first(mappings in mappings(), a in 0..4_u8, b in 0..4_u8) {
            let (mut one, mut other) = (mappings.clone(), mappings);
            one.forget(&id(a));
            one.forget(&id(b));
            other.forget(&id(b));
            other.forget(&id(a));
            prop_assert_eq!(one, other);
        }
    }
}
