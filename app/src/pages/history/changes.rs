use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::Page;
use shared::api::history::IntentView;

use crate::api::Client;
use crate::components::badge::badge;
use crate::components::button::WriteButton;
use crate::components::list::{Empty, list_states};
use crate::components::time::Age;
use crate::model::address::Address;
use crate::model::lines::intent as intent_words;
use crate::pages::month::can_retry;
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::state::paged::Paged;
use crate::words::quantity;

/// Changes that were approved, latest first: before, after, who, and what ConnectWise made of it.
#[component]
pub(super) fn Changes(text: Memo<String>) -> impl IntoView {
    let (client, live) = (expect_context::<Client>(), expect_context::<Live>());
    let list: Paged<Page<IntentView>> = Paged::follow(client, move || Address::of("/api/intents").with("q", &text.get()));
    Effect::new(move |seen: Option<u32>| {
        let beat = live.beat.get();
        if seen.is_some_and(|seen| seen != beat) {
            list.refresh();
        }
        beat
    });
    let empty = move || {
        if text.with(String::is_empty) {
            Empty::because("Nothing was approved yet.", "Approved changes come here with their result.").next("/month", "Open the month")
        } else {
            Empty::because("No approved change holds this text.", "Clear the filter to see all.")
        }
    };
    list_states(list, empty, move || {
        view! {
            <table class="plain stack" aria-label="Approved changes">
                <thead>
                    <tr>
                        <th scope="col">"What"</th><th scope="col" class="number">"Before"</th><th scope="col" class="number">"After"</th>
                        <th scope="col">"Approved"</th><th scope="col">"Result"</th>
                    </tr>
                </thead>
                <tbody>
                    {list.each(move |_, view| change_row(view))}
                </tbody>
            </table>
        }
        .into_any()
    })
}

fn change_row(view: RwSignal<IntentView>) -> AnyView {
    let known = view.get_untracked();
    view! {
        <tr>
            <td>
                <span class="two">
                    <span class="strong">{known.company}</span>
                    <span class="faint">{format!("{} · {}", known.agreement, known.product)}</span>
                </span>
            </td>
            <td class="number" data-label="Before">{quantity(known.intent.from)}</td>
            <td class="number strong" data-label="After">{quantity(known.intent.to)}</td>
            <td data-label="Approved"><span class="two"><span>{known.approved_by}</span><span class="faint"><Age at=known.approved_at/></span></span></td>
            <td data-label="Result">{move || result(&view.get())}</td>
        </tr>
    }
    .into_any()
}

fn result(view: &IntentView) -> AnyView {
    let (tone, words) = intent_words(view.intent.state);
    let said = view.intent.outcome.as_ref().map(|outcome| outcome.words.clone());
    let id = view.intent.id.clone();
    let (client, live, notices) = (expect_context::<Client>(), expect_context::<Live>(), expect_context::<Notices>());
    let retry = move |()| {
        let id = id.clone();
        spawn_local(async move {
            match client.retry(&id).await {
                Ok(_) => notices.say("It is tried again; ConnectWise is read first."),
                Err(problem) => notices.trouble(&problem),
            }
            live.read_now();
        });
    };
    let retry = can_retry(view.intent.state).then(|| view! { <WriteButton look="small" on_press=retry>"Try again"</WriteButton> });
    view! { <span class="two"><span>{badge(tone, words)}</span><span class="faint">{said}</span></span> {retry} }.into_any()
}
