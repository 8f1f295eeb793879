//! The three steps of a new install: connect ESET, connect ConnectWise, map.

use contract::overview::Overview;
use domain::access::Action;
use domain::connections::ConnectionKind;
use leptos::prelude::*;

use crate::components::icon::icon;
use crate::components::shell::RunningPasses;
use crate::model::settings::sign_in::who;
use crate::state::signed::{may, own_groups};

/// The step after which the overview is about the month.
pub(super) const LAST_STEP: usize = 3;

/// The step a newcomer is at: 0 connect ESET, 1 connect ConnectWise, 2 map, 3 at work.
pub(super) fn step(overview: &Overview) -> usize {
    let has = |kind| overview.vendors.iter().any(|vendor| vendor.kind == kind);
    match overview {
        _ if !has(ConnectionKind::Ema2) => 0,
        _ if !has(ConnectionKind::Connectwise) => 1,
        // Who sees a part of the companies is not the one to set anything up.
        _ if own_groups().is_some() => LAST_STEP,
        Overview { month, .. } if month.to_approve + month.held + month.done + month.unchanged == 0 => 2,
        _ => LAST_STEP,
    }
}

/// Three steps from nothing to a month that can be approved.
#[component]
pub(super) fn FirstVisit(
    /// How far it has come.
    overview: Overview,
) -> impl IntoView {
    let now = step(&overview);
    let steps = [
        (
            Action::ManageConnections,
            "Connect ESET",
            "With an API user of ESET MSP Administrator 2. Seatbridge reads companies, licences and seats.",
            "/settings/connections/new?kind=ema2",
            "Connect ESET",
        ),
        (
            Action::ManageConnections,
            "Connect ConnectWise",
            "With an API member’s keys. Seatbridge reads agreements and writes nothing until you approve it.",
            "/settings/connections/new?kind=connectwise",
            "Connect ConnectWise",
        ),
        (
            Action::ManageMappings,
            "Map",
            "Say which agreement each customer is billed on, and what each product is called there. Most are suggested.",
            "/companies",
            "Open companies",
        ),
    ];
    let steps = steps
        .into_iter()
        .enumerate()
        .map(|(number, (does, title, what, address, words))| {
            let state = match number.cmp(&now) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Equal => "now",
                std::cmp::Ordering::Greater => "later",
            };
            let link = (number == now).then(|| match may(does) {
                true => view! { <a class="button primary" href=address>{words}</a> }.into_any(),
                false => view! { <p class="faint">{format!("For {} to do.", who(does.roles()))}</p> }.into_any(),
            });
            view! {
                <li class=format!("step {state}") aria-current=(number == now).then_some("step")>
                    <span class="step-mark">{if number < now { icon("check") } else { (number + 1).to_string().into_any() }}</span>
                    <div><h3>{title}</h3><p>{what}</p>{link}</div>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="panel start" aria-label="Getting started">
            <h2>"Three steps to the first month"</h2>
            <ol class="steps">{steps}</ol>
            <RunningPasses/>
        </section>
    }
    .into_any()
}
