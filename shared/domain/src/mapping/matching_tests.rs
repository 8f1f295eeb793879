//! Tests of suggestions for companies and products.

use super::*;
use crate::psa::{Agreement, CatalogProduct, PSA_SCHEMA, PsaCompany};
use crate::seats::EntityKind;

fn eset(name: &str, custom_identifier: Option<&str>) -> CompanySeats {
    CompanySeats {
        name: name.to_owned(),
        kind: EntityKind::MspCustomer,
        parent: None,
        custom_identifier: custom_identifier.map(str::to_owned),
        licences: Vec::new(),
        seat_days: BTreeMap::new(),
        seat_days_unread: false,
        complete: true,
        unread: Vec::new(),
    }
}

fn catalogue(companies: &[(i64, &str)]) -> PsaCatalogue {
    let company = |(id, name): &(i64, &str)| {
        let company = PsaCompany { identifier: format!("C{id}"), name: (*name).to_owned(), status: None };
        (PsaCompanyId(*id), company)
    };
    let agreement = |(id, _): &(i64, &str)| {
        let agreement = Agreement {
            name: "Managed security".to_owned(),
            kind: None,
            company: PsaCompanyId(*id),
            status: AgreementStatus::Active,
            parent: None,
            bill_start: None,
            next_invoice: None,
            currency: None,
            prorates: Some(true),
            ends: None,
            cycle: None,
            one_time: false,
        };
        (AgreementId(id * 10), agreement)
    };
    PsaCatalogue {
        schema: PSA_SCHEMA,
        connection: "cw".into(),
        companies: companies.iter().map(company).collect(),
        agreements: companies.iter().map(agreement).collect(),
        products: BTreeMap::new(),
    }
}

fn suggest(name: &str, custom_identifier: Option<&str>, catalogue: &PsaCatalogue) -> Vec<CompanySuggestion> {
    let id = EsetCompanyId::from("e");
    let seats = eset(name, custom_identifier);
    suggest_companies(std::iter::once((&id, &seats)), catalogue).remove(&id).unwrap_or_default()
}

#[test]
fn the_custom_identifier_wins_over_the_name() {
    let catalogue = catalogue(&[(250, "Other name"), (251, "Acme")]);
    for text in ["250", "CW-250", "cw:250", "C250", " ConnectWise 250 "] {
        let found = suggest("Acme", Some(text), &catalogue);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!((found[0].company, found[0].reason, found[0].ambiguous), (PsaCompanyId(250), MatchReason::SameId, false));
        assert_eq!(found[0].agreement, Some(AgreementId(2500)));
    }
}

#[test]
fn another_products_identifier_is_not_read_as_ours() {
    let catalogue = catalogue(&[(12, "Somebody else"), (13, "Acme")]);
    let found = suggest("Acme", Some("HALOCUSTOMER:12"), &catalogue);
    assert_eq!((found[0].company, found[0].reason), (PsaCompanyId(13), MatchReason::SameName));
}

#[test]
fn acme_inc_is_suggested_for_acme() {
    let catalogue = catalogue(&[(1, "Acme, Inc."), (2, "Bolt")]);
    let found = suggest("ACME", None, &catalogue);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].company, found[0].reason, found[0].score), (PsaCompanyId(1), MatchReason::SameNameNormalised, 92));
}

#[test]
fn two_companies_of_one_name_are_both_shown_and_neither_is_chosen() {
    let catalogue = catalogue(&[(1, "Acme"), (2, "Acme Inc."), (3, "Acme")]);
    let found = suggest("Acme", None, &catalogue);
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|suggestion| suggestion.ambiguous));
}

#[test]
fn a_company_with_two_active_agreements_gets_no_agreement_suggested() {
    let mut catalogue = catalogue(&[(1, "Acme")]);
    let second = catalogue.agreements.get(&AgreementId(10)).expect("an agreement").clone();
    catalogue.agreements.insert(AgreementId(11), second);
    assert_eq!(suggest("Acme", None, &catalogue)[0].agreement, None);
}

#[test]
fn nothing_alike_suggests_nothing() {
    assert!(suggest("Zebra Logistics", None, &catalogue(&[(1, "Acme Bakery")])).is_empty());
}

#[test]
fn products_are_suggested_by_name_and_inactive_ones_never() {
    let mut catalogue = catalogue(&[]);
    let product = |description: &str, inactive| CatalogProduct {
        identifier: description.to_uppercase(),
        description: description.to_owned(),
        inactive,
        bundle: false,
    };
    catalogue.products.insert(CatalogId(1), product("ESET PROTECT Complete", true));
    catalogue.products.insert(CatalogId(2), product("ESET PROTECT Complete", false));
    catalogue.products.insert(CatalogId(3), product("Backup per GB", false));
    let code = ProductCode::from("111");
    let found = suggest_products(std::iter::once((&code, "ESET PROTECT Complete")), &catalogue);
    let suggestions = found.get(&code).expect("suggestions");
    assert_eq!(suggestions.len(), 1);
    assert_eq!(suggestions[0].product, CatalogId(2));
    assert!(!suggestions[0].ambiguous);
}
