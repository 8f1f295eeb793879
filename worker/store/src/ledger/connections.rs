//! Connections and their sealed credentials.

use domain::Timestamp;
use domain::connections::{ConnectionKind, TestReport};
use domain::ids::ConnectionId;

use super::Database;
use super::row::{Row, json, params, word};
use crate::ports::StoreError;

/// A connection as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectionRow {
    /// Its id.
    pub id: ConnectionId,
    /// Its vendor.
    pub kind: ConnectionKind,
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Who it signs in as; no secret.
    pub identity: String,
    /// Its credentials, sealed by [`crate::vault`].
    pub sealed: String,
    /// When they were set.
    pub credentials_set_at: Timestamp,
    /// The latest test.
    pub last_test: Option<TestReport>,
    /// When it was last read to the end.
    pub read_at: Option<Timestamp>,
    /// When it was last tried.
    pub tried_at: Option<Timestamp>,
    /// What the last try failed with.
    pub failure: Option<String>,
}

/// A connection to be stored, or stored anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConnectionRow {
    /// Its id.
    pub id: ConnectionId,
    /// Its vendor.
    pub kind: ConnectionKind,
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Who it signs in as.
    pub identity: String,
    /// Its credentials, sealed.
    pub sealed: String,
    /// When they were set.
    pub credentials_set_at: Timestamp,
}

impl ConnectionRow {
    /// The place it leads to: what was read through one connection is true of another with the same place. A host is the same with the
    /// usual port, with a dot at its end and in capitals, and ConnectWise's cloud answers on a site's own host and on the one its pages
    /// are on.
    pub fn place(&self) -> String {
        let (scheme, rest) = self.address.split_once("://").unwrap_or(("https", &self.address));
        let host = rest.split('/').next().unwrap_or_default().to_lowercase();
        let usual = if scheme.eq_ignore_ascii_case("http") { ":80" } else { ":443" };
        let host = host.strip_suffix(usual).unwrap_or(&host);
        let (name, port) = host.split_once(':').map_or((host, String::new()), |(name, port)| (name, format!(":{port}")));
        let name = name.trim_end_matches('.');
        format!("{}{port}|{}", name.strip_prefix("api-").unwrap_or(name), self.account())
    }

    /// What the vendor knows the caller's company as. Two ConnectWise connections with one company ID may be one tenant, whatever their
    /// hosts are called: one server may have several names.
    pub fn account(&self) -> String {
        let company = self.identity.split_once(" · ").map_or(self.identity.as_str(), |(company, _)| company);
        company.trim().to_lowercase()
    }
}

const COLUMNS: &str = "id, kind, name, address, identity, sealed, credentials_set_at, last_test, read_at, tried_at, failure";

fn read(mut row: Row) -> Result<ConnectionRow, StoreError> {
    Ok(ConnectionRow {
        id: ConnectionId(row.text()?),
        kind: row.word()?,
        name: row.text()?,
        address: row.text()?,
        identity: row.text()?,
        sealed: row.optional_text()?.unwrap_or_default(),
        credentials_set_at: row.moment()?,
        last_test: row.optional_json()?,
        read_at: row.optional_moment()?,
        tried_at: row.optional_moment()?,
        failure: row.optional_text()?,
    })
}

/// Connections and their sealed credentials.
#[derive(Clone, Copy)]
pub struct Connections<'a>(pub(super) &'a Database);

