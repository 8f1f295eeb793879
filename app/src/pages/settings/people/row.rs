//! One person, and what can be done about them.

use contract::people::{EndSessionsOf, PersonView};
use domain::access::Action;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::PeopleState;
use crate::components::badge::badge;
use crate::components::button::WriteButton;
use crate::components::time::{Age, moment};
use crate::model::billing::lines::Tone;
use crate::model::settings::sign_in::role_name;

/// One person, and what can be done about them.
pub(super) fn person_row(state: PeopleState, view: RwSignal<PersonView>) -> AnyView {
    let name = view.with_untracked(|person| person.name.clone());
    let by_provider = view.with_untracked(|person| person.by_provider);
    let label = |what: &str| format!("{what}: {name}");
    let (change, renew, end, remove) = (label("Change"), label("New link"), label("End sessions"), label("Remove"));
    let end_all = move |()| end_sessions(state, view.get_untracked());
    let no_session = Signal::derive(move || view.with(|person| person.sessions == 0));
    view! {
        <tr>
            <td>
                <span class="two">
                    <span class="strong">{move || view.with(|person| person.name.clone())}</span>
                    <span class="faint">{move || view.with(|person| format!("{} {}", if person.by_provider { "comes in by" } else { "invited by" }, person.created_by))}</span>
                </span>
            </td>
            <td data-label="Role">{move || view.with(|person| role_name(person.role))}</td>
            <td data-label="Sees">{move || view.with(|person| state.groups.label(&person.scope))}</td>
            <td data-label="Passkeys">{move || view.with(passkeys)}</td>
            <td data-label="Sessions">{move || view.with(|person| person.sessions)}</td>
            <td data-label="Last here">
                {move || view.with(|person| person.seen_at).map_or_else(|| "never".into_any(), |at| view! { <Age at=at/> }.into_any())}
            </td>
            <td class="row-end">
                <div class="actions">
                    <WriteButton does=Action::ManagePeople look="small" label=change
                        on_press=move |()| state.changing.set(Some(view.get_untracked()))>"Change…"</WriteButton>
                    {(!by_provider).then(|| view! {
                        <WriteButton does=Action::ManagePeople look="small" label=renew
                            on_press=move |()| state.renewing.set(Some(view.get_untracked()))>"New link…"</WriteButton>
                    })}
                    <WriteButton does=Action::ManagePeople look="small" label=end disabled=no_session on_press=end_all>"End sessions"</WriteButton>
                    <WriteButton does=Action::ManagePeople look="small quiet" label=remove
                        on_press=move |()| state.removing.set(Some(view.get_untracked()))>"Remove…"</WriteButton>
                </div>
            </td>
        </tr>
    }
    .into_any()
}

/// How many passkeys somebody has, and until when a link for them works.
fn passkeys(person: &PersonView) -> AnyView {
    let invited = person.invited_until.map(|at| view! { <span class="faint">"link until " {moment(at)}</span> });
    let number = match (person.passkeys, person.invited_until) {
        (0, Some(_)) => badge(Tone::Attention, "Invited"),
        (0, None) if person.by_provider => view! { <span class="faint">"By the provider"</span> }.into_any(),
        (0, None) => badge(Tone::Bad, "None"),
        (number, _) => view! { <span>{number}</span> }.into_any(),
    };
    view! { <span class="two">{number}{invited}</span> }.into_any()
}

fn end_sessions(state: PeopleState, person: PersonView) {
    spawn_local(async move {
        match state.client.call(EndSessionsOf, &person.id, &()).await {
            Ok(()) => state.notices.say(format!("{} is signed out everywhere.", person.name)),
            Err(problem) => state.notices.trouble(&problem),
        }
        state.list.refresh();
    });
}
