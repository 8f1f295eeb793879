use leptos::prelude::*;
use shared::access::Action;
use shared::api::tickets::{EditRules, TicketRuleView};
use shared::ids::ConnectionId;
use shared::tickets::Desk;

use super::RulesState;
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::keyboard::focus;
use crate::components::problem::refusal;
use crate::model::address::encoded;
use crate::model::desk::offered;
use crate::model::rule_edit::{change, field_named};
use crate::model::typed::Typed;
use crate::pages::tickets::fields::{Draft, row, select, text};
use crate::state::paged::Keyed;
use crate::state::remote::Remote;
use crate::state::sending::Sending;
use crate::words::count;

const RETURNS: [(&str, &str); 4] =
    [("", "As each has it"), ("reopen", "Open it again"), ("new", "Open another one"), ("nothing", "Do nothing")];
const ATTACH: [(&str, &str); 3] = [("", "As each has it"), ("nothing", "Nothing"), ("attach", "Attach it")];

/// Changes the rules that are picked, all of them or none.
#[component]
pub(super) fn EditDialog(state: RulesState, open: RwSignal<bool>) -> impl IntoView {
    let title = Signal::derive(move || format!("Change {}", count(state.picked.with(Vec::len) as u64, "rule", "rules")));
    let body = move || open.get().then(|| fields(state, open));
    view! { <Dialog open=open title=title on_close=move |()| open.set(false)>{body}</Dialog> }.into_any()
}

fn fields(state: RulesState, open: RwSignal<bool>) -> AnyView {
    let draft = Draft::of(Typed::default());
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
            saved(state.client.edit_rules(&edit).await?);
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
                {text(draft, "target.due_hours", "Due after hours", "The word never: no due date.")}
                {priority(state, draft)}
            </div>
            {row(draft, "lifecycle.on_return", "When a device returns after its ticket was closed", &RETURNS)}
            {row(draft, "attach", "The device’s configuration in ConnectWise", &ATTACH)}
            {refusal(sending)}
            <div class="actions"><WriteButton does=Action::ManageTickets look="primary" busy=sending.busy on_press=move |()| save()>"Change them"</WriteButton></div>
        </form>
    }
    .into_any()
}

/// The priorities of the ConnectWise the rules open tickets in; none can be chosen when it is not the same for all.
fn priority(state: RulesState, draft: Draft) -> AnyView {
    let picked = state.picked.get_untracked();
    let rules = untrack(|| state.list.items()).into_iter().filter(|view| picked.contains(&view.rule.id));
    let mut tenants: Vec<ConnectionId> = Vec::new();
    for view in rules {
        if !tenants.contains(&view.rule.target.psa) {
            tenants.push(view.rule.target.psa);
        }
    }
    let desk: Remote<Desk> = Remote::nothing();
    let only = if let [psa] = tenants.as_slice() {
        let address = format!("/api/desks/{}", encoded(psa.as_str()));
        desk.read(async move { state.client.get::<Desk>(&address).await });
        true
    } else {
        false
    };
    let hint = move || match (only, desk.problem.get()) {
        (false, _) => "The rules open tickets in more than one ConnectWise.".to_owned(),
        (true, Some(problem)) => problem.title,
        (true, None) => String::new(),
    };
    let offered = move || desk.value.with(|desk| desk.as_ref().map(|desk| offered(&desk.priorities))).unwrap_or_default();
    let choose = Callback::new(move |value: String| draft.set("target.priority", value));
    select(draft, "target.priority", "Priority", hint, "As each has it", offered, choose)
}
