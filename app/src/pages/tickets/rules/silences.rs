use contract::tickets::{DeleteMute, ListMutes, SilenceView};
use domain::access::Action;
use domain::tickets::SilenceScope;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::RulesState;
use super::silence_form::SilenceDialog;
use crate::api::Link;
use crate::components::badge::badge;
use crate::components::button::WriteButton;
use crate::components::list::{Empty, list_states};
use crate::components::time::Age;
use crate::model::billing::lines::Tone;
use crate::model::tickets::silences::{standing, when};
use crate::pages::tickets::pick::path;
use crate::state::clock::zone;
use crate::state::paged::{Keyed, Paged};

/// What is kept quiet, why and how long.
#[component]
pub(super) fn Silences(state: RulesState) -> impl IntoView {
    let list: Paged<Vec<SilenceView>> = Paged::follow(state.client, || Link::<ListMutes>::here());
    list.follow_beat(state.live);
    let adding = RwSignal::new(false);
    let empty = || {
        Empty::because("Nothing is kept quiet.", "Mute a rule, group or device for a while, or give it a maintenance window every week.")
    };
    view! {
        <section class="quiet-section" aria-labelledby="quiet-title">
            <div class="section-head">
                <h2 id="quiet-title">"Kept quiet"</h2>
                <WriteButton does=Action::ManageTickets on_press=move |()| adding.set(true)>"Keep quiet…"</WriteButton>
            </div>
            <p class="faint">"Nothing is opened meanwhile, and nothing that happens then is forgotten: at the end the rule’s cap and one summary keep it from becoming a burst."</p>
            {list_states(list, empty, move || view! {
                <ul class="records" aria-label="Kept quiet">{list.each(move |_, view| silence(state, list, &view.get_untracked()))}</ul>
            }.into_any())}
            <SilenceDialog state=state list=list adding=adding/>
        </section>
    }
    .into_any()
}

fn silence(state: RulesState, list: Paged<Vec<SilenceView>>, view: &SilenceView) -> AnyView {
    let (this, times) = (view.clone(), view.clone());
    let words = move || {
        let words = standing(&times, state.live.now.get());
        badge(if words == "Quiet now" { Tone::Attention } else { Tone::Quiet }, words)
    };
    let id = view.id.clone();
    let key = view.key();
    let end = move |()| {
        let (id, key) = (id.clone(), key.clone());
        spawn_local(async move {
            match state.client.call(DeleteMute, &id, &()).await {
                Ok(()) => {
                    list.take_out(&[key]);
                    state.notices.say("It is not kept quiet any more. What waited is looked at with the next ticket pass.");
                }
                Err(problem) => state.notices.trouble(&problem),
            }
            list.refresh();
        });
    };
    let label = format!("End now: {}", view.reason);
    view! {
        <li>
            <div class="record-head">
                <span class="strong">{move || about(state, &this)}</span> {words}
                <span class="faint">{when(&view.silence, zone)}</span>
            </div>
            <p>{view.reason.clone()} " " <span class="faint">"By " {view.by.clone()} ", " <Age at=view.at/></span></p>
            <div class="actions"><WriteButton does=Action::ManageTickets look="small" label=label on_press=end>"End now"</WriteButton></div>
        </li>
    }
    .into_any()
}

/// What is kept quiet, by its name: of a rule and a group the one it has now.
fn about(state: RulesState, view: &SilenceView) -> String {
    let then = &view.name;
    match &view.scope {
        SilenceScope::Rule { rule } => {
            let known = state.list.items().into_iter().find(|view| view.rule.id == *rule);
            known.map_or_else(|| format!("Rule {then}, which is deleted"), |view| format!("Rule {}", view.rule.name))
        }
        SilenceScope::Group { connection, group } => {
            let way = state.trees.with(|trees| path(trees, connection.as_str(), group.as_str()));
            format!("Group {}", way.as_ref().unwrap_or(then))
        }
        SilenceScope::Device { .. } => format!("Device {then}"),
    }
}
