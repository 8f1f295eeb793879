//! A text field.

use leptos::prelude::*;

/// A text field with its label above, and its hint or complaint below, tied to it for those who cannot see where they stand.
#[component]
pub(crate) fn TextField(
    /// Its id; unique on the page.
    #[prop(into)]
    id: String,
    /// What stands above it.
    #[prop(into)]
    label: String,
    /// What stands below it.
    #[prop(optional, into)]
    hint: String,
    /// What stands in it.
    #[prop(into)]
    value: Signal<String>,
    /// What typing does.
    #[prop(into)]
    on_type: Callback<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    complaint: Signal<Option<String>>,
    /// Whether it is not to be read over a shoulder.
    #[prop(optional)]
    secret: bool,
    /// What stands in it while it is empty.
    #[prop(optional, into)]
    placeholder: String,
) -> impl IntoView {
    let note = format!("{id}-note");
    let note_id = note.clone();
    view! {
        <div class="field" class:wrong=move || complaint.with(Option::is_some)>
            <label for=id.clone()>{label}</label>
            <input
                id=id.clone()
                name=id
                type=if secret { "password" } else { "text" }
                autocomplete=if secret { "new-password" } else { "off" }
                spellcheck="false"
                autocapitalize="off"
                placeholder=placeholder
                aria-describedby=note
                aria-invalid=move || complaint.with(Option::is_some).then_some("true")
                prop:value=value
                on:input=move |event| on_type.run(event_target_value(&event))
            />
            <p class="field-note" id=note_id>{move || complaint.get().unwrap_or_else(|| hint.clone())}</p>
        </div>
    }
    .into_any()
}
