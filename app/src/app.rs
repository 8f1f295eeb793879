//! The routes, and who gets to see them.

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::hooks::use_location;
use leptos_router::path;
use shared::api::session::Session;

use crate::api::Client;
use crate::components::problem::problem_card;
use crate::components::shell::Shell;
use crate::model::place::{Place, place};
use crate::pages::books::{BookPage, MonthsPage, ReconciliationPage};
use crate::pages::companies::CompaniesPage;
use crate::pages::drift::DriftPage;
use crate::pages::history::HistoryPage;
use crate::pages::month::MonthPage;
use crate::pages::not_found::NotFoundPage;
use crate::pages::overview::OverviewPage;
use crate::pages::products::ProductsPage;
use crate::pages::settings::{AboutPage, AccessPage, ChangeConnectionPage, ConnectionsPage, LimitsPage, NewConnectionPage};
use crate::pages::sign_in::SignInPage;
use crate::state::appearance::Appearance;
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::state::reach::Reach;
use crate::state::signed::{Signed, find_out};

/// The whole screen.
#[component]
pub(crate) fn App() -> impl IntoView {
    let reach = Reach::follow();
    let signed = RwSignal::new(Signed::Asking);
    provide_context(reach);
    provide_context(Appearance::remembered());
    provide_context(Notices::none());
    provide_context(signed);
    find_out(signed, reach);
    // The skeleton in index.html stays until it is known what takes its place.
    Effect::new(move |_| {
        let skeleton = document().get_element_by_id("skeleton").filter(|_| !signed.with(|signed| matches!(signed, Signed::Asking)));
        if let Some(skeleton) = skeleton {
            skeleton.remove();
        }
    });
    move || match signed.get() {
        Signed::Asking => ().into_any(),
        Signed::Out(problem) => view! { <SignInPage problem=problem/> }.into_any(),
        Signed::Unknown(problem) => {
            let again = Callback::new(move |()| {
                signed.set(Signed::Asking);
                find_out(signed, reach);
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

/// The page at the address. One match instead of a route for each: the router's own table would be a tenth of the app.
#[component]
fn Pages() -> impl IntoView {
    let path = use_location().pathname;
    let here = Memo::new(move |_| path.with(|path| place(path)));
    move || match here.get() {
        Place::Overview => view! { <OverviewPage/> }.into_any(),
        Place::Companies => view! { <CompaniesPage/> }.into_any(),
        Place::Products => view! { <ProductsPage/> }.into_any(),
        Place::Month => view! { <MonthPage/> }.into_any(),
        Place::Drift => view! { <DriftPage/> }.into_any(),
        Place::Months => view! { <MonthsPage/> }.into_any(),
        Place::Books(period) => view! { <BookPage period=period/> }.into_any(),
        Place::Reconciliation => view! { <ReconciliationPage/> }.into_any(),
        Place::History => view! { <HistoryPage/> }.into_any(),
        Place::Connections => view! { <ConnectionsPage/> }.into_any(),
        Place::NewConnection => view! { <NewConnectionPage/> }.into_any(),
        Place::Connection(id) => view! { <ChangeConnectionPage id=id/> }.into_any(),
        Place::Limits => view! { <LimitsPage/> }.into_any(),
        Place::Access => view! { <AccessPage/> }.into_any(),
        Place::About => view! { <AboutPage/> }.into_any(),
        Place::Nowhere => view! { <NotFoundPage/> }.into_any(),
    }
}
