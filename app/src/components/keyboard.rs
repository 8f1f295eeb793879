//! Keys on a list: from a key press to a command, and from a command to the focused row.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::filter::FILTER_ID;
use crate::model::keys::{Command, Place, command, moved};

/// Hands every key that means something on a list to `obey`, while the owner lives.
pub(crate) fn listen(obey: impl Fn(Command) + 'static) {
    let listening = window_event_listener(ev::keydown, move |event| {
        let chord = event.ctrl_key() || event.alt_key() || event.meta_key();
        if let Some(wanted) = command(&event.key(), place(&event), chord) {
            if wanted != Command::Escape {
                event.prevent_default();
            }
            obey(wanted);
        }
    });
    on_cleanup(move || listening.remove());
}

fn place(event: &web_sys::KeyboardEvent) -> Place {
    let Some(element) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else {
        return Place::Page;
    };
    let inside = |selector: &str| element.closest(selector).is_ok_and(|found| found.is_some());
    match element.tag_name().as_str() {
        _ if inside("dialog, [popover]") => Place::Dialog,
        "INPUT" if element.get_attribute("type").as_deref() == Some("checkbox") => Place::Control,
        "INPUT" | "TEXTAREA" | "SELECT" => Place::Field,
        _ if inside("button, a, summary") => Place::Control,
        _ => Place::Page,
    }
}

/// Moves the cursor `steps` rows and puts the focus on the element `prefix` names in that row.
pub(crate) fn step(cursor: RwSignal<Option<String>>, keys: &[String], steps: isize, prefix: &str) {
    if let Some(key) = moved(keys, cursor.get_untracked().as_deref(), steps) {
        cursor.set(Some(key.clone()));
        focus(&format!("{prefix}{key}"));
    }
}

/// Puts the focus into the page's filter.
pub(crate) fn go_to_filter() {
    focus(FILTER_ID);
}

/// Puts the focus on an element, and the element into view.
pub(crate) fn focus(id: &str) {
    let element = document().get_element_by_id(id).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(element) = element {
        // Only fails where there is nothing to focus.
        let _ = element.focus();
        let nearest = web_sys::ScrollIntoViewOptions::new();
        nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&nearest);
    }
}
