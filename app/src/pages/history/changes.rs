//! Approved changes, latest first, each with its reversal.

use contract::history::{IntentView, ListIntents, RetryIntent};
use contract::{Page, PageQuery};
use domain::access::Action;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{Client, Link, asked};
use crate::components::badge::badge;
use crate::components::button::WriteButton;
use crate::components::list::{Empty, list_states};
use crate::components::time::Age;
use crate::model::billing::changes::{intent as intent_words, reversal_label, waits};
use crate::pages::month::can_retry;
use crate::pages::reverse::{ReverseDialog, Reversible, reverse_button};
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::state::paged::Paged;
use crate::words::quantity;

/// Changes that were approved, latest first: before, after, who, and what ConnectWise made of it.
#[component]
pub(super) fn Changes(text: Memo<String>) -> impl IntoView {
    let (client, live) = (expect_context::<Client>(), expect_context::<Live>());
    let list: Paged<Page<IntentView>> =
        Paged::follow(client, move || Link::<ListIntents>::of(&PageQuery { q: asked(&text.get()), ..PageQuery::default() }));
    list.follow_beat(live);
    let empty = move || {
        if text.with(String::is_empty) {
            Empty::because("Nothing was approved yet.", "Approved changes come here with their result.").next("/month", "Open the month")
        } else {
            Empty::because("No approved change holds this text.", "Clear the filter to see all.")
        }
    };
    let reversing: RwSignal<Option<Reversible>> = RwSignal::new(None);
    let table = list_states(list, empty, move || {
        view! {
            <table class="plain stack" aria-label="Approved changes">
                <thead>
                    <tr>
                        <th scope="col">"What"</th><th scope="col" class="number">"Before"</th><th scope="col" class="number">"After"</th>
                        <th scope="col">"Approved"</th><th scope="col">"Result"</th>
                    </tr>
                </thead>
                <tbody>
                    {list.each(move |_, view| change_row(view, reversing))}
                </tbody>
            </table>
        }
        .into_any()
    });
    view! { {table} <ReverseDialog reversing=reversing/> }.into_any()
}

fn change_row(view: RwSignal<IntentView>, reversing: RwSignal<Option<Reversible>>) -> AnyView {
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
            <td data-label="Result">{move || result(&view.get(), reversing)}</td>
        </tr>
    }
    .into_any()
}

fn result(view: &IntentView, reversing: RwSignal<Option<Reversible>>) -> AnyView {
    let live = expect_context::<Live>();
    let (tone, words) = intent_words(view.intent.state);
    let words = waits(&view.intent, live.now.get_untracked()).unwrap_or_else(|| words.to_owned());
    let said = view.intent.outcome.as_ref().map(|outcome| outcome.words.clone());
    let id = view.intent.id.clone();
    let (client, notices) = (expect_context::<Client>(), expect_context::<Notices>());
    let retry = move |()| {
        let id = id.clone();
        spawn_local(async move {
            match client.tell(RetryIntent, &id, &()).await {
                Ok(()) => notices.say("It is tried again; ConnectWise is read first."),
                Err(problem) => notices.trouble(&problem),
            }
            live.read_now();
        });
    };
    let retry = can_retry(view.intent.state)
        .then(|| view! { <WriteButton does=Action::DecideLines look="small" on_press=retry>"Try again"</WriteButton> });
    let reverse = reverse_button(reversing, &view.intent, &format!("the change of {}, {}", view.company, view.product));
    let reversal = reversal_label(&view.intent).map(|words| view! { <span class="faint">{words}</span> });
    view! { <span class="two"><span>{badge(tone, words)}</span><span class="faint">{said}</span>{reversal}</span> {retry} {reverse} }
        .into_any()
}
