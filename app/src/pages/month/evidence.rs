//! Where a line's numbers come from, what holds it, and what can be done.

use contract::month::{GuardView, LineView, ShowLine};
use domain::Timestamp;
use domain::access::Action;
use domain::billing::{Approval, Line, LineDecision};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_split_helpers::wasm_split;

use super::licences::licences;
use super::outcome::outcome;
use super::state::{Ask, MonthState};
use crate::api::Link;
use crate::components::button::WriteButton;
use crate::components::icon::icon;
use crate::components::time::moment;
use crate::model::billing::changes::new_addition;
use crate::model::billing::lines::{billed_on, remedy_page};
use crate::model::billing::months::correction;
use crate::pages::Loaded;
use crate::words::{amount, count, date, quantity, signed, signed_amount};

/// Where a line's numbers come from, what holds it, and what can be done.
#[wasm_split(opened_line, fallible)]
pub(super) fn evidence_part(state: MonthState, view: RwSignal<LineView>) -> Loaded {
    Ok(evidence(state, view))
}

fn evidence(state: MonthState, view: RwSignal<LineView>) -> AnyView {
    read_when_left_out(state, view);
    view! {
        <div class="evidence">
            <section class="sum" aria-label="The sum">
                <h2>"How the number came about"</h2>
                {move || view.with(|view| sum(view, state.live.now.get_untracked()))}
            </section>
            <section class="standing" aria-label="Where it stands">
                <h2>"Where it stands"</h2>
                {move || view.with(guards)}
                {move || view.with(|view| outcome(state, view))}
                {move || actions(state, &view.get())}
            </section>
            <section class="sources" aria-label="Licences" tabindex="0">
                <h2>"Licences behind it"</h2>
                {move || view.with(|view| licences(&view.line.evidence))}
            </section>
        </div>
    }
    .into_any()
}

/// A list may leave the evidence out; then the line is read by itself.
fn read_when_left_out(state: MonthState, view: RwSignal<LineView>) {
    let left_out = view.with_untracked(|view| view.line.evidence.licences.is_empty() && view.line.evidence.snapshots.is_empty());
    if left_out {
        let id = view.with_untracked(|view| view.line.id.clone());
        spawn_local(async move {
            match state.client.get(Link::<ShowLine>::at(&id)).await {
                Ok(whole) => {
                    view.try_set(whole);
                }
                Err(problem) => state.notices.trouble(&problem),
            }
        });
    }
}

fn sum(view: &LineView, now: Timestamp) -> AnyView {
    let line = &view.line;
    let row = |label: &'static str, value: String, note: String| {
        view! { <div><dt>{label}</dt><dd><span class="number">{value}</span> <span class="faint">{note}</span></dd></div> }.into_any()
    };
    let unknown = || "not known".to_owned();
    let billed_note = billed_on(line);
    let included = (!line.included.is_zero())
        .then(|| row("Included", quantity(line.included), "units the agreement includes; ConnectWise takes them off".to_owned()));
    let price = line.unit_price.map(|price| {
        let a_month = view.amount.map(|sum| format!("{} a month", signed_amount(sum, line.currency.as_deref())));
        let currency = line.currency.as_ref().map(|currency| format!("{currency} a unit"));
        row("Unit price", amount(price, None), [currency, a_month].into_iter().flatten().collect::<Vec<String>>().join("; "))
    });
    let day = line
        .effective
        .filter(|_| line.create.is_none() && line.end.is_none())
        .map(|day| row("From", date(day, now), "not written before this day".to_owned()));
    let made = line.create.as_ref().map(|new| {
        let words = new_addition(new, line.unit_price, line.currency.as_deref(), now);
        view! { <p>{icon("plus")} "A new addition: " {words} "."</p> }
    });
    view! {
        <p class="reason">{line.reason.clone()}</p>
        {counts(line)}
        <dl class="sum-list">
            {row("Ordered", line.ordered.map_or_else(unknown, |units| units.to_string()), "what ESET bills you for".to_owned())}
            {row("Activated", line.activated.map_or_else(unknown, |units| units.to_string()), "what the customer uses".to_owned())}
            {included}
            {row("Billed now", line.billed.map_or_else(unknown, quantity), billed_note)}
            {row("Target", line.target.map_or_else(unknown, quantity), "what ConnectWise would be told".to_owned())}
            {row("Change", view.change.map_or_else(unknown, signed), "target less billed now".to_owned())}
            {price}
            {day}
        </dl>
        {made}
        {view.corrections.iter().map(|one| view! { <p>{icon("undo")} "Carries " {correction(one)} ". " {one.reason.clone()}</p> }).collect_view()}
        {line.evidence.snapshots.iter().map(|snapshot| {
            let at = snapshot.taken_at;
            view! { <p class="faint">{icon("clock")} "Seats counted " {moment(at)} ", pass " <code>{snapshot.pass.0.clone()}</code></p> }
        }).collect_view()}
        {line.agreement.as_ref().and_then(|agreement| agreement.next_invoice.clone()).map(|next| view! { <p class="faint">{icon("month")} {format!("Next invoice: {next}")}</p> })}
    }
    .into_any()
}

