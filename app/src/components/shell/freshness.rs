//! How old the vendors' data is, which passes run, and *Sync now*.

use contract::overview::VendorFreshness;
use contract::passes::{PassKind, RunPasses, StartPasses};
use domain::access::Action;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::Client;
use crate::components::button::WriteButton;
use crate::components::icon::icon;
use crate::components::progress::pass_progress;
use crate::model::billing::lines::Tone;
use crate::model::freshness::{sentence, tone, worst};
use crate::state::clock::zone;
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::words::vendors;

/// How old what we know is, per vendor; its detail and "Sync now" one click away.
#[component]
pub(super) fn FreshnessChip() -> impl IntoView {
    let live = expect_context::<Live>();
    let overview = live.overview.value;
    let known = Memo::new(move |_| overview.with(|overview| overview.as_ref().map(|overview| overview.vendors.clone())));
    let words = move || match known.get() {
        None => "Reading…".to_owned(),
        Some(list) if list.is_empty() => "Nothing connected".to_owned(),
        Some(list) => {
            let now = live.now.get();
            vendors(&list, now, zone(now))
        }
    };
    let tone = move || known.with(|list| list.as_deref().map_or(Tone::Quiet, worst));
    view! {
        <button
            type="button"
            class=move || format!("chip freshness {}", tone().class())
            popovertarget="freshness-detail"
            aria-label=move || format!("How fresh the numbers are: {}", words())
        >
            {move || icon(if tone() == Tone::Attention { "clock" } else { tone().icon() })}
            <span>{words}</span>
        </button>
        <div id="freshness-detail" class="popover" popover="auto" role="group" aria-label="How fresh the numbers are">
            <ul class="vendor-ages">
                {move || known.get().unwrap_or_default().iter().map(|vendor| vendor_age(vendor, live)).collect_view()}
            </ul>
            {move || known.with(|list| list.as_ref().is_some_and(Vec::is_empty)).then(|| view! {
                <p>"No vendor is connected yet."</p>
                <a class="button" href="/settings/connections">"Open connections"</a>
            })}
            <RunningPasses/>
            <SyncNow/>
        </div>
    }
    .into_any()
}

fn vendor_age(vendor: &VendorFreshness, live: Live) -> AnyView {
    let now = live.now.get();
    let tone = tone(&vendor.freshness);
    let symbol = if tone == Tone::Attention { "clock" } else { tone.icon() };
    view! {
        <li class=tone.class()>
            {icon(symbol)}
            <div>
                <strong>{vendor.name.clone()}</strong> <span class="faint">{vendor.kind.label()}</span>
                <p>{sentence(&vendor.freshness, now, zone(now))}</p>
                {vendor.freshness.failure.clone().map(|failure| view! { <p class="vendor-words">{failure}</p> })}
            </div>
        </li>
    }
    .into_any()
}

/// Passes under way, with their progress.
#[component]
pub(crate) fn RunningPasses() -> impl IntoView {
    let live = expect_context::<Live>();
    let running =
        move || live.overview.value.with(|overview| overview.as_ref().map(|overview| overview.running.clone())).unwrap_or_default();
    view! { <ul class="running" aria-live="polite">{move || running().iter().map(pass_progress).collect_view()}</ul> }.into_any()
}

/// Reads every vendor now, then plans.
#[component]
pub(crate) fn SyncNow() -> impl IntoView {
    start_passes(PassKind::Sync, ("Sync now", "Syncing…"))
}

/// Looks at the groups that ticket rules watch now, not in ten minutes.
#[component]
pub(crate) fn LookNow() -> impl IntoView {
    start_passes(PassKind::Tickets, ("Look now", "Looking…"))
}

/// A button that starts passes. `words` are those it bears at rest, and while passes run.
fn start_passes(kind: PassKind, words: (&'static str, &'static str)) -> AnyView {
    let (live, client, notices) = (expect_context::<Live>(), expect_context::<Client>(), expect_context::<Notices>());
    let asking = RwSignal::new(false);
    let nothing_connected =
        Signal::derive(move || live.overview.value.with(|overview| overview.as_ref().is_none_or(|overview| overview.vendors.is_empty())));
    let start = move |()| {
        asking.set(true);
        spawn_local(async move {
            match client.tell(RunPasses, &(), &StartPasses { kind }).await {
                Ok(()) => live.read_now(),
                Err(problem) => notices.trouble(&problem),
            }
            asking.try_set(false);
        });
    };
    let busy = Signal::derive(move || {
        asking.get() || live.overview.value.with(|overview| overview.as_ref().is_some_and(|overview| !overview.running.is_empty()))
    });
    view! {
        <WriteButton does=Action::StartPass on_press=start busy=busy disabled=nothing_connected>
            {icon("sync")} {move || if busy.get() { words.1 } else { words.0 }}
        </WriteButton>
    }
    .into_any()
}
