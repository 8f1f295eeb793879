//! Tests of drift: every change under a mapping is one event, with its repairs, until it is settled.

mod cases;

use std::collections::{BTreeMap, BTreeSet};

use self::cases::CASES;
use super::*;
use crate::Timestamp;
use crate::billing::{MappingKey, PlanInput, Policy, Psa, TrackRecords, plan};
use crate::ids::{EsetCompanyId, PsaCompanyId};
use crate::mapping::{CompanyChoice, CompanyProducts, CompanyTarget, Mappings, ProductChoice, ProductRule};
use crate::psa::{Addition, AdditionsRead, Agreement, AgreementStatus, CatalogProduct, PSA_SCHEMA, PsaCatalogue, PsaCompany};
use crate::seats::{CompanySeats, EntityKind, Licence, LicenceState, SNAPSHOT_SCHEMA, Snapshot};

const HERE: AgreementId = AgreementId(500);
const THERE: AgreementId = AgreementId(501);
const PRODUCT: CatalogId = CatalogId(71);

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().expect("a moment")
}

/// Two customers: Acme, with 27 seats on two licences, and a neighbour nothing ever happens to.
#[derive(Clone)]
struct World {
    snapshot: Snapshot,
    mappings: Mappings,
    catalogue: PsaCatalogue,
    additions: BTreeMap<AgreementId, AdditionsRead>,
    written: BTreeMap<(ConnectionId, AdditionId), crate::billing::LastWrite>,
    of_others: BTreeSet<(ConnectionId, AdditionId)>,
    known: Knowledge,
}

fn licence(id: &str, ordered: u32) -> Licence {
    Licence {
        id: id.into(),
        product: "111".into(),
        product_name: "ESET PROTECT".to_owned(),
        ordered,
        activated: ordered,
        trial: false,
        state: LicenceState::Normal,
        parts: Vec::new(),
    }
}

fn agreement(name: &str, company: i64) -> Agreement {
    Agreement {
        name: name.to_owned(),
        kind: None,
        company: PsaCompanyId(company),
        status: AgreementStatus::Active,
        parent: None,
        bill_start: None,
        next_invoice: None,
        currency: None,
        prorates: None,
        ends: None,
        cycle: None,
        one_time: false,
    }
}

fn addition(id: i64) -> Addition {
    Addition {
        id: AdditionId(id),
        product: PRODUCT,
        quantity: 25.into(),
        included: 0.into(),
        unit_price: None,
        bill: None,
        effective: None,
        unit_cost: None,
        cancelled: None,
        serial: None,
        version: String::new(),
    }
}

fn seats(name: &str, licences: Vec<Licence>) -> CompanySeats {
    CompanySeats {
        name: name.to_owned(),
        kind: EntityKind::MspCustomer,
        parent: None,
        custom_identifier: None,
        licences,
        seat_days: BTreeMap::new(),
        seat_days_unread: false,
        complete: true,
        unread: Vec::new(),
    }
}

fn acme() -> World {
    let day = now().date_naive();
    let snapshot = Snapshot {
        schema: SNAPSHOT_SCHEMA,
        connection: "eset".into(),
        pass: "pass".into(),
        taken_at: now(),
        usage_days: (day, day),
        complete: true,
        companies: [
            ("acme".into(), seats("Acme", vec![licence("A", 20), licence("B", 7)])),
            ("next".into(), seats("Next door", vec![licence("N", 25)])),
        ]
        .into(),
        unowned: Vec::new(),
        tallies: BTreeMap::new(),
    };
    let target = |company, agreement| {
        CompanyChoice::Mapped(CompanyTarget {
            psa: "cw".into(),
            company: PsaCompanyId(company),
            agreement,
            automatic: false,
            products: CompanyProducts::new(),
            groups: Vec::new(),
        })
    };
    let mut mappings = Mappings::default();
    let companies = [("acme".into(), target(1, HERE)), ("next".into(), target(2, AgreementId(600)))];
    mappings.companies.insert("eset".into(), companies.into());
    let product = ProductChoice::Mapped { product: PRODUCT, rule: ProductRule::default() };
    mappings.products.insert("cw".into(), [("111".into(), product)].into());
    let company = |name: &str| PsaCompany { identifier: name.to_owned(), name: name.to_owned(), status: None };
    let catalogue = PsaCatalogue {
        schema: PSA_SCHEMA,
        connection: "cw".into(),
        companies: [(PsaCompanyId(1), company("Acme Inc.")), (PsaCompanyId(2), company("Next"))].into(),
        agreements: [(HERE, agreement("Security", 1)), (THERE, agreement("Backup", 1)), (AgreementId(600), agreement("Security", 2))]
            .into(),
        products: [(
            PRODUCT,
            CatalogProduct { identifier: "PROTECT".to_owned(), description: String::new(), inactive: false, bundle: false },
        )]
        .into(),
    };
    let read = |additions| AdditionsRead { read_at: now(), additions };
    let additions = [(HERE, read(vec![addition(9)])), (THERE, read(Vec::new())), (AgreementId(600), read(vec![addition(8)]))];
    let mut world = World {
        snapshot,
        mappings,
        catalogue,
        additions: additions.into(),
        written: BTreeMap::new(),
        of_others: BTreeSet::new(),
        known: Knowledge::default(),
    };
    assert_eq!(world.pass(), [], "the first pass finds nothing");
    world
}

