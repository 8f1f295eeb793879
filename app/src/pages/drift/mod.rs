//! Drift: what changed in ESET or ConnectWise under a mapping or a ticket rule, what it means, and what can be done.

mod event;

use contract::Page;
use contract::drift::{DriftQuery, DriftView, ListDrift};
use domain::access::Action;
use domain::drift::DriftState;
use leptos::prelude::*;

use self::event::event;
use crate::api::{Client, Link, asked};
use crate::components::filter::Filter;
use crate::components::list::{Empty, list_states};
use crate::components::page_head::PageHead;
use crate::components::query::{from_query, refine};
use crate::components::reason::ReasonDialog;
use crate::components::shell::SyncNow;
use crate::model::address::Address;
use crate::model::mapping::drift::{STATES, drift_state};
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::state::paged::Paged;
use crate::words::{count, grouped};

/// What the page remembers.
#[derive(Clone, Copy)]
struct DriftPageState {
    client: Client,
    live: Live,
    notices: Notices,
    list: Paged<Page<DriftView>>,
    /// The event that is about to be ignored.
    ignoring: RwSignal<Option<DriftView>>,
}

/// Events, open ones first.
#[component]
pub(crate) fn DriftPage() -> impl IntoView {
    let (client, live) = (expect_context::<Client>(), expect_context::<Live>());
    let named = from_query("state");
    let shown = Memo::new(move |_| named.with(|name| drift_state(name)));
    let text = from_query("q");
    let address = move |state: &str, text: &str| Address::of("/drift").with("state", state).with("q", text);
    let list: Paged<Page<DriftView>> = Paged::follow(client, move || {
        Link::<ListDrift>::of(&DriftQuery { state: Some(shown.get().0), q: asked(&text.get()), ..DriftQuery::default() })
    });
    let state = DriftPageState { client, live, notices: expect_context(), list, ignoring: RwSignal::new(None) };
    list.follow_beat(live);
    let refine = refine();
    let apply = Callback::new(move |text: String| refine.run(address(shown.get_untracked().1, &text)));
    let open = Memo::new(move |_| live.overview.value.with(|overview| overview.as_ref().map(|overview| overview.drift)));
    let lead = Signal::derive(move || lead(open.get()));
    let links = STATES
        .into_iter()
        .map(|(this, name, words)| {
            let href = move || String::from(address(name, &text.get()));
            let number = move || {
                let known = open.get().filter(|_| this == DriftState::Open);
                known.map(|number| view! { <span class="segment-count">{grouped(number.into())}</span> })
            };
            view! { <a class="segment" href=href aria-current=move || (shown.get().0 == this).then_some("true")>{words} " " {number}</a> }
        })
        .collect_view();
    view! {
        <PageHead title="Drift" does=Action::ManageMappings lead=lead><SyncNow/></PageHead>
        <div class="toolbar">
            <nav class="segments" aria-label="Events by state">{links}</nav>
            <Filter label="Filter by company, agreement or rule" text=text on_apply=apply/>
        </div>
        {list_states(list, move || empty(shown.get().0, &text.get()), move || view! {
            <ul class="records" aria-label="Events">
                {list.each(move |_, view| (move || event(state, &view.get())).into_any())}
            </ul>
        }.into_any())}
        <IgnoreDialog state=state/>
    }
    .into_any()
}

fn lead(open: Option<u32>) -> String {
    match open {
        None => String::new(),
        Some(0) => "Nothing has changed under a mapping or ticket rule that nobody has looked at.".to_owned(),
        Some(open) => format!(
            "{} under a mapping or ticket rule. Billing pauses for the lines an event names, and for no others.",
            count(open, "thing changed", "things changed")
        ),
    }
}

fn empty(state: DriftState, text: &str) -> Empty {
    if !text.is_empty() {
        return Empty::because(format!("No event here is about “{text}”."), "Look in another state, or clear the filter.");
    }
    match state {
        DriftState::Open => Empty::because(
            "Everything is as it was mapped.",
            "When a company, licence, agreement, addition or product goes, ends, moves, doubles or is edited by hand, or a ticket \
             rule loses its board, it shows here.",
        ),
        DriftState::Ignored => Empty::because("Nothing is ignored.", "What you leave as it is stays here with its reason."),
        DriftState::Resolved => Empty::because("Nothing was resolved yet.", "Events close by themselves once their cause is gone."),
    }
}

#[component]
fn IgnoreDialog(state: DriftPageState) -> impl IntoView {
    let subject = Signal::derive(move || state.ignoring.with(|asked| asked.as_ref().map(|view| view.drift.subject.clone())));
    let ignore = move |reason| {
        if let Some(view) = state.ignoring.get_untracked() {
            state.ignoring.set(None);
            state.ignore(view, reason);
        }
    };
    view! {
        <ReasonDialog does=Action::ManageMappings subject=subject verb=Signal::from("Ignore") hint="Shown on the event and kept in the history."
            meaning="It is left as it is, and lines it names are billed again. It comes back when something else changes there."
            on_close=move |()| state.ignoring.set(None) on_reason=ignore/>
    }
    .into_any()
}
