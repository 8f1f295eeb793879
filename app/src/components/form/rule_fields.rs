//! How a mapped product is counted and rounded.

use domain::mapping::{CountMethod, ProductRule};
use leptos::prelude::*;

use super::field::TextField;
use crate::model::tickets::rule_form::{CREATE, ON, field_named, rule, typed};
use crate::model::typed::{Complaint, Typed};
use crate::state::preview::Preview;

/// A rule while it is edited.
#[derive(Clone, Copy)]
pub(crate) struct RuleForm {
    typed: RwSignal<Typed>,
    /// What the Worker refused, and at which field.
    refused: RwSignal<Option<Complaint>>,
    /// The rule, or what is wrong with what was typed.
    pub(crate) rule: Memo<Result<ProductRule, Complaint>>,
    preview: Preview,
}

impl RuleForm {
    /// A form that holds `known`.
    pub(crate) fn of(known: &ProductRule, preview: Preview) -> Self {
        let typed = RwSignal::new(typed(known));
        Self { typed, refused: RwSignal::new(None), rule: Memo::new(move |_| typed.with(rule)), preview }
    }

    /// Shows another rule.
    pub(crate) fn show(self, known: &ProductRule) {
        self.refused.set(None);
        self.typed.set(typed(known));
    }

    /// Shows a refusal at its field. Answers whether the form has that field.
    pub(crate) fn refuse(self, field: Option<&str>, words: String) -> bool {
        let field = field.and_then(field_named);
        self.refused.try_set(field.map(|field| (field, words)));
        field.is_some()
    }

    fn value(self, field: &'static str) -> String {
        self.typed.with(|typed| typed.raw(field))
    }

    fn set(self, field: &'static str, value: String) {
        self.refused.set(None);
        self.typed.update(|typed| typed.set(field, value));
    }

    fn is(self, field: &'static str, value: &str) -> bool {
        self.typed.with(|typed| typed.get(field) == value)
    }

    fn complaint(self, field: &'static str) -> Option<String> {
        let wrong = self.refused.get().or_else(|| self.rule.with(|rule| rule.as_ref().err().cloned()));
        wrong.filter(|(name, _)| *name == field).map(|(_, words)| words)
    }

    fn example(self, place: usize) -> Option<String> {
        self.preview.answer.with(|answer| answer.as_ref()?.examples.get(place).cloned())
    }

    fn day(self, place: usize) -> Option<String> {
        self.preview.answer.with(|answer| answer.as_ref()?.days.get(place).cloned())
    }
}

/// The methods in the order of [`CountMethod::ALL`]: the contract's name and the words on screen.
const METHODS: [(&str, &str); 6] = [
    ("ordered", "Ordered"),
    ("activated", "Activated"),
    ("peak", "Peak of the month"),
    ("active_once", "Active at least once"),
    ("average", "Average"),
    ("seat_days", "Seat-days over days of the month"),
];

const ROUNDINGS: [(&str, &str); 4] = [("up", "Up"), ("down", "Down"), ("nearest", "Nearest"), ("none", "Not at all")];

const STRATEGIES: [(&str, &str, &str); 2] = [
    ("set", "Set the quantity", "Of the one ongoing addition. ConnectWise bills it in full on the next invoice."),
    (
        "dated",
        "Dated additions",
        "What comes gets an addition with its own effective date; what goes is ended by its cancelled date, a whole addition at \
         a time. Needs an agreement that prorates; on others the line is held.",
    ),
];

const DAYS: [(&str, &str); 3] = [
    ("now", "The day it is approved"),
    ("first_of_next", "The first of the next month"),
    ("before_invoice", "The day before the agreement’s next invoice"),
];

const BILLING: [(&str, &str); 3] =
    [("do_not_bill", "Not billed at first"), ("billable", "Billed"), ("no_charge", "On the invoice for nothing")];

