//! Ordered seats at the end of each month, as numbers with bars.

use std::collections::BTreeMap;

use contract::share::SharedMonth;
use domain::billing::Period;
use leptos::prelude::*;

use crate::words::{grouped, period};

/// The height of the tallest bar, in the drawing's own units.
const TALLEST: u64 = 40;

/// How many were ordered at the end of each month: a number with a bar. Nothing while there is one month alone.
pub(super) fn trend(rows: &[SharedMonth]) -> AnyView {
    let mut months: Vec<Period> = rows.iter().map(|row| row.month).collect();
    months.dedup();
    if months.len() < 2 {
        return ().into_any();
    }
    let mut products: BTreeMap<&str, Vec<&SharedMonth>> = BTreeMap::new();
    for row in rows {
        products.entry(row.product.as_str()).or_default().push(row);
    }
    let most = rows.iter().filter_map(|row| row.ordered).max().unwrap_or_default();
    let head = months.iter().map(|month| view! { <th scope="col" class="number">{period(*month)}</th> }).collect_view();
    let line = |(product, rows): (&&str, &Vec<&SharedMonth>)| {
        let cells = months.iter().map(|month| cell(rows.iter().find(|row| row.month == *month).copied(), most));
        view! { <tr><th scope="row">{(*product).to_owned()}</th>{cells.collect_view()}</tr> }
    };
    view! {
        <section>
            <h2>"Ordered at the end of each month"</h2>
            <div class="visit-wide">
                <table class="visit-trend">
                    <thead><tr><th scope="col">"Product"</th>{head}</tr></thead>
                    <tbody>{products.iter().map(line).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn cell(row: Option<&SharedMonth>, most: u32) -> AnyView {
    let Some(row) = row else { return view! { <td class="number">"0"</td> }.into_any() };
    let Some(ordered) = row.ordered else { return view! { <td class="number">"not known"</td> }.into_any() };
    let height = bar(ordered, most);
    view! {
        <td class="number">
            <svg class="visit-bar" viewBox="0 0 24 40" aria-hidden="true"><rect x="0" y=(TALLEST - height).to_string() width="24" height=height.to_string()></rect></svg>
            {grouped(ordered.into())}
        </td>
    }
    .into_any()
}

/// The height of a bar; what is not nothing can be seen.
fn bar(ordered: u32, most: u32) -> u64 {
    let height = (u64::from(ordered) * TALLEST).checked_div(most.into()).unwrap_or_default();
    if ordered > 0 { height.max(1) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn bars_are_as_tall_as_what_they_stand_for() {
        for (ordered, most, height) in [(0, 0, 0), (0, 40, 0), (40, 40, 40), (20, 40, 20), (1, 10_000, 1), (u32::MAX, u32::MAX, 40)] {
            assert_eq!(bar(ordered, most), height, "{ordered} of {most}");
        }
    }
}
