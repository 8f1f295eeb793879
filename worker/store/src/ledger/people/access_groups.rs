//! Access groups, the companies in them, and how a list is cut to what somebody sees.

use std::collections::{BTreeMap, BTreeSet};

use contract::access_groups::AccessGroupView;
use domain::Timestamp;
use domain::access::Visibility;
use domain::billing::Member;
use domain::ids::{AccessGroupId, ConnectionId, DeviceGroupId, EsetCompanyId};

use super::super::Database;
use super::super::row::params;
use crate::ports::{SqlValue, StoreError};

/// The access group of each company of a connection.
pub type CompanyGroups = BTreeMap<Member, AccessGroupId>;
/// The access group of each device group, by console.
pub type DeviceGroups = BTreeMap<(ConnectionId, DeviceGroupId), AccessGroupId>;

/// The stored scope of who sees everything. No group has it as its id.
pub(in super::super) const EVERYTHING: &str = "*";

/// A scope as it is stored and compared in SQL: `*` for everything, else the ids of its groups as `,a,b,`. Nothing sees nothing.
pub(in super::super) fn scope_text(scope: &Visibility) -> String {
    match scope {
        Visibility::Everything => EVERYTHING.to_owned(),
        Visibility::Groups { groups } if groups.is_empty() => String::new(),
        Visibility::Groups { groups } => groups.iter().fold(",".to_owned(), |text, group| format!("{text}{group},")),
    }
}

/// Reads [`scope_text`] back.
pub(in super::super) fn scope_of(text: &str) -> Visibility {
    if text == EVERYTHING {
        return Visibility::Everything;
    }
    Visibility::Groups { groups: text.split(',').filter(|group| !group.is_empty()).map(AccessGroupId::from).collect() }
}

impl From<&Visibility> for SqlValue {
    fn from(scope: &Visibility) -> Self {
        Self::Text(scope_text(scope))
    }
}

/// SQL that is true when the scope in parameter `?n` sees a group; a NULL `group` is nobody's.
pub(in super::super) fn sees_group(n: u32, group: &str) -> String {
    format!("(?{n} = '{EVERYTHING}' OR coalesce(instr(?{n}, ',' || {group} || ','), 0) > 0)")
}

/// SQL that is true when the scope in parameter `?n` sees every company of `rows`, and there is one. `rows` gives the columns
/// `connection` and `company`; what is of companies that are not all seen is kept back as a whole.
pub(in super::super) fn sees_companies(n: u32, rows: &str) -> String {
    format!(
        "(?{n} = '{EVERYTHING}' OR (EXISTS ({rows}) AND NOT EXISTS (
            SELECT 1 FROM ({rows}) AS of_it LEFT JOIN access_companies AS a ON a.connection = of_it.connection AND a.company = of_it.company
            WHERE coalesce(instr(?{n}, ',' || a.access_group || ','), 0) = 0)))"
    )
}

/// SQL that is true when the scope in parameter `?n` sees every company of the line with id `line`.
pub(in super::super) fn sees_line(n: u32, line: &str) -> String {
    sees_companies(n, &format!("SELECT connection, company FROM line_companies WHERE line = {line}"))
}

/// SQL that is true when the scope in parameter `?n` sees a company.
pub(in super::super) fn sees_company(n: u32, connection: &str, company: &str) -> String {
    sees_companies(n, &format!("SELECT {connection} AS connection, {company} AS company"))
}

/// SQL that is true when the scope in parameter `?n` sees the company that a console's device group stands for.
pub(in super::super) fn sees_device_group(n: u32, connection: &str, group: &str) -> String {
    let of = format!("(SELECT access_group FROM access_device_groups WHERE connection = {connection} AND device_group = {group})");
    sees_group(n, &of)
}

/// Access groups, and the companies in them.
#[derive(Clone, Copy)]
pub struct AccessGroups<'a>(pub(in super::super) &'a Database);

