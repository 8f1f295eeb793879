//! The billing pass: plans the month's lines from what is known, and approves those that are mapped to commit by themselves.

use shared::Timestamp;
use shared::access::Scope;
use shared::api::month::{DecisionKind, LineState};
use shared::api::passes::PassState;
use shared::billing::{Line, MappingKey, Period, PlanInput, RunSize, lines};
use shared::drift::{DriftInput, LineMarks};
use shared::engine::Intent;
use shared::hash::fingerprint;
use shared::history::HistoryEvent;
use shared::ids::IntentId;

use super::basis::Lasting;
use super::closing::LOOK_BACK;
use super::commit::is_outdated;
use super::drive;
use super::{PLANNED_AT, PLANNED_FROM, Progress, REPLAN};
use crate::ledger::{Decision, IntentLabels, IntentRow, LineRow, NewAudit};
use crate::ports::StoreError;
use crate::tenant::{MAPPINGS, Tenant, Trouble};

/// What lines that commit by themselves are signed with.
pub(crate) const AUTOMATIC: &str = "automatic";
/// The automatic run that was last held by its caps.
const HELD_RUN: &str = "held_run";

/// What came of storing a plan.
struct Planned {
    /// How many rows of the ledger changed.
    changed: u32,
    /// Until when the lines stay the same if only time goes by; none when they do not.
    until: Option<Timestamp>,
    /// Approved changes that wait for a day to come and that no line proposes any more.
    outdated: Vec<IntentRow>,
}

/// What came of approving lines that commit by themselves.
enum Run {
    /// So many were.
    Approved(u32),
    /// None was: together they break a cap.
    Held(String),
}

impl Tenant {
    pub(super) async fn billing_step(&self) -> Result<Progress, Trouble> {
        self.plan_and_look().await?;
        if self.ledger.moment(REPLAN)?.is_some() {
            // A mapping changed while its plan was being made: nothing is approved by itself on what a person has just changed.
            return Ok(Progress::More);
        }
        let approved = self.approve_automatic()?;
        let counts = self.ledger.line_counts(&Scope::Everything)?;
        let count = |state| counts.get(&state).copied().unwrap_or_default();
        let lines: u32 = counts.values().sum();
        let mut result = format!("{lines} lines: {} to approve, {} held", count(LineState::ToApprove), count(LineState::Held));
        match approved {
            Run::Approved(0) => {}
            Run::Approved(approved) => result.push_str(&format!(", {approved} approved by themselves")),
            Run::Held(words) => result.push_str(&format!(", none approved by itself: {words}")),
        }
        Ok(Progress::Over { state: PassState::Done, result })
    }

    /// Plans the month's lines anew and stores them. Makes no call to a vendor. When anything it needs cannot be read, the
    /// lines stay as they were.
    pub(super) async fn plan_lines(&self) -> Result<(), Trouble> {
        self.plan_from_what_is_known(false).await
    }

    /// The same, and looks at what changed under the mappings. What that pauses is planned once more before anything is
    /// approved by itself.
    async fn plan_and_look(&self) -> Result<(), Trouble> {
        self.plan_from_what_is_known(true).await
    }

