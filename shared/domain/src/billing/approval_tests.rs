//! Every state of a line beside every decision and kind of guard: what the app offers and what the Worker refuses.

use serde_json::json;

use super::*;
use crate::money::Quantity;

const STATES: [LineState; 8] = [
    LineState::ToApprove,
    LineState::Held,
    LineState::Committing,
    LineState::Done,
    LineState::Failed,
    LineState::Parked,
    LineState::Unchanged,
    LineState::Dismissed,
];

fn line(guards: &[Guard]) -> Line {
    let line: Line = serde_json::from_value(json!({
        "id": "a", "preview": "p", "key": { "kind": "billed", "psa": "cw", "agreement": 1, "product": 2 }, "period": "2026-11",
        "company": "Acme", "agreement": null, "product": { "catalog": 2, "name": "ESET-PROTECT", "eset": [] }, "addition": 9,
        "version": null, "ordered": 27, "activated": 25, "billed": "25", "included": "0", "target": "27", "unit_price": "2.5",
        "currency": "EUR", "reason": "", "guards": [], "risk": "low", "automatic": false,
        "evidence": { "snapshots": [], "licences": [] },
    }))
    .expect("a line");
    Line { guards: guards.to_vec(), ..line }
}

fn unmapped() -> Line {
    Line { key: LineKey::Unmapped { connection: "eset".into(), company: "acme".into(), product: "112".into() }, ..line(&[]) }
}

fn decided(decision: DecisionKind) -> Decision {
    let at = "2026-11-20T08:00:00Z".parse().expect("a moment");
    Decision { decision, by: "Ann".to_owned(), at, reason: Some("asked".to_owned()) }
}

fn over_cap() -> Guard {
    Guard::OverCap { change: Quantity::from(60), cap: "50 units".to_owned() }
}

fn first_run() -> Guard {
    Guard::FirstRun { company: "Acme".to_owned() }
}

fn refusal(considered: Considered<'_>, preview: &str, seen: &[&str], lines: usize) -> Option<&'static str> {
    let seen: Vec<String> = seen.iter().map(|code| (*code).to_owned()).collect();
    considered.refuses_approval(&Asked { preview: &preview.into(), seen: &seen, lines }).map(|refusal| refusal.code)
}

#[test]
fn a_line_is_approved_freely_alone_or_not_at_all() {
    use LineState::{Committing, Dismissed, Done, Failed, Held, Parked, ToApprove, Unchanged};
    let (held, dismissed, approved) = (decided(DecisionKind::Held), decided(DecisionKind::Dismissed), decided(DecisionKind::Approved));
    let (free, asks, noted, blocked) = (line(&[]), line(&[over_cap()]), line(&[first_run()]), line(&[over_cap(), Guard::AgreementGone]));
    let still = Line { target: free.billed, ..free.clone() };
    let unknown = Line { target: None, ..free.clone() };
    // What of it; how it can be approved; why the Worker refuses it alone, and with others, when all guards were seen.
    type Row<'a> = (&'a str, &'a Line, LineState, Option<&'a Decision>, Approval, Option<&'static str>, Option<&'static str>);
    let table: [Row<'_>; 17] = [
        ("a change", &free, ToApprove, None, Approval::Free, None, None),
        ("a change with something to know", &noted, ToApprove, None, Approval::Free, None, None),
        ("a change that a guard holds", &asks, Held, None, Approval::Alone, None, Some("look_alone")),
        ("a change that a guard blocks", &blocked, Held, None, Approval::Blocked, Some("blocked"), Some("blocked")),
        ("no number", &unknown, Held, None, Approval::Nothing, Some("nothing_to_change"), Some("nothing_to_change")),
        ("held by a person", &free, Held, Some(&held), Approval::SetAside, Some("held"), Some("held")),
        ("held by both", &blocked, Held, Some(&held), Approval::SetAside, Some("held"), Some("held")),
        ("dismissed", &free, Dismissed, Some(&dismissed), Approval::SetAside, Some("dismissed"), Some("dismissed")),
        ("being written", &free, Committing, Some(&approved), Approval::InProgress, Some("in_progress"), Some("in_progress")),
        ("being written, and held since", &free, Committing, Some(&held), Approval::InProgress, Some("in_progress"), Some("in_progress")),
        ("written", &still, Done, Some(&approved), Approval::Nothing, Some("nothing_to_change"), Some("nothing_to_change")),
        ("written, not read again yet", &free, Done, None, Approval::Nothing, Some("nothing_to_change"), Some("nothing_to_change")),
        ("refused by ConnectWise", &free, Failed, Some(&approved), Approval::Again, None, None),
        ("refused, and a guard holds it", &asks, Failed, Some(&approved), Approval::Again, None, Some("look_alone")),
        ("parked", &free, Parked, Some(&approved), Approval::Again, None, None),
        ("unchanged", &still, Unchanged, None, Approval::Nothing, Some("nothing_to_change"), Some("nothing_to_change")),
        (
            "unchanged and blocked",
            &Line { target: None, ..blocked.clone() },
            Unchanged,
            None,
            Approval::Blocked,
            Some("blocked"),
            Some("blocked"),
        ),
    ];
    for (what, line, state, decision, approval, alone, with_others) in table {
        let considered = Considered { line, state, decision };
        let seen: Vec<&str> = line.guards.iter().map(Guard::code).collect();
        assert_eq!(considered.approval(), approval, "{what}");
        assert_eq!(refusal(considered, "p", &seen, 1), alone, "{what}, alone");
        assert_eq!(refusal(considered, "p", &seen, 2), with_others, "{what}, with others");
    }
}

