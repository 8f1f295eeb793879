//! The list of months and where each stands.

use contract::months::{ListMonths, MonthItem, MonthState};
use leptos::prelude::*;

use super::BooksNav;
use crate::api::{Client, Link};
use crate::components::badge::badge;
use crate::components::list::{Empty, list_states};
use crate::components::page_head::PageHead;
use crate::components::time::moment;
use crate::model::billing::lines::Tone;
use crate::state::live::Live;
use crate::state::paged::Paged;
use crate::words::{count, period};

/// Every month and where it stands, latest first.
#[component]
pub(crate) fn MonthsPage() -> impl IntoView {
    let (client, live) = (expect_context::<Client>(), expect_context::<Live>());
    let list: Paged<Vec<MonthItem>> = Paged::follow(client, Link::<ListMonths>::here);
    list.follow_beat(live);
    let empty = || Empty::because("There is no month yet.", "The first comes with the first plan.").next("/month", "Open the month");
    view! {
        <PageHead title="Months" lead="Close a month, print its statement, and see what ESET bills beside what you bill."/>
        <div class="toolbar"><BooksNav/></div>
        {list_states(list, empty, move || view! {
            <ul class="records" aria-label="Months">
                {list.each(move |_, month| (move || month.with(month_record)).into_any())}
            </ul>
        }.into_any())}
    }
    .into_any()
}

/// A month's state as an icon, a word and a colour.
pub(super) fn state_badge(state: MonthState, running: bool) -> AnyView {
    match (state, running) {
        (MonthState::Closed, _) => badge(Tone::Good, "Closed"),
        (MonthState::Ready, _) => badge(Tone::Busy, "Can be closed"),
        (MonthState::Open, true) => badge(Tone::Quiet, "Running"),
        (MonthState::Open, false) => badge(Tone::Attention, "Open"),
    }
}

fn month_record(month: &MonthItem) -> AnyView {
    let how = match &month.closed {
        Some(closed) => view! { "Closed by " <strong>{closed.by.clone()}</strong> " " {moment(closed.at)} }.into_any(),
        None => match month.blockers {
            Some(0) => "Nothing is in the way of closing it".into_any(),
            Some(blockers) => format!("{} to settle before it can be closed", count(blockers, "thing", "things")).into_any(),
            None => "Open it to see what is in the way of closing it".into_any(),
        },
    };
    view! {
        <li>
            <div class="record-head">
                <a class="strong" href=format!("/books/{}", month.period)>{period(month.period)}</a> {state_badge(month.state, month.running)}
            </div>
            <p class="faint">{how}</p>
        </li>
    }
    .into_any()
}
