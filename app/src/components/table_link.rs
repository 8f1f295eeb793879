use leptos::prelude::*;

use super::icon::icon;
use crate::model::address::Address;

/// Takes away as a table what the page shows: a file the Worker makes, not a page of the app.
pub(crate) fn table_link(address: impl Fn() -> Address + Send + 'static) -> AnyView {
    let address = move || String::from(address());
    view! { <a class="button quiet" href=address rel="external" download="">{icon("download")} "CSV"</a> }.into_any()
}
