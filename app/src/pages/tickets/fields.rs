//! Form fields of the ticket pages, over one draft that keeps what was typed and what is wrong with it.

use leptos::prelude::*;

use crate::components::form::field::TextField;
use crate::model::tickets::desk::Choosable;
use crate::model::typed::{Complaint, Typed};

/// What was typed into a form, and what is wrong with it.
#[derive(Clone, Copy)]
pub(super) struct Draft {
    /// What was typed.
    pub(super) typed: RwSignal<Typed>,
    /// What is said below one of the fields.
    pub(super) complaint: RwSignal<Option<Complaint>>,
}

impl Draft {
    /// A form that holds `typed`.
    pub(super) fn of(typed: Typed) -> Self {
        Self { typed: RwSignal::new(typed), complaint: RwSignal::new(None) }
    }

    /// What stands in a field, as it was typed.
    pub(super) fn value(self, field: &'static str) -> String {
        self.typed.with(|typed| typed.raw(field))
    }

    /// The same as a signal, which moves only when this field does.
    pub(super) fn watch(self, field: &'static str) -> Memo<String> {
        Memo::new(move |_| self.value(field))
    }

    /// Types into a field.
    pub(super) fn set(self, field: &'static str, value: String) {
        self.complaint.set(None);
        self.typed.update(|typed| typed.set(field, value));
    }

    /// Whether a field holds a value.
    pub(super) fn is(self, field: &'static str, value: &str) -> bool {
        self.typed.with(|typed| typed.get(field) == value)
    }

    /// What is wrong with a field.
    pub(super) fn wrong(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.complaint.with(|wrong| wrong.as_ref().filter(|(name, _)| *name == field).map(|(_, words)| words.clone()))
        })
    }
}

/// A field of one line.
pub(super) fn text(draft: Draft, field: &'static str, label: &'static str, hint: &'static str) -> AnyView {
    let value = draft.watch(field);
    view! {
        <TextField id=field label=label hint=hint value=value on_type=move |value| draft.set(field, value) complaint=draft.wrong(field)/>
    }
    .into_any()
}

/// A field of an input of another kind than text: a moment, a time.
pub(super) fn input(draft: Draft, field: &'static str, kind: &'static str, label: &'static str, hint: &'static str) -> AnyView {
    let (value, wrong, note) = (draft.watch(field), draft.wrong(field), format!("{field}-note"));
    view! {
        <div class="field" class:wrong=move || wrong.with(Option::is_some)>
            <label for=field>{label}</label>
            <input id=field type=kind aria-describedby=note.clone() aria-invalid=move || wrong.with(Option::is_some).then_some("true")
                prop:value=value on:input=move |event| draft.set(field, event_target_value(&event))/>
            <p class="field-note" id=note>{move || wrong.get().unwrap_or_else(|| hint.to_owned())}</p>
        </div>
    }
    .into_any()
}

/// A field of many lines.
pub(super) fn lines(draft: Draft, field: &'static str, label: &'static str, hint: &'static str) -> AnyView {
    let (value, wrong, note) = (draft.watch(field), draft.wrong(field), format!("{field}-note"));
    view! {
        <div class="field" class:wrong=move || wrong.with(Option::is_some)>
            <label for=field>{label}</label>
            <textarea id=field rows="7" spellcheck="true" aria-describedby=note.clone()
                aria-invalid=move || wrong.with(Option::is_some).then_some("true")
                prop:value=value on:input=move |event| draft.set(field, event_target_value(&event))></textarea>
            <p class="field-note" id=note>{move || wrong.get().unwrap_or_else(|| hint.to_owned())}</p>
        </div>
    }
    .into_any()
}

/// A choice of a list that may arrive later. What was chosen once and is not offered any more is shown as that.
pub(super) fn select(
    draft: Draft,
    field: &'static str,
    label: &'static str,
    hint: impl Fn() -> String + Send + Sync + 'static,
    blank: &'static str,
    options: impl Fn() -> Vec<Choosable> + Send + Sync + 'static,
    on_choose: Callback<String>,
) -> AnyView {
    let (value, wrong, note) = (draft.watch(field), draft.wrong(field), format!("{field}-note"));
    let options = Memo::new(move |_| options());
    let list = move || {
        let is = move |id: &str| value.with(|value| value.trim() == id);
        let options = options.get();
        let gone = untrack(|| value.get()).trim().to_owned();
        let gone = (!gone.is_empty() && !options.iter().any(|(id, _)| *id == gone)).then(|| (gone, "Not offered any more".to_owned()));
        let option = move |(id, name): Choosable| {
            let this = id.clone();
            view! { <option value=id prop:selected=move || is(&this)>{name}</option> }
        };
        view! {
            <option value="" prop:selected=move || is("")>{blank}</option>
            {gone.into_iter().chain(options).map(option).collect_view()}
        }
    };
    let off = move || options.with(Vec::is_empty) && value.with(|value| value.trim().is_empty());
    view! {
        <div class="field" class:wrong=move || wrong.with(Option::is_some)>
            <label for=field>{label}</label>
            <select id=field aria-describedby=note.clone() disabled=off aria-invalid=move || wrong.with(Option::is_some).then_some("true")
                on:change=move |event| on_choose.run(event_target_value(&event))>{list}</select>
            <p class="field-note" id=note>{move || wrong.get().unwrap_or_else(&hint)}</p>
        </div>
    }
    .into_any()
}

/// A few choices in a row.
pub(super) fn row(draft: Draft, field: &'static str, legend: &'static str, options: &'static [(&'static str, &'static str)]) -> AnyView {
    choices(draft, field, legend, options, Callback::new(move |value: &'static str| draft.set(field, value.to_owned())))
}

/// A few choices in a row, of which more follows than what stands in the field.
pub(super) fn choices(
    draft: Draft,
    field: &'static str,
    legend: &'static str,
    options: &'static [(&'static str, &'static str)],
    on_choose: Callback<&'static str>,
) -> AnyView {
    let option = move |(value, words): &'static (&'static str, &'static str)| {
        view! {
            <label class="choice-option">
                <input type="radio" name=field prop:checked=move || draft.is(field, value) on:change=move |_| on_choose.run(value)/>
                <span>{*words}</span>
            </label>
        }
    };
    view! {
        <fieldset class="choice">
            <legend>{legend}</legend>
            <div class="choice-options">{options.iter().map(option).collect_view()}</div>
        </fieldset>
    }
    .into_any()
}
