//! The sign-in page: one button, and what to do without a passkey.

use contract::Problem;
use contract::session::{BeginOpenId, ListSignInWays, SignInWays, StartOpenId};
use leptos::prelude::*;

use crate::api::Link;
use crate::components::button::submit_button;
use crate::components::problem::{problem_card, refusal};
use crate::model::settings::sign_in::Hindrance;
use crate::passkeys::hindrance;
use crate::state::remote::Remote;
use crate::state::sending::{After, Sending};
use crate::state::signed::{SignInState, leave_for};

/// What somebody sees who is not signed in: one button, and what to do without a passkey.
#[component]
pub(crate) fn SignInPage(
    /// Whether a session has ended under the person's hands.
    ended: bool,
) -> impl IntoView {
    document().set_title("Sign in · Seatbridge");
    view! {
        <main class="alone">
            <img src="/icons/logo.svg" alt="" width="40" height="40"/>
            <h1>"Sign in to Seatbridge"</h1>
            {ended.then(|| view! { <p role="status">"Your session has ended. Sign in again to go on where you were."</p> })}
            {hindrance().map_or_else(way_in, |why| hindered(&why))}
            {by_provider()}
            <h2>"Without a passkey"</h2>
            <p class="faint">
                "You are new, or your passkey is lost: ask an administrator of this install for a one-time link. If no administrator can come in, deploying again makes a new set-up link."
            </p>
        </main>
    }
    .into_any()
}

fn way_in() -> AnyView {
    let sign_in = expect_context::<SignInState>();
    let sending = Sending::idle();
    let sign_in = move || {
        sending.send(async move {
            sign_in.let_in(sign_in.visitor.sign_in().await?).await;
            Ok(After::Left)
        });
    };
    view! {
        <p>"A passkey is your fingerprint, face or PIN, checked by this device. There is no password."</p>
        {refusal(sending)}
        <form class="actions" on:submit=move |event| { event.prevent_default(); sign_in(); }>
            {submit_button(sending.busy, "Sign in with a passkey", "Your browser asks for it…")}
        </form>
    }
    .into_any()
}

/// The way in by the identity provider, when there is one.
fn by_provider() -> AnyView {
    let sign_in = expect_context::<SignInState>();
    let ways: Remote<SignInWays> = Remote::nothing();
    ways.read(async move { sign_in.visitor.get(Link::<ListSignInWays>::here()).await });
    let sending = Sending::idle();
    let leave = move || {
        sending.send(async move {
            leave_for(&sign_in.visitor.call(StartOpenId, &BeginOpenId { again: false }).await?.url);
            Ok(After::Left)
        });
    };
    let again = Callback::new(move |()| ways.read(async move { sign_in.visitor.get(Link::<ListSignInWays>::here()).await }));
    view! {
        {refusal(sending)}
        {move || ways.problem.get().map(|problem| problem_card(&problem, Some(again)))}
        {move || ways.value.get().and_then(|ways| ways.provider).map(|name| view! {
            <div class="actions">
                <button type="button" class="button" class:busy=sending.busy disabled=sending.busy on:click=move |_| leave()>"Sign in with " {name}</button>
            </div>
        })}
    }
    .into_any()
}

/// What is said where no passkey can be used.
pub(super) fn hindered(why: &Hindrance) -> AnyView {
    let (title, detail, remedy) = match why {
        Hindrance::Address(_) => (
            "Passkeys do not work at an IP address.",
            "They belong to a name, and this page is at a number.",
            "Open Seatbridge by its name.",
        ),
        Hindrance::Browser => (
            "This browser is too old for passkeys, or the connection is not secure.",
            "Passkeys need both to be otherwise.",
            "Use a current Chrome, Edge, Firefox or Safari, with https.",
        ),
    };
    let elsewhere = match why {
        Hindrance::Address(Some(local)) => Some(local.clone()),
        _ => None,
    };
    view! {
        {problem_card(&Problem::new(0, "no_passkeys", title, detail, remedy), None)}
        {elsewhere.map(|address| {
            let words = format!("Open {address}");
            view! { <div class="actions"><a class="button primary" href=address rel="external">{words}</a></div> }
        })}
    }
    .into_any()
}