#[test]
fn what_is_offered_is_not_refused() {
    let decisions =
        [None, Some(decided(DecisionKind::Held)), Some(decided(DecisionKind::Dismissed)), Some(decided(DecisionKind::Approved))];
    let lines = [line(&[]), line(&[first_run()]), line(&[over_cap()]), line(&[Guard::AgreementGone]), unmapped()];
    for (line, state, decision) in lines
        .iter()
        .flat_map(|line| STATES.map(|state| (line, state)))
        .flat_map(|(line, state)| decisions.iter().map(move |decision| (line, state, decision.as_ref())))
    {
        let considered = Considered { line, state, decision };
        let seen: Vec<&str> = line.guards.iter().map(Guard::code).collect();
        let what = format!("{state:?} {decision:?} {:?}", line.guards);
        match considered.approval() {
            Approval::Free => assert_eq!(refusal(considered, "p", &[], 2), None, "{what}"),
            Approval::Alone => assert_eq!(refusal(considered, "p", &seen, 1), None, "{what}"),
            Approval::Again => {}
            _ => assert!(refusal(considered, "p", &seen, 1).is_some(), "{what}"),
        }
        for asked in [LineDecision::Hold, LineDecision::Dismiss, LineDecision::Release] {
            assert!(!considered.offers(asked) || considered.refuses(asked).is_none(), "{what}: {asked:?}");
        }
    }
}

#[test]
fn a_line_that_changed_since_is_not_approved() {
    let line = line(&[]);
    let considered = Considered { line: &line, state: LineState::ToApprove, decision: None };
    assert_eq!(refusal(considered, "another", &[], 1), Some("stale_preview"));
}

#[test]
fn a_guard_nobody_has_seen_holds_the_line() {
    let line = line(&[over_cap(), Guard::DropToZero, first_run()]);
    let considered = Considered { line: &line, state: LineState::Held, decision: None };
    assert_eq!(refusal(considered, "p", &["over_cap"], 1), Some("look_alone"));
    assert_eq!(refusal(considered, "p", &["over_cap", "drop_to_zero"], 1), None, "what only is to be known need not be named");
}

#[test]
fn a_line_is_held_dismissed_and_released_while_it_waits_for_a_person() {
    use LineState::{Committing, Dismissed, Done, Held, ToApprove};
    let (held, approved) = (decided(DecisionKind::Held), decided(DecisionKind::Approved));
    let (free, nothing_bills) = (line(&[]), unmapped());
    // Line, state, decision; whether it can be held, dismissed and released.
    let table = [
        (&free, ToApprove, None, [true, true, false]),
        (&free, Held, None, [true, true, false]),
        (&free, Held, Some(&held), [false, false, true]),
        (&free, Dismissed, Some(&held), [false, false, true]),
        (&free, Committing, Some(&approved), [false, false, false]),
        (&free, Done, Some(&approved), [false, false, false]),
        (&nothing_bills, Held, None, [true, false, false]),
    ];
    for (line, state, decision, offered) in table {
        let considered = Considered { line, state, decision };
        assert_eq!(
            [LineDecision::Hold, LineDecision::Dismiss, LineDecision::Release].map(|asked| considered.offers(asked)),
            offered,
            "{state:?} {decision:?}"
        );
    }
    let refused = |line, state, asked| Considered { line, state, decision: None }.refuses(asked).map(|refusal| refusal.code);
    assert_eq!(refused(&nothing_bills, Held, LineDecision::Dismiss), Some("exclude_instead"));
    assert_eq!(refused(&free, Committing, LineDecision::Hold), Some("in_progress"));
    assert_eq!(refused(&free, Done, LineDecision::Hold), None);
}

#[test]
fn a_line_set_aside_says_who_when_and_why() {
    let (line, decision) = (line(&[]), decided(DecisionKind::Held));
    let considered = Considered { line: &line, state: LineState::Held, decision: Some(&decision) };
    assert_eq!(considered.set_aside().expect("a refusal").message, "Ann held this line on 2026-11-20: asked. Release it first.");
}
