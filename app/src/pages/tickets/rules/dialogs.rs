//! The dialogs that delete a ticket rule and open a test ticket.

use contract::tickets::{DeleteTicketRule, TestTicketRule, TicketRuleView};
use domain::access::Action;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::RulesState;
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::state::paged::Keyed;
use crate::words::count;

/// Says what deleting a rule takes along; the button itself says it again.
#[component]
pub(super) fn DeleteDialog(state: RulesState) -> impl IntoView {
    let open = Signal::derive(move || state.deleting.with(Option::is_some));
    let title = Signal::derive(move || titled("Delete", state.deleting));
    let delete = move |()| {
        let Some(view) = state.deleting.get_untracked() else { return };
        state.deleting.set(None);
        spawn_local(async move {
            match state.client.call(DeleteTicketRule, &view.rule.id, &()).await {
                Ok(()) => {
                    state.list.take_out(&[view.key()]);
                    state.picked.try_update(|picked| picked.retain(|id| *id != view.rule.id));
                    state.notices.say(format!("{} is deleted. Its tickets are left to people, its log is kept.", view.rule.name));
                }
                Err(problem) => state.notices.trouble(&problem),
            }
            state.list.refresh();
        });
    };
    let body = move || {
        state.deleting.get().map(|view| {
            let (devices, open) = (count(view.devices, "device", "devices"), count(view.open, "open ticket", "open tickets"));
            view! {
                <p>{format!("What the rule knows of {devices} goes. {open} in ConnectWise stay open and are left to people: nothing closes them any more.")}</p>
                <p class="faint">"The tickets’ log is kept. To stop for a while, switch the rule off instead."</p>
                <div class="actions"><WriteButton does=Action::ManageTickets look="danger" on_press=delete>{format!("Delete, and leave {open} to people")}</WriteButton></div>
            }
        })
    };
    view! { <Dialog open=open title=title on_close=move |()| state.deleting.set(None)>{body}</Dialog> }.into_any()
}

/// Says what a test ticket is before a real one is opened.
#[component]
pub(super) fn TestDialog(state: RulesState) -> impl IntoView {
    let open = Signal::derive(move || state.testing.with(Option::is_some));
    let title = Signal::derive(move || titled("Test", state.testing));
    let test = move |()| {
        let Some(view) = state.testing.get_untracked() else { return };
        state.testing.set(None);
        spawn_local(async move {
            match state.client.call(TestTicketRule, &view.rule.id, &()).await {
                Ok(_) => state.notices.say(format!("{}: a test ticket is opened; the log shows its number.", view.rule.name)),
                Err(problem) => state.notices.trouble(&problem),
            }
            state.live.read_now();
        });
    };
    view! {
        <Dialog open=open title=title on_close=move |()| state.testing.set(None)>
            <p>"A real ticket is opened in ConnectWise, on the rule’s board and for its company of devices that are not mapped. Its summary begins with “Test:”, and it is about no device."</p>
            <p class="faint">"Seatbridge does not close it: do that in ConnectWise when you have seen it. Whoever is told of new tickets is told of this one."</p>
            <div class="actions"><WriteButton does=Action::ManageTickets look="primary" on_press=test>"Open a test ticket"</WriteButton></div>
        </Dialog>
    }
    .into_any()
}

fn titled(verb: &str, asked: RwSignal<Option<TicketRuleView>>) -> String {
    let name = asked.with(|view| view.as_ref().map(|view| view.rule.name.clone())).unwrap_or_default();
    format!("{verb} {name}")
}
