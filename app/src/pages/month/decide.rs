//! Approving, holding and releasing lines.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::Problem;
use shared::api::month::{Approve, ApproveLine, Decided, Hold, LineView, Release};
use shared::engine::IntentState;
use shared::ids::{IntentId, LineId};

use super::state::MonthState;
use crate::model::selection::Selection;
use crate::words::{count, outcome_of_approval};

impl MonthState {
    /// Approves everything that is picked, 500 lines a request.
    pub(super) fn approve_selection(self) {
        let batches = self.selection.with_untracked(Selection::batches);
        if !batches.is_empty() {
            self.approve(batches);
        }
    }

    /// Approves a line that nothing speaks against.
    pub(super) fn approve_free(self, view: &LineView) {
        self.approve(vec![vec![ApproveLine { id: view.line.id.clone(), preview: view.line.preview.clone(), seen: Vec::new() }]]);
    }

    /// Approves a held line, naming the guards that were shown.
    pub(super) fn approve_alone(self, view: &LineView) {
        let seen = view.guards.iter().map(|guard| guard.code.clone()).collect();
        self.approve(vec![vec![ApproveLine { id: view.line.id.clone(), preview: view.line.preview.clone(), seen }]]);
    }

    fn approve(self, batches: Vec<Vec<ApproveLine>>) {
        if self.sending.get_untracked().is_some() {
            return;
        }
        let all = batches.iter().map(Vec::len).sum();
        self.sending.set(Some((0, all)));
        spawn_local(async move {
            let (mut taken, mut refused) = (0, 0);
            let mut trouble: Option<Problem> = None;
            for lines in batches {
                let size = lines.len();
                match self.client.approve(&Approve { lines }).await {
                    Ok(decided) => {
                        let accepted = self.note(&decided);
                        taken += accepted;
                        refused += decided.results.len() - accepted;
                    }
                    Err(problem) => {
                        trouble = Some(problem);
                        break;
                    }
                }
                self.sending.try_update(|sending| *sending = sending.map(|(sent, of)| (sent + size, of)));
            }
            self.sending.try_set(None);
            match trouble {
                Some(problem) => self.notices.trouble(&problem),
                None if refused > 0 => self.notices.warn(outcome_of_approval(taken, refused)),
                None => self.notices.say(outcome_of_approval(taken, refused)),
            }
            self.live.read_now();
            self.list.refresh();
        });
    }

    /// Keeps what was not taken, puts back what was. Answers how many lines were taken.
    fn note(self, decided: &Decided) -> usize {
        self.refused.try_update(|known| {
            for result in &decided.results {
                if result.accepted {
                    known.remove(&result.id);
                } else {
                    known.insert(result.id.clone(), result.clone());
                }
            }
        });
        self.selection.try_set(Selection::default());
        self.list.rows.with_untracked(|rows| {
            for result in decided.results.iter().filter(|result| result.accepted) {
                let row = rows.iter().find(|row| row.key == result.id.as_str());
                if let (Some(row), Some(state)) = (row, result.state) {
                    row.item.update(|view| view.state = state);
                }
            }
        });
        decided.results.iter().filter(|result| result.accepted).count()
    }

    /// Holds lines, with a way back.
    pub(super) fn hold(self, lines: Vec<LineId>, reason: String) {
        spawn_local(async move {
            match self.client.hold(&Hold { lines, reason }).await {
                Ok(decided) => {
                    self.note(&decided);
                    let held: Vec<LineId> = decided.results.into_iter().filter(|result| result.accepted).map(|result| result.id).collect();
                    let words = format!("{} held.", count(held.len() as u64, "line", "lines"));
                    self.notices.say_with_undo(words, Callback::new(move |()| self.release(held.clone())));
                }
                Err(problem) => self.notices.trouble(&problem),
            }
            self.live.read_now();
            self.list.refresh();
        });
    }

    /// Takes holds back.
    pub(super) fn release(self, lines: Vec<LineId>) {
        spawn_local(async move {
            match self.client.release(&Release { lines }).await {
                Ok(decided) => {
                    let released = self.note(&decided);
                    self.notices.say(format!("{} released.", count(released as u64, "line", "lines")));
                }
                Err(problem) => self.notices.trouble(&problem),
            }
            self.live.read_now();
            self.list.refresh();
        });
    }

    /// Tries a failed or parked change again.
    pub(super) fn retry(self, intent: IntentId) {
        spawn_local(async move {
            match self.client.retry(&intent).await {
                Ok(_) => self.notices.say("It is tried again; ConnectWise is read first."),
                Err(problem) => self.notices.trouble(&problem),
            }
            self.live.read_now();
            self.list.refresh();
        });
    }
}

/// Whether a person can send an approved change on its way again.
pub(crate) fn can_retry(state: IntentState) -> bool {
    matches!(state, IntentState::Failed | IntentState::Parked)
}
