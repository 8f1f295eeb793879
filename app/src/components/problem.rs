//! A problem as a card: what happened, what to do, and the vendor's own message.

use contract::Problem;
use leptos::prelude::*;

use super::icon::icon;
use crate::state::sending::Sending;

/// A problem in full: what happened, what it means, what to do, the vendor's own words and the reference.
pub(crate) fn problem_card(problem: &Problem, retry: Option<Callback<()>>) -> AnyView {
    let vendor = problem.vendor.as_ref().map(|vendor| {
        let status = vendor.status.map(|status| format!(" ({status})")).unwrap_or_default();
        view! { <p class="vendor-words"><span>{format!("In the vendor’s words{status}: ")}</span><q>{vendor.message.clone()}</q></p> }
    });
    let reference = problem.reference.clone().map(|reference| view! { <p class="reference">"Reference " <code>{reference}</code></p> });
    let retry = retry.map(|retry| view! { <button type="button" class="button" on:click=move |_| retry.run(())>"Try again"</button> });
    view! {
        <div class="problem" role="alert">
            {icon("alert")}
            <div>
                <p class="problem-title">{problem.title.clone()}</p>
                <p>{problem.detail.clone()} " " {problem.remedy.clone()}</p>
                {vendor}
                {reference}
                {retry}
            </div>
        </div>
    }
    .into_any()
}

/// Why the last request of a form was refused, while there is a reason.
pub(crate) fn refusal(sending: Sending) -> impl Fn() -> Option<AnyView> + Copy + Send + 'static {
    move || sending.problem.get().map(|problem| problem_card(&problem, None))
}
