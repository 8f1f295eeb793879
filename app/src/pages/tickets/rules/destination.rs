//! The fields for where a rule's tickets go; each offers only what the choices before it allow.

use contract::tickets::{ListConfigurationTypes, ShowBoardOptions, ShowBoardSetup};
use domain::connections::ConnectionKind;
use domain::tickets::{BoardSetup, Named, ServiceBoardOptions};
use leptos::prelude::*;

use crate::api::{Client, Link};
use crate::components::problem::problem_card;
use crate::model::tickets::desk::{Choosable, boards, items, offered, statuses, subtypes, usual_status};
use crate::model::tickets::ticket_rule::under;
use crate::pages::tickets::fields::{Draft, select, text};
use crate::pages::tickets::pick::{Places, company, contact};
use crate::state::remote::Remote;

/// What stands in a field of which nothing is chosen.
const USUAL: &str = "As the board has it";

/// What ConnectWise lets be chosen: of every ticket, and of the chosen board. Read as it is now, never from what was read before.
#[derive(Clone, Copy)]
pub(super) struct BoardChoices {
    client: Client,
    /// Boards, priorities and sources.
    pub(super) desk: Remote<ServiceBoardOptions>,
    /// Of the chosen board.
    pub(super) board: Remote<BoardSetup>,
    types: Remote<Vec<Named>>,
    psa: Memo<String>,
    chosen: Memo<String>,
}

impl BoardChoices {
    /// Reads what belongs to the connection and the board that are chosen, whenever others are.
    pub(super) fn follow(client: Client, draft: Draft) -> Self {
        let desks = Self {
            client,
            desk: Remote::nothing(),
            board: Remote::nothing(),
            types: Remote::nothing(),
            psa: draft.watch("target.psa"),
            chosen: draft.watch("target.board"),
        };
        let creates = Memo::new(move |_| draft.is("attach", "attach_or_create"));
        Effect::new(move |_| {
            desks.psa.track();
            desks.read_desk();
        });
        Effect::new(move |_| {
            desks.psa.track();
            desks.chosen.track();
            desks.read_board();
        });
        Effect::new(move |_| {
            let psa = desks.psa.get();
            if creates.get() && !psa.is_empty() {
                desks.types.read(async move { client.get(Link::<ListConfigurationTypes>::at(&psa.as_str().into())).await });
            }
        });
        // The statuses of a board that was just chosen are mostly the ones that are meant.
        Effect::new(move |_| {
            desks.board.value.with(|setup| {
                let Some(setup) = setup else { return };
                for (field, closed) in [("target.open_status", false), ("target.closed_status", true)] {
                    if untrack(|| draft.value(field)).is_empty() {
                        draft.typed.update(|typed| typed.set(field, usual_status(setup, closed).unwrap_or_default()));
                    }
                }
            });
        });
        desks
    }

    fn read_desk(self) {
        let (client, psa) = (self.client, self.psa.get_untracked());
        self.desk.value.set(None);
        if !psa.is_empty() {
            self.desk.read(async move { client.get(Link::<ShowBoardOptions>::at(&psa.as_str().into())).await });
        }
    }

    fn read_board(self) {
        let (client, psa, board) = (self.client, self.psa.get_untracked(), self.chosen.get_untracked());
        self.board.value.set(None);
        if !psa.is_empty() && !board.is_empty() {
            self.board.read(async move { client.get(Link::<ShowBoardSetup>::at(&(psa.as_str().into(), board))).await });
        }
    }

    /// What the desk lets be chosen.
    pub(super) fn of_desk(self, list: impl Fn(&ServiceBoardOptions) -> Vec<Choosable>) -> Vec<Choosable> {
        self.desk.value.with(|desk| desk.as_ref().map(list)).unwrap_or_default()
    }

    fn of_board(self, list: impl Fn(&BoardSetup) -> Vec<Choosable>) -> Vec<Choosable> {
        self.board.value.with(|setup| setup.as_ref().map(list)).unwrap_or_default()
    }

    /// Types a new configuration can be of.
    pub(super) fn types(self) -> Vec<Choosable> {
        self.types.value.with(|types| types.as_deref().map(offered)).unwrap_or_default()
    }

    /// What went wrong when it was asked.
    pub(super) fn trouble(self) -> impl Fn() -> Option<AnyView> {
        move || {
            let (desk, board) = (self.desk.problem.get(), self.board.problem.get());
            let again = Callback::new(move |()| {
                self.read_desk();
                self.read_board();
            });
            desk.or(board).map(|problem| problem_card(&problem, Some(again)))
        }
    }
}

