//! The decisions as a table: taken away, edited in a spreadsheet, and taken in again.

use contract::Problem;
use contract::mapping_table::{ExportCompanyMappings, ImportCompanyMappings, ImportTable, Imported, RowProblem};
use domain::access::Action;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::state::CompaniesState;
use crate::api::{Client, Link};
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::icon::icon;
use crate::components::problem::problem_card;
use crate::components::table_link::table_link;
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::words::count;

/// Problems of a table that are shown; a wrong column makes one in each row.
const MOST_SHOWN: usize = 100;

/// What is known of the table that is to be taken in.
#[derive(Clone, Copy)]
struct Import {
    client: Client,
    /// Its name and text.
    table: RwSignal<Option<(String, String)>>,
    /// What it would change.
    checked: RwSignal<Option<Imported>>,
    /// Why it could not be looked at.
    problem: RwSignal<Option<Problem>>,
    busy: RwSignal<bool>,
}

impl Import {
    fn forget(self) {
        self.table.set(None);
        self.checked.set(None);
        self.problem.set(None);
    }

    /// Has the Worker look at the table, or take it. Answers what came of it, unless another table was chosen meanwhile.
    async fn send(self, dry_run: bool) -> Option<Imported> {
        let chosen = self.table.get_untracked()?;
        self.problem.set(None);
        self.busy.set(true);
        let answer = self.client.call(ImportCompanyMappings, &(), &ImportTable { csv: chosen.1.clone(), dry_run }).await;
        self.busy.try_set(false);
        if self.table.try_get_untracked().flatten().as_ref() != Some(&chosen) {
            return None;
        }
        match answer {
            Ok(imported) => {
                self.checked.try_set(Some(imported.clone()));
                Some(imported)
            }
            Err(problem) => {
                self.problem.try_set(Some(problem));
                None
            }
        }
    }

    /// Reads the file that was chosen and looks at what it would change.
    fn choose(self, file: web_sys::File) {
        self.forget();
        spawn_local(async move {
            let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
            match text {
                Some(text) => {
                    self.table.try_set(Some((file.name(), text)));
                    self.send(true).await;
                }
                None => {
                    let remedy = "Choose it again; close it in the spreadsheet first.";
                    self.problem.try_set(Some(Problem::new(400, "unreadable_file", "The file cannot be read.", "", remedy)));
                }
            }
        });
    }
}

/// Takes the table of all companies away, and an edited one in.
#[component]
pub(super) fn CompanyTable(state: CompaniesState) -> impl IntoView {
    let open = RwSignal::new(false);
    let (live, notices) = (expect_context::<Live>(), expect_context::<Notices>());
    let import = Import {
        client: expect_context(),
        table: RwSignal::new(None),
        checked: RwSignal::new(None),
        problem: RwSignal::new(None),
        busy: RwSignal::new(false),
    };
    let close = move || {
        open.set(false);
        import.forget();
    };
    let store = move |()| {
        spawn_local(async move {
            if import.send(false).await.is_some_and(|imported| imported.stored) {
                let changed = import.checked.get_untracked().map_or(0, |imported| imported.changed);
                notices.say(format!("{} taken in. Lines are planned anew.", count(changed, "decision", "decisions")));
                close();
                state.list.refresh();
                live.read_now();
            }
        });
    };
    view! {
        {table_link(Link::<ExportCompanyMappings>::here)}
        <button type="button" class="button quiet" on:click=move |_| open.set(true)>{icon("upload")} "Import…"</button>
        <Dialog open=open title="Import company mappings" look="wide" on_close=move |()| close()>
            <p>"Take the CSV of this page, edit its columns " <code>"decision"</code> " (map, exclude or clear), " <code>"psa"</code>", "
                <code>"agreement"</code>", " <code>"automatic"</code> " and " <code>"reason"</code> ", and choose it here. A row with an empty decision stays as it is."</p>
            {file_field(import)}
            {move || import.problem.get().map(|problem| problem_card(&problem, None))}
            {move || import.busy.get().then(|| view! { <p class="faint" role="status">"Looking at the table…"</p> })}
            {move || import.checked.get().map(|imported| outcome(&imported))}
            <div class="actions">
                <WriteButton does=Action::ManageMappings look="primary" busy=import.busy on_press=store disabled=Signal::derive(move || !import.checked.with(|checked| may_store(checked.as_ref())))>
                    {move || import.checked.with(|checked| store_label(checked.as_ref()))}
                </WriteButton>
            </div>
        </Dialog>
    }
    .into_any()
}

fn file_field(import: Import) -> AnyView {
    let chosen = move |event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            import.choose(file);
        }
        // The same file, edited again, is a change too.
        input.set_value("");
    };
    view! {
        <label class="file">
            <span class="button">{icon("upload")} "Choose a CSV file"</span>
            <input type="file" accept=".csv,text/csv" class="hidden" disabled=import.busy on:change=chosen/>
            <span class="faint">{move || import.table.with(|table| table.as_ref().map(|(name, _)| name.clone()))}</span>
        </label>
    }
    .into_any()
}

fn may_store(checked: Option<&Imported>) -> bool {
    checked.is_some_and(|imported| imported.problems.is_empty() && imported.changed > 0)
}

fn store_label(checked: Option<&Imported>) -> String {
    match checked {
        Some(imported) if may_store(checked) => format!("Take in {}", count(imported.changed, "decision", "decisions")),
        _ => "Take in".to_owned(),
    }
}

/// What a table would change, or what is wrong with it.
fn outcome(imported: &Imported) -> AnyView {
    let rows = count(imported.rows, "row", "rows");
    let problems = imported.problems.len();
    if problems == 0 {
        let words = match imported.changed {
            0 => format!("{rows}: all as decided already. There is nothing to take in."),
            changed => {
                format!("{rows}: {} would change. Nothing is written to ConnectWise by this.", count(changed, "decision", "decisions"))
            }
        };
        return view! { <p role="status">{words}</p> }.into_any();
    }
    let more = problems.checked_sub(MOST_SHOWN).filter(|more| *more > 0);
    let shown = imported.problems.iter().take(MOST_SHOWN).map(problem_row).collect_view();
    view! {
        <p role="alert">{format!("{rows}, {} to mend. Nothing is taken in until all rows can be.", count(problems as u64, "cell", "cells"))}</p>
        <div class="scroll" tabindex="0" role="group" aria-label="What is wrong">
            <table class="plain">
                <thead><tr><th scope="col">"Row"</th><th scope="col">"Column"</th><th scope="col">"What is the matter"</th></tr></thead>
                <tbody>{shown}</tbody>
            </table>
        </div>
        {more.map(|more| view! { <p class="faint">{format!("and {more} more")}</p> })}
    }
    .into_any()
}

fn problem_row(problem: &RowProblem) -> AnyView {
    let RowProblem { row, column, words } = problem.clone();
    view! { <tr><td>{row}</td><td><code>{column}</code></td><td>{words}</td></tr> }.into_any()
}
