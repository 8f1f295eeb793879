//! Settings: connections, limits, who may come in, and what this is.

mod about;
mod access;
mod connection_card;
mod connection_form;
mod connections;
mod delete;
mod limits;
mod report;
mod token_list;

use leptos::prelude::*;
use leptos_router::hooks::use_location;

pub(crate) use self::about::AboutPage;
pub(crate) use self::access::AccessPage;
pub(crate) use self::connection_form::{ChangeConnectionPage, NewConnectionPage};
pub(crate) use self::connections::ConnectionsPage;
pub(crate) use self::limits::LimitsPage;

const PARTS: [(&str, &str); 4] = [
    ("/settings/connections", "Connections"),
    ("/settings/limits", "Limits"),
    ("/settings/access", "API tokens"),
    ("/settings/about", "About"),
];

/// Links to the parts of the settings.
#[component]
fn SettingsNav() -> impl IntoView {
    let path = use_location().pathname;
    let links = PARTS
        .into_iter()
        .map(|(address, words)| {
            let is_here = move || path.with(|path| path == address);
            view! { <a class="segment" href=address aria-current=move || is_here().then_some("page")>{words}</a> }
        })
        .collect_view();
    view! { <div class="toolbar"><nav class="segments" aria-label="Settings">{links}</nav></div> }.into_any()
}
