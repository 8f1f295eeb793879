//! The result of a connection's test, module by module, with what to change at the vendor.

use domain::connections::{Check, CheckResult, TestReport};
use leptos::prelude::*;

use crate::components::badge::badge;
use crate::components::time::Age;
use crate::model::billing::lines::Tone;

/// A test's result, module by module, with what to change in the vendor's console. Open when something is wrong.
pub(super) fn report_view(report: &TestReport) -> AnyView {
    let tone = if report.ok { Tone::Good } else { Tone::Bad };
    let words = if report.ok { "Works" } else { "Does not work" };
    let needs_a_look = report.checks.iter().any(|check| check.result != CheckResult::Passed);
    view! {
        <details class="report" open=needs_a_look>
            <summary>{badge(tone, words)} " " {report.summary.clone()} " " <span class="faint">"tested " <Age at=report.at/></span></summary>
            <ul class="checks">{report.checks.iter().map(check).collect_view()}</ul>
        </details>
    }
    .into_any()
}

fn check(check: &Check) -> AnyView {
    let (tone, words) = match check.result {
        CheckResult::Passed => (Tone::Good, "Right"),
        CheckResult::Warning => (Tone::Attention, "Limited"),
        CheckResult::Failed => (Tone::Bad, "Wrong"),
    };
    let remedy = check.remedy.clone().map(|remedy| view! { <p class="remedy">{remedy}</p> });
    view! {
        <li>
            <span class="check-name">{check.name.clone()}</span>
            {badge(tone, words)}
            <div><p>{check.detail.clone()}</p>{remedy}</div>
        </li>
    }
    .into_any()
}
