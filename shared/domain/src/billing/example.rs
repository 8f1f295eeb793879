//! A small world to plan in: one customer, one agreement, one product. Tests bend it out of shape.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(missing_docs, reason = "names say it; nothing here is part of the product")]

use std::collections::BTreeMap;

use super::{LastWrite, Line, MappingKey, Member, PlanInput, Policy, Psa, TrackRecord, TrackRecords, plan};
use crate::Timestamp;
use crate::groups::Groups;
use crate::ids::{AdditionId, AgreementId, CatalogId, ConnectionId, EsetCompanyId, LineId, ProductCode, PsaCompanyId};
use crate::mapping::{CompanyChoice, CompanyProducts, CompanyTarget, Mappings, ProductChoice, ProductRule};
use crate::money::{Money, Quantity};
use crate::psa::{Addition, AdditionsRead, Agreement, AgreementStatus, CatalogProduct, PsaCatalogue, PsaCompany};
use crate::seats::{CompanySeats, EntityKind, Licence, LicenceState, Snapshot};

/// The ESET connection.
pub const ESET: &str = "eset";
/// The ConnectWise connection.
pub const CW: &str = "cw";
/// The customer's agreement.
pub const AGREEMENT: AgreementId = AgreementId(500);
/// The catalog product of ESET PROTECT.
pub const PROTECT: CatalogId = CatalogId(71);

/// Everything a plan is made from, owned, to be bent out of shape by a test.
#[derive(Debug, Clone)]
pub struct World {
    pub now: Timestamp,
    pub snapshots: Vec<Snapshot>,
    pub groups: Vec<Groups>,
    pub mappings: Mappings,
    pub tenants: BTreeMap<ConnectionId, Tenant>,
    pub written: BTreeMap<(ConnectionId, AdditionId), LastWrite>,
    /// None when every mapping has done right before.
    pub records: Option<TrackRecords>,
    /// Lines that open drift pauses.
    pub paused: BTreeMap<LineId, String>,
    pub policy: Policy,
}

#[derive(Debug, Clone)]
pub struct Tenant {
    pub name: String,
    pub catalogue: PsaCatalogue,
    pub additions: BTreeMap<AgreementId, AdditionsRead>,
}

/// Acme has ordered 27 seats of ESET PROTECT and is billed 25.
pub fn acme() -> World {
    let mut world = World {
        now: at("2026-11-22T12:00:00Z"),
        snapshots: vec![snapshot(ESET)],
        groups: Vec::new(),
        mappings: Mappings::default(),
        tenants: BTreeMap::from([(CW.into(), tenant())]),
        written: BTreeMap::new(),
        records: None,
        paused: BTreeMap::new(),
        policy: Policy::default(),
    };
    world.company("acme", "Acme");
    world.licence("acme", "AAA-AAA-AA1", "111", 27);
    world.map("acme", AGREEMENT);
    world.map_product("111", PROTECT);
    world.addition(AGREEMENT, 9, PROTECT, 25);
    world
}

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

pub fn snapshot(connection: &str) -> Snapshot {
    let day = at("2026-11-22T00:00:00Z").date_naive();
    Snapshot {
        schema: crate::seats::SNAPSHOT_SCHEMA,
        connection: connection.into(),
        pass: format!("pass-{connection}").as_str().into(),
        taken_at: at("2026-11-22T06:00:00Z"),
        usage_days: (day, day),
        complete: true,
        companies: BTreeMap::new(),
        unowned: Vec::new(),
        tallies: BTreeMap::new(),
    }
}

pub fn tenant() -> Tenant {
    let company = |name: &str| PsaCompany { identifier: name.to_owned(), name: name.to_owned(), status: None };
    let product = |name: &str| CatalogProduct { identifier: name.to_owned(), description: name.to_owned(), inactive: false, bundle: false };
    let agreement = |company| Agreement {
        name: "Managed security".to_owned(),
        kind: None,
        company: PsaCompanyId(company),
        status: AgreementStatus::Active,
        parent: None,
        bill_start: None,
        next_invoice: None,
        currency: Some("EUR".to_owned()),
        prorates: Some(true),
        ends: None,
        cycle: None,
        one_time: false,
    };
    Tenant {
        name: "site|msp".to_owned(),
        catalogue: PsaCatalogue {
            schema: crate::psa::PSA_SCHEMA,
            connection: CW.into(),
            companies: (1..=4).map(|id| (PsaCompanyId(id), company(&format!("Customer {id}")))).collect(),
            agreements: (500..503).map(|id| (AgreementId(id), agreement(id - 499))).collect(),
            products: [(PROTECT, product("ESET-PROTECT")), (CatalogId(72), product("ESET-MAIL"))].into(),
        },
        additions: (500..503)
            .map(|id| (AgreementId(id), AdditionsRead { read_at: at("2026-11-22T11:50:00Z"), additions: Vec::new() }))
            .collect(),
    }
}

pub fn licence(id: &str, product: &str, ordered: u32) -> Licence {
    Licence {
        id: id.into(),
        product: product.into(),
        product_name: format!("ESET {product}"),
        ordered,
        activated: ordered / 2,
        trial: false,
        state: LicenceState::Normal,
        parts: Vec::new(),
    }
}

impl World {
    pub fn plan(&self) -> Vec<Line> {
        self.with(plan)
    }

