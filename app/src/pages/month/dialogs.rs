use leptos::prelude::*;
use shared::api::month::LineView;
use shared::ids::LineId;

use super::evidence::guards;
use super::state::{Ask, MonthState};
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::field::TextField;
use crate::words::{count, quantity, signed};

/// Every key, and what it does.
const KEYS: [(&str, &str); 9] = [
    ("j", "Next line"),
    ("k", "Line before"),
    ("x", "Select the line"),
    ("a", "Approve the selection, or the line"),
    ("h", "Hold the selection, or the line"),
    ("Enter", "Evidence of the line"),
    ("/", "Filter"),
    ("Esc", "Clear the selection, close evidence"),
    ("?", "These keys"),
];

/// The dialogs of the month page; one at a time.
#[component]
pub(super) fn MonthDialogs() -> impl IntoView {
    let state = expect_context::<MonthState>();
    let title = Signal::derive(move || match state.asking.get() {
        Some(Ask::WhyHold(lines)) => format!("Hold {}", count(lines.len() as u64, "line", "lines")),
        Some(Ask::ApproveAlone(_)) => "Approve a held line".to_owned(),
        Some(Ask::Keys) => "Keys".to_owned(),
        None => String::new(),
    });
    let open = Signal::derive(move || state.asking.with(Option::is_some));
    view! {
        <Dialog open=open title=title on_close=move |()| state.asking.set(None)>
            {move || match state.asking.get() {
                Some(Ask::WhyHold(lines)) => why_hold(state, lines),
                Some(Ask::ApproveAlone(view)) => approve_alone(state, *view),
                Some(Ask::Keys) => keys(),
                None => ().into_any(),
            }}
        </Dialog>
    }
    .into_any()
}

fn why_hold(state: MonthState, lines: Vec<LineId>) -> AnyView {
    let reason = RwSignal::new(String::new());
    let too_long = Signal::derive(move || reason.with(|reason| reason.chars().count() > 200));
    let complaint = Signal::derive(move || too_long.get().then(|| "Use at most 200 characters.".to_owned()));
    let missing = Signal::derive(move || reason.with(|reason| reason.trim().is_empty()) || too_long.get());
    let hold = move |()| {
        state.asking.set(None);
        state.hold(lines.clone(), reason.get_untracked().trim().to_owned());
    };
    view! {
        <p>"A held line is not written, also not by itself, until somebody releases it."</p>
        <TextField id="hold-reason" label="Why" hint="Shown on the line and kept in the history." value=reason on_type=move |typed| reason.set(typed) complaint=complaint/>
        <div class="actions"><WriteButton look="primary" disabled=missing on_press=hold>"Hold"</WriteButton></div>
    }
    .into_any()
}

fn approve_alone(state: MonthState, view: LineView) -> AnyView {
    let sentence = format!(
        "{} · {}: {} to {}, {} seats.",
        view.line.company,
        view.line.product.name,
        view.line.billed.map(quantity).unwrap_or_default(),
        view.line.target.map(quantity).unwrap_or_default(),
        view.change.map(signed).unwrap_or_default(),
    );
    let words = format!("Approve {} seats all the same", view.change.map(signed).unwrap_or_default());
    let (shown, reason) = (guards(&view), view.line.reason.clone());
    let approve = move |()| {
        state.asking.set(None);
        state.approve_alone(&view);
    };
    view! {
        <p class="strong">{sentence}</p>
        <p>{reason}</p>
        {shown}
        <div class="actions"><WriteButton look="primary" on_press=approve>{words}</WriteButton></div>
    }
    .into_any()
}

fn keys() -> AnyView {
    let rows = KEYS.into_iter().map(|(key, words)| view! { <div><dt><kbd>{key}</kbd></dt><dd>{words}</dd></div> }).collect_view();
    view! { <dl class="keys">{rows}</dl> }.into_any()
}
