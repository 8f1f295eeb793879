//! The dialogs about one person: change, new link, remove.

use contract::people::{ChangePerson, LinkPerson, PersonChange, PersonView, RemovalQuery, RemovePerson, WhatTheyMade};
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
use crate::state::paged::Keyed;
use crate::state::sending::Sending;

/// A dialog's title about the person it is open for.
fn titled(person: RwSignal<Option<PersonView>>, verb: &'static str) -> Signal<String> {
    Signal::derive(move || person.with(|person| person.as_ref().map(|person| format!("{verb} {}", person.name))).unwrap_or_default())
}

fn is_open(person: RwSignal<Option<PersonView>>) -> Signal<bool> {
    Signal::derive(move || person.with(Option::is_some))
}

/// Changes somebody's name, role or what they see.
#[component]
pub(super) fn ChangeDialog(state: PeopleState) -> impl IntoView {
    let (name, role, scope) = (RwSignal::new(String::new()), RwSignal::new(Role::Viewer), RwSignal::new(Visibility::Everything));
    let sending = Sending::idle();
    Effect::new(move |_| {
        if let Some(person) = state.changing.get() {
            name.set(person.name);
            role.set(person.role);
            scope.set(person.scope);
            sending.problem.set(None);
        }
    });
    let nothing = sees_nothing(scope);
    let off = Signal::derive(move || !name.with(|name| is_name(name)) || nothing.get());
    let change = move |()| {
        let Some(person) = state.changing.get_untracked().filter(|_| !off.get_untracked()) else { return };
        let (name, role, scope) = (name.get_untracked().trim().to_owned(), role.get_untracked(), scope.get_untracked());
        let wanted = PersonChange { name: Some(name), role: Some(role), scope: Some(scope) };
        sending.send(async move {
            let changed = state.client.call(ChangePerson, &person.id, &wanted).await?;
            state.changing.try_set(None);
            state.notices.say(if changed.role == person.role {
                format!("{} is changed.", changed.name)
            } else {
                format!("{} has another role, and signs in anew.", changed.name)
            });
            state.list.refresh();
            Ok(())
        });
    };
    view! {
        <Dialog open=is_open(state.changing) title=titled(state.changing, "Change") on_close=move |()| state.changing.set(None)>
            <form class="form" on:submit=move |event| { event.prevent_default(); change(()); }>
                <TextField id="changed-name" label="Name" hint="What was done so far stays under the earlier name."
                    value=name on_type=move |typed| name.set(typed)/>
                {role_choice("changed-role", "What they may do", role)}
                {visibility_choice("changed-scope", state.groups, role, scope)}
                <p class="faint">"Another role ends their sessions: they sign in anew and have it. What they see changes at once."</p>
                {refusal(sending)}
                <div class="actions">
                    <WriteButton does=Action::ManagePeople look="primary" busy=sending.busy disabled=off on_press=change>"Save"</WriteButton>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}

/// Makes a new link for somebody, and says what using it does.
#[component]
pub(super) fn RenewDialog(state: PeopleState) -> impl IntoView {
    let sending = Sending::idle();
    Effect::new(move |_| {
        if state.renewing.with(Option::is_some) {
            sending.problem.set(None);
        }
    });
    let renew = move |()| {
        let Some(person) = state.renewing.get_untracked() else { return };
        sending.send(async move {
            let link = state.client.call(LinkPerson, &person.id, &()).await?;
            state.renewing.try_set(None);
            state.made.try_set(Some((person.name, link)));
            state.list.refresh();
            Ok(())
        });
    };
    let meaning = move || match state.renewing.with(|person| person.as_ref().map_or(0, |person| person.passkeys)) {
        0 => "An earlier link stops working at once.",
        _ => {
            "For somebody who has lost their passkey. When the link is used, a new passkey takes the place of all they have, and their sessions end. Until then nothing changes."
        }
    };
    view! {
        <Dialog open=is_open(state.renewing) title=titled(state.renewing, "New link for") on_close=move |()| state.renewing.set(None)>
            <p>{meaning}</p>
            {refusal(sending)}
            <div class="actions">
                <WriteButton does=Action::ManagePeople look="primary" busy=sending.busy on_press=renew>"Make a new link"</WriteButton>
            </div>
        </Dialog>
    }
    .into_any()
}

/// Says what removing somebody does, and does it.
#[component]
pub(super) fn RemoveDialog(state: PeopleState) -> impl IntoView {
    let (sending, made) = (Sending::idle(), RwSignal::new(WhatTheyMade::End));
    Effect::new(move |_| {
        if state.removing.with(Option::is_some) {
            made.set(WhatTheyMade::End);
            sending.problem.set(None);
        }
    });
    let remove = move |()| {
        let Some(person) = state.removing.get_untracked() else { return };
        let query = RemovalQuery { made: made.get_untracked() };
        sending.send(async move {
            state.client.call_with(RemovePerson, &person.id, &query).await?;
            state.removing.try_set(None);
            state.list.take_out(&[person.key()]);
            state.notices.say(format!("{} is removed, and signed out everywhere.", person.name));
            state.list.refresh();
            Ok(())
        });
    };
    let farewell = move || state.removing.with(|person| person.as_ref().map(|person| person.farewell(made.get(), "your")));
    let has_made = move || state.removing.with(|person| person.as_ref().is_some_and(|person| person.tokens + person.share_links > 0));
    let keep = move || {
        has_made().then(|| {
            view! {
                <label class="switch">
                    <input type="checkbox" role="switch" prop:checked=move || made.get() == WhatTheyMade::Keep
                        on:change=move |event| made.set(if event_target_checked(&event) { WhatTheyMade::Keep } else { WhatTheyMade::End })/>
                    <span>"Keep their API tokens and share links"</span>
                </label>
            }
        })
    };
    let words = move || state.removing.with(|person| person.as_ref().map(|person| format!("Remove {} for good", person.name)));
    view! {
        <Dialog open=is_open(state.removing) title=titled(state.removing, "Remove") on_close=move |()| state.removing.set(None)>
            <p class="strong" role="status">{farewell}</p>
            {keep}
            <p class="faint">"One-time links for them stop working too. What they did stays in the history. An API token or share link whose maker is not known stays: the lists say which."</p>
            {refusal(sending)}
            <div class="actions">
                <WriteButton does=Action::ManagePeople look="danger" busy=sending.busy on_press=remove>{words}</WriteButton>
            </div>
        </Dialog>
    }
    .into_any()
}
