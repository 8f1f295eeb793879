//! What has come of each company mapping since it was made. A mapping that is made anew begins anew.

use domain::Timestamp;
use domain::billing::{MappingKey, Member, TrackRecord, TrackRecords};
use domain::ids::{AgreementId, ConnectionId, EsetCompanyId, IntentId};

use super::super::Database;
use super::super::row::params;
use crate::ports::StoreError;

/// What has come of each company mapping since it was made.
#[derive(Clone, Copy)]
pub struct MappingRecords<'a>(pub(in super::super) &'a Database);

impl MappingRecords<'_> {
    /// The mappings of which anything has come.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn all(&self) -> Result<TrackRecords, StoreError> {
        let rows = self.0.rows("SELECT connection, company, psa, agreement, intent FROM track_records", &[])?;
        rows.map(|mut row| {
            let member = Member { connection: ConnectionId(row.text()?), company: EsetCompanyId(row.text()?) };
            let key = MappingKey { member, psa: ConnectionId(row.text()?), agreement: AgreementId(row.integer()?) };
            let record = if row.optional_text()?.is_some() { TrackRecord::Proven } else { TrackRecord::Approved };
            Ok((key, record))
        })
        .collect()
    }

    /// Notes that a person has approved a line of a mapping.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_approved(&self, key: &MappingKey, now: Timestamp) -> Result<(), StoreError> {
        let MappingKey { member, psa, agreement } = key;
        self.0.run(
            "INSERT OR IGNORE INTO track_records (connection, company, psa, agreement, approved_at) VALUES (?, ?, ?, ?, ?)",
            params![member.connection.as_str(), member.company.as_str(), psa.as_str(), agreement.0, now],
        )
    }

    /// Notes that a change a person approved at `approved_at` was written and read back. One that was approved before the
    /// mapping was made anew proves nothing of it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_proven(&self, key: &MappingKey, intent: &IntentId, approved_at: Timestamp) -> Result<(), StoreError> {
        let MappingKey { member, psa, agreement } = key;
        self.0.run(
            "UPDATE track_records SET intent = ? WHERE connection = ? AND company = ? AND psa = ? AND agreement = ? AND approved_at <= ?",
            params![intent.as_str(), member.connection.as_str(), member.company.as_str(), psa.as_str(), agreement.0, approved_at],
        )
    }

    /// Takes back what a change has proven, because it was taken back itself.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn take_proof_back(&self, intent: &IntentId) -> Result<(), StoreError> {
        self.0.run("UPDATE track_records SET intent = NULL WHERE intent = ?", params![intent.as_str()])
    }

    /// Forgets what has come of the mappings of a company, because it is mapped anew.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forget(&self, connection: &ConnectionId, company: &EsetCompanyId) -> Result<(), StoreError> {
        self.0.run("DELETE FROM track_records WHERE connection = ? AND company = ?", params![connection.as_str(), company.as_str()])
    }
}
