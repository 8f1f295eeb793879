//! Everything anyone did, latest first.

use contract::Page;
use contract::history::{AuditRow, ListHistory};
use leptos::prelude::*;

use super::filters::EventFilter;
use crate::api::{Client, Link};
use crate::components::list::{Empty, list_states};
use crate::components::time::moment;
use crate::state::paged::Paged;

/// Everything anyone did, latest first.
#[component]
pub(super) fn Events(text: Memo<String>, filter: EventFilter) -> impl IntoView {
    let client = expect_context::<Client>();
    let list: Paged<Page<AuditRow>> = Paged::follow(client, move || Link::<ListHistory>::of(&filter.query(text)));
    let empty = move || {
        if text.with(String::is_empty) && filter.is_empty() {
            Empty::because("Nothing to show.", "Sign-ins, mappings, approvals and writes are kept here.")
        } else {
            Empty::because("Nothing fits these filters.", "Widen the days, or clear a filter.")
                .next("/history?show=events", "Show everything")
        }
    };
    list_states(list, empty, move || {
        view! {
            <ul class="records" aria-label="Events">
                {list.each(move |_, view| view.with_untracked(event_record))}
            </ul>
        }
        .into_any()
    })
}

fn event_record(row: &AuditRow) -> AnyView {
    let change = match (&row.before, &row.after) {
        (None, None) => None,
        (before, after) => {
            let (before, after) = (before.clone().unwrap_or_else(|| "–".to_owned()), after.clone().unwrap_or_else(|| "–".to_owned()));
            Some(view! { <p><span class="faint">{before}</span> " → " {after}</p> })
        }
    };
    view! {
        <li>
            <div class="record-head">
                <span class="strong">{row.event.label()}</span> <span>{row.subject.clone()}</span>
                <span class="faint">{row.by.clone()} " · " {moment(row.at)}</span>
            </div>
            {change}
            {row.detail.clone().map(|detail| view! { <p class="faint">{detail}</p> })}
        </li>
    }
    .into_any()
}
