//! Every decision about one device, under any rule, latest first.

use contract::Page;
use contract::tickets::{ListTicketLog, RetryTicket, TicketLogQuery, TicketLogRow, TicketRuleView};
use domain::access::Action;
use domain::ids::{ConnectionId, TicketId, TicketRuleId};
use leptos::prelude::*;

use super::list::TicketsState;
use crate::api::Link;
use crate::components::badge::badge;
use crate::components::button::WriteButton;
use crate::components::icon::icon;
use crate::components::list::{Empty, list_states};
use crate::components::time::moment;
use crate::model::tickets::ticket::{can_retry, console_address, decision, ticket_address};
use crate::state::paged::Paged;
use crate::state::sending::Sending;

/// What was ever decided about a device, under any rule, latest first.
pub(super) fn timeline(state: TicketsState, subject: &str, device: &str) -> AnyView {
    let subject = subject.to_owned();
    let list: Paged<Page<TicketLogRow>> = Paged::follow(state.client, move || {
        Link::<ListTicketLog>::of(&TicketLogQuery { device: Some(subject.clone()), ..TicketLogQuery::default() })
    });
    list.follow_beat(state.live);
    let label = format!("Timeline of {device}");
    let empty = || Empty::because("Nothing was decided yet.", "The next ticket pass, within ten minutes, does.");
    list_states(list, empty, move || {
        view! {
            <ol class="timeline" aria-label=label.clone()>
                {list.each(move |_, row| step(state, &row.get_untracked()))}
            </ol>
        }
        .into_any()
    })
}

fn step(state: TicketsState, row: &TicketLogRow) -> AnyView {
    let (tone, words) = decision(&row.event);
    view! {
        <li>
            <p>{badge(tone, words)} " " {ticket(state, row.ticket, row.psa.as_ref())} " " <span class="faint">{moment(row.at)} " · " {row.rule_name.clone()}</span></p>
            <p>{row.words.clone()}</p>
            {retry(state, row)}
        </li>
    }
    .into_any()
}

/// A ticket's number, as a way to it in ConnectWise.
pub(super) fn ticket(state: TicketsState, id: Option<TicketId>, psa: Option<&ConnectionId>) -> AnyView {
    let Some(id) = id else { return ().into_any() };
    let psa = psa.cloned();
    let site = move || psa.as_ref().and_then(|psa| state.places.with(psa.as_str(), |view| (view.name.clone(), view.address.clone())));
    let shown = move || match site() {
        Some((name, site)) => away(ticket_address(&site, id), format!("Ticket {id} in {name}")),
        None => view! { <span>"Ticket " <code>{id.to_string()}</code></span> }.into_any(),
    };
    view! { {shown} }.into_any()
}

/// A way to the console that knows a rule's devices, while both are there.
pub(super) fn console(state: TicketsState, rule: &TicketRuleId) -> AnyView {
    let rule = rule.clone();
    let connection = move || {
        let of_rule =
            |rules: &Vec<TicketRuleView>| rules.iter().find(|view| view.rule.id == rule).map(|view| view.rule.source.connection().clone());
        state.rules.value.with(|rules| rules.as_ref().and_then(of_rule))
    };
    let shown = move || {
        let address = state.places.with(connection()?.as_str(), |view| console_address(view.kind, &view.address))??;
        Some(view! { " · " {away(address, "Open ESET PROTECT".to_owned())} })
    };
    view! { {shown} }.into_any()
}

/// A link to a vendor's own page, which opens beside this one.
fn away(address: String, words: String) -> AnyView {
    view! { <a href=address target="_blank" rel="external noopener noreferrer">{words}</a> }.into_any()
}

/// Tries again what failed or was parked.
pub(super) fn retry(state: TicketsState, row: &TicketLogRow) -> AnyView {
    let Some(intent) = row.intent.clone().filter(|_| can_retry(&row.event)) else { return ().into_any() };
    let sending = Sending::idle();
    let label = format!("Try again: {}", row.device);
    let device = row.device.clone();
    let again = move |()| {
        let (intent, device) = (intent.clone(), device.clone());
        let request = async move {
            let answer = state.client.tell(RetryTicket, &intent, &()).await;
            state.live.read_now();
            answer?;
            state.notices.say(format!("{device}: it is tried again with the next ticket pass."));
            Ok(())
        };
        sending.send_or(request, state.notices.telling());
    };
    view! { <div class="actions"><WriteButton does=Action::ManageTickets look="small" busy=sending.busy label=label on_press=again>"Try again"</WriteButton></div> }.into_any()
}

/// A button that opens and closes the timeline of a row.
pub(super) fn disclose(id: String, device: &str, open: RwSignal<bool>) -> AnyView {
    view! {
        <button type="button" class="disclose" aria-expanded=move || open.get().to_string() aria-controls=id
            aria-label=format!("Timeline of {device}") on:click=move |_| open.update(|open| *open = !*open)>{icon("right")}</button>
    }
    .into_any()
}
