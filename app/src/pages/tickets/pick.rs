//! Choices of consoles, groups and ConnectWise connections for the forms about tickets.

use contract::Page;
use contract::connections::{ConnectionView, ListConnections};
use contract::groups::{ConsoleGroups, ListGroups};
use contract::psa::{LookUpPsaCompanies, LookupQuery, PsaCompanyView};
use contract::tickets::{ContactsQuery, LookUpContacts};
use domain::connections::ConnectionKind;
use domain::ids::PsaCompanyId;
use domain::tickets::Named;
use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use super::fields::{Draft, select};
use crate::api::{Client, Link, asked};
use crate::components::filter::Filter;
use crate::components::list::{Empty, list_states};
use crate::model::tickets::desk::{Choosable, offered};
use crate::model::tickets::group_tree::GroupTree;
use crate::pages::{Loaded, opened};
use crate::state::paged::Paged;
use crate::state::remote::Remote;

/// The most groups that are offered at once: the filter finds the others.
const MOST_GROUPS: usize = 200;

/// The connections, as the forms about tickets need them.
#[derive(Clone, Copy)]
pub(super) struct Places {
    /// Every connection.
    pub(super) connections: Remote<Vec<ConnectionView>>,
    /// Device groups of each console.
    pub(super) groups: Remote<Vec<ConsoleGroups>>,
}

impl Places {
    /// Reads them.
    pub(super) fn read(client: Client) -> Self {
        let places = Self { connections: Remote::nothing(), groups: Remote::nothing() };
        places.read_again(client);
        places
    }

    /// Reads them again.
    pub(super) fn read_again(self, client: Client) {
        self.connections.read(async move { client.get(Link::<ListConnections>::here()).await });
        self.groups.read(async move { client.get(Link::<ListGroups>::here()).await });
    }

    /// Connections to consoles, or to ConnectWise.
    pub(super) fn of(self, wanted: fn(ConnectionKind) -> bool) -> Vec<Choosable> {
        let chosen = |view: &&ConnectionView| wanted(view.kind);
        let named = |view: &ConnectionView| (view.id.0.clone(), view.name.clone());
        self.connections.value.with(|known| known.iter().flatten().filter(chosen).map(named).collect())
    }

    /// The name of a connection.
    pub(super) fn name(self, id: &str) -> Option<String> {
        self.with(id, |view| view.name.clone())
    }

    /// Something about a connection; none when it is deleted, or not read yet.
    pub(super) fn with<T>(self, id: &str, about: impl FnOnce(&ConnectionView) -> T) -> Option<T> {
        self.connections.value.with(|known| known.iter().flatten().find(|view| view.id.as_str() == id).map(about))
    }

    /// The tree of each console, by its connection.
    pub(super) fn trees(self) -> Memo<Vec<(String, GroupTree)>> {
        let tree = |console: &ConsoleGroups| (console.connection.0.clone(), GroupTree::of(console));
        Memo::new(move |_| self.groups.value.with(|known| known.iter().flatten().map(tree).collect()))
    }
}

/// The way to a group: "All › Acme › Servers".
pub(super) fn path(trees: &[(String, GroupTree)], connection: &str, group: &str) -> Option<String> {
    let (_, tree) = trees.iter().find(|(known, _)| known == connection)?;
    Some(tree.path(group)).filter(|path| !path.is_empty())
}

