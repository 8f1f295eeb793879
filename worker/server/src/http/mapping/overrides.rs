//! What one company does differently with single products: checked, and told in the history.

use domain::ids::{AgreementId, ConnectionId, ProductCode, PsaCompanyId};
use domain::mapping::{CompanyProduct, CompanyProducts, CompanyTarget, Mappings};
use domain::psa::PsaCatalogue;
use domain::seats::CompanySeats;

use crate::http::mapping::rules::{check_rule, with_rule};
use crate::http::middleware::error::{Failure, invalid};

/// The most products a company does something differently with.
const MOST: usize = 200;

/// What a company's exceptions are checked against.
pub(in crate::http) struct Checks<'a> {
    pub(in crate::http) catalogue: &'a PsaCatalogue,
    pub(in crate::http) psa: &'a ConnectionId,
    /// The ConnectWise company it is mapped to.
    pub(in crate::http) company: PsaCompanyId,
    pub(in crate::http) mappings: &'a Mappings,
    pub(in crate::http) seats: Option<&'a CompanySeats>,
}

impl Checks<'_> {
    /// The exceptions as they are kept: without those that say nothing. Refused by the field below `field` that cannot be.
    pub(in crate::http) fn checked(
        &self,
        products: &CompanyProducts,
        before: &CompanyProducts,
        field: &str,
    ) -> Result<CompanyProducts, Failure> {
        let products: CompanyProducts =
            products.iter().filter(|(_, own)| **own != CompanyProduct::default()).map(|(code, own)| (code.clone(), own.clone())).collect();
        if products.len() > MOST {
            return Err(invalid(
                field,
                "A company has at most 200 exceptions.",
                "Change the product mapping where many companies need the same.",
            ));
        }
        for (code, own) in &products {
            let field = format!("{field}.{code}");
            if !before.contains_key(code) && !self.knows(code) {
                return Err(invalid(&field, "The company has no such product.", "Sync now, then choose it from the list."));
            }
            if let Some(agreement) = own.agreement {
                self.check_agreement(agreement, &format!("{field}.agreement"))?;
            }
            if let Some(product) = own.product {
                let field = format!("{field}.product");
                let found = self.catalogue.products.get(&product).ok_or_else(|| {
                    invalid(&field, "ConnectWise has no such catalog product.", "Sync now, then choose it from the list.")
                })?;
                if found.bundle {
                    return Err(invalid(&field, "A bundle cannot be an addition.", "Choose a product that is not of class Bundle."));
                }
            }
            if let Some(rule) = &own.rule {
                check_rule(rule, &format!("{field}.rule"))?;
            }
        }
        Ok(products)
    }

    fn knows(&self, code: &ProductCode) -> bool {
        let has = |seats: &CompanySeats| {
            seats.licences.iter().any(|licence| licence.product == *code || licence.parts.iter().any(|part| part.product == *code))
        };
        self.seats.is_some_and(has) || self.mappings.product(self.psa, code).is_some()
    }

    fn check_agreement(&self, agreement: AgreementId, field: &str) -> Result<(), Failure> {
        let found = self.catalogue.agreements.get(&agreement);
        let found = found.ok_or_else(|| invalid(field, "ConnectWise has no such agreement.", "Sync now, then choose it from the list."))?;
        if found.company == self.company {
            return Ok(());
        }
        Err(invalid(field, "The agreement is with another company.", "Choose an agreement of the company this one is mapped to."))
    }
}

/// The exceptions of a mapping that is kept while the company is mapped to another one: agreements of the old one go.
pub(in crate::http) fn moved(before: &CompanyTarget, to: PsaCompanyId) -> CompanyProducts {
    let mut products = before.products.clone();
    if before.company != to {
        products.values_mut().for_each(|own| own.agreement = None);
        products.retain(|_, own| *own != CompanyProduct::default());
    }
    products
}

/// `; 211 on Backup as AV-2, peak` for each exception.
pub(in crate::http) fn describe(target: &CompanyTarget, catalogue: Option<&PsaCatalogue>) -> String {
    let one = |(code, own): (&ProductCode, &CompanyProduct)| {
        let mut words = format!("; {code}");
        if let Some(id) = own.agreement {
            let known = catalogue.and_then(|catalogue| catalogue.agreements.get(&id));
            words.push_str(&format!(" on {}", known.map_or_else(|| format!("agreement {id}"), |known| known.name.clone())));
        }
        if let Some(id) = own.product {
            let known = catalogue.and_then(|catalogue| catalogue.products.get(&id));
            words.push_str(&format!(" as {}", known.map_or_else(|| format!("catalog product {id}"), |known| known.identifier.clone())));
        }
        match &own.rule {
            Some(rule) if rule.label().is_empty() => format!("{words}, counted as ordered"),
            Some(rule) => with_rule(&words, rule),
            None => words,
        }
    };
    target.products.iter().map(one).collect()
}
