//! *Forget this customer*: what goes and what stays, then the name once more.

use contract::forgetting::{Forget, ForgetCustomer, ForgetPreview, ForgetQuery, PreviewForgetting};
use domain::access::Action;
use leptos::prelude::*;

use crate::api::{Client, Link};
use crate::components::button::WriteButton;
use crate::components::form::field::TextField;
use crate::components::list::skeleton;
use crate::components::problem::{problem_card, refusal};
use crate::state::notices::Notices;
use crate::state::remote::Remote;
use crate::state::sending::Sending;
use crate::words::{count, grouped};

/// What was typed, and what would go.
#[derive(Clone, Copy)]
struct Form {
    name: RwSignal<String>,
    /// Other names, with commas between them.
    others: RwSignal<String>,
    confirm: RwSignal<String>,
    /// Whether somebody asked what would go.
    asked: RwSignal<bool>,
    preview: Remote<ForgetPreview>,
    sending: Sending,
}

/// Forgets a customer, once what goes was shown and its name typed again.
#[component]
pub(super) fn ForgetPanel() -> impl IntoView {
    let client = expect_context::<Client>();
    let form = Form {
        name: RwSignal::new(String::new()),
        others: RwSignal::new(String::new()),
        confirm: RwSignal::new(String::new()),
        asked: RwSignal::new(false),
        preview: Remote::nothing(),
        sending: Sending::idle(),
    };
    let ask = Callback::new(move |()| {
        let name = form.name.get_untracked().trim().to_owned();
        if name.is_empty() {
            return;
        }
        form.asked.set(true);
        form.preview.value.set(None);
        form.preview.read(async move { client.get(Link::<PreviewForgetting>::of(&ForgetQuery { name: Some(name) })).await });
    });
    let shown = move || {
        if !form.asked.get() {
            return ().into_any();
        }
        match (form.preview.value.get(), form.preview.problem.get()) {
            (Some(preview), _) => what_goes(form, &preview),
            (None, Some(problem)) => problem_card(&problem, Some(ask)),
            (None, None) => skeleton(3),
        }
    };
    view! {
        <section class="panel form">
            <h2>"Forget a customer"</h2>
            <p>"Takes a customer’s names and devices out of the history, the tickets’ log, snapshots, drift, share links and closed months. \
                The numbers of closed months stay, under “Forgotten customer” and a number. It cannot be taken back."</p>
            <form on:submit=move |event| { event.prevent_default(); ask.run(()); }>
                <TextField id="forget-name" label="The customer’s name, as ESET showed it" value=form.name
                    on_type=move |text| { form.name.set(text); form.asked.set(false); }/>
                <div class="actions">
                    <WriteButton does=Action::ManageData busy=form.sending.busy on_press=move |()| ask.run(())
                        disabled=Signal::derive(move || form.name.with(|name| name.trim().is_empty()))>"Show what goes"</WriteButton>
                </div>
            </form>
            {shown}
        </section>
    }
}

/// What goes and what stays; or what has to end first.
fn what_goes(form: Form, preview: &ForgetPreview) -> AnyView {
    if let Some(running) = &preview.running {
        let alias = running.alias.clone();
        return view! { <p role="status">{alias} " is being forgotten. One customer is forgotten after the other: look again in some minutes."</p> }.into_any();
    }
    if !preview.first.is_empty() {
        let first = preview.first.iter().map(|words| view! { <li>{words.clone()}</li> }).collect_view();
        return view! { <p class="remedy">"First end what it still has:"</p> <ul>{first}</ul> }.into_any();
    }
    let goes = preview.goes.iter().map(|place| view! { <li>{grouped(place.count.into())} " " {place.label.clone()}</li> }).collect_view();
    let nowhere =
        preview.goes.is_empty().then(|| view! { <p>"No row has this name. Old snapshots may: they are looked through all the same."</p> });
    let (devices, snapshots) = (count(preview.devices, "device", "devices"), count(preview.snapshots, "snapshot", "snapshots"));
    let months = count(preview.closed_months, "closed month", "closed months");
    view! {
        {nowhere}
        <p>"The name goes out of:"</p>
        <ul>{goes} <li>{snapshots} ", as far as it is in them"</li></ul>
        <p>{devices} " of it are forgotten too. The numbers of " {months} " stay. ConnectWise keeps its own tickets and invoices, and backups you \
            took keep what they have."</p>
        <TextField id="forget-others" label="Other names that go" hint="Its name in ConnectWise, another spelling, a contact; with semicolons between them."
            value=form.others on_type=move |text| form.others.set(text)/>
        <TextField id="forget-confirm" label="Type the customer’s name once more" value=form.confirm on_type=move |text| form.confirm.set(text)/>
        {refusal(form.sending)}
        {forget_button(form)}
    }
    .into_any()
}

fn forget_button(form: Form) -> impl IntoView {
    let (client, notices) = (expect_context::<Client>(), expect_context::<Notices>());
    let same = Signal::derive(move || form.confirm.with(|confirm| form.name.with(|name| confirm.trim() == name.trim())));
    let send = move |()| {
        let others =
            form.others.get_untracked().split(';').map(|other| other.trim().to_owned()).filter(|other| !other.is_empty()).collect();
        let request = Forget { name: form.name.get_untracked(), confirm: form.confirm.get_untracked(), others };
        form.sending.send(async move {
            let begun = client.call(ForgetCustomer, &(), &request).await?;
            notices.say(format!("{} is being forgotten. The history says when it is done.", begun.alias));
            form.asked.try_set(false);
            form.name.try_set(String::new());
            form.confirm.try_set(String::new());
            form.others.try_set(String::new());
            Ok(())
        });
    };
    view! {
        <div class="actions">
            <WriteButton does=Action::ManageData look="danger" busy=form.sending.busy on_press=send disabled=Signal::derive(move || !same.get())>
                "Forget this customer"
            </WriteButton>
        </div>
    }
}
