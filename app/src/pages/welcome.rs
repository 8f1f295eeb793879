//! Where a one-time link leads: the invitation, and the passkey that is made for it.

use contract::Problem;
use contract::session::{Invitation, OpenInvitation, ShowInvitation};
use domain::access::Role;
use leptos::prelude::*;

use super::sign_in::hindered;
use crate::components::button::submit_button;
use crate::components::form::field::TextField;
use crate::components::list::skeleton;
use crate::components::problem::{problem_card, refusal};
use crate::model::settings::sign_in::{device, is_name, role_label, role_name};
use crate::passkeys::hindrance;
use crate::state::remote::Remote;
use crate::state::sending::{After, Sending};
use crate::state::signed::SignInState;

/// Where a one-time link leads: who is invited and as what, and the passkey that is made to come in by from then on.
#[component]
pub(crate) fn WelcomePage(
    /// The link's token.
    token: String,
) -> impl IntoView {
    document().set_title("Welcome · Seatbridge");
    let sign_in = expect_context::<SignInState>();
    let invitation: Remote<Invitation> = Remote::nothing();
    let token = StoredValue::new(token);
    let open = Callback::new(move |()| {
        invitation.read(async move { sign_in.visitor.call(ShowInvitation, &OpenInvitation { token: token.get_value() }).await });
    });
    let hindrance = hindrance();
    if hindrance.is_none() {
        open.run(());
    }
    let body = move || match (&hindrance, invitation.value.get(), invitation.problem.get()) {
        (Some(why), ..) => hindered(why),
        (None, Some(known), _) => invited(&known, token),
        (None, None, Some(problem)) => not_open(&problem, open),
        (None, None, None) => skeleton(3),
    };
    view! {
        <main class="alone">
            <img src="/icons/logo.svg" alt="" width="40" height="40"/>
            <h1>"Welcome to Seatbridge"</h1>
            {body}
        </main>
    }
    .into_any()
}

fn not_open(problem: &Problem, open: Callback<()>) -> AnyView {
    // Only what may pass is worth another try.
    let retry = (problem.status != 401).then_some(open);
    view! {
        {problem_card(problem, retry)}
        <p>"If you have a passkey already, " <a href="/sign-in" rel="external">"sign in with it"</a> "."</p>
    }
    .into_any()
}

fn invited(known: &Invitation, token: StoredValue<String>) -> AnyView {
    let sign_in = expect_context::<SignInState>();
    let agent = window().navigator().user_agent().unwrap_or_default();
    let (name, label) = (RwSignal::new(String::new()), RwSignal::new(device(&agent).to_owned()));
    let sending = Sending::idle();
    let tried = RwSignal::new(false);
    let asks_name = known.name.is_none();
    let complaint = move |text: RwSignal<String>, words: &'static str| {
        Signal::derive(move || (tried.get() && !text.with(|text| is_name(text))).then(|| words.to_owned()))
    };
    let (no_name, no_label) = (complaint(name, "Use 1 to 60 characters."), complaint(label, "Use 1 to 60 characters."));
    let accept = move || {
        tried.set(true);
        if asks_name && !name.with_untracked(|name| is_name(name)) || !label.with_untracked(|label| is_name(label)) {
            return;
        }
        let typed = asks_name.then(|| name.get_untracked().trim().to_owned());
        sending.send(async move {
            let session = sign_in.visitor.accept(token.get_value(), typed, label.get_untracked().trim().to_owned()).await?;
            sign_in.let_in(session).await;
            Ok(After::Left)
        });
    };
    view! {
        {greeting(known)}
        <form class="form" on:submit=move |event| { event.prevent_default(); accept(); }>
            {asks_name.then(|| view! {
                <TextField id="name" label="Your name" hint="Written into the history with what you do."
                    value=name on_type=move |typed| name.set(typed) complaint=no_name/>
            })}
            <TextField id="label" label="Name of the passkey" hint="Where it is kept, so that you know it again."
                value=label on_type=move |typed| label.set(typed) complaint=no_label/>
            <p class="faint">"A passkey is your fingerprint, face or PIN, checked by this device. There is no password."</p>
            {refusal(sending)}
            <div class="actions">{submit_button(sending.busy, "Create a passkey", "Your browser asks you…")}</div>
        </form>
    }
    .into_any()
}

fn greeting(known: &Invitation) -> AnyView {
    let role = view! { <strong>{role_name(known.role)}</strong> ". " {role_label(known.role)} };
    match &known.name {
        Some(name) if known.recovers => view! {
            <p>"You were here before, " <strong>{name.clone()}</strong> ". Your new passkey takes the place of all you had: the earlier ones stop working, and every session of yours ends."</p>
            <p>"You come in as " {role}</p>
        }
        .into_any(),
        Some(name) => view! { <p><strong>{name.clone()}</strong> ", you are invited as " {role}</p> }.into_any(),
        None if known.role == Role::Admin => view! {
            <p>"This is the set-up link of the install. Whoever uses it is its administrator, and it works once."</p>
        }
        .into_any(),
        None => view! { <p>"You are invited as " {role}</p> }.into_any(),
    }
}
