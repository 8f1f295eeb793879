//! One drift event: what happened, what it means for billing, and its repairs.

use contract::drift::{DriftView, Ignore, IgnoreDrift, Resolve, ResolveDrift};
use domain::access::Action;
use domain::drift::{DriftKind, DriftState, Repair};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::DriftPageState;
use crate::api::Answer;
use crate::components::badge::badge;
use crate::components::button::WriteButton;
use crate::components::time::{Age, moment};
use crate::model::address::Address;
use crate::model::billing::lines::Tone;
use crate::model::mapping::drift::{happened, repair, whose};
use crate::words::count;

impl DriftPageState {
    /// Makes a repair.
    fn resolve(self, view: DriftView, repair: Repair) {
        self.settle(view.clone(), None, async move { self.client.call(ResolveDrift, &view.drift.id, &Resolve { repair }).await });
    }

    /// Leaves an event as it is.
    pub(super) fn ignore(self, view: DriftView, reason: String) {
        self.settle(view.clone(), Some("Left as it is."), async move {
            self.client.call(IgnoreDrift, &view.drift.id, &Ignore { reason }).await
        });
    }

    /// Says what was done: `done`, or what the Worker says it did.
    fn settle(self, view: DriftView, done: Option<&'static str>, answer: impl Future<Output = Answer<DriftView>> + 'static) {
        spawn_local(async move {
            match answer.await {
                Ok(settled) => {
                    self.list.take_out(std::slice::from_ref(&view.drift.id.0));
                    let done = done.map_or_else(|| settled.reason.unwrap_or_default(), str::to_owned);
                    self.notices.say(format!("{}: {done}", view.drift.subject));
                }
                Err(problem) => self.notices.trouble(&problem),
            }
            self.live.read_now();
            self.list.refresh();
        });
    }
}

/// One event: what happened and since when, what it means for billing, and what can be done.
pub(super) fn event(state: DriftPageState, view: &DriftView) -> AnyView {
    let drift = &view.drift;
    let (tone, words) = match view.state {
        DriftState::Open if view.pauses => (Tone::Attention, "Billing pauses"),
        DriftState::Open if drift.kind == DriftKind::TicketRulePaused => (Tone::Attention, "No tickets are opened"),
        DriftState::Open => (Tone::Quiet, "Billing goes on"),
        DriftState::Ignored => (Tone::Quiet, "Ignored"),
        DriftState::Resolved => (Tone::Good, "Resolved"),
    };
    let change = (drift.was.is_some() || drift.is.is_some()).then(|| {
        let (was, is) = (drift.was.clone().unwrap_or_else(|| "–".to_owned()), drift.is.clone().unwrap_or_else(|| "gone".to_owned()));
        view! { <p><span class="faint">{was}</span> " → " {is}</p> }
    });
    let lines = (!drift.lines.is_empty()).then(|| {
        let address = String::from(Address::of("/month").with("segment", "all").with("q", whose(drift)));
        view! { <a href=address>{count(drift.lines.len() as u64, "line", "lines")} " of the month"</a> }
    });
    let rule = drift.place.rule.as_ref().map(|rule| view! { <a href=format!("/tickets/rules/{rule}")>"Change the rule"</a> });
    view! {
        <li>
            <div class="record-head">
                <span class="strong">{happened(drift.kind)}</span> <span>{drift.subject.clone()}</span> {badge(tone, words)}
                <span class="faint">"since " {moment(view.first_seen)}</span>
            </div>
            {change}
            <p>{drift.words.clone()} " " {lines} {rule}</p>
            {if view.state == DriftState::Open { repairs(state, view) } else { settled(view) }}
        </li>
    }
    .into_any()
}

fn repairs(state: DriftPageState, view: &DriftView) -> AnyView {
    let subject = &view.drift.subject;
    let buttons = view
        .drift
        .repairs
        .iter()
        .map(|this| {
            let (this, view) = (*this, view.clone());
            let words = repair(this, &view.drift);
            let label = format!("{words}: {subject}");
            view! { <WriteButton does=Action::ManageMappings look="small" label=label on_press=move |()| state.resolve(view.clone(), this)>{words}</WriteButton> }
        })
        .collect_view();
    let (label, this) = (format!("Ignore: {subject}"), view.clone());
    let ignore = move |()| state.ignoring.set(Some(this.clone()));
    view! {
        <p class="faint">{view.drift.remedy.clone()}</p>
        <div class="actions">{buttons} <WriteButton does=Action::ManageMappings look="small" label=label on_press=ignore>"Ignore…"</WriteButton></div>
    }
    .into_any()
}

fn settled(view: &DriftView) -> AnyView {
    let by = view.by.clone().map(|by| view! { "By " <strong>{by}</strong> " " });
    let at = view.at.map(|at| view! { <Age at=at/> " " });
    view! { <p class="faint">{by} {at} {view.reason.clone()}</p> }.into_any()
}
