//! The dialog that asks a person for a reason.

use domain::access::Action;
use leptos::prelude::*;

use super::button::WriteButton;
use super::dialog::Dialog;
use super::form::field::TextField;

/// Asks why something is done, 1 to 200 characters: why a company is left out, a line held, a change taken back.
#[component]
pub(crate) fn ReasonDialog(
    /// What is done, as the table of roles knows it.
    does: Action,
    /// What it is done to; open while there is something.
    #[prop(into)]
    subject: Signal<Option<String>>,
    /// What doing it means.
    #[prop(into)]
    meaning: Signal<String>,
    /// What is done: the title's first word, and the button's.
    #[prop(optional, into)]
    verb: Option<Signal<&'static str>>,
    /// What stands below the field.
    #[prop(default = "Shown beside it and kept in the history: not billed, own use, test tenant…")]
    hint: &'static str,
    /// What puts the dialog away.
    #[prop(into)]
    on_close: Callback<()>,
    /// Takes the reason.
    #[prop(into)]
    on_reason: Callback<String>,
) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let open = Signal::derive(move || subject.with(Option::is_some));
    Effect::new(move |_| {
        if open.get() {
            reason.set(String::new());
        }
    });
    let verb = move || verb.map_or("Exclude", |verb| verb.get());
    let title = Signal::derive(move || format!("{} {}", verb(), subject.get().unwrap_or_default()));
    let too_long = Signal::derive(move || reason.with(|reason| reason.chars().count() > 200));
    let complaint = Signal::derive(move || too_long.get().then(|| "Use at most 200 characters.".to_owned()));
    let missing = Signal::derive(move || reason.with(|reason| reason.trim().is_empty()) || too_long.get());
    view! {
        <Dialog open=open title=title on_close=on_close>
            <p>{meaning}</p>
            <TextField id="reason" label="Why" hint=hint
                value=reason on_type=move |typed| reason.set(typed) complaint=complaint/>
            <div class="actions">
                <WriteButton does=does look="primary" disabled=missing on_press=move |()| on_reason.run(reason.get_untracked().trim().to_owned())>{verb}</WriteButton>
            </div>
        </Dialog>
    }
    .into_any()
}
