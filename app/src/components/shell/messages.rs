//! Messages about what was just done, each with its way back.

use leptos::prelude::*;

use crate::components::icon::icon;
use crate::components::list::each_row;
use crate::state::notices::{Notice, Notices};

/// Messages about what was just done, with their way back; read out as they come.
#[component]
pub(super) fn Messages() -> impl IntoView {
    let notices = expect_context::<Notices>();
    view! {
        <section class="messages" aria-live="polite" aria-label="Messages">
            {each_row(
                move || notices.shown().iter().map(|notice| notice.number.to_string()).collect(),
                move |key| notices.find(&key).map_or_else(|| ().into_any(), |notice| message(notice, notices)),
            )}
        </section>
    }
    .into_any()
}

fn message(notice: Notice, notices: Notices) -> AnyView {
    let number = notice.number;
    let undo = notice.undo.map(|undo| {
        let take_back = move |_| {
            notices.put_away(number);
            undo.run(());
        };
        view! { <button type="button" class="button" on:click=take_back>"Undo"</button> }
    });
    view! {
        <div class=format!("message {}", notice.tone.class())>
            {icon(notice.tone.icon())}
            <p>{notice.words}</p>
            {undo}
            <button type="button" class="button quiet square" aria-label="Put this message away" on:click=move |_| notices.put_away(number)>
                {icon("close")}
            </button>
        </div>
    }
    .into_any()
}
