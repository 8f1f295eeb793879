//! How far the ledger had come, noted outside of it. A ledger that was restored to an earlier point cannot know it; the mark in Workers KV is
//! ahead of it then.
//!
//! KV may show an older mark than the last one, which proves nothing. Two keys, because KV takes one write a second to each: one is written
//! before the first write to a vendor, the other when an alarm ends, and neither when nothing has changed.

use std::cell::{Cell, RefCell};

use contract::look_only::LookOnlyCause;
use domain::Timestamp;
use domain::json::strict;
use futures::lock::Mutex;
use serde::{Deserialize, Serialize};

use crate::tenant::{Tenant, TenantError};
use egress::ports::Clock;
use store::ledger::Ledger;
use store::ports::{KeyValue, StoreError};

/// Written before the first write of an alarm.
const BEFORE: &str = "mark/before";
/// Written when an alarm ends.
const AFTER: &str = "mark/after";
/// How often a person has let Seatbridge write again: a mark of an earlier time says nothing any more.
const GENERATION: &str = "mark_generation";
/// How many writes to vendors were begun.
const BEGUN: &str = "writes_begun";

/// How far a ledger had come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// Of the ledger with a later one nothing is older.
    pub(super) generation: u32,
    /// The last row of the history.
    row: i64,
    /// What that row is told by: a ledger that went back may have come as far again.
    print: String,
    /// Writes to vendors begun so far.
    begun: u32,
    /// When it was written.
    at: Timestamp,
}

/// What this run knows of the marks.
#[derive(Default)]
pub(crate) struct Marks {
    /// Whether the alarm under way has written its mark. Whoever writes first keeps the others waiting for it.
    written: Mutex<bool>,
    /// The mark that was last read or written.
    last: RefCell<Option<Mark>>,
    /// Whether they were compared: until then none is written over.
    compared: Cell<bool>,
}

impl Mark {
    fn is_as_far_as(&self, other: &Self) -> bool {
        (self.generation, self.row, self.begun) == (other.generation, other.row, other.begun)
    }
}

impl Tenant {
    /// Compares the marks with the ledger, when this run has not done so.
    pub(crate) async fn compare_marks_once(&self) {
        if !self.marks.compared.get() {
            self.compare_marks().await;
        }
    }

    /// Compares the marks with the ledger, and the clock with what is written down. Whatever shows that the ledger went back in time begins
    /// look-only mode; marks that cannot be read prove nothing.
    pub(crate) async fn compare_marks(&self) {
        let marks = match self.watermark().outside_marks().await {
            Ok(marks) => marks,
            Err(error) => return log::warn!("how far the ledger had come cannot be read: {error}"),
        };
        if let Err(error) = self.take_in_marks(marks).await {
            log::error!("whether the ledger went back in time cannot be told: {error}");
        }
    }

    async fn take_in_marks(&self, marks: Vec<Mark>) -> Result<(), TenantError> {
        let mut ahead: Option<Mark> = None;
        for mark in marks {
            if self.watermark().is_ahead(&mark)? {
                let later =
                    ahead.as_ref().is_none_or(|known| (known.generation, known.begun, known.row) < (mark.generation, mark.begun, mark.row));
                ahead = if later { Some(mark) } else { ahead };
            } else if mark.generation == self.watermark().generation()? {
                self.marks.last.replace(Some(mark));
            }
        }
        self.marks.compared.set(true);
        let Some(mark) = ahead else { return Ok(()) };
        let evidence = serde_json::to_string(&mark).map_err(|error| StoreError(format!("a mark has no JSON: {error}")))?;
        self.begin_look_only(LookOnlyCause::Restored, Some(&evidence)).await
    }

    /// An alarm begins.
    pub(super) async fn begin_marking(&self) {
        self.watermark().begin().await;
        self.compare_marks().await;
    }

    /// What notes how far the ledger has come.
    pub(super) fn watermark(&self) -> Watermark<'_> {
        Watermark { ledger: &self.ledger, outside: self.key_value.as_ref(), clock: self.clock.as_ref(), known: &self.marks }
    }
}

