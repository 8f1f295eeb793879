//! Which device groups of a company are billed on agreements of their own.

use domain::ids::AgreementId;
use domain::mapping::GroupSplit;
use domain::preview::{Answer, GroupHeld};
use leptos::prelude::*;

use crate::state::preview::Preview;
use crate::words::count;

/// Which device groups of a company are billed on agreements of their own. Nothing when no connection shows any.
pub(super) fn groups(preview: Preview, usual: AgreementId, splits: RwSignal<Vec<GroupSplit>>) -> AnyView {
    let known = Memo::new(move |_| preview.answer.with(|answer| answer.as_ref().map(of)));
    let list = move || {
        let Some((groups, agreements)) = known.get() else { return ().into_any() };
        let others: Vec<(AgreementId, String)> = agreements.into_iter().filter(|(id, _)| *id != usual).collect();
        let gone = splits.with_untracked(|splits| gone(splits, &groups));
        if groups.is_empty() && gone.is_empty() {
            return ().into_any();
        }
        let missing = others.is_empty().then(|| {
            view! { <p class="faint">"Its ConnectWise company has no other agreement a group could be billed on."</p> }
        });
        let rows = groups.into_iter().chain(gone).map(|group| row(group, &others, splits)).collect_view();
        view! {
            <h3>"Device groups billed apart"</h3>
            <p class="faint">
                "The devices of a group are billed on the agreement chosen here; what is left of the ordered seats stays with the company, \
                 with its included units and its minimum."
            </p>
            {missing}
            <ul class="picks" aria-label="Device groups">{rows}</ul>
        }
        .into_any()
    };
    view! { <div>{list}</div> }.into_any()
}

/// Groups that are billed apart and no longer shown, so that this can be ended.
fn gone(splits: &[GroupSplit], shown: &[GroupHeld]) -> Vec<GroupHeld> {
    let gone = splits.iter().filter(|split| !shown.iter().any(|held| held.group == split.group));
    let held = |split: &GroupSplit| GroupHeld {
        connection: split.connection.clone(),
        group: split.group.clone(),
        path: format!("Not in ESET any more ({})", split.group),
        in_use: 0,
    };
    gone.map(held).collect()
}

fn of(answer: &Answer) -> (Vec<GroupHeld>, Vec<(AgreementId, String)>) {
    (answer.groups.clone(), answer.agreements.clone())
}

fn row(group: GroupHeld, others: &[(AgreementId, String)], splits: RwSignal<Vec<GroupSplit>>) -> AnyView {
    let chosen = splits.with_untracked(|splits| splits.iter().find(|split| split.group == group.group).map(|split| split.agreement));
    let option =
        |(id, name): &(AgreementId, String)| view! { <option value=id.to_string() selected=chosen == Some(*id)>{name.clone()}</option> };
    let options = others.iter().map(option).collect_view();
    let GroupHeld { connection, group, path, in_use } = group;
    let choose = move |event| {
        let agreement = event_target_value(&event).parse().ok();
        splits.update(|splits| {
            splits.retain(|split| split.group != group);
            splits.extend(agreement.map(|agreement| GroupSplit { connection: connection.clone(), group: group.clone(), agreement }));
        });
    };
    view! {
        <li class="offer splits">
            <p><span class="strong">{path.clone()}</span> " " <span class="faint">{count(in_use, "seat in use", "seats in use")}</span></p>
            <div class="field">
                <select aria-label=format!("Agreement of {path}") on:change=choose>
                    <option value="" selected=chosen.is_none()>"With the company"</option>
                    {options}
                </select>
            </div>
        </li>
    }
    .into_any()
}
