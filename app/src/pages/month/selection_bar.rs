//! What approving the picked lines will change, in numbers, before it happens.

use contract::Problem;
use domain::access::Action;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::state::{Ask, MonthState};
use crate::components::button::WriteButton;
use crate::components::icon::icon;
use crate::model::billing::selection::Selection;
use crate::words::{approval, count, grouped};

/// What will happen to what is picked, in numbers, before it does.
#[component]
pub(super) fn SelectionBar() -> impl IntoView {
    let state = expect_context::<MonthState>();
    let is_picked = Memo::new(move |_| !state.selection.with(Selection::is_empty) || state.sending.with(Option::is_some));
    let bar = move || is_picked.get().then(|| bar(state));
    view! { <div class="selection-place" aria-live="polite">{bar}</div> }.into_any()
}

fn bar(state: MonthState) -> AnyView {
    let words = move || match state.sending.get() {
        Some(lines) => format!("Approving {}.", count(lines as u64, "line", "lines")),
        None => format!("{} Each can be reversed.", state.selection.with(|selection| approval(&selection.proposal()))),
    };
    let busy = Signal::derive(move || state.sending.with(Option::is_some));
    let number = move || state.selection.with(Selection::len);
    let hold = move |()| state.ask(Ask::WhyHold(state.selection.with_untracked(Selection::lines)));
    let dismiss = move |()| state.ask(Ask::WhyDismiss(state.selection.with_untracked(Selection::lines)));
    let over = move || state.over.get().filter(|(lines, _)| *lines == number()).map(|(_, problem)| too_much(&problem));
    view! {
        <div class="selection-bar" role="region" aria-label="Selected lines">
            <p>{words}</p>
            {over}
            <RestOfList state=state/>
            <div class="actions">
                <button type="button" class="button quiet" on:click=move |_| state.selection.update(Selection::clear)>"Clear"</button>
                <WriteButton does=Action::DecideLines on_press=hold disabled=busy>"Hold…"</WriteButton>
                <WriteButton does=Action::DecideLines on_press=dismiss disabled=busy>"Dismiss…"</WriteButton>
                <WriteButton does=Action::DecideLines look="primary" busy=busy on_press=move |()| state.approve_selection()>
                    {move || format!("Approve {}", grouped(number() as u64))}
                </WriteButton>
            </div>
        </div>
    }
    .into_any()
}

/// A selection beyond what may be approved at once: what was refused, and the ways on.
fn too_much(problem: &Problem) -> AnyView {
    view! {
        <div class="problem" role="alert">
            {icon("alert")}
            <div>
                <p class="problem-title">{problem.title.clone()}</p>
                <p>{problem.detail.clone()} " " {problem.remedy.clone()} " " <a href="/settings/limits">"Open limits"</a></p>
            </div>
        </div>
    }
    .into_any()
}

/// When more lines wait than are shown: offers to read and pick them all.
#[component]
fn RestOfList(state: MonthState) -> impl IntoView {
    let offer = move || state.list.next.with(Option::is_some) && state.sending.with(Option::is_none);
    let pick_all = move |_| {
        spawn_local(async move {
            state.list.to_the_end().await;
            let lines = untrack(|| state.list.items());
            state.selection.try_update(|selection| lines.iter().for_each(|view| selection.pick(view)));
        });
    };
    let button = move || {
        offer().then(|| {
            view! {
                <button type="button" class="button link" disabled=state.list.busy on:click=pick_all>
                    {move || format!("Select all {}", grouped(state.list.total.get().into()))}
                </button>
            }
        })
    };
    view! { {button} }.into_any()
}
