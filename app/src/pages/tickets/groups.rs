//! Device groups of each console: who is in them, whose they are, and which rules watch them.

use std::collections::HashMap;

use contract::groups::{ConsoleGroups, GroupView, ListGroups, SetGroupOwner};
use contract::tickets::{ListTicketRules, TicketRuleView};
use contract::{Endpoint, RouteScope};
use domain::access::Action;
use domain::groups::StandsFor;
use domain::tickets::RuleSource;
use leptos::prelude::*;

use super::members::members;
use super::owner::{Asked, OwnerDialog, hint};
use super::{RULES, tickets_nav};
use crate::api::{Client, Link};
use crate::components::badge::badge;
use crate::components::button::WriteButton;
use crate::components::filter::Filter;
use crate::components::icon::icon;
use crate::components::list::{Empty, empty_view, skeleton};
use crate::components::page_head::PageHead;
use crate::components::problem::problem_card;
use crate::components::query::{from_query, refine};
use crate::components::shell::SyncNow;
use crate::components::time::Age;
use crate::model::address::Address;
use crate::model::billing::lines::Tone;
use crate::model::tickets::group_tree::{Belongs, GroupTree};
use crate::state::live::Live;
use crate::state::remote::Remote;
use crate::state::signed::reaches;
use crate::words::{count, grouped};

/// Who may say whose a group is, by what they see.
const OWNERS: RouteScope = SetGroupOwner::ROUTE.reach;

/// The most groups a search shows.
const MOST_FOUND: usize = 200;

/// What the page remembers.
#[derive(Clone, Copy)]
struct GroupsState {
    client: Client,
    asked: RwSignal<Option<Asked>>,
    /// Groups that were opened or closed by hand: they stay so when the tree is read again.
    folds: StoredValue<HashMap<String, bool>>,
    consoles: Remote<Vec<ConsoleGroups>>,
    rules: Remote<Vec<TicketRuleView>>,
    text: Memo<String>,
}

/// Device groups of each console: who is in them, whose they are, and which rules watch them.
#[component]
pub(crate) fn GroupsPage() -> impl IntoView {
    let (client, live) = (expect_context::<Client>(), expect_context::<Live>());
    let state = GroupsState {
        client,
        asked: RwSignal::new(None),
        folds: StoredValue::new(HashMap::new()),
        consoles: Remote::nothing(),
        rules: Remote::nothing(),
        text: from_query("q"),
    };
    let read = Callback::new(move |()| {
        state.consoles.read(async move { client.get(Link::<ListGroups>::here()).await });
        if reaches(RULES) {
            state.rules.read(async move { client.get(Link::<ListTicketRules>::here()).await });
        }
    });
    read.run(());
    // The tree is read from the consoles once a day: it is asked for again only when that has just been done.
    let working = Memo::new(move |_| live.is_working());
    Effect::new(move |before: Option<bool>| {
        let now = working.get();
        if before == Some(true) && !now {
            read.run(());
        }
        now
    });
    let refine = refine();
    let apply = Callback::new(move |text: String| refine.run(Address::of("/groups").with("q", &text)));
    let consoles = Memo::new(move |_| state.consoles.value.get());
    let body = move || match (consoles.get(), state.consoles.problem.get()) {
        (Some(consoles), problem) => {
            let problem = problem.map(|problem| problem_card(&problem, Some(read)));
            view! { {problem} {all(state, consoles)} }.into_any()
        }
        (None, Some(problem)) => problem_card(&problem, Some(read)),
        (None, None) => skeleton(8),
    };
    let lead = Signal::derive(move || consoles.with(|consoles| consoles.as_ref().map(|consoles| lead(consoles))).unwrap_or_default());
    view! {
        <PageHead title="Groups" lead=lead><SyncNow/></PageHead>
        {tickets_nav()}
        <div class="toolbar">
            <span class="faint">"A rule opens tickets for the devices of a group."</span>
            <Filter label="Filter by group or company" text=state.text on_apply=apply/>
        </div>
        {body}
        <OwnerDialog client=client asked=state.asked changed=read/>
    }
    .into_any()
}

