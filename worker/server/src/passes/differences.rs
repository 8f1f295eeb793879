//! What ConnectWise shows and the ledger does not know, while Seatbridge only looks; and the way out, once a person has seen it.

use chrono::DateTime;
use contract::look_only::{AdditionDifference, LookOnlyView, UnknownTicket};
use domain::access::Visibility;
use domain::hash::fingerprint;
use domain::ids::AgreementId;
use domain::json::strict;
use domain::psa::{Addition, MARKER, PsaCatalogue};

use super::marks::Mark;
use crate::tenant::{Tenant, TenantError};
use store::ledger::LookOnlyRow;

/// Differences that are shown; the others are counted.
const SHOWN: usize = 500;

/// Why the mode cannot be left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stays {
    /// It is over already.
    NotOn,
    /// Not everything was read anew.
    StillReading,
    /// What differs is not what was seen.
    Changed,
}

/// All that differs.
struct Differences {
    additions: Vec<AdditionDifference>,
    tickets: Vec<UnknownTicket>,
    /// Stands for all of it.
    seen: String,
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Tenant {
    /// The mode, and what differs.
    ///
    /// # Errors
    /// When the ledger or a document cannot be read.
    pub(crate) async fn look_only_page(&self) -> Result<LookOnlyView, TenantError> {
        let Some(mode) = self.looks_only()? else { return Ok(LookOnlyView::default()) };
        let Differences { mut additions, mut tickets, seen } = self.differences(&mode).await?;
        let (additions_total, tickets_total) = (count(additions.len()), count(tickets.len()));
        additions.truncate(SHOWN);
        tickets.truncate(SHOWN);
        let troubles = self.ledger.look_only().desks()?.into_iter().filter_map(|desk| desk.trouble).collect();
        let mode = self.look_only_view(&Visibility::Everything)?;
        Ok(LookOnlyView { mode, additions, additions_total, tickets, tickets_total, troubles, seen })
    }

    /// Leaves the mode, when a person has seen what differs. What ConnectWise changed after the point the ledger went back to is taken for our
    /// last write: the person has seen it, and nobody else is to be blamed for it.
    ///
    /// # Errors
    /// When the ledger or a document cannot be read.
    pub(crate) async fn leave_look_only(&self, by: &str, seen: &str) -> Result<Result<(), Stays>, TenantError> {
        let outside = self.watermark().outside_marks().await?;
        let Some(mode) = self.looks_only()? else { return Ok(Err(Stays::NotOn)) };
        let found = self.differences(&mode).await?;
        // From here on nothing is awaited before the mode is over.
        if self.looks_only()?.as_ref() != Some(&mode) || found.seen != seen {
            return Ok(Err(Stays::Changed));
        }
        if !self.reread(&mode)?.is_complete() {
            return Ok(Err(Stays::StillReading));
        }
        let (ours, left): (Vec<_>, Vec<_>) = found.additions.into_iter().partition(|difference| difference.since_point);
        for difference in &ours {
            self.ledger.additions().note_theirs(&difference.psa, difference.addition, difference.billed, self.now())?;
        }
        let evidence: Option<Mark> = mode.evidence.as_deref().and_then(|text| strict::read(text.as_bytes()).ok());
        let known = outside.into_iter().chain(evidence).map(|mark| mark.generation);
        let generation = known.chain([self.watermark().generation()?]).max().unwrap_or_default().saturating_add(1);
        let (ours, left, tickets) = (ours.len(), left.len(), found.tickets.len());
        let detail = format!("{ours} quantities taken for ours, {left} left to be looked at; {tickets} tickets are not in the ledger");
        self.end_look_only(by, generation, detail).await?;
        Ok(Ok(()))
    }

    async fn differences(&self, mode: &LookOnlyRow) -> Result<Differences, TenantError> {
        let additions = self.different_additions(mode).await?;
        let tickets: Vec<UnknownTicket> =
            self.ledger.look_only().unknown_tickets()?.into_iter().map(|(psa, ticket)| UnknownTicket { psa, ticket }).collect();
        let seen = fingerprint(&(mode.since, &additions, &tickets));
        Ok(Differences { additions, tickets, seen })
    }

    async fn different_additions(&self, mode: &LookOnlyRow) -> Result<Vec<AdditionDifference>, TenantError> {
        let catalogues = self.catalogues().await?;
        let written = self.ledger.additions().written()?;
        let mut found = Vec::new();
        for (psa, agreements) in self.ledger.additions().all()? {
            let catalogue = catalogues.get(&psa);
            for (agreement, read) in agreements {
                for addition in read.additions {
                    let known = written.get(&(psa.clone(), addition.id)).map(|last| last.quantity);
                    let ours = addition.serial.as_deref().is_some_and(|serial| serial.starts_with(MARKER));
                    let differs = known.map_or(ours, |known| known != addition.quantity);
                    if !differs {
                        continue;
                    }
                    let (company, agreement_name) = names(catalogue.map(AsRef::as_ref), agreement);
                    let product = catalogue.and_then(|catalogue| catalogue.products.get(&addition.product));
                    found.push(AdditionDifference {
                        psa: psa.clone(),
                        company,
                        agreement,
                        agreement_name,
                        product: product.map_or_else(|| addition.product.to_string(), |product| product.description.clone()),
                        addition: addition.id,
                        written: known,
                        billed: addition.quantity,
                        since_point: is_since(&addition, mode),
                    });
                }
            }
        }
        Ok(found)
    }
}

/// Whether ConnectWise changed it after the last moment the ledger knew of. A version that is no moment says nothing.
fn is_since(addition: &Addition, mode: &LookOnlyRow) -> bool {
    DateTime::parse_from_rfc3339(&addition.version).is_ok_and(|changed| changed > mode.point)
}

/// The names of an agreement's company and of the agreement.
fn names(catalogue: Option<&PsaCatalogue>, agreement: AgreementId) -> (String, String) {
    let known = catalogue.and_then(|catalogue| Some((catalogue, catalogue.agreements.get(&agreement)?)));
    let Some((catalogue, known)) = known else { return (String::new(), agreement.to_string()) };
    let company = catalogue.companies.get(&known.company).map(|company| company.name.clone()).unwrap_or_default();
    (company, known.name.clone())
}
