//! The form of one ticket rule.

use contract::tickets::{ChangeTicketRule, CreateTicketRule, ShowTicketRule, TicketRuleView};
use domain::access::Action;
use domain::tickets::TicketRule;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::destination::{BoardChoices, choose, destination_fields};
use super::preview::Sample;
use super::source::watched;
use crate::api::{Client, Link};
use crate::components::button::WriteButton;
use crate::components::keyboard::focus;
use crate::components::list::skeleton;
use crate::components::page_head::PageHead;
use crate::components::problem::{problem_card, refusal};
use crate::model::tickets::rule_source::{template_fields, watches_detections};
use crate::model::tickets::ticket_rule::{blank, field_named, rule, typed};
use crate::model::typed::Complaint;
use crate::pages::tickets::fields::{Draft, lines, row, select, text};
use crate::pages::tickets::pick::Places;
use crate::pages::tickets::tickets_nav;
use crate::state::notices::Notices;
use crate::state::remote::Remote;
use crate::state::sending::{After, Sending};

const RETURNS: [(&str, &str); 3] = [("reopen", "Open it again"), ("new", "Open another one"), ("nothing", "Do nothing")];
const ATTACH: [(&str, &str); 3] = [("nothing", "Nothing"), ("attach", "Attach it"), ("attach_or_create", "Attach it, or make it")];

/// Makes a rule.
#[component]
pub(crate) fn NewRulePage() -> impl IntoView {
    view! {
        <PageHead title="New ticket rule" does=Action::ManageTickets lead="It is off at first: look at its ticket, then switch it on."/>
        {tickets_nav()}
        {form(None)}
    }
    .into_any()
}

/// Changes a rule.
#[component]
pub(crate) fn ChangeRulePage(
    /// The rule.
    id: String,
) -> impl IntoView {
    let client = expect_context::<Client>();
    let stored: Remote<TicketRuleView> = Remote::nothing();
    let ask = Callback::new(move |()| {
        let id = id.clone();
        stored.read(async move { client.get(Link::<ShowTicketRule>::at(&id.as_str().into())).await });
    });
    ask.run(());
    let body = move || match (stored.value.get(), stored.problem.get()) {
        (Some(view), _) => form(Some(view.rule)),
        (None, Some(problem)) => problem_card(&problem, Some(ask)),
        (None, None) => skeleton(8),
    };
    let lead = Signal::derive(move || {
        stored.value.with(|view| {
            let view = view.as_ref()?;
            Some(view.trouble.clone().unwrap_or_else(|| view.rule.name.clone()))
        })
    });
    view! {
        <PageHead title="Change ticket rule" does=Action::ManageTickets lead=Signal::derive(move || lead.get().unwrap_or_default())/>
        {tickets_nav()}
        {body}
    }
    .into_any()
}

/// What the form remembers.
#[derive(Clone, Copy)]
pub(super) struct FormState {
    client: Client,
    pub(super) draft: Draft,
    pub(super) places: Places,
    desks: BoardChoices,
    /// The rule that is changed; none for a new one.
    known: StoredValue<Option<TicketRule>>,
    sending: Sending,
}

impl FormState {
    /// Whether the rule is stored already: it keeps what it watches.
    pub(super) fn is_stored(self) -> bool {
        self.known.with_value(Option::is_some)
    }
}

fn form(known: Option<TicketRule>) -> AnyView {
    let client = expect_context::<Client>();
    let draft = Draft::of(known.as_ref().map_or_else(blank, typed));
    let enabled = known.as_ref().is_some_and(|rule| rule.enabled);
    let state = FormState {
        client,
        draft,
        places: Places::read(client),
        desks: BoardChoices::follow(client, draft),
        known: StoredValue::new(known.clone()),
        sending: Sending::idle(),
    };
    let detections = Memo::new(move |_| draft.typed.with(watches_detections));
    let meant = Memo::new(move |_| draft.typed.with(|typed| rule(typed, enabled)));
    let save = saving(state, meant);
    let save_again = save.clone();
    let save_words = if known.is_some() { "Save" } else { "Save, switched off" };
    let unread = move || {
        let problem = state.places.connections.problem.get().or_else(|| state.places.groups.problem.get());
        problem.map(|problem| problem_card(&problem, Some(Callback::new(move |()| state.places.read_again(client)))))
    };
    view! {
        <form class="rule-page" novalidate=true on:submit=move |event| { event.prevent_default(); save(); }>
            <div class="rule-fields">
                {unread}
                {watched(state, detections)}
                {destination_fields(state.client, draft, state.places, state.desks)}
                {lifecycle(draft, detections)}
                {describe(state, detections)}
                {refusal(state.sending)}
                <div class="actions">
                    <WriteButton does=Action::ManageTickets look="primary" busy=state.sending.busy on_press=move |()| save_again()>
                        {save_words}
                    </WriteButton>
                    <a class="button quiet" href="/tickets/rules">"Cancel"</a>
                </div>
            </div>
            <Sample client=client meant=meant desks=state.desks known=known.map(|rule| rule.id)/>
        </form>
    }
    .into_any()
}

