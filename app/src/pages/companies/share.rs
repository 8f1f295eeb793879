//! The dialog that makes, lists and revokes a company's share links.

use contract::Page;
use contract::companies::CompanyView;
use contract::share::{
    CreateShareLink, CreatedShareLink, ListShareLinks, NewShareLink, RevokeShareLink, ShareLinkState, ShareLinkView, ShareLinksQuery,
};
use domain::access::{Action, TOLD_WRONG_CODES};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_split_helpers::wasm_split;

use super::state::CompaniesState;
use crate::api::{Client, Link};
use crate::components::badge::badge;
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::form::field::TextField;
use crate::components::form::secret::secret;
use crate::components::list::skeleton;
use crate::components::problem::{problem_card, refusal};
use crate::components::time::{Age, moment};
use crate::model::billing::lines::Tone;
use crate::model::settings::sign_in::made_by;
use crate::pages::{Loaded, opened};
use crate::state::notices::Notices;
use crate::state::remote::Remote;
use crate::state::sending::Sending;
use crate::words::count;

/// How long a link may last, in days, and the words for it.
const LASTING: [(u32, &str); 4] = [(7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "a year")];
/// What is chosen at first.
const USUAL: u32 = 30;

/// Links by which a customer sees their own company.
#[component]
pub(super) fn ShareDialog(state: CompaniesState) -> impl IntoView {
    let open = Signal::derive(move || state.sharing.with(Option::is_some));
    let title = Signal::derive(move || {
        let name = state.sharing.with(|company| company.as_ref().map(|company| company.name.clone())).unwrap_or_default();
        format!("Share {name}")
    });
    view! {
        <Dialog open=open title=title look="wide" on_close=move |()| state.sharing.set(None)>
            {move || state.sharing.get().map(|company| opened(sharing_part(company)))}
        </Dialog>
    }
    .into_any()
}

#[wasm_split(opened_company, fallible)]
fn sharing_part(company: CompanyView) -> Loaded {
    Ok(sharing(company))
}

/// What the dialog remembers.
#[derive(Clone, Copy)]
struct Sharing {
    client: Client,
    notices: Notices,
    company: StoredValue<CompanyView>,
    links: Remote<Page<ShareLinkView>>,
    /// The link that was just made.
    made: RwSignal<Option<CreatedShareLink>>,
    sending: Sending,
}

impl Sharing {
    fn read(self) {
        let (connection, company) = self.company.with_value(|company| (company.connection.clone(), company.company.clone()));
        let query = ShareLinksQuery { connection: Some(connection), company: Some(company), ..ShareLinksQuery::default() };
        self.links.read(async move { self.client.get(Link::<ListShareLinks>::of(&query)).await });
    }

    fn make(self, days: u32, code: String, devices: bool) {
        let (connection, company) = self.company.with_value(|company| (company.connection.clone(), company.company.clone()));
        let code = Some(code).filter(|code| !code.is_empty());
        self.sending.send(async move {
            let made =
                self.client.call(CreateShareLink, &(), &NewShareLink { connection, company, days: Some(days), code, devices }).await?;
            self.made.try_set(Some(made));
            self.read();
            Ok(())
        });
    }

    fn revoke(self, id: String) {
        spawn_local(async move {
            match self.client.call(RevokeShareLink, &id, &()).await {
                Ok(()) => self.notices.say("The link does not work any more."),
                Err(problem) => self.notices.trouble(&problem),
            }
            self.read();
        });
    }
}

fn sharing(company: CompanyView) -> AnyView {
    let sharing = Sharing {
        client: expect_context(),
        notices: expect_context(),
        company: StoredValue::new(company),
        links: Remote::nothing(),
        made: RwSignal::new(None),
        sending: Sending::idle(),
    };
    sharing.read();
    view! {
        <p class="faint">
            "Whoever has the link sees this one company without signing in: its licences, how they grew and its months. No prices, and nothing of anybody else."
        </p>
        {move || match sharing.made.get() {
            Some(made) => shown_once(sharing, &made),
            None => form(sharing),
        }}
        <h3>"Links"</h3>
        {move || links(sharing)}
    }
    .into_any()
}

