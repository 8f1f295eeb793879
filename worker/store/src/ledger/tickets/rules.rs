//! Ticket rules, in the order a person gave them.

use std::collections::BTreeSet;

use domain::Timestamp;
use domain::ids::{ConnectionId, DeviceGroupId, TicketRuleId};
use domain::tickets::TicketRule;

use super::super::row::{Row, json, params};
use super::super::{Database, Meta, TicketIntents};
use super::doubts::DoubtedLeaves;
use crate::ports::StoreError;

/// A rule as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRow {
    /// The rule.
    pub rule: TicketRule,
    /// Why nothing is opened for it, if that is so.
    pub trouble: Option<String>,
    /// A fingerprint of who was in its group, when that was last taken in; none when the rule was changed since, or while devices are
    /// doubted to have left. A rule about detections keeps a word.
    pub members: Option<String>,
    /// How many devices were in its group then.
    pub devices: u32,
    /// How many were in it when it was switched on, and were left out for that.
    pub left_out: Option<u32>,
    /// When its group was last read to the end.
    pub polled_at: Option<Timestamp>,
    /// When it was last changed by a person.
    pub updated_at: Timestamp,
    /// Since when it is switched on, and watches what it does.
    pub began_at: Timestamp,
}

/// When a rule's group was last read to its end. While nothing changes in it, that is kept once for all groups of the console.
const POLLED: &str = "CASE WHEN enabled = 1 AND members IS NOT NULL
    THEN max(polled_at, coalesce((SELECT value FROM meta WHERE key = 'polled/' || ticket_rules.connection), polled_at))
    ELSE polled_at END";

fn select(which: &str) -> String {
    format!("SELECT body, trouble, members, devices, left_out, {POLLED}, updated_at, began_at FROM ticket_rules {which}")
}

fn read(mut row: Row) -> Result<RuleRow, StoreError> {
    Ok(RuleRow {
        rule: row.json()?,
        trouble: row.optional_text()?,
        members: row.optional_text()?,
        devices: row.count()?,
        left_out: row.optional_integer()?.and_then(|count| u32::try_from(count).ok()),
        polled_at: row.optional_moment()?,
        updated_at: row.moment()?,
        began_at: row.moment()?,
    })
}

/// Ticket rules, in the order a person gave them.
#[derive(Clone, Copy)]
pub struct TicketRules<'a>(pub(in super::super) &'a Database);

