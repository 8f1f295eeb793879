//! The dialogs of the month page: hold, dismiss, approve alone, keys.

use contract::month::LineView;
use domain::access::Action;
use leptos::prelude::*;

use super::evidence::guards;
use super::state::{Ask, MonthState};
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::reason::ReasonDialog;
use crate::pages::reverse::ReverseDialog;
use crate::words::{count, quantity, signed};

/// Every key, and what it does.
const KEYS: [(&str, &str); 10] = [
    ("j", "Next line"),
    ("k", "Line before"),
    ("x", "Select the line"),
    ("a", "Approve the selection, or the line"),
    ("h", "Hold the selection, or the line"),
    ("d", "Dismiss the selection, or the line, until its numbers change"),
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
        Some(Ask::ApproveAlone(_)) => "Approve a held line".to_owned(),
        _ => "Keys".to_owned(),
    });
    let open = Signal::derive(move || state.asking.with(|asked| matches!(asked, Some(Ask::ApproveAlone(_) | Ask::Keys))));
    view! {
        <Dialog open=open title=title on_close=move |()| state.asking.set(None)>
            {move || match state.asking.get() {
                Some(Ask::ApproveAlone(view)) => approve_alone(state, *view),
                Some(Ask::Keys) => keys(),
                _ => ().into_any(),
            }}
        </Dialog>
        <SetAside state=state/>
        <ReverseDialog reversing=state.reversing/>
    }
    .into_any()
}

/// Asks why lines are held or dismissed.
#[component]
fn SetAside(state: MonthState) -> impl IntoView {
    let dismisses = move || state.asking.with(|asked| matches!(asked, Some(Ask::WhyDismiss(_))));
    let subject = Signal::derive(move || match state.asking.get() {
        Some(Ask::WhyHold(lines) | Ask::WhyDismiss(lines)) => Some(count(lines.len() as u64, "line", "lines")),
        _ => None,
    });
    let meaning = Signal::derive(move || {
        if dismisses() {
            "What ConnectWise bills stays as it is. The line comes back by itself as soon as one of its numbers changes."
        } else {
            "A held line is not written, also not by itself and also not with other numbers, until somebody releases it."
        }
        .to_owned()
    });
    let verb = Signal::derive(move || if dismisses() { "Dismiss" } else { "Hold" });
    let decide = move |reason| {
        if let Some(ask) = state.asking.get_untracked() {
            state.set_aside(ask, reason);
        }
    };
    view! {
        <ReasonDialog does=Action::DecideLines subject=subject meaning=meaning verb=verb hint="Shown on the line and kept in the history."
            on_close=move |()| state.asking.set(None) on_reason=decide/>
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
        <div class="actions"><WriteButton does=Action::DecideLines look="primary" on_press=approve>{words}</WriteButton></div>
    }
    .into_any()
}

fn keys() -> AnyView {
    let rows = KEYS.into_iter().map(|(key, words)| view! { <div><dt><kbd>{key}</kbd></dt><dd>{words}</dd></div> }).collect_view();
    view! { <dl class="keys">{rows}</dl> }.into_any()
}