impl World {
    /// One pass: what is found, and what is known after it.
    fn pass(&mut self) -> Vec<Drift> {
        let psa = BTreeMap::from([("cw".into(), Psa { tenant: "site|msp", catalogue: &self.catalogue, additions: &self.additions })]);
        let (snapshots, records, paused, policy) = ([&self.snapshot], TrackRecords::new(), BTreeMap::new(), Policy::default());
        let lines = plan(&PlanInput {
            now: now(),
            snapshots: &snapshots,
            groups: &[],
            mappings: &self.mappings,
            psa: &psa,
            written: &self.written,
            records: &records,
            paused: &paused,
            policy: &policy,
        });
        let input = DriftInput {
            today: now().date_naive(),
            snapshots: &snapshots,
            mappings: &self.mappings,
            psa: &psa,
            lines: &lines.iter().collect(),
            of_others: &self.of_others,
        };
        self.known.learn(&input);
        detect(&input, &self.known)
    }

    fn seats(&mut self) -> &mut CompanySeats {
        self.snapshot.companies.get_mut(&EsetCompanyId::from("acme")).expect("acme")
    }

    fn here(&mut self) -> &mut Agreement {
        self.catalogue.agreements.get_mut(&HERE).expect("the agreement")
    }

    fn on(&mut self, agreement: AgreementId) -> &mut Vec<Addition> {
        &mut self.additions.get_mut(&agreement).expect("its additions").additions
    }
}

#[test]
fn every_change_is_one_event_with_its_repairs_and_stays_until_it_is_mended() {
    for (what, change, kinds, repairs) in CASES {
        let mut world = acme();
        let whole = world.clone();
        change(&mut world);
        let found = world.pass();
        assert_eq!(found.iter().map(|drift| drift.kind).collect::<Vec<_>>(), *kinds, "{what}");
        assert_eq!(found.iter().flat_map(|drift| drift.repairs.clone()).collect::<Vec<_>>(), *repairs, "{what}");
        assert_eq!(world.pass(), found, "{what}: the next pass finds the same, with the same id");
        for drift in &found {
            assert!(!drift.words.is_empty() && !drift.remedy.is_empty() && !drift.subject.is_empty(), "{what}");
            let lines = match drift.kind {
                DriftKind::MappingTakenAway => 0,
                DriftKind::ProductInactive => 2,
                kind => usize::from(kind.pauses()),
            };
            assert_eq!(drift.lines.len(), lines, "{what}: only its own lines, and only when it pauses");
        }
        if found.is_empty() {
            continue;
        }
        let mut mended = World { known: world.known.clone(), ..whole };
        assert_eq!(mended.pass(), [], "{what}: mended");
    }
}

#[test]
fn a_product_that_is_gone_can_be_unmapped() {
    let mut world = acme();
    let other = world.catalogue.products.remove(&PRODUCT).expect("the product");
    world.catalogue.products.insert(CatalogId(72), other);
    let found = world.pass();
    assert_eq!((found.len(), found[0].kind, found[0].lines.len()), (1, DriftKind::ProductGone, 2));
    assert_eq!(found[0].repairs, [Repair::UnmapProduct]);
    world.catalogue.products.clear();
    assert_eq!(world.pass(), [], "an empty catalog is an answer that failed");
}

#[test]
fn what_happens_to_an_agreement_of_two_companies_is_one_event_of_both() {
    let mut world = acme();
    let target = world.mappings.company(&"eset".into(), &"acme".into()).expect("a mapping").clone();
    world.snapshot.companies.insert("branch".into(), seats("Acme Branch", Vec::new()));
    world.mappings.companies.get_mut(&ConnectionId::from("eset")).expect("mappings").insert("branch".into(), target);
    world.pass();
    world.here().status = AgreementStatus::Expired;
    let found = world.pass();
    assert_eq!((found.len(), found[0].place.members.len(), found[0].lines.len()), (1, 2, 1));
}

#[test]
fn what_was_never_known_cannot_have_changed() {
    let mut world = acme();
    world.known = Knowledge::default();
    world.seats().name = "Acme 2".to_owned();
    world.on(HERE).clear();
    assert_eq!(world.pass(), []);
    let key = MappingKey { member: Member { connection: "eset".into(), company: "acme".into() }, psa: "cw".into(), agreement: HERE };
    assert_eq!(world.known.mappings.get(&key).expect("known").eset_name.as_deref(), Some("Acme 2"));
}
