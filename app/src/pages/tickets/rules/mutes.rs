//! The list of mutes and maintenance windows.

use contract::tickets::{DeleteMute, ListMutes, MuteView};
use domain::access::Action;
use domain::tickets::MuteScope;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::RulesState;
use super::mute_form::MuteDialog;
use crate::api::Link;
use crate::components::badge::badge;
use crate::components::button::WriteButton;
use crate::components::list::{Empty, list_states};
use crate::components::time::Age;
use crate::model::billing::lines::Tone;
use crate::model::tickets::mutes::{standing, when};
use crate::pages::tickets::pick::path;
use crate::state::clock::zone;
use crate::state::paged::{Keyed, Paged};

/// What is muted, why and how long.
#[component]
pub(super) fn Mutes(state: RulesState) -> impl IntoView {
    let list: Paged<Vec<MuteView>> = Paged::follow(state.client, Link::<ListMutes>::here);
    list.follow_beat(state.live);
    let adding = RwSignal::new(false);
    let empty =
        || Empty::because("Nothing is muted.", "Mute a rule, group or device for a while, or give it a maintenance window every week.");
    view! {
        <section class="quiet-section" aria-labelledby="quiet-title">
            <div class="section-head">
                <h2 id="quiet-title">"Mutes and maintenance windows"</h2>
                <WriteButton does=Action::ManageTickets on_press=move |()| adding.set(true)>"Mute…"</WriteButton>
            </div>
            <p class="faint">"Nothing is opened meanwhile, and nothing that happens then is forgotten: at the end the rule’s cap and one summary keep it from becoming a burst."</p>
            {list_states(list, empty, move || view! {
                <ul class="records" aria-label="Mutes and maintenance windows">{list.each(move |_, view| mute(state, list, &view.get_untracked()))}</ul>
            }.into_any())}
            <MuteDialog state=state list=list adding=adding/>
        </section>
    }
    .into_any()
}

fn mute(state: RulesState, list: Paged<Vec<MuteView>>, view: &MuteView) -> AnyView {
    let (this, times) = (view.clone(), view.clone());
    let words = move || {
        let words = standing(&times, state.live.now.get());
        badge(if words == "Muted now" { Tone::Attention } else { Tone::Quiet }, words)
    };
    let id = view.id.clone();
    let key = view.key();
    let end = move |()| {
        let (id, key) = (id.clone(), key.clone());
        spawn_local(async move {
            match state.client.call(DeleteMute, &id, &()).await {
                Ok(()) => {
                    list.take_out(&[key]);
                    state.notices.say("The mute has ended. What waited is looked at with the next ticket pass.");
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
                <span class="faint">{when(&view.mute, zone)}</span>
            </div>
            <p>{view.reason.clone()} " " <span class="faint">"By " {view.by.clone()} ", " <Age at=view.at/></span></p>
            <div class="actions"><WriteButton does=Action::ManageTickets look="small" label=label on_press=end>"End now"</WriteButton></div>
        </li>
    }
    .into_any()
}

/// What is muted, by its name: of a rule and a group the one it has now.
fn about(state: RulesState, view: &MuteView) -> String {
    let then = &view.name;
    match &view.scope {
        MuteScope::Rule { rule } => {
            let known = state.list.items().into_iter().find(|view| view.rule.id == *rule);
            known.map_or_else(|| format!("Rule {then}, which is deleted"), |view| format!("Rule {}", view.rule.name))
        }
        MuteScope::Group { connection, group } => {
            let way = state.trees.with(|trees| path(trees, connection.as_str(), group.as_str()));
            format!("Group {}", way.as_ref().unwrap_or(then))
        }
        MuteScope::Device { .. } => format!("Device {then}"),
    }
}
