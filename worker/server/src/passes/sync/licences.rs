//! The licences of a sync, one call each. What ESET is too busy for is asked for again in the same pass.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::ids::LicenceId;
use futures::stream::{self, StreamExt};

use super::assemble::StagedLicence;
use super::{Cursor, PUT_OFF_SECONDS, Stage, Step, ends_the_pass};
use crate::passes::{CONCURRENCY, Progress};
use crate::tenant::TenantError;
use vendor::VendorError;

/// Licences read in one step.
const LICENCES_A_STEP: usize = 40;
/// A pass in which so many licences fail is not worth finishing.
const TOO_MANY_FAILURES: u32 = 50;
/// So many licences that ESET puts off are asked for again before any other is.
const TOO_MANY_PUT_OFF: usize = 40;

impl Step<'_> {
    /// Reads the next licences, several abreast. A step whose budget runs out in the middle is made again from its start.
    pub(super) async fn licences(&mut self, mut cursor: Cursor) -> Result<Progress, TenantError> {
        // A licence that moved while its list was read stands on two pages.
        let all: BTreeSet<LicenceId> = self.ledger.passes().staged::<LicenceId>(&self.pass.id, "licence_list")?.into_iter().collect();
        let total = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let waits = !cursor.put_off.is_empty() && (cursor.read >= total || cursor.put_off.len() >= TOO_MANY_PUT_OFF);
        if !waits && cursor.read >= total {
            cursor.stage = Stage::Usage;
            (cursor.read, cursor.again) = (0, 0);
            return self.go_on(&cursor, "Reading seat-days", None);
        }
        let affordable = usize::try_from(self.outbound.left().saturating_sub(2)).unwrap_or_default();
        let most = LICENCES_A_STEP.min(if waits { affordable / 2 } else { affordable });
        if most == 0 {
            return Ok(Progress::OutOfBudget);
        }
        if waits {
            return self.licences_put_off(cursor, most, total).await;
        }
        let start = usize::try_from(cursor.read).unwrap_or_default();
        let chunk: Vec<LicenceId> = all.into_iter().skip(start).take(most).collect();
        let taken = u32::try_from(chunk.len()).unwrap_or_default();
        let staged = self.read_licences(&mut cursor, chunk).await?;
        self.stage("licences", cursor.read, &staged)?;
        cursor.read += taken;
        self.go_on(&cursor, "Reading licences", Some(total))
    }

    /// Asks again for licences that were put off, after a while, or says that they could not be read.
    async fn licences_put_off(&mut self, mut cursor: Cursor, most: usize, total: u32) -> Result<Progress, TenantError> {
        let count = cursor.put_off.len().min(most);
        let chunk: Vec<LicenceId> = cursor.put_off.drain(..count).collect();
        let mut staged = Vec::with_capacity(chunk.len());
        if let Some(seconds) = PUT_OFF_SECONDS.get(cursor.again) {
            self.outbound.pause(TimeDelta::seconds(*seconds)).await;
            for id in chunk {
                // What is known to work goes first: it tells a licence that fails from an ESET that is away.
                match self.client.account().await {
                    Ok(_) => staged.extend(self.read_licences(&mut cursor, vec![id]).await?),
                    Err(error) if error.may_pass() => cursor.put_off.push(id),
                    Err(error) => return Err(error.into()),
                }
            }
        } else {
            for id in chunk {
                self.fails(&mut cursor, &id, "ESET was too busy or not there, also when it was asked again.")?;
                staged.push(StagedLicence { id, read: None });
            }
        }
        let came = staged.iter().any(|licence| licence.read.is_some());
        cursor.again = if came || cursor.put_off.is_empty() { 0 } else { cursor.again + 1 };
        cursor.rounds += 1;
        // The first pages of the shelf are the list's own, by their places.
        self.stage("licences", u32::MAX - cursor.rounds, &staged)?;
        self.go_on(&cursor, "Reading licences", Some(total))
    }

    /// Reads some licences. One that ESET is too busy for is put off; one that cannot be read is staged as such.
    async fn read_licences(&self, cursor: &mut Cursor, ids: Vec<LicenceId>) -> Result<Vec<StagedLicence>, TenantError> {
        let client = self.client;
        let reading = stream::iter(ids).map(|id| async move { (id.clone(), client.licence(&id).await) });
        let answers: Vec<(LicenceId, Result<_, VendorError>)> = reading.buffer_unordered(CONCURRENCY).collect().await;
        let mut staged = Vec::with_capacity(answers.len());
        for (id, answer) in answers {
            let read = match answer {
                Ok(read) => Some(read),
                Err(error) if error.may_pass() => {
                    cursor.put_off.push(id);
                    continue;
                }
                Err(error) if ends_the_pass(&error) => return Err(error.into()),
                Err(error) => {
                    self.fails(cursor, &id, &error.message())?;
                    None
                }
            };
            staged.push(StagedLicence { id, read });
        }
        Ok(staged)
    }

    /// Notes a licence that could not be read.
    fn fails(&self, cursor: &mut Cursor, id: &LicenceId, words: &str) -> Result<(), TenantError> {
        cursor.failures += 1;
        self.ledger.passes().note_trouble(&self.pass.id, &format!("Licence {id}: {words}"))?;
        if cursor.failures >= TOO_MANY_FAILURES {
            return Err(TenantError::Unusable(format!("{TOO_MANY_FAILURES} licences could not be read.")));
        }
        Ok(())
    }
}
