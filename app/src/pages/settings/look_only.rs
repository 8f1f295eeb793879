//! Look-only mode: why nothing is written, what differs from what was last written, and the button that ends it.

use contract::look_only::{AdditionDifference, Leave, LeaveLookOnly, LookOnlyView, ShowLookOnly, UnknownTicket};
use domain::access::Action;
use leptos::prelude::*;

use super::SettingsNav;
use crate::api::{Client, Link};
use crate::components::button::WriteButton;
use crate::components::list::skeleton;
use crate::components::page_head::PageHead;
use crate::components::problem::{problem_card, refusal};
use crate::components::time::moment;
use crate::model::settings::look_only::progress;
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::state::remote::Remote;
use crate::state::sending::Sending;
use crate::words::{count, quantity};

const NOTHING_DIFFERS: &str = "Every quantity is as Seatbridge last wrote it, and every open ticket with its mark is known.";
const TAKEN: &str = "Quantities that ConnectWise changed after that point count as Seatbridge’s own from then on. What was changed before it \
    stays as it is, and its lines say so. Nothing is written twice: what was approved is looked for first.";

/// What differs, and the way out of look-only mode.
#[component]
pub(crate) fn LookOnlyPage() -> impl IntoView {
    let (client, live) = (expect_context::<Client>(), expect_context::<Live>());
    let page: Remote<LookOnlyView> = Remote::nothing();
    let read = move || page.read(async move { client.get(Link::<ShowLookOnly>::here()).await });
    read();
    live.each_beat(Callback::new(move |()| read()));
    let sending = Sending::idle();
    let body = move || match (page.value.get(), page.problem.get()) {
        (Some(view), _) => shown(&view, page, sending),
        (None, Some(problem)) => problem_card(&problem, Some(Callback::new(move |()| read()))),
        (None, None) => skeleton(3),
    };
    view! {
        <PageHead title="Look only" does=Action::LeaveLookOnly lead="After its ledger went back in time, or a backup was imported, Seatbridge writes nothing until somebody has looked."/>
        <SettingsNav/>
        {body}
    }
    .into_any()
}

fn shown(view: &LookOnlyView, page: Remote<LookOnlyView>, sending: Sending) -> AnyView {
    let Some(mode) = &view.mode else {
        return view! { <p class="lead" role="status">"Seatbridge writes as always. There is nothing to decide here."</p> }.into_any();
    };
    let read_all = mode.reread.is_some_and(|reread| reread.is_complete());
    let troubles = view.troubles.iter().map(|words| view! { <p class="remedy">{words.clone()}</p> }).collect_view();
    let nothing = view.additions_total == 0 && view.tickets_total == 0;
    let (client, live, notices) = (expect_context::<Client>(), expect_context::<Live>(), expect_context::<Notices>());
    let seen = view.seen.clone();
    let leave = move |()| {
        let leave = Leave { seen: seen.clone() };
        sending.send(async move {
            let left = client.call(LeaveLookOnly, &(), &leave).await;
            live.read_now();
            page.value.try_set(Some(left?));
            notices.say("Seatbridge writes again.".to_owned());
            Ok(())
        });
    };
    view! {
        <section class="panel" aria-label="Why nothing is written">
            <p><strong>{mode.cause.message()}</strong></p>
            <p>"Look-only mode began " {moment(mode.since)} ". The last thing the ledger knew of then was at " {moment(mode.point)} "."</p>
            <p role="status">{progress(mode)}</p>
            {troubles}
        </section>
        {(nothing && read_all).then(|| view! { <p>{NOTHING_DIFFERS}</p> })}
        {additions(view)}
        {tickets(view)}
        <p class="faint">{TAKEN}</p>
        {refusal(sending)}
        <div class="actions">
            <WriteButton does=Action::LeaveLookOnly look="primary" busy=sending.busy disabled=!read_all on_press=leave>
                "I have looked; let Seatbridge write"
            </WriteButton>
        </div>
    }
    .into_any()
}

fn additions(view: &LookOnlyView) -> Option<AnyView> {
    let more = view.additions_total.saturating_sub(u32::try_from(view.additions.len()).unwrap_or(u32::MAX));
    let rows = view.additions.iter().map(addition).collect_view();
    (view.additions_total > 0).then(|| {
        view! {
            <h2>{format!("Quantities: {}", count(view.additions_total, "difference", "differences"))}</h2>
            <table class="plain stack numbers" aria-label="Quantities that differ">
                <thead><tr>
                    <th scope="col">"Company, product"</th>
                    <th scope="col" class="number">"Last written"</th>
                    <th scope="col" class="number">"ConnectWise bills"</th>
                    <th scope="col">"Changed"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
            {(more > 0).then(|| view! { <p class="faint">{format!("{} are not shown.", count(more, "more", "more"))}</p> })}
        }
        .into_any()
    })
}

fn addition(row: &AdditionDifference) -> AnyView {
    let written = row.written.map_or_else(|| "not known here".to_owned(), quantity);
    let when = if row.since_point { "after that point" } else { "before it, or nobody knows when" };
    let place = format!("{}, addition {}", row.agreement_name, row.addition);
    view! {
        <tr>
            <td><span class="two"><span class="strong">{row.company.clone()}</span><span>{row.product.clone()}</span><span class="faint">{place}</span></span></td>
            <td class="number" data-label="Last written">{written}</td>
            <td class="number" data-label="ConnectWise bills">{quantity(row.billed)}</td>
            <td data-label="Changed">{when}</td>
        </tr>
    }
    .into_any()
}

fn tickets(view: &LookOnlyView) -> Option<AnyView> {
    let more = view.tickets_total.saturating_sub(u32::try_from(view.tickets.len()).unwrap_or(u32::MAX));
    let rows = view.tickets.iter().map(|UnknownTicket { ticket, .. }| view! { <li>{format!("Ticket {ticket}")}</li> }).collect_view();
    (view.tickets_total > 0).then(|| {
        view! {
            <h2>{format!("Open tickets that are not in the ledger: {}", view.tickets_total)}</h2>
            <p>"Seatbridge opened them, and closes none of them by itself. Close in ConnectWise what nobody needs."</p>
            <ul aria-label="Open tickets that are not in the ledger">{rows}</ul>
            {(more > 0).then(|| view! { <p class="faint">{format!("{} are not shown.", count(more, "more", "more"))}</p> })}
        }
        .into_any()
    })
}
