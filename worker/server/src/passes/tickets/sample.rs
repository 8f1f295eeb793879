//! Tickets that a person wants to see: what a rule would open, and one that is opened to be looked at.

use domain::tickets::{Severity, TicketAction, TicketRule};
use engine::tickets::TicketIntent;

use super::plan::{Planner, about, company_for, labels};
use crate::tenant::TenantError;
use store::ledger::{CaseRow, Finding, Findings, RuleRow, Traits};

/// The device that a rule is shown with when no other is named.
const SAMPLE: &str = "SAMPLE-PC";

impl Planner<'_> {
    /// The ticket a rule would open for a device it knows, or for an invented one; nothing is stored. None when it does not know
    /// the device.
    ///
    /// # Errors
    /// When what it is made from cannot be read.
    pub async fn sample(&self, rule: &TicketRule, device: Option<&str>) -> Result<Option<TicketIntent>, TenantError> {
        let groups = self.groups_read(rule).await?;
        let companies = self.companies(&groups).await?;
        let case = match device {
            Some(device) => self.ledger.cases().find(&rule.id, device)?,
            None => Some(self.invented(rule)),
        };
        let Some(case) = case else { return Ok(None) };
        let row = self.unsaved(rule);
        let company = company_for(&row, &case, &companies);
        let intent = TicketIntent::of(rule, TicketAction::Open, engine::tickets::About { company, ..about(&row, &case, &groups) });
        intent.map(Some).map_err(|error| TenantError::Unusable(error.to_string()))
    }

    /// Plans a ticket that is about nothing, for the rule's catch-all company. Each one has an id of its own.
    ///
    /// # Errors
    /// When what it is made from cannot be read.
    pub async fn plan_test(&self, row: &RuleRow, id: &str) -> Result<TicketIntent, TenantError> {
        let groups = self.groups_read(&row.rule).await?;
        let mut case = self.invented(&row.rule);
        case.subject = format!("test:{id}");
        let about = about(row, &case, &groups);
        let labels = labels(row, &about.fields);
        let intent = TicketIntent::test_of(&row.rule, about).map_err(|error| TenantError::Unusable(error.to_string()))?;
        self.ledger.ticket_intents().plan(&intent, &labels, self.clock.now())?;
        Ok(intent)
    }

    fn invented(&self, rule: &TicketRule) -> CaseRow {
        let mut case = CaseRow::entered(&rule.id, "sample", SAMPLE, self.clock.now());
        case.traits = Some(Traits {
            parent: None,
            system: "Microsoft Windows 11 Pro".to_owned(),
            address: "192.0.2.10".to_owned(),
            serial: "SN-000000".to_owned(),
            mac: String::new(),
            more_macs: Vec::new(),
        });
        if rule.source.is_detections() {
            let newest = Finding {
                name: "Eicar".to_owned(),
                severity: Some(Severity::High),
                object: "file:///C:/Downloads/eicar.com".to_owned(),
                occurred_at: Some(self.clock.now()),
            };
            case.findings = Some(Findings { count: 1, newest });
        }
        case
    }

    fn unsaved(&self, rule: &TicketRule) -> RuleRow {
        let now = self.clock.now();
        RuleRow {
            rule: rule.clone(),
            trouble: None,
            members: None,
            devices: 0,
            left_out: None,
            polled_at: None,
            updated_at: now,
            began_at: now,
        }
    }
}
