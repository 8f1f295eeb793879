//! The billing pass: plans the month's lines from what is known, and approves those that are mapped to commit by themselves.

use std::collections::BTreeMap;
use std::rc::Rc;

use shared::api::connections::ConnectionKind;
use shared::api::month::{DecisionKind, LineState};
use shared::api::passes::PassState;
use shared::billing::{PlanInput, Psa, plan};
use shared::engine::Intent;
use shared::ids::{ConnectionId, IntentId};
use shared::psa::PsaCatalogue;
use shared::seats::Snapshot;

use super::closing::LOOK_BACK;
use super::{PLANNED_AT, PLANNED_FROM, Progress, REPLAN};
use crate::documents::Document;
use crate::ledger::{Decision, IntentLabels, IntentRow, LineRow, NewAudit};
use crate::tenant::{MAPPINGS, Tenant, Trouble, catalogue_of, snapshot_of};

/// What lines that commit by themselves are signed with.
pub(super) const AUTOMATIC: &str = "automatic";

impl Tenant {
    pub(super) async fn billing_step(&self) -> Result<Progress, Trouble> {
        self.plan_lines().await?;
        if self.ledger.moment(REPLAN)?.is_some() {
            // A mapping changed while its plan was being made: nothing is approved by itself on what a person has just changed.
            return Ok(Progress::More);
        }
        let approved = self.approve_automatic()?;
        let counts = self.ledger.line_counts()?;
        let count = |state| counts.get(&state).copied().unwrap_or_default();
        let lines: u32 = counts.values().sum();
        let mut result = format!("{lines} lines: {} to approve, {} held", count(LineState::ToApprove), count(LineState::Held));
        if approved > 0 {
            result.push_str(&format!(", {approved} approved by themselves"));
        }
        Ok(Progress::Over { state: PassState::Done, result })
    }

    /// Plans the month's lines anew and stores them. Makes no call to a vendor. When anything it needs cannot be read, the
    /// lines stay as they were.
    pub(super) async fn plan_lines(&self) -> Result<(), Trouble> {
        let since = self.ledger.moment(REPLAN)?;
        self.keep_month_end(self.now()).await?;
        let (mappings, version) = self.mappings().await?;
        let snapshots = self.snapshots().await?;
        let catalogues = self.catalogues().await?;
        let additions = self.ledger.additions()?;
        let written = self.ledger.written()?;
        let none = BTreeMap::new();
        let psa: BTreeMap<ConnectionId, Psa<'_>> = catalogues
            .iter()
            .map(|(id, catalogue)| (id.clone(), Psa { catalogue, additions: additions.get(id).unwrap_or(&none) }))
            .collect();
        let now = self.now();
        let snapshots: Vec<&Snapshot> = snapshots.iter().map(Rc::as_ref).collect();
        let input =
            PlanInput { now, snapshots: &snapshots, mappings: &mappings, psa: &psa, written: &written, policy: &self.config.policy };
        let lines = plan(&input);
        self.withdraw_outdated(&lines, now)?;
        if self.ledger.store_plan(&lines)? > 0 {
            self.ledger.keep_moment(LOOK_BACK, Some(now))?;
        }
        self.ledger.keep_moment(PLANNED_AT, Some(now))?;
        self.ledger.keep_number(PLANNED_FROM, version.unwrap_or_default())?;
        // A change in the same millisecond leaves the moment as it was, but not the version.
        if self.ledger.moment(REPLAN)? == since && self.lines_follow_mappings()? {
            self.ledger.keep_moment(REPLAN, None)?;
        }
        self.look_back(&lines, now).await
    }

