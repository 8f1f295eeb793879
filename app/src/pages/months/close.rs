//! The dialog that closes a month and says what closing locks.

use contract::months::{CloseMonth, CloseMonthForGood, MonthDetail};
use domain::access::Action;
use domain::billing::{Blocker, BlockerKind, Period};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::Client;
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::form::field::TextField;
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::state::paged::Paged;
use crate::words::period;

/// A month that is about to be closed.
#[derive(Clone, PartialEq)]
pub(super) struct Closing {
    /// The month.
    pub(super) period: Period,
    /// Whether it still runs.
    pub(super) running: bool,
    /// What stands in the way and would be accepted.
    pub(super) accepting: Vec<Blocker>,
}

/// Says what closing locks; its button says it again.
#[component]
pub(super) fn CloseDialog(closing: RwSignal<Option<Closing>>, list: Paged<MonthDetail>) -> impl IntoView {
    let open = Signal::derive(move || closing.with(Option::is_some));
    let title = Signal::derive(move || {
        closing.with(|asked| asked.as_ref().map(|asked| format!("Close {}", period(asked.period)))).unwrap_or_default()
    });
    view! {
        <Dialog open=open title=title on_close=move |()| closing.set(None)>
            {move || closing.get().map(|asked| body(asked, closing, list))}
        </Dialog>
    }
    .into_any()
}

fn body(asked: Closing, closing: RwSignal<Option<Closing>>, list: Paged<MonthDetail>) -> AnyView {
    let (client, live, notices) = (expect_context::<Client>(), expect_context::<Live>(), expect_context::<Notices>());
    let reason = RwSignal::new(String::new());
    let Closing { period: month, running, accepting } = asked;
    let accepted: Vec<BlockerKind> = accepting.iter().map(|blocker| blocker.code).collect();
    let needs_reason = !accepted.is_empty();
    let too_long = Signal::derive(move || reason.with(|reason| reason.chars().count() > 200));
    let complaint = Signal::derive(move || too_long.get().then(|| "Use at most 200 characters.".to_owned()));
    let off = Signal::derive(move || too_long.get() || (needs_reason && reason.with(|reason| reason.trim().is_empty())));
    let close = move |()| {
        let why = reason.get_untracked().trim().to_owned();
        let request = CloseMonth { accept: accepted.clone(), reason: needs_reason.then_some(why) };
        closing.set(None);
        spawn_local(async move {
            match client.tell(CloseMonthForGood, &month, &request).await {
                Ok(()) => notices.say(format!("{} is closed. Its statement is ready.", period(month))),
                Err(problem) => notices.trouble(&problem),
            }
            live.read_now();
            list.refresh();
        });
    };
    let in_spite = needs_reason.then(|| {
        let items = accepting.iter().map(|blocker| view! { <li>{blocker.words.clone()}</li> }).collect_view();
        view! {
            <p class="strong">"It is closed in spite of this, which is printed on the statement with your reason:"</p>
            <ul class="bullets">{items}</ul>
            <TextField id="close-reason" label="Why" hint="1 to 200 characters, printed on the statement."
                value=reason on_type=move |typed| reason.set(typed) complaint=complaint/>
        }
    });
    view! {
        <p>{format!("The numbers of {} are kept as they are now, with a fingerprint, as the statement you print and sign.", period(month))}</p>
        <p>"A closed month is not opened again. What is found out later is listed as a dated correction and carried by the next month."</p>
        {running.then(|| view! { <p class="attention">"This month still runs: whatever is counted or changed until its end becomes a correction."</p> })}
        {in_spite}
        <div class="actions"><WriteButton does=Action::CloseMonth look="primary" disabled=off on_press=close>{format!("Close {} for good", period(month))}</WriteButton></div>
    }
    .into_any()
}
