//! Taking a backup, and taking one in. What was imported is looked at like a ledger that was restored: nothing is written before a person
//! has seen what differs.

use contract::backup::BackupImported;
use contract::look_only::LookOnlyCause;
use domain::Timestamp;
use domain::history::HistoryEvent;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::tenant::{Tenant, TenantError};
use store::ledger::{BackupError, NewAudit};
use store::ports::StoreError;

/// Why a backup was not imported.
pub(crate) enum NotImported {
    /// Something is set up here already.
    NotEmpty,
    /// It is none, or not one that this release reads.
    Unreadable(BackupError),
    /// The ledger failed.
    Failed(TenantError),
}

impl<E: Into<TenantError>> From<E> for NotImported {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Tenant {
    /// Everything that is not a secret, as one packed JSON document. Nothing is awaited, so that it is one moment's.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub(crate) fn take_backup(&self, by: &str) -> Result<Vec<u8>, StoreError> {
        let now = self.now();
        let (rows, packed) = self.pack_ledger(now)?;
        let audit = NewAudit {
            by,
            subject: "Backup".to_owned(),
            detail: Some(format!("{rows} rows, without credentials, sessions, tokens, passkeys and share links")),
            ..NewAudit::of(HistoryEvent::BackupTaken)
        };
        self.ledger.history().add(audit, now)?;
        Ok(packed)
    }

    /// The whole ledger as it is at this moment, packed, and how many rows it has.
    pub(crate) fn pack_ledger(&self, now: Timestamp) -> Result<(u64, Vec<u8>), StoreError> {
        let failed = |error: BackupError| match error {
            BackupError::Store(error) => error,
            other => StoreError(other.to_string()),
        };
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        let rows = self.ledger.backups().write(now, &mut packed).map_err(failed)?;
        let packed = packed.finish().map_err(|error| StoreError(format!("a backup cannot be packed: {error}")))?;
        Ok((rows, packed))
    }

    /// Takes a packed backup into this install, in which nothing may be set up yet.
    pub(crate) async fn import_backup(&self, packed: &[u8], by: &str) -> Result<BackupImported, NotImported> {
        let backups = self.ledger.backups();
        if !backups.takes_one()? {
            return Err(NotImported::NotEmpty);
        }
        let head = backups.check(|| GzDecoder::new(packed)).map_err(unreadable)?;
        let rows = backups.restore(&head, GzDecoder::new(packed)).map_err(unreadable)?;
        let connections = self.ledger.connections().all()?;
        let connections: Vec<String> = connections.into_iter().map(|connection| connection.name).collect();
        let audit = NewAudit {
            by,
            subject: "Backup".to_owned(),
            detail: Some(format!("{} rows, taken at {}", rows, head.taken_at.format("%Y-%m-%d %H:%M UTC"))),
            ..NewAudit::of(HistoryEvent::BackupImported)
        };
        self.ledger.history().add(audit, self.now())?;
        self.begin_look_only(LookOnlyCause::Imported, None).await?;
        self.plan_anew()?;
        Ok(BackupImported { taken_at: head.taken_at, rows, connections })
    }
}

fn unreadable(error: BackupError) -> NotImported {
    match error {
        BackupError::Store(error) => NotImported::Failed(error.into()),
        other => NotImported::Unreadable(other),
    }
}
