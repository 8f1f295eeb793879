//! The nightly backup: into an R2 bucket where one is bound, else to the address the deployment names, else nowhere.

use chrono::TimeDelta;
use contract::backup::{NightlyBackup, NightlyTarget};
use domain::Timestamp;
use domain::history::HistoryEvent;
use egress::Delivery;

use super::SCHEDULE;
use crate::tenant::{Tenant, TenantError};
use store::ledger::NewAudit;
use store::ports::StoreError;

/// When the last one arrived.
const KEPT: &str = "nightly_backup_kept";
/// When one was last tried.
const TRIED: &str = "nightly_backup_tried";
/// Why the last one did not arrive.
const FAILURE: &str = "nightly_backup_failure";
/// How often one is made.
const EVERY: TimeDelta = TimeDelta::hours(24);
/// How long one that failed rests.
const REST: TimeDelta = TimeDelta::hours(1);
/// What it is handed over as.
const KIND: &str = "application/gzip";

impl Tenant {
    /// Makes the nightly backup when it is due. One that does not arrive is tried again in an hour, and keeps nothing from being done.
    pub(super) async fn back_up_nightly(&self, now: Timestamp) -> Result<(), TenantError> {
        let meta = self.ledger.meta();
        let (kept, tried) = (meta.moment(KEPT)?, meta.moment(TRIED)?);
        let due = kept.is_none_or(|kept| now - kept >= EVERY) && tried.is_none_or(|tried| now - tried >= REST || now < tried);
        if !due || self.nightly_target().is_none() || self.ledger.connections().all()?.is_empty() {
            return Ok(());
        }
        // Noted first: a run that dies over it does not try at each alarm.
        meta.keep_moment(TRIED, Some(now))?;
        let packed = self.pack_ledger(now)?.1;
        let name = format!("seatbridge-{}.json.gz", now.format("%Y-%m-%d"));
        match self.hand_over(&name, packed).await {
            Ok(()) => {
                meta.keep_text(FAILURE, "")?;
                meta.keep_moment(KEPT, Some(self.now()))?;
            }
            Err(words) => {
                let told = meta.text(FAILURE)?.is_some_and(|known| !known.is_empty());
                meta.keep_text(FAILURE, &words)?;
                if !told {
                    let audit = NewAudit {
                        by: SCHEDULE,
                        subject: "Nightly backup".to_owned(),
                        detail: Some(words),
                        ..NewAudit::of(HistoryEvent::BackupFailed)
                    };
                    self.ledger.history().add(audit, self.now())?;
                }
            }
        }
        Ok(())
    }

    fn nightly_target(&self) -> Option<NightlyTarget> {
        match (&self.bucket, &self.config.backup) {
            (Some(_), _) => Some(NightlyTarget::Bucket),
            (None, Some(_)) => Some(NightlyTarget::Address),
            (None, None) => None,
        }
    }

    async fn hand_over(&self, name: &str, packed: Vec<u8>) -> Result<(), String> {
        if let Some(bucket) = &self.bucket {
            return bucket.put(name, KIND, packed).await.map_err(|error| format!("The R2 bucket did not take it: {}.", error.0));
        }
        let Some(target) = &self.config.backup else { return Ok(()) };
        let url = target.file(name).ok_or_else(|| "BACKUP_URL is no address.".to_owned())?;
        let token = target.token.as_ref().map(|token| token.to_string());
        match self.egress.deliver(&Delivery { url, token, kind: KIND, bytes: packed }).await {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
            Ok(answer) => Err(format!("The address answered {}.", answer.status)),
            Err(error) => Err(format!("The address was not reached: {error}.")),
        }
    }

    /// How the nightly backup stands.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub(crate) fn nightly_backup(&self) -> Result<NightlyBackup, StoreError> {
        let meta = self.ledger.meta();
        let failure = meta.text(FAILURE)?.filter(|words| !words.is_empty());
        Ok(NightlyBackup { target: self.nightly_target(), kept_at: meta.moment(KEPT)?, tried_at: meta.moment(TRIED)?, failure })
    }
}
