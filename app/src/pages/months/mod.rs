//! Months: the list, closing them and their statements; and ESET's bill beside ConnectWise's.

mod close;
mod list;
mod month;
mod numbers;
mod reconciliation;

use leptos::prelude::*;
use leptos_router::hooks::use_location;

pub(crate) use self::list::MonthsPage;
pub(crate) use self::month::OneMonthPage;
pub(crate) use self::reconciliation::ReconciliationPage;

const PARTS: [(&str, &str); 2] = [("/books", "Months"), ("/books/reconciliation", "Reconciliation")];

/// Links to the parts of the months.
#[component]
fn BooksNav() -> impl IntoView {
    let path = use_location().pathname;
    let links = PARTS
        .into_iter()
        .map(|(address, words)| {
            let is_here = move || path.with(|path| path == address);
            view! { <a class="segment" href=address aria-current=move || is_here().then_some("page")>{words}</a> }
        })
        .collect_view();
    view! { <nav class="segments" aria-label="Months">{links}</nav> }.into_any()
}
