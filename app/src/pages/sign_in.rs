use leptos::prelude::*;
use shared::api::Problem;

use crate::components::problem::problem_card;

/// What somebody sees who is not signed in: how to come in, and why the link they came by did not let them.
#[component]
pub(crate) fn SignInPage(
    /// What went wrong with the link.
    problem: Option<Problem>,
) -> impl IntoView {
    document().set_title("Sign in · Seatbridge");
    view! {
        <main class="alone">
            <img src="/icons/logo.svg" alt="" width="40" height="40"/>
            <h1>"Sign in to Seatbridge"</h1>
            {problem.map(|problem| problem_card(&problem, None))}
            <p>"You come in by a one-time link. It works once, and only for a short while."</p>
            <h2>"Get a new link"</h2>
            <dl class="ways">
                <dt>"On this machine"</dt>
                <dd>"Start it with " <code>"cargo xtask run"</code> ": it prints a link after " <code>"Open:"</code> "."</dd>
                <dt>"On a deployed install"</dt>
                <dd>
                    "Whoever keeps the setup secret asks for one: "
                    <code>"POST /api/sign-in-links"</code> " with " <code>"Authorization: Bearer …"</code>
                    ". The answer’s token goes behind " <code>"/sign-in#"</code> "."
                </dd>
            </dl>
        </main>
    }
    .into_any()
}
