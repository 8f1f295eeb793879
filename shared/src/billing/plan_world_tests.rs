//! What a test bends in its world.

use super::*;

impl World {
    pub(super) fn plan(&self) -> Vec<Line> {
        self.with(plan)
    }

    pub(super) fn with<T>(&self, use_it: impl FnOnce(&PlanInput<'_>) -> T) -> T {
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

    pub(super) fn mapping_keys(&self) -> impl Iterator<Item = MappingKey> {
        self.mappings.targets().flat_map(|(connection, company, target)| {
            target.agreements().map(|agreement| MappingKey {
                member: Member { connection: connection.clone(), company: company.clone() },
                psa: target.psa.clone(),
                agreement,
            })
        })
    }

    /// The one line of a world that has one.
    pub(super) fn line(&self) -> Line {
        let lines = self.plan();
        let [line] = lines.as_slice() else { panic!("not one line: {lines:#?}") };
        line.clone()
    }

    pub(super) fn company(&mut self, id: &str, name: &str) {
        let seats = CompanySeats {
            name: name.to_owned(),
            kind: EntityKind::MspCustomer,
            parent: None,
            custom_identifier: None,
            licences: Vec::new(),
            seat_days: BTreeMap::new(),
            complete: true,
            unread: Vec::new(),
        };
        self.snapshots[0].companies.insert(id.into(), seats);
    }

    pub(super) fn seats(&mut self, company: &str) -> &mut CompanySeats {
        self.snapshots[0].companies.get_mut(&EsetCompanyId::from(company)).expect("the company")
    }

    pub(super) fn licence(&mut self, company: &str, id: &str, product: &str, ordered: u32) {
        self.seats(company).licences.push(licence(id, product, ordered));
    }

    pub(super) fn choose(&mut self, company: &str, choice: CompanyChoice) {
        self.mappings.companies.entry(ESET.into()).or_default().insert(company.into(), choice);
    }

    pub(super) fn map(&mut self, company: &str, agreement: AgreementId) {
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

    pub(super) fn target(&mut self, company: &str) -> &mut CompanyTarget {
        let companies = self.mappings.companies.get_mut(&ConnectionId::from(ESET)).expect("mappings");
        match companies.get_mut(&EsetCompanyId::from(company)) {
            Some(CompanyChoice::Mapped(target)) => target,
            other => panic!("not mapped: {other:?}"),
        }
    }

    pub(super) fn choose_product(&mut self, code: &str, choice: ProductChoice) {
        self.mappings.products.entry(CW.into()).or_default().insert(ProductCode::from(code), choice);
    }

    pub(super) fn map_product(&mut self, code: &str, product: CatalogId) {
        self.choose_product(code, ProductChoice::Mapped { product, rule: ProductRule::default() });
    }

    pub(super) fn tenant(&mut self) -> &mut Tenant {
        self.tenants.get_mut(&ConnectionId::from(CW)).expect("the tenant")
    }

    pub(super) fn agreement(&mut self) -> &mut Agreement {
        self.tenant().catalogue.agreements.get_mut(&AGREEMENT).expect("the agreement")
    }

    pub(super) fn additions(&mut self, agreement: AgreementId) -> &mut Vec<Addition> {
        &mut self.tenant().additions.get_mut(&agreement).expect("its additions").additions
    }

    pub(super) fn addition(&mut self, agreement: AgreementId, id: i64, product: CatalogId, quantity: u32) -> &mut Addition {
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

    pub(super) fn wrote(&mut self, addition: i64, quantity: u32) {
        self.written.insert((CW.into(), AdditionId(addition)), LastWrite { quantity: Quantity::from(quantity), reversed: None });
    }

    /// The same company, as a second account of the MSP sees it.
    pub(super) fn second_account(&mut self, agreement: AgreementId) {
        let mut second = self.snapshots[0].clone();
        second.connection = "eset-2".into();
        self.snapshots.push(second);
        self.map("acme", agreement);
        let choice = CompanyChoice::Mapped(self.target("acme").clone());
        self.map("acme", AGREEMENT);
        self.mappings.companies.entry("eset-2".into()).or_default().insert("acme".into(), choice);
    }
}
