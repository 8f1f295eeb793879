//! Storing a plan: the month's lines are replaced by new ones that are handed over one at a time. A month of ten thousand
//! companies is a third of what a Worker may hold in memory, so it is never there as a whole.

use std::collections::BTreeMap;

use domain::billing::{Line, Period};
use domain::hash::sha256_hex;
use domain::ids::LineId;
use engine::Intent;

use super::super::row::{params, word};
use super::super::{Changes, Database, Decisions, Lines};
use super::decisions::StoredDecision;
use super::evidence::{Counted, body_of, note_counted};
use super::lines::{line_state, search_text};
use crate::ports::StoreError;

/// What is stored of a line, as far as it is compared.
#[derive(PartialEq, Eq)]
struct Stored {
    position: u32,
    hash: String,
    state: String,
}

/// A plan that is being stored. Lines that are the same as before are not written. Nothing may be awaited until it is finished.
pub struct Replan<'l> {
    database: &'l Database,
    /// Lines that were not met yet.
    before: BTreeMap<LineId, Stored>,
    decisions: BTreeMap<LineId, StoredDecision>,
    intents: BTreeMap<LineId, Intent>,
    counted: Counted,
    position: u32,
    changed: u32,
}

impl<'a> Lines<'a> {
    /// Begins to store a plan of a month.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn replan(&self, period: Period) -> Result<Replan<'a>, StoreError> {
        let before = self.0.gather("SELECT id, position, hash, state FROM lines ORDER BY id", &[], |mut row| {
            Ok((LineId(row.text()?), Stored { position: row.count()?, hash: row.text()?, state: row.text()? }))
        })?;
        Ok(Replan {
            database: self.0,
            before: before.into_iter().collect(),
            decisions: Decisions(self.0).all()?,
            intents: Changes::over(self.0).latest(period)?,
            counted: Counted::new(),
            position: 0,
            changed: 0,
        })
    }
}

impl Replan<'_> {
    /// Stores the next line of the month's order.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn store(&mut self, line: &Line) -> Result<(), StoreError> {
        note_counted(&mut self.counted, line);
        let (position, body) = (self.position, body_of(line)?);
        self.position += 1;
        let decision = self.decisions.remove(&line.id).and_then(|kept| kept.still_about(line));
        let state = word(&line_state(line, decision.as_ref(), self.intents.get(&line.id)));
        let now = Stored { position, hash: sha256_hex(body.as_bytes()), state };
        if self.before.remove(&line.id).as_ref() == Some(&now) {
            return Ok(());
        }
        self.changed += 1;
        self.database.run(
            "INSERT INTO lines (id, position, preview, state, search, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET position = excluded.position, preview = excluded.preview, state = excluded.state,
                 search = excluded.search, body = excluded.body, hash = excluded.hash",
            params![line.id.as_str(), position, line.preview.as_str(), now.state, search_text(line), body, now.hash],
        )
    }

    /// Takes out what the plan has no line of. Answers how many rows changed in all.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn finish(self) -> Result<u32, StoreError> {
        let mut changed = self.changed + Lines(self.database).keep_counted(&self.counted)?;
        for id in self.before.keys() {
            self.database.run("DELETE FROM lines WHERE id = ?", params![id.as_str()])?;
            changed += 1;
        }
        Ok(changed)
    }
}