fn lead(consoles: &[ConsoleGroups]) -> String {
    let groups: usize = consoles.iter().map(|console| console.groups.len()).sum();
    let dynamic = consoles.iter().flat_map(|console| &console.groups).filter(|group| group.dynamic).count();
    let devices: u64 = consoles.iter().flat_map(|console| &console.groups).filter_map(|group| group.devices).map(u64::from).sum();
    format!(
        "{} of {}, {} of them dynamic. {}.",
        count(groups as u64, "group", "groups"),
        count(consoles.len() as u64, "console", "consoles"),
        grouped(dynamic as u64),
        count(devices, "device", "devices")
    )
}

fn all(state: GroupsState, consoles: Vec<ConsoleGroups>) -> AnyView {
    if consoles.is_empty() {
        let then = "ESET Connect or ESET PROTECT On-Prem knows the device groups that rules watch.";
        return empty_view(
            Empty::because("No console with device groups is connected.", then).next("/settings/connections", "Open connections"),
        );
    }
    consoles.into_iter().map(|console| section(state, console)).collect_view().into_any()
}

fn section(state: GroupsState, console: ConsoleGroups) -> AnyView {
    let tree = StoredValue::new(GroupTree::of(&console));
    let connection = StoredValue::new(console.connection.0.clone());
    let here = Here { state, tree, connection };
    let read = match console.read_at {
        Some(at) => view! { <p class="faint">"Read " <Age at=at/></p> }.into_any(),
        None => view! { <p class="faint">"Not read yet: sync now."</p> }.into_any(),
    };
    let name = console.name.clone();
    let body = move || {
        let text = state.text.get();
        if text.trim().is_empty() { top(here, &name) } else { found(here, &text) }
    };
    view! {
        <section class="panel" aria-label=console.name.clone()>
            <h2>{console.name.clone()}</h2>
            {read}
            {body}
        </section>
    }
    .into_any()
}

/// Where a row of a tree is.
#[derive(Clone, Copy)]
struct Here {
    state: GroupsState,
    tree: StoredValue<GroupTree>,
    connection: StoredValue<String>,
}

fn top(here: Here, console: &str) -> AnyView {
    let groups: Vec<GroupView> = here.tree.with_value(|tree| tree.top().cloned().collect());
    // The group above all others is open at once: there is mostly one.
    let open = groups.len() == 1;
    let rows = groups.into_iter().map(|group| branch(here, group, open)).collect_view();
    view! { <ul class="tree" aria-label=format!("Groups of {console}")>{rows}</ul> }.into_any()
}

/// A group with what is below it, which is only made once it is opened: a console has thousands.
fn branch(here: Here, group: GroupView, open: bool) -> AnyView {
    let id = group.group.0.clone();
    let number = here.tree.with_value(|tree| tree.below(&id).count());
    if number == 0 {
        return view! { <li class="leaf">{describe(here, &group, false)}</li> }.into_any();
    }
    let fold = format!("{}/{id}", here.connection.get_value());
    let opened = RwSignal::new(here.state.folds.with_value(|folds| folds.get(&fold).copied()).unwrap_or(open));
    let turn = move || {
        opened.update(|open| *open = !*open);
        here.state.folds.update_value(|folds| {
            folds.insert(fold.clone(), opened.get_untracked());
        });
    };
    let below = move || {
        opened.get().then(|| {
            let groups: Vec<GroupView> = here.tree.with_value(|tree| tree.below(&id).cloned().collect());
            view! { <ul class="tree">{groups.into_iter().map(|group| branch(here, group, false)).collect_view()}</ul> }
        })
    };
    let label = format!("Groups below {}", group.name);
    view! {
        <li>
            <div class="branch">
                <button type="button" class="disclose" aria-expanded=move || opened.get().to_string() aria-label=label
                    on:click=move |_| turn()>{icon("right")}</button>
                {describe(here, &group, false)}
            </div>
            {below}
        </li>
    }
    .into_any()
}

fn found(here: Here, text: &str) -> AnyView {
    let (groups, more): (Vec<GroupView>, bool) = here.tree.with_value(|tree| {
        let (groups, more) = tree.search(text, MOST_FOUND);
        (groups.into_iter().cloned().collect(), more)
    });
    if groups.is_empty() {
        return view! { <p>"No group here fits the filter."</p> }.into_any();
    }
    let more =
        more.then(|| view! { <p class="faint">{format!("The first {MOST_FOUND} are shown: type more letters to find the others.")}</p> });
    let rows = groups.iter().map(|group| view! { <li class="leaf">{describe(here, group, true)}</li> }).collect_view();
    view! { <ul class="tree" aria-label="Groups that fit">{rows}</ul> {more} }.into_any()
}

