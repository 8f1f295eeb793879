//! The form that connects a vendor or changes a connection.

use contract::connections::{ChangeConnection, ConnectionView, CreateConnection, NewConnection, ShowConnection, TestCredentials};
use domain::access::Action;
use domain::connections::{ConnectionKind, TestReport};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::report::report_view;
use crate::api::{Answer, Client, Link};
use crate::components::button::WriteButton;
use crate::components::form::field::TextField;
use crate::components::list::skeleton;
use crate::components::page_head::PageHead;
use crate::components::problem::{problem_card, refusal};
use crate::components::query::from_query;
use crate::model::settings::connection_form::{Field, change, creation, field_named, fields};
use crate::model::typed::{Complaint, Typed};
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::state::remote::Remote;
use crate::state::sending::{After, Sending};

/// Connects a vendor.
#[component]
pub(crate) fn NewConnectionPage() -> impl IntoView {
    let asked = from_query("kind");
    let kind = Memo::new(move |_| match asked.get().as_str() {
        "connect" => ConnectionKind::Connect,
        "onprem" => ConnectionKind::Onprem,
        "connectwise" => ConnectionKind::Connectwise,
        _ => ConnectionKind::Ema2,
    });
    let lead = Signal::derive(move || format!("{}: the credentials are tested before they are kept.", kind.get().label()));
    view! {
        <PageHead title="New connection" does=Action::ManageConnections lead=lead/>
        {move || view! { <ConnectionForm kind=kind.get() stored=None/> }}
    }
    .into_any()
}

/// Changes a connection.
#[component]
pub(crate) fn ChangeConnectionPage(
    /// The connection.
    id: String,
) -> impl IntoView {
    let client = expect_context::<Client>();
    let stored: Remote<ConnectionView> = Remote::nothing();
    let ask = Callback::new(move |()| {
        let id = id.clone();
        stored.read(async move { client.get(Link::<ShowConnection>::at(&id.as_str().into())).await });
    });
    ask.run(());
    let body = move || match (stored.value.get(), stored.problem.get()) {
        (Some(view), _) => view! { <ConnectionForm kind=view.kind stored=Some(view)/> }.into_any(),
        (None, Some(problem)) => problem_card(&problem, Some(ask)),
        (None, None) => skeleton(5),
    };
    let lead = Signal::derive(move || stored.value.with(|view| view.as_ref().map(|view| view.kind.label().to_owned())).unwrap_or_default());
    view! { <PageHead title="Change connection" does=Action::ManageConnections lead=lead/> {body} }.into_any()
}

/// What the form remembers.
#[derive(Clone, Copy)]
struct FormState {
    client: Client,
    kind: ConnectionKind,
    typed: RwSignal<Typed>,
    complaints: RwSignal<Vec<Complaint>>,
    report: RwSignal<Option<TestReport>>,
    sending: Sending,
}

impl FormState {
    /// Sends a request; shows a refusal above the buttons, and at the field it is about.
    fn send<A: Into<After> + 'static>(self, request: impl Future<Output = Answer<A>> + 'static) {
        self.complaints.set(Vec::new());
        self.report.set(None);
        self.sending.send_or(request, move |refused| {
            if let Some(field) = refused.field.as_deref().and_then(|field| field_named(self.kind, field)) {
                self.complaints.try_set(vec![(field.name, format!("{} {}", refused.title, refused.remedy))]);
            }
            Some(refused)
        });
    }

    /// Whether what is typed was tested and does not work.
    fn failed_test(self) -> bool {
        self.report.with_untracked(|report| report.as_ref().is_some_and(|report| !report.ok))
    }

    fn type_in(self, field: &'static str, value: String) {
        self.typed.update(|typed| typed.set(field, value));
        self.report.set(None);
    }
}

