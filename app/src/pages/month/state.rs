//! What the month page remembers, and the decisions it sends.

use std::collections::{BTreeMap, BTreeSet};

use contract::Problem;
use contract::month::{LineResult, LineView, Month, MonthSummary, ShowMonth};
use domain::access::Action;
use domain::billing::{Approval, LineDecision};
use domain::ids::LineId;
use leptos::prelude::*;

use crate::api::{Client, Link};
use crate::components::keyboard::{go_to_filter, step};
use crate::model::billing::selection::{Selection, is_selectable};
use crate::model::keys::Command;
use crate::pages::reverse::Reversible;
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::state::paged::Paged;
use crate::state::signed::may;
use crate::words::count;

/// What a dialog asks.
#[derive(Clone, PartialEq)]
pub(super) enum Ask {
    /// Why these lines are held.
    WhyHold(Vec<LineId>),
    /// Why these lines are left as they are.
    WhyDismiss(Vec<LineId>),
    /// Whether a held line is really to be approved, its guards in sight.
    ApproveAlone(Box<LineView>),
    /// Nothing: all keys.
    Keys,
}

/// What the month page remembers.
#[derive(Clone, Copy)]
pub(crate) struct MonthState {
    pub(super) client: Client,
    pub(super) live: Live,
    pub(super) notices: Notices,
    /// Whether the signed-in person decides about lines at all.
    pub(super) decides: bool,
    /// The lines of the segment.
    pub(super) list: Paged<Month>,
    /// The row the keys are at.
    pub(super) cursor: RwSignal<Option<String>>,
    /// Rows whose evidence is open.
    pub(super) opened: RwSignal<BTreeSet<String>>,
    /// Lines picked for approval.
    pub(super) selection: RwSignal<Selection>,
    /// Lines that were not taken, and why.
    pub(super) refused: RwSignal<BTreeMap<LineId, LineResult>>,
    /// How many approvals are on their way.
    pub(super) sending: RwSignal<Option<usize>>,
    /// Why a selection was too much at once, and how many lines it had.
    pub(super) over: RwSignal<Option<(usize, Problem)>>,
    /// The change that is about to be taken back.
    pub(super) reversing: RwSignal<Option<Reversible>>,
    /// The dialog that is open.
    pub(super) asking: RwSignal<Option<Ask>>,
}

impl MonthState {
    /// The month, read again with every beat of the overview.
    pub(super) fn follow(link: impl Fn() -> Link<ShowMonth> + Send + Sync + 'static) -> Self {
        let client = expect_context::<Client>();
        let state = Self {
            client,
            live: expect_context(),
            notices: expect_context(),
            decides: may(Action::DecideLines),
            list: Paged::follow(client, link),
            cursor: RwSignal::new(None),
            opened: RwSignal::new(BTreeSet::new()),
            selection: RwSignal::new(Selection::default()),
            refused: RwSignal::new(BTreeMap::new()),
            sending: RwSignal::new(None),
            over: RwSignal::new(None),
            reversing: RwSignal::new(None),
            asking: RwSignal::new(None),
        };
        state.list.follow_beat(state.live);
        Effect::new(move |_| {
            // A finished reading may have moved what was picked.
            if !state.list.busy.get() {
                state.put_back_what_changed();
            }
        });
        state
    }

    /// The month in numbers: from the list, or from the overview while the list is not there yet.
    pub(super) fn summary(self) -> Option<MonthSummary> {
        self.list.head.get().or_else(|| self.live.overview.value.with(|overview| overview.as_ref().map(|overview| overview.month.clone())))
    }

    /// Opens a dialog.
    pub(super) fn ask(self, ask: Ask) {
        self.asking.set(Some(ask));
    }

    /// Opens or closes a row's evidence.
    pub(super) fn toggle_evidence(self, key: &str) {
        self.opened.update(|opened| {
            if !opened.remove(key) {
                opened.insert(key.to_owned());
            }
        });
    }

