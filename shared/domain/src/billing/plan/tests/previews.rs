//! The preview says what the plan will say.

use super::*;
use crate::billing::{Wanted, difference, subset};
use crate::mapping::{CompanyChange, CompanyDecision};
use crate::mapping::{CompanyProduct, CountMethod, CountRule};
use crate::mapping::{ProductChange, ProductDecision};
use crate::preview::{Preview, Question, examples};

fn activated() -> ProductRule {
    ProductRule { count: CountRule { method: CountMethod::Activated, ..CountRule::PLAIN }, ..ProductRule::PLAIN }
}

fn product(decision: ProductDecision) -> Question {
    Question { product: Some(ProductChange { psa: CW.into(), code: "111".into(), decision }), ..Question::default() }
}

fn company(products: CompanyProducts) -> Question {
    let decision = CompanyDecision::Map { psa: CW.into(), agreement: AGREEMENT, automatic: true, products: Some(products), groups: None };
    Question { company: Some(CompanyChange { connection: ESET.into(), company: "acme".into(), decision }), ..Question::default() }
}

impl World {
    fn preview(&self) -> Preview {
        Preview::of(self.with(|input| {
            let mut wanted = Wanted::product(input, &CW.into(), &"111".into(), None);
            wanted.companies.insert((ESET.into(), "acme".into()));
            subset(input, &wanted, 100)
        }))
    }
}

#[test]
fn an_edited_product_shows_what_the_plan_will_say() {
    type Decided = (ProductDecision, Bend);
    let table: [Decided; 4] = [
        (ProductDecision::Map { product: PROTECT, rule: Some(activated()) }, |world| {
            world.choose_product("111", ProductChoice::Mapped { product: PROTECT, rule: activated() });
        }),
        (ProductDecision::Map { product: CatalogId(72), rule: None }, |world| world.map_product("111", CatalogId(72))),
        (ProductDecision::Exclude { reason: "ours".to_owned() }, |world| world.choose_product("111", ProductChoice::Excluded(excluded()))),
        (ProductDecision::Clear, |world| {
            world.mappings.products.values_mut().for_each(|products| drop(products.remove(&ProductCode::from("111"))));
        }),
    ];
    for (decision, edit) in table {
        let mut world = acme();
        // The slice knows catalog products that something is mapped to.
        world.map_product("222", CatalogId(72));
        let (mut preview, before) = (world.preview(), world.plan());
        let question = product(decision);
        let told = preview.answer(&question).difference;
        edit(&mut world);
        assert_eq!(told, Some(difference(&before, &world.plan())), "{question:?}");
        assert!(told.is_some_and(|told| told.lines > 0), "{question:?}");
        assert_eq!(preview.answer(&question), preview.answer(&question), "an edit leaves nothing behind");
        assert_eq!(preview.answer(&product(ProductDecision::Map { product: PROTECT, rule: None })).difference, Some(Default::default()));
    }
}

#[test]
fn an_exception_of_one_company_changes_its_lines_only() {
    let mut world = acme();
    world.company("beta", "Beta");
    world.licence("beta", "BBB-BBB-BB1", "111", 10);
    world.map("beta", AgreementId(501));
    world.addition(AgreementId(501), 11, PROTECT, 10);
    let own = CompanyProduct { rule: Some(activated()), ..CompanyProduct::default() };
    let answer = world.preview().answer(&company([("111".into(), own)].into()));
    let told = answer.difference.expect("a difference");
    assert_eq!((told.lines, told.change.to_string()), (1, "-14".to_owned()), "27 ordered, 13 in use");
    assert_eq!(told.first.first().map(|line| line.company.as_str()), Some("Customer 1"));
}

#[test]
fn a_company_is_asked_about_with_its_products_and_agreements() {
    let mut world = acme();
    world.tenant().catalogue.agreements.get_mut(&AgreementId(501)).expect("an agreement").company = PsaCompanyId(1);
    world.target("acme").products = [("111".into(), CompanyProduct { product: Some(CatalogId(72)), ..CompanyProduct::default() })].into();
    world.licence("acme", "AAA-AAA-AA2", "999", 4);
    let wanted = world.with(|input| Wanted::company(input, &ESET.into(), &"acme".into()));
    let mut preview = Preview::of(world.with(|input| subset(input, &wanted, 100)));
    let answer = preview.answer(&company(CompanyProducts::new()));
    let names: Vec<(&str, Option<&str>, Option<&str>)> =
        answer.products.iter().map(|held| (held.name.as_str(), held.usual.as_deref(), held.own.as_deref())).collect();
    assert_eq!(names, [("ESET 111", Some("ESET-PROTECT"), Some("ESET-MAIL")), ("ESET 999", None, None)]);
    assert_eq!(answer.agreements.iter().map(|(id, _)| id.0).collect::<Vec<_>>(), [500, 501]);
}