/// Where a rule's tickets go. Each choice offers only what the ones before it allow.
pub(super) fn destination_fields(client: Client, draft: Draft, places: Places, desks: BoardChoices) -> AnyView {
    let none = String::new;
    let tenants = move || places.of(|kind| kind == ConnectionKind::Connectwise);
    let reading = move || match (desks.desk.busy.get(), desks.psa.with(String::is_empty)) {
        (_, true) => "Choose a ConnectWise first.".to_owned(),
        (true, false) => "Reading the boards…".to_owned(),
        (false, false) => String::new(),
    };
    view! {
        <fieldset class="panel options">
            <legend>"Where its tickets go"</legend>
            {desks.trouble()}
            <div class="columns">
                {select(draft, "target.psa", "ConnectWise", none, "Choose a ConnectWise", tenants, choose(draft, "target.psa"))}
                {select(draft, "target.board", "Board", reading, "Choose a board", move || desks.of_desk(boards), choose(draft, "target.board"))}
                {board_fields(draft, desks)}
                {desk_fields(draft, desks, USUAL, none)}
                {text(draft, "target.due_hours", "Due after hours", "Empty: no due date.")}
            </div>
            {company(client, draft, choose(draft, "target.catch_all"))}
            {contact(client, draft, choose(draft, "target.contact"))}
        </fieldset>
    }
    .into_any()
}

/// What belongs to the chosen board.
pub(super) fn board_fields(draft: Draft, desks: BoardChoices) -> AnyView {
    let (kind, subtype) = (draft.watch("target.kind"), draft.watch("target.subtype"));
    let none = String::new;
    let of_board = move || match (desks.board.busy.get(), desks.chosen.with(String::is_empty)) {
        (_, true) => "Choose a board first.".to_owned(),
        (true, false) => "Reading the board…".to_owned(),
        (false, false) => String::new(),
    };
    let open = move || {
        let setup = |setup: &BoardSetup| statuses(setup, false);
        desks.of_board(setup)
    };
    let closed = move || desks.of_board(|setup| statuses(setup, true));
    let kinds = move || desks.of_board(|setup| offered(&setup.types));
    let teams = move || desks.of_board(|setup| offered(&setup.teams));
    let subtypes = move || desks.of_board(|setup| kind.with(|kind| subtypes(setup, kind.trim())));
    let items = move || {
        let under = |setup: &BoardSetup| kind.with(|kind| subtype.with(|subtype| items(setup, kind.trim(), subtype.trim())));
        desks.of_board(under)
    };
    let closing = || "A ticket in it is closed, or finished.".to_owned();
    view! {
        {select(draft, "target.open_status", "Status of new tickets", of_board, "Choose a status", open, choose(draft, "target.open_status"))}
        {select(draft, "target.closed_status", "Status of closed tickets", closing, "Choose a status", closed, choose(draft, "target.closed_status"))}
        {select(draft, "target.kind", "Type", none, USUAL, kinds, choose(draft, "target.kind"))}
        {select(draft, "target.subtype", "Subtype", none, USUAL, subtypes, choose(draft, "target.subtype"))}
        {select(draft, "target.item", "Item", none, USUAL, items, choose(draft, "target.item"))}
        {select(draft, "target.team", "Team", none, USUAL, teams, choose(draft, "target.team"))}
    }
    .into_any()
}

/// What belongs to the desk, whichever its board; `blank` is what an empty field means.
pub(super) fn desk_fields(
    draft: Draft,
    desks: BoardChoices,
    blank: &'static str,
    hint: impl Fn() -> String + Copy + Send + Sync + 'static,
) -> AnyView {
    let priorities = move || desks.of_desk(|desk| offered(&desk.priorities));
    let sources = move || desks.of_desk(|desk| offered(&desk.sources));
    view! {
        {select(draft, "target.priority", "Priority", hint, blank, priorities, choose(draft, "target.priority"))}
        {select(draft, "target.source", "Source", hint, blank, sources, choose(draft, "target.source"))}
    }
    .into_any()
}

/// Chooses something; what stands under it is chosen anew.
pub(super) fn choose(draft: Draft, field: &'static str) -> Callback<String> {
    Callback::new(move |value: String| {
        draft.complaint.set(None);
        draft.typed.update(|typed| {
            under(field).iter().for_each(|below| typed.set(below, String::new()));
            typed.set(field, value);
        });
    })
}
