//! Which snapshots the lines were counted from. Every line is counted from its connections' latest, so that is kept once and
//! not in each line's row: a new snapshot with the old numbers writes no line.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::billing::Line;
use domain::ids::{ConnectionId, PassId};

use super::super::Lines;
use super::super::row::{json, params};
use crate::ports::StoreError;

/// The pass and the moment of the snapshot that the lines of each ESET connection were counted from.
pub(in super::super) type Counted = BTreeMap<ConnectionId, (PassId, Timestamp)>;

/// A line's row, which says from which connections it was counted but not when.
pub(in super::super) fn body_of(line: &Line) -> Result<String, StoreError> {
    let mut bare = line.clone();
    for snapshot in &mut bare.evidence.snapshots {
        (snapshot.pass, snapshot.taken_at) = (PassId(String::new()), Timestamp::UNIX_EPOCH);
    }
    json(&bare)
}

/// Notes from which snapshots a line was counted.
pub(in super::super) fn note_counted(counted: &mut Counted, line: &Line) {
    for found in &line.evidence.snapshots {
        if !counted.contains_key(&found.connection) {
            counted.insert(found.connection.clone(), (found.pass.clone(), found.taken_at));
        }
    }
}

/// Says of a line that was read from which snapshots it was counted.
pub(in super::super) fn complete(line: &mut Line, counted: &Counted) {
    for snapshot in line.evidence.snapshots.iter_mut().filter(|snapshot| snapshot.pass.0.is_empty()) {
        if let Some(known) = counted.get(&snapshot.connection) {
            (snapshot.pass, snapshot.taken_at) = known.clone();
        }
    }
}

impl Lines<'_> {
    /// The snapshots the stored lines were counted from.
    pub(in super::super) fn counted(&self) -> Result<Counted, StoreError> {
        let rows = self.0.rows("SELECT connection, body FROM line_snapshots", &[])?;
        rows.map(|mut row| Ok((ConnectionId(row.text()?), row.json()?))).collect()
    }

    /// Keeps the snapshots that all lines were counted from. Answers how many are others than before.
    pub(in super::super) fn keep_counted(&self, now: &Counted) -> Result<u32, StoreError> {
        let mut before = self.counted()?;
        let mut changed = 0;
        for (connection, snapshot) in now {
            if before.remove(connection).as_ref() == Some(snapshot) {
                continue;
            }
            self.0.run(
                "INSERT INTO line_snapshots (connection, body) VALUES (?, ?) ON CONFLICT (connection) DO UPDATE SET body = excluded.body",
                params![connection.as_str(), json(snapshot)?],
            )?;
            changed += 1;
        }
        for connection in before.keys() {
            self.0.run("DELETE FROM line_snapshots WHERE connection = ?", params![connection.as_str()])?;
            changed += 1;
        }
        Ok(changed)
    }
}