/// A group in a line: its name or the way to it, what it is, how many devices, whose it is, and who watches it.
fn describe(here: Here, group: &GroupView, whole: bool) -> AnyView {
    let (path, belongs) = here.tree.with_value(|tree| (tree.path(group.group.as_str()), tree.belongs(group)));
    let name = if whole { path } else { group.name.clone() };
    let kind = match group.stands_for {
        Some(StandsFor::Company) => Some("Company"),
        Some(StandsFor::Msp) => Some("MSP"),
        Some(StandsFor::Site) => Some("Site"),
        Some(StandsFor::Household) => Some("Household"),
        None => group.dynamic.then_some("Dynamic"),
    };
    let kind = kind.map(|kind| view! { <span class="tag">{kind}</span> });
    let devices = group.devices.filter(|devices| *devices > 0).map(|devices| count(devices, "device", "devices"));
    let is_company = group.company.as_ref() == Some(&group.group);
    // Below a company every group is the company's: it is said where it is not seen from the place in the tree.
    let owner = belongs.filter(|_| is_company || whole).map(|belongs| owner(&belongs, is_company));
    let id = group.group.0.clone();
    let watched = move || watchers(here, &id);
    let hint = if is_company { hint(group) } else { None };
    let whose = is_company.then(|| naming(here, group));
    // How many are in a dynamic group is not known before they are asked for.
    let may_have = group.dynamic || group.devices > Some(0);
    let members = may_have.then(|| here.connection.with_value(|connection| members(here.state.client, connection, group)));
    view! {
        <div class="group">
            <span class="strong">{name}</span> " " {kind} " " <span class="faint">{devices}</span> " " {owner} " " <span class="faint">{hint}</span> " " {watched} " " {whose} " " {members}
        </div>
    }
    .into_any()
}

fn owner(belongs: &Belongs, is_company: bool) -> AnyView {
    let whose = if is_company { String::new() } else { format!("{} → ", belongs.company) };
    match &belongs.psa {
        Some(psa) => {
            let words = if is_company { format!("→ {psa} in ConnectWise") } else { format!("{whose}{psa} in ConnectWise") };
            view! { <span class="faint">{words}</span> }.into_any()
        }
        None => {
            let words = if belongs.known {
                "not mapped: tickets go to the rule’s own company"
            } else {
                "no such company in ESET MSP Administrator"
            };
            view! { <span class="faint">{format!("{whose}{words}")}</span> }.into_any()
        }
    }
}

/// Asks whose a company's group is; for whom every company is in sight.
fn naming(here: Here, group: &GroupView) -> AnyView {
    if !reaches(OWNERS) {
        return ().into_any();
    }
    let asked = Asked { console: here.connection.get_value(), group: group.clone() };
    let label = format!("Whose is {}?", group.name);
    let ask = move |()| here.state.asked.set(Some(asked.clone()));
    view! { <WriteButton does=Action::ManageMappings look="small quiet" label=label on_press=ask>"Whose?"</WriteButton> }.into_any()
}

fn watchers(here: Here, group: &str) -> AnyView {
    let of_group = |view: &&TicketRuleView| {
        let RuleSource::Group { connection, group: watched } = &view.rule.source else { return false };
        watched.as_str() == group && here.connection.with_value(|here| here == connection.as_str())
    };
    let watcher = |view: &TicketRuleView| {
        let tone = match (view.rule.enabled, view.trouble.is_some()) {
            (false, _) => Tone::Quiet,
            (true, true) => Tone::Bad,
            (true, false) => Tone::Good,
        };
        let words = format!("{}: {}", view.rule.name, count(view.devices, "device", "devices"));
        let address = format!("/tickets/rules/{}", view.rule.id);
        view! { <a href=address class="watcher">{badge(tone, words)}</a> }
    };
    here.state.rules.value.with(|rules| rules.iter().flatten().filter(of_group).map(watcher).collect_view()).into_any()
}
