//! What is not known is never a zero.

use super::*;

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
