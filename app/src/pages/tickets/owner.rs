//! The dialog in which a person says which ESET company a device group stands for.

use contract::Page;
use contract::companies::{CompaniesQuery, CompanyFilter, CompanyView, ListCompanies};
use contract::groups::{GroupOwner, GroupView, NameOwner, OwnerChoice, SetGroupOwner};
use domain::access::Action;
use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use crate::api::{Client, Link, asked};
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::filter::Filter;
use crate::components::list::{Empty, list_states};
use crate::components::problem::refusal;
use crate::components::time::Age;
use crate::pages::{Loaded, opened};
use crate::state::notices::Notices;
use crate::state::paged::Paged;
use crate::state::sending::Sending;

/// A company's group whose owner is asked, and its console.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) console: String,
    pub(super) group: GroupView,
}

/// What the dialog works on.
#[derive(Clone, Copy)]
struct Naming {
    client: Client,
    notices: Notices,
    asked: RwSignal<Option<Asked>>,
    changed: Callback<()>,
    sending: Sending,
}

impl Naming {
    /// Says whose the group is; `words` is what follows from it.
    fn say(self, owner: OwnerChoice, words: String) {
        let Some(Asked { console, group }) = self.asked.get_untracked() else { return };
        self.sending.send(async move {
            self.client.call(SetGroupOwner, &(console.as_str().into(), group.group.clone()), &NameOwner { owner }).await?;
            self.asked.try_set(None);
            self.notices.say(format!("{}: {words}", group.name));
            self.changed.try_run(());
            Ok(())
        });
    }
}

/// Asks which company of ESET MSP Administrator a console's group stands for.
#[component]
pub(super) fn OwnerDialog(client: Client, asked: RwSignal<Option<Asked>>, changed: Callback<()>) -> impl IntoView {
    let naming = Naming { client, notices: expect_context(), asked, changed, sending: Sending::idle() };
    let title = Signal::derive(move || {
        let name = asked.with(|asked| asked.as_ref().map(|asked| asked.group.name.clone())).unwrap_or_default();
        format!("Whose is {name}?")
    });
    let body = move || {
        asked.get().map(|Asked { group, .. }| {
            naming.sending.problem.set(None);
            opened(choices_part(naming, group))
        })
    };
    view! {
        <Dialog open=Signal::derive(move || asked.with(Option::is_some)) title=title look="wide" on_close=move |()| asked.set(None)>{body}</Dialog>
    }
    .into_any()
}

#[wasm_split(opened_group, fallible)]
fn choices_part(naming: Naming, group: GroupView) -> Loaded {
    Ok(choices(naming, &group))
}

fn choices(naming: Naming, group: &GroupView) -> AnyView {
    let text = RwSignal::new(group.suggested.as_ref().map(|company| company.name.clone()).unwrap_or_default());
    let found: Paged<Page<CompanyView>> = Paged::follow(naming.client, move || {
        Link::<ListCompanies>::of(&CompaniesQuery { state: CompanyFilter::All, q: asked(&text.get()), ..CompaniesQuery::default() })
    });
    let rows = move || {
        view! {
            <ul class="picks" aria-label="Companies">{found.each(move |_, view| company(naming, &view.get_untracked()))}</ul>
        }
        .into_any()
    };
    let now = group.owner.as_ref().map_or_else(|| "It is no company’s now.".to_owned(), |owner| format!("It is {}’s now.", owner.name));
    let said = group.said.as_ref().map(|said| view! { " Said by " <strong>{said.by.clone()}</strong> " " <Age at=said.at/> "." });
    let by_itself = group.said.is_some().then(|| {
        let words = "its id and name say again whose it is.";
        let say = move |()| naming.say(OwnerChoice::Automatic, words.to_owned());
        view! { <WriteButton does=Action::ManageMappings busy=naming.sending.busy on_press=say>"Let its id and name say"</WriteButton> }
    });
    let nobody = move |()| naming.say(OwnerChoice::Nobody, "no company’s. Its tickets go to each rule’s own company.".to_owned());
    view! {
        <p>{now} {said} " Tickets, share links and access groups go by it."</p>
        {refusal(naming.sending)}
        <Filter id="owner-filter" label="Find a company in ESET" text=text on_apply=move |typed| text.set(typed)/>
        <div class="scroll">
            {list_states(found, || Empty::because("No company fits.", "Try fewer letters. Companies are those of ESET MSP Administrator."), rows)}
        </div>
        <div class="actions">
            <WriteButton does=Action::ManageMappings busy=naming.sending.busy on_press=nobody>"No company’s"</WriteButton>
            {by_itself}
        </div>
    }
    .into_any()
}

fn company(naming: Naming, found: &CompanyView) -> AnyView {
    let (name, connection, company) = (found.name.clone(), found.connection.clone(), found.company.clone());
    let label = format!("It is theirs: {name}");
    let words = format!("{name}’s from now on.");
    let say = move |()| naming.say(OwnerChoice::Company { connection: connection.clone(), company: company.clone() }, words.clone());
    let parent = found.parent.clone().map(|parent| view! { <p class="faint">{format!("below {parent}")}</p> });
    view! {
        <li class="offer">
            <div><p class="strong">{name}</p>{parent}</div>
            <WriteButton does=Action::ManageMappings look="small" label=label busy=naming.sending.busy on_press=say>"It is theirs"</WriteButton>
        </li>
    }
    .into_any()
}

/// What a group says of itself besides its owner: who named it, or which company it may be.
pub(super) fn hint(group: &GroupView) -> Option<String> {
    match (&group.said, &group.suggested) {
        (Some(said), _) => Some(format!("said by {}", said.by)),
        (None, Some(GroupOwner { name, .. })) => Some(format!("perhaps {name}")),
        (None, None) => None,
    }
}