fn form(sharing: Sharing) -> AnyView {
    let (days, code, devices) = (RwSignal::new(USUAL), RwSignal::new(String::new()), RwSignal::new(false));
    let wrong = Signal::derive(move || code.with(|code| !fits(code)));
    let complaint = Signal::derive(move || wrong.get().then(|| "Use 6 to 12 characters without a space, or none.".to_owned()));
    let options = LASTING.map(|(days, words)| view! { <option value=days.to_string() selected=days == USUAL>{words}</option> });
    view! {
        <div class="form">
            <div class="field">
                <label for="share-days">"Works for"</label>
                <select id="share-days" on:change=move |event| days.set(event_target_value(&event).parse().unwrap_or(USUAL))>
                    {options.collect_view()}
                </select>
            </div>
            <TextField id="share-code" label="Access code, if you want one" hint="Tell it apart from the link, by telephone for example."
                value=code on_type=move |typed| code.set(typed) complaint=complaint/>
            <label class="switch">
                <input type="checkbox" role="switch" prop:checked=devices on:change=move |event| devices.set(event_target_checked(&event))/>
                <span>"Show its device groups too"</span>
            </label>
            {refusal(sharing.sending)}
            <div class="actions">
                <WriteButton does=Action::ManageShares look="primary" busy=sharing.sending.busy disabled=wrong
                    on_press=move |()| sharing.make(days.get_untracked(), code.get_untracked(), devices.get_untracked())>"Make a link"</WriteButton>
            </div>
        </div>
    }
    .into_any()
}

/// Whether a text can be an access code; no code is none.
fn fits(code: &str) -> bool {
    code.is_empty() || (6..=12).contains(&code.chars().count()) && !code.chars().any(|c| c.is_control() || c.is_whitespace())
}

fn shown_once(sharing: Sharing, made: &CreatedShareLink) -> AnyView {
    let link = format!("{}/s#{}", window().location().origin().unwrap_or_default(), made.token);
    view! {
        <p>"Copy this link now: it is shown this once. It works until " {moment(made.expires_at)} "."</p>
        {secret(&link, "Copy the link")}
        <div class="actions">
            <button type="button" class="button quiet" on:click=move |_| sharing.made.set(None)>"Make another"</button>
        </div>
    }
    .into_any()
}

fn links(sharing: Sharing) -> AnyView {
    if let Some(problem) = sharing.links.problem.get() {
        return problem_card(&problem, Some(Callback::new(move |()| sharing.read())));
    }
    match sharing.links.value.get() {
        None => skeleton(2),
        Some(page) if page.items.is_empty() => view! { <p class="faint">"There is no link yet."</p> }.into_any(),
        Some(page) => view! {
            <ul class="picks" aria-label="Share links">{page.items.into_iter().map(|link| row(sharing, link)).collect_view()}</ul>
        }
        .into_any(),
    }
}

fn row(sharing: Sharing, link: ShareLinkView) -> AnyView {
    let asked = RwSignal::new(false);
    let (tone, state) = describe(link.state);
    let mut shows = Vec::new();
    shows.extend(link.has_code.then_some("with a code"));
    shows.extend(link.devices.then_some("with device groups"));
    let shows = shows.into_iter().fold(String::new(), |text, part| format!("{text} · {part}"));
    let opened = link.opened_at.map(|at| view! { ", last " <Age at=at/> });
    let guessed = is_guessed_at(&link).then(|| badge(Tone::Attention, format!("{} wrong codes in a row", link.wrong_codes)));
    let works = link.state == ShareLinkState::Works;
    let made = format!("Made {}", made_by(&link.created_by, link.maker));
    let id = StoredValue::new(link.id);
    let actions = move || {
        if !works {
            return ().into_any();
        }
        if asked.get() {
            return view! {
                <WriteButton does=Action::ManageShares look="danger" on_press=move |()| sharing.revoke(id.get_value())>"Revoke, at once"</WriteButton>
                <button type="button" class="button quiet" on:click=move |_| asked.set(false)>"Keep"</button>
            }
            .into_any();
        }
        view! { <WriteButton does=Action::ManageShares look="quiet" on_press=move |()| asked.set(true)>"Revoke…"</WriteButton> }.into_any()
    };
    view! {
        <li class="offer splits">
            <div>
                <p>{badge(tone, state)} " " {guessed} " " {made} " " <Age at=link.created_at/> {shows}</p>
                <p class="faint">"Opened " {count(link.openings, "time", "times")} {opened} ". Ends " {moment(link.expires_at)} "."</p>
            </div>
            <div class="actions">{actions}</div>
        </li>
    }
    .into_any()
}

/// Whether somebody seems to guess at the code of a link that works.
fn is_guessed_at(link: &ShareLinkView) -> bool {
    link.state == ShareLinkState::Works && link.wrong_codes >= TOLD_WRONG_CODES
}

fn describe(state: ShareLinkState) -> (Tone, &'static str) {
    match state {
        ShareLinkState::Works => (Tone::Good, "Works"),
        ShareLinkState::Expired => (Tone::Quiet, "Ended"),
        ShareLinkState::Revoked => (Tone::Quiet, "Revoked"),
    }
}