impl TicketRules<'_> {
    /// Every rule.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn all(&self) -> Result<Vec<RuleRow>, StoreError> {
        self.0.rows(&select("ORDER BY position, id"), &[])?.map(read).collect()
    }

    /// Rules of a console that are switched on.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn enabled_of(&self, connection: &ConnectionId) -> Result<Vec<RuleRow>, StoreError> {
        let sql = select("WHERE enabled = 1 AND connection = ? ORDER BY position, id");
        self.0.rows(&sql, params![connection.as_str()])?.map(read).collect()
    }

    /// Those of them that watch this group.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn watching(&self, connection: &ConnectionId, group: &DeviceGroupId) -> Result<Vec<RuleRow>, StoreError> {
        let group_of = "json_extract(body, '$.source.group.group')";
        let sql = select(&format!("WHERE {group_of} = ? AND enabled = 1 AND connection = ? ORDER BY position, id"));
        self.0.rows(&sql, params![group.as_str(), connection.as_str()])?.map(read).collect()
    }

    /// Rules that have cases about which something may be to be done, or intents that were put off.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn awake(&self) -> Result<BTreeSet<String>, StoreError> {
        let sql = "SELECT rule FROM cases WHERE rests = 0 UNION SELECT rule FROM ticket_intents WHERE put_off = 1";
        self.0.rows(sql, &[])?.map(|mut row| row.text()).collect()
    }

    /// One rule.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find(&self, id: &TicketRuleId) -> Result<Option<RuleRow>, StoreError> {
        self.0.first(&select("WHERE id = ?"), params![id.as_str()])?.map(read).transpose()
    }

    /// How many devices are in a rule's group, and how many have an open ticket.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn case_counts(&self, id: &TicketRuleId) -> Result<(u32, u32), StoreError> {
        let sql = "SELECT coalesce(sum(present), 0), count(open_ticket) FROM cases WHERE rule = ?";
        self.0.first(sql, params![id.as_str()])?.map_or(Ok((0, 0)), |mut row| Ok((row.count()?, row.count()?)))
    }

    /// Stores a rule, a new one at the end.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn store(&self, rule: &TicketRule, now: Timestamp) -> Result<(), StoreError> {
        let (id, connection) = (rule.id.as_str(), rule.source.connection().as_str());
        let before = self.find(&rule.id)?;
        // Why nothing is opened stays true until somebody chooses another place or has a look at this one.
        let same_place = before.as_ref().is_some_and(|before| (&before.rule.target, &before.rule.source) == (&rule.target, &rule.source));
        let before = before.filter(|before| before.rule.source.goes_on(&rule.source));
        if before.is_none() {
            self.0.run("DELETE FROM findings WHERE rule = ?", params![id])?;
        }
        let began_at = before.filter(|before| before.rule.enabled).map_or(now, |before| before.began_at);
        let sql = format!(
            "INSERT INTO ticket_rules (id, position, enabled, connection, body, updated_at, began_at)
             SELECT ?1, coalesce(max(position), 0) + 1, ?2, ?3, ?4, ?5, ?6 FROM ticket_rules WHERE true
             ON CONFLICT (id) DO UPDATE SET enabled = excluded.enabled, connection = excluded.connection, body = excluded.body,
                 trouble = CASE WHEN ?7 THEN trouble END, polled_at = {POLLED}, members = NULL, updated_at = excluded.updated_at,
                 began_at = excluded.began_at"
        );
        self.0.run(&sql, params![id, u32::from(rule.enabled), connection, json(rule)?, now, began_at, u32::from(same_place)])?;
        DoubtedLeaves(self.0).begin_anew(Some(&rule.id))
    }

    /// Deletes a rule and what it knows. What was begun and the log stay; the tickets it opened are left to people.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn delete(&self, id: &TicketRuleId) -> Result<(), StoreError> {
        TicketIntents::over(self.0).take_up(id)?;
        self.0.run("DELETE FROM findings WHERE rule = ?", params![id.as_str()])?;
        self.0.run("DELETE FROM cases WHERE rule = ?", params![id.as_str()])?;
        self.0.run("DELETE FROM doubted_leaves WHERE rule = ?", params![id.as_str()])?;
        self.0.run("DELETE FROM ticket_rules WHERE id = ?", params![id.as_str()])
    }

    /// Keeps why nothing is opened for a rule; none when all is well. Answers whether that is new.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn keep_trouble(&self, row: &RuleRow, trouble: Option<&str>) -> Result<bool, StoreError> {
        if row.trouble.as_deref() == trouble {
            return Ok(false);
        }
        self.0.run("UPDATE ticket_rules SET trouble = ? WHERE id = ?", params![trouble, row.rule.id.as_str()])?;
        Ok(true)
    }

    /// Notes that a rule's group was read to its end at `now`, who is in it and how many; none of it while devices are doubted to have
    /// left.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_poll(&self, id: &TicketRuleId, members: Option<(&str, u32)>, now: Timestamp) -> Result<(), StoreError> {
        self.0.run(
            "UPDATE ticket_rules SET members = ?, devices = coalesce(?, devices), polled_at = ? WHERE id = ?",
            params![members.map(|(print, _)| print), members.map(|(_, devices)| devices), now, id.as_str()],
        )
    }

    /// Notes how many devices were left out when a rule was switched on; none when they were not asked for.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_left_out(&self, id: &TicketRuleId, left_out: Option<u32>) -> Result<(), StoreError> {
        self.0.run("UPDATE ticket_rules SET left_out = ? WHERE id = ?", params![left_out, id.as_str()])
    }

    /// Notes that a rule's group was read to its end at `now`, and nobody came or went.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_same(&self, id: &TicketRuleId, now: Timestamp) -> Result<(), StoreError> {
        self.0.run("UPDATE ticket_rules SET polled_at = ? WHERE id = ?", params![now, id.as_str()])
    }

    /// Notes that every group that rules of a console watch was read to its end at `now`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_polls(&self, connection: &ConnectionId, now: Timestamp) -> Result<(), StoreError> {
        Meta(self.0).keep_moment(&format!("polled/{connection}"), Some(now))
    }
}
