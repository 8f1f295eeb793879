//! Once a day, what is over age is removed. Each alarm does a part of it after all else is done, and notes how far it came: however much
//! there is, no bill and no ticket waits for it.

use chrono::TimeDelta;
use domain::Timestamp;
use domain::history::HistoryEvent;
use domain::json::strict::read;
use domain::retention::Horizon;
use serde::{Deserialize, Serialize};

use super::SCHEDULE;
use crate::tenant::{Tenant, TenantError};
use store::ledger::{Aged, NewAudit, OverAge};
use store::ports::StoreError;

/// The run under way.
const RUN: &str = "retention_run";
/// When the last run ended.
const ENDED: &str = "retention_ended";
/// How often what is over age is removed.
const EVERY: TimeDelta = TimeDelta::hours(24);
/// Rows that one alarm looks at.
const MOST_ROWS: u32 = 500;
/// Copies that one alarm removes from KV: each is a call.
const MOST_COPIES: u32 = 40;

/// A run that may take several alarms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Run {
    stage: Stage,
    removed: Removed,
}

/// What a run does next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// Notes copies in KV that nobody has noted, from this place on.
    Find(Option<String>),
    /// Removes rows of the kind at this place of [`Aged::ALL`], after this number.
    Remove(usize, i64),
    /// Removes what was read through deleted connections.
    Purge,
}

/// How much was removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Removed {
    /// By the place of its kind in [`Aged::ALL`].
    rows: [u32; Aged::ALL.len()],
    purged_rows: u32,
    connections: u32,
}

/// What one alarm may still do.
struct Budget {
    rows: u32,
    copies: u32,
}

impl Tenant {
    /// When what was over age was last removed.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub(crate) fn last_removal(&self) -> Result<Option<Timestamp>, StoreError> {
        self.ledger.meta().moment(ENDED)
    }

    /// Removes a part of what is over age, when that is due. What fails is tried again by the next alarm.
    pub(super) async fn remove_over_age(&self, now: Timestamp) {
        if let Err(error) = self.go_on_removing(now).await {
            log::warn!("what is over age is still there: {error}");
        }
    }

    async fn go_on_removing(&self, now: Timestamp) -> Result<(), TenantError> {
        let meta = self.ledger.meta();
        let due = meta.moment(ENDED)?.is_none_or(|ended| now - ended >= EVERY || now < ended);
        // A ledger that went back in time decides nothing for good.
        if !due || self.looks_only()?.is_some() || self.ledger.connections().none_ever()? {
            return Ok(());
        }
        let known = meta.text(RUN)?.and_then(|text| read::<Run>(text.as_bytes()).ok());
        let mut run = known.unwrap_or(Run { stage: Stage::Find(None), removed: Removed::default() });
        let horizon = self.retention()?.ages.horizon(now, &self.ledger.retention().held()?);
        let mut budget = Budget { rows: MOST_ROWS, copies: MOST_COPIES };
        while budget.rows > 0 && budget.copies > 0 {
            let Some(stage) = self.remove_next(&mut run, &horizon, &mut budget, now).await? else {
                meta.keep_text(RUN, "")?;
                self.tell_removed(&run.removed, now)?;
                return Ok(meta.keep_moment(ENDED, Some(now))?);
            };
            run.stage = stage;
            let text = serde_json::to_string(&run).map_err(|error| StoreError(format!("a run has no JSON: {error}")))?;
            meta.keep_text(RUN, &text)?;
        }
        Ok(())
    }

    /// Does the run's next step. Returns what follows it; none when the run is over.
    async fn remove_next(
        &self,
        run: &mut Run,
        horizon: &Horizon,
        budget: &mut Budget,
        now: Timestamp,
    ) -> Result<Option<Stage>, TenantError> {
        match run.stage.clone() {
            Stage::Find(from) => {
                let found = self.documents.copies(from).await?;
                budget.copies = budget.copies.saturating_sub(1);
                // Marks are no copies: each is one key that is written over.
                for key in found.keys.iter().filter(|key| !key.starts_with("mark/")) {
                    self.ledger.pointers().note_copy(key, now)?;
                }
                Ok(Some(found.next.map_or(Stage::Remove(0, 0), |next| Stage::Find(Some(next)))))
            }
            Stage::Remove(kind, after) => {
                let Some(aged) = Aged::ALL.get(kind).copied() else { return Ok(Some(Stage::Purge)) };
                let limit = if aged.has_copies() { budget.rows.min(budget.copies) } else { budget.rows };
                let looked = self.ledger.retention().look(aged, horizon, now, after, limit)?;
                budget.rows = budget.rows.saturating_sub(looked.rows.max(1));
                for row in &looked.over_age {
                    self.remove_row(aged, horizon, row, budget).await?;
                    if let Some(count) = run.removed.rows.get_mut(kind) {
                        *count += 1;
                    }
                }
                Ok(Some(looked.next.map_or(Stage::Remove(kind + 1, 0), |next| Stage::Remove(kind, next))))
            }
            Stage::Purge => {
                let deleted = self.ledger.retention().deleted_connections()?;
                for connection in deleted.into_iter().filter(|connection| horizon.removes_connection(connection.deleted_at)) {
                    let gone = self.ledger.retention().purge(&connection.id, budget.rows)?;
                    run.removed.purged_rows += gone;
                    budget.rows = budget.rows.saturating_sub(gone);
                    if budget.rows == 0 {
                        return Ok(Some(Stage::Purge));
                    }
                    run.removed.connections += u32::from(self.ledger.retention().note_purged(&connection.id, now)?);
                }
                Ok(None)
            }
        }
    }

    /// Removes a row. Its copy goes first: the row is what is known of it.
    async fn remove_row(&self, aged: Aged, horizon: &Horizon, row: &OverAge, budget: &mut Budget) -> Result<(), TenantError> {
        if let Some(key) = &row.copy {
            self.documents.remove_copy(key).await?;
            budget.copies = budget.copies.saturating_sub(1);
        }
        Ok(self.ledger.retention().remove(aged, horizon, row)?)
    }

    /// One row of the history for the whole run, of counts only.
    fn tell_removed(&self, removed: &Removed, now: Timestamp) -> Result<(), StoreError> {
        let kinds = Aged::ALL.iter().map(|aged| aged.label()).zip(removed.rows);
        let others = [("rows of deleted connections", removed.purged_rows), ("deleted connections", removed.connections)];
        let counts: Vec<String> =
            kinds.chain(others).filter(|(_, count)| *count > 0).map(|(label, count)| format!("{count} {label}")).collect();
        if counts.is_empty() {
            return Ok(());
        }
        let audit = NewAudit {
            by: SCHEDULE,
            subject: "What is over age".to_owned(),
            detail: Some(counts.join(", ")),
            ..NewAudit::of(HistoryEvent::OldDataRemoved)
        };
        self.ledger.history().add(audit, now)
    }
}
