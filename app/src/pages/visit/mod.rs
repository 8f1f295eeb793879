//! What a customer sees who has a share link: one page without the app around it, loaded by itself.

mod company;
mod statement;
mod trend;

use contract::Problem;
use contract::share::SharedCompany;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_split_helpers::wasm_split;

use self::company::company_view;
use super::{Loaded, not_loaded};
use crate::api::{Answer, Visitor, decoded};
use crate::app::App;
use crate::components::form::field::TextField;
use crate::components::list::skeleton;
use crate::components::problem::problem_card;
use crate::state::connectivity::Connectivity;

/// Where share links lead.
const PATH: &str = "/s";

/// The whole screen: who has a share link sees what it shows, everybody else the app.
pub(crate) fn screen() -> AnyView {
    let is_visit = window().location().pathname().is_ok_and(|path| path == PATH);
    if is_visit { view! { <VisitScreen/> }.into_any() } else { view! { <App/> }.into_any() }
}

/// The whole screen of somebody with a share link.
#[component]
fn VisitScreen() -> impl IntoView {
    let reach = Connectivity::follow();
    provide_context(reach);
    let token = take_token();
    // A link that is pasted over this page changes what stands behind `#` alone, which loads nothing.
    let pasted = window_event_listener(ev::hashchange, move |_| {
        let _ = window().location().reload();
    });
    on_cleanup(move || pasted.remove());
    if let Some(skeleton) = document().get_element_by_id("skeleton") {
        skeleton.remove();
    }
    document().set_title("Licences");
    let tries = RwSignal::new(0_u32);
    let again = Callback::new(move |()| tries.update(|tries| *tries += 1));
    let visitor = Visitor::new(reach);
    let token = StoredValue::new(token);
    // Asked for beside the code that shows it.
    let first = RwSignal::new(None);
    spawn_local(async move {
        first.try_set(Some(visitor.shared(token.get_value(), None).await));
    });
    let page = move || {
        tries.track();
        Suspend::new(async move { visit_page(visitor, token, first).await.unwrap_or_else(|_| problem_card(&not_loaded(), Some(again))) })
    };
    view! { <main class="visit">{page}</main> }.into_any()
}

/// The token behind `#`, taken out of the address so that neither history nor a reload keeps it. None when the page was reloaded:
/// the visit goes on by its cookie.
fn take_token() -> Option<String> {
    let hash = window().location().hash().unwrap_or_default();
    if let Ok(history) = window().history() {
        // Only fails for an address of another origin.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(PATH));
    }
    Some(hash.trim_start_matches('#').to_owned()).filter(|token| !token.is_empty())
}

#[wasm_split(visit, fallible)]
fn visit_page(visitor: Visitor, token: StoredValue<Option<String>>, first: RwSignal<Option<Answer<String>>>) -> Loaded {
    Ok(visit(visitor, token, first))
}

/// Where the visit is.
#[derive(Clone)]
enum Step {
    /// The link is being opened.
    Opening,
    /// The link asks for a code; what is said of the one that was tried.
    Code(Option<String>),
    /// It is open.
    Open(Box<SharedCompany>),
    /// The link does not work, whatever the reason.
    Over,
    /// Something else is the matter, which may pass.
    Problem(Box<Problem>),
}

/// The visit, whose `first` response is on its way or there.
fn visit(visitor: Visitor, token: StoredValue<Option<String>>, first: RwSignal<Option<Answer<String>>>) -> AnyView {
    let step = RwSignal::new(Step::Opening);
    let show = move |response: Answer<String>, tried: bool| {
        let next = match response.and_then(|text| decoded(&text)) {
            Ok(company) => Step::Open(Box::new(company)),
            Err(problem) => hindrance(problem, tried),
        };
        step.try_set(next);
    };
    Effect::new(move |_| {
        if let Some(response) = first.get() {
            show(response, false);
        }
    });
    let open = Callback::new(move |code: Option<String>| {
        let tried = code.is_some();
        spawn_local(async move {
            show(visitor.shared(token.get_value(), code).await, tried);
        });
    });
    let body = move || match step.get() {
        Step::Opening => skeleton(4),
        Step::Code(tried) => code_form(open, tried),
        Step::Open(company) => company_view(visitor, *company),
        Step::Over => over(),
        Step::Problem(problem) => problem_card(&problem, Some(Callback::new(move |()| open.run(None)))),
    };
    view! { {body} }.into_any()
}

fn hindrance(problem: Problem, tried: bool) -> Step {
    match problem.status {
        401 | 404 => Step::Over,
        _ if problem.code == "code_wanted" => Step::Code(
            tried.then(|| "This is not the code. After each wrong one the link waits longer before it takes the next.".to_owned()),
        ),
        _ if problem.code == "code_too_soon" => Step::Code(Some(format!("{} {}", problem.title, problem.remedy))),
        _ => Step::Problem(Box::new(problem)),
    }
}

fn over() -> AnyView {
    view! {
        <section class="visit-plain">
            <h1>"This link does not work"</h1>
            <p>"It may have ended, or may not have been copied whole. Ask whoever sent it to you for a new one."</p>
        </section>
    }
    .into_any()
}

fn code_form(open: Callback<Option<String>>, said: Option<String>) -> AnyView {
    let code = RwSignal::new(String::new());
    let complaint = Signal::derive(move || said.clone().filter(|_| code.with(String::is_empty)));
    let send = move || {
        let typed = code.get_untracked().trim().to_owned();
        if !typed.is_empty() {
            open.run(Some(typed));
        }
    };
    view! {
        <section class="visit-plain">
            <h1>"Enter the code"</h1>
            <p>"Whoever sent you this link has given you a code for it."</p>
            <form class="form" on:submit=move |event| { event.prevent_default(); send(); }>
                <TextField id="code" label="Code" secret=true value=code on_type=move |typed| code.set(typed) complaint=complaint/>
                <div class="actions"><button type="submit" class="button primary">"Open"</button></div>
            </form>
        </section>
    }
    .into_any()
}
