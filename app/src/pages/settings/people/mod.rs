//! Who may come in: people and their roles, invited by one-time links.

mod dialogs;
mod invite;
mod link;
mod row;

use contract::people::{InvitationLink, ListPeople, PersonView};
use domain::access::Action;
use leptos::prelude::*;

use self::dialogs::{ChangeDialog, RemoveDialog, RenewDialog};
use self::invite::InviteDialog;
use self::link::LinkDialog;
use self::row::person_row;
use super::SettingsNav;
use crate::api::{Client, Link};
use crate::components::button::WriteButton;
use crate::components::form::visibility_choice::Groups;
use crate::components::icon::icon;
use crate::components::list::{Empty, list_states};
use crate::components::page_head::PageHead;
use crate::state::notices::Notices;
use crate::state::paged::Paged;

/// What the page remembers.
#[derive(Clone, Copy)]
struct PeopleState {
    client: Client,
    notices: Notices,
    groups: Groups,
    list: Paged<Vec<PersonView>>,
    /// Whether somebody is being invited.
    inviting: RwSignal<bool>,
    /// A link that was just made, and whom it is for.
    made: RwSignal<Option<(String, InvitationLink)>>,
    changing: RwSignal<Option<PersonView>>,
    renewing: RwSignal<Option<PersonView>>,
    removing: RwSignal<Option<PersonView>>,
}

/// People: invite, change, renew their way in, shut out.
#[component]
pub(crate) fn PeoplePage() -> impl IntoView {
    let client = expect_context::<Client>();
    let list: Paged<Vec<PersonView>> = Paged::follow(client, Link::<ListPeople>::here);
    let state = PeopleState {
        client,
        notices: expect_context(),
        groups: Groups::read(client),
        list,
        inviting: RwSignal::new(false),
        made: RwSignal::new(None),
        changing: RwSignal::new(None),
        renewing: RwSignal::new(None),
        removing: RwSignal::new(None),
    };
    let empty = || Empty::because("Nobody is here.", "Invite the first person.");
    view! {
        <PageHead title="People" lead="Who may come in, and what they may do. Everybody has their own passkeys; nobody has a password.">
            <WriteButton does=Action::ManagePeople look="primary" on_press=move |()| state.inviting.set(true)>{icon("plus")} "Invite somebody"</WriteButton>
        </PageHead>
        <SettingsNav/>
        {list_states(list, empty, move || view! {
            <table class="plain stack" aria-label="People">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th><th scope="col">"Role"</th><th scope="col">"Sees"</th><th scope="col">"Passkeys"</th><th scope="col">"Sessions"</th>
                        <th scope="col">"Last here"</th><th scope="col"><span class="hidden">"Change"</span></th>
                    </tr>
                </thead>
                <tbody>{list.each(move |_, view| person_row(state, view))}</tbody>
            </table>
        }.into_any())}
        <InviteDialog state=state/>
        <LinkDialog made=state.made/>
        <ChangeDialog state=state/>
        <RenewDialog state=state/>
        <RemoveDialog state=state/>
    }
    .into_any()
}
