//! Additions: gone, cancelled, doubled, edited by hand, or billing on with no mapping behind them.

use super::detect::{DriftInput, FoundDrift};
use super::known::Known;
use super::{DriftKind, Place, Repair};
use crate::billing::{Guard, MappingKey};
use crate::mapping::Mappings;
use crate::psa::{Addition, AgreementStatus};

/// Additions of a mapping that were ongoing and are not any more, while there is something to bill on them.
pub(super) fn missing(input: &DriftInput<'_>, key: &MappingKey, known: &Known, found: &mut FoundDrift) {
    let Some(read) = input.psa.get(&key.psa).and_then(|psa| psa.additions.get(&key.agreement)) else { return };
    for (id, product) in &known.additions {
        let ongoing = |addition: &&Addition| addition.product == *product && addition.goes_on(input.today);
        let Some(line) = input.line(&key.psa, key.agreement, *product) else { continue };
        if read.additions.iter().any(|addition| ongoing(&addition)) {
            continue;
        }
        let cancelled = read.additions.iter().find(|addition| addition.id == *id).map(|addition| addition.cancelled);
        let place = Place {
            psa: Some(key.psa.clone()),
            agreement: Some(key.agreement),
            addition: Some(*id),
            product: Some(*product),
            ..Place::default()
        };
        let subject = line.subject.clone();
        match cancelled {
            None => {
                let words = format!("The addition of {} is gone from the agreement: its seats are billed to nobody.", line.product_name);
                let remedy = "Add the product to the agreement again in ConnectWise; the next billing pass adopts it.";
                found.add(DriftKind::AdditionGone, id, subject, None, None, words, remedy, place, [line]);
            }
            Some(day) => {
                let day = day.map(|day| day.to_string());
                let words = format!("The addition of {} is cancelled: its seats are billed to nobody.", line.product_name);
                let remedy = "Take the cancelled date away in ConnectWise, or add the product again, or exclude the company.";
                found.add(DriftKind::AdditionCancelled, id, subject, None, day, words, remedy, place, [line]);
            }
        }
    }
}

/// What the lines themselves say of their additions.
pub(super) fn of_lines(input: &DriftInput<'_>, found: &mut FoundDrift) {
    for (psa, agreement, line) in input.lines.all() {
        let place = Place {
            psa: Some(psa.clone()),
            agreement: Some(agreement),
            addition: line.addition,
            product: Some(line.product),
            ..Place::default()
        };
        for guard in &line.guards {
            match guard {
                Guard::MoreThanOneOngoingAddition { count } => {
                    let words =
                        format!("The agreement has {count} ongoing additions of {}, and nothing says which is meant.", line.product_name);
                    let remedy = "Cancel all but one of them in ConnectWise; the next billing pass adopts the one that is left.";
                    let is = Some(count.to_string());
                    found.add(
                        DriftKind::AdditionDuplicated,
                        &(psa, agreement, line.product),
                        line.subject.clone(),
                        Some("1".to_owned()),
                        is,
                        words,
                        remedy,
                        place.clone(),
                        [line],
                    );
                }
                Guard::EditedByHand { written, found: theirs } => {
                    let words =
                        format!("Someone changed the addition in ConnectWise from {written} to {theirs} since it was last written.");
                    let remedy = "Ask who changed it. Keep their number as known, or release the line to write ESET's.";
                    let (was, is) = (Some(written.to_string()), Some(theirs.to_string()));
                    let place = Place { found: Some(*theirs), ..place.clone() };
                    let event = found.add(
                        DriftKind::AdditionEdited,
                        &(psa, line.addition),
                        line.subject.clone(),
                        was,
                        is,
                        words,
                        remedy,
                        place,
                        [line],
                    );
                    event.repairs = vec![Repair::KeepTheirNumber, Repair::ReleaseLine];
                }
                _ => {}
            }
        }
    }
}

