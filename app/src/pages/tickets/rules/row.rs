//! One ticket rule: whether it is on, what it watches, where its tickets go, and why it is paused.

use contract::tickets::TicketRuleView;
use domain::access::Action;
use domain::tickets::RuleSource;
use leptos::prelude::*;

use super::RulesState;
use crate::components::badge::badge;
use crate::components::button::WriteButton;
use crate::components::time::Age;
use crate::model::billing::lines::Tone;
use crate::model::tickets::rule_source;
use crate::pages::tickets::leaves::leaves_notice;
use crate::pages::tickets::pick::path;
use crate::state::connectivity::{Connectivity, WRITING_IS_OFF};
use crate::state::signed::may;
use crate::words::count;

/// One rule: whether it is on, what it watches, where its tickets go, and why nothing is opened for it.
pub(super) fn rule_row(state: RulesState, view: RwSignal<TicketRuleView>) -> AnyView {
    let (id, name) = view.with_untracked(|view| (view.rule.id.clone(), view.rule.name.clone()));
    let address = format!("/tickets/rules/{id}");
    let leaves = Memo::new(move |_| view.with(|view| view.leaves.clone()));
    let (rule, leaver, decided) = (id.clone(), name.clone(), Callback::new(move |()| state.list.refresh()));
    let label = |what: &str| format!("{what}: {name}");
    let (test, change, delete) = (label("Test ticket"), label("Change"), label("Delete"));
    view! {
        <li>
            <div class="record-head rule-head">
                {may(Action::ManageTickets).then(|| pick(state, view))}
                <a class="strong" href=address.clone()>{move || view.with(|view| view.rule.name.clone())}</a>
                {move || view.with(standing)}
                {may(Action::ManageTickets).then(|| switch(state, view))}
            </div>
            {move || leaves.get().map(|leaves| leaves_notice(rule.clone(), leaver.clone(), &leaves, decided))}
            {move || view.with(|view| view.trouble.clone()).map(|trouble| view! { <p class="rule-trouble">{trouble}</p> })}
            <dl class="facts">
                <div><dt>"Watches"</dt><dd>{move || view.with(|view| watches(state, view))}</dd></div>
                <div><dt>"Opens in"</dt><dd>{move || view.with(|view| board(state, view))}</dd></div>
                <div><dt>"Now"</dt><dd>{move || view.with(numbers)}</dd></div>
            </dl>
            <div class="actions">
                {may(Action::ManageTickets).then(|| view! { <a class="button small" href=address aria-label=change>"Change"</a> })}
                <WriteButton does=Action::ManageTickets look="small" label=test on_press=move |()| state.testing.set(Some(view.get_untracked()))>"Test ticket…"</WriteButton>
                <WriteButton does=Action::ManageTickets look="small quiet" label=delete on_press=move |()| state.deleting.set(Some(view.get_untracked()))>"Delete…"</WriteButton>
            </div>
        </li>
    }
    .into_any()
}

fn standing(view: &TicketRuleView) -> AnyView {
    match (view.rule.enabled, view.trouble.is_some()) {
        (false, _) => badge(Tone::Quiet, "Off"),
        (true, true) => badge(Tone::Bad, "Paused"),
        (true, false) => badge(Tone::Good, "On"),
    }
}

fn pick(state: RulesState, view: RwSignal<TicketRuleView>) -> AnyView {
    let (id, name) = view.with_untracked(|view| (view.rule.id.clone(), view.rule.name.clone()));
    let this = id.clone();
    let toggle = move |_| {
        state.picked.update(|picked| {
            if picked.contains(&id) {
                picked.retain(|known| *known != id);
            } else {
                picked.push(id.clone());
            }
        });
    };
    view! {
        <input type="checkbox" aria-label=format!("Select {name}") on:change=toggle
            prop:checked=move || state.picked.with(|picked| picked.contains(&this))/>
    }
    .into_any()
}

fn switch(state: RulesState, view: RwSignal<TicketRuleView>) -> AnyView {
    let reach = expect_context::<Connectivity>();
    let name = view.with_untracked(|view| view.rule.name.clone());
    let on = move || view.with(|view| view.rule.enabled);
    let turn = move |event| {
        // It turns when the Worker has said so, not before.
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        let wanted = input.checked();
        input.set_checked(!wanted);
        state.switch(vec![view.with_untracked(|view| view.rule.id.clone())], wanted);
    };
    view! {
        <label class="switch" title=move || (!reach.may_write()).then_some(WRITING_IS_OFF)>
            <input type="checkbox" role="switch" aria-label=format!("Open tickets for {name}") prop:checked=on
                disabled=move || state.switching.get() || !reach.may_write() on:change=turn/>
            <span aria-hidden="true">{move || if on() { "On" } else { "Off" }}</span>
        </label>
    }
    .into_any()
}

fn watches(state: RulesState, view: &TicketRuleView) -> String {
    let connection = view.rule.source.connection().as_str();
    let console = state.places.name(connection).unwrap_or_else(|| "a console that is not connected any more".to_owned());
    match &view.rule.source {
        RuleSource::Group { group, .. } => {
            let way = state.trees.with(|trees| path(trees, connection, group.as_str())).unwrap_or_else(|| format!("group {group}"));
            format!("{way} of {console}")
        }
        RuleSource::Detections { severity_at_least, categories, .. } => {
            format!("{} of {console}", rule_source::describe(*severity_at_least, categories))
        }
    }
}

fn board(state: RulesState, view: &TicketRuleView) -> String {
    let target = &view.rule.target;
    let known = state.boards.with(|boards| boards.get(&format!("{}/{}", target.psa, target.board)).cloned());
    let board = known.unwrap_or_else(|| format!("board {}", target.board));
    match state.places.name(target.psa.as_str()) {
        Some(psa) => format!("{board} of {psa}"),
        None => board,
    }
}

fn numbers(view: &TicketRuleView) -> AnyView {
    let place = if view.rule.source.is_detections() { "with detections" } else { "in the group" };
    let words = format!("{} {place}, {} with an open ticket", count(view.devices, "device", "devices"), view.open);
    let polled = match view.polled_at {
        Some(at) => view! { " · looked at " <Age at=at/> }.into_any(),
        None => " · not looked at yet".into_any(),
    };
    let tickets = format!("/tickets?rule={}", view.rule.id);
    let left_out = view
        .left_out
        .filter(|count| *count > 0 && view.rule.enabled)
        .map(|out| format!(" · for what enters since it was switched on: {} had been there", count(out, "device", "devices")));
    view! { <a href=tickets>{words}</a> {polled} {left_out} }.into_any()
}
