//! The fields for what a rule watches: the devices of a group, or detections.

use domain::connections::ConnectionKind;
use leptos::prelude::*;

use super::destination::choose;
use super::form::FormState;
use crate::model::tickets::rule_source::{CATEGORIES, KINDS, SEVERITIES, WATCHES, is_chosen, toggle, watch};
use crate::pages::tickets::fields::{choices, row, select, text};
use crate::pages::tickets::pick::group;

const WATCHED: [(&str, &str); 2] = [("group", "A device group"), ("detections", "Detections")];
const PER: [(&str, &str); 2] = [("device", "Each device"), ("group", "The group as a whole")];

/// What the rule watches: the devices of a group, or what is detected on them. A rule that is stored keeps to the one it watches.
pub(super) fn watched(state: FormState, detections: Memo<bool>) -> AnyView {
    let draft = state.draft;
    let choose = Callback::new(move |kind: &'static str| {
        draft.complaint.set(None);
        draft.typed.update(|typed| watch(typed, kind));
    });
    let kind = (!state.is_stored()).then(|| choices(draft, WATCHES, "Opens tickets for", &WATCHED, choose));
    view! {
        <fieldset class="panel options">
            <legend>"What it watches"</legend>
            {text(draft, "name", "Name", "Tickets and the log name it: Not protected, Needs a restart…")}
            {kind}
            {move || if detections.get() { detected(state) } else { in_group(state) }}
        </fieldset>
    }
    .into_any()
}

fn in_group(state: FormState) -> AnyView {
    const CONSOLE: &str = "source.group.connection";
    let (draft, places) = (state.draft, state.places);
    let consoles = move || places.of(ConnectionKind::has_groups);
    let hint = move || match (places.connections.value.with(Option::is_some), consoles().is_empty()) {
        (true, true) => "Connect ESET Connect or ESET PROTECT in the settings first.".to_owned(),
        _ if state.is_stored() => "A rule that knows devices keeps its group: make another rule for another group.".to_owned(),
        _ => "Where the group is.".to_owned(),
    };
    // A rule that knows devices keeps to whom it opens tickets for.
    let per = (!state.is_stored()).then(|| row(draft, "per", "Who gets a ticket", &PER));
    view! {
        {select(draft, CONSOLE, "Console", hint, "Choose a console", consoles, choose(draft, CONSOLE))}
        {group(draft, places.trees(), CONSOLE, "source.group.group", choose(draft, "source.group.group"))}
        {per}
    }
    .into_any()
}

fn detected(state: FormState) -> AnyView {
    const CONSOLE: &str = "source.detections.connection";
    let (draft, places) = (state.draft, state.places);
    let consoles = move || places.of(ConnectionKind::has_detections);
    let hint = move || match (places.connections.value.with(Option::is_some), consoles().is_empty()) {
        (true, true) => "Connect ESET Connect in the settings first. ESET PROTECT On-Prem tells of no detections.".to_owned(),
        _ => "What happened before the rule is switched on opens nothing.".to_owned(),
    };
    let kind = move |(kind, name): (&'static str, &'static str)| {
        let tick = move |_| draft.typed.update(|typed| toggle(typed, kind));
        let chosen = move || draft.typed.with(|typed| is_chosen(typed, kind));
        view! { <label class="day"><input type="checkbox" prop:checked=chosen on:change=tick/> {name}</label> }
    };
    view! {
        {select(draft, CONSOLE, "Console", hint, "Choose a console", consoles, choose(draft, CONSOLE))}
        {row(draft, "source.detections.severity_at_least", "Severity, at least", &SEVERITIES)}
        <fieldset class="choice" id=CATEGORIES>
            <legend>"Of these kinds"</legend>
            <div class="days">{KINDS.map(kind).into_iter().collect_view()}</div>
            <p class="field-note">"None chosen: of all kinds. A detection of which ESET names no kind or severity is always taken."</p>
        </fieldset>
    }
    .into_any()
}
