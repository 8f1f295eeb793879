//! What a page keeps in its address, so that a link leads to the same view.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use crate::model::address::Address;

/// A value of this page's query. It stays as it was while the app is on its way to another page.
pub(crate) fn from_query(name: &'static str) -> Memo<String> {
    let location = use_location();
    let here = location.pathname.get_untracked();
    Memo::new(move |known: Option<&String>| {
        if location.pathname.with(|path| *path == here) {
            location.query.with(|query| query.get(name).unwrap_or_default())
        } else {
            known.cloned().unwrap_or_default()
        }
    })
}

/// Goes to an address without a step in the browser's history and without scrolling: the same page, shown differently.
pub(crate) fn refine() -> Callback<Address> {
    let navigate = use_navigate();
    Callback::new(move |address: Address| {
        navigate(&String::from(address), NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
    })
}
