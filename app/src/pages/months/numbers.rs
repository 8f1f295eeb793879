//! ESET's numbers beside ConnectWise's, as statements and the reconciliation both show them.

use domain::billing::{CurrencyTotals, Reconciled, Totals};
use domain::money::{Money, Quantity};
use leptos::prelude::*;

use crate::words::{amount, count, grouped, quantity, signed};

/// The head of a table whose rows begin with [`number_cells`].
pub(super) fn head(last: &'static str) -> AnyView {
    view! {
        <thead>
            <tr>
                <th scope="col">"Company, product"</th>
                <th scope="col" class="number">"Ordered"</th>
                <th scope="col" class="number">"Activated"</th>
                <th scope="col" class="number">"Billed"</th>
                <th scope="col" class="number">"Difference"</th>
                <th scope="col" class="number">"Customer pays"</th>
                <th scope="col" class="number">"You pay"</th>
                <th scope="col">{last}</th>
            </tr>
        </thead>
    }
    .into_any()
}

/// Company, product and numbers of one line.
pub(super) fn number_cells(row: &Reconciled) -> AnyView {
    let class = match row.difference {
        Some(difference) if difference.is_negative() => "less",
        Some(difference) if !difference.is_zero() => "more",
        _ => "same",
    };
    let days = row.seat_days.map(|days| view! { <span class="faint">{count(days, "seat-day", "seat-days")}</span> });
    let agreement = row.agreement.clone().unwrap_or_else(|| "No agreement yet".to_owned());
    let whole = |units: Option<u32>| units.map_or_else(|| "not known".to_owned(), |units| grouped(units.into()));
    let exact = |units: Option<Quantity>, show: fn(Quantity) -> String| units.map_or_else(|| "not known".to_owned(), show);
    view! {
        <td><span class="two"><span class="strong">{row.company.clone()}</span><span>{row.product.clone()}</span><span class="faint">{agreement}</span></span></td>
        <td class="number" data-label="Ordered"><span class="two"><span>{whole(row.ordered)}</span>{days}</span></td>
        <td class="number" data-label="Activated">{whole(row.activated)}</td>
        <td class="number" data-label="Billed">{exact(row.billed, quantity)}</td>
        <td class="number" data-label="Difference"><span class=class>{exact(row.difference, signed)}</span></td>
        <td class="number" data-label="Customer pays">{money(row.price, row.currency.as_deref(), row.price_estimated)}</td>
        <td class="number" data-label="You pay">{money(row.cost, row.currency.as_deref(), row.cost_estimated)}</td>
    }
    .into_any()
}

/// An amount; "est." when it is made from an assumed price or cost, a dash when nobody gave one.
pub(super) fn money(sum: Option<Money>, currency: Option<&str>, estimated: bool) -> String {
    let Some(sum) = sum else { return "–".to_owned() };
    let words = amount(sum, currency);
    if estimated { format!("{words} est.") } else { words }
}

/// Sums over all rows, with what is in none of them.
pub(super) fn totals(totals: &Totals) -> AnyView {
    let unknown = (totals.not_known > 0).then(|| {
        let rows = count(totals.not_known, "line whose numbers are not known is", "lines whose numbers are not known are");
        view! { <p class="faint">{format!("{rows} in no sum.")}</p> }
    });
    let days = if totals.seat_days == 0 { String::new() } else { count(totals.seat_days, "seat-day", "seat-days") };
    view! {
        <dl class="totals">
            {sum("Ordered", grouped(totals.ordered), days)}
            {sum("Activated", grouped(totals.activated), String::new())}
            {sum("Billed", quantity(totals.billed), String::new())}
            {sum("Difference", signed(totals.difference), "billed less ordered".to_owned())}
            {totals.money.iter().map(money_totals).collect_view()}
        </dl>
        {unknown}
    }
    .into_any()
}

fn money_totals(one: &CurrencyTotals) -> AnyView {
    // A sum of nothing but unknown amounts is not known.
    let total = |label, amount: Money, without: u32, what: &str| {
        let known = without == 0 || amount != Money::ZERO;
        let number = if known { money(Some(amount), one.currency.as_deref(), one.estimated) } else { "not known".to_owned() };
        let note = if without == 0 { String::new() } else { format!("{} without {what}", count(without, "line", "lines")) };
        sum(label, number, note)
    };
    view! {
        {total("Customers pay a month", one.price, one.without_price, "a price")}
        {total("You pay a month", one.cost, one.without_cost, "a cost")}
        {total("Margin", one.margin, one.without_margin, "both")}
    }
    .into_any()
}

fn sum(label: &'static str, number: String, note: String) -> AnyView {
    view! { <div><dt>{label}</dt><dd><span class="total">{number}</span> <span class="faint">{note}</span></dd></div> }.into_any()
}
