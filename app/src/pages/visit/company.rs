//! The one page of a share link: licences, trend, months and evidence of one company.

use contract::share::{SharedCompany, SharedGroup, SharedLicence, SharedProduct};
use domain::money::Quantity;
use domain::seats::NotCounted;
use leptos::prelude::*;

use super::statement::statement;
use super::trend::trend;
use crate::api::Visitor;
use crate::components::icon::icon;
use crate::components::time::moment;
use crate::words::{count, grouped, quantity};

/// What stands where a number is not known or does not apply.
const NONE: &str = "–";

/// The company a share link shows, on one page.
pub(super) fn company_view(visitor: Visitor, company: SharedCompany) -> AnyView {
    document().set_title(&format!("Licences of {}", company.name));
    let print = move |_| {
        // Only fails where there is nothing to print with.
        let _ = window().print();
    };
    let as_of = match company.as_of {
        Some(at) => view! { "ESET licences as of " {moment(at)} }.into_any(),
        None => "ESET does not list this company any more; what it has now is not known.".into_any(),
    };
    view! {
        <header class="visit-head">
            <div><h1>{company.name.clone()}</h1><p class="faint">{as_of}</p></div>
            <button type="button" class="button quiet" on:click=print>{icon("print")} "Print"</button>
        </header>
        {products(&company.products)}
        {trend(&company.trend)}
        {statement(visitor, company.months.clone())}
        {evidence(&company.licences, &company.groups)}
    }
    .into_any()
}

fn products(products: &[SharedProduct]) -> AnyView {
    if products.is_empty() {
        return view! { <p>"There are no licences in use."</p> }.into_any();
    }
    let row = |product: &SharedProduct| {
        view! {
            <tr>
                <th scope="row">{product.product.clone()}</th>
                <td class="number">{units(product.ordered)}</td>
                <td class="number">{units(product.in_use)}</td>
                <td class="number">{billed(product.billed)}</td>
            </tr>
        }
    };
    let dash = products.iter().any(|product| product.billed.is_none());
    view! {
        <section>
            <h2>"What you have now"</h2>
            <table>
                <thead><tr>
                    <th scope="col">"Product"</th>
                    <th scope="col" class="number">"Ordered"</th>
                    <th scope="col" class="number">"In use"</th>
                    <th scope="col" class="number">"On your invoice"</th>
                </tr></thead>
                <tbody>{products.iter().map(row).collect_view()}</tbody>
            </table>
            {dash.then(|| view! { <p class="faint">"– is not known, or is not on the invoice by itself; the month below says what is."</p> })}
        </section>
    }
    .into_any()
}

/// Where the numbers come from, for who wants to know.
fn evidence(licences: &[SharedLicence], groups: &[SharedGroup]) -> AnyView {
    if licences.is_empty() {
        return ().into_any();
    }
    let row = |licence: &SharedLicence| {
        view! {
            <tr>
                <th scope="row"><code>{licence.licence.to_string()}</code></th>
                <td>{licence.product.clone()} {licence.not_counted.map(|why| view! { " " <span class="tag">{why_not(why)}</span> })}</td>
                <td class="number">{units(Some(licence.ordered))}</td>
                <td class="number">{units(Some(licence.in_use))}</td>
            </tr>
        }
    };
    let summary = format!("Where these numbers come from: {}", count(licences.len() as u64, "licence", "licences"));
    view! {
        <details class="visit-evidence">
            <summary>{summary}</summary>
            <table>
                <thead><tr>
                    <th scope="col">"Licence"</th>
                    <th scope="col">"Product"</th>
                    <th scope="col" class="number">"Ordered"</th>
                    <th scope="col" class="number">"In use"</th>
                </tr></thead>
                <tbody>{licences.iter().map(row).collect_view()}</tbody>
            </table>
            {device_groups(groups)}
        </details>
    }
    .into_any()
}

fn device_groups(groups: &[SharedGroup]) -> AnyView {
    if groups.is_empty() {
        return ().into_any();
    }
    let row = |group: &SharedGroup| {
        view! {
            <tr>
                <th scope="row">{group.group.clone()}</th>
                <td>{group.product.clone()}</td>
                <td class="number">{units(Some(group.devices))}</td>
            </tr>
        }
    };
    view! {
        <table>
            <thead><tr>
                <th scope="col">"Group of devices"</th>
                <th scope="col">"Product"</th>
                <th scope="col" class="number">"Devices"</th>
            </tr></thead>
            <tbody>{groups.iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn why_not(why: NotCounted) -> &'static str {
    match why {
        NotCounted::Trial => "trial, not counted",
        NotCounted::Suspended => "suspended, not counted",
        NotCounted::Obsolete => "replaced, not counted",
    }
}

fn units(units: Option<u32>) -> String {
    units.map_or_else(|| NONE.to_owned(), |units| grouped(units.into()))
}

pub(super) fn billed(billed: Option<Quantity>) -> String {
    billed.map_or_else(|| NONE.to_owned(), quantity)
}
