//! Which suggestions may be taken, and how a decision is taken back.

use contract::companies::{CompanyChange, CompanyDecision, CompanyMappingView, CompanyView, PsaSuggestion};
use contract::products::{ProductChange, ProductDecision, ProductMappingView, ProductView};
use domain::mapping::{MatchReason, ProductSuggestion};

/// The mapping states an address can ask for, with their words.
pub(crate) const STATES: [(&str, &str); 4] = [("unmapped", "Unmapped"), ("mapped", "Mapped"), ("excluded", "Excluded"), ("all", "All")];

/// Whether a person may take a company suggestion with one click: it is the only candidate of its rank, and there is one agreement.
pub(crate) fn can_accept(offer: &PsaSuggestion) -> bool {
    !offer.suggestion.ambiguous && offer.suggestion.agreement.is_some()
}

/// The suggestion that may be taken together with others: the first, when the id or the whole name is the same.
pub(crate) fn sure(company: &CompanyView) -> Option<&PsaSuggestion> {
    company
        .suggestions
        .first()
        .filter(|offer| company.mapping == CompanyMappingView::Unmapped && can_accept(offer))
        .filter(|offer| offer.suggestion.reason != MatchReason::SimilarName)
}

/// The same for a product.
pub(crate) fn sure_product(product: &ProductView) -> Option<&ProductSuggestion> {
    product
        .suggestions
        .first()
        .filter(|offer| product.mapping == ProductMappingView::Unmapped && !offer.ambiguous)
        .filter(|offer| offer.reason != MatchReason::SimilarName)
}

/// Takes a suggestion. None when it names no agreement.
pub(crate) fn accept(company: &CompanyView, offer: &PsaSuggestion) -> Option<CompanyChange> {
    let agreement = offer.suggestion.agreement?;
    Some(change(company, CompanyDecision::Map { psa: offer.psa.clone(), agreement, automatic: false, products: None, groups: None }))
}

/// Takes a suggestion for a product. None while there is no ConnectWise connection.
pub(crate) fn accept_product(product: &ProductView, offer: &ProductSuggestion) -> Option<ProductChange> {
    product_change(product, ProductDecision::Map { product: offer.product, rule: None })
}

/// A decision for a company.
pub(crate) fn change(company: &CompanyView, decision: CompanyDecision) -> CompanyChange {
    CompanyChange { connection: company.connection.clone(), company: company.company.clone(), decision }
}

/// A decision for a product. None while there is no ConnectWise connection.
pub(crate) fn product_change(product: &ProductView, decision: ProductDecision) -> Option<ProductChange> {
    Some(ProductChange { psa: product.psa.clone()?, code: product.code.clone(), decision })
}

/// What takes a company back to where it stands now.
pub(crate) fn back(company: &CompanyView) -> CompanyChange {
    let decision = match &company.mapping {
        CompanyMappingView::Unmapped => CompanyDecision::Clear,
        CompanyMappingView::Mapped { psa, agreement, automatic, products, groups, .. } => CompanyDecision::Map {
            psa: psa.clone(),
            agreement: *agreement,
            automatic: *automatic,
            products: Some(products.clone()),
            groups: Some(groups.clone()),
        },
        CompanyMappingView::Excluded { exclusion } => CompanyDecision::Exclude { reason: exclusion.reason.clone() },
    };
    change(company, decision)
}

/// What takes a product back to where it stands now.
pub(crate) fn product_back(product: &ProductView) -> Option<ProductChange> {
    let decision = match &product.mapping {
        ProductMappingView::Unmapped => ProductDecision::Clear,
        ProductMappingView::Mapped { product, rule, .. } => ProductDecision::Map { product: *product, rule: Some(rule.clone()) },
        ProductMappingView::Parts => ProductDecision::Parts,
        ProductMappingView::Excluded { exclusion } => ProductDecision::Exclude { reason: exclusion.reason.clone() },
    };
    product_change(product, decision)
}

/// The name of a product's state in addresses.
pub(crate) fn product_state(product: &ProductView) -> &'static str {
    match product.mapping {
        ProductMappingView::Unmapped => "unmapped",
        ProductMappingView::Mapped { .. } | ProductMappingView::Parts => "mapped",
        ProductMappingView::Excluded { .. } => "excluded",
    }
}