#[component]
fn ConnectionForm(kind: ConnectionKind, stored: Option<ConnectionView>) -> impl IntoView {
    let state = FormState {
        client: expect_context(),
        kind,
        typed: RwSignal::new(stored.as_ref().map_or_else(|| Typed::blank(kind), Typed::stored)),
        complaints: RwSignal::new(Vec::new()),
        report: RwSignal::new(None),
        sending: Sending::idle(),
    };
    let keeps = stored.is_some();
    let inputs = fields(kind).iter().map(|field| input(state, field, keeps)).collect_view();
    let stored = StoredValue::new(stored);
    let save = saving(state, stored);
    let save_again = save.clone();
    view! {
        <form class="panel form" on:submit=move |event| { event.prevent_default(); save(); }>
            {inputs}
            {refusal(state.sending)}
            {move || state.report.get().map(|report| view! { <div role="status">{report_view(&report)}</div> })}
            <div class="actions">
                <WriteButton does=Action::ManageConnections look="primary" busy=state.sending.busy on_press=move |()| save_again()>
                    {move || match (keeps, state.report.with(|report| report.as_ref().is_some_and(|report| !report.ok))) {
                        (true, _) => "Save",
                        (false, false) => "Connect",
                        (false, true) => "Keep it all the same",
                    }}
                </WriteButton>
                {(!keeps).then(|| view! { <WriteButton does=Action::ManageConnections busy=state.sending.busy on_press=move |()| test(state)>"Only test"</WriteButton> })}
                <a class="button quiet" href="/settings/connections">"Cancel"</a>
            </div>
        </form>
    }
    .into_any()
}

fn input(state: FormState, field: &'static Field, keeps: bool) -> AnyView {
    let hint = if keeps && field.credential { "Leave all credentials empty to keep them; they cannot be shown." } else { field.hint };
    let complaint = Signal::derive(move || {
        state.complaints.with(|complaints| complaints.iter().find(|(name, _)| *name == field.name).map(|(_, words)| words.clone()))
    });
    view! {
        <TextField
            id=field.name
            label=field.label
            hint=hint
            secret=field.secret
            value=Signal::derive(move || state.typed.with(|typed| typed.raw(field.name)))
            on_type=move |value| state.type_in(field.name, value)
            complaint=complaint
        />
    }
    .into_any()
}

fn saving(state: FormState, stored: StoredValue<Option<ConnectionView>>) -> impl Fn() + Clone + Send + Sync + 'static {
    let (live, notices) = (expect_context::<Live>(), expect_context::<Notices>());
    let navigate = use_navigate();
    let done = Callback::new(move |view: ConnectionView| {
        notices.say(format!("{} is saved.", view.name));
        live.read_now();
        navigate("/settings/connections", NavigateOptions::default());
    });
    move || {
        let typed = state.typed.get_untracked();
        let Some(stored) = stored.get_value() else {
            return create(state, &typed, done);
        };
        match change(&stored, &typed) {
            Ok(change) => state.send(async move {
                done.try_run(state.client.call(ChangeConnection, &stored.id, &change).await?);
                Ok(After::Left)
            }),
            Err(complaints) => complain(state, complaints),
        }
    }
}

/// Keeps a new connection that works. What does not is only kept when the person has seen the test and says so again.
fn create(state: FormState, typed: &Typed, done: Callback<ConnectionView>) {
    let has_seen_the_test = state.failed_test();
    match creation(state.kind, typed) {
        Ok(new) => state.send(async move {
            if !has_seen_the_test && !works(state, &new).await? {
                return Ok(After::Stays);
            }
            done.try_run(state.client.call(CreateConnection, &(), &new).await?);
            Ok(After::Left)
        }),
        Err(complaints) => complain(state, complaints),
    }
}

fn test(state: FormState) {
    match state.typed.with_untracked(|typed| creation(state.kind, typed)) {
        Ok(new) => state.send(async move { works(state, &new).await.map(drop) }),
        Err(complaints) => complain(state, complaints),
    }
}

/// Tests a connection, shows what the test found, and says whether all is well.
async fn works(state: FormState, new: &NewConnection) -> Answer<bool> {
    let report = state.client.call(TestCredentials, &(), new).await?;
    let ok = report.ok;
    state.report.try_set(Some(report));
    Ok(ok)
}

fn complain(state: FormState, complaints: Vec<Complaint>) {
    if let Some((field, _)) = complaints.first() {
        crate::components::keyboard::focus(field);
    }
    state.sending.problem.set(None);
    state.report.set(None);
    state.complaints.set(complaints);
}
