//! The ticket a rule would open, as the Worker would make it, while the rule is edited.

use std::time::Duration;

use contract::Page;
use contract::tickets::{ListTickets, PreviewRule, PreviewTicket, TicketView, TicketsQuery};
use domain::ids::TicketRuleId;
use domain::tickets::{Named, TicketRule};
use engine::tickets::TicketIntent;
use leptos::prelude::*;

use super::destination::BoardChoices;
use crate::api::{Client, Link};
use crate::components::problem::problem_card;
use crate::model::typed::Complaint;
use crate::state::remote::Remote;

/// How long after the last letter the ticket is asked for.
const PAUSE: Duration = Duration::from_millis(400);

/// The most devices it can be shown for.
const MOST_DEVICES: u32 = 50;

/// The ticket the rule would open, exactly, as it is edited. The Worker makes it, as it would make the real one.
#[component]
pub(super) fn Sample(
    client: Client,
    meant: Memo<Result<TicketRule, Complaint>>,
    desks: BoardChoices,
    /// The rule, when it knows devices.
    known: Option<TicketRuleId>,
) -> impl IntoView {
    let ticket: Remote<TicketIntent> = Remote::nothing();
    let device = RwSignal::new(String::new());
    let waiting: StoredValue<Option<TimeoutHandle>> = StoredValue::new(None);
    let ask = move || {
        let Some(Ok(rule)) = meant.try_get_untracked() else { return };
        let device = Some(device.get_untracked()).filter(|device| !device.is_empty());
        ticket.read(async move { client.call(PreviewRule, &(), &PreviewTicket { rule, device }).await });
    };
    Effect::new(move |_| {
        device.track();
        if meant.with(Result::is_ok) {
            if let Some(earlier) = waiting.try_update_value(Option::take).flatten() {
                earlier.clear();
            }
            waiting.set_value(set_timeout_with_handle(ask, PAUSE).ok());
        }
    });
    on_cleanup(move || {
        if let Some(earlier) = waiting.try_update_value(Option::take).flatten() {
            earlier.clear();
        }
    });
    let missing = move || meant.with(|meant| meant.as_ref().err().map(|(_, words)| words.clone()));
    let body = move || match (missing(), ticket.problem.get(), ticket.value.get()) {
        (Some(missing), _, None) => view! { <p class="faint">"The ticket shows here once it can be made. " {missing}</p> }.into_any(),
        (_, Some(problem), _) => problem_card(&problem, None),
        (_, None, Some(intent)) => shown(&intent, desks),
        (None, None, None) => view! { <p class="faint">"Making it…"</p> }.into_any(),
    };
    let stale = move || missing().is_some() && ticket.value.with(Option::is_some);
    let old = move || stale().then(|| view! { <p class="faint">"As it was before the last edit. " {missing()}</p> });
    view! {
        <section class="panel sample" aria-labelledby="sample-title">
            <h2 id="sample-title">"The ticket"</h2>
            {known.map(|rule| devices(client, &rule, device))}
            <div aria-live="polite" aria-busy=move || ticket.busy.get().to_string()>{old} {body}</div>
        </section>
    }
    .into_any()
}

/// Which device the ticket is shown for: an invented one, or one the rule knows.
fn devices(client: Client, rule: &TicketRuleId, device: RwSignal<String>) -> AnyView {
    let known: Remote<Page<TicketView>> = Remote::nothing();
    let query = TicketsQuery { rule: Some(rule.clone()), limit: Some(MOST_DEVICES), ..TicketsQuery::default() };
    known.read(async move { client.get(Link::<ListTickets>::of(&query)).await });
    let option = |view: TicketView| view! { <option value=view.subject>{view.device}</option> };
    let options = move || known.value.get().map(|page| page.items.into_iter().map(option).collect_view());
    view! {
        <div class="field">
            <label for="sample-device">"Shown for"</label>
            <select id="sample-device" on:change=move |event| device.set(event_target_value(&event))>
                <option value="">"An invented device"</option>
                {options}
            </select>
        </div>
    }
    .into_any()
}

fn shown(intent: &TicketIntent, desks: BoardChoices) -> AnyView {
    let target = intent.target.clone();
    let (due, own) = (target.due_hours, intent.company != target.catch_all);
    let named =
        |list: &[Named], id: Option<i64>| id.and_then(|id| list.iter().find(|entry| entry.id == id)).map(|entry| entry.name.clone());
    let facts = move || {
        let usual = || "As the board has it".to_owned();
        let desk = desks.desk.value.get().unwrap_or_default();
        let setup = desks.board.value.get().unwrap_or_default();
        let board = desk.boards.iter().find(|board| board.id == target.board).map(|board| board.name.clone());
        let status = setup.statuses.iter().find(|status| status.id == target.open_status).map(|status| status.name.clone());
        let kind = [
            named(&setup.types, target.kind.map(|id| id.0)),
            named(&setup.subtypes, target.subtype.map(|id| id.0)),
            named(&setup.items, target.item.map(|id| id.0)),
        ];
        let kind: Vec<String> = kind.into_iter().flatten().collect();
        let kind = if kind.is_empty() { usual() } else { kind.join(" / ") };
        let rows = [
            ("Board", board.unwrap_or_else(|| target.board.to_string())),
            ("Status", status.unwrap_or_else(|| target.open_status.to_string())),
            ("Type", kind),
            ("Team", named(&setup.teams, target.team.map(|id| id.0)).unwrap_or_else(usual)),
            ("Priority", named(&desk.priorities, target.priority.map(|id| id.0)).unwrap_or_else(usual)),
            ("Source", named(&desk.sources, target.source.map(|id| id.0)).unwrap_or_else(usual)),
        ];
        rows.map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }).into_iter().collect_view()
    };
    let company = if own { "The company its device is billed to" } else { "The one of devices whose own is not mapped" };
    let due = due.map_or_else(|| "No due date".to_owned(), |hours| format!("{hours} hours after it is opened"));
    let device = intent.device.as_ref().map(|device| {
        let made = if device.create { ", made when there is none" } else { ", when there is one" };
        view! { <div><dt>"Attached"</dt><dd>{format!("Configuration of {}{made}", device.name)}</dd></div> }
    });
    view! {
        <p class="strong sample-summary">{intent.summary.clone()}</p>
        <p class="sample-text">{intent.text.clone()}</p>
        <dl class="facts">
            {facts}
            <div><dt>"Company"</dt><dd>{company} " " <code>{intent.company.to_string()}</code></dd></div>
            <div><dt>"Due"</dt><dd>{due}</dd></div>
            {device}
        </dl>
        <p class="faint">"Bears a mark in ConnectWise by which it is found again, so that it is never opened twice."</p>
    }
    .into_any()
}
