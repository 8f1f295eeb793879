//! The list of connections.

use contract::connections::{ConnectionView, ListConnections};
use domain::access::Action;
use leptos::prelude::*;

use super::SettingsNav;
use super::connection_card::connection_card;
use super::delete::DeleteDialog;
use crate::api::{Client, Link};
use crate::components::icon::icon;
use crate::components::list::{Empty, list_states};
use crate::components::page_head::PageHead;
use crate::state::live::Live;
use crate::state::paged::Paged;
use crate::state::signed::may;

/// Every connection with its age and its latest test.
#[component]
pub(crate) fn ConnectionsPage() -> impl IntoView {
    let (client, live) = (expect_context::<Client>(), expect_context::<Live>());
    let list: Paged<Vec<ConnectionView>> = Paged::follow(client, Link::<ListConnections>::here);
    let deleting: RwSignal<Option<ConnectionView>> = RwSignal::new(None);
    list.follow_beat(live);
    let empty =
        || {
            Empty::because("Nothing is connected yet.", "Begin with ESET: it knows the customers and their seats. Then ConnectWise.")
                .next_for(Action::ManageConnections, "/settings/connections/new?kind=ema2", "Connect ESET")
        };
    view! {
        <PageHead title="Connections" does=Action::ManageConnections lead="What Seatbridge reads from, and writes approved changes to.">
            {may(Action::ManageConnections).then(|| view! {
            <a class="button" href="/settings/connections/new?kind=ema2">{icon("plus")} "Connect ESET"</a>
            <a class="button" href="/settings/connections/new?kind=connect">{icon("plus")} "ESET Connect"</a>
            <a class="button" href="/settings/connections/new?kind=onprem">{icon("plus")} "ESET PROTECT"</a>
            <a class="button" href="/settings/connections/new?kind=connectwise">{icon("plus")} "Connect ConnectWise"</a>
            })}
        </PageHead>
        <SettingsNav/>
        {list_states(list, empty, move || view! {
            <ul class="connections" aria-label="Connections">
                {list.each(move |_, view| connection_card(view, deleting))}
            </ul>
        }.into_any())}
        <DeleteDialog deleting=deleting list=list/>
    }
    .into_any()
}
