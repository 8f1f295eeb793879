//! Devices with their tickets, and every decision about them.

use contract::Page;
use contract::tickets::{
    ListTicketLog, ListTicketRules, ListTickets, MassLeave, TicketLogQuery, TicketLogRow, TicketRuleView, TicketView, TicketsQuery,
};
use domain::access::Action;
use domain::ids::TicketRuleId;
use leptos::prelude::*;

use super::leaves::leaves_notice;
use super::pick::Places;
use super::timeline::{console, disclose, retry, ticket, timeline};
use super::{RULES, tickets_nav};
use crate::api::{Client, Link, asked};
use crate::components::badge::badge;
use crate::components::filter::Filter;
use crate::components::list::{Empty, list_states};
use crate::components::page_head::PageHead;
use crate::components::query::{from_query, refine};
use crate::components::shell::LookNow;
use crate::components::time::{Age, moment};
use crate::model::address::Address;
use crate::model::tickets::ticket::{Rows, SEGMENTS, decision, presence, segment, standing};
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::state::paged::Paged;
use crate::state::remote::Remote;
use crate::state::signed::reaches;
use crate::words::count;

/// What the page remembers.
#[derive(Clone, Copy)]
pub(super) struct TicketsState {
    pub(super) client: Client,
    pub(super) live: Live,
    pub(super) notices: Notices,
    pub(super) places: Places,
    /// The rules, to filter by and to know where a device is.
    pub(super) rules: Remote<Vec<TicketRuleView>>,
    text: Memo<String>,
    rule: Memo<String>,
}

/// Devices that need someone, and every decision about them.
#[component]
pub(crate) fn TicketsPage() -> impl IntoView {
    let (client, live) = (expect_context::<Client>(), expect_context::<Live>());
    let asked = from_query("state");
    let shown = Memo::new(move |_| asked.with(|asked| segment(asked)));
    let state = TicketsState {
        client,
        live,
        notices: expect_context(),
        places: Places::read(client),
        rules: Remote::nothing(),
        text: from_query("q"),
        rule: from_query("rule"),
    };
    let read_rules = move || state.rules.read(async move { client.get(Link::<ListTicketRules>::here()).await });
    // Rules are of the whole install.
    if reaches(RULES) {
        read_rules();
        live.each_beat(Callback::new(move |()| read_rules()));
    }
    let address = |name: &str, text: &str, rule: &str| Address::of("/tickets").with("state", name).with("q", text).with("rule", rule);
    let refine = refine();
    let apply = Callback::new(move |text: String| refine.run(untrack(|| address(shown.get().0, &text, &state.rule.get()))));
    let of_rule = move |rule: String| refine.run(untrack(|| address(shown.get().0, &state.text.get(), &rule)));
    let links = SEGMENTS
        .into_iter()
        .map(|(name, words, _)| {
            let href = move || String::from(address(name, &state.text.get(), &state.rule.get()));
            view! { <a class="segment" href=href aria-current=move || (shown.get().0 == name).then_some("true")>{words}</a> }
        })
        .collect_view();
    let list = move || match shown.get() {
        (name, Rows::Devices(wanted)) => devices(state, name, wanted),
        (name, Rows::Decisions(events)) => decisions(state, name, events),
    };
    let leaves = Memo::new(move |_| state.rules.value.with(|rules| rules.as_deref().map(left_at_once).unwrap_or_default()));
    let lead = Signal::derive(move || state.rules.value.with(|rules| rules.as_ref().map(|rules| lead(rules))).unwrap_or_default());
    view! {
        <PageHead title="Tickets" lead=lead><LookNow/></PageHead>
        {tickets_nav()}
        {move || leaves.get().into_iter().map(|(rule, name, leaves)| leaves_notice(rule, name, &leaves, Callback::new(move |()| read_rules()))).collect_view()}
        <div class="toolbar">
            <nav class="segments" aria-label="Tickets by state">{links}</nav>
            {reaches(RULES).then(|| view! {
                <div class="field rule-filter">
                    <select aria-label="Rule" on:change=move |event| of_rule(event_target_value(&event))>
                        <option value="" prop:selected=move || state.rule.with(String::is_empty)>"Every rule"</option>
                        {move || rule_options(state)}
                    </select>
                </div>
            })}
            <Filter label="Filter by device" text=state.text on_apply=apply/>
        </div>
        {list}
    }
    .into_any()
}

/// Rules whose group devices left at once.
fn left_at_once(rules: &[TicketRuleView]) -> Vec<(TicketRuleId, String, MassLeave)> {
    let of = |view: &TicketRuleView| Some((view.rule.id.clone(), view.rule.name.clone(), view.leaves.clone()?));
    rules.iter().filter(|view| view.rule.enabled).filter_map(of).collect()
}

fn rule_options(state: TicketsState) -> AnyView {
    let option = |view: TicketRuleView| {
        let id = view.rule.id.0.clone();
        view! { <option value=view.rule.id.0 prop:selected=move || state.rule.with(|rule| *rule == id)>{view.rule.name}</option> }
    };
    state.rules.value.get().unwrap_or_default().into_iter().map(option).collect_view().into_any()
}

fn lead(rules: &[TicketRuleView]) -> String {
    let on = rules.iter().filter(|view| view.rule.enabled).count();
    let paused = rules.iter().filter(|view| view.rule.enabled && view.trouble.is_some()).count();
    let open: u64 = rules.iter().map(|view| u64::from(view.open)).sum();
    let paused = match paused {
        0 => String::new(),
        1 => " 1 rule is paused.".to_owned(),
        paused => format!(" {paused} rules are paused."),
    };
    match (rules.len(), on) {
        (0, _) => "No rule opens tickets yet.".to_owned(),
        (_, 0) => "Every rule is switched off: no ticket is opened.".to_owned(),
        (..) => {
            format!("{} with an open ticket; {} on.{paused}", count(open, "device", "devices"), count(on as u64, "rule is", "rules are"))
        }
    }
}

