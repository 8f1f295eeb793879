//! The page of an address that leads nowhere.

use leptos::prelude::*;

use crate::components::list::{Empty, empty_view};
use crate::components::page_head::PageHead;

/// An address nothing stands at.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    view! {
        <PageHead title="No such page"/>
        {empty_view(Empty::because("Nothing stands at this address.", "It may be from another version.").next("/", "Open the overview"))}
    }
    .into_any()
}
