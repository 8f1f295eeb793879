//! Tests of closing a month, its blockers and its corrections.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::Timestamp;
use crate::billing::{Line, LineState, Period, Policy, Reconciled};
use crate::ids::LineId;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn november() -> Period {
    "2026-11".parse().expect("a month")
}

fn line(id: &str, ordered: Option<u32>, billed: Option<u32>, counted: &str, version: &str) -> Line {
    serde_json::from_value(json!({
        "id": id, "preview": "p", "key": { "kind": "billed", "psa": "cw", "agreement": 1, "product": 2 }, "period": "2026-11",
        "company": "Acme", "agreement": null, "product": { "catalog": 2, "name": "ESET-PROTECT", "eset": [] },
        "addition": 9, "version": version, "ordered": ordered, "activated": ordered, "billed": billed.map(|billed| billed.to_string()),
        "included": "0", "target": ordered.map(|ordered| ordered.to_string()), "unit_price": "2.5", "currency": "EUR", "reason": "",
        "guards": [], "risk": "low", "automatic": false,
        "evidence": { "snapshots": [{ "connection": "eset", "pass": "p", "taken_at": counted }], "licences": [] },
    }))
    .expect("a line")
}

fn numbers(line: &Line) -> Reconciled {
    let (mappings, costs) = Default::default();
    crate::billing::Reconciler::new(&[], &mappings, &costs, 0).row(line)
}

fn stated(line: &Line, state: LineState) -> StatementLine {
    StatementLine::of(line, state, numbers(line))
}

/// A month when its lines were last planned, and they.
struct Month {
    planned_at: Timestamp,
    lines: Vec<StatementLine>,
}

fn month(lines: Vec<StatementLine>) -> Month {
    Month { planned_at: at("2026-11-30T23:50:00Z"), lines }
}

fn blockers(month: &Month, now: &str, current: &[(&str, LineState)], open_changes: u32) -> Vec<Blocker> {
    let current = current.iter().map(|(id, state)| (LineId((*id).to_owned()), *state)).collect();
    let (planned_at, policy) = (Some(month.planned_at), Policy::default());
    let input = ClosingInput { now: at(now), period: november(), planned_at, current: &current, open_changes, policy: &policy };
    let mut check = ClosingCheck::new(input);
    month.lines.iter().for_each(|line| check.look_at(line));
    check.blockers()
}

fn acme() -> Line {
    line("a", Some(27), Some(25), "2026-11-30T23:40:00Z", "2026-11-20T08:00:00Z")
}

const OVER: &str = "2026-12-02T09:00:00Z";
const RUNNING: &str = "2026-11-30T23:55:00Z";

fn codes(month: &Month, now: &str, current: &[(&str, LineState)], open_changes: u32) -> Vec<BlockerKind> {
    let found = blockers(month, now, current, open_changes);
    assert!(found.iter().all(|blocker| !blocker.words.contains("{n}") && blocker.words.ends_with('.') && !blocker.remedy.is_empty()));
    found.into_iter().map(|blocker| blocker.code).collect()
}

#[test]
fn a_month_is_closed_once_everything_is_settled() {
    use BlockerKind::{DataOld, InProgress, NothingPlanned, Partial, ToApprove, Unmapped};
    let with = |state, guards: &[&str]| {
        let mut line = stated(&acme(), state);
        line.held_by = guards.iter().map(|code| (*code).to_owned()).collect();
        month(vec![line])
    };
    let table: [(&str, Month, u32, &[BlockerKind]); 11] = [
        ("done", with(LineState::Done, &[]), 0, &[]),
        ("held by a person", with(LineState::Held, &[]), 0, &[]),
        ("unchanged", with(LineState::Unchanged, &[]), 0, &[]),
        ("to approve", with(LineState::ToApprove, &[]), 0, &[ToApprove]),
        ("being written", with(LineState::Committing, &[]), 1, &[InProgress]),
        ("a change of a line that is gone", with(LineState::Done, &[]), 1, &[InProgress]),
        ("parked", with(LineState::Parked, &[]), 0, &[InProgress]),
        ("an unmapped company", with(LineState::Held, &["unmapped_company"]), 0, &[Unmapped]),
        ("old counts", with(LineState::Held, &["snapshot_stale"]), 0, &[DataOld]),
        ("half a sync", with(LineState::Held, &["snapshot_partial"]), 0, &[Partial]),
        ("nothing", month(Vec::new()), 0, &[NothingPlanned]),
    ];
    for (what, month, open, expected) in table {
        assert_eq!(codes(&month, RUNNING, &[], open), expected, "{what}");
    }
}

