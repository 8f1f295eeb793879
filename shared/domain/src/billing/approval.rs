//! Whether a person may approve, hold, dismiss, release or retry a line. One rule: the app offers by it, and the Worker refuses by it.

use super::{Decision, DecisionKind, Guard, Line, LineKey, LineState, Standing};
use crate::ids::PreviewId;

/// A line, and what has become of it, when a person decides about it.
#[derive(Debug, Clone, Copy)]
pub struct Considered<'a> {
    /// What was planned.
    pub line: &'a Line,
    /// Where it stands.
    pub state: LineState,
    /// What was decided about it, as long as that is about what it proposes.
    pub decision: Option<&'a Decision>,
}

/// How a line can be approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// Alone or with others.
    Free,
    /// Alone, its guards seen.
    Alone,
    /// Its change failed or nobody knows what became of it: that change is tried again.
    Again,
    /// Not while it is being written.
    InProgress,
    /// Not before it is released.
    SetAside,
    /// Not until the cause of a guard is gone.
    Blocked,
    /// There is nothing to approve.
    Nothing,
}

/// What a person approves.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The preview they looked at.
    pub preview: &'a PreviewId,
    /// Codes of the guards they have seen.
    pub seen: &'a [String],
    /// How many lines they approve at once.
    pub lines: usize,
}

/// Something a person decides about a line besides approving it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineDecision {
    /// Nothing is written until it is released.
    Hold,
    /// Nothing is written until its numbers change.
    Dismiss,
    /// Takes a hold or a dismissal back.
    Release,
}

/// Why a line is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// A stable code.
    pub code: &'static str,
    /// The same in a sentence.
    pub message: String,
}

impl Refusal {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    fn in_progress() -> Self {
        Self::new("in_progress", "This line is being written already.")
    }

    /// What the guards of a line say, and what to do about each.
    fn of_guards(code: &'static str, guards: &[Guard]) -> Self {
        let messages: Vec<String> = guards.iter().map(|guard| format!("{} {}", guard.message(), guard.remedy())).collect();
        Self::new(code, messages.join(" "))
    }
}

impl Considered<'_> {
    /// How the line can be approved.
    pub fn approval(&self) -> Approval {
        match self.state {
            LineState::Committing => Approval::InProgress,
            _ if self.set_aside().is_some() => Approval::SetAside,
            _ if self.line.blocked() => Approval::Blocked,
            LineState::Done => Approval::Nothing,
            _ if !self.line.changes() => Approval::Nothing,
            LineState::Failed | LineState::Parked => Approval::Again,
            LineState::Held => Approval::Alone,
            _ if self.line.held() => Approval::Alone,
            _ => Approval::Free,
        }
    }

    /// Why the line cannot be approved as asked, if it cannot.
    pub fn refuses_approval(&self, asked: &Asked<'_>) -> Option<Refusal> {
        let approval = self.approval();
        match approval {
            Approval::InProgress => return Some(Refusal::in_progress()),
            Approval::SetAside => return self.set_aside(),
            _ => {}
        }
        if self.line.preview != *asked.preview {
            return Some(Refusal::new("stale_preview", "The line has changed since you looked at it. Look again, then approve."));
        }
        match approval {
            Approval::Blocked => Some(Refusal::of_guards("blocked", &self.line.guards)),
            Approval::Nothing => Some(Refusal::new("nothing_to_change", "ConnectWise has this quantity already.")),
            _ => {
                let mut holding = self.line.guards.iter().filter(|guard| guard.standing() != Standing::Notes);
                let unseen = holding.any(|guard| !asked.seen.iter().any(|code| code == guard.code()));
                let looked = asked.lines == 1 && !unseen;
                (self.line.held() && !looked).then(|| Refusal::of_guards("look_alone", &self.line.guards))
            }
        }
    }

    /// Why nothing of the line is written, if a person has set it aside.
    pub fn set_aside(&self) -> Option<Refusal> {
        let decision = self.decision?;
        let (code, done) = match decision.decision {
            DecisionKind::Held => ("held", "held"),
            DecisionKind::Dismissed => ("dismissed", "dismissed"),
            DecisionKind::Approved => return None,
        };
        let reason = decision.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let day = decision.at.format("%Y-%m-%d");
        Some(Refusal::new(code, format!("{} {done} this line on {day}{reason}. Release it first.", decision.by)))
    }

    /// Why the line cannot be held, dismissed or released, if it cannot.
    pub fn refuses(&self, asked: LineDecision) -> Option<Refusal> {
        if self.state == LineState::Committing {
            return Some(Refusal::in_progress());
        }
        // Seats that nothing bills are mapped or excluded: a dismissal would hide them.
        (asked == LineDecision::Dismiss && matches!(self.line.key, LineKey::Unmapped { .. })).then(|| {
            let message = "Nothing bills these seats. Map them, or exclude the company or product with a reason.";
            Refusal::new("exclude_instead", message)
        })
    }

    /// Whether it makes sense to hold, dismiss or release the line: it waits for a person, and is not what is asked for already.
    pub fn offers(&self, asked: LineDecision) -> bool {
        let waits = match asked {
            LineDecision::Dismiss => matches!(self.state, LineState::ToApprove | LineState::Held),
            LineDecision::Hold | LineDecision::Release => {
                matches!(self.state, LineState::ToApprove | LineState::Held | LineState::Dismissed)
            }
        };
        waits && self.set_aside().is_some() == (asked == LineDecision::Release) && self.refuses(asked).is_none()
    }
}

#[cfg(test)]
#[path = "approval_tests.rs"]
mod tests;
