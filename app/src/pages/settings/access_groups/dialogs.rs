//! The dialogs that name and delete an access group.

use contract::access_groups::{CreateAccessGroup, DeleteAccessGroup, NameAccessGroup, RenameAccessGroup};
use domain::access::Action;
use leptos::prelude::*;

use super::GroupsState;
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::form::field::TextField;
use crate::components::problem::refusal;
use crate::model::settings::sign_in::is_name;
use crate::state::paged::Keyed;
use crate::state::sending::Sending;
use crate::words::count;

/// Names a new group, or gives one another name.
#[component]
pub(super) fn NameDialog(state: GroupsState) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let sending = Sending::idle();
    Effect::new(move |_| {
        if let Some(group) = state.naming.get() {
            name.set(group.map(|group| group.name).unwrap_or_default());
            sending.problem.set(None);
        }
    });
    let no_name = Signal::derive(move || !name.with(|name| is_name(name)));
    let save = move |()| {
        let Some(group) = state.naming.get_untracked().filter(|_| !no_name.get_untracked()) else { return };
        let named = NameAccessGroup { name: name.get_untracked().trim().to_owned() };
        sending.send(async move {
            let now = match &group {
                Some(group) => state.client.call(RenameAccessGroup, &group.id, &named).await?,
                None => state.client.call(CreateAccessGroup, &(), &named).await?,
            };
            state.naming.try_set(None);
            state.notices.say(match group {
                Some(group) => format!("{} is called {} now.", group.name, now.name),
                None => format!("{} is made. Put companies into it below.", now.name),
            });
            state.moved();
            Ok(())
        });
    };
    let title = move || match state.naming.get() {
        Some(Some(group)) => format!("Rename {}", group.name),
        _ => "New access group".to_owned(),
    };
    view! {
        <Dialog open=Signal::derive(move || state.naming.with(Option::is_some)) title=Signal::derive(title) on_close=move |()| state.naming.set(None)>
            <form class="form" on:submit=move |event| { event.prevent_default(); save(()); }>
                <TextField id="group-name" label="Name" hint="The branch or team that looks after its companies." placeholder="London"
                    value=name on_type=move |typed| name.set(typed)/>
                {refusal(sending)}
                <div class="actions">
                    <WriteButton does=Action::ManagePeople look="primary" busy=sending.busy disabled=no_name on_press=save>"Save"</WriteButton>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}

/// Says what deleting a group does, and does it.
#[component]
pub(super) fn DeleteDialog(state: GroupsState) -> impl IntoView {
    let sending = Sending::idle();
    Effect::new(move |_| {
        if state.deleting.with(Option::is_some) {
            sending.problem.set(None);
        }
    });
    let delete = move |()| {
        let Some(group) = state.deleting.get_untracked() else { return };
        sending.send(async move {
            state.client.call(DeleteAccessGroup, &group.id, &()).await?;
            state.deleting.try_set(None);
            state.list.take_out(&[group.key()]);
            state.notices.say(format!("{} is deleted. Its companies are kept.", group.name));
            state.moved();
            Ok(())
        });
    };
    let named =
        move |verb: &str| state.deleting.with(|group| group.as_ref().map(|group| format!("{verb} {}", group.name))).unwrap_or_default();
    let meaning = move || {
        let own = state.deleting.with(|group| group.as_ref().map_or(0, |group| group.own));
        format!("{} then in no group, or in that of the one above. Billing goes on unchanged.", count(own, "company is", "companies are"))
    };
    view! {
        <Dialog open=Signal::derive(move || state.deleting.with(Option::is_some)) title=Signal::derive(move || named("Delete"))
            on_close=move |()| state.deleting.set(None)>
            <p>{meaning}</p>
            {refusal(sending)}
            <div class="actions">
                <WriteButton does=Action::ManagePeople look="danger" busy=sending.busy on_press=delete>{move || named("Delete")}</WriteButton>
            </div>
        </Dialog>
    }
    .into_any()
}