#[test]
fn a_line_of_a_month_that_is_over_is_settled_by_what_became_of_it() {
    let waiting = month(vec![stated(&acme(), LineState::ToApprove)]);
    assert_eq!(codes(&waiting, OVER, &[("a", LineState::ToApprove)], 0), [BlockerKind::ToApprove]);
    for state in [LineState::Held, LineState::Done, LineState::Unchanged] {
        assert!(codes(&waiting, OVER, &[("a", state)], 0).is_empty(), "{state:?}");
    }
    assert!(codes(&waiting, OVER, &[], 0).is_empty(), "the line is gone");
    let mut unmapped = month(vec![stated(&acme(), LineState::Held)]);
    unmapped.lines[0].held_by = vec!["unmapped_company".to_owned()];
    assert_eq!(codes(&unmapped, OVER, &[("a", LineState::Held)], 0), [BlockerKind::Unmapped]);
    assert!(codes(&unmapped, OVER, &[], 0).is_empty(), "mapped or excluded since");
}

#[test]
fn what_nothing_can_mend_any_more_may_be_accepted_and_nothing_else() {
    let mut old = month(vec![stated(&acme(), LineState::ToApprove)]);
    old.planned_at = at("2026-11-20T00:00:00Z");
    let found = |now: &str| {
        let found = blockers(&old, now, &[("a", LineState::ToApprove)], 0);
        found.into_iter().map(|blocker| (blocker.code, blocker.acceptable)).collect::<Vec<_>>()
    };
    assert_eq!(found(OVER), [(BlockerKind::ToApprove, false), (BlockerKind::DataOld, true)]);
    assert_eq!(found("2026-11-25T00:00:00Z"), [(BlockerKind::ToApprove, false), (BlockerKind::DataOld, false)]);
}

/// What the lines of `now` correct of November.
fn late(closed: &[StatementLine], known: &[Correction], lines: &[Line], now: Timestamp) -> Vec<Correction> {
    let mut late = Late::new(november(), known, now);
    closed.iter().for_each(|line| late.state(line.clone()));
    lines.iter().for_each(|line| late.look_at(line));
    late.found()
}

fn describe(corrections: &[Correction]) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    corrections.iter().map(|found| format!("{:?} {} {}", found.number, text(&found.was), text(&found.is))).collect()
}

#[test]
fn a_number_belongs_to_the_month_its_source_is_of() {
    let closed = [stated(&acme(), LineState::Done)];
    let late_at = |line: &Line, now: &str| describe(&late(&closed, &[], std::slice::from_ref(line), at(now)));
    let table = [
        ("nothing new", acme(), vec![]),
        (
            "a count of November that arrives late",
            line("a", Some(29), Some(25), "2026-11-30T23:59:00Z", "2026-11-20T08:00:00Z"),
            vec!["Ordered 27 29"],
        ),
        ("a count of December", line("a", Some(29), Some(25), "2026-12-01T23:40:00Z", "2026-11-20T08:00:00Z"), vec![]),
        ("the same count, planned otherwise", line("a", Some(29), Some(25), "2026-11-30T23:40:00Z", "2026-11-20T08:00:00Z"), vec![]),
        ("a hand edit in November", line("a", Some(27), Some(20), "2026-11-30T23:40:00Z", "2026-11-30T23:58:00Z"), vec!["Quantity 25 20"]),
        ("a hand edit in December", line("a", Some(27), Some(20), "2026-11-30T23:40:00Z", "2026-12-01T08:00:00Z"), vec![]),
        ("not known", line("a", None, None, "2026-11-30T23:59:00Z", "2026-11-30T23:58:00Z"), vec![]),
    ];
    for (what, line, expected) in table {
        assert_eq!(late_at(&line, OVER), expected, "{what}");
    }
}

