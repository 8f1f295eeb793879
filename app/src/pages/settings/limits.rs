//! The form of the caps that lines, approvals and ages must keep.

use contract::policy::{PolicyView, SetPolicy, ShowPolicy};
use domain::access::Action;
use leptos::prelude::*;

use super::SettingsNav;
use crate::api::{Client, Link};
use crate::components::button::WriteButton;
use crate::components::form::field::TextField;
use crate::components::keyboard::focus;
use crate::components::list::skeleton;
use crate::components::page_head::PageHead;
use crate::components::problem::{problem_card, refusal};
use crate::components::time::Age;
use crate::model::settings::limits::{LIMITS, typed, written};
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::state::remote::Remote;
use crate::state::sending::Sending;

/// What the form remembers.
#[derive(Clone, Copy)]
struct Form {
    known: Remote<PolicyView>,
    texts: RwSignal<Vec<String>>,
    complaint: RwSignal<Option<(String, String)>>,
    sending: Sending,
}

/// The caps that lines, approvals and ages must keep.
#[component]
pub(crate) fn LimitsPage() -> impl IntoView {
    let client = expect_context::<Client>();
    let form =
        Form { known: Remote::nothing(), texts: RwSignal::new(Vec::new()), complaint: RwSignal::new(None), sending: Sending::idle() };
    let ask = Callback::new(move |()| form.known.read(async move { client.get(Link::<ShowPolicy>::here()).await }));
    ask.run(());
    Effect::new(move |_| {
        if let Some(known) = form.known.value.get() {
            form.texts.set(written(&known.policy));
        }
    });
    let is_known = Memo::new(move |_| form.known.value.with(Option::is_some));
    let body = move || match (is_known.get(), form.known.problem.get()) {
        (true, _) => fields(form),
        (false, Some(problem)) => problem_card(&problem, Some(ask)),
        (false, None) => skeleton(8),
    };
    view! {
        <PageHead title="Limits" does=Action::SetPolicy lead="A line beyond its limits is held for a person; an approval beyond them is refused as a whole."/>
        <SettingsNav/>
        {body}
    }
    .into_any()
}

fn fields(form: Form) -> AnyView {
    let save = saving(form);
    let save_again = save.clone();
    let inputs = LIMITS
        .iter()
        .enumerate()
        .map(|(index, limit)| {
            let complaint = Signal::derive(move || {
                form.complaint.with(|wrong| wrong.as_ref().filter(|(name, _)| name == limit.name).map(|(_, words)| words.clone()))
            });
            view! {
                <TextField id=limit.name label=limit.label hint=limit.hint complaint=complaint
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
            <div class="actions"><WriteButton does=Action::SetPolicy look="primary" busy=form.sending.busy on_press=move |()| save_again()>"Save"</WriteButton></div>
            {set}
        </form>
    }
    .into_any()
}

fn saving(form: Form) -> impl Fn() + Clone + Send + Sync + 'static {
    let (client, live, notices) = (expect_context::<Client>(), expect_context::<Live>(), expect_context::<Notices>());
    let complain = move |name: &str, words: String| {
        form.complaint.try_set(Some((name.to_owned(), words)));
        focus(name);
    };
    move || {
        let Some(known) = form.known.value.get_untracked() else { return };
        form.complaint.set(None);
        form.sending.problem.set(None);
        let policy = match typed(&form.texts.get_untracked(), &known.policy) {
            Ok(policy) => policy,
            Err((name, words)) => return complain(name, words),
        };
        let request = async move {
            let set = client.call(SetPolicy, &(), &policy).await?;
            form.known.value.try_set(Some(set));
            notices.say("The limits are saved. Lines are planned anew.");
            live.read_now();
            Ok(())
        };
        form.sending.send_or(request, move |refused| {
            let Some(field) = &refused.field else { return Some(refused) };
            complain(field, format!("{} {}", refused.title, refused.remedy));
            None
        });
    }
}