/// What each company on the line comes to, when there is more to say than its reason does, and what was counted instead.
fn counts(line: &Line) -> AnyView {
    let companies = (line.counts.len() > 1).then(|| {
        let items = line.counts.iter().map(|count| {
            view! { <li><span class="strong">{count.name.clone()}</span> ": " {count.sentence.clone()} " " <span class="number strong">{quantity(count.quantity)}</span></li> }
        });
        view! { <ul class="counts" aria-label="By company">{items.collect_view()}</ul> }
    });
    let notes = line.notes.iter().map(|note| view! { <p class="attention">{icon("alert")} {note.words.clone()}</p> }).collect_view();
    view! { {companies} {notes} }.into_any()
}

/// The guards that hold a line, each with what to do.
pub(super) fn guards(view: &LineView) -> AnyView {
    view.guards.iter().map(guard).collect_view().into_any()
}

fn guard(guard: &GuardView) -> AnyView {
    let (class, standing) = if guard.blocks {
        ("guard bad", "Blocks: the cause must go first.")
    } else if guard.notes {
        ("guard busy", "To be known: it holds nothing.")
    } else {
        ("guard attention", "Asks: a person may approve it alone.")
    };
    let link = remedy_page(guard).map(|(address, words)| view! { <a href=address>{words}</a> });
    view! {
        <div class=class>
            {icon(match (guard.blocks, guard.notes) { (true, _) => "alert", (false, true) => "dot", (false, false) => "pause" })}
            <div>
                <p class="strong">{guard.words.clone()}</p>
                <p>{guard.remedy.clone()} " " {link}</p>
                <p class="faint">{standing}</p>
            </div>
        </div>
    }
    .into_any()
}

fn actions(state: MonthState, view: &LineView) -> AnyView {
    let (considered, id, whole) = (view.considered(), view.line.id.clone(), view.clone());
    let approval = considered.approval();
    let approve = matches!(approval, Approval::Free | Approval::Alone).then(|| {
        let words = match (approval, view.change) {
            (Approval::Free, Some(change)) => format!("Approve {}", count_units(&signed(change))),
            _ => "Look and approve…".to_owned(),
        };
        let press = move |()| state.approve_one(&whole);
        view! { <WriteButton does=Action::DecideLines look="primary" busy=Signal::derive(move || state.sending.with(Option::is_some)) on_press=press>{words}</WriteButton> }
    });
    let (to_release, to_hold) = (id.clone(), id);
    let release = considered.offers(LineDecision::Release).then(|| {
        view! { <WriteButton does=Action::DecideLines on_press=move |()| state.release(vec![to_release.clone()])>"Release"</WriteButton> }
    });
    let hold = considered.offers(LineDecision::Hold).then(|| {
        view! { <WriteButton does=Action::DecideLines on_press=move |()| state.ask(Ask::WhyHold(vec![to_hold.clone()]))>"Hold…"</WriteButton> }
    });
    let dismiss = considered.offers(LineDecision::Dismiss).then(|| {
        let id = view.line.id.clone();
        view! { <WriteButton does=Action::DecideLines on_press=move |()| state.ask(Ask::WhyDismiss(vec![id.clone()]))>"Dismiss…"</WriteButton> }
    });
    view! { <div class="actions">{approve} {release} {hold} {dismiss}</div> }.into_any()
}

fn count_units(change: &str) -> String {
    if matches!(change, "+1" | "−1") { format!("{change} seat") } else { format!("{change} seats") }
}

/// How many licences count and how many do not.
pub(super) fn counted_label(counted: usize, left_out: usize) -> String {
    match left_out {
        0 => format!("{} counted", count(counted as u64, "licence", "licences")),
        left_out => format!("{} counted, {left_out} left out", count(counted as u64, "licence", "licences")),
    }
}
