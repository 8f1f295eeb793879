//! The billing pass: plans the month's lines from what is known, and lets those be approved that are mapped to commit by
//! themselves.

use contract::month::LineState;
use contract::passes::PassState;
use domain::Timestamp;
use domain::access::Visibility;
use domain::billing::{Line, Period, PlanInput, lines};
use domain::drift::{DriftInput, LineMarks};

use super::approvals::Run;
use super::basis::Lasting;
use super::closing::LOOK_BACK;
use super::commit::is_outdated;
use super::{PLANNED_AT, PLANNED_FROM, Progress, REPLAN};
use crate::tenant::{Tenant, TenantError};
use store::ledger::IntentRow;

/// What came of storing a plan.
struct Planned {
    /// How many rows of the ledger changed.
    changed: u32,
    /// Until when the lines stay the same if only time goes by; none when they do not.
    until: Option<Timestamp>,
    /// Approved changes that wait for a day to come and that no line proposes any more.
    outdated: Vec<IntentRow>,
}

impl Tenant {
    pub(super) async fn billing_step(&self) -> Result<Progress, TenantError> {
        self.settle_shown()?;
        self.documents.take_in().await?;
        self.closing().take_in_months().await?;
        if self.looks_only()?.is_some() {
            // What a ledger that went back in time does not know of is not told to be somebody's doing.
            self.plan_lines().await?;
            let result = "Planned. Nothing is approved by itself or written while Seatbridge only looks.".to_owned();
            return Ok(Progress::Over { state: PassState::Done, result, failure: None });
        }
        self.plan_and_look().await?;
        if self.ledger.meta().moment(REPLAN)?.is_some() {
            // A mapping changed while its plan was being made: nothing is approved by itself on what a person has just changed.
            return Ok(Progress::More);
        }
        let approved = self.approvals().approve_automatic()?;
        let counts = self.ledger.lines().counts(&Visibility::Everything)?;
        let count = |state| counts.get(&state).copied().unwrap_or_default();
        let lines: u32 = counts.values().sum();
        let mut result = format!("{lines} lines: {} to approve, {} held", count(LineState::ToApprove), count(LineState::Held));
        match approved {
            Run::Approved(0) => {}
            Run::Approved(approved) => result.push_str(&format!(", {approved} approved by themselves")),
            Run::Held(words) => result.push_str(&format!(", none approved by itself: {words}")),
        }
        Ok(Progress::Over { state: PassState::Done, result, failure: None })
    }

    /// Plans the month's lines anew and stores them. Makes no call to a vendor. When anything it needs cannot be read, the
    /// lines stay as they were.
    pub(super) async fn plan_lines(&self) -> Result<(), TenantError> {
        self.plan_from_what_is_known(false).await
    }

    /// The same, and looks at what changed under the mappings. What that pauses is planned once more before anything is
    /// approved by itself.
    async fn plan_and_look(&self) -> Result<(), TenantError> {
        self.plan_from_what_is_known(true).await
    }

    async fn plan_from_what_is_known(&self, look: bool) -> Result<(), TenantError> {
        let since = self.ledger.meta().moment(REPLAN)?;
        let now = self.now();
        // Before anything is awaited: what changes from here on is told from what the lines are planned from.
        let basis = self.plan_basis()?;
        if self.plan_stands(&basis, now)? {
            self.ledger.meta().keep_moment(PLANNED_AT, Some(now))?;
            return Ok(self.ledger.meta().keep_moment(REPLAN, None)?);
        }
        self.closing().keep_month_end(now).await?;
        let plan = |input: &PlanInput<'_>| {
            // Kept before anything is written: only a plan that changed nothing is one that need not be made again.
            if look {
                self.ledger.plan_basis().keep(&basis, now)?;
            }
            self.store_plan(input, look)
        };
        // Between reading the ledger's part of the input and storing the plan nothing is awaited.
        let (planned, version) = self.with_plan_input(now, false, plan).await?;
        let planned = planned?;
        for row in &planned.outdated {
            self.driver().abandon(row, "The line proposes something else by now: look at it, and approve it again.")?;
        }
        if planned.changed > 0 {
            self.ledger.meta().keep_moment(LOOK_BACK, Some(now))?;
        }
        match planned.until {
            Some(until) if look => self.ledger.plan_basis().trust(until)?,
            _ => {}
        }
        self.ledger.meta().keep_moment(PLANNED_AT, Some(now))?;
        self.ledger.meta().keep_number(PLANNED_FROM, version.unwrap_or_default())?;
        // A change in the same millisecond leaves the moment as it was, but not the version.
        if self.ledger.meta().moment(REPLAN)? == since && self.approvals().lines_follow_mappings()? {
            self.ledger.meta().keep_moment(REPLAN, None)?;
        }
        self.closing().look_back(now).await
    }

    /// Stores the lines of this input. With `look`, also what changed under the mappings is written down, and when that pauses
    /// others than before, they are planned and stored once more.
    fn store_plan(&self, input: &PlanInput<'_>, look: bool) -> Result<Planned, TenantError> {
        if !look {
            return self.store_lines(input, |_| ());
        }
        let mut marks = LineMarks::default();
        let planned = self.store_lines(input, |line| marks.note(line))?;
        let (today, snapshots, mappings, psa) = (input.now.date_naive(), input.snapshots, input.mappings, input.psa);
        let of_others = &self.drift_watch().of_others(input)?;
        self.drift_watch().look(&DriftInput { today, snapshots, mappings, psa, lines: &marks, of_others })?;
        drop(marks);
        let paused = self.drift_watch().paused_lines()?;
        if paused == *input.paused {
            return Ok(planned);
        }
        let again = self.store_lines(&PlanInput { paused: &paused, ..*input }, |_| ())?;
        Ok(Planned { changed: planned.changed + again.changed, ..again })
    }

    fn store_lines(&self, input: &PlanInput<'_>, mut see: impl FnMut(&Line)) -> Result<Planned, TenantError> {
        let mut waiting = self.waiting_changes(input.now)?;
        let mut lasting = Lasting::of(input);
        let mut plan = self.ledger.lines().replan(Period::of(input.now))?;
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
}
