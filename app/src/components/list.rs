//! The empty, loading, error and stale states that every list has.

use std::sync::Arc;

use domain::access::Action;
use leptos::prelude::*;

use super::icon::icon;
use super::problem::problem_card;
use crate::model::settings::sign_in::who;
use crate::state::paged::{ListAnswer, Paged};
use crate::state::signed::{may, own_groups};
use crate::words::{count, grouped};

/// What a list shows instead of nothing: why it is empty, and the next step.
#[derive(Clone)]
pub(crate) struct Empty {
    /// Why.
    pub(crate) why: String,
    /// What that means, or what to do.
    pub(crate) then: String,
    /// Where the next step is: address and words.
    pub(crate) step: Option<(&'static str, &'static str)>,
}

impl Empty {
    /// Says why a list is empty and what follows.
    pub(crate) fn because(why: impl Into<String>, then: impl Into<String>) -> Self {
        Self { why: why.into(), then: then.into(), step: None }
    }

    /// With a link to the next step, for whose role may do it; others read who can.
    pub(crate) fn next_for(self, does: Action, address: &'static str, words: &'static str) -> Self {
        if may(does) {
            return self.next(address, words);
        }
        Self { then: format!("{} Ask {} for it.", self.then, who(does.roles())), ..self }
    }

    /// With a link to the next step.
    pub(crate) fn next(mut self, address: &'static str, words: &'static str) -> Self {
        self.step = Some((address, words));
        self
    }
}

/// What stands where a list would be.
pub(crate) fn empty_view(empty: Empty) -> AnyView {
    let step = empty.step.map(|(address, words)| view! { <a class="button" href=address>{words}</a> });
    let own = own_groups()
        .map(|groups| view! { <p class="faint">{format!("You see what is about companies of {} alone.", groups.join(", "))}</p> });
    view! {
        <div class="empty">
            <p class="empty-why">{empty.why}</p>
            <p>{empty.then}</p>
            {own}
            {step}
        </div>
    }
    .into_any()
}

/// Rows of the right height while a list is read for the first time.
pub(crate) fn skeleton(rows: usize) -> AnyView {
    let rows = (0..rows).map(|_| view! { <div class="skeleton-row"><i></i><i></i><i></i></div> }).collect_view();
    view! { <div class="skeleton" role="status" aria-label="Loading">{rows}</div> }.into_any()
}

/// A list in each of its states: loading, failed, empty, shown, shown but old; with a way to read on.
pub(crate) fn list_states<A: ListAnswer>(
    list: Paged<A>,
    empty: impl Fn() -> Empty + Send + Sync + 'static,
    rows: impl Fn() -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let retry = Callback::new(move |()| list.read_anew());
    let is_empty = Memo::new(move |_| list.rows.with(Vec::is_empty));
    let shown = move || match (list.loaded.get(), is_empty.get()) {
        (false, _) if list.problem.with(Option::is_some) => ().into_any(),
        (false, _) => skeleton(8),
        (true, true) => empty_view(empty()),
        (true, false) => rows(),
    };
    view! {
        {move || list.problem.get().map(|problem| problem_card(&problem, Some(retry)))}
        <div class="list" aria-busy=move || list.busy.get().to_string()>{shown}</div>
        {load_more(list.total, Signal::derive(move || list.rows.with(Vec::len)), list.next, list.busy, Callback::new(move |()| list.more()))}
    }
    .into_any()
}

impl<A: ListAnswer> Paged<A> {
    /// One view for each row of the list.
    pub(crate) fn each(self, row: impl Fn(String, RwSignal<A::Item>) -> AnyView + Send + Sync + 'static) -> AnyView {
        each_row(move || self.keys(), move |key| self.row(&key).map_or_else(|| ().into_any(), |item| row(key, item)))
    }
}

/// One view for each key; a row that stays keeps its view. All lists share this one loop.
pub(crate) fn each_row(
    keys: impl Fn() -> Vec<String> + Send + Sync + 'static,
    row: impl Fn(String) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    rows_by_key(Arc::new(keys), Arc::new(row))
}

type Keys = Arc<dyn Fn() -> Vec<String> + Send + Sync>;
type RowView = Arc<dyn Fn(String) -> AnyView + Send + Sync>;

fn rows_by_key(keys: Keys, row: RowView) -> AnyView {
    view! { <For each=move || keys() key=|key| key.clone() children=move |key| row(key)/> }.into_any()
}

fn load_more(
    total: RwSignal<u32>,
    shown: Signal<usize>,
    next: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
    more: Callback<()>,
) -> AnyView {
    let footer = move || {
        next.with(Option::is_some).then(|| {
            view! {
                <footer class="list-foot">
                    <span class="faint">
                        {move || format!("{} of {} shown", grouped(shown.get() as u64), count(total.get(), "row", "rows"))}
                    </span>
                    <button type="button" class="button" disabled=busy on:click=move |_| more.run(())>
                        {icon("down")} "Show more"
                    </button>
                </footer>
            }
        })
    };
    view! { {footer} }.into_any()
}
