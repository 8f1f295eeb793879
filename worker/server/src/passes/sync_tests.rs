//! Tests of how a snapshot is put together from what could be read.

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
    StagedSync { companies: companies.iter().map(company).collect(), details: Vec::new(), licences, usage: Vec::new() }
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
        usage_days: usage_days(at("2026-11-22T23:40:00Z")),
        complete: lists_complete,
        companies,
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
}

#[test]
fn a_licence_of_a_company_that_is_not_listed_leaves_every_company_unknown() {
    let after = assemble(staged(&["a"], vec![read("1", "a"), read("2", "elsewhere")]), None, true);
    assert_eq!((complete(&after), after.complete), (vec![false], false));
}

#[test]
fn a_list_that_was_cut_short_leaves_every_company_unknown() {
    let after = assemble(staged(&["a", "b"], vec![read("1", "a")]), None, false);
    assert_eq!((complete(&after), after.complete), (vec![false, false], false));
}

#[test]
fn seat_days_are_counted_from_the_first_to_yesterday() {
    let table = [
        ("2026-11-22T23:40:00Z", "2026-11-01", "2026-11-21"),
        ("2026-12-01T00:10:00Z", "2026-11-01", "2026-11-30"),
        ("2028-03-01T12:00:00Z", "2028-02-01", "2028-02-29"),
    ];
    for (now, from, to) in table {
        let (first, last) = usage_days(at(now));
        assert_eq!((first.to_string().as_str(), last.to_string().as_str()), (from, to));
    }
}
