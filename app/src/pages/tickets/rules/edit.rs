//! The dialog that changes many ticket rules at once, all of them or none.

use contract::tickets::{EditRules, EditTicketRules, TicketRuleView};
use domain::access::Action;
use domain::ids::ConnectionId;
use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use super::RulesState;
use super::destination::{BoardChoices, board_fields, choose, desk_fields};
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::keyboard::focus;
use crate::components::problem::refusal;
use crate::model::tickets::desk::boards;
use crate::model::tickets::rule_edit::{BOARD, change, field_named};
use crate::model::typed::Typed;
use crate::pages::tickets::fields::{Draft, lines, row, select, text};
use crate::pages::{Loaded, opened};
use crate::state::paged::Keyed;
use crate::state::sending::Sending;
use crate::words::count;

/// What an empty field means.
const SAME: &str = "As each has it";
const RETURNS: [(&str, &str); 4] = [("", SAME), ("reopen", "Open it again"), ("new", "Open another one"), ("nothing", "Do nothing")];
const ATTACH: [(&str, &str); 3] = [("", SAME), ("nothing", "Nothing"), ("attach", "Attach it")];

/// Changes the rules that are picked, all of them or none.
#[component]
pub(super) fn EditDialog(state: RulesState, open: RwSignal<bool>) -> impl IntoView {
    let title = Signal::derive(move || format!("Change {}", count(state.picked.with(Vec::len) as u64, "rule", "rules")));
    let body = move || open.get().then(|| opened(edit_part(state, open)));
    view! { <Dialog open=open title=title on_close=move |()| open.set(false)>{body}</Dialog> }.into_any()
}

#[wasm_split(opened_rule_edit, fallible)]
fn edit_part(state: RulesState, open: RwSignal<bool>) -> Loaded {
    Ok(fields(state, open))
}

fn fields(state: RulesState, open: RwSignal<bool>) -> AnyView {
    let only = only_desk(state);
    let mut typed = Typed::default();
    typed.set("target.psa", only.as_ref().map(ToString::to_string).unwrap_or_default());
    let draft = Draft::of(typed);
    let desks = BoardChoices::follow(state.client, draft);
    let sending = Sending::idle();
    let complain = move |field: &'static str, words: String| {
        draft.complaint.try_set(Some((field, words)));
        focus(field);
    };
    let saved = move |views: Vec<TicketRuleView>| {
        open.try_set(false);
        state.picked.try_set(Vec::new());
        state.notices.say(format!("{} changed.", count(views.len() as u64, "rule is", "rules are")));
        for view in views {
            if let Some(row) = state.list.row(&view.key()) {
                row.set(view);
            }
        }
        state.list.refresh();
    };
    let save = move || {
        sending.problem.set(None);
        let change = match draft.typed.with_untracked(change) {
            Ok(change) => change,
            Err((field, words)) => return complain(field, words),
        };
        let edit = EditRules { rules: state.picked.get_untracked(), change };
        let request = async move {
            saved(state.client.call(EditTicketRules, &(), &edit).await?);
            Ok(())
        };
        sending.send_or(request, move |refused| match refused.field.as_deref().and_then(field_named) {
            Some(field) => {
                complain(field, format!("{} {}", refused.title, refused.remedy));
                None
            }
            None => Some(refused),
        });
    };
    view! {
        <form class="beside-form" novalidate=true on:submit=move |event| { event.prevent_default(); save(); }>
            <p class="faint">"What is left empty stays as each rule has it. All of them are changed, or none."</p>
            <div class="columns">
                {text(draft, "lifecycle.delay_minutes", "Minutes before it is opened", "A device that has left by then gets no ticket.")}
                {text(draft, "lifecycle.close_after_minutes", "Minutes before it is closed", "After the device has left. The word never: people close it.")}
                {text(draft, "lifecycle.return_days", "Days for a return", "A device that is back within them is about the same trouble.")}
                {text(draft, "cap", "Tickets in one pass", "What is beyond it is told in one summary.")}
            </div>
            {row(draft, "lifecycle.on_return", "When a device returns after its ticket was closed", &RETURNS)}
            {place(draft, desks, only.is_some())}
            {text(draft, "summary", "Summary", "ConnectWise keeps 100 characters of it, filled in.")}
            {lines(draft, "text", "Text", "Fields in braces are filled in; what is not known is left out.")}
            {row(draft, "attach", "The device’s configuration in ConnectWise", &ATTACH)}
            {refusal(sending)}
            <div class="actions"><WriteButton does=Action::ManageTickets look="primary" busy=sending.busy on_press=move |()| save()>"Change them"</WriteButton></div>
        </form>
    }
    .into_any()
}

/// Where the tickets go, in the ConnectWise of these rules; nothing of it can be chosen when that is not the same for all.
fn place(draft: Draft, desks: BoardChoices, only: bool) -> AnyView {
    let hint = move || if only { String::new() } else { "The rules open tickets in more than one ConnectWise.".to_owned() };
    let board = draft.watch(BOARD);
    let under = move || {
        let chosen = board.with(|board| !board.is_empty());
        chosen.then(|| board_fields(draft, desks))
    };
    view! {
        {desks.trouble()}
        <div class="columns">
            {select(draft, BOARD, "Board", hint, SAME, move || desks.of_desk(boards), choose(draft, BOARD))}
            {under}
            {desk_fields(draft, desks, SAME, hint)}
            {text(draft, "target.due_hours", "Due after hours", "The word never: no due date.")}
        </div>
    }
    .into_any()
}

/// The ConnectWise that all of the picked rules open tickets in.
fn only_desk(state: RulesState) -> Option<ConnectionId> {
    let picked = state.picked.get_untracked();
    let mut desks =
        untrack(|| state.list.items()).into_iter().filter(|view| picked.contains(&view.rule.id)).map(|view| view.rule.target.psa);
    let first = desks.next()?;
    desks.all(|psa| psa == first).then_some(first)
}
