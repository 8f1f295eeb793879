//! The devices of a group, read from its console when they are opened.

use contract::Page;
use contract::groups::{GroupView, ListMembers, MemberView};
use domain::ids::{ConnectionId, DeviceGroupId};
use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use crate::api::{Client, Link};
use crate::components::list::{Empty, list_states};
use crate::pages::{Loaded, opened};
use crate::state::paged::Paged;

/// The devices of a group: asked of its console when they are opened, and not before.
pub(super) fn members(client: Client, connection: &str, group: &GroupView) -> AnyView {
    let open = RwSignal::new(false);
    let of = StoredValue::new((ConnectionId::from(connection), group.group.clone()));
    let name = StoredValue::new(group.name.clone());
    let label = format!("Devices in {}", group.name);
    let list = move || open.get().then(|| opened(devices_part(client, of.get_value(), name.get_value())));
    view! {
        <button type="button" class="button small quiet" aria-expanded=move || open.get().to_string() aria-label=label
            on:click=move |_| open.update(|open| *open = !*open)>"Devices"</button>
        {list}
    }
    .into_any()
}

#[wasm_split(opened_group, fallible)]
fn devices_part(client: Client, of: (ConnectionId, DeviceGroupId), name: String) -> Loaded {
    Ok(devices(client, of, name))
}

fn devices(client: Client, of: (ConnectionId, DeviceGroupId), name: String) -> AnyView {
    let list: Paged<Page<MemberView>> = Paged::follow(client, move || Link::<ListMembers>::at(&of));
    let label = format!("Devices in {name}");
    let empty = || Empty::because("No device is in this very group now.", "Devices of the groups below it are shown with those.");
    let rows = move || {
        let row = |_, device: RwSignal<MemberView>| view! { <li>{move || device.with(|device| device.name.clone())}</li> }.into_any();
        view! { <ul class="members" aria-label=label.clone()>{list.each(row)}</ul> }.into_any()
    };
    view! { <div class="members-panel">{list_states(list, empty, rows)}</div> }.into_any()
}
