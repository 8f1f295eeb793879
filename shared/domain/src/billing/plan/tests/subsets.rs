//! What a part of the input plans to: the very same lines.

use proptest::prelude::*;

use super::super::accounts::laws::{many, split};
use super::laws::ruled;
use super::*;
use crate::billing::{PlanSlice, Wanted, subset};

impl World {
    fn cut(&self, wanted: &Wanted, most: usize) -> PlanSlice {
        let slice = self.with(|input| subset(input, wanted, most));
        let text = serde_json::to_vec(&slice).expect("json");
        let read: PlanSlice = crate::json::read(&text).expect("what a browser reads");
        assert_eq!(slice, read);
        read
    }

    fn wanted(&self, agreements: &[i64]) -> Wanted {
        Wanted { agreements: agreements.iter().map(|id| (CW.into(), AgreementId(*id))).collect(), ..Wanted::default() }
    }
}

fn on(line: &Line, agreements: &[i64]) -> bool {
    matches!(&line.key, LineKey::Billed { agreement, .. } if agreements.contains(&agreement.0))
}

#[test]
fn a_slice_of_one_agreement_holds_nothing_of_another() {
    let mut world = acme();
    world.company("other", "Other");
    world.licence("other", "BBB-BBB-BB1", "111", 3);
    world.map("other", AgreementId(501));
    world.addition(AgreementId(501), 11, PROTECT, 3);
    let slice = world.cut(&world.wanted(&[500]), 10);
    let text = serde_json::to_string(&slice).expect("json");
    assert!(text.contains("Acme") && !text.contains("Other") && !text.contains("BBB-BBB-BB1"), "{text}");
    assert_eq!((slice.plan().len(), slice.left_out), (1, 0));
}

#[test]
fn a_slice_is_bounded_and_says_what_is_missing() {
    let mut world = acme();
    for id in 501..503 {
        let company = format!("c{id}");
        world.company(&company, &company);
        world.map(&company, AgreementId(id));
    }
    let slice = world.cut(&world.wanted(&[500, 501, 502]), 2);
    assert_eq!((slice.agreements.len(), slice.left_out), (2, 1));
}

#[test]
fn a_slice_of_a_company_holds_every_agreement_it_could_move_to() {
    let mut world = acme();
    world.records = Some(TrackRecords::new());
    world.tenant().catalogue.agreements.get_mut(&AgreementId(501)).expect("an agreement").company = PsaCompanyId(1);
    let wanted = world.with(|input| Wanted::company(input, &ESET.into(), &"acme".into()));
    assert_eq!(wanted.agreements.iter().map(|(_, id)| id.0).collect::<Vec<_>>(), [500, 501]);
    let mut slice = world.cut(&wanted, 10);
    world.map("acme", AgreementId(501));
    slice.mappings = world.mappings.clone();
    assert_eq!(slice.plan(), world.plan(), "the preview is what the plan will be");
    world.mappings.companies.clear();
    let wanted = world.with(|input| Wanted::company(input, &ESET.into(), &"acme".into()));
    assert_eq!(world.cut(&wanted, 10).plan(), world.plan(), "also of a company that is billed nowhere yet");
}

#[test]
fn a_slice_of_a_product_holds_whoever_has_it_or_is_billed_for_it() {
    let mut world = acme();
    world.company("bundled", "Bundled");
    world.licence("bundled", "BBB-BBB-BB1", "222", 3);
    world.seats("bundled").licences[0].parts = vec![part("111", Some(3), None)];
    world.map("bundled", AgreementId(501));
    world.company("billed", "Billed");
    world.map("billed", AgreementId(502));
    world.addition(AgreementId(502), 11, MAIL, 3);
    let agreements = |world: &World, catalog| {
        let wanted = world.with(|input| Wanted::product(input, &CW.into(), &"111".into(), catalog));
        wanted.agreements.into_iter().map(|(_, id)| id.0).collect::<Vec<_>>()
    };
    assert_eq!(agreements(&world, None), [500, 501]);
    assert_eq!(agreements(&world, Some(MAIL)), [500, 501, 502]);
    let wanted = world.with(|input| Wanted::product(input, &CW.into(), &"111".into(), Some(MAIL)));
    let mut slice = world.cut(&wanted, 10);
    world.map_product("111", MAIL);
    slice.mappings.products = world.mappings.products.clone();
    assert_eq!(slice.plan(), world.plan());
}

proptest! {
    #![proptest_config(many())]

    #[test]
    fn a_slice_gives_the_lines_of_the_full_plan(
        world in ruled(), accounts in any::<bool>(), shared in any::<bool>(), ids in proptest::sample::subsequence(vec![500, 501, 502], 0..=3),
    ) {
        let mut world = if accounts { split(world) } else { world };
        if shared && accounts {
            // A company that another account reaches too, with its licences.
            let (first, rest) = world.snapshots.split_at_mut(1);
            for (id, seats) in &first[0].companies {
                rest[0].companies.insert(id.clone(), seats.clone());
                world.mappings.companies.entry(rest[0].connection.clone()).or_default().insert(id.clone(), CompanyChoice::Mapped(CompanyTarget {
                    psa: CW.into(), company: PsaCompanyId(3), agreement: AgreementId(502), automatic: false, products: CompanyProducts::new(), groups: Vec::new()
                }));
            }
        }
        let slice = world.cut(&world.wanted(&ids), 10);
        let lines: Vec<Line> = slice.plan().into_iter().filter(|line| on(line, &ids)).collect();
        let full: Vec<Line> = world.plan().into_iter().filter(|line| on(line, &ids)).collect();
        prop_assert_eq!(lines, full);
        for line in slice.plan() {
            let known = world.plan();
            prop_assert!(known.contains(&line), "and nothing that the full plan has not");
        }
    }
}
