//! Banners above every page: no connection, nothing is written, a session that has ended, a new version.

use domain::access::Action;
use leptos::ev::Custom;
use leptos::prelude::*;

use crate::components::icon::icon;
use crate::components::time::Age;
use crate::model::settings::look_only::progress;
use crate::state::connectivity::Connectivity;
use crate::state::live::Live;
use crate::state::signed::may;

/// What concerns every page: no connection, look-only mode, a sign-in that is over, a new version.
#[component]
pub(super) fn Banners() -> impl IntoView {
    let (reach, live) = (expect_context::<Connectivity>(), expect_context::<Live>());
    let unreachable = move || {
        (!reach.may_write() && !reach.is_access_wanted()).then(|| {
            let why = if reach.is_offline() { "You are offline." } else { "Seatbridge does not answer." };
            let known = live.overview.value.with_untracked(|overview| overview.as_ref().map(|overview| overview.now));
            view! {
                <div class="banner attention" role="status">
                    {icon("offline")}
                    <p>
                        <strong>{why}</strong> " "
                        {known.map(|at| view! { "What you see was known " <Age at=at/> ". " })}
                        "Changing anything is off until it is back; nothing that was approved is lost."
                    </p>
                </div>
            }
        })
    };
    let access_wanted = move || {
        reach.is_access_wanted().then(|| {
            // Only a page that is loaded from the network is sent to the sign-in and back.
            let reload = |_| drop(window().location().reload());
            view! {
                <div class="banner attention" role="status">
                    {icon("offline")}
                    <p>
                        <strong>"Your organisation’s sign-in is over."</strong>
                        " What you see is what was known last, and changing anything is off until you have signed in there again."
                    </p>
                    <button type="button" class="button" on:click=reload>"Sign in again"</button>
                </div>
            }
        })
    };
    let mode = Memo::new(move |_| live.overview.value.with(|overview| overview.as_ref().and_then(|overview| overview.look_only.clone())));
    let look_only = move || {
        mode.get().map(|mode| {
            let link = may(Action::LeaveLookOnly).then(|| view! { <a class="button" href="/settings/look-only">"See what differs"</a> });
            view! {
                <div class="banner attention" role="status">
                    {icon("alert")}
                    <p>
                        <strong>"Nothing is written to ConnectWise. "</strong>
                        {mode.cause.message()} " Look-only mode began " <Age at=mode.since/> ". " {progress(&mode)}
                    </p>
                    {link}
                </div>
            }
        })
    };
    view! {
        {unreachable}
        {access_wanted}
        {look_only}
        <NewVersion/>
    }
    .into_any()
}

/// Shown once a newer build waits; `boot.js` tells, and does the reload.
#[component]
fn NewVersion() -> impl IntoView {
    let waits = RwSignal::new(document().document_element().is_some_and(|root| root.has_attribute("data-update")));
    let told = window_event_listener(Custom::<web_sys::Event>::new("seatbridge:update"), move |_| waits.set(true));
    on_cleanup(move || told.remove());
    let reload = move |_| {
        if let Ok(event) = web_sys::Event::new("seatbridge:reload") {
            // Only fails for an event that is being dispatched already.
            let _ = window().dispatch_event(&event);
        }
    };
    let banner = move || {
        waits.get().then(|| {
            view! {
                <div class="banner" role="status">
                    {icon("sync")}
                    <p><strong>"A new version of Seatbridge is ready."</strong> " Reloading takes a second and loses nothing that was approved."</p>
                    <button type="button" class="button" on:click=reload>"Reload"</button>
                </div>
            }
        })
    };
    view! { {banner} }.into_any()
}
