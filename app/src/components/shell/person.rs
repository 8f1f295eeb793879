use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::session::Session;

use crate::api::Client;
use crate::components::choice::choice;
use crate::components::icon::icon;
use crate::state::appearance::{Appearance, Density, Theme};
use crate::state::notices::Notices;
use crate::state::signed::Signed;

/// Who is signed in, how they like the screen, and the way out.
#[component]
pub(super) fn PersonMenu() -> impl IntoView {
    let session = expect_context::<Session>();
    let appearance = expect_context::<Appearance>();
    let (client, notices, signed) = (expect_context::<Client>(), expect_context::<Notices>(), expect_context::<RwSignal<Signed>>());
    let sign_out = move |_| {
        spawn_local(async move {
            match client.sign_out().await {
                Ok(()) => {
                    signed.set(Signed::Out(None));
                }
                Err(problem) if problem.status == 401 => {}
                Err(problem) => notices.trouble(&problem),
            }
        });
    };
    view! {
        <button type="button" class="chip person" popovertarget="person-menu" aria-label=format!("{}: appearance and sign out", session.name)>
            {icon("person")} <span>{session.name.clone()}</span>
        </button>
        <div id="person-menu" class="popover" popover="auto" role="group" aria-label="Appearance and sign out">
            <p><strong>{session.name.clone()}</strong> <span class="faint">{format!("Seatbridge {}", session.version)}</span></p>
            {choice("theme", "Theme", &Theme::ALL, appearance.theme)}
            {choice("density", "Density", &Density::ALL, appearance.density)}
            <button type="button" class="button" on:click=sign_out>{icon("leave")} "Sign out"</button>
        </div>
    }
    .into_any()
}
