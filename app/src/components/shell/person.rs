//! The menu of the person who is signed in: theme, account, sign out.

use contract::session::{Session, SignOut};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::Client;
use crate::components::form::choice::choice;
use crate::components::icon::icon;
use crate::model::settings::sign_in::role_name;
use crate::state::appearance::{Appearance, Density, Theme};
use crate::state::notices::Notices;
use crate::state::signed::{SignInState, Signed};

/// Who is signed in, how they like the screen, and the way out.
#[component]
pub(super) fn PersonMenu() -> impl IntoView {
    let session = expect_context::<Session>();
    let appearance = expect_context::<Appearance>();
    let menu: NodeRef<html::Div> = NodeRef::new();
    let leave = sign_out();
    view! {
        <button type="button" class="chip person" popovertarget="person-menu" aria-label=format!("{}: account, appearance and sign out", session.name)>
            {icon("person")} <span>{session.name.clone()}</span>
        </button>
        <div id="person-menu" class="popover" popover="auto" role="group" aria-label="Account, appearance and sign out" node_ref=menu>
            <p><strong>{session.name.clone()}</strong> <span class="faint">{role_name(session.role)}</span></p>
            <a class="button" href="/settings/account" on:click=move |_| put_away(menu)>{icon("person")} "Your account"</a>
            {choice("theme", "Theme", &Theme::ALL, appearance.theme)}
            {choice("density", "Density", &Density::ALL, appearance.density)}
            <button type="button" class="button" on:click=move |_| leave.run(())>{icon("leave")} "Sign out"</button>
        </div>
    }
    .into_any()
}

/// Puts a popover away: a link in it leads to another page, under it.
pub(super) fn put_away(popover: NodeRef<html::Div>) {
    if let Some(popover) = popover.get_untracked() {
        // Only fails for one that is away already.
        let _ = popover.hide_popover();
    }
}

/// What ends the session.
pub(crate) fn sign_out() -> Callback<()> {
    let (client, notices, sign_in) = (expect_context::<Client>(), expect_context::<Notices>(), expect_context::<SignInState>());
    Callback::new(move |()| {
        spawn_local(async move {
            match client.call(SignOut, &(), &()).await {
                Ok(()) => sign_in.signed.set(Signed::Out { ended: false }),
                Err(problem) if problem.status == 401 => {}
                Err(problem) => notices.trouble(&problem),
            }
        });
    })
}
