//! Every company with its access group; many are put into one at once.

use contract::Page;
use contract::access_groups::{AccessGroupView, AssignCompanies, GroupCompanies};
use contract::companies::{CompaniesQuery, CompanyFilter, CompanyView, ListCompanies};
use domain::access::Action;
use domain::billing::Member;
use domain::ids::AccessGroupId;
use leptos::prelude::*;

use super::GroupsState;
use crate::api::{Link, asked};
use crate::components::button::WriteButton;
use crate::components::filter::Filter;
use crate::components::list::{Empty, list_states};
use crate::state::live::Live;
use crate::state::paged::Paged;
use crate::state::sending::Sending;
use crate::words::count;

/// What the Worker takes at once.
const MOST: usize = 500;

/// Every company with its group; many of them are put into one at once.
#[component]
pub(super) fn Companies(state: GroupsState) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let (chosen, target) = (RwSignal::new(Vec::<Member>::new()), RwSignal::new(String::new()));
    let list: Paged<Page<CompanyView>> = Paged::follow(state.client, move || {
        state.moves.track();
        Link::<ListCompanies>::of(&CompaniesQuery { state: CompanyFilter::All, q: asked(&text.get()), ..CompaniesQuery::default() })
    });
    list.follow_beat(expect_context::<Live>());
    let empty = move || {
        if text.with(String::is_empty) {
            Empty::because("ESET shows no company yet.", "Connect ESET and sync.").next("/settings/connections", "Open connections")
        } else {
            Empty::because("No company is called like that.", "Clear the filter to see all of them.")
        }
    };
    let some_group = move || state.list.total.get() > 0;
    view! {
        {move || some_group().then(|| view! {
            <section aria-labelledby="group-companies">
                <h2 id="group-companies" class="section">"Companies"</h2>
                <p class="faint">"A company that was put into no group is in that of the company above it in ESET. One in no group at all is seen by those who see everything."</p>
                <div class="toolbar">
                    {bar(state, chosen, target)}
                    <Filter label="Filter by company" text=text on_apply=move |typed| text.set(typed)/>
                </div>
                {list_states(list, empty, move || view! {
                    <table class="plain stack" aria-label="Companies and their groups">
                        <thead>
                            <tr><th scope="col"><span class="hidden">"Choose"</span></th><th scope="col">"Company"</th><th scope="col">"Access group"</th></tr>
                        </thead>
                        <tbody>{list.each(move |key, view| company_row(&key, view, chosen))}</tbody>
                    </table>
                }.into_any())}
            </section>
        })}
    }
    .into_any()
}

/// Where the chosen companies go.
fn bar(state: GroupsState, chosen: RwSignal<Vec<Member>>, target: RwSignal<String>) -> AnyView {
    let sending = Sending::idle();
    let groups = Memo::new(move |_| state.list.items());
    let options = move || {
        let option = |group: AccessGroupView| {
            let id = group.id.0.clone();
            view! { <option value=group.id.0 prop:selected=move || target.with(|target| *target == id)>{group.name}</option> }
        };
        groups.get().into_iter().map(option).collect_view()
    };
    let number = Memo::new(move |_| chosen.with(Vec::len));
    let words = move || {
        let companies = count(number.get() as u64, "company", "companies");
        let group =
            groups.with(|groups| groups.iter().find(|group| target.with(|target| group.id.0 == *target)).map(|group| group.name.clone()));
        match group {
            Some(group) => format!("Put {companies} into {group}"),
            None => format!("Take {companies} out"),
        }
    };
    let off = Signal::derive(move || number.get() == 0 || number.get() > MOST);
    let put = move |()| {
        let group = Some(target.get_untracked()).filter(|id| !id.is_empty()).map(AccessGroupId);
        let assigned = AssignCompanies { companies: chosen.get_untracked(), group };
        let request = async move {
            state.client.call(GroupCompanies, &(), &assigned).await?;
            chosen.try_set(Vec::new());
            state.notices.say("Who sees them has changed, at once.");
            state.moved();
            Ok(())
        };
        sending.send_or(request, state.notices.telling());
    };
    view! {
        <div class="field">
            <select aria-label="Group to put companies into" on:change=move |event| target.set(event_target_value(&event))>
                <option value="" prop:selected=move || target.with(String::is_empty)>"No group of their own"</option>
                {options}
            </select>
        </div>
        <WriteButton does=Action::ManagePeople look="primary" busy=sending.busy disabled=off on_press=put>{words}</WriteButton>
    }
    .into_any()
}

fn company_row(key: &str, view: RwSignal<CompanyView>, chosen: RwSignal<Vec<Member>>) -> AnyView {
    let member = view.with_untracked(|company| Member { connection: company.connection.clone(), company: company.company.clone() });
    let id = format!("choose-{}", key.replace('/', "-"));
    let is_chosen = {
        let member = member.clone();
        move || chosen.with(|chosen| chosen.contains(&member))
    };
    let turn = move |_| {
        chosen
            .update(|chosen| if chosen.contains(&member) { chosen.retain(|known| *known != member) } else { chosen.push(member.clone()) });
    };
    let group = move || {
        view.with(|company| match &company.access {
            None => view! { <span class="faint">"none"</span> }.into_any(),
            Some(access) if access.inherited => {
                let above = company.parent.clone().unwrap_or_else(|| "the company above it".to_owned());
                let (name, words) = (access.name.clone(), format!("by {above}"));
                view! { <span class="two"><span>{name}</span><span class="faint">{words}</span></span> }.into_any()
            }
            Some(access) => view! { <span class="strong">{access.name.clone()}</span> }.into_any(),
        })
    };
    view! {
        <tr>
            <td><input type="checkbox" id=id.clone() prop:checked=is_chosen on:change=turn/></td>
            <td data-label="Company"><label for=id>{move || view.with(|company| company.name.clone())}</label></td>
            <td data-label="Access group">{group}</td>
        </tr>
    }
    .into_any()
}
