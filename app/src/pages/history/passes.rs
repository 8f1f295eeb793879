//! Passes, latest first.

use contract::passes::{ListPasses, PassKind, PassState, PassView};
use contract::{Page, PageQuery};
use leptos::prelude::*;

use crate::api::{Client, Link, asked};
use crate::components::badge::badge;
use crate::components::list::{Empty, list_states};
use crate::components::time::Age;
use crate::model::billing::lines::Tone;
use crate::state::live::Live;
use crate::state::paged::Paged;
use crate::words::{count, pass_step};

/// Passes, latest first.
#[component]
pub(super) fn Passes(text: Memo<String>) -> impl IntoView {
    let (client, live) = (expect_context::<Client>(), expect_context::<Live>());
    let list: Paged<Page<PassView>> =
        Paged::follow(client, move || Link::<ListPasses>::of(&PageQuery { q: asked(&text.get()), ..PageQuery::default() }));
    list.follow_beat(live);
    let empty = || Empty::because("No pass has run yet.", "The daily sync and the billing pass show here; “Sync now” starts both.");
    list_states(list, empty, move || {
        view! {
            <ul class="records" aria-label="Passes">
                {list.each(move |_, pass| (move || pass.with(pass_record)).into_any())}
            </ul>
        }
        .into_any()
    })
}

fn pass_record(pass: &PassView) -> AnyView {
    let kind = match pass.kind {
        PassKind::Sync => "Licence sync",
        PassKind::Groups => "Device groups",
        PassKind::Read => "ConnectWise read",
        PassKind::Tickets => "Tickets",
        PassKind::Billing => "Billing pass",
    };
    let (tone, state) = match pass.state {
        PassState::Queued => (Tone::Busy, "Queued"),
        PassState::Running => (Tone::Busy, "Running"),
        PassState::Done => (Tone::Good, "Done"),
        PassState::Partial => (Tone::Attention, "Partly read"),
        PassState::Failed => (Tone::Bad, "Failed"),
    };
    let troubles = (!pass.troubles.is_empty()).then(|| {
        let items = pass.troubles.iter().map(|trouble| view! { <li>{trouble.clone()}</li> }).collect_view();
        view! {
            <details><summary>{count(pass.troubles.len() as u64, "trouble", "troubles")}</summary><ul>{items}</ul></details>
        }
    });
    view! {
        <li>
            <div class="record-head"><span class="strong">{kind}</span> {badge(tone, state)} <span class="faint"><Age at=pass.queued_at/></span></div>
            <p>{pass_step(pass)}</p>
            <p class="faint">{format!("started by {} · {}", pass.started_by, count(pass.calls, "vendor call", "vendor calls"))}</p>
            {troubles}
        </li>
    }
    .into_any()
}