impl AccessGroups<'_> {
    /// Every access group, by name.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn all(&self) -> Result<Vec<AccessGroupView>, StoreError> {
        let rows = self.0.rows(
            "SELECT id, name, (SELECT count(*) FROM access_assignments WHERE access_group = g.id),
                (SELECT count(*) FROM access_companies WHERE access_group = g.id),
                (SELECT count(*) FROM people WHERE ended_at IS NULL AND instr(scope, ',' || g.id || ',') > 0),
                (SELECT count(*) FROM access WHERE kind = 'token' AND ended_at IS NULL AND instr(scope, ',' || g.id || ',') > 0),
                created_by, created_at
             FROM access_groups AS g ORDER BY name",
            &[],
        )?;
        rows.map(|mut row| {
            Ok(AccessGroupView {
                id: AccessGroupId(row.text()?),
                name: row.text()?,
                own: row.count()?,
                companies: row.count()?,
                people: row.count()?,
                tokens: row.count()?,
                created_by: row.text()?,
                created_at: row.moment()?,
            })
        })
        .collect()
    }

    /// Adds an access group, or gives the one with this id another name.
    ///
    /// # Errors
    /// When SQLite refuses, as it does for a name another group has.
    pub fn store(&self, id: &AccessGroupId, name: &str, by: &str, now: Timestamp) -> Result<(), StoreError> {
        self.0.run(
            "INSERT INTO access_groups (id, name, created_by, created_at) VALUES (?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name",
            params![id.as_str(), name, by, now],
        )
    }

    /// Deletes an access group that nobody is given. Its companies are in none then, or in that of one above them.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn delete(&self, id: &AccessGroupId) -> Result<(), StoreError> {
        self.0.run("DELETE FROM access_assignments WHERE access_group = ?", params![id.as_str()])?;
        self.0.run("DELETE FROM access_groups WHERE id = ?", params![id.as_str()])
    }

    /// Which companies were put into which group.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn assignments(&self) -> Result<CompanyGroups, StoreError> {
        self.select("SELECT connection, company, access_group FROM access_assignments")
    }

    /// The group of each company that has one, its own or that of one above it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn effective(&self) -> Result<CompanyGroups, StoreError> {
        self.select("SELECT connection, company, access_group FROM access_companies")
    }

    fn select(&self, sql: &str) -> Result<CompanyGroups, StoreError> {
        let rows = self.0.gather(sql, &[], |mut row| {
            let member = Member { connection: ConnectionId(row.text()?), company: EsetCompanyId(row.text()?) };
            Ok((member, AccessGroupId(row.text()?)))
        })?;
        Ok(rows.into_iter().collect())
    }

    /// Puts a company into a group; none takes it out.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn assign(&self, member: &Member, group: Option<&AccessGroupId>) -> Result<(), StoreError> {
        let (connection, company) = (member.connection.as_str(), member.company.as_str());
        match group {
            Some(group) => self.0.run(
                "INSERT OR REPLACE INTO access_assignments (connection, company, access_group) VALUES (?, ?, ?)",
                params![connection, company, group.as_str()],
            ),
            None => self.0.run("DELETE FROM access_assignments WHERE connection = ? AND company = ?", params![connection, company]),
        }
    }

    /// Forgets which groups the companies of a connection, or the device groups of a console, are in.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forget_connection(&self, connection: &ConnectionId) -> Result<(), StoreError> {
        for table in ["access_assignments", "access_companies", "access_device_groups"] {
            self.0.run(&format!("DELETE FROM {table} WHERE connection = ?"), params![connection.as_str()])?;
        }
        Ok(())
    }

    /// Keeps the group of each company and device group as it was worked out. Only what differs is written.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn keep_effective(&self, companies: &CompanyGroups, groups: &DeviceGroups) -> Result<(), StoreError> {
        let before = self.effective()?;
        for Member { connection, company } in before.keys().filter(|member| !companies.contains_key(*member)) {
            let sql = "DELETE FROM access_companies WHERE connection = ? AND company = ?";
            self.0.run(sql, params![connection.as_str(), company.as_str()])?;
        }
        for (member, group) in companies.iter().filter(|(member, group)| before.get(*member) != Some(*group)) {
            self.0.run(
                "INSERT OR REPLACE INTO access_companies (connection, company, access_group) VALUES (?, ?, ?)",
                params![member.connection.as_str(), member.company.as_str(), group.as_str()],
            )?;
        }
        let before = self.0.gather("SELECT connection, device_group, access_group FROM access_device_groups", &[], |mut row| {
            Ok(((ConnectionId(row.text()?), DeviceGroupId(row.text()?)), AccessGroupId(row.text()?)))
        })?;
        let before: DeviceGroups = before.into_iter().collect();
        for (connection, group) in before.keys().filter(|key| !groups.contains_key(*key)) {
            let sql = "DELETE FROM access_device_groups WHERE connection = ? AND device_group = ?";
            self.0.run(sql, params![connection.as_str(), group.as_str()])?;
        }
        for (key, group) in groups.iter().filter(|(key, group)| before.get(*key) != Some(*group)) {
            self.0.run(
                "INSERT OR REPLACE INTO access_device_groups (connection, device_group, access_group) VALUES (?, ?, ?)",
                params![key.0.as_str(), key.1.as_str(), group.as_str()],
            )?;
        }
        Ok(())
    }

    /// The companies a scope sees; none when it sees them all.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn companies_in(&self, scope: &Visibility) -> Result<Option<BTreeSet<Member>>, StoreError> {
        let Visibility::Groups { groups } = scope else { return Ok(None) };
        let all = self.effective()?;
        Ok(Some(all.into_iter().filter(|(_, group)| groups.contains(group)).map(|(member, _)| member).collect()))
    }

    /// The device groups that stand for companies a scope sees, by console; nothing when it sees everything.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn device_groups_in(&self, scope: &Visibility) -> Result<BTreeSet<(ConnectionId, DeviceGroupId)>, StoreError> {
        let sql = "SELECT connection, device_group FROM access_device_groups WHERE instr(?, ',' || access_group || ',') > 0";
        let seen = self.0.gather(sql, params![scope], |mut row| Ok((ConnectionId(row.text()?), DeviceGroupId(row.text()?))))?;
        Ok(seen.into_iter().collect())
    }
}
