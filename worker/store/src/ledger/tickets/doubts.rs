//! Devices that a rule's group does not show any more and that are not believed to have left it.

use std::collections::BTreeMap;

use domain::ids::TicketRuleId;
use domain::tickets::Doubt;

use super::super::Database;
use super::super::row::{Row, params};
use crate::ports::StoreError;

/// Who is doubted to have left, by rule.
pub type DoubtsByRule = BTreeMap<TicketRuleId, BTreeMap<String, Doubt>>;

/// Devices that a rule's group does not show any more and that are not believed to have left it.
#[derive(Clone, Copy)]
pub struct DoubtedLeaves<'a>(pub(in super::super) &'a Database);

impl DoubtedLeaves<'_> {
    /// Those of every rule.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn all(&self) -> Result<DoubtsByRule, StoreError> {
        let sql = "SELECT rule, subject, since, readings, kept FROM doubted_leaves";
        let mut doubts = DoubtsByRule::new();
        for (rule, (subject, doubt)) in self.0.gather(sql, &[], |mut row| Ok((TicketRuleId(row.text()?), read(row)?)))? {
            doubts.entry(rule).or_default().insert(subject, doubt);
        }
        Ok(doubts)
    }

    /// Those of one rule.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn of(&self, rule: &TicketRuleId) -> Result<BTreeMap<String, Doubt>, StoreError> {
        let sql = "SELECT subject, since, readings, kept FROM doubted_leaves WHERE rule = ?";
        Ok(self.0.gather(sql, params![rule.as_str()], read)?.into_iter().collect())
    }

    /// Keeps those of a rule, and no others.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn keep(&self, rule: &TicketRuleId, doubts: &BTreeMap<String, Doubt>) -> Result<(), StoreError> {
        self.0.run("DELETE FROM doubted_leaves WHERE rule = ?", params![rule.as_str()])?;
        for (subject, doubt) in doubts {
            self.0.run(
                "INSERT INTO doubted_leaves (rule, subject, since, readings, kept) VALUES (?, ?, ?, ?, ?)",
                params![rule.as_str(), subject, doubt.since, doubt.readings, u32::from(doubt.kept)],
            )?;
        }
        Ok(())
    }

    /// Forgets what readings have said so far, of one rule or of all: those that follow begin anew. What a person said stands.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn begin_anew(&self, rule: Option<&TicketRuleId>) -> Result<(), StoreError> {
        let sql = "DELETE FROM doubted_leaves WHERE kept = 0 AND (?1 IS NULL OR rule = ?1)";
        self.0.run(sql, params![rule.map(TicketRuleId::as_str)])
    }
}

fn read(mut row: Row) -> Result<(String, Doubt), StoreError> {
    Ok((row.text()?, Doubt { since: row.moment()?, readings: row.count()?, kept: row.integer()? == 1 }))
}
