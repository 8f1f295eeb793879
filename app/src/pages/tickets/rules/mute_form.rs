//! The dialog that mutes a rule, group or device, or gives it a maintenance window.

use contract::Page;
use contract::tickets::{CreateMute, ListTickets, MuteView, TicketView, TicketsQuery};
use domain::access::Action;
use domain::connections::ConnectionKind;
use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use super::RulesState;
use crate::api::{Link, asked};
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::keyboard::focus;
use crate::components::problem::refusal;
use crate::model::tickets::desk::Choosable;
use crate::model::tickets::mutes::{DAYS, ON, blank, field_named, mute};
use crate::pages::tickets::fields::{Draft, input, row, select, text};
use crate::pages::tickets::pick::group;
use crate::pages::{Loaded, opened};
use crate::state::clock::{zone, zone_name, zone_names};
use crate::state::paged::Paged;
use crate::state::remote::Remote;
use crate::state::sending::Sending;

const SCOPES: [(&str, &str); 3] = [("rule", "A rule"), ("group", "A group or company"), ("device", "A device")];
const KINDS: [(&str, &str); 2] = [("muted", "Once, until"), ("weekly", "Every week")];

/// The most devices that are offered at once.
const MOST_DEVICES: u32 = 500;

/// Asks what is muted, how long and why.
#[component]
pub(super) fn MuteDialog(state: RulesState, list: Paged<Vec<MuteView>>, adding: RwSignal<bool>) -> impl IntoView {
    let title = Signal::derive(|| "Mute".to_owned());
    view! { <Dialog open=adding title=title on_close=move |()| adding.set(false)>{move || opened(mute_part(state, list, adding))}</Dialog> }
        .into_any()
}

#[wasm_split(opened_mute, fallible)]
fn mute_part(state: RulesState, list: Paged<Vec<MuteView>>, adding: RwSignal<bool>) -> Loaded {
    Ok(fields(state, list, adding))
}

fn fields(state: RulesState, list: Paged<Vec<MuteView>>, adding: RwSignal<bool>) -> AnyView {
    let draft = Draft::of(blank(&zone_name()));
    let sending = Sending::idle();
    let complain = move |field: &'static str, words: String| {
        draft.complaint.try_set(Some((field, words)));
        focus(field);
    };
    let save = move || {
        sending.problem.set(None);
        let now = state.live.now.get_untracked();
        let new = match draft.typed.with_untracked(|typed| mute(typed, now, zone)) {
            Ok(new) => new,
            Err((field, words)) => return complain(field, words),
        };
        let request = async move {
            state.client.call(CreateMute, &(), &new).await?;
            adding.try_set(false);
            state.notices.say("It is muted. What happens meanwhile is not forgotten.");
            list.read_anew();
            Ok(())
        };
        sending.send_or(request, move |refused| match refused.field.as_deref().and_then(field_named) {
            Some(field) => {
                complain(field, format!("{} {}", refused.title, refused.remedy));
                None
            }
            None => Some(refused),
        });
    };
    let of = draft.watch("of");
    let kind = draft.watch("kind");
    view! {
        <form class="beside-form" novalidate=true on:submit=move |event| { event.prevent_default(); save(); }>
            {row(draft, "of", "What", &SCOPES)}
            {move || match of.get().as_str() {
                "group" => of_group(state, draft),
                "device" => of_device(state, draft),
                _ => rule(state, draft, "The rule opens nothing meanwhile."),
            }}
            {row(draft, "kind", "When", &KINDS)}
            {move || if kind.with(|kind| kind == "weekly") { weekly(draft) } else {
                input(draft, "until", "datetime-local", "Until", "Your local time; at most 90 days. What is to be muted for good is switched off.")
            }}
            {text(draft, "reason", "Why", "Others see it.")}
            {refusal(sending)}
            <div class="actions"><WriteButton does=Action::ManageTickets look="primary" busy=sending.busy on_press=move |()| save()>"Mute"</WriteButton></div>
        </form>
    }
    .into_any()
}

fn rules(state: RulesState) -> Vec<Choosable> {
    state.list.items().into_iter().map(|view| (view.rule.id.0, view.rule.name)).collect()
}

fn plain(draft: Draft, field: &'static str) -> Callback<String> {
    Callback::new(move |value: String| draft.set(field, value))
}

