use leptos::prelude::*;

/// A page's heading and name in the browser's tab, with what can be done to the page as a whole.
#[component]
pub(crate) fn PageHead(
    /// The heading.
    #[prop(into)]
    title: String,
    /// A sentence below it.
    #[prop(optional, into)]
    lead: Signal<String>,
    /// Buttons at its side.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    document().set_title(&format!("{title} · Seatbridge"));
    view! {
        <header class="page-head">
            <h1>{title}</h1>
            <div class="page-actions">{children.map(|children| children())}</div>
            <p class="lead">{lead}</p>
        </header>
    }
    .into_any()
}
