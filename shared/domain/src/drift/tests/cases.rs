//! Everything that can change under a mapping, one at a time, and what is found of it.

use super::*;

pub(super) type Case = (&'static str, fn(&mut World), &'static [DriftKind], &'static [Repair]);

pub(super) const CASES: &[Case] = &[
    ("nothing", |_| {}, &[], &[]),
    (
        "the company left ESET",
        |world| {
            world.snapshot.companies.remove(&EsetCompanyId::from("acme"));
        },
        &[DriftKind::EsetCompanyGone],
        &[],
    ),
    (
        "the list of companies was cut short",
        |world| {
            world.snapshot.companies.remove(&EsetCompanyId::from("acme"));
            world.snapshot.complete = false;
        },
        &[],
        &[],
    ),
    (
        "it has another name in ESET",
        |world| world.seats().name = "Acme 2".to_owned(),
        &[DriftKind::EsetCompanyRenamed],
        &[Repair::Acknowledge],
    ),
    (
        "a licence is gone",
        |world| {
            world.seats().licences.remove(1);
        },
        &[DriftKind::LicenceGone],
        &[Repair::Acknowledge],
    ),
    (
        "a licence could not be read",
        |world| {
            world.seats().licences.remove(1);
            world.seats().complete = false;
        },
        &[],
        &[],
    ),
    (
        "a licence took another's place",
        |world| {
            world.seats().licences = vec![licence("A", 20), licence("C", 5)];
        },
        &[],
        &[],
    ),
    (
        "the ConnectWise company is gone",
        |world| {
            world.catalogue.companies.remove(&PsaCompanyId(1));
        },
        &[DriftKind::PsaCompanyGone],
        &[],
    ),
    ("no company was answered at all", |world| world.catalogue.companies.clear(), &[], &[]),
    (
        "it has another name in ConnectWise",
        |world| world.catalogue.companies.get_mut(&PsaCompanyId(1)).expect("acme").name = "Acme Ltd.".to_owned(),
        &[DriftKind::PsaCompanyRenamed],
        &[Repair::Acknowledge],
    ),
    (
        "the agreement is gone",
        |world| {
            world.catalogue.agreements.remove(&HERE);
        },
        &[DriftKind::AgreementGone],
        &[],
    ),
    ("it has another name", |world| world.here().name = "Safety".to_owned(), &[DriftKind::AgreementRenamed], &[Repair::Acknowledge]),
    ("it is with another company", |world| world.here().company = PsaCompanyId(2), &[DriftKind::AgreementMoved], &[]),
    ("it is cancelled", |world| world.here().status = AgreementStatus::Cancelled, &[DriftKind::AgreementEnded], &[]),
    (
        "it is cancelled, and another bills the same",
        |world| {
            world.here().status = AgreementStatus::Cancelled;
            world.on(THERE).push(addition(10));
        },
        &[DriftKind::AgreementEnded],
        &[Repair::MoveMapping],
    ),
    (
        "it is cancelled, and two others bill the same",
        |world| {
            world.here().status = AgreementStatus::Cancelled;
            world.on(THERE).push(addition(10));
            world.catalogue.agreements.insert(AgreementId(502), agreement("Third", 1));
            world.additions.insert(AgreementId(502), AdditionsRead { read_at: now(), additions: vec![addition(11)] });
        },
        &[DriftKind::AgreementEnded],
        &[],
    ),
    ("the addition is gone", |world| world.on(HERE).clear(), &[DriftKind::AdditionGone], &[]),
    ("the addition is cancelled", |world| world.on(HERE)[0].cancelled = "2026-11-01".parse().ok(), &[DriftKind::AdditionCancelled], &[]),
    (
        "the addition was replaced by one like it",
        |world| {
            world.on(HERE)[0].cancelled = "2026-11-01".parse().ok();
            world.on(HERE).push(addition(12));
        },
        &[],
        &[],
    ),
    ("there are two", |world| world.on(HERE).push(addition(12)), &[DriftKind::AdditionDuplicated], &[]),
    (
        "it was edited by hand",
        |world| {
            let write = crate::billing::LastWrite { quantity: 26.into(), reversed: None };
            world.written.insert(("cw".into(), AdditionId(9)), write);
        },
        &[DriftKind::AdditionEdited],
        &[Repair::KeepTheirNumber, Repair::ReleaseLine],
    ),
    (
        "another Seatbridge made it",
        |world| {
            world.of_others.insert(("cw".into(), AdditionId(9)));
        },
        &[DriftKind::AdditionOfAnother],
        &[Repair::KeepTheirNumber],
    ),
    (
        "the product is inactive",
        |world| world.catalogue.products.get_mut(&PRODUCT).expect("it").inactive = true,
        &[DriftKind::ProductInactive],
        &[],
    ),
    (
        "the product has another identifier",
        |world| world.catalogue.products.get_mut(&PRODUCT).expect("it").identifier = "PROTECT-2".to_owned(),
        &[DriftKind::ProductRenamed],
        &[Repair::Acknowledge],
    ),
    (
        "the mapping was taken away",
        |world| {
            world.mappings.companies.get_mut(&ConnectionId::from("eset")).expect("mappings").remove(&EsetCompanyId::from("acme"));
        },
        &[DriftKind::MappingTakenAway],
        &[Repair::MapBack, Repair::Handled],
    ),
    (
        "the mapping was taken away, and the addition with it",
        |world| {
            world.mappings.companies.get_mut(&ConnectionId::from("eset")).expect("mappings").remove(&EsetCompanyId::from("acme"));
            world.on(HERE).clear();
        },
        &[],
        &[],
    ),
];