    pub fn with<T>(&self, use_it: impl FnOnce(&PlanInput<'_>) -> T) -> T {
        let snapshots: Vec<&Snapshot> = self.snapshots.iter().collect();
        let psa = self
            .tenants
            .iter()
            .map(|(id, tenant)| (id.clone(), Psa { tenant: &tenant.name, catalogue: &tenant.catalogue, additions: &tenant.additions }))
            .collect();
        let groups: &Vec<&Groups> = &self.groups.iter().collect();
        let (mappings, written, policy) = (&self.mappings, &self.written, &self.policy);
        let proven = || self.mapping_keys().map(|key| (key, TrackRecord::Proven)).collect();
        let records = &self.records.clone().unwrap_or_else(proven);
        use_it(&PlanInput {
            now: self.now,
            snapshots: &snapshots,
            groups,
            mappings,
            psa: &psa,
            written,
            records,
            paused: &self.paused,
            policy,
        })
    }

    pub fn mapping_keys(&self) -> impl Iterator<Item = MappingKey> {
        self.mappings.targets().flat_map(|(connection, company, target)| {
            target.agreements().map(|agreement| MappingKey {
                member: Member { connection: connection.clone(), company: company.clone() },
                psa: target.psa.clone(),
                agreement,
            })
        })
    }

    /// The one line of a world that has one.
    pub fn line(&self) -> Line {
        let lines = self.plan();
        let [line] = lines.as_slice() else { panic!("not one line: {lines:#?}") };
        line.clone()
    }

    pub fn company(&mut self, id: &str, name: &str) {
        let seats = CompanySeats {
            name: name.to_owned(),
            kind: EntityKind::MspCustomer,
            parent: None,
            custom_identifier: None,
            licences: Vec::new(),
            seat_days: BTreeMap::new(),
            seat_days_unread: false,
            complete: true,
            unread: Vec::new(),
        };
        self.snapshots[0].companies.insert(id.into(), seats);
    }

    pub fn seats(&mut self, company: &str) -> &mut CompanySeats {
        self.snapshots[0].companies.get_mut(&EsetCompanyId::from(company)).expect("the company")
    }

    pub fn licence(&mut self, company: &str, id: &str, product: &str, ordered: u32) {
        self.seats(company).licences.push(licence(id, product, ordered));
    }

    pub fn choose(&mut self, company: &str, choice: CompanyChoice) {
        self.mappings.companies.entry(ESET.into()).or_default().insert(company.into(), choice);
    }

    pub fn map(&mut self, company: &str, agreement: AgreementId) {
        let company_id = PsaCompanyId(agreement.0 - 499);
        let target = CompanyTarget {
            psa: CW.into(),
            company: company_id,
            agreement,
            automatic: true,
            products: CompanyProducts::new(),
            groups: Vec::new(),
        };
        self.choose(company, CompanyChoice::Mapped(target));
    }

    pub fn target(&mut self, company: &str) -> &mut CompanyTarget {
        let companies = self.mappings.companies.get_mut(&ConnectionId::from(ESET)).expect("mappings");
        match companies.get_mut(&EsetCompanyId::from(company)) {
            Some(CompanyChoice::Mapped(target)) => target,
            other => panic!("not mapped: {other:?}"),
        }
    }

    pub fn choose_product(&mut self, code: &str, choice: ProductChoice) {
        self.mappings.products.entry(CW.into()).or_default().insert(ProductCode::from(code), choice);
    }

    pub fn map_product(&mut self, code: &str, product: CatalogId) {
        self.choose_product(code, ProductChoice::Mapped { product, rule: ProductRule::default() });
    }

    pub fn tenant(&mut self) -> &mut Tenant {
        self.tenants.get_mut(&ConnectionId::from(CW)).expect("the tenant")
    }

    pub fn agreement(&mut self) -> &mut Agreement {
        self.tenant().catalogue.agreements.get_mut(&AGREEMENT).expect("the agreement")
    }

    pub fn additions(&mut self, agreement: AgreementId) -> &mut Vec<Addition> {
        &mut self.tenant().additions.get_mut(&agreement).expect("its additions").additions
    }

    pub fn addition(&mut self, agreement: AgreementId, id: i64, product: CatalogId, quantity: u32) -> &mut Addition {
        let additions = self.additions(agreement);
        additions.push(Addition {
            id: AdditionId(id),
            product,
            quantity: Quantity::from(quantity),
            included: Quantity::ZERO,
            unit_price: Money::from_vendor(2.5),
            bill: Some(crate::mapping::BillCustomer::Billable),
            effective: None,
            unit_cost: None,
            cancelled: None,
            serial: None,
            version: "2026-11-01T00:00:00Z".to_owned(),
        });
        additions.last_mut().expect("the addition")
    }

    pub fn wrote(&mut self, addition: i64, quantity: u32) {
        self.written.insert((CW.into(), AdditionId(addition)), LastWrite { quantity: Quantity::from(quantity), reversed: None });
    }

    /// The same company, as a second account of the MSP sees it.
    pub fn second_account(&mut self, agreement: AgreementId) {
        let mut second = self.snapshots[0].clone();
        second.connection = "eset-2".into();
        self.snapshots.push(second);
        self.map("acme", agreement);
        let choice = CompanyChoice::Mapped(self.target("acme").clone());
        self.map("acme", AGREEMENT);
        self.mappings.companies.entry("eset-2".into()).or_default().insert("acme".into(), choice);
    }
}
