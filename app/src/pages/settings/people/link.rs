//! The dialog that shows a one-time link, once.

use contract::people::InvitationLink;
use leptos::prelude::*;

use crate::components::dialog::Dialog;
use crate::components::form::secret::secret;
use crate::components::time::moment;

/// Shows a one-time link, once.
#[component]
pub(super) fn LinkDialog(
    /// The link, and whom it is for.
    made: RwSignal<Option<(String, InvitationLink)>>,
) -> impl IntoView {
    let open = Signal::derive(move || made.with(Option::is_some));
    let title = Signal::derive(move || made.with(|made| made.as_ref().map(|(name, _)| format!("Link for {name}"))).unwrap_or_default());
    let body = move || made.get().map(|(name, link)| shown(&name, &link));
    view! { <Dialog open=open title=title on_close=move |()| made.set(None)>{body}</Dialog> }.into_any()
}

fn shown(name: &str, link: &InvitationLink) -> AnyView {
    let address = format!("{}/welcome#{}", window().location().origin().unwrap_or_default(), link.token);
    view! {
        <p>{format!("Send it to {name} and to nobody else: whoever opens it first comes in as {name}. It is shown this once and works once, until ")} {moment(link.expires_at)} "."</p>
        {secret(&address, "Copy the link")}
    }
    .into_any()
}
