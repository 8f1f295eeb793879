//! What people decided about lines. A decision outlives its line: a hold stays while the line is out of the month.

pub use domain::billing::Decision;
use std::collections::BTreeMap;

use domain::billing::{DecisionKind, Line};
use domain::ids::LineId;

use super::super::Database;
use super::super::row::{Row, json, params};
use crate::ports::StoreError;

/// What a decision is about, besides its line: an approval one preview, a dismissal two numbers, a hold nothing else.
fn about(decision: DecisionKind, line: &Line) -> String {
    match decision {
        DecisionKind::Approved => line.preview.to_string(),
        DecisionKind::Held => String::new(),
        DecisionKind::Dismissed => format!("{:?} {:?}", line.billed, line.target),
    }
}

/// A decision as stored.
pub(in super::super) struct StoredDecision {
    decision: Decision,
    about: String,
}

impl StoredDecision {
    /// The two columns of a decision; none of a line nobody has decided about.
    pub(in super::super) fn read(row: &mut Row) -> Result<Option<Self>, StoreError> {
        let (decision, about) = (row.optional_json()?, row.optional_text()?);
        Ok(decision.map(|decision| Self { decision, about: about.unwrap_or_default() }))
    }

    /// The decision, if it still is about this line. A hold is, whatever becomes of the line.
    pub(in super::super) fn still_about(self, line: &Line) -> Option<Decision> {
        let kind = self.decision.decision;
        (kind == DecisionKind::Held || about(kind, line) == self.about).then_some(self.decision)
    }
}

/// What people decided about lines.
#[derive(Clone, Copy)]
pub struct Decisions<'a>(pub(in super::super) &'a Database);

impl Decisions<'_> {
    /// Every decision, by line.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub(in super::super) fn all(&self) -> Result<BTreeMap<LineId, StoredDecision>, StoreError> {
        let mut decisions = BTreeMap::new();
        for mut row in self.0.rows("SELECT line, decision, about FROM decisions", &[])? {
            let line = LineId(row.text()?);
            if let Some(kept) = StoredDecision::read(&mut row)? {
                decisions.insert(line, kept);
            }
        }
        Ok(decisions)
    }

    /// Keeps what was decided about a line as it is now; none takes it back.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn decide(&self, line: &Line, decision: Option<&Decision>) -> Result<(), StoreError> {
        let Some(decision) = decision else {
            return self.0.run("DELETE FROM decisions WHERE line = ?", params![line.id.as_str()]);
        };
        self.0.run(
            "INSERT OR REPLACE INTO decisions (line, decision, about) VALUES (?, ?, ?)",
            params![line.id.as_str(), json(decision)?, about(decision.decision, line)],
        )
    }
}
