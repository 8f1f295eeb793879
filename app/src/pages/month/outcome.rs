//! Who decided what about a line, and what ConnectWise made of it.

use contract::month::{DecisionKind, DecisionView, LineView};
use domain::Timestamp;
use domain::access::Action;
use engine::Intent;
use leptos::prelude::*;

use super::decide::can_retry;
use super::state::MonthState;
use crate::components::badge::badge;
use crate::components::button::WriteButton;
use crate::components::icon::icon;
use crate::components::time::Age;
use crate::model::billing::changes::{intent as intent_words, reversal_label, waits};
use crate::pages::reverse::reverse_button;
use crate::words::quantity;

/// Who decided what about a line, and what came of it.
pub(super) fn outcome(state: MonthState, view: &LineView) -> AnyView {
    let decision = view.decision.as_ref().map(decision);
    let intent = view.intent.as_ref().map(|intent| {
        let id = intent.id.clone();
        let retry = can_retry(intent.state)
            .then(|| view! { <WriteButton does=Action::DecideLines on_press=move |()| state.retry(id.clone())>"Try again"</WriteButton> });
        let reverse = reverse_button(state.reversing, intent, &format!("the change of {}, {}", view.line.company, view.line.product.name));
        view! { <div class="intent">{intent_view(intent, state.live.now.get_untracked())} {retry} {reverse}</div> }
    });
    let nothing = (view.guards.is_empty() && view.decision.is_none() && view.intent.is_none())
        .then(|| view! { <p class="faint">"Nothing holds it, and nobody has decided yet."</p> });
    view! { {decision} {intent} {nothing} }.into_any()
}

fn decision(decision: &DecisionView) -> AnyView {
    let what = match decision.decision {
        DecisionKind::Approved => "Approved",
        DecisionKind::Held => "Held",
        DecisionKind::Dismissed => "Dismissed",
    };
    let reason = decision.reason.clone().map(|reason| view! { <q>{reason}</q> });
    view! { <p>{what} " by " <strong>{decision.by.clone()}</strong> " " <Age at=decision.at/> " " {reason}</p> }.into_any()
}

/// An approved change: before and after, how it stands, and ConnectWise's own words.
fn intent_view(intent: &Intent, now: Timestamp) -> AnyView {
    let (tone, words) = intent_words(intent.state);
    let words = waits(intent, now).unwrap_or_else(|| words.to_owned());
    let outcome = intent.outcome.as_ref().map(|outcome| {
        let found = outcome.found.map(|found| format!("ConnectWise had {} when it was last read.", quantity(found)));
        view! { <p>{outcome.words.clone()}</p> <p class="faint">{found} " " <Age at=outcome.at/></p> }
    });
    // What keeps it from coming to its end, as long as it has not.
    let waits_for = intent.trouble.as_ref().map(|trouble| {
        view! { <p>{trouble.words.clone()}</p> <p class="faint">"It began " <Age at=trouble.since/> "."</p> }
    });
    let addition = intent.addition.map_or_else(|| " on a new addition ".to_owned(), |addition| format!(" on addition {addition} "));
    let attempts = (intent.attempts > 1).then(|| format!("Tried {} times.", intent.attempts));
    view! {
        <p>
            {badge(tone, words)} " "
            <span class="number">{quantity(intent.from)} " → " {quantity(intent.to)}</span>
            {addition} <span class="faint">{attempts}</span>
        </p>
        {reversal_label(intent).map(|words| view! { <p>{icon("undo")} {words}</p> })}
        {waits_for}
        {outcome}
    }
    .into_any()
}
