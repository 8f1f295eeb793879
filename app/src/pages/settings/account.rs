//! One's own passkeys and sessions.

use contract::session::{EndSession, ListPasskeys, ListSessions, PasskeyView, RemovePasskey, Session, SessionView};
use domain::access::Action;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::SettingsNav;
use crate::api::{Client, Link};
use crate::components::badge::badge;
use crate::components::button::WriteButton;
use crate::components::form::field::TextField;
use crate::components::list::{Empty, list_states};
use crate::components::page_head::PageHead;
use crate::components::shell::sign_out;
use crate::components::time::{Age, moment};
use crate::model::billing::lines::Tone;
use crate::model::settings::sign_in::{is_name, role_label, role_name};
use crate::state::notices::Notices;
use crate::state::paged::Paged;
use crate::state::sending::Sending;

/// One's own passkeys and sessions.
#[component]
pub(crate) fn AccountPage() -> impl IntoView {
    let (client, session) = (expect_context::<Client>(), expect_context::<Session>());
    let passkeys: Paged<Vec<PasskeyView>> = Paged::follow(client, Link::<ListPasskeys>::here);
    let sessions: Paged<Vec<SessionView>> = Paged::follow(client, Link::<ListSessions>::here);
    let sees = match &session.groups {
        None => "You see every company.".to_owned(),
        Some(groups) => format!("You see the companies of {}.", groups.join(", ")),
    };
    let lead = format!("{}: {}. {} {sees}", session.name, role_name(session.role).to_lowercase(), role_label(session.role));
    let leave = sign_out();
    view! {
        <PageHead title="Your account" lead=lead>
            <button type="button" class="button" on:click=move |_| leave.run(())>"Sign out"</button>
        </PageHead>
        <SettingsNav/>
        <section aria-labelledby="passkeys-title">
            <h2 id="passkeys-title" class="section">"Passkeys"</h2>
            {list_states(passkeys, || Empty::because("You have no passkey.", "Add one, so that you can come in again."), move || view! {
                <table class="plain stack" aria-label="Your passkeys">
                    <thead>
                        <tr><th scope="col">"Name"</th><th scope="col">"Made"</th><th scope="col">"Last used"</th><th scope="col"><span class="hidden">"Give up"</span></th></tr>
                    </thead>
                    <tbody>{passkeys.each(move |_, view| passkey_row(passkeys, &view.get_untracked()))}</tbody>
                </table>
            }.into_any())}
            {new_passkey(passkeys)}
        </section>
        <section aria-labelledby="sessions-title">
            <h2 id="sessions-title" class="section">"Sessions"</h2>
            {list_states(sessions, || Empty::because("You have no session.", "This page was read with an API token."), move || view! {
                <table class="plain stack" aria-label="Your sessions">
                    <thead>
                        <tr><th scope="col">"Where"</th><th scope="col">"Began"</th><th scope="col">"Last used"</th><th scope="col"><span class="hidden">"End"</span></th></tr>
                    </thead>
                    <tbody>{sessions.each(move |_, view| session_row(sessions, &view.get_untracked()))}</tbody>
                </table>
            }.into_any())}
        </section>
    }
    .into_any()
}

fn last_used(at: Option<domain::Timestamp>) -> AnyView {
    at.map_or_else(|| "never".into_any(), |at| view! { <Age at=at/> }.into_any())
}

fn passkey_row(list: Paged<Vec<PasskeyView>>, passkey: &PasskeyView) -> AnyView {
    let (client, notices) = (expect_context::<Client>(), expect_context::<Notices>());
    let (id, name) = (passkey.id.clone(), passkey.label.clone());
    let label = format!("Give up for good: {name}");
    let is_last = Signal::derive(move || list.rows.with(Vec::len) == 1);
    let give_up = move |()| {
        let (id, name) = (id.clone(), name.clone());
        spawn_local(async move {
            match client.call(RemovePasskey, &id, &()).await {
                Ok(()) => {
                    list.take_out(&[id]);
                    notices.say(format!("{name} does not let you in any more. Delete it on the device too."));
                }
                Err(problem) => notices.trouble(&problem),
            }
            list.refresh();
        });
    };
    view! {
        <tr>
            <td class="strong">{passkey.label.clone()}</td>
            <td data-label="Made">{moment(passkey.created_at)}</td>
            <td data-label="Last used">{last_used(passkey.used_at)}</td>
            <td class="row-end">
                <WriteButton does=Action::OwnPasskeys look="small" label=label disabled=is_last on_press=give_up>"Give up for good"</WriteButton>
                {move || is_last.get().then(|| view! { <p class="faint">"Your last one: add another first."</p> })}
            </td>
        </tr>
    }
    .into_any()
}

fn new_passkey(list: Paged<Vec<PasskeyView>>) -> AnyView {
    let (client, notices) = (expect_context::<Client>(), expect_context::<Notices>());
    let (name, sending) = (RwSignal::new(String::new()), Sending::idle());
    let no_name = Signal::derive(move || !name.with(|name| is_name(name)));
    let add = move || {
        if no_name.get_untracked() {
            return;
        }
        let request = async move {
            let passkey = client.add_passkey(name.get_untracked().trim()).await?;
            notices.say(format!("{} lets you in from now on.", passkey.label));
            name.try_set(String::new());
            list.refresh();
            Ok(())
        };
        sending.send_or(request, notices.telling());
    };
    view! {
        <form class="inline-form" on:submit=move |event| { event.prevent_default(); add(); }>
            <TextField id="passkey-name" label="Another passkey" hint="Where it is kept. With two, losing one locks nobody out."
                placeholder="Security key" value=name on_type=move |typed| name.set(typed)/>
            <WriteButton does=Action::OwnPasskeys look="primary" busy=sending.busy disabled=no_name on_press=move |()| add()>"Add a passkey"</WriteButton>
        </form>
    }
    .into_any()
}

fn session_row(list: Paged<Vec<SessionView>>, session: &SessionView) -> AnyView {
    let (client, notices) = (expect_context::<Client>(), expect_context::<Notices>());
    let (id, place) = (session.id.clone(), session.place.clone());
    let label = format!("End the session in {place}");
    let end = move |()| {
        let (id, place) = (id.clone(), place.clone());
        spawn_local(async move {
            match client.call(EndSession, &id, &()).await {
                Ok(()) => {
                    list.take_out(&[id]);
                    notices.say(format!("The session in {place} has ended."));
                }
                Err(problem) => notices.trouble(&problem),
            }
            list.refresh();
        });
    };
    let way_out = if session.this {
        badge(Tone::Good, "This one")
    } else {
        view! { <WriteButton does=Action::OwnSession look="small" label=label on_press=end>"End"</WriteButton> }.into_any()
    };
    view! {
        <tr>
            <td class="strong">{session.place.clone()}</td>
            <td data-label="Began">{moment(session.created_at)}</td>
            <td data-label="Last used">{last_used(session.used_at)}</td>
            <td class="row-end">{way_out}</td>
        </tr>
    }
    .into_any()
}
