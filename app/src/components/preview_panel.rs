//! What the month would change while a rule is edited.

use domain::billing::{Difference, LineDifference, Side};
use leptos::prelude::*;

use super::badge::badge;
use super::problem::problem_card;
use crate::model::billing::lines::Tone;
use crate::state::preview::Preview;
use crate::words::{difference, quantity, signed};

/// What the month would change, at once. `fits` says whether what was typed can be meant.
pub(crate) fn preview_panel(preview: Preview, fits: Signal<bool>) -> AnyView {
    let retry = Callback::new(move |()| preview.read());
    let told = Memo::new(move |_| {
        let answer = preview.answer.with(|answer| answer.as_ref().and_then(|answer| Some((answer.difference.clone()?, answer.left_out))));
        answer.filter(|_| fits.get())
    });
    let sentence = move || match (preview.problem.with(Option::is_some), told.get()) {
        (true, _) => String::new(),
        (false, Some((told, left_out))) => difference(&told, left_out),
        (false, None) if fits.get() => "Working out what the month would change…".to_owned(),
        (false, None) => "This says what changes as soon as every field can be meant.".to_owned(),
    };
    view! {
        <section class="preview" aria-labelledby="preview-title">
            <h3 id="preview-title">"What the month would change"</h3>
            <p class="preview-sum" role="status">{sentence}</p>
            {move || preview.problem.get().map(|problem| problem_card(&problem, Some(retry)))}
            {move || told.get().filter(|(told, _)| told.lines > 0).map(|(told, _)| lines(&told))}
        </section>
    }
    .into_any()
}

fn lines(told: &Difference) -> AnyView {
    let more = (told.lines as usize).saturating_sub(told.first.len());
    let more = (more > 0).then(|| view! { <li class="faint">{format!("and {more} more")}</li> });
    view! { <ul class="preview-lines" tabindex="0" aria-label="Lines that change">{told.first.iter().map(line).collect_view()} {more}</ul> }
        .into_any()
}

fn line(line: &LineDifference) -> AnyView {
    let units = |side: &Option<Side>| side.as_ref().map_or("none".to_owned(), |side| side.target.map_or("not known".to_owned(), quantity));
    let reason = |side: &Option<Side>| side.as_ref().map_or("No line".to_owned(), |side| side.reason.clone());
    let change = line.change.filter(|change| !change.is_zero()).map(|change| format!(" ({})", signed(change)));
    let held = line.after.as_ref().and_then(|side| side.held.clone());
    let held = held.map(|why| view! { <p>{badge(Tone::Attention, "Held")} " " {why}</p> });
    let on = line.agreement.as_ref().map(|agreement| format!(" · {agreement}"));
    view! {
        <li>
            <div class="preview-line">
                <p><span class="strong">{line.company.clone()}</span> " " <span class="faint">{line.product.clone()} {on}</span></p>
                <p class="number">{units(&line.before)} " → " <span class="strong">{units(&line.after)}</span> {change}</p>
            </div>
            <p class="faint">{reason(&line.before)} " → " {reason(&line.after)}</p>
            {held}
        </li>
    }
    .into_any()
}
