use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::access::Action;
use shared::api::Problem;
use shared::api::access_groups::NameAccessGroup;

use super::GroupsState;
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::field::TextField;
use crate::components::problem::problem_card;
use crate::model::door::is_name;
use crate::state::paged::Keyed;
use crate::words::count;

/// Names a new group, or gives one another name.
#[component]
pub(super) fn NameDialog(state: GroupsState) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let (busy, problem) = (RwSignal::new(false), RwSignal::new(None::<Problem>));
    Effect::new(move |_| {
        if let Some(group) = state.naming.get() {
            name.set(group.map(|group| group.name).unwrap_or_default());
            problem.set(None);
        }
    });
    let no_name = Signal::derive(move || !name.with(|name| is_name(name)));
    let save = move |()| {
        let Some(group) = state.naming.get_untracked().filter(|_| !no_name.get_untracked() && !busy.get_untracked()) else { return };
        busy.set(true);
        problem.set(None);
        let named = NameAccessGroup { name: name.get_untracked().trim().to_owned() };
        spawn_local(async move {
            let id = group.as_ref().map(|group| group.id.as_str());
            match state.client.name_access_group(id, &named).await {
                Ok(now) => {
                    state.naming.try_set(None);
                    state.notices.say(match group {
                        Some(group) => format!("{} is called {} now.", group.name, now.name),
                        None => format!("{} is made. Put companies into it below.", now.name),
                    });
                    state.moved();
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
            busy.try_set(false);
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
                {move || problem.get().map(|problem| problem_card(&problem, None))}
                <div class="actions">
                    <WriteButton does=Action::ManagePeople look="primary" busy=busy disabled=no_name on_press=save>"Save"</WriteButton>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}

/// Says what deleting a group does, and does it.
#[component]
pub(super) fn DeleteDialog(state: GroupsState) -> impl IntoView {
    let (busy, problem) = (RwSignal::new(false), RwSignal::new(None::<Problem>));
    Effect::new(move |_| {
        if state.deleting.with(Option::is_some) {
            problem.set(None);
        }
    });
    let delete = move |()| {
        let Some(group) = state.deleting.get_untracked() else { return };
        busy.set(true);
        problem.set(None);
        spawn_local(async move {
            match state.client.delete_access_group(group.id.as_str()).await {
                Ok(()) => {
                    state.deleting.try_set(None);
                    state.list.take_out(&[group.key()]);
                    state.notices.say(format!("{} is deleted. Its companies are kept.", group.name));
                    state.moved();
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
            busy.try_set(false);
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
            {move || problem.get().map(|problem| problem_card(&problem, None))}
            <div class="actions">
                <WriteButton does=Action::ManagePeople look="danger" busy=busy on_press=delete>{move || named("Delete")}</WriteButton>
            </div>
        </Dialog>
    }
    .into_any()
}
