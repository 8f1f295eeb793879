//! Cases: what a rule knows of each device. Never forgotten while the rule is there: the number of an entry is in the mark of
//! its ticket.

use std::collections::BTreeMap;

use contract::tickets::TicketsState;
use domain::Timestamp;
use domain::access::Visibility;
use domain::ids::{ConnectionId, DeviceGroupId, DeviceId, IntentId, TicketId, TicketRuleId};
use domain::tickets::{Case, TicketState};
use serde::{Deserialize, Serialize};

use super::super::Database;
use super::super::people::access_groups::sees_device_group;
use super::super::row::{Row, json, params};
use super::findings::Findings;
use crate::ports::{SqlValue, StoreError};

/// A case as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// The rule.
    pub rule: TicketRuleId,
    /// The device's id, or what else it is about.
    pub subject: String,
    /// Its name.
    pub name: String,
    /// The group that stands for its company.
    pub company: Option<DeviceGroupId>,
    /// What is known of the device since its last entry; none when it was not asked for yet.
    pub traits: Option<Traits>,
    /// What its last entry is about, under a rule that watches detections.
    pub findings: Option<Findings>,
    /// The summary that tells of it.
    pub told: Option<Told>,
    /// The intent that opened its ticket, whose place the ticket is on.
    pub opened_by: Option<IntentId>,
    /// The ConnectWise connection its ticket is in.
    pub psa: Option<ConnectionId>,
    /// The case.
    pub case: Case,
    /// When its ticket was last looked at.
    pub looked_at: Option<Timestamp>,
}

/// What is known of a device beside its name. What is not known is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traits {
    /// The static group it is in.
    pub parent: Option<DeviceGroupId>,
    /// Its operating system.
    pub system: String,
    /// Its local address.
    pub address: String,
    /// Its serial number.
    pub serial: String,
    /// The address of its network card.
    pub mac: String,
    /// The addresses of its other network cards, three of them at most.
    #[serde(default)]
    pub more_macs: Vec<String>,
}

/// In which summary an entry is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The summary's intent.
    pub intent: IntentId,
    /// The entry.
    pub entry: u32,
}

const COLUMNS: &str = "rule, subject, name, company, traits, findings, told, told_entry, opened_by, psa, body, looked_at";

fn read(mut row: Row) -> Result<CaseRow, StoreError> {
    let (rule, subject, name) = (TicketRuleId(row.text()?), row.text()?, row.text()?);
    let (company, traits, findings) = (row.optional_text()?.map(DeviceGroupId), row.optional_json()?, row.optional_json()?);
    let (told, entry) = (row.optional_text()?, row.count()?);
    Ok(CaseRow {
        rule,
        subject,
        name,
        company,
        traits,
        findings,
        told: told.map(|intent| Told { intent: IntentId(intent), entry }),
        opened_by: row.optional_text()?.map(IntentId),
        psa: row.optional_text()?.map(ConnectionId),
        case: row.json()?,
        looked_at: row.optional_moment()?,
    })
}

impl CaseRow {
    /// A device that was just seen for the first time.
    pub fn entered(rule: &TicketRuleId, subject: &str, name: &str, now: Timestamp) -> Self {
        Self {
            rule: rule.clone(),
            subject: subject.to_owned(),
            name: name.to_owned(),
            company: None,
            traits: None,
            findings: None,
            told: None,
            opened_by: None,
            psa: None,
            case: Case::entered(now),
            looked_at: None,
        }
    }

    /// A device on which something was detected for the first time.
    pub fn found(rule: &TicketRuleId, subject: &str, findings: Findings, now: Timestamp) -> Self {
        Self { findings: Some(findings), case: Case::found(now), ..Self::entered(rule, subject, subject, now) }
    }

    /// Whether its entry is told in a summary already, whatever became of that.
    pub fn is_told(&self) -> bool {
        self.told.as_ref().is_some_and(|told| told.entry == self.case.entries)
    }
}

/// Cases: what a rule knows of each device.
#[derive(Clone, Copy)]
pub struct Cases<'a>(pub(in super::super) &'a Database);

