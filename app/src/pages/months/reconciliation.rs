//! ESET's bill, the seats in use and ConnectWise's bill, side by side.

use contract::reconciliation::{ExportReconciliation, Reconciliation, ReconciliationQuery, ShowReconciliation};
use domain::billing::{Finding, Reconciled, Totals};
use leptos::prelude::*;

use super::BooksNav;
use super::numbers::{head, money, number_cells, totals};
use crate::api::{Client, Link, asked};
use crate::components::badge::badge;
use crate::components::filter::Filter;
use crate::components::list::{Empty, list_states};
use crate::components::page_head::PageHead;
use crate::components::query::{from_query, refine};
use crate::components::table_link::table_link;
use crate::model::address::Address;
use crate::model::billing::lines::Tone;
use crate::model::billing::months::{FINDINGS, finding_kind, finding_label, finding_name};
use crate::state::live::Live;
use crate::state::paged::Paged;
use crate::words::{grouped, quantity};

/// ESET's bill, the seats in use and ConnectWise's bill, side by side.
#[component]
pub(crate) fn ReconciliationPage() -> impl IntoView {
    let (client, live) = (expect_context::<Client>(), expect_context::<Live>());
    let named = from_query("finding");
    let shown = Memo::new(move |_| named.with(|name| finding_name(name)));
    let text = from_query("q");
    let query = move || ReconciliationQuery { finding: finding_kind(shown.get()), q: asked(&text.get()), ..ReconciliationQuery::default() };
    let list: Paged<Reconciliation> = Paged::follow(client, move || Link::<ShowReconciliation>::of(&query()));
    list.follow_beat(live);
    let sums = Memo::new(move |_| list.head.get());
    let refine = refine();
    let apply = Callback::new(move |text: String| {
        refine.run(Address::of("/books/reconciliation").with("finding", shown.get_untracked()).with("q", &text));
    });
    let links = FINDINGS
        .into_iter()
        .map(|(name, words)| {
            let href = move || String::from(Address::of("/books/reconciliation").with("finding", name).with("q", &text.get()));
            let number = move || {
                list.head
                    .with(|totals| totals.as_ref().map(|totals| rows_of(totals, name)))
                    .map_or_else(|| "–".to_owned(), |rows| grouped(rows.into()))
            };
            view! {
                <a class="segment" href=href aria-current=move || (shown.get() == name).then_some("true")>
                    {words} <span class="segment-count">{number}</span>
                </a>
            }
        })
        .collect_view();
    let empty = move || {
        if text.with(String::is_empty) {
            Empty::because("Nothing to show here.", "What ESET bills, what is used and what ConnectWise bills agree in this respect.")
        } else {
            Empty::because("No line here holds this text.", "Look in All, or clear the filter.")
                .next("/books/reconciliation", "Show all lines")
        }
    };
    view! {
        <PageHead title="Reconciliation" lead="What ESET bills you, what is in use and what ConnectWise bills, this month.">
            {table_link(move || Link::<ExportReconciliation>::of(&query()))}
        </PageHead>
        <div class="toolbar"><BooksNav/></div>
        {move || sums.get().map(|sums| view! { <section class="panel" aria-label="Totals">{totals(&sums)}</section> })}
        <div class="toolbar">
            <nav class="segments" aria-label="By finding">{links}</nav>
            <Filter label="Filter companies, agreements, products" text=text on_apply=apply/>
        </div>
        {list_states(list, empty, move || view! {
            <table class="plain stack numbers" aria-label="Reconciliation">
                {head("What does not agree")}
                <tbody>{list.each(move |_, row| (move || row.with(row_view)).into_any())}</tbody>
            </table>
        }.into_any())}
    }
    .into_any()
}

fn rows_of(totals: &Totals, name: &str) -> u32 {
    match finding_kind(name) {
        None => totals.rows,
        Some(kind) => totals.findings.iter().find(|count| count.kind == kind).map_or(0, |count| count.rows),
    }
}

fn row_view(row: &Reconciled) -> AnyView {
    let found = row.findings.iter().map(|found| finding(found, row.currency.as_deref())).collect_view();
    view! { <tr>{number_cells(row)}<td data-label="Finding"><span class="two">{found}</span></td></tr> }.into_any()
}

fn finding(found: &Finding, currency: Option<&str>) -> AnyView {
    let worth = found.amount.map(|sum| format!("{} a month", money(Some(sum), currency, found.estimated)));
    let words = format!("{}: {}", finding_label(found.kind), quantity(found.units));
    view! { <span title=found.words.clone()>{badge(Tone::Attention, words)} " " <span class="faint">{worth}</span></span> }.into_any()
}
