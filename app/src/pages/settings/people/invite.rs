//! The dialog that invites somebody with a role.

use contract::people::{Invite, InvitePerson};
use domain::access::{Action, Role, Visibility};
use leptos::prelude::*;

use super::PeopleState;
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::form::field::TextField;
use crate::components::form::role_choice::role_choice;
use crate::components::form::visibility_choice::{sees_nothing, visibility_choice};
use crate::components::problem::refusal;
use crate::model::settings::sign_in::is_name;
use crate::state::sending::Sending;

/// Asks whom to invite and as what, and makes a link for them.
#[component]
pub(super) fn InviteDialog(state: PeopleState) -> impl IntoView {
    let (name, role, scope) = (RwSignal::new(String::new()), RwSignal::new(Role::Technician), RwSignal::new(Visibility::Everything));
    let sending = Sending::idle();
    Effect::new(move |_| {
        if state.inviting.get() {
            name.set(String::new());
            role.set(Role::Technician);
            scope.set(Visibility::Everything);
            sending.problem.set(None);
        }
    });
    let nothing = sees_nothing(scope);
    let off = Signal::derive(move || !name.with(|name| is_name(name)) || nothing.get());
    let invite = move |()| {
        if off.get_untracked() {
            return;
        }
        let who = Invite { name: name.get_untracked().trim().to_owned(), role: role.get_untracked(), scope: scope.get_untracked() };
        sending.send(async move {
            let link = state.client.call(InvitePerson, &(), &who).await?;
            state.inviting.try_set(false);
            state.made.try_set(Some((who.name, link)));
            state.list.refresh();
            Ok(())
        });
    };
    view! {
        <Dialog open=state.inviting title="Invite somebody" on_close=move |()| state.inviting.set(false)>
            <form class="form" on:submit=move |event| { event.prevent_default(); invite(()); }>
                <TextField id="person-name" label="Name" hint="Written into the history with what they do."
                    value=name on_type=move |typed| name.set(typed)/>
                {role_choice("invited-role", "What they may do", role)}
                {visibility_choice("invited-scope", state.groups, role, scope)}
                {refusal(sending)}
                <div class="actions">
                    <WriteButton does=Action::ManagePeople look="primary" busy=sending.busy disabled=off on_press=invite>"Make a link"</WriteButton>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}