    /// Whether the lines were planned from the mappings as they are now. Those that were not are not approved: they may be of
    /// a company that was just excluded or moved to another agreement.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn lines_follow_mappings(&self) -> Result<bool, Trouble> {
        let current = self.ledger.pointer(MAPPINGS)?.map_or(0, |pointer| pointer.version);
        Ok(self.ledger.number_kept(PLANNED_FROM)? == Some(current))
    }

    /// The latest snapshot of each ESET connection that has one.
    ///
    /// # Errors
    /// When one cannot be read.
    pub async fn snapshots(&self) -> Result<Vec<Rc<Snapshot>>, Trouble> {
        let mut snapshots = Vec::new();
        for connection in self.connections_of(ConnectionKind::Ema2)? {
            let document: Option<Document<Snapshot>> = self.documents.current(&snapshot_of(&connection.id)).await?;
            snapshots.extend(document.map(|document| document.content));
        }
        Ok(snapshots)
    }

    /// What each ConnectWise connection was last seen to hold.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn catalogues(&self) -> Result<BTreeMap<ConnectionId, Rc<PsaCatalogue>>, Trouble> {
        let mut catalogues = BTreeMap::new();
        for connection in self.connections_of(ConnectionKind::Connectwise)? {
            let document: Option<Document<PsaCatalogue>> = self.documents.current(&catalogue_of(&connection.id)).await?;
            catalogues.extend(document.map(|document| (connection.id, document.content)));
        }
        Ok(catalogues)
    }

    /// Approves lines that no guard holds and whose companies are all mapped to commit by themselves.
    fn approve_automatic(&self) -> Result<u32, Trouble> {
        let mut approved = 0;
        for row in self.ledger.lines_in(LineState::ToApprove)? {
            if self.ledger.closed(row.line.period)?.is_some() {
                break;
            }
            if row.line.automatic && row.line.guards.is_empty() && self.approve(&row, AUTOMATIC)?.is_some() {
                approved += 1;
            }
        }
        Ok(approved)
    }

    /// Turns a line's proposal into an intent, signed by `by`. The same proposal approved twice is one intent. None when the
    /// line proposes nothing, or its month is closed.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn approve(&self, row: &LineRow, by: &str) -> Result<Option<LineState>, Trouble> {
        let Some(intent) = Intent::of(&row.line) else { return Ok(None) };
        if self.ledger.closed(row.line.period)?.is_some() {
            return Ok(None);
        }
        let now = self.now();
        let labels = IntentLabels {
            company: row.line.company.clone(),
            agreement: row.line.agreement.as_ref().map(|agreement| agreement.name.clone()).unwrap_or_default(),
            product: row.line.product.name.clone(),
            approved_by: by.to_owned(),
        };
        if !self.ledger.plan_intent(&intent, &labels, now)? {
            self.reopen(&intent.id, now)?;
        }
        let decision = Decision { decision: DecisionKind::Approved, by: by.to_owned(), at: now, reason: None };
        self.ledger.decide_line(&row.line, Some(&decision))?;
        let audit = NewAudit {
            by,
            event: "line_approved",
            subject: labels.subject(),
            before: Some(intent.from.to_string()),
            after: Some(intent.to.to_string()),
            detail: Some(row.line.reason.clone()),
            ..NewAudit::default()
        }
        .of_line(&row.line)
        .of_intent(&intent);
        self.ledger.audit(audit, now)?;
        Ok(self.ledger.restate_line(&row.line.id)?)
    }

    /// Plans the change that takes a done one back, signed by `by`, and links the two. None when it is not done, takes another
    /// one back itself, or is being taken back already.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn reverse(&self, row: &IntentRow, reason: &str, by: &str) -> Result<Option<IntentId>, Trouble> {
        let now = self.now();
        let reversal = row.intent.reversal(reason, now).filter(|_| row.intent.reverses.is_none());
        let Some(reversal) = reversal else { return Ok(None) };
        let labels = IntentLabels { approved_by: by.to_owned(), ..row.labels.clone() };
        // One that failed before is tried again, under its own id: it reads before it writes.
        if !self.ledger.plan_intent(&reversal, &labels, now)? && !self.reopen(&reversal.id, now)? {
            return Ok(None);
        }
        let linked = Intent { reversed_by: Some(reversal.id.clone()), ..row.intent.clone() };
        self.ledger.move_intent(&row.intent, &linked, now)?;
        let audit = NewAudit {
            by,
            event: "change_reversed",
            subject: row.labels.subject(),
            before: Some(reversal.from.to_string()),
            after: Some(reversal.to.to_string()),
            detail: Some(reason.to_owned()),
            ..NewAudit::default()
        }
        .of_intent(&reversal);
        self.ledger.audit(audit, now)?;
        self.ledger.restate_line(&reversal.line)?;
        Ok(Some(reversal.id))
    }

    /// Lets a failed or parked intent be claimed again. Answers whether it was one.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn reopen(&self, id: &IntentId, now: shared::Timestamp) -> Result<bool, Trouble> {
        let Some(row) = self.ledger.intent(id)? else { return Ok(false) };
        let mut intent = row.intent.clone();
        if !intent.reopen() {
            return Ok(false);
        }
        let reopened = self.ledger.move_intent(&row.intent, &intent, now)?;
        self.ledger.restate_line(&intent.line)?;
        Ok(reopened)
    }
}
