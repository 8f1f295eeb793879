//! The log of all that was decided about tickets. Rows are only ever added: triggers refuse anything else.

use contract::tickets::TicketLogRow;
use domain::Timestamp;
use domain::access::Visibility;
use domain::ids::{ConnectionId, DeviceGroupId, IntentId, TicketId, TicketRuleId};

use super::super::Database;
use super::super::people::access_groups::sees_device_group;
use super::super::row::{Row, params};
use crate::ports::{SqlValue, StoreError};

/// A row to be added. Names are kept as they are now: the log outlives rules and connections.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewTicketLog<'a> {
    /// The rule.
    pub rule: Option<&'a TicketRuleId>,
    /// Its name.
    pub rule_name: &'a str,
    /// The device's id, or what else it is about.
    pub subject: &'a str,
    /// The device's name.
    pub device: &'a str,
    /// Its company as ESET calls it.
    pub company: &'a str,
    /// The group that stands for its company, when the row is about one company: whoever sees that sees the row.
    pub group: Option<&'a DeviceGroupId>,
    /// What kind of decision.
    pub event: &'a str,
    /// Why, or what came of it, in sentences.
    pub words: &'a str,
    /// The ticket.
    pub ticket: Option<TicketId>,
    /// The ConnectWise connection it is in.
    pub psa: Option<&'a ConnectionId>,
    /// The intent.
    pub intent: Option<&'a IntentId>,
}

/// Which rows are wanted; what is empty is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketLogFilter<'a> {
    /// Text in the names of the device, company or rule, or in the words.
    pub text: &'a str,
    /// The kinds of decision, with commas between them.
    pub event: &'a str,
    /// The rule.
    pub rule: &'a str,
    /// The device.
    pub subject: &'a str,
}

const COLUMNS: &str = "number, at, rule, rule_name, subject, device, company, event, words, ticket, psa, intent";

const MATCHES: &str = "(?1 = '' OR instr(lower(device || ' ' || company || ' ' || rule_name || ' ' || words), ?1) > 0)
    AND (?2 = '' OR instr(',' || ?2 || ',', ',' || event || ',') > 0) AND (?3 = '' OR rule = ?3) AND (?4 = '' OR subject = ?4)";

fn read(mut row: Row) -> Result<TicketLogRow, StoreError> {
    Ok(TicketLogRow {
        number: row.integer()?,
        at: row.moment()?,
        rule: row.optional_text()?.map(TicketRuleId),
        rule_name: row.text()?,
        subject: row.text()?,
        device: row.text()?,
        company: row.text()?,
        event: row.text()?,
        words: row.text()?,
        ticket: row.optional_integer()?.map(TicketId),
        psa: row.optional_text()?.map(ConnectionId),
        intent: row.optional_text()?.map(IntentId),
    })
}

/// The log of all that was decided about tickets. Its rows are only ever added.
#[derive(Clone, Copy)]
pub struct TicketLog<'a>(pub(in super::super) &'a Database);

impl TicketLog<'_> {
    /// Adds a row to the log.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn add(&self, row: &NewTicketLog<'_>, now: Timestamp) -> Result<(), StoreError> {
        self.0.run(
            "INSERT INTO ticket_log
                 (at, rule, rule_name, subject, device, company, event, words, ticket, psa, intent, company_group, connection)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, (SELECT connection FROM ticket_rules WHERE id = ?2))",
            params![
                now,
                row.rule.map(TicketRuleId::as_str),
                row.rule_name,
                row.subject,
                row.device,
                row.company,
                row.event,
                row.words,
                row.ticket.map(|ticket| ticket.0),
                row.psa.map(ConnectionId::as_str),
                row.intent.map(IntentId::as_str),
                row.group.map(DeviceGroupId::as_str)
            ],
        )
    }

    /// Whether something was told of a case since a moment.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn was_logged(&self, rule: &TicketRuleId, subject: &str, event: &str, since: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM ticket_log WHERE subject = ? AND rule = ? AND event = ? AND at >= ? LIMIT 1";
        Ok(self.0.first(sql, params![subject, rule.as_str(), event, since])?.is_some())
    }

    /// Up to `limit` rows of a filter that a scope sees, latest first, before row `before` when it is given; and how many there are.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn page(
        &self,
        scope: &Visibility,
        filter: &TicketLogFilter<'_>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<TicketLogRow>, u32), StoreError> {
        let text = filter.text.to_lowercase();
        let matches = format!("{MATCHES} AND {}", sees_device_group(5, "ticket_log.connection", "ticket_log.company_group"));
        let mut parameters = vec![SqlValue::from(text), filter.event.into(), filter.rule.into(), filter.subject.into(), scope.into()];
        let total = self.0.number(&format!("SELECT count(*) FROM ticket_log WHERE {matches}"), &parameters)?;
        parameters.extend([before.into(), limit.into()]);
        let sql = format!("SELECT {COLUMNS} FROM ticket_log WHERE {matches} AND (?6 IS NULL OR number < ?6) ORDER BY number DESC LIMIT ?7");
        let rows = self.0.rows(&sql, &parameters)?.map(read).collect::<Result<_, StoreError>>()?;
        Ok((rows, u32::try_from(total).unwrap_or(u32::MAX)))
    }
}
