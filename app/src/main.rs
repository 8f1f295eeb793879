//! Seatbridge's screen.

#![allow(clippy::needless_pass_by_value, reason = "a component owns its properties")]
#![expect(unreachable_pub, reason = "the component macro makes a public builder for every component, also for private ones")]

mod api;
mod app;
mod components;
mod model;
mod pages;
mod passkeys;
mod state;
mod words;

use wasm_bindgen::JsCast;

fn main() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        show_reload_layer();
    }));
    let place = leptos::prelude::document().get_element_by_id("app").and_then(|place| place.dyn_into().ok());
    if let Some(place) = place {
        leptos::mount::mount_to(place, pages::visit::screen).forget();
    }
}

/// After a panic nothing on the page works any more: index.html holds a layer that says so, with a link that reloads.
fn show_reload_layer() {
    if let Some(root) = leptos::prelude::document().document_element() {
        let _ = root.set_attribute("data-crashed", "");
    }
}
