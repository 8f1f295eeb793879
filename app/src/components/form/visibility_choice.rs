//! The choice of which companies somebody sees.

use contract::access_groups::{AccessGroupView, ListAccessGroups};
use domain::access::{Role, Visibility};
use domain::ids::AccessGroupId;
use leptos::prelude::*;

use crate::api::{Client, Link};
use crate::components::problem::problem_card;
use crate::model::settings::sign_in::visibility_label;
use crate::state::remote::Remote;

/// The access groups there are, read once for the dialogs of a page.
#[derive(Clone, Copy)]
pub(crate) struct Groups {
    client: Client,
    known: Remote<Vec<AccessGroupView>>,
}

impl Groups {
    /// Reads them.
    pub(crate) fn read(client: Client) -> Self {
        let groups = Self { client, known: Remote::nothing() };
        groups.read_anew();
        groups
    }

    fn read_anew(self) {
        let client = self.client;
        self.known.read(async move { client.get(Link::<ListAccessGroups>::here()).await });
    }

    /// What somebody sees, in words.
    pub(crate) fn label(self, scope: &Visibility) -> String {
        self.known.value.with(|known| visibility_label(scope, known.as_deref().unwrap_or_default()))
    }
}

/// What somebody of a role sees: everything, or the companies of some access groups. An administrator sees everything, so nothing is
/// asked about one. `name` is unique on the page.
pub(crate) fn visibility_choice(name: &'static str, groups: Groups, role: RwSignal<Role>, scope: RwSignal<Visibility>) -> AnyView {
    Effect::new(move |_| {
        if role.get() == Role::Admin && !scope.with_untracked(Visibility::is_everything) {
            scope.set(Visibility::Everything);
        }
    });
    let body = move || {
        if role.get() == Role::Admin {
            return view! { <p class="faint">"An administrator sees every company."</p> }.into_any();
        }
        match (groups.known.value.get(), groups.known.problem.get()) {
            (_, Some(problem)) => problem_card(&problem, Some(Callback::new(move |()| groups.read_anew()))),
            (None, None) => view! { <p class="faint" role="status">"Reading the access groups…"</p> }.into_any(),
            (Some(known), None) if known.is_empty() => view! {
                <p class="faint">"Every company. To show somebody a part of them, " <a href="/settings/groups">"make an access group"</a> " first."</p>
            }
            .into_any(),
            (Some(known), None) => options(name, known, scope),
        }
    };
    view! { <fieldset class="options"><legend>"What they see"</legend>{body}</fieldset> }.into_any()
}

fn options(name: &'static str, known: Vec<AccessGroupView>, scope: RwSignal<Visibility>) -> AnyView {
    // Only this is followed: a box that is ticked stays where it is.
    let everything = Memo::new(move |_| scope.with(Visibility::is_everything));
    let (all, some) = (format!("{name}-all"), format!("{name}-some"));
    let boxes = move || (!everything.get()).then(|| group_boxes(name, known.clone(), scope));
    view! {
        <div class="option">
            <input type="radio" id=all.clone() name=name prop:checked=everything on:change=move |_| scope.set(Visibility::Everything)/>
            <label for=all>"Every company"</label>
        </div>
        <div class="option">
            <input type="radio" id=some.clone() name=name prop:checked=move || !everything.get()
                on:change=move |_| scope.set(Visibility::Groups { groups: Vec::new() })/>
            <label for=some>"Only the companies of"</label>
        </div>
        {boxes}
    }
    .into_any()
}

fn group_boxes(name: &'static str, known: Vec<AccessGroupView>, scope: RwSignal<Visibility>) -> AnyView {
    let one = |(place, group): (usize, AccessGroupView)| {
        let (id, group_id) = (format!("{name}-{place}"), group.id.clone());
        let is_in = move || has(&scope.get(), &group_id);
        let turn = move |_| scope.update(|scope| turn(scope, &group.id));
        view! {
            <div class="option">
                <input type="checkbox" id=id.clone() prop:checked=is_in on:change=turn/>
                <label for=id>{group.name}</label>
            </div>
        }
    };
    let boxes = known.into_iter().enumerate().map(one).collect_view();
    view! { <div role="group" aria-label="Access groups" class="choice-options">{boxes}</div> }.into_any()
}

fn has(scope: &Visibility, group: &AccessGroupId) -> bool {
    matches!(scope, Visibility::Groups { groups } if groups.contains(group))
}

fn turn(scope: &mut Visibility, group: &AccessGroupId) {
    match scope {
        Visibility::Groups { groups } if groups.contains(group) => groups.retain(|known| known != group),
        Visibility::Groups { groups } => groups.push(group.clone()),
        Visibility::Everything => *scope = Visibility::Groups { groups: vec![group.clone()] },
    }
}

/// Whether nothing was chosen to be seen yet.
pub(crate) fn sees_nothing(scope: RwSignal<Visibility>) -> Signal<bool> {
    Signal::derive(move || scope.with(|scope| matches!(scope, Visibility::Groups { groups } if groups.is_empty())))
}
