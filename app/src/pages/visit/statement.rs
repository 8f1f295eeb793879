//! The statement of a month, as a share link shows it.

use contract::share::{SharedLine, SharedStatement, SharedStatementQuery, ShowSharedStatement};
use domain::billing::Period;
use leptos::prelude::*;

use super::company::billed;
use crate::api::{Link, Visitor};
use crate::components::list::skeleton;
use crate::components::problem::problem_card;
use crate::components::time::moment;
use crate::state::remote::Remote;
use crate::words::period;

/// The statement of a month, and a choice of months.
pub(super) fn statement(visitor: Visitor, months: Vec<Period>) -> AnyView {
    let Some(first) = months.first().copied() else { return ().into_any() };
    let month = RwSignal::new(first);
    let stated: Remote<SharedStatement> = Remote::nothing();
    let read = Callback::new(move |()| {
        stated.read(async move {
            visitor.get(Link::<ShowSharedStatement>::of(&SharedStatementQuery { month: Some(month.get_untracked()) })).await
        });
    });
    read.run(());
    let choose = move |event| {
        if let Ok(chosen) = event_target_value(&event).parse() {
            month.set(chosen);
            read.run(());
        }
    };
    let choice = (months.len() > 1).then(|| {
        let options = months.iter().map(|month| view! { <option value=month.to_string()>{period(*month)}</option> }).collect_view();
        view! { <select aria-label="Month" on:change=choose>{options}</select> }
    });
    let body = move || match (stated.problem.get(), stated.value.get()) {
        (Some(problem), _) => problem_card(&problem, Some(read)),
        (None, None) => skeleton(2),
        (None, Some(stated)) => month_view(&stated),
    };
    view! {
        <section>
            <div class="visit-head"><h2>{move || format!("Billed in {}", period(month.get()))}</h2>{choice}</div>
            {body}
        </section>
    }
    .into_any()
}

fn month_view(stated: &SharedStatement) -> AnyView {
    let when = match stated.closed_at {
        Some(at) => view! { "The month was closed on " {moment(at)} "." }.into_any(),
        None => "The month is not closed yet: its numbers may still change.".into_any(),
    };
    if stated.lines.is_empty() {
        return view! { <p class="faint">{when}</p><p>"Nothing is billed."</p> }.into_any();
    }
    let together = stated.lines.iter().any(|line| line.together);
    let note =
        together.then(|| view! { <p class="faint">"* is on the invoice together with others, so there is no number for it alone."</p> });
    view! {
        <p class="faint">{when}</p>
        <table>
            <thead><tr>
                <th scope="col">"Product"</th>
                <th scope="col" class="number">"Counted"</th>
                <th scope="col" class="number">"On your invoice"</th>
                <th scope="col">"How it was counted"</th>
            </tr></thead>
            <tbody>{stated.lines.iter().map(row).collect_view()}</tbody>
        </table>
        {note}
    }
    .into_any()
}

fn row(line: &SharedLine) -> AnyView {
    view! {
        <tr>
            <th scope="row">{line.product.clone()}</th>
            <td class="number">{billed(line.counted)}</td>
            <td class="number">{if line.together { "*".to_owned() } else { billed(line.billed) }}</td>
            <td>{line.how.clone()}</td>
        </tr>
    }
    .into_any()
}
