//! Month: what ConnectWise will be told, line by line. The page the product is judged by.

mod decide;
mod dialogs;
mod evidence;
mod licences;
mod outcome;
mod row;
mod selection_bar;
mod state;
mod table;

use domain::access::Action;
use leptos::prelude::*;

pub(crate) use self::decide::can_retry;
use self::decide::has_failed;
use self::dialogs::MonthDialogs;
use self::selection_bar::SelectionBar;
use self::state::{Ask, MonthState};
use crate::api::{Link, asked};
use crate::components::button::WriteButton;
use crate::components::filter::Filter;
use crate::components::icon::icon;
use crate::components::keyboard::listen;
use crate::components::list::{Empty, list_states};
use crate::components::page_head::PageHead;
use crate::components::query::{from_query, refine};
use crate::components::shell::SyncNow;
use crate::components::table_link::table_link;
use crate::components::time::Age;
use crate::model::address::Address;
use crate::model::billing::lines::{SEGMENTS, segment, segment_name};
use crate::words::{count, grouped, month};
use contract::month::{ExportMonth, MonthQuery, MonthSummary, Segment, ShowMonth};

fn query(shown: Memo<Segment>, text: Memo<String>) -> MonthQuery {
    MonthQuery { segment: shown.get(), q: asked(&text.get()), ..MonthQuery::default() }
}

/// The month's lines: look, approve, hold, and see what came of it.
#[component]
pub(crate) fn MonthPage() -> impl IntoView {
    let asked = from_query("segment");
    let shown = Memo::new(move |_| asked.with(|name| segment(name)));
    let text = from_query("q");
    let state = MonthState::follow(move || Link::<ShowMonth>::of(&query(shown, text)));
    provide_context(state);
    listen(move |command| state.obey(command));

    let refine = refine();
    let apply = Callback::new(move |text: String| {
        refine.run(Address::of("/month").with("segment", segment_name(shown.get_untracked())).with("q", &text));
    });
    let lead = Signal::derive(move || state.summary().map(|summary| month(&summary)).unwrap_or_default());
    view! {
        <PageHead title="Month" does=Action::DecideLines lead=lead>
            <button type="button" class="button quiet" on:click=move |_| state.ask(Ask::Keys)>{icon("keyboard")} "Keys"</button>
            {table_link(move || Link::<ExportMonth>::of(&query(shown, text)))}
            <button type="button" class="button quiet" on:click=move |_| { let _ = window().print(); }>{icon("print")} "Print"</button>
            <SyncNow/>
        </PageHead>
        <div class="toolbar">
            <Segments state=state shown=shown text=text/>
            <Filter label="Filter companies, agreements, products" text=text on_apply=apply/>
        </div>
        {retry_all(state)}
        {list_states(state.list, move || empty(shown.get(), &text.get(), state.summary().as_ref()), move || table::table(state))}
        <p class="faint planned">
            {move || state.summary().and_then(|summary| summary.planned_at).map(|at| view! { "Planned " <Age at=at/> " from the latest seat counts and what ConnectWise holds." })}
        </p>
        <SelectionBar/>
        <MonthDialogs/>
    }
    .into_any()
}

/// One button for every change of the segment that was not written.
fn retry_all(state: MonthState) -> AnyView {
    let failed = Memo::new(move |_| state.list.rows.with(|rows| rows.iter().filter(|row| row.item.with(has_failed)).count()));
    let offer = move || {
        (failed.get() > 1).then(|| {
            view! {
                <div class="banner bad" role="status">
                    {icon("alert")}
                    <p>{move || count(failed.get() as u64, "approved change was not written.", "approved changes were not written.")} " Each line says why."</p>
                    <WriteButton does=Action::DecideLines on_press=move |()| state.retry_all()>"Try all again"</WriteButton>
                </div>
            }
        })
    };
    view! { {offer} }.into_any()
}

#[component]
fn Segments(state: MonthState, shown: Memo<Segment>, text: Memo<String>) -> impl IntoView {
    let links = SEGMENTS
        .into_iter()
        .map(|(this, name, words)| {
            let address = move || String::from(Address::of("/month").with("segment", name).with("q", &text.get()));
            let number = move || state.summary().map_or_else(|| "–".to_owned(), |summary| grouped(lines_of(&summary, this).into()));
            view! {
                <a class="segment" href=address aria-current=move || (shown.get() == this).then_some("true")>
                    {words} <span class="segment-count">{number}</span>
                </a>
            }
        })
        .collect_view();
    view! { <nav class="segments" aria-label="Lines by state">{links}</nav> }.into_any()
}

fn lines_of(summary: &MonthSummary, segment: Segment) -> u32 {
    match segment {
        Segment::ToApprove => summary.to_approve,
        Segment::Held => summary.held,
        Segment::Done => summary.done,
        Segment::Unchanged => summary.unchanged,
        Segment::All => summary.lines,
    }
}

fn empty(segment: Segment, text: &str, summary: Option<&MonthSummary>) -> Empty {
    if !text.is_empty() {
        return Empty::because(format!("No line here holds “{text}”."), "Look in All, or clear the filter.")
            .next("/month?segment=all", "Show all lines");
    }
    if summary.is_none_or(|summary| summary.planned_at.is_none()) {
        return Empty::because("Nothing is planned yet.", "Lines appear after ESET and ConnectWise were read and companies are mapped.")
            .next("/", "See what is missing");
    }
    match segment {
        Segment::ToApprove => Empty::because("Nothing to approve.", "Every line is right, held, or on its way.")
            .next("/month?segment=held", "Show held lines"),
        Segment::Held => Empty::because("No line is held.", "Held lines say here why, and what to do about it."),
        Segment::Done => Empty::because("Nothing is written yet this month.", "Approved lines come here once ConnectWise has them."),
        Segment::Unchanged => Empty::because("No line is unchanged.", "Lines that ConnectWise already has right come here."),
        Segment::All => {
            Empty::because("This month has no lines.", "Map companies and products first.").next("/companies", "Open companies")
        }
    }
}
