//! The native `<dialog>`, opened and closed by a signal.

use leptos::html;
use leptos::prelude::*;

use super::icon::icon;

/// A native dialog that is open while `open` is true. Escape and the close button put it away.
#[component]
pub(crate) fn Dialog(
    /// Whether it is open.
    #[prop(into)]
    open: Signal<bool>,
    /// What puts it away.
    #[prop(into)]
    on_close: Callback<()>,
    /// Its heading.
    #[prop(into)]
    title: Signal<String>,
    /// `wide` for lists.
    #[prop(optional)]
    look: &'static str,
    /// What is in it; made anew each time it opens.
    children: ChildrenFn,
) -> impl IntoView {
    let element: NodeRef<html::Dialog> = NodeRef::new();
    Effect::new(move |_| {
        let Some(dialog) = element.get() else { return };
        match (open.get(), dialog.open()) {
            // Only fails for a dialog that is not in the page any more.
            (true, false) => {
                let _ = dialog.show_modal();
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let close = move || {
        if open.get_untracked() {
            on_close.run(());
        }
    };
    view! {
        <dialog node_ref=element class=format!("dialog {look}") aria-label=title on:close=move |_| close()>
            <header class="dialog-head">
                <h2>{title}</h2>
                <button type="button" class="button quiet square" aria-label="Close" on:click=move |_| close()>{icon("close")}</button>
            </header>
            {move || open.get().then(|| children().into_any())}
        </dialog>
    }
    .into_any()
}