/// A choice of the groups of the console that is chosen in the field `connection`, with a filter above.
pub(super) fn group(
    draft: Draft,
    trees: Memo<Vec<(String, GroupTree)>>,
    connection: &'static str,
    field: &'static str,
    on_choose: Callback<String>,
) -> AnyView {
    let (text, console) = (RwSignal::new(String::new()), draft.watch(connection));
    let found = Memo::new(move |_| {
        trees.with(|trees| {
            let tree = trees.iter().find(|(known, _)| console.with(|console| known == console.trim()))?;
            let tree = &tree.1;
            let (groups, more) = tree.search(&text.get(), MOST_GROUPS);
            let kind = |dynamic: bool| if dynamic { " (dynamic)" } else { "" };
            let named = |id: &str, dynamic: bool| (id.to_owned(), format!("{}{}", tree.path(id), kind(dynamic)));
            let mut list: Vec<Choosable> = groups.iter().map(|group| named(group.group.as_str(), group.dynamic)).collect();
            // What is chosen stays in the list, whatever is looked for.
            let chosen = untrack(|| draft.value(field));
            if let Some(group) = tree.get(chosen.trim()).filter(|group| !list.iter().any(|(id, _)| id == group.group.as_str())) {
                list.push(named(group.group.as_str(), group.dynamic));
            }
            Some((list, more))
        })
    });
    let hint = move || match found.get() {
        _ if console.with(String::is_empty) => "Choose a console first.".to_owned(),
        None => "The groups of this console are not read yet.".to_owned(),
        Some((list, _)) if list.is_empty() => {
            "No group fits. A dynamic one is made in ESET, then shown here after the next sync.".to_owned()
        }
        Some((_, true)) => format!("The first {MOST_GROUPS} are listed: the filter finds the others."),
        Some((_, false)) => "Dynamic groups hold devices as long as they meet a condition.".to_owned(),
    };
    let options = move || found.get().map(|(list, _)| list).unwrap_or_default();
    view! {
        <div class="picker">
            <Filter id="group-filter" label="Find a group or company" text=text on_apply=move |typed| text.set(typed)/>
            {select(draft, field, "Group", hint, "Choose a group", options, on_choose)}
        </div>
    }
    .into_any()
}

/// The company of devices whose own is not mapped: what is chosen, and a search for another one.
pub(super) fn company(client: Client, draft: Draft, on_choose: Callback<String>) -> AnyView {
    const FIELD: &str = "target.catch_all";
    let (psa, chosen, wrong) = (draft.watch("target.psa"), draft.watch(FIELD), draft.wrong(FIELD));
    let (searching, text) = (RwSignal::new(false), RwSignal::new(String::new()));
    let known: Remote<Page<PsaCompanyView>> = Remote::nothing();
    Effect::new(move |_| {
        let (psa, company) = (psa.get(), chosen.get());
        if !psa.is_empty() && !company.is_empty() {
            // Text that is no number is no company's id: it finds none.
            let company = company.trim().parse().unwrap_or(PsaCompanyId(0));
            let query = LookupQuery { psa: asked(psa.trim()), company: Some(company), ..LookupQuery::default() };
            known.read(async move { client.get(Link::<LookUpPsaCompanies>::of(&query)).await });
        }
    });
    let name = move || {
        let company = chosen.get();
        let named = known.value.with(|page| {
            let mut items = page.iter().flat_map(|page| &page.items);
            items.find(|view| view.company.to_string() == company).map(|view| view.name.clone())
        });
        match named {
            _ if company.is_empty() => "No company is chosen yet.".to_owned(),
            Some(name) => name,
            None => format!("Company {company}"),
        }
    };
    let pick = Callback::new(move |id: String| {
        searching.set(false);
        on_choose.run(id);
    });
    let search = move || (searching.get() && !psa.with(String::is_empty)).then(|| opened(company_part(client, psa, text, pick)));
    view! {
        <div class="field" class:wrong=move || wrong.with(Option::is_some) role="group" aria-label="Company of devices whose own is not mapped">
            <span class="strong">"Company of devices whose own is not mapped"</span>
            <p class="chosen">
                <span>{name}</span> " "
                <button type="button" class="button small" id=FIELD disabled=move || psa.with(String::is_empty)
                    aria-expanded=move || searching.get().to_string() on:click=move |_| searching.update(|on| *on = !*on)>
                    {move || if chosen.with(String::is_empty) { "Choose a company" } else { "Choose another company" }}
                </button>
            </p>
            <p class="field-note">{move || wrong.get().unwrap_or_else(|| "Other tickets go to the company their device is billed to. None goes nowhere.".to_owned())}</p>
            {search}
        </div>
    }
    .into_any()
}

