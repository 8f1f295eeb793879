//! Tests of how a snapshot is put together from what could be read.

use domain::Timestamp;
use domain::seats::SNAPSHOT_SCHEMA;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn licence(id: &str) -> Licence {
    Licence {
        id: id.into(),
        product: "111".into(),
        product_name: "ESET PROTECT Entry".to_owned(),
        ordered: 10,
        activated: 8,
        trial: false,
        state: domain::seats::LicenceState::Normal,
        parts: Vec::new(),
    }
}

fn staged(companies: &[&str], licences: Vec<StagedLicence>) -> StagedSync {
    let company = |id: &&str| StagedCompany { id: (*id).into(), name: (*id).to_owned(), kind: EntityKind::MspCustomer };
    StagedSync {
        companies: companies.iter().map(company).collect(),
        details: Vec::new(),
        licences,
        usage: Vec::new(),
        unread: Unread::default(),
    }
}

fn read(id: &str, owner: &str) -> StagedLicence {
    StagedLicence { id: id.into(), read: Some((owner.into(), licence(id))) }
}

fn unread(id: &str) -> StagedLicence {
    StagedLicence { id: id.into(), read: None }
}

fn assemble(staged: StagedSync, before: Option<&Snapshot>, lists_complete: bool) -> Snapshot {
    staged.assemble(before, lists_complete, |companies| Snapshot {
        schema: SNAPSHOT_SCHEMA,
        connection: "eset".into(),
        pass: "pass".into(),
        taken_at: at("2026-11-22T23:40:00Z"),
        usage_days: (at("2026-11-01T00:00:00Z").date_naive(), at("2026-11-21T00:00:00Z").date_naive()),
        complete: lists_complete,
        companies,
        unowned: Vec::new(),
        tallies: BTreeMap::new(),
    })
}

fn complete(snapshot: &Snapshot) -> Vec<bool> {
    snapshot.companies.values().map(|company| company.complete).collect()
}

#[test]
fn a_licence_that_could_not_be_read_leaves_only_its_company_unknown() {
    let before = assemble(staged(&["a", "b"], vec![read("1", "a"), read("2", "b")]), None, true);
    let after = assemble(staged(&["a", "b"], vec![read("1", "a"), unread("2")]), Some(&before), true);
    assert_eq!(complete(&after), [true, false]);
    // However many days it lasts; and then it is over.
    let next = assemble(staged(&["a", "b"], vec![read("1", "a"), unread("2")]), Some(&after), true);
    assert_eq!((complete(&next), &next.companies), (vec![true, false], &after.companies));
    let again = assemble(staged(&["a", "b"], vec![read("1", "a"), read("2", "b")]), Some(&next), true);
    assert_eq!(again.companies, before.companies);
    let gone = assemble(staged(&["a", "b"], vec![read("1", "a")]), Some(&next), true);
    assert_eq!(complete(&gone), [true, true], "a licence that is not listed any more is nobody's worry");
}

#[test]
fn a_licence_nobody_knows_the_owner_of_leaves_every_company_unknown() {
    let after = assemble(staged(&["a", "b"], vec![read("1", "a"), unread("2")]), None, true);
    assert_eq!((complete(&after), after.complete), (vec![false, false], false));
    assert_eq!(after.unowned, ["2".into()]);
    let none_read = assemble(staged(&["a"], vec![unread("2")]), None, true);
    assert!(none_read.has_licences(), "it is listed, so an empty list after it is doubted");
}

#[test]
fn a_licence_of_a_company_that_is_not_listed_leaves_every_company_unknown() {
    let after = assemble(staged(&["a"], vec![read("1", "a"), read("2", "elsewhere")]), None, true);
    assert_eq!((complete(&after), after.complete), (vec![false], false));
    assert_eq!(after.unowned, ["2".into()]);
}

#[test]
fn a_list_that_was_cut_short_leaves_every_company_unknown() {
    let after = assemble(staged(&["a", "b"], vec![read("1", "a")]), None, false);
    assert_eq!((complete(&after), after.complete), (vec![false, false], false));
}

fn details(id: &str, parent: &str) -> StagedDetails {
    StagedDetails { id: id.into(), parent: Some(parent.into()), custom_identifier: Some(format!("{id}-psa")) }
}

#[test]
fn a_parent_that_could_not_be_read_is_the_one_of_before() {
    let whole = StagedSync { details: vec![details("a", "top"), details("b", "top")], ..staged(&["a", "b"], Vec::new()) };
    let before = assemble(whole, None, true);
    let one = StagedSync { details: vec![details("a", "moved")], ..staged(&["a", "b", "new"], Vec::new()) };
    let after = assemble(one, Some(&before), true);
    let parents: Vec<Option<&str>> = after.companies.values().map(|company| company.parent.as_ref().map(EsetCompanyId::as_str)).collect();
    assert_eq!(parents, [Some("moved"), Some("top"), None]);
    assert_eq!(after.companies[&"b".into()].custom_identifier.as_deref(), Some("b-psa"));
}

#[test]
fn seat_days_that_could_not_be_read_are_not_zero() {
    let usage = |company: &str, seat_days| StagedUsage { company: company.into(), seat_days };
    let rows = || vec![usage("a", Some(vec![("111".into(), 7), ("111".into(), 3)])), usage("b", None)];
    let read = assemble(StagedSync { usage: rows(), ..staged(&["a", "b", "c"], Vec::new()) }, None, true);
    let unread: Vec<bool> = read.companies.values().map(|company| company.seat_days_unread).collect();
    assert_eq!(unread, [false, true, false], "its own row costs a company its seat-days, and no other");
    assert_eq!(read.companies[&"a".into()].seat_days[&"111".into()], 10);
    // Of a report that broke off in the middle what came is not all.
    let broken = Unread { usage: true, ..Unread::default() };
    let broken = assemble(StagedSync { usage: rows(), unread: broken, ..staged(&["a", "b", "c"], Vec::new()) }, None, true);
    assert!(broken.companies.values().all(|company| company.seat_days_unread && company.seat_days.is_empty()));
}
