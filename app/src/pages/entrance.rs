//! The pages of whoever is not signed in: a module of their own, which nobody else loads.

use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use super::sign_in::SignInPage;
use super::signed_in::signed_in_page;
use super::welcome::WelcomePage;
use super::{Loaded, not_loaded};
use crate::components::problem::problem_card;
use crate::model::settings::sign_in::Abroad;

/// How somebody may come in.
#[derive(Clone)]
pub(crate) enum Entrance {
    /// By a passkey; whether a session has ended under the person's hands.
    SignIn { ended: bool },
    /// By a one-time link, with its token.
    Welcome(String),
    /// By the identity provider: on the way there, or back.
    Abroad(Abroad),
}

/// The page of an entrance, fetched when it is first shown.
pub(crate) fn entrance_page(entrance: Entrance) -> AnyView {
    let tries = RwSignal::new(0_u32);
    let again = Callback::new(move |()| tries.update(|tries| *tries += 1));
    let page = move || {
        tries.track();
        let entrance = entrance.clone();
        Suspend::new(async move {
            let loaded = match entrance {
                Entrance::SignIn { ended } => sign_in_page(ended).await,
                Entrance::Welcome(token) => welcome_page(token).await,
                Entrance::Abroad(abroad) => abroad_page(abroad).await,
            };
            loaded.unwrap_or_else(|_| view! { <main class="alone">{problem_card(&not_loaded(), Some(again))}</main> }.into_any())
        })
    };
    page.into_any()
}

#[wasm_split(door, fallible)]
fn sign_in_page(ended: bool) -> Loaded {
    Ok(view! { <SignInPage ended=ended/> }.into_any())
}

#[wasm_split(door, fallible)]
fn welcome_page(token: String) -> Loaded {
    Ok(view! { <WelcomePage token=token/> }.into_any())
}

#[wasm_split(door, fallible)]
fn abroad_page(abroad: Abroad) -> Loaded {
    Ok(view! { <main class="alone">{signed_in_page(abroad)}</main> }.into_any())
}
