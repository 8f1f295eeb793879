//! The dialog that asks what becomes of devices that are in the groups of rules that are switched on.

use contract::tickets::Existing;
use domain::access::Action;
use leptos::prelude::*;

use super::RulesState;
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::model::tickets::switch_on::{now, tickets, title};

/// Says who is in the groups now, and asks whether they have tickets.
#[component]
pub(super) fn SwitchOnDialog(state: RulesState) -> impl IntoView {
    let open = Signal::derive(move || state.starting.with(Option::is_some));
    let heading = Signal::derive(move || state.starting.with(|groups| groups.as_deref().map(title)).unwrap_or_default());
    let choose = Callback::new(move |existing: Existing| {
        let Some(groups) = state.starting.get_untracked() else { return };
        state.starting.set(None);
        state.send_switch(groups.into_iter().map(|group| group.rule).collect(), true, existing);
    });
    let body = move || {
        state.starting.get().map(|groups| {
            let sentences = now(&groups).into_iter().map(|sentence| view! { <p>{sentence}</p> }).collect_view();
            let words = tickets(&groups);
            view! {
                {sentences}
                <p>{format!("Open {words} now, or only for devices that enter from now on?")}</p>
                <p class="faint">"Devices that are left out have no ticket before they have left their group and entered it again. Beyond a rule’s tickets in one pass one summary tells of the rest."</p>
                <div class="actions">
                    <WriteButton does=Action::ManageTickets look="primary" on_press=move |()| choose.run(Existing::LeaveOut)>"Only from now on"</WriteButton>
                    <WriteButton does=Action::ManageTickets on_press=move |()| choose.run(Existing::Open)>{format!("Open {words} now")}</WriteButton>
                </div>
            }
        })
    };
    view! { <Dialog open=open title=heading on_close=move |()| state.starting.set(None)>{body}</Dialog> }.into_any()
}