/// A person at the company of devices whose own is not mapped, with a filter above: nobody unless one is chosen.
pub(super) fn contact(client: Client, draft: Draft, on_choose: Callback<String>) -> AnyView {
    const FIELD: &str = "target.contact";
    let (psa, company, chosen) = (draft.watch("target.psa"), draft.watch("target.catch_all"), draft.watch(FIELD));
    let text = RwSignal::new(String::new());
    let (found, known): (Remote<Vec<Named>>, Remote<Vec<Named>>) = (Remote::nothing(), Remote::nothing());
    let contacts = move || {
        let (psa, company) = (psa.get(), company.get());
        (!psa.is_empty() && !company.is_empty()).then(|| Link::<LookUpContacts>::at(&(psa.trim().into(), company.trim().to_owned())))
    };
    let read = move |list: Remote<Vec<Named>>, link: Link<LookUpContacts>| list.read(async move { client.get(link).await });
    Effect::new(move |_| match contacts() {
        Some(contacts) => read(found, contacts.with(&ContactsQuery { q: asked(&text.get()), contact: None })),
        None => found.value.set(None),
    });
    // Who was chosen before may not be among the first, or not be active any more.
    Effect::new(move |_| {
        let contact = chosen.get().trim().parse().ok();
        if let Some(contacts) = contacts().filter(|_| contact.is_some()) {
            read(known, contacts.with(&ContactsQuery { q: None, contact }));
        }
    });
    let options = move || {
        let mut list = found.value.with(|found| found.as_deref().map(offered)).unwrap_or_default();
        let before = known.value.with(|known| known.as_deref().map(offered)).unwrap_or_default();
        let chosen = chosen.get();
        list.extend(before.into_iter().find(|(id, _)| *id == chosen).filter(|one| !list.contains(one)));
        list
    };
    let hint = move || match (company.with(String::is_empty), found.problem.get(), found.value.with(|found| found.as_ref().map(Vec::len))) {
        (true, ..) => "Choose the company first.".to_owned(),
        (_, Some(problem), _) => format!("{} {}", problem.title, problem.remedy),
        (_, _, Some(0)) => "The company has no contact that fits.".to_owned(),
        _ => "Named in tickets of this company, and in no others.".to_owned(),
    };
    view! {
        <div class="picker">
            <Filter id="contact-filter" label="Find a contact" text=text on_apply=move |typed| text.set(typed)/>
            {select(draft, FIELD, "Contact", hint, "Nobody", options, on_choose)}
        </div>
    }
    .into_any()
}

#[wasm_split(opened_psa_company, fallible)]
fn company_part(client: Client, psa: Memo<String>, text: RwSignal<String>, pick: Callback<String>) -> Loaded {
    Ok(company_search(client, psa, text, pick))
}

fn company_search(client: Client, psa: Memo<String>, text: RwSignal<String>, pick: Callback<String>) -> AnyView {
    let found: Paged<Page<PsaCompanyView>> = Paged::follow(client, move || {
        Link::<LookUpPsaCompanies>::of(&LookupQuery { psa: asked(psa.get().trim()), q: asked(&text.get()), ..LookupQuery::default() })
    });
    let row = move |view: PsaCompanyView| {
        let (id, label) = (view.company.to_string(), format!("Choose {}", view.name));
        view! {
            <li class="offer">
                <p><span class="strong">{view.name}</span> " " <code>{view.identifier}</code></p>
                <button type="button" class="button small" aria-label=label on:click=move |_| pick.run(id.clone())>"Choose"</button>
            </li>
        }
        .into_any()
    };
    let rows = move || {
        view! { <ul class="picks" aria-label="ConnectWise companies">{found.each(move |_, view| row(view.get_untracked()))}</ul> }
            .into_any()
    };
    let empty = || Empty::because("No ConnectWise company fits.", "Try fewer letters. Companies in the recycle bin are left out.");
    view! {
        <Filter id="company-filter" label="Find a ConnectWise company" text=text on_apply=move |typed| text.set(typed)/>
        <div class="scroll" tabindex="0" role="group" aria-label="What was found">{list_states(found, empty, rows)}</div>
    }
    .into_any()
}
