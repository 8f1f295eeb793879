//! Data and privacy: how long what is stored is kept, what is stored now, what goes when, and forgetting a customer.

use contract::retention::{RetentionView, SetRetention, ShowRetention};
use domain::access::Action;
use domain::retention::Retention;
use leptos::prelude::*;

use super::SettingsNav;
use super::forget::ForgetPanel;
use crate::api::{Client, Link};
use crate::components::button::WriteButton;
use crate::components::form::field::TextField;
use crate::components::keyboard::focus;
use crate::components::list::skeleton;
use crate::components::page_head::PageHead;
use crate::components::problem::{problem_card, refusal};
use crate::components::time::{Age, moment};
use crate::model::settings::ages::{hint, typed, written};
use crate::state::notices::Notices;
use crate::state::remote::Remote;
use crate::state::sending::Sending;
use crate::state::signed::may;

/// What the form remembers.
#[derive(Clone, Copy)]
struct Form {
    known: Remote<RetentionView>,
    texts: RwSignal<Vec<String>>,
    complaint: RwSignal<Option<(String, String)>>,
    sending: Sending,
}

/// How long what is stored is kept, and what is stored now.
#[component]
pub(crate) fn DataPage() -> impl IntoView {
    let client = expect_context::<Client>();
    let form =
        Form { known: Remote::nothing(), texts: RwSignal::new(Vec::new()), complaint: RwSignal::new(None), sending: Sending::idle() };
    let ask = Callback::new(move |()| form.known.read(async move { client.get(Link::<ShowRetention>::here()).await }));
    ask.run(());
    Effect::new(move |_| {
        if let Some(known) = form.known.value.get() {
            form.texts.set(written(&known.ages));
        }
    });
    let is_known = Memo::new(move |_| form.known.value.with(Option::is_some));
    let body = move || match (is_known.get(), form.known.problem.get()) {
        (true, _) => {
            view! { {fields(form)} {stored(form.known)} {deleted(form.known)} {may(Action::ManageData).then(|| view! { <ForgetPanel/> })} }
                .into_any()
        }
        (false, Some(problem)) => problem_card(&problem, Some(ask)),
        (false, None) => skeleton(6),
    };
    view! {
        <PageHead title="Data and privacy" does=Action::ManageData lead="How long Seatbridge keeps what it stores. Each night it removes what is over age; closed months and the history stay."/>
        <SettingsNav/>
        {body}
    }
    .into_any()
}

fn fields(form: Form) -> AnyView {
    let save = saving(form);
    let save_again = save.clone();
    let inputs = Retention::default()
        .ages()
        .into_iter()
        .enumerate()
        .map(|(index, age)| {
            let complaint = Signal::derive(move || {
                form.complaint.with(|wrong| wrong.as_ref().filter(|(name, _)| name == age.field).map(|(_, words)| words.clone()))
            });
            view! {
                <TextField id=age.field label=format!("{}, in days", age.label) hint=hint(&age) complaint=complaint
                    value=Signal::derive(move || form.texts.with(|texts| texts.get(index).cloned().unwrap_or_default()))
                    on_type=move |text| form.texts.update(|texts| if let Some(place) = texts.get_mut(index) { *place = text; })/>
            }
        })
        .collect_view();
    let set = move || {
        form.known.value.with(|known| {
            let known = known.as_ref()?;
            let (by, at) = (known.set_by.clone()?, known.set_at?);
            Some(view! { <p class="faint">"Set by " <strong>{by}</strong> " " <Age at=at/> "."</p> })
        })
    };
    view! {
        <form class="panel form" on:submit=move |event| { event.prevent_default(); save(); }>
            <div class="limits">{inputs}</div>
            {refusal(form.sending)}
            <div class="actions"><WriteButton does=Action::ManageData look="primary" busy=form.sending.busy on_press=move |()| save_again()>"Save"</WriteButton></div>
            {set}
        </form>
    }
    .into_any()
}

/// What is stored now, and since when.
fn stored(known: Remote<RetentionView>) -> impl IntoView {
    let rows = move || {
        let kinds = known.value.with(|known| known.as_ref().map(|known| known.stored.clone()).unwrap_or_default());
        kinds
            .into_iter()
            .map(|kind| {
                let oldest = kind.oldest.map_or_else(|| "–".into_any(), moment);
                view! { <tr><th scope="row">{kind.label}</th><td class="number" data-label="How many">{kind.count}</td><td data-label="Oldest">{oldest}</td></tr> }
            })
            .collect_view()
    };
    let held = move || {
        known.value.with(|known| {
            let known = known.as_ref()?;
            let day = known.held_from.to_string();
            let last = known.removed_at.map(|at| view! { " The last nightly run ended " <Age at=at/> "." });
            Some(view! {
                <p class="faint">"Snapshots from " {day} " on stay whatever their age: a month since then is open, not closed, or may still be questioned." {last}</p>
            })
        })
    };
    view! {
        <section class="panel">
            <h2>"Stored now"</h2>
            <table class="plain stack" aria-label="Stored now">
                <thead><tr><th scope="col">"What"</th><th scope="col" class="number">"How many"</th><th scope="col">"Oldest"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
            {held}
        </section>
    }
}

/// Deleted connections, and the day after which their data goes.
fn deleted(known: Remote<RetentionView>) -> impl IntoView {
    let rows = move || {
        let connections = known.value.with(|known| known.as_ref().map(|known| known.deleted_connections.clone()).unwrap_or_default());
        if connections.is_empty() {
            return view! { <p>"Nothing is left of a deleted connection."</p> }.into_any();
        }
        let rows = connections
            .into_iter()
            .map(|connection| {
                view! {
                    <tr><th scope="row">{connection.name}</th><td data-label="Deleted">{moment(connection.deleted_at)}</td><td data-label="Goes after">{connection.goes_on.to_string()}</td></tr>
                }
            })
            .collect_view();
        view! {
            <table class="plain stack" aria-label="Deleted connections">
                <thead><tr><th scope="col">"Connection"</th><th scope="col">"Deleted"</th><th scope="col">"Goes after"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="faint">"A snapshot that a month still holds goes when that month may not be questioned any more."</p>
        }
        .into_any()
    };
    view! { <section class="panel"><h2>"Deleted connections"</h2> {rows}</section> }
}

fn saving(form: Form) -> impl Fn() + Clone + Send + Sync + 'static {
    let (client, notices) = (expect_context::<Client>(), expect_context::<Notices>());
    let complain = move |name: &str, words: String| {
        form.complaint.try_set(Some((name.to_owned(), words)));
        focus(name);
    };
    move || {
        form.complaint.set(None);
        form.sending.problem.set(None);
        let ages = match typed(&form.texts.get_untracked()) {
            Ok(ages) => ages,
            Err((name, words)) => return complain(name, words),
        };
        let request = async move {
            let set = client.call(SetRetention, &(), &ages).await?;
            form.known.value.try_set(Some(set));
            notices.say("The ages are saved. What is over age goes with the next nightly run.");
            Ok(())
        };
        form.sending.send_or(request, move |refused| {
            let Some(field) = &refused.field else { return Some(refused) };
            complain(field, format!("{} {}", refused.title, refused.remedy));
            None
        });
    }
}
