//! The choice of a role.

use domain::access::Role;
use leptos::prelude::*;

use crate::model::settings::sign_in::{role_label, role_name};

/// The roles that can be given, each with what it does tied to it. `name` is unique on the page.
pub(crate) fn role_choice(name: &'static str, legend: &'static str, chosen: RwSignal<Role>) -> AnyView {
    let options = Role::GIVEN.into_iter().enumerate().map(|(place, role)| {
        let id = format!("{name}-{place}");
        let note = format!("{id}-note");
        view! {
            <div class="option">
                <input type="radio" id=id.clone() name=name aria-describedby=note.clone()
                    prop:checked=move || chosen.get() == role on:change=move |_| chosen.set(role)/>
                <label for=id>{role_name(role)}</label>
                <p id=note class="faint">{role_label(role)}</p>
            </div>
        }
    });
    view! { <fieldset class="options"><legend>{legend}</legend>{options.collect_view()}</fieldset> }.into_any()
}
