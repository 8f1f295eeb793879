use super::*;
use crate::billing::{Guard, LineKey, Standing};
use crate::ids::{CatalogId, EsetCompanyId, ProductCode, PsaCompanyId};
use crate::mapping::{CompanyChoice, CompanyTarget, Exclusion, ProductChoice};
use crate::money::Money;
use crate::psa::{Addition, Agreement, AgreementStatus, CatalogProduct, PsaCompany};
use crate::seats::{CompanySeats, EntityKind, Licence, LicenceState};

const ESET: &str = "eset";
const CW: &str = "cw";
const AGREEMENT: AgreementId = AgreementId(500);
const PROTECT: CatalogId = CatalogId(71);

/// Everything a plan is made from, owned, to be bent out of shape by a test.
#[derive(Debug, Clone)]
struct World {
    now: Timestamp,
    snapshots: Vec<Snapshot>,
    mappings: Mappings,
    tenants: BTreeMap<ConnectionId, Tenant>,
    written: BTreeMap<(ConnectionId, AdditionId), LastWrite>,
    policy: Policy,
}

#[derive(Debug, Clone)]
struct Tenant {
    catalogue: PsaCatalogue,
    additions: BTreeMap<AgreementId, AdditionsRead>,
}

/// Acme has ordered 27 seats of ESET PROTECT and is billed 25.
fn acme() -> World {
    let mut world = World {
        now: at("2026-11-22T12:00:00Z"),
        snapshots: vec![snapshot(ESET)],
        mappings: Mappings::default(),
        tenants: BTreeMap::from([(CW.into(), tenant())]),
        written: BTreeMap::new(),
        policy: Policy::default(),
    };
    world.company("acme", "Acme");
    world.licence("acme", "AAA-AAA-AA1", "111", 27);
    world.map("acme", AGREEMENT);
    world.map_product("111", PROTECT);
    world.addition(AGREEMENT, 9, PROTECT, 25);
    world
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn snapshot(connection: &str) -> Snapshot {
    let day = at("2026-11-22T00:00:00Z").date_naive();
    Snapshot {
        schema: crate::seats::SNAPSHOT_SCHEMA,
        connection: connection.into(),
        pass: format!("pass-{connection}").as_str().into(),
        taken_at: at("2026-11-22T06:00:00Z"),
        usage_days: (day, day),
        complete: true,
        companies: BTreeMap::new(),
    }
}

fn tenant() -> Tenant {
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
    };
    Tenant {
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

fn licence(id: &str, product: &str, ordered: u32) -> Licence {
    Licence {
        id: id.into(),
        product: product.into(),
        product_name: format!("ESET {product}"),
        ordered,
        activated: ordered / 2,
        trial: false,
        state: LicenceState::Normal,
    }
}

fn excluded() -> Exclusion {
    Exclusion { reason: "ours".to_owned(), by: "Ann".to_owned(), at: at("2026-11-01T00:00:00Z") }
}

impl World {
    fn plan(&self) -> Vec<Line> {
        let snapshots: Vec<&Snapshot> = self.snapshots.iter().collect();
        let psa = self
            .tenants
            .iter()
            .map(|(id, tenant)| (id.clone(), Psa { catalogue: &tenant.catalogue, additions: &tenant.additions }))
            .collect();
        let (mappings, written, policy) = (&self.mappings, &self.written, &self.policy);
        plan(&PlanInput { now: self.now, snapshots: &snapshots, mappings, psa: &psa, written, policy })
    }

    /// The one line of a world that has one.
    fn line(&self) -> Line {
        let lines = self.plan();
        let [line] = lines.as_slice() else { panic!("not one line: {lines:#?}") };
        line.clone()
    }

    fn company(&mut self, id: &str, name: &str) {
        let seats = CompanySeats {
            name: name.to_owned(),
            kind: EntityKind::MspCustomer,
            parent: None,
            custom_identifier: None,
            licences: Vec::new(),
            seat_days: BTreeMap::new(),
            complete: true,
        };
        self.snapshots[0].companies.insert(id.into(), seats);
    }

    fn seats(&mut self, company: &str) -> &mut CompanySeats {
        self.snapshots[0].companies.get_mut(&EsetCompanyId::from(company)).expect("the company")
    }

    fn licence(&mut self, company: &str, id: &str, product: &str, ordered: u32) {
        self.seats(company).licences.push(licence(id, product, ordered));
    }

    fn choose(&mut self, company: &str, choice: CompanyChoice) {
        self.mappings.companies.entry(ESET.into()).or_default().insert(company.into(), choice);
    }

    fn map(&mut self, company: &str, agreement: AgreementId) {
        let company_id = PsaCompanyId(agreement.0 - 499);
        let target = CompanyTarget { psa: CW.into(), company: company_id, agreement, automatic: true };
        self.choose(company, CompanyChoice::Mapped(target));
    }

    fn target(&mut self, company: &str) -> &mut CompanyTarget {
        let companies = self.mappings.companies.get_mut(&ConnectionId::from(ESET)).expect("mappings");
        match companies.get_mut(&EsetCompanyId::from(company)) {
            Some(CompanyChoice::Mapped(target)) => target,
            other => panic!("not mapped: {other:?}"),
        }
    }

    fn choose_product(&mut self, code: &str, choice: ProductChoice) {
        self.mappings.products.entry(CW.into()).or_default().insert(ProductCode::from(code), choice);
    }

    fn map_product(&mut self, code: &str, product: CatalogId) {
        self.choose_product(code, ProductChoice::Mapped { product });
    }

    fn tenant(&mut self) -> &mut Tenant {
        self.tenants.get_mut(&ConnectionId::from(CW)).expect("the tenant")
    }

    fn agreement(&mut self) -> &mut Agreement {
        self.tenant().catalogue.agreements.get_mut(&AGREEMENT).expect("the agreement")
    }

    fn additions(&mut self, agreement: AgreementId) -> &mut Vec<Addition> {
        &mut self.tenant().additions.get_mut(&agreement).expect("its additions").additions
    }

    fn addition(&mut self, agreement: AgreementId, id: i64, product: CatalogId, quantity: u32) -> &mut Addition {
        let additions = self.additions(agreement);
        additions.push(Addition {
            id: AdditionId(id),
            product,
            quantity: Quantity::from(quantity),
            included: Quantity::ZERO,
            unit_price: Money::from_vendor(2.5),
            cancelled: None,
            version: "2026-11-01T00:00:00Z".to_owned(),
        });
        additions.last_mut().expect("the addition")
    }

    fn wrote(&mut self, addition: i64, quantity: u32) {
        self.written.insert((CW.into(), AdditionId(addition)), LastWrite { quantity: Quantity::from(quantity) });
    }

    /// The same company, as a second account of the MSP sees it.
    fn second_account(&mut self, agreement: AgreementId) {
        let mut second = self.snapshots[0].clone();
        second.connection = "eset-2".into();
        self.snapshots.push(second);
        self.map("acme", agreement);
        let choice = CompanyChoice::Mapped(self.target("acme").clone());
        self.map("acme", AGREEMENT);
        self.mappings.companies.entry("eset-2".into()).or_default().insert("acme".into(), choice);
    }
}

fn codes(line: &Line) -> Vec<&'static str> {
    line.guards.iter().map(Guard::code).collect()
}

fn units(quantity: Option<Quantity>) -> String {
    quantity.map_or_else(|| "?".to_owned(), |quantity| quantity.to_string())
}

#[test]
fn what_was_ordered_is_proposed_with_its_reason_and_nothing_holds_it() {
    let line = acme().line();
    assert_eq!((units(line.billed), units(line.target), units(line.change())), ("25".into(), "27".into(), "2".into()));
    assert_eq!((line.company.as_str(), line.product.name.as_str()), ("Customer 1", "ESET-PROTECT"));
    assert_eq!((line.ordered, line.activated), (Some(27), Some(13)));
    assert_eq!(line.reason, "27 ordered on 1 licence");
    assert_eq!(codes(&line), [""; 0]);
    assert_eq!(line.addition, Some(AdditionId(9)));
    assert!(line.automatic);
}

/// Makes something wrong in a world.
type Bend = fn(&mut World);

/// What is wrong in the world, the guards it raises, and what becomes of the target ("?" when it is not known).
type GuardCase = (&'static str, Bend, &'static [&'static str], &'static str);

const GUARD_CASES: &[GuardCase] = &[
    ("nobody mapped the company", |world| world.mappings.companies.clear(), &["unmapped_company"], "27"),
    ("nobody mapped the product", |world| world.mappings.products.clear(), &["unmapped_product"], "27"),
    ("the company is gone", |world| world.snapshots[0].companies.clear(), &["company_gone"], "?"),
    ("the account was never read", |world| world.snapshots.clear(), &["snapshot_partial"], "?"),
    (
        "the list of companies was cut short",
        |world| {
            world.snapshots[0].companies.clear();
            world.snapshots[0].complete = false;
        },
        &["snapshot_partial"],
        "?",
    ),
    ("a licence was not read", |world| world.seats("acme").complete = false, &["snapshot_partial"], "?"),
    (
        "a licence of an unmapped company was not read",
        |world| {
            world.mappings.companies.clear();
            world.seats("acme").complete = false;
        },
        &["snapshot_partial", "unmapped_company"],
        "?",
    ),
    ("48 hours are not too old", |world| world.snapshots[0].taken_at = at("2026-11-20T12:00:00Z"), &[], "27"),
    ("49 hours are too old", |world| world.snapshots[0].taken_at = at("2026-11-20T11:00:00Z"), &["snapshot_stale"], "27"),
    ("the agreement is gone", |world| world.tenant().catalogue.agreements.clear(), &["agreement_gone"], "27"),
    ("it is cancelled", |world| world.agreement().status = AgreementStatus::Cancelled, &["agreement_not_active"], "27"),
    ("it has expired", |world| world.agreement().status = AgreementStatus::Expired, &["agreement_not_active"], "27"),
    ("it is inactive", |world| world.agreement().status = AgreementStatus::Inactive, &["agreement_not_active"], "27"),
    ("billing begins tomorrow", |world| world.agreement().bill_start = "2026-11-23".parse().ok(), &["agreement_not_active"], "27"),
    ("billing begins today", |world| world.agreement().bill_start = "2026-11-22".parse().ok(), &[], "27"),
    ("additions were never read", |world| world.tenant().additions.clear(), &["psa_stale"], "27"),
    (
        "additions were read 25 hours ago",
        |world| world.tenant().additions.values_mut().for_each(|read| read.read_at = at("2026-11-21T11:00:00Z")),
        &["psa_stale"],
        "27",
    ),
    ("the ConnectWise connection is missing", |world| world.tenants.clear(), &["psa_stale"], "27"),
    ("there is no addition", |world| world.additions(AGREEMENT).clear(), &["no_ongoing_addition"], "27"),
    (
        "the addition ended today",
        |world| world.additions(AGREEMENT)[0].cancelled = "2026-11-22".parse().ok(),
        &["no_ongoing_addition"],
        "27",
    ),
    ("the addition ends tomorrow", |world| world.additions(AGREEMENT)[0].cancelled = "2026-11-23".parse().ok(), &[], "27"),
    (
        "there are two additions",
        |world| {
            world.addition(AGREEMENT, 10, PROTECT, 2);
        },
        &["more_than_one_ongoing_addition"],
        "27",
    ),
    (
        "the second addition is cancelled",
        |world| world.addition(AGREEMENT, 10, PROTECT, 2).cancelled = "2026-01-01".parse().ok(),
        &[],
        "27",
    ),
    ("no seat is left", |world| world.seats("acme").licences[0].ordered = 0, &["drop_to_zero", "over_cap"], "0"),
    ("the licence is gone, the addition is not", |world| world.seats("acme").licences.clear(), &["drop_to_zero", "over_cap"], "0"),
    (
        "the licence is suspended",
        |world| world.seats("acme").licences[0].state = LicenceState::Suspended,
        &["drop_to_zero", "over_cap"],
        "0",
    ),
    ("51 units more", |world| set(world, 200, 251), &["over_cap"], "251"),
    ("50 units more", |world| set(world, 200, 250), &[], "250"),
    ("51 units fewer", |world| set(world, 200, 149), &["over_cap"], "149"),
    ("50 percent more", |world| set(world, 20, 30), &[], "30"),
    ("55 percent more", |world| set(world, 20, 31), &["over_cap"], "31"),
    ("500 percent more, but five units", |world| set(world, 1, 6), &[], "6"),
    ("600 percent more, and six units", |world| set(world, 1, 7), &["over_cap"], "7"),
    ("from nothing to five", |world| set(world, 0, 5), &[], "5"),
    ("from nothing to six", |world| set(world, 0, 6), &["over_cap"], "6"),
    ("what we wrote is still there", |world| world.wrote(9, 25), &[], "27"),
    ("what we wrote was changed", |world| world.wrote(9, 26), &["edited_by_hand"], "27"),
    (
        "what we wrote was changed to what it should be",
        |world| {
            set(world, 27, 27);
            world.wrote(9, 25);
        },
        &[],
        "27",
    ),
];

fn set(world: &mut World, billed: u32, ordered: u32) {
    world.additions(AGREEMENT)[0].quantity = Quantity::from(billed);
    world.seats("acme").licences[0].ordered = ordered;
}

#[test]
fn every_guard_holds_what_it_is_for_and_nothing_else() {
    for (what, bend, expected, target) in GUARD_CASES {
        let mut world = acme();
        bend(&mut world);
        let line = world.line();
        assert_eq!(codes(&line), *expected, "{what}");
        assert_eq!(units(line.target), *target, "{what}");
    }
}

#[test]
fn only_a_drop_a_large_change_and_a_hand_made_one_may_be_approved_in_spite_of_their_guard() {
    for (what, bend, ..) in GUARD_CASES {
        let mut world = acme();
        bend(&mut world);
        for guard in world.line().guards {
            let asks = ["drop_to_zero", "over_cap", "edited_by_hand"].contains(&guard.code());
            assert_eq!(guard.standing() == Standing::Asks, asks, "{what}: {guard:?}");
            assert!(!guard.words().is_empty() && !guard.remedy().is_empty());
        }
    }
}

#[test]
fn a_guard_is_named_as_its_json_is_tagged() {
    for (_, bend, ..) in GUARD_CASES {
        let mut world = acme();
        bend(&mut world);
        for guard in world.line().guards {
            assert_eq!(serde_json::to_value(&guard).expect("json")["code"], guard.code());
        }
    }
}

#[test]
fn trials_suspended_and_replaced_licences_are_shown_and_not_counted() {
    let mut world = acme();
    for (id, trial, state) in
        [("T", true, LicenceState::Normal), ("S", false, LicenceState::Suspended), ("O", false, LicenceState::Obsolete)]
    {
        world.licence("acme", id, "111", 100);
        let added = world.seats("acme").licences.last_mut().expect("the licence");
        (added.trial, added.state) = (trial, state);
    }
    let line = world.line();
    assert_eq!((line.ordered, line.activated), (Some(27), Some(13)));
    assert_eq!(line.evidence.licences.len(), 4);
    assert_eq!(line.reason, "27 ordered on 1 licence; 3 trial or suspended not counted");
}

#[test]
fn a_trial_of_what_is_not_billed_makes_no_line() {
    let mut world = acme();
    world.additions(AGREEMENT).clear();
    world.seats("acme").licences[0].trial = true;
    assert_eq!(world.plan(), []);
    world.mappings.companies.clear();
    assert_eq!(world.plan(), []);
}

#[test]
fn two_companies_on_one_agreement_add_up() {
    let mut world = acme();
    world.company("branch", "Acme Branch");
    world.licence("branch", "BBB-BBB-BB1", "111", 3);
    world.map("branch", AGREEMENT);
    let line = world.line();
    assert_eq!(line.ordered, Some(30));
    let companies: Vec<&str> = line.evidence.licences.iter().map(|item| item.company.as_str()).collect();
    assert_eq!(companies, ["Acme", "Acme Branch"]);
    assert_eq!(line.company, "Customer 1");
}

#[test]
fn a_shared_line_is_named_after_the_company_that_is_invoiced() {
    let mut world = acme();
    world.company("a-branch", "A Branch");
    world.licence("a-branch", "BBB-BBB-BB1", "111", 3);
    world.map("a-branch", AGREEMENT);
    world.target("a-branch").company = PsaCompanyId(3);
    assert_eq!(world.line().company, "Customer 1");
}

#[test]
fn two_eset_products_sold_as_one_add_up() {
    let mut world = acme();
    world.licence("acme", "AAA-AAA-AA2", "222", 4);
    world.map_product("222", PROTECT);
    let line = world.line();
    assert_eq!(line.ordered, Some(31));
    assert_eq!(line.product.eset, ["ESET 111", "ESET 222"]);
}

#[test]
fn what_is_excluded_makes_no_line() {
    let mut world = acme();
    world.choose("acme", CompanyChoice::Excluded(excluded()));
    assert_eq!(world.plan(), []);
    let mut world = acme();
    world.choose_product("111", ProductChoice::Excluded(excluded()));
    assert_eq!(world.plan(), []);
}

#[test]
fn included_units_cost_nothing() {
    let mut world = acme();
    world.additions(AGREEMENT)[0].included = Quantity::from(26);
    let line = world.line();
    assert_eq!(line.amount().map(|amount| amount.to_string()), Some("2.50".to_owned()), "27 less 26 included is one at 2.50");
    world.additions(AGREEMENT)[0].included = Quantity::ZERO;
    assert_eq!(world.line().amount().map(|amount| amount.to_string()), Some("5.00".to_owned()));
}

#[test]
fn a_line_commits_by_itself_only_when_every_company_on_it_does() {
    let mut world = acme();
    world.company("branch", "Acme Branch");
    world.map("branch", AGREEMENT);
    assert!(world.line().automatic);
    world.target("branch").automatic = false;
    assert!(!world.line().automatic, "also a company without seats of the product");
    world.snapshots[0].companies.remove(&EsetCompanyId::from("branch"));
    assert!(!world.line().automatic);
}

#[test]
fn a_company_that_is_not_known_holds_every_line_of_its_agreement() {
    let bends: [(&str, Bend); 3] = [
        ("partial", |world| world.seats("branch").complete = false),
        ("gone", |world| drop(world.snapshots[0].companies.remove(&EsetCompanyId::from("branch")))),
        ("on an account never read", |world| {
            let companies = world.mappings.companies.get_mut(&ConnectionId::from(ESET)).expect("mappings");
            let choice = companies.remove(&EsetCompanyId::from("branch")).expect("the branch");
            world.mappings.companies.entry("eset-2".into()).or_default().insert("branch".into(), choice);
            world.choose("branch", CompanyChoice::Excluded(excluded()));
        }),
    ];
    for (what, bend) in bends {
        for billed in [0, 25] {
            let mut world = acme();
            world.additions(AGREEMENT)[0].quantity = Quantity::from(billed);
            world.company("branch", "Acme Branch");
            world.map("branch", AGREEMENT);
            bend(&mut world);
            let line = world.line();
            assert_eq!((line.target, line.ordered), (None, None), "{what}, billed {billed}");
            assert!(line.blocked() && !line.changes(), "{what}, billed {billed}");
        }
    }
}

#[test]
fn an_empty_answer_changes_nothing() {
    let mut world = acme();
    world.addition(AGREEMENT, 10, CatalogId(72), 4);
    world.map_product("222", CatalogId(72));
    world.snapshots[0].companies.clear();
    let lines = world.plan();
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert_eq!(line.target, None);
        assert!(line.blocked() && !line.changes());
    }
}

#[test]
fn a_company_that_two_accounts_reach_is_counted_once() {
    let mut world = acme();
    world.second_account(AGREEMENT);
    let line = world.line();
    assert_eq!((line.ordered, codes(&line).len()), (Some(27), 0));
    assert_eq!(line.evidence.snapshots.len(), 2);
    let second = &mut world.snapshots[1];
    second.taken_at = at("2026-11-22T08:00:00Z");
    second.companies.values_mut().for_each(|seats| seats.licences[0].ordered = 28);
    assert_eq!(world.line().ordered, Some(28), "the later reading counts");
}

#[test]
fn a_company_that_two_accounts_reach_is_not_billed_on_two_agreements() {
    let mut world = acme();
    world.addition(AgreementId(501), 11, PROTECT, 27);
    world.second_account(AgreementId(501));
    let lines = world.plan();
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert_eq!(codes(&line), ["billed_elsewhere"]);
        assert!(line.blocked());
    }
}

#[test]
fn a_licence_listed_twice_is_counted_once() {
    let mut world = acme();
    world.licence("acme", "AAA-AAA-AA1", "111", 27);
    assert_eq!(world.line().ordered, Some(27));
}

#[test]
fn of_two_snapshots_of_one_account_the_later_one_counts() {
    let mut world = acme();
    let mut later = world.snapshots[0].clone();
    later.taken_at = at("2026-11-22T09:00:00Z");
    later.companies.values_mut().for_each(|seats| seats.licences[0].ordered = 29);
    world.snapshots.push(later);
    assert_eq!(world.line().ordered, Some(29));
    world.snapshots.reverse();
    assert_eq!(world.line().ordered, Some(29));
}

#[test]
fn a_line_of_a_missing_connection_still_says_whose_and_of_what_it_is() {
    let mut world = acme();
    world.tenants.clear();
    let line = world.line();
    assert_eq!((line.company.as_str(), line.product.name.as_str(), line.product.catalog), ("Acme", "ESET 111", Some(PROTECT)));
}

#[path = "plan_laws.rs"]
mod laws;
