//! Suggestions: the stable id first, then the name; never a choice between two.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::names::normalised;
use crate::ids::{AgreementId, CatalogId, EsetCompanyId, ProductCode, PsaCompanyId};
use crate::psa::{AgreementStatus, PsaCatalogue};
use crate::seats::CompanySeats;

/// Below this share of common words a name is not worth showing.
const WORTH_SHOWING: u8 = 60;

/// A ConnectWise company an ESET company may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompanySuggestion {
    /// The ConnectWise company.
    pub company: PsaCompanyId,
    /// Its name.
    pub name: String,
    /// Its only active agreement with additions to bill on; none when it has no active agreement, or more than one.
    pub agreement: Option<AgreementId>,
    /// The agreement's name.
    pub agreement_name: Option<String>,
    /// How sure, 0 to 100.
    pub score: u8,
    /// Why.
    pub reason: MatchReason,
    /// Whether another candidate is as good. Such a suggestion is never accepted in bulk.
    pub ambiguous: bool,
}

/// Why two records may be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MatchReason {
    /// ESET's custom identifier holds the ConnectWise id.
    SameId,
    /// The names are equal.
    SameName,
    /// The names are equal without accents, punctuation and legal form.
    SameNameNormalised,
    /// The names share most of their words.
    SimilarName,
}

impl MatchReason {
    /// The words shown beside a suggestion.
    pub fn label(self) -> &'static str {
        match self {
            Self::SameId => "same id",
            Self::SameName => "same name",
            Self::SameNameNormalised => "same name without legal form, case or accents",
            Self::SimilarName => "similar name",
        }
    }
}

/// Candidates for each of `companies`, best first, at most three each. A company that nothing resembles is left out.
pub fn suggest_companies<'a>(
    companies: impl Iterator<Item = (&'a EsetCompanyId, &'a CompanySeats)>,
    catalogue: &PsaCatalogue,
) -> BTreeMap<EsetCompanyId, Vec<CompanySuggestion>> {
    let index = Index::of(catalogue);
    companies
        .filter_map(|(id, seats)| {
            let suggestions = index.candidates(seats);
            (!suggestions.is_empty()).then(|| (id.clone(), suggestions))
        })
        .collect()
}

/// ConnectWise's companies, made ready to be looked up by id, name and word.
struct Index<'a> {
    catalogue: &'a PsaCatalogue,
    by_identifier: BTreeMap<String, PsaCompanyId>,
    by_name: BTreeMap<String, Vec<PsaCompanyId>>,
    by_word: BTreeMap<String, BTreeSet<PsaCompanyId>>,
    normalised: BTreeMap<PsaCompanyId, String>,
    active: BTreeMap<PsaCompanyId, Vec<AgreementId>>,
}

impl<'a> Index<'a> {
    fn of(catalogue: &'a PsaCatalogue) -> Self {
        let mut index = Self {
            catalogue,
            by_identifier: BTreeMap::new(),
            by_name: BTreeMap::new(),
            by_word: BTreeMap::new(),
            normalised: BTreeMap::new(),
            active: BTreeMap::new(),
        };
        for (id, company) in &catalogue.companies {
            let name = normalised(&company.name);
            index.by_identifier.insert(company.identifier.to_lowercase(), *id);
            index.by_name.entry(name.clone()).or_default().push(*id);
            for word in name.split(' ').filter(|word| word.len() > 2) {
                index.by_word.entry(word.to_owned()).or_default().insert(*id);
            }
            index.normalised.insert(*id, name);
        }
        for (id, agreement) in &catalogue.agreements {
            if agreement.status == AgreementStatus::Active {
                index.active.entry(agreement.company).or_default().push(*id);
            }
        }
        index
    }

    fn candidates(&self, seats: &CompanySeats) -> Vec<CompanySuggestion> {
        let mut found: Vec<(PsaCompanyId, u8, MatchReason)> = Vec::new();
        if let Some(id) = seats.custom_identifier.as_deref().and_then(|text| self.by_custom_identifier(text)) {
            found.push((id, 100, MatchReason::SameId));
        } else {
            let name = normalised(&seats.name);
            let equal = self.by_name.get(&name).map_or(&[][..], Vec::as_slice);
            for id in equal {
                let exact = self.catalogue.companies.get(id).is_some_and(|company| company.name == seats.name);
                found.push(if exact { (*id, 98, MatchReason::SameName) } else { (*id, 92, MatchReason::SameNameNormalised) });
            }
            if equal.is_empty() {
                found = self.similar(&name);
            }
        }
        found.sort_by_key(|(id, score, _)| (std::cmp::Reverse(*score), *id));
        found.truncate(3);
        // Two records with one normalised name are two companies until a person says which, even if one is spelt the same.
        let rivals = found.iter().filter(|(_, score, _)| *score >= 92).count();
        let best = found.first().map_or(0, |(_, score, _)| *score);
        let level = found.iter().filter(|(_, score, _)| *score == best).count();
        let ambiguous = rivals > 1 || level > 1;
        found.into_iter().filter_map(|(id, score, reason)| self.suggestion(id, score, reason, ambiguous)).collect()
    }

