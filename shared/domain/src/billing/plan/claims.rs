//! No seat is billed twice: not on two lines, and not inside a bundle and with it.

use std::collections::{HashMap, HashSet};

use super::line_seats::LineSeats;
use super::seats_by_line::SeatsByLine;
use crate::billing::line::LineKey;
use crate::billing::{Guard, PlanInput};
use crate::ids::{AgreementId, CatalogId, EsetCompanyId, LicenceId, ProductCode};
use std::collections::BTreeSet;

/// What can be billed once.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Claim<'a> {
    /// A licence.
    Licence(&'a LicenceId),
    /// The days of a month in which a company had a product.
    Month(&'a EsetCompanyId, &'a ProductCode),
}

/// A claim on the whole, or on one product inside it.
type Claimed<'a> = (Claim<'a>, Option<&'a ProductCode>);

/// What a line claims, each with the company it is of.
fn claims<'a, 's>(sum: &'s LineSeats<'a>) -> impl Iterator<Item = (Claimed<'a>, &'a str)> + use<'a, 's> {
    let licences = sum.counted().map(|found| ((Claim::Licence(&found.licence.id), found.part.map(|part| &part.product)), found.company));
    let months = sum.groups.iter().flat_map(|group| {
        group.sources.iter().map(|(bundle, product)| match bundle {
            Some(bundle) => ((Claim::Month(group.company, bundle), Some(*product)), group.name),
            None => ((Claim::Month(group.company, product), None), group.name),
        })
    });
    licences.chain(months)
}

/// Holds lines that bill what another one bills too: two accounts reach the same company, and it is mapped twice.
pub(in crate::billing) fn hold_what_is_billed_elsewhere(sums: &mut SeatsByLine<'_>) {
    let billed = |key: &LineKey| matches!(key, LineKey::Billed { .. });
    let mut times: HashMap<Claimed<'_>, u32> = HashMap::with_capacity(sums.values().map(|sum| sum.licences.len()).sum());
    let mut split: HashSet<Claim<'_>> = HashSet::new();
    for (_, sum) in sums.iter().filter(|(key, _)| billed(key)) {
        for (claimed, _) in claims(sum) {
            *times.entry(claimed).or_default() += 1;
            if claimed.1.is_some() {
                split.insert(claimed.0);
            }
        }
    }
    let twice = |(claim, part): Claimed<'_>| match part {
        Some(_) => times.get(&(claim, part)).is_some_and(|times| *times > 1) || times.contains_key(&(claim, None)),
        None => times.get(&(claim, None)).is_some_and(|times| *times > 1) || split.contains(&claim),
    };
    if split.is_empty() && times.values().all(|times| *times == 1) {
        return;
    }
    for (_, sum) in sums.iter_mut().filter(|(key, _)| billed(key)) {
        let companies: BTreeSet<&str> = claims(sum).filter(|(claimed, _)| twice(*claimed)).map(|(_, company)| company).collect();
        sum.guards.extend(companies.into_iter().map(|company| Guard::BilledElsewhere { company: company.to_owned() }));
    }
}

/// Holds every line whose addition another line reaches too, through a second connection to the same tenant.
pub(in crate::billing) fn hold_what_is_connected_twice(sums: &mut SeatsByLine<'_>, input: &PlanInput<'_>) {
    fn place<'k>(key: &LineKey, input: &PlanInput<'k>) -> Option<(&'k str, AgreementId, CatalogId)> {
        let LineKey::Billed { psa, agreement, product } = key else { return None };
        Some((input.psa.get(psa)?.tenant, *agreement, *product))
    }
    let mut reached: HashMap<(&str, AgreementId, CatalogId), u32> = HashMap::new();
    for place in sums.keys().filter_map(|key| place(key, input)) {
        *reached.entry(place).or_default() += 1;
    }
    for (key, sum) in sums.iter_mut() {
        if place(key, input).is_some_and(|place| reached.get(&place) > Some(&1)) {
            sum.guards.push(Guard::ConnectedTwice);
        }
    }
}
