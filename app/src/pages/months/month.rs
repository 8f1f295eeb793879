//! One month: what keeps it open or how it was closed, its corrections and its lines.

use contract::months::{ClosedView, ExportStatement, MonthDetail, MonthDetailQuery, MonthState, PrintStatement, ShowMonthDetail};
use domain::access::Action;
use domain::billing::{Blocker, Correction, Period, StatementLine};
use leptos::prelude::*;

use super::close::{CloseDialog, Closing};
use super::list::state_badge;
use super::numbers::{head, number_cells, totals};
use crate::api::{Client, Link, asked};
use crate::components::button::WriteButton;
use crate::components::filter::Filter;
use crate::components::icon::icon;
use crate::components::list::{Empty, list_states};
use crate::components::page_head::PageHead;
use crate::components::query::{from_query, refine};
use crate::components::table_link::table_link;
use crate::components::time::moment;
use crate::model::address::Address;
use crate::model::billing::months::{CHECKS, blocker_page, correction, month_name};
use crate::state::live::Live;
use crate::state::paged::Paged;
use crate::words::{count, quantity};

/// One month: what keeps it from being closed, or how it was closed; its corrections and its lines.
#[component]
pub(crate) fn OneMonthPage(
    /// The month.
    period: Period,
) -> impl IntoView {
    let (client, live) = (expect_context::<Client>(), expect_context::<Live>());
    let here = format!("/books/{period}");
    let text = from_query("q");
    let list: Paged<MonthDetail> = Paged::follow(client, move || {
        Link::<ShowMonthDetail>::at(&period).with(&MonthDetailQuery { q: asked(&text.get()), ..MonthDetailQuery::default() })
    });
    list.follow_beat(live);
    let closing: RwSignal<Option<Closing>> = RwSignal::new(None);
    let refine = refine();
    let apply = Callback::new(move |text: String| refine.run(Address::of(&here).with("q", &text)));
    // What is read again and is the same is left alone, and the focus with it.
    let month = Memo::new(move |_| list.head.get());
    let lead = Signal::derive(move || month.with(|month| month.as_ref().map(lead).unwrap_or_default()));
    let printed = Link::<PrintStatement>::at(&period).into_text();
    let empty = move || {
        if text.with(String::is_empty) {
            Empty::because("This month has no lines.", "Nothing was planned in it.")
        } else {
            Empty::because("No line here holds this text.", "Clear the filter to see all.")
        }
    };
    view! {
        <PageHead title=month_name(&period.to_string()) lead=lead>
            {table_link(move || Link::<ExportStatement>::at(&period))}
            <a class="button" href=printed target="_blank" rel="external">{icon("print")} "Statement"</a>
        </PageHead>
        <p class="back"><a href="/books">"All months"</a></p>
        {move || month.with(|month| month.as_ref().map(|month| state_of(month, closing)))}
        <div class="toolbar">
            <h2>"Lines"</h2>
            <Filter label="Filter companies, agreements, products" text=text on_apply=apply/>
        </div>
        {list_states(list, empty, move || view! {
            <table class="plain stack numbers" aria-label="Lines of the month">
                {head("Written this month")}
                <tbody>{list.each(move |_, line| (move || line.with(line_row)).into_any())}</tbody>
            </table>
        }.into_any())}
        <CloseDialog closing=closing list=list/>
    }
    .into_any()
}

fn lead(month: &MonthDetail) -> String {
    let running = if month.running { " It is still running." } else { "" };
    match month.state {
        MonthState::Closed => "Closed. The statement never changes; what is found out later is a dated correction.".to_owned(),
        MonthState::Ready => format!("Nothing is in the way of closing it.{running}"),
        MonthState::Open => {
            let blockers = month.blockers.len() as u64;
            format!("{} to settle before it can be closed.{running}", count(blockers, "thing is left", "things are left"))
        }
    }
}

fn state_of(month: &MonthDetail, closing: RwSignal<Option<Closing>>) -> AnyView {
    let body = match &month.closed {
        Some(closed) => how_closed(month, closed),
        None => checklist(month, closing),
    };
    view! {
        <section class="panel" aria-label="Closing">
            <div class="record-head"><h2>"Closing"</h2> {state_badge(month.state, month.running)}</div>
            {body}
        </section>
        {(!month.corrections.is_empty()).then(|| corrections(&month.corrections))}
        <section class="panel" aria-label="The month in numbers">
            <h2>"In numbers"</h2>
            {totals(&month.totals)}
        </section>
    }
    .into_any()
}