#[test]
fn a_product_inside_a_bundle_that_is_split_can_have_its_exception() {
    let mut world = acme();
    world.seats("acme").licences[0].parts =
        vec![crate::seats::Part { product: "107".into(), product_name: "ESET 107".to_owned(), ordered: Some(27), activated: None }];
    world.choose_product("111", ProductChoice::Parts);
    let answer = world.preview().answer(&company(CompanyProducts::new()));
    let held: Vec<(&str, u32, Option<u32>)> =
        answer.products.iter().map(|held| (held.code.as_str(), held.ordered, held.activated)).collect();
    assert_eq!(held, [("107", 27, None)]);
}

#[test]
fn each_effective_date_rule_names_its_next_day() {
    let days = |next: &[Option<&str>]| {
        let mut world = acme();
        let ids = (500..).map(AgreementId);
        for (id, next) in ids.zip(next) {
            let company = format!("c{id}");
            world.company(&company, &company);
            world.licence(&company, &company, "111", 1);
            world.map(&company, id);
            let agreement = world.tenant().catalogue.agreements.get_mut(&id).expect("the agreement");
            agreement.next_invoice = next.map(str::to_owned);
        }
        world.preview().answer(&Question::default()).days
    };
    assert_eq!(days(&[Some("2026-12-15T00:00:00Z")]), ["22 Nov 2026", "1 Dec 2026", "14 Dec 2026"]);
    let both = days(&[Some("2026-12-15T00:00:00Z"), Some("2027-01-01T00:00:00Z")]);
    assert_eq!(both[2], "14 Dec 2026 to 31 Dec 2026, by agreement");
    assert_eq!(days(&[None])[2], "Not known: ConnectWise names no next invoice date");
    assert_eq!(days(&[None, Some("2026-12-15T00:00:00Z")])[2], "14 Dec 2026; not known on 1, whose lines are held");
}

#[test]
fn every_method_has_an_example_that_follows_the_fields() {
    let count = CountRule { included: 2, ..CountRule::PLAIN };
    let told = examples(&Question { count: Some(count), ..Question::default() }).examples;
    assert_eq!(told.len(), CountMethod::ALL.len());
    assert_eq!(told[0], "27 ordered − 2 included = 25 → 25");
    assert_eq!(told[1], "24 in use − 2 included = 22 → 22");
}

#[test]
fn a_company_is_offered_its_own_static_groups_and_told_what_a_share_would_change() {
    use crate::groups::{DeviceGroup, GROUPS_SCHEMA, InUse, StandsFor};
    use crate::mapping::GroupSplit;

    let mut world = acme();
    let group = |name: &str, parent: &str, devices| DeviceGroup {
        name: name.to_owned(),
        parent: Some(parent.into()),
        in_use: vec![InUse { code: None, name: "ESET 111".to_owned(), devices }],
        ..DeviceGroup::default()
    };
    let company = |name: &str| DeviceGroup { stands_for: Some(StandsFor::Company), ..group(name, "all", 1) };
    let groups = [
        ("all", DeviceGroup { parent: None, ..group("All", "", 0) }),
        ("acme", company("ACME")),
        ("servers", group("Servers", "acme", 6)),
        ("lab", group("Lab", "servers", 2)),
        ("ill", DeviceGroup { dynamic: true, ..group("Ill", "acme", 0) }),
        ("other", company("Other")),
        ("theirs", group("Servers", "other", 9)),
    ];
    world.groups = vec![Groups {
        schema: GROUPS_SCHEMA,
        connection: "connect".into(),
        pass: "pass".into(),
        taken_at: world.now,
        groups: groups.into_iter().map(|(id, group)| (id.into(), group)).collect(),
    }];
    world.tenant().catalogue.agreements.get_mut(&AgreementId(501)).expect("an agreement").company = PsaCompanyId(1);
    let slice = world.with(|input| subset(input, &Wanted::company(input, &ESET.into(), &"acme".into()), 10));
    let share = GroupSplit { connection: "connect".into(), group: "servers".into(), agreement: AgreementId(501) };
    let decision =
        CompanyDecision::Map { psa: CW.into(), agreement: AGREEMENT, automatic: true, products: None, groups: Some(vec![share]) };
    let change = CompanyChange { connection: ESET.into(), company: "acme".into(), decision };
    let answer = Preview::of(slice).answer(&Question { company: Some(change), ..Question::default() });
    let told: Vec<(&str, u32)> = answer.groups.iter().map(|group| (group.path.as_str(), group.in_use)).collect();
    assert_eq!(told, [("Servers", 8), ("Servers / Lab", 2)]);
    let difference = answer.difference.expect("a difference");
    assert_eq!(difference.lines, 2, "{difference:?}");
}
