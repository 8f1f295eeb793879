//! Overview: what needs a person.

mod first_visit;

use contract::overview::{Overview, ScheduleView};
use leptos::prelude::*;

use self::first_visit::FirstVisit;
use crate::components::icon::icon;
use crate::components::list::skeleton;
use crate::components::page_head::PageHead;
use crate::components::problem::problem_card;
use crate::components::shell::{RunningPasses, SyncNow};
use crate::components::time::{Age, moment};
use crate::model::billing::lines::Tone;
use crate::model::freshness::tone;
use crate::pages::tickets::leaves::leaves_notice;
use crate::state::live::Live;
use crate::words::{count, grouped, month};

/// What needs a person, what is under way, and whether the schedule runs.
#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let overview = live.overview.value;
    let lead =
        Signal::derive(move || overview.with(|overview| overview.as_ref().map(|overview| month(&overview.month)).unwrap_or_default()));
    let retry = Callback::new(move |()| live.read_now());
    let body = move || match overview.get() {
        None if live.overview.problem.with(Option::is_some) => ().into_any(),
        None => skeleton(4),
        Some(overview) if is_first_visit(&overview) => view! { <FirstVisit overview=overview/> }.into_any(),
        Some(overview) => at_work(&overview, Callback::new(move |()| live.read_now())),
    };
    view! {
        <PageHead title="Overview" lead=lead><SyncNow/></PageHead>
        {move || live.overview.problem.get().map(|problem| problem_card(&problem, Some(retry)))}
        {body}
    }
    .into_any()
}

/// Until both sides are connected and something is planned, the overview shows the way there.
fn is_first_visit(overview: &Overview) -> bool {
    first_visit::step(overview) < first_visit::LAST_STEP
}

fn at_work(overview: &Overview, read_again: Callback<()>) -> AnyView {
    let failing = overview.vendors.iter().filter(|vendor| matches!(tone(&vendor.freshness), Tone::Bad | Tone::Attention)).count();
    let unmapped = overview.unmapped;
    let not_mapped = u64::from(unmapped.companies) + u64::from(unmapped.products);
    let mapping_page = if unmapped.companies == 0 && unmapped.products > 0 { "/products" } else { "/companies" };
    view! {
        <section class="cards" aria-label="What needs you">
            {card("/month", "month", overview.month.to_approve.into(), "to approve", "Changes waiting for a person", Tone::Busy)}
            {card("/month?segment=held", "pause", overview.month.held.into(), "held", "Lines a rule or a person holds back", Tone::Attention)}
            {card(mapping_page, "unmapped", not_mapped, "unmapped", &unmapped_label(unmapped.companies, unmapped.products), Tone::Attention)}
            {card("/drift", "drift", overview.drift.into(), "drifted", "Things that changed under a mapping or rule", Tone::Attention)}
            {card("/settings/connections", "plug", failing as u64, "to look at", "Connections that fail or are too old", Tone::Bad)}
        </section>
        {overview.mass_leaves.iter().map(|left| leaves_notice(left.rule.clone(), left.name.clone(), &left.leaves, read_again)).collect_view()}
        {(overview.unbilled > 0).then(|| view! {
            <div class="banner attention">
                {icon("alert")}
                <p>{count(overview.unbilled, "line has", "lines have")} " seats that nothing in ConnectWise bills. " <a href="/books/reconciliation?finding=unbilled">"Show them"</a></p>
            </div>
        })}
        <section class="panel" aria-label="Under way">
            <h2>"Under way"</h2>
            {overview.running.is_empty().then(|| view! { <p class="faint">"Nothing is being read or planned right now."</p> })}
            <RunningPasses/>
            {(overview.month.committing > 0).then(|| view! {
                <p>{icon("sync")} {format!("{} on the way to ConnectWise.", count(overview.month.committing, "approved change is", "approved changes are"))}</p>
            })}
        </section>
        <section class="panel" aria-label="Schedule">
            <h2>"By itself"</h2>
            {schedule(&overview.schedule)}
            {overview.month.planned_at.map(|at| view! { <p>"Lines were last planned " <Age at=at/> "."</p> })}
            <p class="faint">{format!("{} this month, {} already right.", count(overview.month.done, "line done", "lines done"), grouped(overview.month.unchanged.into()))}</p>
        </section>
    }
    .into_any()
}

fn unmapped_label(companies: u32, products: u32) -> String {
    match (companies, products) {
        (0, 0) => "Every company and product has its place".to_owned(),
        (companies, products) => format!("{}, {}", count(companies, "company", "companies"), count(products, "product", "products")),
    }
}

fn card(address: &'static str, symbol: &'static str, number: u64, words: &'static str, what: &str, tone: Tone) -> AnyView {
    let class = format!("card {}", if number == 0 { "quiet" } else { tone.class() });
    view! {
        <a class=class href=address>
            <span class="card-number">{grouped(number)}</span>
            <span class="card-words">{icon(symbol)} {words}</span>
            <span class="card-what">{what.to_owned()}</span>
        </a>
    }
    .into_any()
}

fn schedule(schedule: &ScheduleView) -> AnyView {
    let last = schedule.last_cron_at.map_or_else(
        || view! { <p>{icon("clock")} "The schedule has not called yet. It does so every ten minutes once deployed."</p> }.into_any(),
        |at| view! { <p>{icon("check")} "The schedule last called " <Age at=at/> "."</p> }.into_any(),
    );
    let silent = schedule.silent.then(|| {
        view! { <p class="attention">{icon("alert")} "The schedule is silent: nothing happens by itself. Check the Worker’s cron trigger; “Sync now” works meanwhile."</p> }
    });
    let next = schedule.next_sync_at.map(|at| view! { <p>"ESET is read next at " {moment(at)} "."</p> });
    view! { {last} {silent} {next} }.into_any()
}