    /// Picks every line shown that can be approved with others; puts all back when all are picked.
    pub(super) fn toggle_all(self) {
        let lines: Vec<LineView> = self.list.items().into_iter().filter(is_selectable).collect();
        self.selection.update(|selection| {
            if lines.iter().all(|view| selection.holds(&view.line.id)) {
                selection.clear();
            } else {
                lines.iter().for_each(|view| selection.pick(view));
            }
        });
    }

    /// Does what a key asks for.
    pub(super) fn obey(self, command: Command) {
        match command {
            Command::Next => step(self.cursor, &untrack(|| self.list.keys()), 1, "open-"),
            Command::Previous => step(self.cursor, &untrack(|| self.list.keys()), -1, "open-"),
            Command::Filter => go_to_filter(),
            Command::Keys => self.ask(Ask::Keys),
            Command::Escape => self.escape(),
            Command::Select | Command::Approve | Command::Hold | Command::Dismiss if !self.decides => {}
            Command::Approve if !self.selection.with_untracked(Selection::is_empty) => self.approve_selection(),
            Command::Hold if !self.selection.with_untracked(Selection::is_empty) => {
                self.ask(Ask::WhyHold(self.selection.with_untracked(Selection::lines)));
            }
            Command::Dismiss if !self.selection.with_untracked(Selection::is_empty) => {
                self.ask(Ask::WhyDismiss(self.selection.with_untracked(Selection::lines)));
            }
            Command::Select | Command::Open | Command::Approve | Command::Hold | Command::Dismiss => {
                if let Some(view) = self.cursor.get_untracked().and_then(|key| self.list.item(&key)) {
                    self.obey_on(command, &view);
                }
            }
        }
    }

    fn obey_on(self, command: Command, view: &LineView) {
        match command {
            Command::Select => self.selection.update(|selection| selection.toggle(view)),
            Command::Open => self.toggle_evidence(view.line.id.as_str()),
            Command::Hold => self.ask(Ask::WhyHold(vec![view.line.id.clone()])),
            Command::Dismiss if view.considered().offers(LineDecision::Dismiss) => self.ask(Ask::WhyDismiss(vec![view.line.id.clone()])),
            Command::Dismiss => {
                self.notices.warn("This line cannot be dismissed: map or exclude what nothing bills, and leave the rest to its course.");
            }
            Command::Approve => self.approve_one(view),
            _ => {}
        }
    }

    /// Approves one line as far as it may: at once, after a look at its guards, or not at all and says why.
    pub(super) fn approve_one(self, view: &LineView) {
        match view.considered().approval() {
            Approval::Free => self.approve_free(view),
            Approval::Alone => self.ask(Ask::ApproveAlone(Box::new(view.clone()))),
            Approval::Blocked => {
                self.opened.update(|opened| {
                    opened.insert(view.line.id.0.clone());
                });
                self.notices.warn("This line cannot be approved until what blocks it is gone; it says so below the line.");
            }
            Approval::SetAside => self.notices.warn("A person has set this line aside: release it first."),
            Approval::Again | Approval::InProgress | Approval::Nothing => {
                self.notices.warn("There is nothing to approve on this line.");
            }
        }
    }

    fn escape(self) {
        if self.selection.with_untracked(Selection::is_empty) {
            self.opened.update(BTreeSet::clear);
        } else {
            self.selection.update(Selection::clear);
        }
    }

    fn put_back_what_changed(self) {
        if self.selection.with_untracked(Selection::is_empty) {
            return;
        }
        let items = untrack(|| self.list.items());
        let mut selection = self.selection.get_untracked();
        let changed = selection.keep_current(items.iter());
        if self.selection.with_untracked(|shown| *shown != selection) {
            self.selection.set(selection);
        }
        if changed > 0 {
            let lines = count(changed as u64, "selected line has", "selected lines have");
            self.notices.warn(format!("{lines} a new proposal and went back. Look at the numbers again before you select."));
        }
    }
}
