//! The frame every page stands in: rail or bottom bar, top line, banners, messages.

mod banners;
mod freshness;
mod messages;
mod person;
mod rail;
mod step_up;
mod topline;

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use self::banners::Banners;
pub(crate) use self::freshness::{LookNow, RunningPasses, SyncNow};
use self::messages::Messages;
pub(crate) use self::person::sign_out;
use self::rail::Rail;
use self::step_up::StepUpDialog;
use self::topline::Topline;
use super::keyboard::focus;

/// The frame around the pages.
#[component]
pub(crate) fn Shell(
    /// The page.
    children: Children,
) -> impl IntoView {
    let path = use_location().pathname;
    // Whoever follows a link by keyboard goes on reading at the page, not at the rail.
    Effect::new(move |earlier: Option<String>| {
        let path = path.get();
        if earlier.is_some_and(|earlier| earlier != path) {
            focus("content");
        }
        path
    });
    view! {
        <a class="skip" href="#content" rel="external">"Skip to content"</a>
        <div class="shell">
            <Rail/>
            <Topline/>
            <main id="content" class="content" tabindex="-1">
                <Banners/>
                {children()}
            </main>
        </div>
        <Messages/>
        <StepUpDialog/>
    }
    .into_any()
}