/// What must be right before a month is closed, and what of it is.
fn checklist(month: &MonthDetail, closing: RwSignal<Option<Closing>>) -> AnyView {
    let items = CHECKS
        .into_iter()
        .map(|(kind, right)| match month.blockers.iter().find(|blocker| blocker.code == kind) {
            None => view! { <li class="check good">{icon("check")} <div><p>{right}</p></div></li> }.into_any(),
            Some(blocker) => blocker_item(blocker),
        })
        .collect_view();
    let blocked = month.blockers.iter().any(|blocker| !blocker.acceptable);
    let asked = Closing { period: month.period, running: month.running, accepting: month.blockers.clone() };
    view! {
        <ul class="checklist" aria-label="Before it can be closed">{items}</ul>
        <div class="actions">
            <WriteButton does=Action::CloseMonth look="primary" disabled=Signal::derive(move || blocked) on_press=move |()| closing.set(Some(asked.clone()))>"Close month…"</WriteButton>
            {blocked.then(|| view! { <span class="faint">"Off until what is marked above is settled."</span> })}
        </div>
    }
    .into_any()
}

fn blocker_item(blocker: &Blocker) -> AnyView {
    let (tone, symbol) = if blocker.acceptable { ("attention", "pause") } else { ("bad", "alert") };
    let companies = (!blocker.companies.is_empty()).then(|| {
        let more = blocker.lines as usize > blocker.companies.len();
        let words = format!("{}{}", blocker.companies.join(", "), if more { ", …" } else { "" });
        view! { <p class="faint">{words}</p> }
    });
    let (address, words) = blocker_page(blocker.code);
    view! {
        <li class=format!("check {tone}")>
            {icon(symbol)}
            <div><p class="strong">{blocker.words.clone()}</p><p>{blocker.remedy.clone()} " " <a href=address>{words}</a></p>{companies}</div>
        </li>
    }
    .into_any()
}

fn how_closed(month: &MonthDetail, closed: &ClosedView) -> AnyView {
    let in_spite = (!month.accepted.is_empty()).then(|| {
        let what: Vec<&str> = CHECKS.iter().filter(|(kind, _)| month.accepted.contains(kind)).map(|(_, right)| *right).collect();
        let words = format!("Closed although this was not so: {}. ", what.join(", "));
        view! { <p>{words} <q>{month.reason.clone()}</q></p> }
    });
    view! {
        <p>"Closed by " <strong>{closed.by.clone()}</strong> " " {moment(closed.at)} "."</p>
        {in_spite}
        <p>{month.reopening.clone()}</p>
        <p class="faint">"Fingerprint of the statement (SHA-256): " <code>{closed.hash.clone()}</code></p>
    }
    .into_any()
}

fn corrections(found: &[Correction]) -> AnyView {
    let items = found
        .iter()
        .map(|one| {
            view! {
                <li>
                    <div class="record-head">
                        <span class="strong">{one.company.clone()}</span> <span>{one.product.clone()}</span>
                        <span class="number">{correction(one)}</span>
                        <span class="faint">{moment(one.found_at)}</span>
                    </div>
                    <p class="faint">{one.reason.clone()}</p>
                </li>
            }
        })
        .collect_view();
    view! {
        <section aria-label="Corrections">
            <h2 class="section">"Corrections since it was closed"</h2>
            <ul class="records section" aria-label="Corrections">{items}</ul>
        </section>
    }
    .into_any()
}

fn line_row(line: &StatementLine) -> AnyView {
    let written = line
        .changes
        .iter()
        .map(|change| view! { <span>{format!("{} → {}, approved by {}", quantity(change.from), quantity(change.to), change.approved_by)}</span> })
        .collect_view();
    let carried =
        line.corrections.iter().map(|one| view! { <span class="faint">{format!("Carries {}", correction(one))}</span> }).collect_view();
    view! {
        <tr>
            {number_cells(&line.numbers)}
            <td data-label="Written"><span class="two">{written} {carried}</span></td>
        </tr>
    }
    .into_any()
}
