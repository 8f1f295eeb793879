//! The ledger: what must be right at once. One SQLite database in one Durable Object, one file here for each table.
//!
//! Every method runs to its end without awaiting anything, so what it writes is committed together and before any request
//! that follows leaves the Worker. Rows are typed on their way in and out; SQL stays in this room.

mod access;
mod access_groups;
mod additions;
mod audit;
mod basis;
mod connections;
mod decisions;
mod documents;
mod drift;
mod evidence;
mod group_owners;
mod identities;
mod intent_store;
mod intents;
mod lines;
mod meta;
mod months;
mod passes;
mod people;
mod records;
mod replan;
mod row;
mod schema;
mod share_links;
mod snapshots;
mod tickets;

use std::rc::Rc;

pub use access::{AccessKind, AccessRow, NewAccess};
pub use access_groups::{CompanyGroups, DeviceGroups};
pub use additions::StoredAdditions;
pub use audit::{AuditFilter, NewAudit};
pub use connections::{ConnectionRow, NewConnectionRow};
pub use decisions::Decision;
pub use documents::Pointer;
pub use group_owners::{SaidOwner, SaidOwners};
pub use identities::{Known, SignInRow};
pub use intent_store::{Intents, Planned, PlannedOf, Stored, Table};
pub use intents::{IntentLabels, IntentRow};
pub use lines::{LineCounts, LineFilter, LineRow, line_state};
pub use months::{Closed, MonthRow};
pub use passes::{PassChange, PassRow};
pub use people::{MadePasskey, PasskeyRow, Purpose};
pub use replan::Replan;
pub use share_links::{NewShareLinkRow, OpenLink, ShareLinkFilter};
pub use snapshots::SnapshotRow;
pub use tickets::{
    CaseRow, Feed, Finding, Findings, NewTicketLog, RuleRow, SilenceRow, TicketIntentRow, TicketLabels, TicketLogFilter, Told, Traits,
};

use crate::ports::{Sql, SqlValue, StoreError};
use row::Row;

/// The ledger. Cheap to clone: all clones are one database.
#[derive(Clone)]
pub struct Ledger {
    sql: Rc<dyn Sql>,
}

impl Ledger {
    /// Opens the ledger, bringing its tables up to date.
    ///
    /// # Errors
    /// When SQLite refuses, or the database was written by a newer version.
    pub fn open(sql: Rc<dyn Sql>) -> Result<Self, StoreError> {
        let ledger = Self { sql };
        schema::migrate(&ledger)?;
        Ok(ledger)
    }

    fn run(&self, statement: &str, parameters: &[SqlValue]) -> Result<(), StoreError> {
        self.sql.run(statement, parameters).map(drop)
    }

    fn rows(&self, statement: &str, parameters: &[SqlValue]) -> Result<impl Iterator<Item = Row> + use<>, StoreError> {
        Ok(self.sql.run(statement, parameters)?.into_iter().map(Row::new))
    }

    /// What `read` makes of each row. The rows themselves, which may be much larger, are not held together.
    fn gather<T>(
        &self,
        statement: &str,
        parameters: &[SqlValue],
        read: impl Fn(Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut gathered = Vec::new();
        self.sql.each(statement, parameters, &mut |row| {
            gathered.push(read(Row::new(row))?);
            Ok(())
        })?;
        Ok(gathered)
    }

    fn first(&self, statement: &str, parameters: &[SqlValue]) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(statement, parameters)?.next())
    }

    /// The one number that `statement` answers; 0 when it answers nothing.
    fn number(&self, statement: &str, parameters: &[SqlValue]) -> Result<i64, StoreError> {
        self.first(statement, parameters)?.map_or(Ok(0), |mut row| row.integer())
    }
}
