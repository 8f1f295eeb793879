//! How far a running pass is.

use contract::passes::{PassState, PassView};
use leptos::prelude::*;

use super::icon::icon;
use crate::words::{count, pass_step};

/// A pass under way, with how far it is.
pub(crate) fn pass_progress(pass: &PassView) -> AnyView {
    let words = pass_step(pass);
    let bar = match (pass.state, pass.of) {
        (PassState::Running, Some(of)) if of > 0 => {
            view! { <progress max=of.to_string() value=pass.done.to_string() aria-label=words.clone()></progress> }.into_any()
        }
        _ => view! { <progress aria-label=words.clone()></progress> }.into_any(),
    };
    view! {
        <li class="pass-progress">
            <span>{icon("sync")} {words}</span>
            {bar}
            <span class="faint">{count(pass.calls, "call", "calls")}</span>
        </li>
    }
    .into_any()
}
