//! Approving, holding and releasing lines.

use contract::history::RetryIntent;
use contract::month::{
    Approve, ApproveLine, ApproveLines, Decided, Dismiss, DismissLines, Hold, HoldLines, LineState, LineView, Release, ReleaseLines, Retry,
    RetryLines,
};
use domain::ids::{IntentId, LineId};
use engine::IntentState;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::state::{Ask, MonthState};
use crate::model::billing::selection::Selection;
use crate::words::{count, outcome_of_approval};

impl MonthState {
    /// Approves everything that is picked, as one run.
    pub(super) fn approve_selection(self) {
        let lines = self.selection.with_untracked(Selection::to_approve);
        if !lines.is_empty() {
            self.approve(lines);
        }
    }

    /// Approves a line that nothing speaks against.
    pub(super) fn approve_free(self, view: &LineView) {
        self.approve(vec![ApproveLine { id: view.line.id.clone(), preview: view.line.preview.clone(), seen: Vec::new() }]);
    }

    /// Approves a held line, naming the guards that were shown.
    pub(super) fn approve_alone(self, view: &LineView) {
        let seen = view.guards.iter().map(|guard| guard.code.clone()).collect();
        self.approve(vec![ApproveLine { id: view.line.id.clone(), preview: view.line.preview.clone(), seen }]);
    }

    fn approve(self, lines: Vec<ApproveLine>) {
        if self.sending.get_untracked().is_some() {
            return;
        }
        self.sending.set(Some(lines.len()));
        spawn_local(async move {
            let answer = self.client.call(ApproveLines, &(), &Approve { lines }).await;
            self.sending.try_set(None);
            match answer {
                // It is about the selection, so it is said where that is looked at.
                Err(problem) if problem.code == "over_run_cap" => {
                    self.over.try_set(Some((self.selection.with_untracked(Selection::len), problem)));
                }
                Err(problem) => self.notices.trouble(&problem),
                Ok(decided) => {
                    let taken = self.note(&decided);
                    let refused = decided.results.len() - taken;
                    let words = outcome_of_approval(taken, refused);
                    if refused > 0 { self.notices.warn(words) } else { self.notices.say(words) }
                }
            }
            self.look_again();
        });
    }

    /// Reads at once what has changed.
    fn look_again(self) {
        self.live.read_now();
        self.list.refresh();
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

    /// Holds or dismisses lines, with a way back.
    pub(super) fn set_aside(self, ask: Ask, reason: String) {
        self.asking.set(None);
        spawn_local(async move {
            let (answer, done) = match ask {
                Ask::WhyHold(lines) => (self.client.call(HoldLines, &(), &Hold { lines, reason }).await, "held"),
                Ask::WhyDismiss(lines) => (self.client.call(DismissLines, &(), &Dismiss { lines, reason }).await, "dismissed"),
                Ask::ApproveAlone(_) | Ask::Keys => return,
            };
            match answer {
                Ok(decided) => {
                    self.note(&decided);
                    let all = decided.results.len();
                    let aside: Vec<LineId> = decided.results.into_iter().filter(|result| result.accepted).map(|result| result.id).collect();
                    let words = format!("{} {done}.", count(aside.len() as u64, "line", "lines"));
                    match all - aside.len() {
                        0 => self.notices.say_with_undo(words, Callback::new(move |()| self.release(aside.clone()))),
                        left => self.notices.warn(format!("{words} {} not: each says why.", count(left as u64, "line was", "lines were"))),
                    }
                }
                Err(problem) => self.notices.trouble(&problem),
            }
            self.look_again();
        });
    }

    /// Tries every failed and parked change of the segment again.
    pub(super) fn retry_all(self) {
        spawn_local(async move {
            self.list.to_the_end().await;
            let lines: Vec<LineId> = untrack(|| self.list.items()).into_iter().filter(has_failed).map(|view| view.line.id).collect();
            let all = lines.len();
            let taken = match self.client.call(RetryLines, &(), &Retry { lines }).await {
                Ok(decided) => self.note(&decided),
                Err(problem) => return self.notices.trouble(&problem),
            };
            let words = format!("{} tried again; ConnectWise is read first.", count(taken as u64, "change is", "changes are"));
            match all - taken {
                0 => self.notices.say(words),
                left => self.notices.warn(format!("{words} {} not: each says why.", count(left as u64, "line was", "lines were"))),
            }
            self.look_again();
        });
    }

    /// Takes holds and dismissals back.
    pub(super) fn release(self, lines: Vec<LineId>) {
        spawn_local(async move {
            match self.client.call(ReleaseLines, &(), &Release { lines }).await {
                Ok(decided) => {
                    let released = self.note(&decided);
                    self.notices.say(format!("{} released.", count(released as u64, "line", "lines")));
                }
                Err(problem) => self.notices.trouble(&problem),
            }
            self.look_again();
        });
    }

    /// Tries a failed or parked change again.
    pub(super) fn retry(self, intent: IntentId) {
        spawn_local(async move {
            match self.client.tell(RetryIntent, &intent, &()).await {
                Ok(()) => self.notices.say("It is tried again; ConnectWise is read first."),
                Err(problem) => self.notices.trouble(&problem),
            }
            self.look_again();
        });
    }
}

/// Whether a line's change was not written, or nobody knows what became of it.
pub(super) fn has_failed(view: &LineView) -> bool {
    matches!(view.state, LineState::Failed | LineState::Parked)
}

/// Whether a person can send an approved change on its way again.
pub(crate) fn can_retry(state: IntentState) -> bool {
    matches!(state, IntentState::Failed | IntentState::Parked)
}
