//! What people have said about whose a company's device group is.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::billing::Member;
use domain::ids::{ConnectionId, DeviceGroupId, EsetCompanyId};

use super::Database;
use super::row::params;
use crate::ports::StoreError;

/// What somebody has said about a company's group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidOwner {
    /// The company it stands for; none for nobody's.
    pub owner: Option<Member>,
    /// Who said it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What was said, by console and group.
pub type SaidOwners = BTreeMap<(ConnectionId, DeviceGroupId), SaidOwner>;

/// What people have said about whose a company's device group is.
#[derive(Clone, Copy)]
pub struct GroupOwners<'a>(pub(super) &'a Database);

impl GroupOwners<'_> {
    /// All that was said.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn all(&self) -> Result<SaidOwners, StoreError> {
        let sql = "SELECT console, device_group, connection, company, by_whom, at FROM group_owners";
        let rows = self.0.gather(sql, &[], |mut row| {
            let group = (ConnectionId(row.text()?), DeviceGroupId(row.text()?));
            let owner = match (row.optional_text()?, row.optional_text()?) {
                (Some(connection), Some(company)) => Some(Member { connection: ConnectionId(connection), company: EsetCompanyId(company) }),
                _ => None,
            };
            Ok((group, SaidOwner { owner, by: row.text()?, at: row.moment()? }))
        })?;
        Ok(rows.into_iter().collect())
    }

    /// Keeps what somebody says about a group, in place of what was said before.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn say(&self, console: &ConnectionId, group: &DeviceGroupId, said: &SaidOwner) -> Result<(), StoreError> {
        let owner = said.owner.as_ref();
        self.0.run(
            "INSERT OR REPLACE INTO group_owners (console, device_group, connection, company, by_whom, at) VALUES (?, ?, ?, ?, ?, ?)",
            params![
                console.as_str(),
                group.as_str(),
                owner.map(|owner| owner.connection.as_str()),
                owner.map(|owner| owner.company.as_str()),
                &said.by,
                said.at
            ],
        )
    }

    /// Forgets what was said about a group: its id and its name tell again.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn unsay(&self, console: &ConnectionId, group: &DeviceGroupId) -> Result<(), StoreError> {
        self.0.run("DELETE FROM group_owners WHERE console = ? AND device_group = ?", params![console.as_str(), group.as_str()])
    }

    /// Forgets what was said about a console's groups, and about a connection's companies.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forget_connection(&self, connection: &ConnectionId) -> Result<(), StoreError> {
        self.0.run("DELETE FROM group_owners WHERE console = ?1 OR connection = ?1", params![connection.as_str()])
    }
}
