//! The licences and device groups a line is counted from, with what is left out and why.

use domain::billing::{Evidence, EvidenceItem, GroupEvidence};
use leptos::prelude::*;

use super::evidence::counted_label;
use crate::components::badge::badge;
use crate::components::time::moment;
use crate::model::billing::lines::{Tone, not_counted};
use crate::words::count;

/// Every licence a line's numbers come from, with what is left out and why.
pub(super) fn licences(evidence: &Evidence) -> AnyView {
    if evidence.licences.is_empty() && evidence.groups.is_empty() {
        return view! { <p class="faint">"No licence of this product was counted for this line."</p> }.into_any();
    }
    view! { {table(evidence)} {evidence.groups.iter().map(group).collect_view()} }.into_any()
}

/// A device group that is billed on the line, or apart from it.
fn group(group: &GroupEvidence) -> AnyView {
    let how = if group.billed { "billed here" } else { "billed on another agreement" };
    let devices = count(group.devices, "device", "devices");
    let words = format!("Group {}: {devices} with {}, {how}. ", group.name, group.product);
    view! { <p class="faint">{words} "Read " {moment(group.taken_at)} "."</p> }.into_any()
}

fn table(evidence: &Evidence) -> AnyView {
    if evidence.licences.is_empty() {
        return ().into_any();
    }
    let left_out = evidence.licences.iter().filter(|item| item.not_counted.is_some()).count();
    let words = counted_label(evidence.licences.len() - left_out, left_out);
    view! {
        <table class="licences">
            <caption class="faint">{words}</caption>
            <thead>
                <tr>
                    <th scope="col">"ESET company"</th>
                    <th scope="col">"Licence"</th>
                    <th scope="col">"Product"</th>
                    <th scope="col" class="number">"Ordered"</th>
                    <th scope="col" class="number">"Activated"</th>
                    <th scope="col">"Counted"</th>
                </tr>
            </thead>
            <tbody>{evidence.licences.iter().map(licence).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn licence(item: &EvidenceItem) -> AnyView {
    let counted = item.not_counted.map_or_else(|| badge(Tone::Good, "Yes"), |why| badge(Tone::Quiet, not_counted(why)));
    let over = item.activated.zip(item.ordered).is_some_and(|(activated, ordered)| activated > ordered);
    let units = |units: Option<u32>| units.map_or_else(|| "not known".to_owned(), |units| units.to_string());
    view! {
        <tr class:left-out=item.not_counted.is_some()>
            <td>{item.company.clone()}</td>
            <td><code>{item.licence.0.clone()}</code></td>
            <td>{item.product.clone()} {item.bundle.clone().map(|bundle| view! { <span class="faint">{format!("in {bundle}")}</span> })}</td>
            <td class="number">{units(item.ordered)}</td>
            <td class="number">{units(item.activated)} {over.then(|| view! { <span class="faint">" over"</span> })}</td>
            <td>{counted}</td>
        </tr>
    }
    .into_any()
}
