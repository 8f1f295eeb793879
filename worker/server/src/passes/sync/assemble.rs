//! A snapshot, put together from what a sync has staged.

use std::collections::BTreeMap;

use domain::ids::{EsetCompanyId, LicenceId, ProductCode};
use domain::seats::{CompanySeats, EntityKind, Licence, Snapshot};
use serde::{Deserialize, Serialize};

/// A company as staged.
#[derive(Serialize, Deserialize)]
pub(super) struct StagedCompany {
    pub(super) id: EsetCompanyId,
    pub(super) name: String,
    pub(super) kind: EntityKind,
}

/// A company's details as staged.
#[derive(Serialize, Deserialize)]
pub(super) struct StagedDetails {
    pub(super) id: EsetCompanyId,
    pub(super) parent: Option<EsetCompanyId>,
    pub(super) custom_identifier: Option<String>,
}

/// A licence as staged; without content when it could not be read.
#[derive(Serialize, Deserialize)]
pub(super) struct StagedLicence {
    pub(super) id: LicenceId,
    pub(super) read: Option<(EsetCompanyId, Licence)>,
}

/// A company's seat-days as staged, trials left out; none when they could not be read.
#[derive(Serialize, Deserialize)]
pub(super) struct StagedUsage {
    pub(super) company: EsetCompanyId,
    pub(super) seat_days: Option<Vec<(ProductCode, u64)>>,
}

/// Lists that are not needed for the numbers, and could not be read. What was known of them still stands, or is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unread {
    /// Parents and custom identifiers of companies.
    pub(super) details: bool,
    /// Seat-days.
    pub(super) usage: bool,
}

/// Everything a sync has read.
pub(super) struct StagedSync {
    pub(super) companies: Vec<StagedCompany>,
    pub(super) details: Vec<StagedDetails>,
    pub(super) licences: Vec<StagedLicence>,
    pub(super) usage: Vec<StagedUsage>,
    /// Lists that could not be read at all.
    pub(super) unread: Unread,
}

impl StagedSync {
    /// Puts it together. A licence that could not be read makes its company incomplete; when nobody knows whose it is, every
    /// company is, because it might be theirs.
    pub(super) fn assemble(
        self,
        before: Option<&Snapshot>,
        lists_complete: bool,
        snapshot: impl FnOnce(BTreeMap<EsetCompanyId, CompanySeats>) -> Snapshot,
    ) -> Snapshot {
        let mut details: BTreeMap<EsetCompanyId, StagedDetails> =
            self.details.into_iter().map(|details| (details.id.clone(), details)).collect();
        let mut companies: BTreeMap<EsetCompanyId, CompanySeats> = BTreeMap::new();
        for company in self.companies {
            let (parent, custom_identifier) = match details.remove(&company.id) {
                Some(details) => (details.parent, details.custom_identifier),
                // Its row could not be read, or none could. Every company has one.
                None => known_before(before, &company.id),
            };
            let seats = CompanySeats {
                name: company.name,
                kind: company.kind,
                parent,
                custom_identifier,
                licences: Vec::new(),
                seat_days: BTreeMap::new(),
                seat_days_unread: self.unread.usage,
                complete: lists_complete,
                unread: Vec::new(),
            };
            companies.insert(company.id, seats);
        }
        let owners = owners(before);
        let mut unowned = Vec::new();
        for licence in self.licences {
            match licence.read {
                Some((owner, read)) => match companies.get_mut(&owner) {
                    Some(company) => company.licences.push(read),
                    // Its company is not in the list: a list that was read to its end has changed meanwhile.
                    None => unowned.push(licence.id),
                },
                None => match owners.get(&licence.id).and_then(|owner| companies.get_mut(owner)) {
                    Some(company) => {
                        company.complete = false;
                        company.unread.push(licence.id);
                    }
                    None => unowned.push(licence.id),
                },
            }
        }
        // Of a report that broke off nobody knows what is missing.
        for usage in self.usage.into_iter().filter(|_| !self.unread.usage) {
            let Some(company) = companies.get_mut(&usage.company) else { continue };
            let Some(seat_days) = usage.seat_days else {
                company.seat_days_unread = true;
                continue;
            };
            for (product, days) in seat_days {
                let sum = company.seat_days.entry(product).or_default();
                *sum = sum.saturating_add(days);
            }
        }
        for company in companies.values_mut() {
            company.licences.sort_by(|a, b| a.id.cmp(&b.id));
            company.unread.sort();
            company.complete &= unowned.is_empty();
        }
        unowned.sort();
        let mut snapshot = snapshot(companies);
        snapshot.complete &= unowned.is_empty();
        snapshot.unowned = unowned;
        snapshot
    }
}

/// The parent and the custom identifier of a company when they were last read.
fn known_before(before: Option<&Snapshot>, company: &EsetCompanyId) -> (Option<EsetCompanyId>, Option<String>) {
    let known = before.and_then(|before| before.companies.get(company));
    known.map_or((None, None), |known| (known.parent.clone(), known.custom_identifier.clone()))
}

/// Whose each licence was when it was last read.
fn owners<'a>(before: Option<&'a Snapshot>) -> BTreeMap<LicenceId, EsetCompanyId> {
    let companies = before.into_iter().flat_map(|snapshot| &snapshot.companies);
    let known = |company: &'a CompanySeats| company.licences.iter().map(|licence| &licence.id).chain(&company.unread);
    companies.flat_map(|(id, company)| known(company).map(move |licence| (licence.clone(), id.clone()))).collect()
}

#[cfg(test)]
#[path = "assemble_tests.rs"]
mod tests;