/// Notes how far the ledger has come, in it and outside of it.
#[derive(Clone, Copy)]
pub(super) struct Watermark<'a> {
    ledger: &'a Ledger,
    outside: &'a dyn KeyValue,
    clock: &'a dyn Clock,
    known: &'a Marks,
}

impl Watermark<'_> {
    /// The marks as KV shows them. One that is none is not one of ours.
    pub(super) async fn outside_marks(&self) -> Result<Vec<Mark>, StoreError> {
        let mut marks = Vec::new();
        for key in [BEFORE, AFTER] {
            marks.extend(self.outside.get(key).await?.and_then(|text| strict::read::<Mark>(text.as_bytes()).ok()));
        }
        Ok(marks)
    }

    /// Whether the ledger has not come as far as a mark says it had.
    fn is_ahead(&self, mark: &Mark) -> Result<bool, StoreError> {
        let own = self.own_mark()?;
        if mark.generation != own.generation {
            return Ok(mark.generation > own.generation);
        }
        if mark.row > own.row || mark.begun > own.begun {
            return Ok(true);
        }
        let row = self.ledger.history().last_to(Some(mark.row))?;
        Ok(mark.row > 0 && row.is_none_or(|row| row.print != mark.print))
    }

    fn own_mark(&self) -> Result<Mark, StoreError> {
        let last = self.ledger.history().last_to(None)?;
        let (row, print) = last.map_or_else(|| (0, String::new()), |last| (last.number, last.print));
        let begun = self.ledger.meta().number(BEGUN)?.unwrap_or_default();
        Ok(Mark { generation: self.generation()?, row, print, begun, at: self.clock.now() })
    }

    pub(super) fn generation(&self) -> Result<u32, StoreError> {
        Ok(self.ledger.meta().number(GENERATION)?.unwrap_or_default())
    }

    /// Makes every mark that was written so far one of an earlier time, and writes a new one.
    pub(super) async fn begin_generation(&self, generation: u32) -> Result<(), StoreError> {
        self.ledger.meta().keep_number(GENERATION, generation)?;
        for key in [BEFORE, AFTER] {
            self.put_mark(key).await?;
        }
        Ok(())
    }

    /// Notes that a write to a vendor begins: in the ledger, and once in each alarm outside of it.
    pub(super) async fn note_write(&self) -> Result<(), StoreError> {
        let mut written = self.known.written.lock().await;
        let begun = self.ledger.meta().number(BEGUN)?.unwrap_or_default();
        self.ledger.meta().keep_number(BEGUN, begun.saturating_add(1))?;
        if !*written {
            self.put_mark(BEFORE).await?;
            *written = true;
        }
        Ok(())
    }

    /// An alarm begins: it has written no mark yet.
    async fn begin(&self) {
        *self.known.written.lock().await = false;
    }

    /// An alarm ends: writes the mark, when the ledger has come further.
    pub(super) async fn end(&self) -> Result<(), StoreError> {
        let own = self.own_mark()?;
        let known = self.known.last.borrow().as_ref().is_some_and(|last| last.is_as_far_as(&own));
        if known || self.ledger.look_only().current()?.is_some() {
            return Ok(());
        }
        self.put_mark(AFTER).await
    }

    /// Writes the mark under a key. KV that does not take it keeps nothing from being written: the next alarm tries again.
    async fn put_mark(&self, key: &str) -> Result<(), StoreError> {
        if !self.known.compared.get() {
            return Ok(());
        }
        let own = self.own_mark()?;
        let text = serde_json::to_string(&own).map_err(|error| StoreError(format!("a mark has no JSON: {error}")))?;
        match self.outside.put(key, text).await {
            Ok(()) => drop(self.known.last.replace(Some(own))),
            Err(error) => log::warn!("how far the ledger has come was not noted: {error}"),
        }
        Ok(())
    }
}