/// Whether a product is one a person asked to see: in the state, and with the text in its name, code or target.
pub(crate) fn shows_product(product: &ProductView, state: &str, text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let target = match &product.mapping {
        ProductMappingView::Mapped { identifier, .. } => identifier.as_deref().unwrap_or_default(),
        _ => "",
    };
    (state == "all" || product_state(product) == state)
        && [product.name.as_str(), product.code.as_str(), target].iter().any(|field| field.to_lowercase().contains(&text))
}

#[cfg(test)]
mod tests {
    use domain::ids::{AgreementId, CatalogId, PsaCompanyId};
    use domain::mapping::{CompanyProducts, CompanySuggestion, ProductRule};
    use domain::seats::EntityKind;

    use super::*;

    fn offer(agreement: Option<i64>, reason: MatchReason, ambiguous: bool) -> PsaSuggestion {
        PsaSuggestion {
            psa: "psa".into(),
            suggestion: CompanySuggestion {
                company: PsaCompanyId(1),
                name: "Acme Inc.".to_owned(),
                agreement: agreement.map(AgreementId),
                agreement_name: None,
                score: 95,
                reason,
                ambiguous,
            },
        }
    }

    fn company(mapping: CompanyMappingView, suggestions: Vec<PsaSuggestion>) -> CompanyView {
        CompanyView {
            connection: "ema".into(),
            company: "acme".into(),
            name: "Acme".to_owned(),
            kind: EntityKind::MspCustomer,
            parent: None,
            custom_identifier: None,
            licences: 1,
            ordered: 10,
            activated: 9,
            first_seen: None,
            new: false,
            complete: true,
            mapping,
            tickets_off: None,
            access: None,
            suggestions,
        }
    }

    #[test]
    fn only_a_clear_suggestion_with_an_agreement_is_sure() {
        let table = [
            (offer(Some(1), MatchReason::SameId, false), true),
            (offer(Some(1), MatchReason::SameNameNormalised, false), true),
            (offer(Some(1), MatchReason::SimilarName, false), false),
            (offer(Some(1), MatchReason::SameName, true), false),
            (offer(None, MatchReason::SameId, false), false),
        ];
        for (offer, expected) in table {
            let company = company(CompanyMappingView::Unmapped, vec![offer.clone()]);
            assert_eq!(sure(&company).is_some(), expected, "{offer:?}");
        }
    }

    #[test]
    fn a_mapping_is_taken_back_to_what_it_was() {
        let mapped = CompanyMappingView::Mapped {
            psa: "psa".into(),
            company: PsaCompanyId(1),
            company_name: None,
            agreement: AgreementId(7),
            agreement_name: None,
            automatic: true,
            proven: true,
            products: CompanyProducts::new(),
            groups: Vec::new(),
        };
        let back_to = |mapping| back(&company(mapping, Vec::new())).decision;
        assert_eq!(
            back_to(mapped),
            CompanyDecision::Map {
                psa: "psa".into(),
                agreement: AgreementId(7),
                automatic: true,
                products: Some(CompanyProducts::new()),
                groups: Some(Vec::new())
            }
        );
        assert_eq!(back_to(CompanyMappingView::Unmapped), CompanyDecision::Clear);
    }

    #[test]
    fn products_are_filtered_by_state_and_text() {
        let product = ProductView {
            psa: Some("psa".into()),
            code: "112".into(),
            name: "ESET PROTECT Entry".to_owned(),
            companies: 1,
            ordered: 1,
            activated: 1,
            parts: Vec::new(),
            inside: Vec::new(),
            mapping: ProductMappingView::Mapped {
                product: CatalogId(1),
                identifier: Some("AV-1".to_owned()),
                description: None,
                rule: ProductRule::default(),
            },
            suggestions: Vec::new(),
        };
        let table =
            [("all", "", true), ("mapped", "protect", true), ("mapped", " av-1 ", true), ("unmapped", "", false), ("all", "mail", false)];
        for (state, text, expected) in table {
            assert_eq!(shows_product(&product, state, text), expected, "{state} {text}");
        }
    }
}
