//! The lines as a table; on a phone each line is a card.

use leptos::prelude::*;

use super::row::line_row;
use super::state::MonthState;
use crate::model::billing::selection::is_selectable;

/// The lines as a table; on a phone each line is a card.
pub(super) fn table(state: MonthState) -> AnyView {
    let selectable = Memo::new(move |_| state.list.rows.with(|rows| rows.iter().filter(|row| row.item.with(is_selectable)).count()));
    let picked = move || state.selection.with(crate::model::billing::selection::Selection::len);
    view! {
        <table class="lines" role="table" aria-label="Lines of the month">
            <thead role="rowgroup">
                <tr role="row">
                    <th scope="col" role="columnheader" class="pick">
                        {state.decides.then(|| view! {
                            <input
                                type="checkbox"
                                aria-label="Select every line shown that can be approved"
                                disabled=move || selectable.get() == 0
                                prop:checked={move || picked() > 0 && picked() >= selectable.get()}
                                prop:indeterminate={move || picked() > 0 && picked() < selectable.get()}
                                on:change=move |_| state.toggle_all()
                            />
                        })}
                    </th>
                    <th scope="col" role="columnheader" aria-sort="ascending">"Company, agreement"</th>
                    <th scope="col" role="columnheader">"Product, reason"</th>
                    <th scope="col" role="columnheader" class="number">"Ordered"</th>
                    <th scope="col" role="columnheader" class="number">"Activated"</th>
                    <th scope="col" role="columnheader" class="number">"Billed now"</th>
                    <th scope="col" role="columnheader" class="number">"Target"</th>
                    <th scope="col" role="columnheader" class="number">"Change"</th>
                    <th scope="col" role="columnheader">"Risk"</th>
                    <th scope="col" role="columnheader">"State"</th>
                </tr>
            </thead>
            {state.list.each(move |key, view| line_row(state, key, view))}
        </table>
    }
    .into_any()
}