    async fn plan_from_what_is_known(&self, look: bool) -> Result<(), Trouble> {
        let since = self.ledger.moment(REPLAN)?;
        let now = self.now();
        // Before anything is awaited: what changes from here on is told from what the lines are planned from.
        let basis = self.plan_basis()?;
        if self.plan_stands(&basis, now)? {
            self.ledger.keep_moment(PLANNED_AT, Some(now))?;
            return Ok(self.ledger.keep_moment(REPLAN, None)?);
        }
        self.keep_month_end(now).await?;
        let plan = |input: &PlanInput<'_>| {
            // Kept before anything is written: only a plan that changed nothing is one that need not be made again.
            if look {
                self.ledger.keep_basis(&basis, now)?;
            }
            self.store_plan(input, look)
        };
        // Between reading the ledger's part of the input and storing the plan nothing is awaited.
        let (planned, version) = self.with_plan_input(now, false, plan).await?;
        let planned = planned?;
        for row in &planned.outdated {
            drive::abandon(self, row, "The line proposes something else by now: look at it, and approve it again.")?;
        }
        if planned.changed > 0 {
            self.ledger.keep_moment(LOOK_BACK, Some(now))?;
        }
        match planned.until {
            Some(until) if look => self.ledger.trust_basis(until)?,
            _ => {}
        }
        self.ledger.keep_moment(PLANNED_AT, Some(now))?;
        self.ledger.keep_number(PLANNED_FROM, version.unwrap_or_default())?;
        // A change in the same millisecond leaves the moment as it was, but not the version.
        if self.ledger.moment(REPLAN)? == since && self.lines_follow_mappings()? {
            self.ledger.keep_moment(REPLAN, None)?;
        }
        self.look_back(now).await
    }

    /// Stores the lines of this input. With `look`, also what changed under the mappings is written down, and when that pauses
    /// others than before, they are planned and stored once more.
    fn store_plan(&self, input: &PlanInput<'_>, look: bool) -> Result<Planned, Trouble> {
        if !look {
            return self.store_lines(input, |_| ());
        }
        let mut marks = LineMarks::default();
        let planned = self.store_lines(input, |line| marks.note(line))?;
        let (today, snapshots, mappings, psa) = (input.now.date_naive(), input.snapshots, input.mappings, input.psa);
        self.look_at_drift(&DriftInput { today, snapshots, mappings, psa, lines: &marks })?;
        drop(marks);
        let paused = self.paused_lines()?;
        if paused == *input.paused {
            return Ok(planned);
        }
        let again = self.store_lines(&PlanInput { paused: &paused, ..*input }, |_| ())?;
        Ok(Planned { changed: planned.changed + again.changed, ..again })
    }

    fn store_lines(&self, input: &PlanInput<'_>, mut see: impl FnMut(&Line)) -> Result<Planned, Trouble> {
        let mut waiting = self.waiting_changes(input.now)?;
        let mut lasting = Lasting::of(input);
        let mut plan = self.ledger.replan(Period::of(input.now))?;
        for line in lines(input) {
            plan.store(&line)?;
            lasting.note(input, &line);
            if let Some(rows) = waiting.get_mut(&line.id) {
                rows.retain(|row| is_outdated(&row.intent, &line));
            }
            see(&line);
        }
        let outdated = waiting.into_values().flatten().collect();
        Ok(Planned { changed: plan.finish()?, until: lasting.until(input.now), outdated })
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

    /// Approves lines that no guard holds and whose companies are all mapped to commit by themselves.
    fn approve_automatic(&self) -> Result<Run, Trouble> {
        let waiting = self.ledger.lines_in(LineState::ToApprove, &Scope::Everything)?;
        let mut ready = Vec::new();
        for row in waiting.into_iter().filter(|row| row.line.automatic && row.line.guards.is_empty()) {
            if self.ledger.closed(row.line.period)?.is_none() {
                ready.push(row);
            }
        }
        if let Some(words) = self.over_run_cap(ready.iter().map(|row| &row.line))? {
            let run = fingerprint(&ready.iter().map(|row| &row.line.preview).collect::<Vec<_>>());
            // The history is told once, not at every pass until a person comes.
            if self.ledger.text_kept(HELD_RUN)?.as_deref() != Some(&run) {
                let audit = NewAudit {
                    by: AUTOMATIC,
                    subject: "Automatic run".to_owned(),
                    detail: Some(words.clone()),
                    ..NewAudit::of(HistoryEvent::RunHeld)
                };
                self.ledger.audit(audit, self.now())?;
                self.ledger.keep_text(HELD_RUN, &run)?;
            }
            return Ok(Run::Held(words));
        }
        let mut approved = 0;
        for row in ready {
            approved += u32::from(self.approve(&row, AUTOMATIC)?.is_some());
        }
        Ok(Run::Approved(approved))
    }

    /// What breaks the caps when these lines are approved at once, in words.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn over_run_cap<'a>(&self, lines: impl Iterator<Item = &'a Line>) -> Result<Option<String>, StoreError> {
        let mut run = RunSize::default();
        lines.for_each(|line| run.add(line));
        if run.lines < 2 {
            return Ok(None);
        }
        Ok(self.policy()?.over_run_cap(&run, self.ledger.billed_units()?))
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
            mappings: mappings_of(&row.line, &intent),
        };
        if !self.ledger.changes().plan(&intent, &labels, now)? {
            self.reopen(&intent.id, now)?;
        }
        if by != AUTOMATIC {
            for mapping in &labels.mappings {
                self.ledger.note_approved(mapping, now)?;
            }
        }
        let decision = Decision { decision: DecisionKind::Approved, by: by.to_owned(), at: now, reason: None };
        self.ledger.decide_line(&row.line, Some(&decision))?;
        let audit = NewAudit {
            by,
            subject: labels.subject(),
            before: Some(intent.from.to_string()),
            after: Some(intent.to.to_string()),
            detail: Some(row.line.reason.clone()),
            ..NewAudit::of(HistoryEvent::LineApproved)
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
        if !self.ledger.changes().plan(&reversal, &labels, now)? && !self.reopen(&reversal.id, now)? {
            return Ok(None);
        }
        let linked = Intent { reversed_by: Some(reversal.id.clone()), ..row.intent.clone() };
        self.ledger.changes().advance(&row.intent, &linked, now)?;
        let audit = NewAudit {
            by,
            subject: row.labels.subject(),
            before: Some(reversal.from.to_string()),
            after: Some(reversal.to.to_string()),
            detail: Some(reason.to_owned()),
            ..NewAudit::of(HistoryEvent::ChangeReversed)
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
    pub fn reopen(&self, id: &IntentId, now: Timestamp) -> Result<bool, Trouble> {
        let Some(row) = self.ledger.intent(id, &Scope::Everything)? else { return Ok(false) };
        let mut intent = row.intent.clone();
        if !intent.reopen() {
            return Ok(false);
        }
        let reopened = self.ledger.changes().advance(&row.intent, &intent, now)?;
        self.ledger.restate_line(&intent.line)?;
        Ok(reopened)
    }
}

/// The company mappings a change comes from.
fn mappings_of(line: &Line, intent: &Intent) -> Vec<MappingKey> {
    let members = line.members.iter().cloned();
    members.map(|member| MappingKey { member, psa: intent.psa.clone(), agreement: intent.agreement }).collect()
}
