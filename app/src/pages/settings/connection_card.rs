//! One connection: who it signs in as, how fresh it is, what its last test found.

use contract::connections::{ConnectionView, TestConnection};
use domain::access::Action;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::report::report_view;
use crate::api::Client;
use crate::components::badge::badge;
use crate::components::button::WriteButton;
use crate::components::time::Age;
use crate::model::billing::lines::Tone;
use crate::model::freshness::{sentence, tone};
use crate::state::clock::zone;
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::state::signed::may;

/// One connection: who it signs in as, how fresh it is, what its latest test found.
pub(super) fn connection_card(view: RwSignal<ConnectionView>, deleting: RwSignal<Option<ConnectionView>>) -> AnyView {
    let testing = RwSignal::new(false);
    let (client, notices, live) = (expect_context::<Client>(), expect_context::<Notices>(), expect_context::<Live>());
    let id = view.with_untracked(|view| view.id.clone());
    let change = format!("/settings/connections/{id}");
    let test = move |()| {
        let id = id.clone();
        testing.set(true);
        spawn_local(async move {
            match client.call(TestConnection, &id, &()).await {
                Ok(report) => {
                    view.try_update(|view| view.last_test = Some(report));
                }
                Err(problem) => notices.trouble(&problem),
            }
            testing.try_set(false);
            live.read_now();
        });
    };
    view! {
        <li class="panel connection">
            {move || view.with(|view| head(view, live))}
            {move || view.with(|view| view.last_test.clone()).map(|report| report_view(&report))}
            <div class="actions">
                <WriteButton does=Action::ManageConnections busy=testing on_press=test>{move || if testing.get() { "Testing…" } else { "Test" }}</WriteButton>
                {may(Action::ManageConnections).then(|| view! { <a class="button" href=change>"Change"</a> })}
                <WriteButton does=Action::ManageConnections look="quiet" on_press=move |()| deleting.set(Some(view.get_untracked()))>"Delete…"</WriteButton>
            </div>
        </li>
    }
    .into_any()
}

fn head(view: &ConnectionView, live: Live) -> AnyView {
    let now = live.now.get();
    let (tone, words) = match tone(&view.freshness) {
        Tone::Good => (Tone::Good, "Fresh"),
        Tone::Busy => (Tone::Busy, "Reading"),
        Tone::Attention if view.freshness.read_at.is_none() => (Tone::Attention, "Not read yet"),
        Tone::Bad => (Tone::Bad, "Failing"),
        tone => (tone, "Too old"),
    };
    view! {
        <div class="connection-head">
            <h2>{view.name.clone()}</h2>
            {badge(tone, words)}
        </div>
        <dl class="facts">
            <div><dt>"Vendor"</dt><dd>{view.kind.label()}</dd></div>
            <div><dt>"Address"</dt><dd><code>{view.address.clone()}</code></dd></div>
            <div><dt>"Signs in as"</dt><dd>{view.identity.clone()}</dd></div>
            <div><dt>"Credentials set"</dt><dd><Age at=view.credentials_set_at/></dd></div>
            <div><dt>"Read"</dt><dd>{sentence(&view.freshness, now, zone(now))}</dd></div>
        </dl>
        {view.freshness.failure.clone().map(|failure| view! { <p class="vendor-words">{failure}</p> })}
    }
    .into_any()
}