fn empty(state: TicketsState, name: &str) -> Empty {
    if !state.text.with(String::is_empty) || !state.rule.with(String::is_empty) {
        return Empty::because("Nothing here fits the filter.", "Look in another state, or clear the filter.");
    }
    if state.rules.value.with(|rules| rules.as_ref().is_some_and(Vec::is_empty)) {
        return Empty::because(
            "No rule opens tickets yet.",
            "A rule watches a device group and opens a ticket for each device that enters it.",
        )
        .next_for(Action::ManageTickets, "/tickets/rules/new", "Make the first rule");
    }
    match name {
        "open" => Empty::because("No ticket is open.", "When a device enters the group of a rule, its ticket shows here."),
        "waiting" => {
            Empty::because("Nothing is to be done.", "Devices whose delay runs, or whose ticket is about to be closed, show here.")
        }
        "closed" => Empty::because("No ticket was closed yet.", "Tickets are closed when their device leaves the group, or by people."),
        "skipped" => Empty::because("Nothing was skipped.", "Each device that gets no ticket shows here with the reason."),
        "failed" => Empty::because("Nothing failed.", "What ConnectWise refuses shows here, to be tried again."),
        _ => Empty::because("Nothing was decided yet.", "Every decision about tickets is kept here for good."),
    }
}

fn devices(state: TicketsState, name: &'static str, wanted: &'static str) -> AnyView {
    let list: Paged<Page<TicketView>> = Paged::follow(state.client, move || {
        let (rule, q) = (asked(&state.rule.get()), asked(&state.text.get()));
        Link::<ListTickets>::of(&TicketsQuery { state: asked(wanted), rule, q, ..TicketsQuery::default() })
    });
    list.follow_beat(state.live);
    list_states(
        list,
        move || empty(state, name),
        move || view! { <ul class="records" aria-label="Devices">{list.each(move |key, view| device(state, &key, view))}</ul> }.into_any(),
    )
}

fn device(state: TicketsState, key: &str, view: RwSignal<TicketView>) -> AnyView {
    let open = RwSignal::new(false);
    let id = format!("timeline-{key}");
    let (subject, name) = view.with_untracked(|view| (view.subject.clone(), view.device.clone()));
    let history = move || open.get().then(|| timeline(state, &subject, &name));
    let (known, button) = (view.get_untracked().device, id.clone());
    view! {
        <li>
            <div class="record-head">{disclose(button, &known, open)} {move || view.with(head)}</div>
            {move || view.with(|view| facts(state, view))}
            <div id=id>{history}</div>
        </li>
    }
    .into_any()
}

fn head(view: &TicketView) -> AnyView {
    let (tone, words) = standing(view);
    view! {
        <span class="strong">{view.device.clone()}</span> {badge(tone, words)}
        <span class="faint">{of(&view.company, &view.rule_name)}</span>
    }
    .into_any()
}

/// Company and rule: "Acme · Not protected".
fn of(company: &str, rule: &str) -> String {
    let parts: Vec<&str> = [company, rule].into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

fn facts(state: TicketsState, view: &TicketView) -> AnyView {
    let (words, since) = presence(view.case.presence);
    let entries = (view.case.entries > 1).then(|| format!(", entered {} times", view.case.entries));
    let number = view.case.ticket.as_ref().map(|ticket| ticket.id);
    let after = number.map(|_| " · ");
    view! {
        <p>{ticket(state, number, view.psa.as_ref())} {after} <span class="faint">{words} " " <Age at=since/> {entries}</span> {console(state, &view.rule)}</p>
    }
    .into_any()
}

fn decisions(state: TicketsState, name: &'static str, events: &'static str) -> AnyView {
    let list: Paged<Page<TicketLogRow>> = Paged::follow(state.client, move || {
        let (rule, q) = (asked(&state.rule.get()), asked(&state.text.get()));
        Link::<ListTicketLog>::of(&TicketLogQuery { event: asked(events), rule, q, ..TicketLogQuery::default() })
    });
    list.follow_beat(state.live);
    list_states(
        list,
        move || empty(state, name),
        move || {
            view! { <ul class="records" aria-label="Decisions">{list.each(move |key, row| logged(state, &key, &row.get_untracked()))}</ul> }
                .into_any()
        },
    )
}

fn logged(state: TicketsState, key: &str, row: &TicketLogRow) -> AnyView {
    let (tone, words) = decision(&row.event);
    let open = RwSignal::new(false);
    let id = format!("timeline-{key}");
    let (subject, name) = (row.subject.clone(), row.device.clone());
    let of_device = !row.device.is_empty() && !row.subject.is_empty();
    let button = of_device.then(|| disclose(id.clone(), &row.device, open));
    let history = move || open.get().then(|| timeline(state, &subject, &name));
    let about = if row.device.is_empty() { row.rule_name.clone() } else { row.device.clone() };
    let belongs = if row.device.is_empty() { row.company.clone() } else { of(&row.company, &row.rule_name) };
    view! {
        <li>
            <div class="record-head">
                {button} <span class="strong">{about}</span> {badge(tone, words)} <span class="faint">{belongs}</span>
                <span class="faint">{moment(row.at)}</span>
            </div>
            <p>{row.words.clone()} " " {ticket(state, row.ticket, row.psa.as_ref())}</p>
            {retry(state, row)}
            <div id=id>{history}</div>
        </li>
    }
    .into_any()
}