/// Every field of a rule. The worked examples are counted with what is typed.
pub(crate) fn rule_fields(form: RuleForm) -> AnyView {
    let methods = METHODS.into_iter().zip(CountMethod::ALL).enumerate().map(|(place, ((value, label), method))| {
        let note = view! {
            {method.definition()}
            {move || form.example(place).map(|example| view! { <span class="example">{example}</span> })}
        };
        radio(form, "count.method", value, label, note.into_any())
    });
    let strategies = STRATEGIES.map(|(value, label, note)| radio(form, "write.strategy", value, label, note.into_any()));
    let days = DAYS.into_iter().enumerate().map(|(place, (value, label))| {
        let day = move || form.day(place);
        radio(form, "write.effective", value, label, day.into_any())
    });
    let looks_back = Signal::derive(move || !form.is("count.method", "ordered") && !form.is("count.method", "activated"));
    view! {
        <fieldset class="options">
            <legend>"What is counted"</legend>
            <p class="faint">{format!("Each example is one company. {}.", CountMethod::example_given())}</p>
            {methods.collect_view()}
        </fieldset>
        <div class="columns">
            {text(form, "count.factor", "Factor", "Units for one seat.")}
            {text(form, "count.included", "Included units", "Part of the deal: taken off before anything is written.")}
            {text(form, "count.minimum", "Minimum", "Never fewer, while there is any seat.")}
            {text(form, "cost", "Cost per seat", "What you pay ESET a month; for the margin, written nowhere.")}
        </div>
        {row(form, "count.rounding", "Rounding", &ROUNDINGS)}
        {switch(form, "count.trials", "Count trials too", looks_back)}
        {switch(form, "count.suspended", "Count suspended licences too", looks_back)}
        {move || looks_back.get().then(|| view! { <p class="faint">"Only ordered and activated units can be counted with trials and suspended licences: ESET’s readings of past days leave them out."</p> })}
        <fieldset class="options">
            <legend>"How it is written"</legend>
            {strategies.into_iter().collect_view()}
        </fieldset>
        <fieldset class="options">
            <legend>"From when it counts"</legend>
            {days.collect_view()}
        </fieldset>
        {switch(form, CREATE, "Make the addition where an agreement has none", Signal::derive(|| false))}
        {move || form.is(CREATE, ON).then(|| view! {
            <div class="nested">
                {text(form, "write.create.unit_price", "Unit price", "In the agreement’s currency. Empty: the catalog’s price.")}
                {row(form, "write.create.bill", "Whether the customer pays", &BILLING)}
            </div>
        })}
    }
    .into_any()
}

/// One choice of several below one another, with what it means tied to it.
fn radio(form: RuleForm, field: &'static str, value: &'static str, label: &'static str, note: AnyView) -> AnyView {
    let id = format!("{field}-{value}");
    let note_id = format!("{id}-note");
    view! {
        <div class="option">
            <input type="radio" id=id.clone() name=field aria-describedby=note_id.clone()
                prop:checked=move || form.is(field, value) on:change=move |_| form.set(field, value.to_owned())/>
            <label for=id>{label}</label>
            <p id=note_id class="faint">{note}</p>
        </div>
    }
    .into_any()
}

/// A few choices in a row.
fn row(form: RuleForm, field: &'static str, legend: &'static str, options: &'static [(&'static str, &'static str)]) -> AnyView {
    let options = options.iter().map(|(value, words)| {
        view! {
            <label class="choice-option">
                <input type="radio" name=field prop:checked=move || form.is(field, value) on:change=move |_| form.set(field, (*value).to_owned())/>
                <span>{*words}</span>
            </label>
        }
    });
    view! {
        <fieldset class="choice">
            <legend>{legend}</legend>
            <div class="choice-options">{options.collect_view()}</div>
        </fieldset>
    }
    .into_any()
}

fn text(form: RuleForm, field: &'static str, label: &'static str, hint: &'static str) -> AnyView {
    view! {
        <TextField
            id=field
            label=label
            hint=hint
            value=Signal::derive(move || form.value(field))
            on_type=move |value| form.set(field, value)
            complaint=Signal::derive(move || form.complaint(field))
        />
    }
    .into_any()
}

/// A switch. One that is off for a reason can still be switched off.
fn switch(form: RuleForm, field: &'static str, label: &'static str, off: Signal<bool>) -> AnyView {
    view! {
        <div>
            <label class="switch">
                <input
                    type="checkbox"
                    role="switch"
                    prop:checked=move || form.is(field, ON)
                    disabled=move || off.get() && !form.is(field, ON)
                    on:change=move |event| form.set(field, if event_target_checked(&event) { ON.to_owned() } else { String::new() })
                />
                <span>{label}</span>
            </label>
            {move || form.complaint(field).map(|words| view! { <p class="field-note wrong" role="alert">{words}</p> })}
        </div>
    }
    .into_any()
}
