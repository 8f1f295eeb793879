//! What the lines were planned from, for as long as a plan from it would be the same.
//!
//! Only one row is ever there. Triggers take it away as soon as a row of the ledger changes that a plan is made from, that
//! looking at drift goes by, or that says where a line stands; so it is kept before a plan is stored, and outlives only
//! a plan that changed nothing.

use domain::Timestamp;

use super::super::Database;
use super::super::row::params;
use crate::ports::StoreError;

/// What the lines were planned from, for as long as a plan from it would be the same.
#[derive(Clone, Copy)]
pub struct PlanBasis<'a>(pub(in super::super) &'a Database);

impl PlanBasis<'_> {
    /// Keeps what a plan at `now` is made from besides the ledger's own rows. It stands from [`PlanBasis::trust`] on.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn keep(&self, basis: &str, now: Timestamp) -> Result<(), StoreError> {
        self.0.run("DELETE FROM plan_basis", &[])?;
        self.0.run("INSERT INTO plan_basis (basis, planned_at, until) VALUES (?, ?, ?)", params![basis, now, now])
    }

    /// Lets what was kept stand until this moment, if the plan from it changed nothing.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn trust(&self, until: Timestamp) -> Result<(), StoreError> {
        self.0.run("UPDATE plan_basis SET until = ?", params![until])
    }

    /// Whether a plan from this at `now` would change nothing.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn stands(&self, basis: &str, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) FROM plan_basis WHERE basis = ? AND planned_at <= ? AND until > ?";
        Ok(self.0.number(sql, params![basis, now, now])? > 0)
    }
}