impl Cases<'_> {
    /// Every device a rule knows, and whether it was in the group last and under which name.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn presences(&self, rule: &TicketRuleId) -> Result<BTreeMap<String, (bool, String)>, StoreError> {
        let sql = "SELECT subject, present, name FROM cases WHERE rule = ? ORDER BY subject";
        let rows = self.0.gather(sql, params![rule.as_str()], |mut row| Ok((row.text()?, (row.integer()? == 1, row.text()?))))?;
        Ok(rows.into_iter().collect())
    }

    /// One case.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find(&self, rule: &TicketRuleId, subject: &str) -> Result<Option<CaseRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM cases WHERE rule = ? AND subject = ?");
        self.0.first(&sql, params![rule.as_str(), subject])?.map(read).transpose()
    }

    /// Stores a case.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn store(&self, row: &CaseRow) -> Result<(), StoreError> {
        let CaseRow { case, told, .. } = row;
        let open = case.ticket.as_ref().filter(|ticket| ticket.state == TicketState::Open).map(|ticket| ticket.id.0);
        let traits = row.traits.as_ref().map(json).transpose()?;
        let findings = row.findings.as_ref().map(json).transpose()?;
        self.0.run(
            "INSERT OR REPLACE INTO cases (rule, subject, name, company, traits, findings, told, told_entry, opened_by, psa, body,
                 looked_at, present, rests, open_ticket) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                row.rule.as_str(),
                &row.subject,
                &row.name,
                row.company.as_ref().map(DeviceGroupId::as_str),
                traits,
                findings,
                told.as_ref().map(|told| told.intent.as_str()),
                told.as_ref().map(|told| told.entry),
                row.opened_by.as_ref().map(IntentId::as_str),
                row.psa.as_ref().map(ConnectionId::as_str),
                json(case)?,
                row.looked_at,
                u32::from(case.is_in()),
                u32::from(case.rests()),
                open
            ],
        )
    }

    /// Cases of a rule about which something may be to be done, and nothing is being done. Of a device that may have left nothing is
    /// done before that is known.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn free(&self, rule: &TicketRuleId) -> Result<Vec<CaseRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM cases WHERE rule = ? AND rests = 0
                 AND NOT EXISTS (SELECT 1 FROM doubted_leaves AS doubt
                     WHERE doubt.rule = cases.rule AND doubt.subject = cases.subject AND doubt.kept = 0)
                 AND NOT EXISTS (SELECT 1 FROM ticket_intents AS own
                     WHERE own.rule = cases.rule AND own.subject = cases.subject AND own.held = 1)
                 AND NOT EXISTS (SELECT 1 FROM ticket_intents AS summary WHERE summary.id = cases.told AND summary.held = 1)
             ORDER BY subject"
        );
        self.0.rows(&sql, params![rule.as_str()])?.map(read).collect()
    }

    /// Up to `limit` cases of companies that a scope sees whose device's name holds `text`, the latest change first, before row `before`; how many there are, and
    /// the last one's row.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn list(
        &self,
        scope: &Visibility,
        state: Option<TicketsState>,
        rule: Option<&TicketRuleId>,
        text: &str,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<CaseRow>, u32, Option<i64>), StoreError> {
        let wanted = match state {
            None => "true",
            Some(TicketsState::Open) => "open_ticket IS NOT NULL",
            Some(TicketsState::Closed) => "open_ticket IS NULL AND opened_by IS NOT NULL",
            Some(TicketsState::Waiting) => "rests = 0",
        };
        let console = "(SELECT connection FROM ticket_rules WHERE id = cases.rule)";
        let seen = sees_device_group(3, console, "cases.company");
        let matches = format!("{wanted} AND (?1 IS NULL OR rule = ?1) AND (?2 = '' OR instr(lower(name), ?2) > 0) AND {seen}");
        let mut parameters = vec![SqlValue::from(rule.map(TicketRuleId::as_str)), text.to_lowercase().into(), scope.into()];
        let total = self.0.number(&format!("SELECT count(*) FROM cases WHERE {matches}"), &parameters)?;
        parameters.extend([before.into(), limit.into()]);
        let sql = format!("SELECT rowid, {COLUMNS} FROM cases WHERE {matches} AND (?4 IS NULL OR rowid < ?4) ORDER BY rowid DESC LIMIT ?5");
        let rows = self.0.rows(&sql, &parameters)?.map(|mut row| Ok((row.integer()?, read(row)?)));
        let rows = rows.collect::<Result<Vec<_>, StoreError>>()?;
        let last = rows.last().map(|(number, _)| *number);
        Ok((rows.into_iter().map(|(_, row)| row).collect(), u32::try_from(total).unwrap_or(u32::MAX), last))
    }

    /// Cases that a summary tells of.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn told_in(&self, summary: &IntentId) -> Result<Vec<CaseRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM cases WHERE told = ? ORDER BY subject");
        self.0.rows(&sql, params![summary.as_str()])?.map(read).collect()
    }

    /// Up to `limit` devices that entered a group of a console's enabled rules and were not asked for since.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn devices_to_ask_for(&self, connection: &ConnectionId, limit: u32) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT subject FROM cases INDEXED BY cases_unasked
             WHERE traits IS NULL AND present = 1 AND rests = 0
                 AND rule IN (SELECT id FROM ticket_rules WHERE connection = ? AND enabled = 1)
             ORDER BY subject LIMIT ?";
        self.0.rows(sql, params![connection.as_str(), limit])?.map(|mut row| row.text()).collect()
    }

    /// Cases about a device under a console's rules that wait for what is known of it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn without_traits(&self, connection: &ConnectionId, subject: &str) -> Result<Vec<CaseRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM cases INDEXED BY cases_unasked WHERE subject = ? AND traits IS NULL
                 AND +rule IN (SELECT id FROM ticket_rules WHERE connection = ?)"
        );
        self.0.rows(&sql, params![subject, connection.as_str()])?.map(read).collect()
    }

    /// The name of a device that a console's rules know.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn device_name(&self, connection: &ConnectionId, device: &DeviceId) -> Result<Option<String>, StoreError> {
        let sql = "SELECT name FROM cases WHERE rule IN (SELECT id FROM ticket_rules WHERE connection = ?) AND subject = ? LIMIT 1";
        self.0.rows(sql, params![connection.as_str(), device.as_str()])?.map(|mut row| row.text()).next().transpose()
    }

    /// Up to `limit` tickets of a console's enabled rules that are open as far as we know, after the last one looked at.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn open_tickets(
        &self,
        connection: &ConnectionId,
        after: Option<&(ConnectionId, TicketId)>,
        limit: u32,
    ) -> Result<Vec<(ConnectionId, TicketId)>, StoreError> {
        // In the order of the index, so that no more of it is read than is asked for.
        let sql = "SELECT DISTINCT psa, open_ticket FROM cases INDEXED BY cases_by_ticket
             WHERE open_ticket IS NOT NULL AND (psa, open_ticket) > (?, ?)
                 AND rule IN (SELECT id FROM ticket_rules WHERE connection = ? AND enabled = 1)
             ORDER BY psa, open_ticket LIMIT ?";
        let (psa, ticket) = after.map_or(("", 0), |(psa, ticket)| (psa.as_str(), ticket.0));
        self.0
            .rows(sql, params![psa, ticket, connection.as_str(), limit])?
            .map(|mut row| Ok((ConnectionId(row.text()?), TicketId(row.integer()?))))
            .collect()
    }

    /// The intents that opened a ticket for the cases that have it open.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn openers_of_ticket(&self, psa: &ConnectionId, ticket: TicketId) -> Result<Vec<Option<IntentId>>, StoreError> {
        let sql = "SELECT DISTINCT opened_by FROM cases WHERE open_ticket = ? AND psa = ?";
        self.0.rows(sql, params![ticket.0, psa.as_str()])?.map(|mut row| Ok(row.optional_text()?.map(IntentId))).collect()
    }

    /// Cases whose ticket is in a ConnectWise connection.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn through(&self, psa: &ConnectionId) -> Result<Vec<CaseRow>, StoreError> {
        self.0.rows(&format!("SELECT {COLUMNS} FROM cases WHERE psa = ?"), params![psa.as_str()])?.map(read).collect()
    }

    /// Cases whose ticket is this one and open as far as we know.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn of_ticket(&self, psa: &ConnectionId, ticket: TicketId) -> Result<Vec<CaseRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM cases WHERE open_ticket = ? AND psa = ? ORDER BY rule, subject");
        self.0.rows(&sql, params![ticket.0, psa.as_str()])?.map(read).collect()
    }
}