impl Connections<'_> {
    /// Every connection that is not deleted, by vendor and name.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn all(&self) -> Result<Vec<ConnectionRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM connections WHERE deleted_at IS NULL ORDER BY kind DESC, name");
        self.0.rows(&sql, &[])?.map(read).collect()
    }

    /// Whether none was ever made.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn none_ever(&self) -> Result<bool, StoreError> {
        Ok(self.0.number("SELECT count(*) FROM (SELECT 1 FROM connections LIMIT 1)", &[])? == 0)
    }

    /// One connection that is not deleted.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find(&self, id: &ConnectionId) -> Result<Option<ConnectionRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM connections WHERE id = ? AND deleted_at IS NULL");
        self.0.first(&sql, params![id.as_str()])?.map(read).transpose()
    }

    /// One connection, deleted or not.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find_ever(&self, id: &ConnectionId) -> Result<Option<ConnectionRow>, StoreError> {
        self.0.first(&format!("SELECT {COLUMNS} FROM connections WHERE id = ?"), params![id.as_str()])?.map(read).transpose()
    }

    /// Stores a new connection, or a known one's name, address and credentials. What was read through it stays.
    ///
    /// # Errors
    /// When SQLite refuses, also because the name is taken.
    pub fn store(&self, row: &NewConnectionRow, now: Timestamp) -> Result<(), StoreError> {
        self.0.run(
            "INSERT INTO connections (id, kind, name, address, identity, sealed, credentials_set_at, created_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, address = excluded.address, identity = excluded.identity,
                 sealed = excluded.sealed, credentials_set_at = excluded.credentials_set_at",
            params![row.id.as_str(), word(&row.kind), &row.name, &row.address, &row.identity, &row.sealed, row.credentials_set_at, now],
        )
    }

    /// Stores the same credentials of a connection, sealed anew.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn reseal(&self, id: &ConnectionId, sealed: &str) -> Result<(), StoreError> {
        self.0.run("UPDATE connections SET sealed = ? WHERE id = ?", params![sealed, id.as_str()])
    }

    /// Takes a connection's credentials away and hides it. Its history stays.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn delete(&self, id: &ConnectionId, now: Timestamp) -> Result<(), StoreError> {
        self.0.run("UPDATE connections SET deleted_at = ?, sealed = NULL WHERE id = ?", params![now, id.as_str()])
    }

    /// Keeps the latest test of a connection.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn store_test(&self, id: &ConnectionId, report: &TestReport) -> Result<(), StoreError> {
        self.0.run("UPDATE connections SET last_test = ? WHERE id = ?", params![json(report)?, id.as_str()])
    }

    /// Notes that a connection was read to its end at `now`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_read(&self, id: &ConnectionId, now: Timestamp) -> Result<(), StoreError> {
        self.0.run("UPDATE connections SET read_at = ?, tried_at = ?, failure = NULL WHERE id = ?", params![now, now, id.as_str()])
    }

    /// Notes that a connection answered at `now`, although not all of it was read.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_answered(&self, id: &ConnectionId, now: Timestamp) -> Result<(), StoreError> {
        self.0.run("UPDATE connections SET tried_at = ?, failure = NULL WHERE id = ?", params![now, id.as_str()])
    }

    /// Notes that reading a connection failed at `now`, and with what.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_failure(&self, id: &ConnectionId, failure: &str, now: Timestamp) -> Result<(), StoreError> {
        self.0.run("UPDATE connections SET tried_at = ?, failure = ? WHERE id = ?", params![now, failure, id.as_str()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(address: &str, identity: &str) -> ConnectionRow {
        let now = "2026-12-01T00:00:00Z".parse().expect("a moment");
        ConnectionRow {
            id: ConnectionId("c".to_owned()),
            kind: ConnectionKind::Connectwise,
            name: "ConnectWise".to_owned(),
            address: address.to_owned(),
            identity: identity.to_owned(),
            sealed: String::new(),
            credentials_set_at: now,
            last_test: None,
            read_at: None,
            tried_at: None,
            failure: None,
        }
    }

    #[test]
    fn a_place_is_one_however_its_host_is_spelled() {
        let place = |address| connection(address, "Acme · aBcD…").place();
        let usual = place("na.myconnectwise.net");
        for same in [
            "https://na.myconnectwise.net",
            "https://NA.MyConnectWise.net/",
            "https://na.myconnectwise.net:443",
            "https://na.myconnectwise.net.:443/v4_6_release",
            "na.myconnectwise.net.",
            "https://api-na.myconnectwise.net",
        ] {
            assert_eq!(place(same), usual, "{same}");
        }
        for other in ["https://eu.myconnectwise.net", "https://na.myconnectwise.net:8443", "http://na.myconnectwise.net:443"] {
            assert_ne!(place(other), usual, "{other}");
        }
        assert_ne!(connection("na.myconnectwise.net", "other · aBcD…").place(), usual);
    }

    #[test]
    fn an_account_is_one_whatever_its_host_is_called() {
        let (one, other) = (connection("psa.acme.example", "Acme · aBcD…"), connection("https://10.0.0.5:8443", "acme · eFgH…"));
        assert_eq!(one.account(), other.account());
    }
}