fn lifecycle(draft: Draft, detections: Memo<bool>) -> AnyView {
    let times = move || {
        match detections.get() {
        true => view! {
            {text(draft, "lifecycle.delay_minutes", "Minutes before it is opened", "So long more is waited for: what is detected on a device by then is one ticket.")}
            {text(draft, "lifecycle.return_days", "Days for a return", "What is detected so soon after its ticket was closed is about the same trouble.")}
        }
        .into_any(),
        false => view! {
            {text(draft, "lifecycle.delay_minutes", "Minutes before it is opened", "A device that has left by then gets no ticket.")}
            {text(draft, "lifecycle.close_after_minutes", "Minutes before it is closed", "After the device has left. Empty: people close it.")}
            {text(draft, "lifecycle.return_days", "Days for a return", "A device that is back within them is about the same trouble.")}
        }
        .into_any(),
    }
    };
    let returns = move || {
        let (again, note) = match detections.get() {
            true => (
                "When something is detected after its ticket was closed",
                "What is detected while a ticket is open is a note in it. People close these tickets: ESET does not say when a detection is over.",
            ),
            false => (
                "When a device returns after its ticket was closed",
                "A device that is back within a day of our close is the same incident. What a person closed stays closed until the device enters anew.",
            ),
        };
        view! {
            {row(draft, "lifecycle.on_return", again, &RETURNS)}
            <p class="faint">{note}</p>
        }
    };
    view! {
        <fieldset class="panel options">
            <legend>"From open to closed"</legend>
            <div class="columns">
                {times}
                {text(draft, "cap", "Tickets in one pass", "What is beyond it is told in one summary, so that nothing becomes a storm.")}
            </div>
            {returns}
        </fieldset>
    }
    .into_any()
}

fn describe(state: FormState, detections: Memo<bool>) -> AnyView {
    let draft = state.draft;
    let field = |(field, what)| view! { <div><dt><code>{field}</code></dt><dd>{what}</dd></div> };
    let fields = move || template_fields(detections.get()).into_iter().map(field).collect_view();
    let desks = state.desks;
    let creates = move || draft.is("attach", "attach_or_create");
    let types = move || {
        creates().then(|| {
            let hint = || "What ConnectWise calls a device that is made for a ticket.".to_owned();
            let choose = choose(draft, "target.configuration_type");
            select(draft, "target.configuration_type", "Type of what is made", hint, "Choose a type", move || desks.types(), choose)
        })
    };
    view! {
        <fieldset class="panel options">
            <legend>"What its tickets say"</legend>
            {text(draft, "summary", "Summary", "ConnectWise keeps 100 characters of it, filled in.")}
            {lines(draft, "text", "Text", "Fields in braces are filled in; what is not known is left out.")}
            <details class="template-fields">
                <summary>"Fields that can stand in both"</summary>
                <dl class="facts">{fields}</dl>
            </details>
            {row(draft, "attach", "The device’s configuration in ConnectWise", &ATTACH)}
            {types}
        </fieldset>
    }
    .into_any()
}

fn saving(state: FormState, meant: Memo<Result<TicketRule, Complaint>>) -> impl Fn() + Clone + Send + Sync + 'static {
    let notices = expect_context::<Notices>();
    let navigate = use_navigate();
    let done = Callback::new(move |view: TicketRuleView| {
        let on = if view.rule.enabled { "" } else { " It is switched off." };
        notices.say(format!("{} is saved.{on}", view.rule.name));
        navigate("/tickets/rules", NavigateOptions::default());
    });
    let complain = move |field: &'static str, words: String| {
        state.draft.complaint.try_set(Some((field, words)));
        focus(field);
    };
    move || {
        state.sending.problem.set(None);
        let rule = match meant.get_untracked() {
            Ok(rule) => rule,
            Err((field, words)) => return complain(field, words),
        };
        let request = async move {
            let view = if rule.id.as_str().is_empty() {
                state.client.call(CreateTicketRule, &(), &rule).await?
            } else {
                state.client.call(ChangeTicketRule, &rule.id, &rule).await?
            };
            done.try_run(view);
            Ok(After::Left)
        };
        state.sending.send_or(request, move |refused| {
            if let Some(field) = refused.field.as_deref().and_then(field_named) {
                complain(field, format!("{} {}", refused.title, refused.remedy));
            }
            Some(refused)
        });
    }
}