fn rule(state: RulesState, draft: Draft, hint: &'static str) -> AnyView {
    let choose = Callback::new(move |value: String| {
        let console = state.list.items().into_iter().find(|view| view.rule.id.as_str() == value);
        let console = console.map(|view| view.rule.source.connection().0.clone()).unwrap_or_default();
        draft.set("device", String::new());
        draft.set("connection", console);
        draft.set("rule", value);
    });
    select(draft, "rule", "Rule", move || hint.to_owned(), "Choose a rule", move || rules(state), choose)
}

fn of_group(state: RulesState, draft: Draft) -> AnyView {
    let choose = Callback::new(move |value: String| {
        draft.set("group", String::new());
        draft.set("connection", value);
    });
    let consoles = move || state.places.of(ConnectionKind::has_groups);
    let hint = || "Where the group is.".to_owned();
    view! {
        {select(draft, "connection", "Console", hint, "Choose a console", consoles, choose)}
        {group(draft, state.trees, "connection", "group", plain(draft, "group"))}
        <p class="faint">"Of a static group also the devices of the groups below it. The group of a company is the company."</p>
    }
    .into_any()
}

fn of_device(state: RulesState, draft: Draft) -> AnyView {
    let chosen = draft.watch("rule");
    let known: Remote<Page<TicketView>> = Remote::nothing();
    Effect::new(move |_| {
        let rule = chosen.get();
        known.value.set(None);
        if !rule.is_empty() {
            let query = TicketsQuery { rule: asked(&rule), limit: Some(MOST_DEVICES), ..TicketsQuery::default() };
            known.read(async move { state.client.get(Link::<ListTickets>::of(&query)).await });
        }
    });
    let device = |view: TicketView| (view.subject, view.device);
    let devices = move || known.value.get().map(|page| page.items.into_iter().map(device).collect::<Vec<Choosable>>()).unwrap_or_default();
    let hint = move || match (known.value.with(Option::is_some), chosen.with(String::is_empty)) {
        (_, true) => "Choose the rule that knows it first.".to_owned(),
        (true, false) => "It is muted for every rule of its console.".to_owned(),
        (false, false) => "Reading the devices…".to_owned(),
    };
    view! {
        {rule(state, draft, "The rule that knows the device.")}
        {select(draft, "device", "Device", hint, "Choose a device", devices, plain(draft, "device"))}
    }
    .into_any()
}

fn weekly(draft: Draft) -> AnyView {
    let wrong = draft.wrong("day.0");
    let day = move |(field, name): (&'static str, &'static str)| {
        let tick = move |event| draft.set(field, if event_target_checked(&event) { ON.to_owned() } else { String::new() });
        view! { <label class="day"><input type="checkbox" id=field prop:checked=move || draft.is(field, ON) on:change=tick/> {name}</label> }
    };
    view! {
        <fieldset class="options">
            <legend>"Days on which it begins"</legend>
            <div class="days">{DAYS.map(day).into_iter().collect_view()}</div>
            {move || wrong.get().map(|words| view! { <p class="field-note wrong" role="alert">{words}</p> })}
        </fieldset>
        <div class="columns">
            {input(draft, "begins", "time", "From", "By the clocks of the time zone.")}
            {text(draft, "minutes", "Minutes", "It may reach into the next day.")}
        </div>
        {time_zone(draft)}
    }
    .into_any()
}

fn time_zone(draft: Draft) -> AnyView {
    let (value, wrong) = (draft.watch("zone"), draft.wrong("zone"));
    let note = move || wrong.get().unwrap_or_else(|| "Its summer time is followed.".to_owned());
    view! {
        <div class="field" class:wrong=move || wrong.with(Option::is_some)>
            <label for="zone">"Time zone"</label>
            <input id="zone" list="zones" autocomplete="off" spellcheck="false" aria-describedby="zone-note"
                aria-invalid=move || wrong.with(Option::is_some).then_some("true")
                prop:value=value on:input=move |event| draft.set("zone", event_target_value(&event))/>
            <datalist id="zones">{zone_names().into_iter().map(|zone| view! { <option value=zone></option> }).collect_view()}</datalist>
            <p class="field-note" id="zone-note">{note}</p>
        </div>
    }
    .into_any()
}
