//! The routes, and who gets to see them.

use contract::session::Session;
use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;

use crate::api::Client;
use crate::components::problem::problem_card;
use crate::components::shell::Shell;
use crate::pages::entrance::{Entrance, entrance_page};
use crate::pages::{Pages, preload};
use crate::state::appearance::Appearance;
use crate::state::connectivity::Connectivity;
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::state::signed::{SignInState, Signed};

/// The whole screen.
#[component]
pub(crate) fn App() -> impl IntoView {
    let reach = Connectivity::follow();
    let sign_in = SignInState::closed(reach);
    let signed = sign_in.signed;
    provide_context(reach);
    provide_context(Appearance::remembered());
    provide_context(Notices::none());
    provide_context(sign_in);
    sign_in.find_out();
    preload(&location().pathname().unwrap_or_default());
    // The skeleton in index.html stays until it is known what takes its place.
    Effect::new(move |_| {
        let skeleton = document().get_element_by_id("skeleton").filter(|_| !signed.with(|signed| matches!(signed, Signed::Asking)));
        if let Some(skeleton) = skeleton {
            skeleton.remove();
        }
    });
    move || match signed.get() {
        Signed::Asking => ().into_any(),
        Signed::Out { ended } => entrance_page(Entrance::SignIn { ended }),
        Signed::Invited(token) => entrance_page(Entrance::Welcome(token)),
        Signed::Abroad(abroad) => entrance_page(Entrance::Abroad(abroad)),
        Signed::Unknown(problem) => {
            let again = Callback::new(move |()| {
                signed.set(Signed::Asking);
                sign_in.find_out();
            });
            view! { <main class="alone">{problem_card(&problem, Some(again))}</main> }.into_any()
        }
        Signed::In(session, client) => view! { <Inside session=session client=client/> }.into_any(),
    }
}

/// What a signed-in person sees.
#[component]
fn Inside(session: Session, client: Client) -> impl IntoView {
    provide_context(session);
    provide_context(client);
    provide_context(Live::follow(client));
    view! {
        <Router>
            <Shell>
                <FlatRoutes fallback=|| ()>
                    <Route path=path!("/*any") view=Pages/>
                </FlatRoutes>
            </Shell>
        </Router>
    }
    .into_any()
}