/// Additions that another Seatbridge made of what a line bills: two that write one agreement bill its customer twice.
pub(super) fn of_others(input: &DriftInput<'_>, found: &mut FoundDrift) {
    for (psa, agreement, line) in input.lines.all() {
        let read = input.psa.get(psa).and_then(|psa| psa.additions.get(&agreement));
        let of_product = read.into_iter().flat_map(|read| &read.additions).filter(|addition| addition.product == line.product);
        for addition in of_product.filter(|addition| addition.goes_on(input.today)) {
            if !input.of_others.contains(&(psa.clone(), addition.id)) {
                continue;
            }
            let words = format!(
                "Another Seatbridge made the addition of {}, or this one did after the point its ledger goes back to. Two that bill one \
                 agreement would bill its customer twice.",
                line.product_name
            );
            let remedy = "Find out which install bills this agreement, and take its mapping away in the other. If it is this one, say so.";
            let place = Place {
                psa: Some(psa.clone()),
                agreement: Some(agreement),
                addition: Some(addition.id),
                found: Some(addition.quantity),
                product: Some(line.product),
                ..Place::default()
            };
            let subject = line.subject.clone();
            let event = found.add(DriftKind::AdditionOfAnother, &(psa, addition.id), subject, None, None, words, remedy, place, [line]);
            event.repairs = vec![Repair::KeepTheirNumber];
        }
    }
}

/// Additions of a mapping that was taken away which bill on without a line.
pub(super) fn still_there<'a>(input: &'a DriftInput<'_>, key: &'a MappingKey, known: &'a Known) -> impl Iterator<Item = &'a Addition> {
    let psa = input.psa.get(&key.psa);
    let active = psa
        .and_then(|psa| psa.catalogue.agreements.get(&key.agreement))
        .is_some_and(|agreement| agreement.status == AgreementStatus::Active);
    let read = psa.and_then(|psa| psa.additions.get(&key.agreement)).filter(|_| active);
    read.into_iter().flat_map(|read| &read.additions).filter(move |addition| {
        known.additions.contains_key(&addition.id)
            && addition.goes_on(input.today)
            && !addition.quantity.is_zero()
            && input.line(&key.psa, key.agreement, addition.product).is_none()
    })
}

/// A mapping that is no more, while its additions bill on.
pub(super) fn taken_away(input: &DriftInput<'_>, key: &MappingKey, known: &Known, found: &mut FoundDrift) {
    let mut units: Vec<String> = Vec::new();
    for addition in still_there(input, key, known) {
        let product = input.psa.get(&key.psa).and_then(|psa| psa.catalogue.products.get(&addition.product));
        let name = product.map_or_else(|| format!("product {}", addition.product), |product| product.identifier.clone());
        units.push(format!("{} {name}", addition.quantity));
    }
    if units.is_empty() {
        return;
    }
    let company = known.eset_name.as_deref().unwrap_or(key.member.company.as_str());
    let agreement = known.agreement_name.clone().unwrap_or_else(|| format!("agreement {}", key.agreement));
    let units = units.join(", ");
    let words = format!("{company} is not mapped to {agreement} any more, and ConnectWise bills on: {units}.");
    let remedy = "Map it back, or cancel the addition in ConnectWise; mark it as handled if somebody else looks after it.";
    let place = Place {
        psa: Some(key.psa.clone()),
        agreement: Some(key.agreement),
        members: vec![key.member.clone()],
        watch: vec![key.agreement],
        ..Place::default()
    };
    let event =
        found.add(DriftKind::MappingTakenAway, key, format!("{company} · {agreement}"), None, Some(units), words, remedy, place, []);
    if may_go_back(input.mappings, key) && input.seats(&key.member).is_some() {
        event.repairs.push(Repair::MapBack);
    }
    event.repairs.push(Repair::Handled);
}

/// Whether nobody has decided anything else about the company since.
fn may_go_back(mappings: &Mappings, key: &MappingKey) -> bool {
    mappings.company(&key.member.connection, &key.member.company).is_none()
}
