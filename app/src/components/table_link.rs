//! A link that downloads as CSV what the page shows.

use contract::{Endpoint, File};
use leptos::prelude::*;

use super::icon::icon;
use crate::api::Link;

/// Takes away as a table what the page shows: a file the Worker makes, not a page of the app.
pub(crate) fn table_link<E: Endpoint<Response = File>>(link: impl Fn() -> Link<E> + Send + 'static) -> AnyView {
    let address = move || link().into_text();
    view! { <a class="button quiet" href=address rel="external" download="">{icon("download")} "CSV"</a> }.into_any()
}
