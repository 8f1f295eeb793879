//! Taking a written change back: asked for on the month's done lines and in the history.

use contract::history::{Reverse, ReverseIntent};
use domain::access::Action;
use engine::Intent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::Client;
use crate::components::reason::ReasonDialog;
use crate::model::billing::changes::{can_reverse, reversal};
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::state::signed::may;

/// A change, and what it was made on.
pub(crate) type Reversible = (Intent, String);

/// Says what taking a change back restores, and asks why.
#[component]
pub(crate) fn ReverseDialog(
    /// The change; open while there is one.
    reversing: RwSignal<Option<Reversible>>,
) -> impl IntoView {
    let (client, live, notices) = (expect_context::<Client>(), expect_context::<Live>(), expect_context::<Notices>());
    let subject = Signal::derive(move || reversing.with(|asked| asked.as_ref().map(|(_, name)| name.clone())));
    let meaning = Signal::derive(move || reversing.with(|asked| asked.as_ref().map(|(intent, _)| reversal(intent)).unwrap_or_default()));
    let reverse = move |reason: String| {
        let Some((intent, name)) = reversing.get_untracked() else { return };
        reversing.set(None);
        spawn_local(async move {
            match client.tell(ReverseIntent, &intent.id, &Reverse { reason }).await {
                Ok(()) => notices.say(format!("{name} is being taken back: ConnectWise is read first, and the line says what came of it.")),
                Err(problem) => notices.trouble(&problem),
            }
            live.read_now();
        });
    };
    view! {
        <ReasonDialog does=Action::DecideLines subject=subject meaning=meaning verb=Signal::from("Reverse") hint="Shown on the line and kept in the history."
            on_close=move |()| reversing.set(None) on_reason=reverse/>
    }
    .into_any()
}

/// The button that asks for it, where a change can be taken back.
pub(crate) fn reverse_button(reversing: RwSignal<Option<Reversible>>, intent: &Intent, name: &str) -> Option<AnyView> {
    let asked = (intent.clone(), name.to_owned());
    let label = format!("Reverse {name}");
    (can_reverse(intent) && may(Action::DecideLines)).then(|| {
        view! {
            <button type="button" class="button small" aria-label=label on:click=move |_| reversing.set(Some(asked.clone()))>"Reverse…"</button>
        }
        .into_any()
    })
}
