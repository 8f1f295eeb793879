//! A page's heading, its title in the browser's tab, and its buttons.

use domain::access::Action;
use leptos::prelude::*;

use crate::model::settings::sign_in::who;
use crate::state::signed::may;

/// A page's heading and name in the browser's tab, with what can be done to the page as a whole.
#[component]
pub(crate) fn PageHead(
    /// The heading.
    #[prop(into)]
    title: String,
    /// A sentence below it.
    #[prop(optional, into)]
    lead: Signal<String>,
    /// What is done on the page beyond looking: whose role may not do it reads who can.
    #[prop(optional, into)]
    does: Option<Action>,
    /// Buttons at its side.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    document().set_title(&format!("{title} · Seatbridge"));
    let looks = does
        .filter(|does| !may(*does))
        .map(|does| view! { <p class="lead">{format!("You can look here; {} decides.", who(does.roles()))}</p> });
    view! {
        <header class="page-head">
            <h1>{title}</h1>
            <div class="page-actions">{children.map(|children| children())}</div>
            <p class="lead">{lead}</p>
            {looks}
        </header>
    }
    .into_any()
}