#[test]
fn while_the_closed_month_runs_every_change_is_a_correction() {
    let closed = [stated(&acme(), LineState::Done)];
    let late = |lines: &[Line]| describe(&late(&closed, &[], lines, at(RUNNING)));
    assert_eq!(late(&[line("a", Some(29), Some(26), "2026-11-30T23:40:00Z", "2026-11-20T08:00:00Z")]), ["Ordered 27 29", "Quantity 25 26"]);
    assert_eq!(late(&[]), ["Ordered 27 none"], "the line has left the month");
    let new = line("b", Some(4), None, "2026-11-30T23:50:00Z", "");
    assert_eq!(late(&[acme(), new]), ["Ordered none 4", "UnitPrice none 2.5"]);
}

#[test]
fn a_correction_is_made_once_and_goes_on_from_the_last() {
    let closed = [stated(&acme(), LineState::Done)];
    let changed = line("a", Some(29), Some(25), "2026-11-30T23:50:00Z", "2026-11-20T08:00:00Z");
    let first = late(&closed, &[], std::slice::from_ref(&changed), at(RUNNING));
    assert_eq!(describe(&first), ["Ordered 27 29"]);
    assert!(late(&closed, &first, &[changed], at(RUNNING)).is_empty());
    assert_eq!(describe(&late(&closed, &first, &[acme()], at(RUNNING))), ["Ordered 29 27"], "back again is a correction too");
    let gone = late(&closed, &[], &[], at(RUNNING));
    assert!(late(&closed, &gone, &[], at(RUNNING)).is_empty());
}

#[test]
fn a_statement_of_the_first_schema_is_still_read() {
    let lines = vec![stated(&acme(), LineState::Done)];
    let totals = json!({
        "rows": 1, "not_known": 0, "ordered": 27, "activated": 27, "seat_days": 0, "without_seat_days": 1, "billed": "25",
        "difference": "-2", "money": [], "findings": [],
    });
    let text = json!({
        "schema": 1, "period": "2026-11", "planned_at": null, "closed_at": OVER, "closed_by": "Ann", "accepted": ["data_old"],
        "reason": "late", "totals": totals, "lines": lines,
    });
    let (head, read) = serde_json::from_value::<Statement>(text).expect("read").split();
    assert_eq!((read, head.totals.ordered), (lines, 27));
    let closure = Closure { at: at(OVER), by: "Ann".to_owned(), accepted: vec![BlockerKind::DataOld], reason: Some("late".to_owned()) };
    assert_eq!(head.closure, Some(closure));
    let kept = json!({ "schema": 1, "period": "2026-11", "planned_at": OVER, "lines": [stated(&acme(), LineState::Done)] });
    let (head, read) = serde_json::from_value::<MonthEnd>(kept).expect("read").split();
    assert_eq!((read.len(), head.totals.ordered, head.closure), (1, 27, None));
}

proptest! {
    #[test]
    fn after_its_corrections_a_closed_month_has_nothing_to_correct(
        before in proptest::collection::vec((0..50_u32, 0..50_u32), 0..6),
        after in proptest::collection::vec((prop::option::of(0..50_u32), prop::option::of(0..50_u32)), 0..6),
        over in any::<bool>(),
    ) {
        let counted = "2026-11-30T23:40:00Z";
        let line_of = |index: usize, ordered, billed, counted: &str| line(&index.to_string(), ordered, billed, counted, "2026-11-30T23:58:00Z");
        let closed: Vec<StatementLine> = before.iter().enumerate()
            .map(|(index, (ordered, billed))| stated(&line_of(index, Some(*ordered), Some(*billed), counted), LineState::Done)).collect();
        let lines: Vec<Line> = after.iter().enumerate()
            .map(|(index, (ordered, billed))| line_of(index, *ordered, *billed, "2026-11-30T23:59:00Z")).collect();
        let now = at(if over { OVER } else { RUNNING });
        let found = late(&closed, &[], &lines, now);
        prop_assert!(found.iter().all(|correction| correction.was != correction.is && correction.period == november()));
        prop_assert_eq!(late(&closed, &found, &lines, now), Vec::new());
    }
}