    /// The company whose numeric id or text identifier stands in ESET's custom identifier: alone, or behind a prefix such as
    /// `CW-250` or `ConnectWise:250`. Another product's prefix is not ours to read.
    fn by_custom_identifier(&self, text: &str) -> Option<PsaCompanyId> {
        let text = text.trim().to_lowercase();
        if let Some(id) = self.by_identifier.get(&text) {
            return Some(*id);
        }
        let number = ["connectwise", "cwm", "cw", "psa"]
            .iter()
            .find_map(|prefix| text.strip_prefix(prefix).map(|rest| rest.trim_start_matches(['-', ':', ' ', '_', '#'])))
            .unwrap_or(&text);
        let id = number.parse().ok().map(PsaCompanyId)?;
        self.catalogue.companies.contains_key(&id).then_some(id)
    }

    fn similar(&self, name: &str) -> Vec<(PsaCompanyId, u8, MatchReason)> {
        let words: BTreeSet<&str> = name.split(' ').collect();
        let near: BTreeSet<PsaCompanyId> = words.iter().filter_map(|word| self.by_word.get(*word)).flatten().copied().collect();
        near.into_iter()
            .filter_map(|id| {
                let other: BTreeSet<&str> = self.normalised.get(&id)?.split(' ').collect();
                let common = words.intersection(&other).count();
                let all = words.len() + other.len() - common;
                let score = u8::try_from(common * 90 / all.max(1)).unwrap_or_default();
                (score >= WORTH_SHOWING).then_some((id, score, MatchReason::SimilarName))
            })
            .collect()
    }

    fn suggestion(&self, id: PsaCompanyId, score: u8, reason: MatchReason, ambiguous: bool) -> Option<CompanySuggestion> {
        let company = self.catalogue.companies.get(&id)?;
        let agreement = match self.active.get(&id).map_or(&[][..], Vec::as_slice) {
            [only] => Some(*only),
            _ => None,
        };
        Some(CompanySuggestion {
            company: id,
            name: company.name.clone(),
            agreement,
            agreement_name: agreement.and_then(|id| self.catalogue.agreements.get(&id)).map(|agreement| agreement.name.clone()),
            score,
            reason,
            ambiguous,
        })
    }
}

/// A catalog product an ESET product may be billed as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProductSuggestion {
    /// The catalog product.
    pub product: CatalogId,
    /// Its identifier.
    pub identifier: String,
    /// Its description.
    pub description: String,
    /// How sure, 0 to 100.
    pub score: u8,
    /// Why.
    pub reason: MatchReason,
    /// Whether another candidate is as good.
    pub ambiguous: bool,
}

/// Candidates for each ESET product, best first, at most three each. Inactive and bundle-class products are never suggested.
pub fn suggest_products<'a>(
    products: impl Iterator<Item = (&'a ProductCode, &'a str)>,
    catalogue: &PsaCatalogue,
) -> BTreeMap<ProductCode, Vec<ProductSuggestion>> {
    products
        .filter_map(|(code, name)| {
            let suggestions = product_candidates(name, catalogue);
            (!suggestions.is_empty()).then(|| (code.clone(), suggestions))
        })
        .collect()
}

fn product_candidates(name: &str, catalogue: &PsaCatalogue) -> Vec<ProductSuggestion> {
    let wanted = normalised(name);
    let words: BTreeSet<&str> = wanted.split(' ').collect();
    let mut found: Vec<ProductSuggestion> = catalogue
        .products
        .iter()
        .filter(|(_, product)| !product.inactive && !product.bundle)
        .filter_map(|(id, product)| {
            let (score, reason) =
                [&product.description, &product.identifier].into_iter().map(|text| closeness(&wanted, &words, &normalised(text))).max()?;
            (score >= WORTH_SHOWING).then(|| ProductSuggestion {
                product: *id,
                identifier: product.identifier.clone(),
                description: product.description.clone(),
                score,
                reason,
                ambiguous: false,
            })
        })
        .collect();
    found.sort_by_key(|suggestion| (std::cmp::Reverse(suggestion.score), suggestion.product));
    found.truncate(3);
    if let [first, second, ..] = found.as_mut_slice()
        && first.score == second.score
    {
        first.ambiguous = true;
        second.ambiguous = true;
    }
    found
}

fn closeness(wanted: &str, words: &BTreeSet<&str>, other: &str) -> (u8, MatchReason) {
    if wanted == other {
        return (95, MatchReason::SameNameNormalised);
    }
    let others: BTreeSet<&str> = other.split(' ').collect();
    let common = words.intersection(&others).count();
    let all = words.len() + others.len() - common;
    (u8::try_from(common * 90 / all.max(1)).unwrap_or_default(), MatchReason::SimilarName)
}

#[cfg(test)]
#[path = "matching_tests.rs"]
mod tests;
