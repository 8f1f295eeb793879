//! One line of the month, with its evidence below while it is open.

use contract::month::LineView;
use domain::Timestamp;
use domain::money::Quantity;
use leptos::prelude::*;

use super::evidence::evidence_part;
use super::state::MonthState;
use crate::components::badge::badge;
use crate::components::icon::icon;
use crate::model::billing::lines::{risk, standing, target_note};
use crate::model::billing::selection::is_selectable;
use crate::pages::opened;
use crate::words::{quantity, signed, signed_amount};

/// One line, and below it its evidence while it is open.
pub(super) fn line_row(state: MonthState, key: String, view: RwSignal<LineView>) -> AnyView {
    let key = StoredValue::new(key);
    let is_open = Memo::new(move |_| state.opened.with(|opened| key.with_value(|key| opened.contains(key))));
    let is_picked = move || state.selection.with(|selection| view.with(|view| selection.holds(&view.line.id)));
    let is_current = move || state.cursor.with(|cursor| key.with_value(|key| cursor.as_deref() == Some(key)));
    let can_be_picked = Memo::new(move |_| view.with(is_selectable));
    let known = view.get_untracked().line;
    let name = format!("{}, {}", known.company, known.product.name);
    let toggle = move || state.toggle_evidence(&key.get_value());
    let evidence_id = format!("evidence-{}", known.id);
    view! {
        <tbody class="line" role="rowgroup" class:open=is_open class:picked=is_picked class:current=is_current
            on:focusin=move |_| state.cursor.set(Some(key.get_value()))>
            <tr role="row" on:click=move |_| toggle()>
                <td role="cell" class="pick" on:click=|event| event.stop_propagation()>
                    {state.decides.then(|| view! {
                        <input
                            type="checkbox"
                            aria-label=format!("Select {name}")
                            disabled=move || !can_be_picked.get()
                            prop:checked=is_picked
                            on:change=move |_| state.selection.update(|selection| view.with(|view| selection.toggle(view)))
                        />
                    })}
                </td>
                <td role="cell" class="company">
                    <button
                        type="button"
                        class="disclose"
                        id=format!("open-{}", known.id)
                        aria-expanded=move || is_open.get().to_string()
                        aria-controls=evidence_id.clone()
                        aria-label=format!("Evidence of {name}")
                        on:click=move |event| { event.stop_propagation(); toggle(); }
                    >{icon("right")}</button>
                    <span class="two">
                        <span class="strong">{move || view.with(|view| view.line.company.clone())}</span>
                        <span class="faint">{move || view.with(|view| view.line.agreement.as_ref().map_or_else(|| "No agreement yet".to_owned(), |agreement| agreement.name.clone()))}</span>
                    </span>
                </td>
                <td role="cell" class="product">
                    <span class="two">
                        <span>{move || view.with(|view| view.line.product.name.clone())}</span>
                        <span class="faint">{move || view.with(|view| view.line.reason.clone())}</span>
                    </span>
                </td>
                {number_cell("Ordered", "", move || view.with(|view| units(view.line.ordered.map(Quantity::from))))}
                {number_cell("Activated", "", move || view.with(|view| units(view.line.activated.map(Quantity::from))))}
                {number_cell("Billed now", "", move || view.with(|view| units(view.line.billed)))}
                <td role="cell" class="number strong" data-label="Target">{move || view.with(|view| target(view, state.live.now.get_untracked()))}</td>
                <td role="cell" class="number change" data-label="Change">{move || view.with(change)}</td>
                <td role="cell" class="risk" data-label="Risk">{move || { let (tone, words) = view.with(|view| risk(view.line.risk)); badge(tone, words) }}</td>
                <td role="cell" class="state" data-label="State">{move || { let (tone, words) = view.with(|view| standing(view, state.live.now.get_untracked())); badge(tone, words) }}</td>
            </tr>
            {move || state.refused.with(|refused| view.with(|view| refused.get(&view.line.id).and_then(|result| result.words.clone()))).map(|words| view! {
                <tr role="row" class="refused"><td role="cell" colspan="10">{icon("alert")} "Not taken: " {words}</td></tr>
            })}
            {move || is_open.get().then(|| view! {
                <tr role="row" class="evidence-row"><td role="cell" colspan="10" id=evidence_id.clone()>{opened(evidence_part(state, view))}</td></tr>
            })}
        </tbody>
    }
    .into_any()
}

fn number_cell(label: &'static str, look: &'static str, number: impl Fn() -> String + Send + 'static) -> AnyView {
    view! { <td role="cell" class=format!("number {look}") data-label=label>{number}</td> }.into_any()
}

fn units(units: Option<Quantity>) -> String {
    units.map_or_else(|| "–".to_owned(), quantity)
}

/// The target, and from when.
fn target(view: &LineView, now: Timestamp) -> AnyView {
    let note = target_note(view, now).map(|note| view! { <span class="faint">{note}</span> });
    view! { <span class="two"><span>{units(view.line.target)}</span>{note}</span> }.into_any()
}

/// A change in units, with what it comes to: sign and words, so that colour says nothing alone.
fn change(view: &LineView) -> AnyView {
    let class = match view.change {
        Some(change) if change.is_negative() => "less",
        Some(change) if !change.is_zero() => "more",
        _ => "same",
    };
    let amount = view
        .amount
        .filter(|_| class != "same")
        .map(|amount| view! { <span class="faint">{signed_amount(amount, view.line.currency.as_deref())}</span> });
    view! {
        <span class="two">
            <span class=class>{view.change.map_or_else(|| "–".to_owned(), signed)}</span>
            {amount}
        </span>
    }
    .into_any()
}
