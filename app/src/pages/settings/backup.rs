//! Backups: a file of everything that is not a secret, and the way back into a new install.

use contract::Problem;
use contract::backup::{BackupImported, ImportBackup, NightlyBackup, NightlyTarget, ShowNightlyBackup, TakeBackup};
use domain::access::Action;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::SettingsNav;
use crate::api::{Client, Link};
use crate::components::button::WriteButton;
use crate::components::icon::icon;
use crate::components::list::skeleton;
use crate::components::page_head::PageHead;
use crate::components::problem::problem_card;
use crate::components::time::moment;
use crate::state::live::Live;
use crate::state::remote::Remote;
use crate::words::count;

/// The file that was chosen, and what came of it.
#[derive(Clone, Copy)]
struct Import {
    client: Client,
    live: Live,
    /// Its name and text.
    file: RwSignal<Option<(String, String)>>,
    imported: RwSignal<Option<BackupImported>>,
    problem: RwSignal<Option<Problem>>,
    busy: RwSignal<bool>,
}

impl Import {
    fn choose(self, file: web_sys::File) {
        self.problem.set(None);
        spawn_local(async move {
            match JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()) {
                Some(text) => drop(self.file.try_set(Some((file.name(), text)))),
                None => {
                    let problem = Problem::new(400, "unreadable_file", "The file cannot be read.", "", "Choose it again.");
                    self.problem.try_set(Some(problem));
                }
            }
        });
    }

    fn send(self) {
        let Some((_, text)) = self.file.get_untracked() else { return };
        self.problem.set(None);
        self.busy.set(true);
        spawn_local(async move {
            let answer = self.client.upload(ImportBackup, text).await;
            self.busy.try_set(false);
            match answer {
                Ok(imported) => {
                    self.file.try_set(None);
                    self.imported.try_set(Some(imported));
                    self.live.read_now();
                }
                Err(problem) => drop(self.problem.try_set(Some(problem))),
            }
        });
    }
}

/// Takes a backup away, and a new install takes one in.
#[component]
pub(crate) fn BackupPage() -> impl IntoView {
    let address = Link::<TakeBackup>::here().into_text();
    view! {
        <PageHead title="Backup" lead="Everything Seatbridge holds that is not a secret, as one file."/>
        <SettingsNav/>
        <section class="panel">
            <h2>"Take a backup"</h2>
            <p>"Mappings, rules, limits, people and their roles, the month, closed months with their statements, tickets and the history. \
                Credentials, passkeys, sessions, API tokens and share links are not in it."</p>
            <p class="faint">"The file names your customers and their devices: keep it where you keep invoices."</p>
            <div class="actions">
                <a class="button primary" href=address rel="external" download="">{icon("download")} "Download backup"</a>
            </div>
        </section>
        <section class="panel">
            <h2>"Each night"</h2>
            {nightly()}
        </section>
        <section class="panel">
            <h2>"Import a backup"</h2>
            <ImportPanel/>
        </section>
    }
    .into_any()
}

/// Where nightly backups go, and how the last one went.
fn nightly() -> impl IntoView {
    let client = expect_context::<Client>();
    let page: Remote<NightlyBackup> = Remote::nothing();
    let read = move || page.read(async move { client.get(Link::<ShowNightlyBackup>::here()).await });
    read();
    move || match (page.value.get(), page.problem.get()) {
        (Some(nightly), _) => told(&nightly),
        (None, Some(problem)) => problem_card(&problem, Some(Callback::new(move |()| read()))),
        (None, None) => skeleton(1),
    }
}

fn told(nightly: &NightlyBackup) -> AnyView {
    let Some(target) = nightly.target else {
        return view! { <p>"Nothing is backed up by itself. Bind an R2 bucket as BACKUPS, or name an address as BACKUP_URL, when you deploy."</p> }
            .into_any();
    };
    let place = match target {
        NightlyTarget::Bucket => "the R2 bucket",
        NightlyTarget::Address => "the address that BACKUP_URL names",
    };
    let last = match nightly.kept_at {
        Some(at) => view! { <p>"The last backup went to " {place} " " {moment(at)} "."</p> }.into_any(),
        None => view! { <p>"No backup has gone to " {place} " yet. The first one is made once something is connected."</p> }.into_any(),
    };
    let failure = nightly.failure.clone().map(|words| {
        view! { <p class="remedy" role="status"><strong>"The last one did not arrive. "</strong> {words} " It is tried again every hour."</p> }
    });
    view! { {last} {failure} }.into_any()
}

#[component]
fn ImportPanel() -> impl IntoView {
    let live = expect_context::<Live>();
    let import = Import {
        client: expect_context(),
        live,
        file: RwSignal::new(None),
        imported: RwSignal::new(None),
        problem: RwSignal::new(None),
        busy: RwSignal::new(false),
    };
    let in_use = Memo::new(move |_| live.overview.value.with(|overview| overview.as_ref().is_some_and(|known| !known.vendors.is_empty())));
    move || {
        if let Some(imported) = import.imported.get() {
            return done(&imported);
        }
        if in_use.get() {
            return view! { <p>"This install is in use. A backup is imported into a new install, before anything is connected."</p> }
                .into_any();
        }
        view! {
            <p>"Choose a backup that Seatbridge gave out. Nothing is written to ConnectWise until somebody has seen what differs."</p>
            {file_field(import)}
            {move || import.problem.get().map(|problem| problem_card(&problem, None))}
            <div class="actions">
                <WriteButton does=Action::ImportBackup look="primary" busy=import.busy on_press=move |()| import.send()
                    disabled=Signal::derive(move || import.file.with(Option::is_none))>
                    "Import"
                </WriteButton>
            </div>
        }
        .into_any()
    }
}

fn file_field(import: Import) -> AnyView {
    let chosen = move |event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            import.choose(file);
        }
        input.set_value("");
    };
    let name = move || import.file.with(|file| file.as_ref().map_or_else(|| "No file chosen.".to_owned(), |(name, _)| name.clone()));
    view! {
        <label class="file">
            <span class="button">{icon("upload")} "Choose a backup"</span>
            <input type="file" accept=".json,application/json" class="hidden" disabled=import.busy on:change=chosen/>
            <span class="faint">{name}</span>
        </label>
    }
    .into_any()
}

fn done(imported: &BackupImported) -> AnyView {
    let rows = count(u32::try_from(imported.rows).unwrap_or(u32::MAX), "row", "rows");
    let connections = (!imported.connections.is_empty()).then(|| {
        let names = imported.connections.join(", ");
        view! {
            <p>"Enter the credentials of " <strong>{names}</strong> " again: a backup has none."</p>
            <div class="actions"><a class="button primary" href="/settings/connections">"Connections"</a></div>
        }
    });
    view! {
        <p role="status">{rows} " imported, as of " {moment(imported.taken_at)} ". Seatbridge only looks until somebody has seen what differs."</p>
        {connections}
    }
    .into_any()
}
