//! What failed or was parked, taken up again because a person asks for it.

use domain::ids::PsaCompanyId;
use engine::tickets::TicketIntent;

use super::drive::TicketCommits;
use super::plan::company_for;
use super::settle::cases_of;
use crate::tenant::TenantError;
use store::ledger::{RuleRow, TicketIntentRow};

impl TicketCommits<'_> {
    /// Takes a failed or parked intent up again, because a person asks for it. A ticket that was never begun goes where the rule
    /// opens them now, for the company that it would be for now; what is done to a ticket is done where that is. Answers whether it
    /// was one.
    ///
    /// # Errors
    /// When what says which company it is for cannot be read, or SQLite refuses.
    pub async fn retry(&self, row: &TicketIntentRow, rule: Option<&RuleRow>) -> Result<bool, TenantError> {
        let now = self.clock.now();
        let mut intent = row.intent.clone();
        if self.planner.places.reach(&intent.target.psa)?.is_none() {
            intent.leave_behind();
        }
        if !intent.reopen(now, self.driver.times::<TicketIntent>()) {
            return Ok(false);
        }
        let Some(rule) = rule else { return Ok(self.ledger.ticket_intents().advance(&row.intent, &intent, now)?) };
        if !intent.action.creates() {
            if let Some(place) = self.planner.places.placed(&intent.target, Some(&rule.rule.target))? {
                intent = intent.on(place);
            }
        } else if intent.ticket.is_none() && !intent.is_on_its_way() {
            let company = self.company_now(&intent, rule).await?;
            intent = TicketIntent { company, ..intent.on(rule.rule.target.clone()) };
        }
        Ok(self.ledger.ticket_intents().advance(&row.intent, &intent, now)?)
    }

    /// The company that a ticket is for as things are now.
    async fn company_now(&self, intent: &TicketIntent, rule: &RuleRow) -> Result<PsaCompanyId, TenantError> {
        let cases = cases_of(self.ledger, intent)?;
        // A ticket for many companies is for none of them.
        let Some(first) = cases.first().filter(|first| cases.iter().all(|case| case.company == first.company)) else {
            return Ok(rule.rule.target.catch_all);
        };
        let groups = self.planner.groups_read(&rule.rule).await?;
        Ok(company_for(rule, first, &self.planner.companies(&groups).await?))
    }
}
