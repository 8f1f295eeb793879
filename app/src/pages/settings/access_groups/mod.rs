//! Access groups: which companies people and API tokens see.

mod companies;
mod dialogs;

use contract::access_groups::{AccessGroupView, ListAccessGroups};
use domain::access::Action;
use leptos::prelude::*;

use self::companies::Companies;
use self::dialogs::{DeleteDialog, NameDialog};
use super::SettingsNav;
use crate::api::{Client, Link};
use crate::components::button::WriteButton;
use crate::components::icon::icon;
use crate::components::list::{Empty, list_states};
use crate::components::page_head::PageHead;
use crate::state::notices::Notices;
use crate::state::paged::Paged;
use crate::words::count;

/// What the page remembers.
#[derive(Clone, Copy)]
struct GroupsState {
    client: Client,
    notices: Notices,
    list: Paged<Vec<AccessGroupView>>,
    /// What is being named: a group there is, or a new one.
    naming: RwSignal<Option<Option<AccessGroupView>>>,
    deleting: RwSignal<Option<AccessGroupView>>,
    /// How often companies were moved: their list is read anew with it.
    moves: RwSignal<u32>,
}

impl GroupsState {
    /// Reads again who is in which group.
    fn moved(self) {
        self.list.refresh();
        self.moves.update(|moves| *moves += 1);
    }
}

/// Access groups: made, renamed, deleted, and filled with companies.
#[component]
pub(crate) fn AccessGroupsPage() -> impl IntoView {
    let client = expect_context::<Client>();
    let state = GroupsState {
        client,
        notices: expect_context(),
        list: Paged::follow(client, Link::<ListAccessGroups>::here),
        naming: RwSignal::new(None),
        deleting: RwSignal::new(None),
        moves: RwSignal::new(0),
    };
    let empty = || {
        Empty::because(
            "Everybody sees every company.",
            "Make a group for each branch or team, put companies into it, and give it to people who should see no others.",
        )
    };
    view! {
        <PageHead title="Access groups" lead="People and API tokens with an access group see its companies and nothing else. Administrators see everything.">
            <WriteButton does=Action::ManagePeople look="primary" on_press=move |()| state.naming.set(Some(None))>{icon("plus")} "New group"</WriteButton>
        </PageHead>
        <SettingsNav/>
        {list_states(state.list, empty, move || view! {
            <table class="plain stack" aria-label="Access groups">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th><th scope="col">"Companies"</th><th scope="col">"Given to"</th>
                        <th scope="col"><span class="hidden">"Change"</span></th>
                    </tr>
                </thead>
                <tbody>{state.list.each(move |_, view| group_row(state, view))}</tbody>
            </table>
        }.into_any())}
        <Companies state=state/>
        <NameDialog state=state/>
        <DeleteDialog state=state/>
    }
    .into_any()
}

fn group_row(state: GroupsState, view: RwSignal<AccessGroupView>) -> AnyView {
    let name = view.with_untracked(|group| group.name.clone());
    let (rename, delete) = (format!("Rename: {name}"), format!("Delete: {name}"));
    let given = Signal::derive(move || view.with(|group| group.people + group.tokens > 0));
    view! {
        <tr>
            <td>
                <span class="two">
                    <span class="strong">{move || view.with(|group| group.name.clone())}</span>
                    <span class="faint">{move || view.with(|group| format!("made by {}", group.created_by))}</span>
                </span>
            </td>
            <td data-label="Companies">{move || view.with(companies_label)}</td>
            <td data-label="Given to">{move || view.with(given_label)}</td>
            <td class="row-end">
                <div class="actions">
                    <WriteButton does=Action::ManagePeople look="small" label=rename
                        on_press=move |()| state.naming.set(Some(Some(view.get_untracked())))>"Rename…"</WriteButton>
                    <WriteButton does=Action::ManagePeople look="small quiet" label=delete disabled=given
                        on_press=move |()| state.deleting.set(Some(view.get_untracked()))>"Delete…"</WriteButton>
                </div>
                {move || given.get().then(|| view! { <p class="faint">"Given to somebody: not deleted."</p> })}
            </td>
        </tr>
    }
    .into_any()
}

/// How many companies are in a group, and how many of them because one above them is.
fn companies_label(group: &AccessGroupView) -> String {
    let all = count(group.companies, "company", "companies");
    match group.companies.saturating_sub(group.own) {
        0 => all,
        inherited => format!("{all}, {inherited} of them below others"),
    }
}

fn given_label(group: &AccessGroupView) -> String {
    match (group.people, group.tokens) {
        (0, 0) => "nobody".to_owned(),
        (people, 0) => count(people, "person", "people"),
        (0, tokens) => count(tokens, "API token", "API tokens"),
        (people, tokens) => format!("{}, {}", count(people, "person", "people"), count(tokens, "API token", "API tokens")),
    }
}
